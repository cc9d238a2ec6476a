"""Modules, what counts for what, requirements, and the map's versions."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Column, UniqueConstraint, false
from sqlmodel import Field, SQLModel


class Module(SQLModel, table=True):
    """Something to learn. ``minutes`` is its length, used where a completion gives none."""

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True, max_length=64)
    title: str = Field(max_length=200)
    kind: str = Field(default="", max_length=64)
    minutes: int | None = None
    level_id: int | None = Field(default=None, foreign_key="level.id", index=True)
    activity_iri: str = Field(unique=True, max_length=500)
    content_note: str = Field(default="", max_length=2000)


class ModuleAlias(SQLModel, table=True):
    """Another code or activity IRI under which a module's completions arrive.

    ``pointed``: somebody decided it for an activity that nobody knew; a file that does not mention it leaves it.
    """

    __tablename__ = "module_alias"

    id: int | None = Field(default=None, primary_key=True)
    module_id: int = Field(foreign_key="module.id", index=True)
    alias: str = Field(unique=True, max_length=500)
    pointed: bool = Field(default=False, sa_column_kwargs={"server_default": false()})


class Equivalence(SQLModel, table=True):
    """A completion of the one module made from one day to another counts for the other; never the reverse."""

    __table_args__ = (UniqueConstraint("module_id", "counts_for_id", "from_day"),)

    id: int | None = Field(default=None, primary_key=True)
    module_id: int = Field(foreign_key="module.id", index=True)
    counts_for_id: int = Field(foreign_key="module.id", index=True)
    from_day: date | None = None
    to_day: date | None = None


class MapVersion(SQLModel, table=True):
    """The whole map as it was published, or a draft of it. ``rows`` have the columns of ``training-map.csv``.

    ``state``: draft, published, discarded, or released: a draft that became a version. A draft remembers the
    version it was made from (``base_id``); ``revision`` counts its edits, so that of two editors none overwrites
    the other unseen. A published version holds from ``from_day`` on (blank: since always) and may take back
    another (``undoes_id``).
    """

    __tablename__ = "map_version"

    id: int | None = Field(default=None, primary_key=True)
    number: int | None = Field(default=None, unique=True)
    state: str = Field(max_length=16)
    title: str = Field(default="", max_length=200)
    note: str = Field(default="", max_length=2000)
    rows: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    base_id: int | None = Field(default=None, foreign_key="map_version.id", index=True)
    undoes_id: int | None = Field(default=None, foreign_key="map_version.id", index=True)
    from_day: date | None = None
    revision: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    created_by_id: int | None = Field(default=None, foreign_key="account.id")
    created_at: datetime
    published_by_id: int | None = Field(default=None, foreign_key="account.id")
    published_at: datetime | None = None


class Requirement(SQLModel, table=True):
    """Who, where, which module: the identity that a requirement keeps through the map's versions.

    ``who`` is everyone, family, role, level or managers; ``value`` names it by name or code. ``person`` is
    somebody's own addition, of the employment in ``employment_id``, which is not part of the map.
    """

    __table_args__ = (UniqueConstraint("identity"),)

    id: int | None = Field(default=None, primary_key=True)
    identity: str = Field(max_length=500)
    who: str = Field(max_length=16)
    value: str = Field(default="", max_length=200)
    organisation_id: int | None = Field(default=None, foreign_key="organisation.id", index=True)
    module_id: int = Field(foreign_key="module.id", index=True)
    employment_id: int | None = Field(default=None, foreign_key="employment.id", index=True)


class RequirementTerm(SQLModel, table=True):
    """What a requirement asks for from one day to another; terms of one requirement never overlap.

    ``minutes`` is what an hours requirement asks for. ``fixed_day`` is MM-DD.
    """

    __tablename__ = "requirement_term"

    id: int | None = Field(default=None, primary_key=True)
    requirement_id: int = Field(foreign_key="requirement.id", index=True)
    shape: str = Field(max_length=32)
    every_months: int | None = None
    refresher_module_id: int | None = Field(default=None, foreign_key="module.id")
    minutes: int | None = None
    days_allowed: int = 90
    anchor: str = Field(default="completion", max_length=32)
    fixed_day: str | None = Field(default=None, max_length=5)
    renewal_window_days: int | None = None
    from_day: date | None = None
    to_day: date | None = None
    map_version_id: int | None = Field(default=None, foreign_key="map_version.id", index=True)


class Addition(SQLModel, table=True):
    """Who asked something of one person, from when, and why: a taxi driver who carries children.

    Never a reason of health. Ending it sets the last day of its term.
    """

    id: int | None = Field(default=None, primary_key=True)
    requirement_term_id: int = Field(foreign_key="requirement_term.id", unique=True)
    reason: str = Field(max_length=200)
    decided_by_id: int | None = Field(default=None, foreign_key="account.id")
    decided_at: datetime
