"""Role lists as uploaded: kept until they are applied, with nothing in them but what was mapped."""

import json
import zlib
from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session, col, func, select

from lms.errors import NotFound
from lms.rules.access import Scope
from lms.rules.roster import BadRow, Column, Field, Problem, Reading, RowFact, Status
from lms.rules.roster.cells import Cache
from lms.tables.roster import RoleList, RoleListColumns, RoleListProgress

ARRIVED, UPLOADED, CHECKED, REFUSED, APPLYING, APPLIED, UNDONE = (
    "arrived",
    "uploaded",
    "checked",
    "refused",
    "applying",
    "applied",
    "undone",
)
NOTHING_CLEARED: frozenset[Field] = frozenset()
MISSING = "There is no such role list, or not within your organisation."


def keep(
    session: Session,
    organisation_id: int,
    reading: Reading,
    *,
    filename: str,
    options: Mapping[str, Any],
    account_id: int | None,
    now: datetime,
) -> RoleList:
    """Keep what was read of an uploaded list, to be checked by a worker. Columns not mapped are not in it."""
    made = RoleList(
        organisation_id=organisation_id,
        as_at=reading.as_at,
        filename=filename[:255],
        state=UPLOADED,
        options=dict(options),
        cells=packed(reading),
        uploaded_by_id=account_id,
        uploaded_at=now,
    )
    session.add(made)
    session.flush()
    return made


def one(session: Session, scope: Scope, role_list_id: int) -> RoleList:
    """A list within a scope.

    :raises NotFound: when there is none.
    """
    found = session.get(RoleList, role_list_id)
    if found is None or not scope.covers(found.organisation_id):
        raise NotFound(MISSING)
    return found


def listed(session: Session, organisation_id: int, limit: int = 50) -> list[RoleList]:
    """The lists of an organisation, the newest first, without their cells."""
    query = select(RoleList).where(RoleList.organisation_id == organisation_id)
    return list(session.exec(query.order_by(col(RoleList.id).desc()).limit(limit)).all())


def latest_dates(session: Session) -> dict[int, date]:
    """The date of the last applied list of every organisation that has one."""
    rows = session.exec(
        select(RoleList.organisation_id, func.max(RoleList.as_at))
        .where(RoleList.state == APPLIED)
        .group_by(col(RoleList.organisation_id))
    ).all()
    return dict(rows)


def waiting(session: Session, before: datetime) -> list[tuple[int, str]]:
    """Lists whose job seems lost: come or being applied since before an instant, as (id, state)."""
    rows = session.exec(
        select(RoleList.id, RoleList.state)
        .where(col(RoleList.state).in_((ARRIVED, UPLOADED, APPLYING)), RoleList.uploaded_at < before)
        .order_by(col(RoleList.id))
    ).all()
    return [(id_, state) for id_, state in rows if id_ is not None]


def note_progress(
    session: Session, role_list_id: int, phase: str, done: int, total: int | None, now: datetime
) -> None:
    """Note how far a worker is with a list."""
    session.merge(
        RoleListProgress(role_list_id=role_list_id, phase=phase, done=done, total=total, noted_at=now)
    )
    session.flush()


def forget_progress(session: Session, role_list_id: int) -> None:
    """The work is over."""
    session.execute(delete(RoleListProgress).where(col(RoleListProgress.role_list_id) == role_list_id))


def progress_of(session: Session, role_list_id: int) -> RoleListProgress | None:
    """How far a worker is with a list, where one is at it and has said so."""
    return session.get(RoleListProgress, role_list_id)


def columns_of(session: Session, organisation_id: int) -> dict[str, str | None]:
    """Which column is which in an organisation's lists, as somebody decided before; field → caption, None: not read."""
    kept = session.get(RoleListColumns, organisation_id)
    return dict(kept.columns) if kept else {}


def remember_columns(
    session: Session,
    organisation_id: int,
    columns: Mapping[str, str | None],
    *,
    account_id: int | None,
    now: datetime,
) -> None:
    """Keep which column is which, for this list and those to come; nothing given forgets it."""
    kept = session.get(RoleListColumns, organisation_id)
    if kept is not None and dict(kept.columns) == dict(columns):
        return
    if kept is not None:
        session.delete(kept)
        session.flush()
    if columns:
        session.add(
            RoleListColumns(
                organisation_id=organisation_id,
                columns=dict(columns),
                decided_by_id=account_id,
                decided_at=now,
            )
        )
    session.flush()


def packed(reading: Reading) -> bytes:
    """A reading as bytes."""
    return zlib.compress(json.dumps(_plain(reading), ensure_ascii=False).encode(), 3)


def unpacked(role_list: RoleList) -> Reading:
    """The reading of a kept list.

    :raises NotFound: when its cells are no longer kept.
    """
    if role_list.cells is None:
        raise NotFound("What this list said is no longer kept. Upload it again.")
    found = json.loads(zlib.decompress(role_list.cells))
    rows, cache = found["rows"], _caches()
    # In the place of what they are made of: 100,000 rows are not held twice.
    for place, values in enumerate(rows):
        rows[place] = _row(values, cache)
    return Reading(
        **found
        | {
            "as_at": date.fromisoformat(found["as_at"]),
            "columns": tuple(Column(Field(field), caption, at) for field, caption, at in found["columns"]),
            "not_read": tuple(found["not_read"]),
            "sheets": tuple(found.get("sheets", ())),
            "rows": tuple(rows),
            "bad": tuple(BadRow(*values) for values in found["bad"]),
            "left_out": tuple((row, text) for row, text in found["left_out"]),
            "errors": tuple(Problem(*values) for values in found["errors"]),
            "warnings": tuple(Problem(*values) for values in found["warnings"]),
            "numbers_to_fill_in": {int(row): number for row, number in found["numbers_to_fill_in"].items()},
        }
    )


def _plain(reading: Reading) -> dict[str, Any]:
    plain = {field.name: getattr(reading, field.name) for field in fields(reading)}
    problem = ("sheet", "row", "column", "value", "code", "message")
    return plain | {
        "as_at": reading.as_at.isoformat(),
        "columns": [[one.field, one.caption, one.position] for one in reading.columns],
        "rows": [_cells(row) for row in reading.rows],
        "bad": [list(one) for one in reading.bad],
        "errors": [[getattr(one, name) for name in problem] for one in reading.errors],
        "warnings": [[getattr(one, name) for name in problem] for one in reading.warnings],
        "numbers_to_fill_in": dict(reading.numbers_to_fill_in),
    }


def _cells(row: RowFact) -> list[Any]:
    start = row.start.isoformat() if row.start else None
    end = row.end.isoformat() if row.end else None
    return list(row._replace(start=start, end=end, cleared=sorted(row.cleared)))  # type: ignore[arg-type]


def _caches() -> Mapping[str, Cache]:
    """Each value made once: JSON gives every row texts of its own, and most are repeated."""
    same = ("given", "family", "title", "manager", "units")
    return {name: Cache(lambda value: value) for name in same} | {
        "start": Cache(_day),
        "end": Cache(_day),
        "status": Cache(lambda text: Status(text) if text else None),
        "cleared": Cache(lambda names: frozenset(map(Field, names))),
    }


def _row(values: list[Any], cache: Mapping[str, Cache]) -> RowFact:
    row = RowFact(*values)
    return row._replace(
        given=cache["given"][row.given],
        family=cache["family"][row.family],
        title=cache["title"][row.title],
        manager=cache["manager"][row.manager],
        units=cache["units"][tuple(row.units)],
        start=cache["start"][row.start],
        end=cache["end"][row.end],
        status=cache["status"][row.status],
        cleared=cache["cleared"][tuple(row.cleared)] if row.cleared else NOTHING_CLEARED,
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
