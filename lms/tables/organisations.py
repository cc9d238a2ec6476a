"""Organisations of the partnership, and the partnership's settings."""

from datetime import date
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field, SQLModel


class Organisation(SQLModel, table=True):
    """An employer or host of volunteers."""

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True, max_length=64)
    name: str = Field(max_length=200)
    sector: str = Field(default="", max_length=100)
    place: str = Field(default="", max_length=100)
    parent_id: int | None = Field(default=None, foreign_key="organisation.id", index=True)
    ods_code: str | None = Field(default=None, max_length=20)
    gss_code: str | None = Field(default=None, max_length=20)
    reminders_from: date | None = None


class Setting(SQLModel, table=True):
    """A figure of policy.md that an administrator has changed; what is absent has its default."""

    name: str = Field(primary_key=True, max_length=64)
    value: Any = Field(sa_column=Column(JSON, nullable=False))
