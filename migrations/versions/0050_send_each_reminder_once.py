"""Send each reminder once, and note when the timetable last worked.

Nothing was sent before this revision, so the two tables of reminders are made anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0030"

OPEN = sa.text("state IN ('queued', 'claimed', 'failed')")


def upgrade() -> None:
    op.drop_table("reminder")
    op.drop_table("message")
    op.create_table(
        "heartbeat",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_heartbeat")),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("uuid", sa.String(length=36), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("month", sa.Date(), nullable=True),
        sa.Column("recipient", sa.String(length=254), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("claim", sa.String(length=36), nullable=True),
        sa.Column("error", sa.String(length=500), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_message_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("uuid", name=op.f("uq_message_uuid")),
        sa.UniqueConstraint("person_id", "day", name=op.f("uq_message_person_id_day")),
        sa.UniqueConstraint("person_id", "month", name=op.f("uq_message_person_id_month")),
    )
    op.create_index("ix_message_person_id", "message", ["person_id"])
    op.create_index("ix_message_state", "message", ["state"])
    op.create_index(
        "uq_message_open",
        "message",
        ["person_id", "kind"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
    _reminder(sa.Column("last_day", sa.Date(), nullable=False))


def downgrade() -> None:
    op.drop_table("reminder")
    op.drop_table("message")
    op.drop_table("heartbeat")
    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("error", sa.String(length=500), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_message_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("person_id", "day", "kind", name=op.f("uq_message_person_id_day_kind")),
    )
    op.create_index("ix_message_person_id", "message", ["person_id"])
    op.create_index("ix_message_state", "message", ["state"])
    _reminder()


def _reminder(*more: sa.Column[object]) -> None:
    op.create_table(
        "reminder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("requirement_id", sa.Integer(), nullable=False),
        sa.Column("anniversary", sa.Date(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        *more,
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_reminder_message_id_message")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_reminder_person_id_person")),
        sa.ForeignKeyConstraint(
            ["requirement_id"], ["requirement.id"], name=op.f("fk_reminder_requirement_id_requirement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint(
            "person_id",
            "step",
            "requirement_id",
            "anniversary",
            name=op.f("uq_reminder_person_id_step_requirement_id_anniversary"),
        ),
    )
    op.create_index("ix_reminder_message_id", "reminder", ["message_id"])
    op.create_index("ix_reminder_requirement_id", "reminder", ["requirement_id"])
