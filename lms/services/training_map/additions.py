"""What is asked of one person alone: a taxi driver who carries children, on top of what the role asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, or_, select
from sqlmodel.sql.expression import Select

from lms.errors import Conflict, Invalid, NotFound
from lms.rules.training_map.rows import DAYS_ALLOWED, RequirementRow
from lms.services import audit
from lms.services.audit import Actor
from lms.services.training_map.modules import ids_by_code
from lms.services.training_map.versions import PERSON
from lms.tables.accounts import Account
from lms.tables.people import Employment
from lms.tables.training_map import Addition, Module, Requirement, RequirementTerm


@dataclass(frozen=True, slots=True)
class Added:
    """One addition: of whom, which module, since when, and who decided it why."""

    addition_id: int
    employment_id: int
    employee_number: str
    person: str
    module: str
    shape: str
    every_months: int | None
    days_allowed: int
    from_day: date | None
    to_day: date | None
    reason: str
    decided_by: str | None
    decided_at: datetime


def add(
    session: Session,
    employment_id: int,
    row: RequirementRow,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
) -> int:
    """Ask this of one person, from the row's first day to its last. Whom the row names is left aside.

    :raises Conflict: when the module is asked of this person already on one of these days.
    :raises Invalid: when no reason or first day is given, or there is no such module.
    """
    modules = ids_by_code(session)
    if not reason.strip():
        raise Invalid(
            "Say why this is asked of this person, such as 'carries children'. Leave out anything about health."
        )
    if row.start is None:
        raise Invalid("Say from which day this is asked.")
    for code in filter(None, (row.module, row.refresher_module)):
        if code not in modules:
            raise Invalid(f"There is no module with the code '{code}'.")
    requirement_id = _requirement(session, employment_id, modules[row.module])
    if _overlapping(session, requirement_id, row):
        raise Conflict("This module is asked of this person already on these days. End that one first.")
    term = RequirementTerm(
        requirement_id=requirement_id,
        shape=row.shape,
        every_months=row.every_months,
        refresher_module_id=modules[row.refresher_module] if row.refresher_module else None,
        minutes=row.minutes,
        days_allowed=DAYS_ALLOWED if row.days_allowed is None else row.days_allowed,
        anchor=row.anchor,
        fixed_day=row.fixed_day,
        renewal_window_days=row.renewal_window_days,
        from_day=row.start,
        to_day=row.end,
    )
    session.add(term)
    session.flush()
    addition = Addition(
        requirement_term_id=term.id or 0,
        reason=reason.strip()[:200],
        decided_by_id=actor.account_id,
        decided_at=now,
    )
    session.add(addition)
    session.flush()
    employment = session.get_one(Employment, employment_id)
    _note(session, actor, "addition.made", addition, employment, now)
    return addition.id or 0


def end(
    session: Session,
    addition_id: int,
    last_day: date,
    *,
    organisation_ids: frozenset[int] | None,
    actor: Actor,
    now: datetime,
) -> None:
    """Let an addition end; what was asked until then stays on record.

    :raises NotFound: when there is none within these organisations.
    :raises Invalid: when it would end before it began.
    """
    found = session.exec(_within(organisation_ids).where(Addition.id == addition_id)).one_or_none()
    if found is None:
        raise NotFound("There is no such addition.")
    addition, term, employment, _ = found
    if term.from_day is not None and last_day < term.from_day:
        raise Invalid(f"It began on {term.from_day}. Choose that day or a later one.")
    term.to_day = last_day
    session.add(term)
    _note(session, actor, "addition.ended", addition, employment, now)


def listed(
    session: Session, *, organisation_ids: frozenset[int] | None = None, employment_id: int | None = None
) -> list[Added]:
    """The additions of some organisations, or of one employment, the newest first."""
    query = _within(organisation_ids).order_by(col(Addition.id).desc())
    if employment_id is not None:
        query = query.where(Requirement.employment_id == employment_id)
    accounts = dict(session.exec(select(Account.id, Account.name)).all())
    return [
        Added(
            addition_id=addition.id or 0,
            employment_id=employment.id or 0,
            employee_number=employment.employee_number,
            person=f"{employment.given_name} {employment.family_name}".strip(),
            module=module.code,
            shape=term.shape,
            every_months=term.every_months,
            days_allowed=term.days_allowed,
            from_day=term.from_day,
            to_day=term.to_day,
            reason=addition.reason,
            decided_by=accounts.get(addition.decided_by_id),
            decided_at=addition.decided_at,
        )
        for addition, term, employment, module in session.exec(query)
    ]


def _note(
    session: Session, actor: Actor, action: str, addition: Addition, employment: Employment, now: datetime
) -> None:
    audit.record(
        session,
        actor,
        action,
        f"addition {addition.id}",
        now=now,
        organisation_id=employment.organisation_id,
        employment=employment.id,
    )


def _requirement(session: Session, employment_id: int, module_id: int) -> int:
    identity = f"{PERSON}|{employment_id}||{module_id}"
    found = session.exec(select(Requirement).where(Requirement.identity == identity)).one_or_none()
    if found is None:
        found = Requirement(
            identity=identity,
            who=PERSON,
            value=str(employment_id),
            module_id=module_id,
            employment_id=employment_id,
        )
        session.add(found)
        session.flush()
    return found.id or 0


def _overlapping(session: Session, requirement_id: int, row: RequirementRow) -> Sequence[int | None]:
    return session.exec(
        select(RequirementTerm.id)
        .where(RequirementTerm.requirement_id == requirement_id)
        .where(or_(col(RequirementTerm.from_day).is_(None), col(RequirementTerm.from_day) <= row.last))
        .where(or_(col(RequirementTerm.to_day).is_(None), col(RequirementTerm.to_day) >= row.first))
    ).all()


def _within(organisation_ids: frozenset[int] | None) -> Select[Addition, RequirementTerm, Employment, Module]:
    query = (
        select(Addition, RequirementTerm, Employment, Module)
        .join(RequirementTerm, col(RequirementTerm.id) == Addition.requirement_term_id)
        .join(Requirement, col(Requirement.id) == RequirementTerm.requirement_id)
        .join(Employment, col(Employment.id) == Requirement.employment_id)
        .join(Module, col(Module.id) == Requirement.module_id)
    )
    if organisation_ids is not None:
        query = query.where(col(Employment.organisation_id).in_(organisation_ids))
    return query
