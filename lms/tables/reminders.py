"""Reminders sent or to be sent, once for each step, and the messages they travel in."""

from datetime import date, datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel


class Message(SQLModel, table=True):
    """One message to one person on one day. ``state``: queued, handed_over, failed, stopped."""

    __tablename__ = "message"
    __table_args__ = (UniqueConstraint("person_id", "day", "kind"),)

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    day: date
    kind: str = Field(max_length=16)
    recipient: str | None = Field(default=None, max_length=254)
    state: str = Field(max_length=16, index=True)
    error: str | None = Field(default=None, max_length=500)
    attempts: int = 0
    created_at: datetime
    changed_at: datetime


class Reminder(SQLModel, table=True):
    """One step for one requirement and anniversary. The unique key is what keeps it from going out twice."""

    __tablename__ = "reminder"
    __table_args__ = (UniqueConstraint("person_id", "step", "requirement_id", "anniversary"),)

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id")
    step: str = Field(max_length=16)
    requirement_id: int = Field(foreign_key="requirement.id", index=True)
    anniversary: date
    message_id: int = Field(foreign_key="message.id", index=True)
