"""Where people stand, for any date: read, never stored."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Date
from sqlmodel import Session

from lms.rules.standing import BY_RANK, Standing, Term, due_by, until
from lms.rules.standing.words import Named, because
from lms.services.standing import asked as reading
from lms.services.standing.asked import Asked
from lms.services.standing.query import prepare
from lms.services.standing.scope import EVERYONE, Planned, Scope

__all__ = ["Asked", "Planned", "Row", "Scope", "people"]

PEOPLE = """
SELECT o.code AS organisation, e.employee_number, e.given_name, e.family_name, p.title, p.id AS post_id,
       e.id AS employment_id, j.person_id, o.id AS organisation_id, j.role_id, j.unmapped, j.starts_on, j.term_id,
       j.rank, j.day, j.until, j.source
FROM judged j
JOIN post p ON p.id = j.post_id
JOIN employment e ON e.id = j.employment_id
JOIN organisation o ON o.id = j.organisation_id
ORDER BY o.id, e.employee_number, p.id, j.module_id, j.term_id
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One post on one requirement: the shape of ``lms standing --json``, and the ids behind it."""

    organisation: str
    employee_number: str
    person: str
    post: str
    module: str
    requirement: str
    standing: Standing
    completed_on: date | None
    valid_until: date | None
    due_by: date
    because: str
    organisation_id: int
    employment_id: int
    person_id: int
    post_id: int
    requirement_id: int
    term_id: int
    module_id: int
    job_role_id: int | None
    unmapped: bool
    completed_module_id: int | None


def people(
    session: Session,
    on: date,
    scope: Scope = EVERYONE,
    *,
    terms: Iterable[Term] | None = None,
    due_soon_days: int | None = None,
) -> list[Row]:
    """Everybody's standing in the scope on a date, ordered by organisation, employee number, post and module.

    ``terms`` asks the same of another map than the published one.
    """
    asked = reading.on(session, on, scope, terms=terms)
    days = asked.due_soon_days if due_soon_days is None else due_soon_days
    prepared = prepare(session, asked, on, scope, days, with_source=True)
    statement = prepared.then(PEOPLE, starts_on=Date(), day=Date(), until=Date())
    return [_row(asked, dict(found)) for found in session.execute(statement).mappings()]


def _row(asked: Asked, found: Mapping[str, Any]) -> Row:
    term = asked.terms[found["term_id"]]
    standing, completed_on = BY_RANK[found["rank"]], found["day"]
    source = int(found["source"]) if found["source"] is not None else None
    last_day = found["until"]
    if last_day is None and completed_on is not None and not term.folded:
        last_day = until(term, completed_on)
    module = asked.modules[term.module_id]
    named = Named(
        module=module,
        refresher=asked.modules[term.refresher_module_id] if term.refresher_module_id else None,
        organisation=asked.organisations[term.organisation_id] if term.organisation_id else None,
        completed=asked.modules[source] if source else None,
    )
    return Row(
        organisation=found["organisation"],
        employee_number=found["employee_number"],
        person=f"{found['given_name']} {found['family_name']}".strip(),
        post=found["title"],
        module=module,
        requirement=_requirement(term, named),
        standing=standing,
        completed_on=completed_on,
        valid_until=last_day,
        due_by=due_by(term, found["starts_on"]),
        because=because(
            term, named, standing, starts_on=found["starts_on"], completed_on=completed_on, until=last_day
        ),
        organisation_id=found["organisation_id"],
        employment_id=found["employment_id"],
        person_id=found["person_id"],
        post_id=found["post_id"],
        requirement_id=term.requirement_id,
        term_id=term.term_id,
        module_id=term.module_id,
        job_role_id=found["role_id"] or None,
        unmapped=bool(found["unmapped"]),
        completed_module_id=source,
    )


def _requirement(term: Term, named: Named) -> str:
    """The requirement's identity in one line: who, where, module."""
    value = f" {term.value}" if term.value else ""
    return f"{term.who}{value} · {named.organisation or 'partnership'} · {named.module}"
