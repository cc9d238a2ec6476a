"""Frameworks, practice levels, job roles, and which job title means which role."""

from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel, text


class Framework(SQLModel, table=True):
    """A knowledge and skills framework. ``cumulative``: whether a higher level satisfies a lower one."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True, max_length=200)
    cumulative: bool = False
    description: str = Field(default="", max_length=2000)


class Level(SQLModel, table=True):
    """A practice level. Names are unique over all frameworks, because two 'level 2's rarely mean the same."""

    id: int | None = Field(default=None, primary_key=True)
    framework_id: int = Field(foreign_key="framework.id", index=True)
    name: str = Field(unique=True, max_length=100)
    rank: int
    description: str = Field(default="", max_length=2000)


class Competency(SQLModel, table=True):
    """Something that people at a practice level can do, in the framework's own words and order."""

    __table_args__ = (UniqueConstraint("level_id", "position"),)

    id: int | None = Field(default=None, primary_key=True)
    level_id: int = Field(foreign_key="level.id")
    position: int
    statement: str = Field(max_length=1000)


class JobRole(SQLModel, table=True):
    """A canonical role."""

    __tablename__ = "job_role"

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True, max_length=64)
    name: str = Field(max_length=200)
    family: str = Field(default="", max_length=100, index=True)
    level_id: int | None = Field(default=None, foreign_key="level.id", index=True)
    manager: bool = False


class JobTitle(SQLModel, table=True):
    """A job title as an organisation writes it; without an organisation, one that means the same everywhere."""

    __tablename__ = "job_title"
    __table_args__ = (
        UniqueConstraint("organisation_id", "key"),
        Index(
            "uq_job_title_key_everywhere",
            "key",
            unique=True,
            sqlite_where=text("organisation_id IS NULL"),
            postgresql_where=text("organisation_id IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int | None = Field(default=None, foreign_key="organisation.id")
    key: str = Field(max_length=300)
    title: str = Field(max_length=300)


class JobTitleRole(SQLModel, table=True):
    """What a title means from one day to another; without a role, 'no role: everyone-requirements only'.

    A title with no row for a day is unmapped on that day. ``basis``: confirmed by a person or a file, or taken
    over from the same title ``everywhere`` or from a role's ``name``, which follow when those change.
    """

    __tablename__ = "job_title_role"

    id: int | None = Field(default=None, primary_key=True)
    job_title_id: int = Field(foreign_key="job_title.id", index=True)
    job_role_id: int | None = Field(default=None, foreign_key="job_role.id", index=True)
    basis: str = Field(default="confirmed", max_length=16, sa_column_kwargs={"server_default": "confirmed"})
    from_day: date | None = None
    to_day: date | None = None
    decided_by_id: int | None = Field(default=None, foreign_key="account.id")
    decided_at: datetime
