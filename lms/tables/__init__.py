"""What is stored: one file per noun, relations pointing upstream only.

Statements, role lists, the map's versions, exemptions and the audit trail are the truth; completions and
snapshots can be deleted and rebuilt.
"""

from sqlmodel import SQLModel

# Must stand before the first table, or constraints on SQLite have no name that a migration could drop.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = SQLModel.metadata

from lms.tables import (  # noqa: E402  (the naming convention comes first)
    accounts,
    audit,
    completions,
    coverage,
    feed,
    heartbeat,
    job_roles,
    organisations,
    people,
    prior_learning,
    reminders,
    roster,
    sessions,
    statements,
    training_map,
)

__all__ = [
    "accounts",
    "audit",
    "completions",
    "coverage",
    "feed",
    "heartbeat",
    "job_roles",
    "metadata",
    "organisations",
    "people",
    "prior_learning",
    "reminders",
    "roster",
    "sessions",
    "statements",
    "training_map",
]
