"""Rows of a map that is not published, as the facts that standing is worked out from."""

from collections.abc import Iterable
from datetime import date

from sqlmodel import Session, select

from lms.rules.standing import Anchor, Shape, Term
from lms.rules.training_map.rows import DAYS_ALLOWED, RequirementRow
from lms.services.training_map.modules import ids_by_code
from lms.tables.organisations import Organisation
from lms.tables.training_map import Requirement


def of_rows(session: Session, rows: Iterable[RequirementRow], on: date) -> list[Term]:
    """The rows in force on a day as the facts that standing is worked out from, each with an id of its own."""
    rows = list(rows)
    first: dict[str, date] = {}
    for row in rows:
        first[row.identity] = min(row.first, first.get(row.identity, row.first))
    requirements = dict(session.exec(select(Requirement.identity, Requirement.id)).all())
    modules = ids_by_code(session)
    organisations = dict(session.exec(select(Organisation.code, Organisation.id)).all())
    return [
        _term(
            # Negative, so that none is taken for one that is published.
            -number,
            row,
            requirement_id=requirements.get(row.identity) or -number,
            organisation_id=organisations[row.organisation] if row.organisation else None,
            module_id=modules[row.module],
            refresher_module_id=modules[row.refresher_module] if row.refresher_module else None,
            first_applied=None if first[row.identity] == date.min else first[row.identity],
        )
        for number, row in enumerate(rows, start=1)
        if row.covers(on)
    ]


def _term(
    id_: int,
    row: RequirementRow,
    *,
    requirement_id: int,
    organisation_id: int | None,
    module_id: int,
    refresher_module_id: int | None,
    first_applied: date | None,
) -> Term:
    month, _, day = (row.fixed_day or "").partition("-")
    return Term(
        term_id=id_,
        requirement_id=requirement_id,
        who=row.who,
        value=row.value,
        organisation_id=organisation_id,
        module_id=module_id,
        shape=Shape(row.shape),
        every_months=row.every_months,
        refresher_module_id=refresher_module_id,
        minutes=row.minutes,
        days_allowed=DAYS_ALLOWED if row.days_allowed is None else row.days_allowed,
        anchor=Anchor(row.anchor),
        fixed_day=(int(month), int(day)) if day else None,
        renewal_window_days=row.renewal_window_days,
        first_applied=first_applied,
        from_day=row.start,
    )
