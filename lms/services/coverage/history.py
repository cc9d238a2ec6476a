"""The two histories of a figure: as published on its day, and as now known (policy.md, Coverage)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, select

from lms.rules.coverage import Counts
from lms.services.coverage import By, CoverageRow, Figures, OrganisationFigures, as_json, figures, listed
from lms.tables.coverage import CoverageSnapshot


@dataclass(frozen=True)
class Published:
    """The figures of a day as they were known when that day was over, and when they were taken."""

    taken_at: datetime
    figures: Figures


@dataclass(frozen=True, slots=True)
class Restatement:
    """One figure that is not what was published: a module of an organisation (None: the partnership).

    One of the two is None where nothing was required then, or is now.
    """

    organisation: str | None
    module: str
    published: Counts | None
    now: Counts | None


def snapshot(session: Session, on: date, now: datetime) -> bool:
    """Keep the figures of a day as they are known now; False where that day has been published already.

    A published figure is never rewritten: late records show as a restatement beside it.
    """
    if session.exec(select(CoverageSnapshot.id).where(CoverageSnapshot.as_at == on)).first() is not None:
        return False
    shape = as_json(replace(figures(session, on), published=True))
    session.add(CoverageSnapshot(as_at=on, taken_at=now, figures=shape))
    session.flush()
    return True


def published(
    session: Session,
    on: date,
    *,
    organisation_ids: frozenset[int] | None = None,
    partnership: bool = True,
) -> Published | None:
    """The figures of a day by module as they were published, narrowed as ``figures`` narrows them; None without any."""
    found = session.exec(select(CoverageSnapshot).where(CoverageSnapshot.as_at == on)).first()
    if found is None:
        return None
    codes = {one.code for one in listed(session, organisation_ids).values()}
    return Published(found.taken_at, _of_json(found.figures, codes, partnership=partnership))


def restated(then: Figures, now: Figures) -> Sequence[Restatement]:
    """The figures that are not what was published, in the order in which they are shown."""
    before = {(row.organisation, row.module): row.counts for row in then.rows}
    after = {(row.organisation, row.module): row.counts for row in now.rows}
    return [
        Restatement(*key, before.get(key), after.get(key))
        for key in dict.fromkeys([*after, *before])
        if before.get(key) != after.get(key)
    ]


def _of_json(shape: Mapping[str, Any], codes: set[str], *, partnership: bool) -> Figures:
    """The stored figures as facts again. An organisation that has come since was not among them."""
    organisations = [_organisation(one) for one in shape["organisations"] if one["organisation"] in codes]
    dates = {one.organisation: one.role_list_date for one in organisations}
    oldest = min((day for day in dates.values() if day), default=None)
    return Figures(
        as_at=date.fromisoformat(shape["as_at"]),
        due_soon_days=shape["due_soon_days"],
        map_version=shape["map_version"],
        rows=[
            CoverageRow(
                organisation=row["organisation"],
                by=By(row["by"]),
                key=row["key"],
                module=row["module"],
                counts=Counts(**{one.name: row[one.name] for one in fields(Counts)}),
                unmapped=row["unmapped"],
                role_list_date=dates[row["organisation"]] if row["organisation"] else oldest,
            )
            for row in shape["rows"]
            if (row["organisation"] in codes if row["organisation"] else partnership)
        ],
        organisations=organisations,
        published=True,
    )


def _organisation(one: Mapping[str, Any]) -> OrganisationFigures:
    listed_on = one["role_list_date"]
    return OrganisationFigures(
        **{**one, "role_list_date": date.fromisoformat(listed_on) if listed_on else None}
    )
