"""Role lists as uploaded, and what applying them changed."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, LargeBinary
from sqlmodel import Field, SQLModel


class RoleList(SQLModel, table=True):
    """One uploaded list of one organisation.

    ``cells`` are the mapped columns only, compressed; what is not mapped was dropped before it got here.
    ``state``: uploaded (or arrived, when a feed brought it), checked, refused, applying, applied, undone.
    ``fed_by`` is the feed that brought it, the folder or a key; blank where somebody uploaded it. ``fingerprint``
    stands for the content and what was said of it: the same list of the same day is taken from a feed once.
    """

    __tablename__ = "role_list"
    __table_args__ = (Index("uq_role_list_fed", "organisation_id", "as_at", "fingerprint", unique=True),)

    id: int | None = Field(default=None, primary_key=True)
    organisation_id: int = Field(foreign_key="organisation.id", index=True)
    as_at: date
    filename: str = Field(max_length=255)
    state: str = Field(max_length=16)
    options: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    cells: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    report: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON, nullable=True))
    uploaded_by_id: int | None = Field(default=None, foreign_key="account.id")
    uploaded_at: datetime
    fed_by: str | None = Field(default=None, max_length=64)
    fingerprint: str | None = Field(default=None, max_length=64)
    applied_at: datetime | None = None
    undone_at: datetime | None = None


class RoleListProgress(SQLModel, table=True):
    """How far a worker is with a list; there while it works, and of no use to anybody afterwards.

    A row of its own, since the one of the list is locked while the list is applied. ``total`` is None where nobody
    knows it.
    """

    __tablename__ = "role_list_progress"

    role_list_id: int = Field(primary_key=True, foreign_key="role_list.id")
    phase: str = Field(max_length=32)
    done: int
    total: int | None = None
    noted_at: datetime


class RoleListColumns(SQLModel, table=True):
    """Which column is which in an organisation's lists, as a person decided: field → caption, or None for not read.

    Only what differs from what the captions say by themselves.
    """

    __tablename__ = "role_list_columns"

    organisation_id: int = Field(primary_key=True, foreign_key="organisation.id")
    columns: dict[str, str | None] = Field(sa_column=Column(JSON, nullable=False))
    decided_by_id: int | None = Field(default=None, foreign_key="account.id")
    decided_at: datetime


class RoleListChange(SQLModel, table=True):
    """A row as it was before a list was applied (blank: it did not exist), for undoing the list as a whole."""

    __tablename__ = "role_list_change"

    id: int | None = Field(default=None, primary_key=True)
    role_list_id: int = Field(foreign_key="role_list.id", index=True)
    table_name: str = Field(max_length=64)
    row_id: int
    before: dict[str, Any] | None = Field(
        default=None, sa_column=Column(JSON(none_as_null=True), nullable=True)
    )
