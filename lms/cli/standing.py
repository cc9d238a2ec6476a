"""``lms standing``: who stands where, and why."""

from datetime import date, datetime
from typing import Any

import click
from sqlmodel import Session, select

from lms import clock, db
from lms.cli import documents
from lms.cli.days import DAY
from lms.errors import NotFound
from lms.services import organisations, standing
from lms.services.standing import Row, Scope
from lms.tables.people import Employment

COLUMNS = ("employee_number", "person", "module", "standing", "completed_on", "valid_until", "due_by")


@click.command(
    "standing",
    epilog="Example: lms standing --organisation QUA-NHS --employee 21000143 --as-at 2026-06-30",
)
@click.option("--organisation", "code", required=True, help="The organisation's code.")
@click.option("--employee", "number", help="One employee number; without it everybody.")
@click.option("--as-at", type=DAY, help="The date, as 2026-06-30; today without it.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(code: str, number: str | None, as_at: datetime | None, as_json: bool) -> None:
    """Say where each person stands on everything required of them, and why."""
    on = as_at.date() if as_at else clock.today()
    with db.transaction(read_only=True) as session:
        organisation = organisations.by_code(session, code)
        scope = Scope(organisation_ids=frozenset({organisation.id}))
        if number is not None:
            scope = Scope(employment_id=_employment(session, organisation.id, code, number))
        rows = standing.people(session, on, scope)
    if as_json:
        documents.show([shape(row) for row in rows])
        return
    for row in rows:
        click.echo(" · ".join(_cell(getattr(row, column)) for column in COLUMNS))
        click.echo(f"    {row.because}")
    if not rows:
        click.echo("Nothing is required of anybody here on this date.")


def shape(row: Row) -> dict[str, Any]:
    """The contract's keys for one row."""
    return {
        "organisation": row.organisation,
        "employee_number": row.employee_number,
        "person": row.person,
        "post": row.post,
        "module": row.module,
        "requirement": row.requirement,
        "standing": row.standing.value,
        "completed_on": row.completed_on.isoformat() if row.completed_on else None,
        "valid_until": row.valid_until.isoformat() if row.valid_until else None,
        "due_by": row.due_by.isoformat(),
        "because": row.because,
    }


def _employment(session: Session, organisation_id: int, code: str, number: str) -> int:
    found = session.exec(
        select(Employment.id).where(
            Employment.organisation_id == organisation_id, Employment.employee_number == number
        )
    ).first()
    if found is None:
        raise NotFound(
            f"{code} has nobody with the employee number {number}. Check the number, zeros included."
        )
    return found


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    return value.isoformat() if isinstance(value, date) else str(value)
