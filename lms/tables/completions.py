"""What the statements say people have completed: a projection that can be emptied and rebuilt."""

from datetime import date

from sqlalchemy import Index
from sqlmodel import Field, SQLModel


class Completion(SQLModel, table=True):
    """One statement that counts: this person completed this module on this day (Europe/London).

    ``person_id`` is the person counted, links followed. ``minutes`` are the statement's duration, else the module's.
    """

    __table_args__ = (
        Index("ix_completion_person_module_day", "person_id", "module_id", "completed_on", "minutes"),
    )

    id: int | None = Field(default=None, primary_key=True)
    statement_id: str = Field(unique=True, max_length=36)
    person_id: int = Field(foreign_key="person.id")
    module_id: int = Field(foreign_key="module.id", index=True)
    completed_on: date
    minutes: int | None = None
