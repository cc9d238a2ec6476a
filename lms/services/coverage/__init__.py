"""Coverage: how many stand where, and staff trained for each organisation, on any date."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from sqlmodel import Session, col, select

from lms.rules.coverage import Counts, counted, rate
from lms.rules.people.units import rolled_up
from lms.services import roster
from lms.services.standing import asked as reading
from lms.services.standing.asked import Asked
from lms.services.standing.query import prepare, recordset
from lms.services.standing.scope import Planned, Scope
from lms.services.training_map import versions
from lms.tables.organisations import Organisation
from lms.tables.people import Post


class By(StrEnum):
    """What the figures are broken down by."""

    MODULE = "module"
    ROLE = "role"
    FAMILY = "family"
    UNIT = "unit"
    PLACE = "place"
    SECTOR = "sector"

    @property
    def of_partnership_only(self) -> bool:
        """Whether the breakdown lies above the organisations."""
        return self in (By.PLACE, By.SECTOR)

    @property
    def of_organisations_only(self) -> bool:
        """Whether the breakdown lies within an organisation and means nothing beyond it."""
        return self is By.UNIT


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """One module of one organisation (None: the partnership), or of one key within it.

    ``role_list_date`` is that of the organisation's role list; of several, the oldest.
    """

    organisation: str | None
    by: By
    key: str
    module: str
    counts: Counts
    unmapped: int
    role_list_date: date | None = None


@dataclass(frozen=True, slots=True)
class OrganisationFigures:
    """Staff trained: people who hold everything required of them ÷ people of whom anything is required."""

    organisation: str
    name: str
    people: int | None = None
    staff_counted: int | None = None
    staff_trained_count: int | None = None
    staff_trained: float | None = None
    unmapped_people: int | None = None
    role_list_date: date | None = None
    no_data: bool = False


@dataclass(frozen=True)
class Figures:
    """Everything that is printed with a figure, and the figures. ``map_version`` is the one in force on the day.

    ``published``: as they were published on their day; else as now known.
    """

    as_at: date
    due_soon_days: int
    map_version: int | None
    rows: Sequence[CoverageRow]
    organisations: Sequence[OrganisationFigures]
    published: bool = False

    @property
    def role_lists(self) -> tuple[date, date] | None:
        """The oldest and the newest role list behind the figures."""
        dates = [one.role_list_date for one in self.organisations if one.role_list_date]
        return (min(dates), max(dates)) if dates else None


KEY = {
    By.MODULE: "''",
    By.ROLE: "CAST(j.role_id AS text)",
    By.FAMILY: "COALESCE(r.family, '')",
    By.UNIT: "COALESCE(u.part, '')",
    By.PLACE: "o.place",
    By.SECTOR: "o.sector",
}

# What a person's several standings for a module come to is the greatest rank: exempt is the least, and the worst
# of the others the greatest. So each figure is one MAX and one COUNT.
EACH = """,
each_one AS MATERIALIZED (
    SELECT organisation_id, part, person_id, module_id, MAX(rank) AS rank, MAX(unmapped) AS unmapped
    FROM (
        SELECT j.organisation_id, {key} AS part, j.person_id, j.module_id, j.rank, j.unmapped
        FROM judged j
        JOIN organisation o ON o.id = j.organisation_id
        LEFT JOIN job_role r ON r.id = j.role_id
        {units}
    ) one
    GROUP BY organisation_id, part, person_id, module_id
)
"""

# A post counts in its unit and in every unit above it.
UNITS = """
        LEFT JOIN post p ON p.id = j.post_id
        LEFT JOIN ({parts}) u ON u.unit = p.unit
"""

COUNTED = """
SELECT 'row' AS kind, {organisation} AS organisation_id, part, module_id, rank,
       COUNT(*) AS people, SUM(unmapped) AS unmapped
FROM (
    SELECT {group} part, person_id, module_id, MAX(rank) AS rank, MAX(unmapped) AS unmapped
    FROM each_one GROUP BY {group} part, person_id, module_id
) one
GROUP BY {group} part, module_id, rank
"""

STAFF = """
SELECT 'staff' AS kind, organisation_id, '' AS part, 0 AS module_id, rank, COUNT(*) AS people, 0 AS unmapped
FROM (SELECT organisation_id, person_id, MAX(rank) AS rank FROM each_one GROUP BY organisation_id, person_id) one
GROUP BY organisation_id, rank
"""

PEOPLE = """
SELECT 'people' AS kind, organisation_id, '' AS part, 0 AS module_id, 0 AS rank, COUNT(*) AS people, SUM(unmapped) AS unmapped
FROM (SELECT organisation_id, person_id, MAX(unmapped) AS unmapped FROM scope GROUP BY organisation_id, person_id) one
GROUP BY organisation_id
"""


def figures(
    session: Session,
    on: date,
    *,
    organisation_ids: frozenset[int] | None = None,
    partnership: bool = True,
    by: By = By.MODULE,
    due_soon_days: int | None = None,
    asked: Asked | None = None,
    planned: tuple[Planned, ...] | None = None,
) -> Figures:
    """The figures of a date, as now known.

    ``organisation_ids`` narrows them to some organisations, then without the partnership unless asked for: its
    rows are the total of those organisations, each person once. ``planned`` posts stand in for the stored ones.
    """
    asked = asked or reading.on(session, on)
    days = asked.due_soon_days if due_soon_days is None else due_soon_days
    prepared = prepare(session, asked, on, Scope(organisation_ids=organisation_ids, planned=planned), days)
    selects = [STAFF, PEOPLE]
    if (partnership and not by.of_organisations_only) or by.of_partnership_only:
        selects.append(COUNTED.format(organisation="CAST(NULL AS int)", group=""))
    if not by.of_partnership_only:
        selects.append(COUNTED.format(organisation="organisation_id", group="organisation_id,"))
    each, values = each_by(session, by, organisation_ids)
    prepared = replace(prepared, values={**prepared.values, **values})
    statement = prepared.then(each + " UNION ALL ".join(selects))
    found = [dict(row) for row in session.execute(statement).mappings()]
    chosen = listed(session, organisation_ids)
    lists = {one: day for one, day in roster.latest_dates(session).items() if one in chosen}
    return Figures(
        as_at=on,
        due_soon_days=days,
        map_version=versions.number_on(session, on),
        rows=_rows(asked, chosen, lists, by, found),
        organisations=_staff(chosen, lists, found),
    )


def each_by(session: Session, by: By, organisation_ids: frozenset[int] | None) -> tuple[str, dict[str, Any]]:
    """``each_one`` for a breakdown, and the values it takes besides."""
    if by is not By.UNIT:
        return EACH.format(key=KEY[by], units=""), {}
    query = select(Post.unit).where(col(Post.unit).is_not(None)).distinct()
    if organisation_ids is not None:
        query = query.where(col(Post.organisation_id).in_(organisation_ids))
    parts = recordset(session.get_bind().dialect.name, "unit_parts", "unit text, part text")
    units = sorted(unit for unit in session.exec(query) if unit)
    return (
        EACH.format(key=KEY[by], units=UNITS.format(parts=parts)),
        {"unit_parts": json.dumps(rolled_up(units))},
    )


def listed(session: Session, ids: frozenset[int] | None) -> dict[int, Organisation]:
    """The organisations in their own order, all or those of the ids."""
    query = select(Organisation).order_by(col(Organisation.id))
    if ids is not None:
        query = query.where(col(Organisation.id).in_(ids))
    return {one.id: one for one in session.exec(query) if one.id is not None}


def _rows(
    asked: Asked,
    listed: Mapping[int, Organisation],
    lists: Mapping[int, date],
    by: By,
    found: Sequence[Mapping[str, Any]],
) -> list[CoverageRow]:

    def oldest(by: By, part: str) -> date | None:
        within = (
            day
            for one, day in lists.items()
            if not by.of_partnership_only or part == getattr(listed[one], by)
        )
        return min(within, default=None)

    ranks: dict[tuple[Any, Any, int], dict[int, int]] = {}
    unmapped: dict[tuple[Any, Any, int], int] = {}
    for row in found:
        if row["kind"] == "row":
            key = (row["organisation_id"], row["part"], row["module_id"])
            ranks.setdefault(key, {})[row["rank"]] = row["people"]
            unmapped[key] = unmapped.get(key, 0) + row["unmapped"]
    rows = [
        CoverageRow(
            organisation=listed[organisation].code if organisation else None,
            by=by,
            key=_key(asked, by, part, module),
            module=asked.modules[module],
            counts=counted(ranks[organisation, part, module]),
            unmapped=unmapped[organisation, part, module],
            role_list_date=lists.get(organisation) if organisation else oldest(by, part),
        )
        for organisation, part, module in sorted(ranks, key=lambda one: one[0] or 0)
    ]
    order = {one.code: number for number, one in enumerate(listed.values(), 1)}
    return sorted(rows, key=lambda row: (order.get(row.organisation or "", 0), row.key, row.module))


def _key(asked: Asked, by: By, part: str, module: int) -> str:
    if by is By.MODULE:
        return asked.modules[module]
    if by is By.ROLE:
        return asked.roles[int(part)].code if int(part) else ""
    return part


def _staff(
    listed: Mapping[int, Organisation], lists: Mapping[int, date], found: Sequence[Mapping[str, Any]]
) -> list[OrganisationFigures]:
    people = {row["organisation_id"]: row for row in found if row["kind"] == "people"}
    standings: dict[int, dict[int, int]] = {}
    for row in found:
        if row["kind"] == "staff":
            standings.setdefault(row["organisation_id"], {})[row["rank"]] = row["people"]
    result = []
    for number, organisation in listed.items():
        if number not in lists:
            result.append(OrganisationFigures(organisation.code, organisation.name, no_data=True))
            continue
        worst = counted(standings.get(number, {}))
        staff = worst.in_scope - worst.exempt
        result.append(
            OrganisationFigures(
                organisation=organisation.code,
                name=organisation.name,
                people=people[number]["people"] if number in people else 0,
                staff_counted=staff,
                staff_trained_count=worst.trained,
                staff_trained=rate(worst.trained, staff),
                unmapped_people=people[number]["unmapped"] if number in people else 0,
                role_list_date=lists[number],
            )
        )
    return result


def as_json(figures: Figures) -> dict[str, Any]:
    """The shape of ``lms coverage --json``."""
    return {
        "as_at": figures.as_at.isoformat(),
        "published_or_recomputed": "published" if figures.published else "recomputed",
        "disclosure": "none",
        "due_soon_days": figures.due_soon_days,
        "map_version": figures.map_version,
        "rows": [_row_json(row) for row in figures.rows],
        "organisations": [
            asdict(one) | {"role_list_date": one.role_list_date.isoformat() if one.role_list_date else None}
            for one in figures.organisations
        ],
    }


ROW_KEYS = (
    "organisation",
    "by",
    "key",
    "module",
    "in_scope",
    "exempt",
    "trained",
    "in_date",
    "due_soon",
    "not_yet_due",
    "not_done",
    "out_of_date",
    "unmapped",
    "coverage",
    "of_those_due",
)


def _row_json(row: CoverageRow) -> dict[str, Any]:
    own = {"organisation": row.organisation, "by": row.by.value, "key": row.key, "module": row.module}
    counts = {key: getattr(row.counts, key) for key in ROW_KEYS if hasattr(row.counts, key)}
    return {key: (own | counts | {"unmapped": row.unmapped})[key] for key in ROW_KEYS}
