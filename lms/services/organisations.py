"""Organisations: found by code, loaded from ``organisations.csv``."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import insert, update
from sqlmodel import Session, col, select

from lms.errors import NotFound
from lms.rules.access import Scope
from lms.rules.organisations import FILE, OrganisationRow, circles
from lms.rules.reference_files import Loaded, Problem, suggestion
from lms.tables.organisations import Organisation


def by_code(session: Session, code: str) -> Organisation:
    """The organisation with this code.

    :raises NotFound: naming one that looks like it.
    """
    found = session.exec(select(Organisation).where(Organisation.code == code)).one_or_none()
    if found is None:
        known = session.exec(select(Organisation.code)).all()
        raise NotFound(f"There is no organisation with the code '{code[:64]}'.{suggestion(code, known)}")
    return found


def within(session: Session, scope: Scope) -> Sequence[Organisation]:
    """The organisations that a scope reaches, by name."""
    query = select(Organisation).order_by(col(Organisation.name), col(Organisation.id))
    if not scope.everywhere:
        query = query.where(col(Organisation.id).in_(scope.organisation_ids))
    return session.exec(query).all()


def ids_by_code(session: Session) -> dict[str, int]:
    """Every organisation's id by its code."""
    return {code: id_ for code, id_ in session.exec(select(Organisation.code, Organisation.id)) if id_}


def load(session: Session, rows: Sequence[OrganisationRow]) -> Loaded:
    """Add the organisations that are new and bring the others up to date. The same again changes nothing."""
    known = {one.code: one for one in session.exec(select(Organisation))}
    new = [_values(row) for row in rows if row.code not in known]
    if new:
        session.execute(insert(Organisation), new)
    ids = ids_by_code(session)
    problems = [
        row.line.problem(
            "parent",
            f"there is no organisation with the code '{row.parent}', neither here nor in the file."
            f"{suggestion(row.parent, ids)}",
        )
        for row in rows
        if row.parent and row.parent not in ids
    ]
    changes: list[dict[str, Any]] = []
    for row in rows:
        wanted = {**_values(row), "parent_id": ids.get(row.parent) if row.parent else None}
        one = known.get(row.code)
        if one is None and wanted["parent_id"] is not None:
            changes.append({"id": ids[row.code], "parent_id": wanted["parent_id"]})
        elif one is not None and any(getattr(one, name) != value for name, value in wanted.items()):
            changes.append({"id": one.id, **wanted})
    for change in changes:
        session.execute(update(Organisation), [change])
    session.expire_all()
    problems += _circle_problems(session, rows)
    changed = sum(1 for change in changes if "code" in change)
    loaded = Loaded(FILE, added=len(new), changed=changed, unchanged=len(rows) - len(new) - changed)
    return replace(loaded, problems=tuple(problems))


def _values(row: OrganisationRow) -> dict[str, Any]:
    return {
        "code": row.code,
        "name": row.name,
        "sector": row.sector,
        "place": row.place,
        "ods_code": row.ods_code,
        "gss_code": row.gss_code,
    }


def _circle_problems(session: Session, rows: Iterable[OrganisationRow]) -> Iterable[Problem]:
    codes: Mapping[int | None, str] = dict(session.exec(select(Organisation.id, Organisation.code)).all())
    parents = {
        code: codes.get(parent)
        for code, parent in session.exec(select(Organisation.code, Organisation.parent_id))
    }
    lines = {row.code: row.line for row in rows}
    for chain in circles(parents):
        line = next((lines[code] for code in chain if code in lines), None)
        if line is not None:
            message = (
                f"the parents go round in a circle: {' → '.join(chain)}. Give one of them another parent."
            )
            yield line.problem("parent", message)


def above(session: Session, organisation_id: int) -> list[int]:
    """The organisation, its parent, the parent's parent and so on."""
    parents = dict(session.exec(select(col(Organisation.id), Organisation.parent_id)).all())
    chain: list[int] = []
    current: int | None = organisation_id
    while current is not None and current not in chain:
        chain.append(current)
        current = parents.get(current)
    return chain
