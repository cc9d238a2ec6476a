"""Coverage as published: the daily snapshot, never rewritten."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel


class CoverageSnapshot(SQLModel, table=True):
    """The figures of one day as they were known that day. ``figures`` has the shape of ``lms coverage --json``."""

    __tablename__ = "coverage_snapshot"

    id: int | None = Field(default=None, primary_key=True)
    as_at: date = Field(unique=True)
    taken_at: datetime
    figures: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
