"""Reminders sent or to be sent, once for each step, and the messages they travel in."""

from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel, text

OPEN = text("state IN ('queued', 'claimed', 'failed')")


class Message(SQLModel, table=True):
    """One message to one person. At most one goes on a day; ``day`` is the day it goes or went.

    ``state``: queued → claimed (somebody is about to send it) → at_the_door (it may be gone from here on) →
    handed_over, or failed (HR sees ``error``), or in_doubt (nobody can say whether it arrived, so it is never
    sent again). One that is no longer due when its moment comes is deleted with its reminders. ``kind``:
    reminder, or team for the digest that a line manager gets for one ``month``. ``uuid`` is its Message-ID.
    ``claim`` is the sender's token.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("person_id", "day"),
        UniqueConstraint("person_id", "month"),
        Index(
            "uq_message_open",
            "person_id",
            "kind",
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    uuid: str = Field(unique=True, max_length=36)
    person_id: int = Field(foreign_key="person.id", index=True)
    day: date
    kind: str = Field(max_length=16)
    month: date | None = None
    recipient: str | None = Field(default=None, max_length=254)
    state: str = Field(max_length=16, index=True)
    claim: str | None = Field(default=None, max_length=36)
    error: str | None = Field(default=None, max_length=500)
    attempts: int = 0
    created_at: datetime
    changed_at: datetime


class Reminder(SQLModel, table=True):
    """One step for one requirement and anniversary. The unique key is what keeps it from going out twice.

    ``last_day`` is the last good day that the step speaks of: the last valid day, or due by.
    """

    __tablename__ = "reminder"
    __table_args__ = (UniqueConstraint("person_id", "step", "requirement_id", "anniversary"),)

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id")
    step: str = Field(max_length=16)
    requirement_id: int = Field(foreign_key="requirement.id", index=True)
    anniversary: date
    last_day: date
    message_id: int = Field(foreign_key="message.id", index=True)
