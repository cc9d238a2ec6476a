"""Dated deliveries of a module, and their registers."""

from datetime import date, datetime, time

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel, text


class TrainingSession(SQLModel, table=True):
    """A delivery of a module: local date and time with the venue's zone, so that the clocks may change."""

    __tablename__ = "training_session"

    id: int | None = Field(default=None, primary_key=True)
    uuid: str = Field(unique=True, max_length=36)
    module_id: int = Field(foreign_key="module.id", index=True)
    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    day: date = Field(index=True)
    starts: time
    minutes: int
    zone: str = Field(default="Europe/London", max_length=64)
    venue: str = Field(default="", max_length=200)
    capacity: int | None = None
    trainer_id: int | None = Field(default=None, foreign_key="account.id", index=True)
    cancelled_at: datetime | None = None


class RegisterEntry(SQLModel, table=True):
    """One name on a session's register.

    Somebody of a role list, or a walk-in by name, matched later. ``mark``: booked, attended, left_early,
    absent. ``fact`` is the id of the statement that an attendance becomes, fixed when the entry is made;
    once that attendance has been corrected the entry takes a new one.
    """

    __tablename__ = "register_entry"
    __table_args__ = (
        UniqueConstraint("fact"),
        Index(
            "uq_register_entry_session_employment",
            "session_id",
            "employment_id",
            unique=True,
            sqlite_where=text("employment_id IS NOT NULL"),
            postgresql_where=text("employment_id IS NOT NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    session_id: int = Field(foreign_key="training_session.id", index=True)
    employment_id: int | None = Field(default=None, foreign_key="employment.id", index=True)
    walk_in_name: str | None = Field(default=None, max_length=200)
    walk_in_organisation: str | None = Field(default=None, max_length=200)
    mark: str = Field(max_length=16)
    fact: str = Field(max_length=36)
    marked_by_id: int | None = Field(default=None, foreign_key="account.id")
    marked_at: datetime


class RegisterFact(SQLModel, table=True):
    """One attendance as it was recorded: append-only, but for the moment at which it turned out to be wrong.

    What a statement is made from, and the reason why one is voided. It says everything itself (module, instant,
    length), so that correcting a session supersedes its facts and changes none. ``fact`` is the statement's id.
    """

    __tablename__ = "register_fact"
    __table_args__ = (UniqueConstraint("fact"),)

    id: int | None = Field(default=None, primary_key=True)
    fact: str = Field(max_length=36)
    session_id: int = Field(foreign_key="training_session.id", index=True)
    employment_id: int = Field(foreign_key="employment.id", index=True)
    module_id: int = Field(foreign_key="module.id")
    mark: str = Field(max_length=16)
    at: datetime
    minutes: int
    made_by_id: int | None = Field(default=None, foreign_key="account.id")
    made_at: datetime
    superseded_at: datetime | None = None
    superseded_by_id: int | None = Field(default=None, foreign_key="account.id")
