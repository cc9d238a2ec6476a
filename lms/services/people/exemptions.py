"""Exemptions that a person or a file decided: a dated record, which ends by itself."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, update
from sqlmodel import Session, col, select

from lms.rules.people.exemptions import FILE, ExemptionRow
from lms.rules.reference_files import Loaded, suggestion
from lms.tables.people import Employment, Exemption

BY_FILE = "file"
Place = tuple[int, str, date | None]


def load(
    session: Session, rows: Sequence[ExemptionRow], organisations: Mapping[str, int], *, now: datetime
) -> Loaded:
    """Record the exemptions that are new and bring the ends of the others up to date.

    An exemption that the file no longer holds stays: it is a record. To end one, give it its last day.
    """
    employments = {
        (one.organisation_id, one.employee_number): one.id for one in session.exec(select(Employment))
    }
    problems = []
    wanted: dict[Place, date | None] = {}
    for row in rows:
        if row.organisation not in organisations:
            problems.append(
                row.line.problem(
                    "organisation",
                    f"there is no organisation with the code '{row.organisation}'."
                    f"{suggestion(row.organisation, organisations)}",
                )
            )
            continue
        employment_id = employments.get((organisations[row.organisation], row.employee_number))
        if employment_id is None:
            problems.append(
                row.line.problem(
                    "employee_number",
                    f"{row.organisation} has nobody with the number '{row.employee_number}'. Apply the role list "
                    "first, or correct the number.",
                )
            )
            continue
        wanted[employment_id, row.kind, row.start] = row.end
    known = {
        (one.employment_id, one.kind, one.from_day): one
        for one in session.exec(
            select(Exemption).where(Exemption.source == BY_FILE, col(Exemption.post_id).is_(None))
        )
    }
    new: list[dict[str, Any]] = [
        {
            "employment_id": employment_id,
            "kind": kind,
            "from_day": start,
            "to_day": end,
            "source": BY_FILE,
            "decided_at": now,
        }
        for (employment_id, kind, start), end in wanted.items()
        if (employment_id, kind, start) not in known
    ]
    changes = [
        {"id": known[place].id, "to_day": end, "decided_at": now}
        for place, end in wanted.items()
        if place in known and known[place].to_day != end
    ]
    if new and not problems:
        session.execute(insert(Exemption), new)
    if changes and not problems:
        session.execute(update(Exemption), changes)
        session.expire_all()
    unchanged = len(wanted) - len(new) - len(changes)
    return Loaded(FILE, len(new), len(changes), unchanged, tuple(problems))
