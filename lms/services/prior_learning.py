"""Prior learning: claimed with evidence, decided by somebody else, then a statement like any other."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import uuid4

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select

from lms.errors import Conflict, Forbidden, Invalid, NotFound
from lms.rules.completions.file import noon
from lms.rules.prior_learning import Claim, State, checked
from lms.rules.statements.own import Fact
from lms.services import audit, completions
from lms.services.audit import Actor
from lms.services.training_map import modules
from lms.tables.accounts import Account
from lms.tables.organisations import Organisation
from lms.tables.people import Employment, Person
from lms.tables.prior_learning import PriorLearning
from lms.tables.training_map import Module


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claim with the names of things."""

    claim_id: int
    organisation: str
    employment_id: int
    employee_number: str
    person_id: int
    person: str
    module: str
    module_title: str
    completed_on: date
    minutes: int | None
    provider: str
    evidence: str
    state: State
    submitted_at: datetime
    decision: str
    decided_by: str | None
    decided_at: datetime | None


def claim(
    session: Session,
    employment_id: int,
    stated: Claim,
    *,
    actor: Actor,
    today: date,
    now: datetime,
) -> int:
    """Put a claim before those who decide. It counts for nothing until then.

    :raises Invalid: with every problem at once.
    :raises Conflict: when the same was claimed before and is waiting or accepted.
    """
    checked(stated, today)
    module_id = modules.by_code(session, stated.module).id
    if stated.completed_on is None or module_id is None:
        raise Invalid("The claim is not complete.")
    same = select(PriorLearning.id).where(
        PriorLearning.employment_id == employment_id,
        PriorLearning.module_id == module_id,
        PriorLearning.completed_on == stated.completed_on,
        col(PriorLearning.state).in_([State.WAITING, State.ACCEPTED]),
    )
    if session.exec(same).first() is not None:
        raise Conflict("This was claimed before: the same person, module and day. Look at that claim.")
    made = PriorLearning(
        employment_id=employment_id,
        module_id=module_id,
        completed_on=stated.completed_on,
        minutes=stated.minutes,
        provider=stated.provider.strip()[:200],
        evidence=stated.evidence.strip()[:500],
        state=State.WAITING,
        fact=str(uuid4()),
        submitted_by_id=actor.account_id,
        submitted_at=now,
    )
    session.add(made)
    session.flush()
    _note(session, actor, "prior_learning.claimed", made, now)
    return made.id or 0


def decide(
    session: Session,
    claim_id: int,
    *,
    accept: bool,
    reason: str,
    organisation_ids: frozenset[int] | None,
    actor: Actor,
    person_id: int | None,
    base_url: str,
    now: datetime,
) -> Claimed:
    """Accept a claim, which then is a statement and a completion, or decline it. ``person_id`` is who decides.

    :raises Forbidden: when somebody decides on a claim of their own.
    :raises Conflict: when it has been decided already.
    :raises Invalid: when no reason is given.
    """
    found = _found(session, claim_id, organisation_ids)
    row = _locked(session, claim_id)
    if person_id is not None and person_id == found.person_id:
        raise Forbidden("Somebody else has to decide on a claim of your own.")
    if row.state != State.WAITING:
        raise Conflict(f"This claim is {row.state} already.")
    if not reason.strip():
        raise Invalid("Say in a sentence why it counts, or why it does not.")
    row.state = State.ACCEPTED if accept else State.DECLINED
    row.decision, row.decided_by_id, row.decided_at = reason.strip()[:500], actor.account_id, now
    session.add(row)
    session.flush()
    _note(session, actor, f"prior_learning.{row.state}", row, now)
    if accept:
        completions.record(session, [_fact(session, row, found)], base_url, now)
    return _found(session, claim_id, organisation_ids)


def take_back(
    session: Session,
    claim_id: int,
    *,
    reason: str,
    organisation_ids: frozenset[int] | None,
    actor: Actor,
    by: str,
    base_url: str,
    now: datetime,
) -> Claimed:
    """Withdraw a claim. An accepted one is voided in the log, so that it counts no longer.

    ``by`` names who does it, as the log names people.

    :raises Conflict: when it was declined or withdrawn before.
    """
    _found(session, claim_id, organisation_ids)
    row = _locked(session, claim_id)
    if row.state not in (State.WAITING, State.ACCEPTED):
        raise Conflict(f"This claim is {row.state} already.")
    was_accepted = row.state == State.ACCEPTED
    row.state = State.WITHDRAWN
    row.decision = (reason.strip() or row.decision)[:500]
    row.decided_by_id, row.decided_at = actor.account_id, now
    session.add(row)
    session.flush()
    _note(session, actor, "prior_learning.withdrawn", row, now)
    if was_accepted:
        completions.void(session, [row.fact], by, base_url, now)
    return _found(session, claim_id, organisation_ids)


def listed(
    session: Session,
    *,
    organisation_ids: frozenset[int] | None = None,
    person_id: int | None = None,
    state: State | None = None,
) -> list[Claimed]:
    """The claims of some organisations or of one person, those that wait first, then the newest."""
    query = _query(organisation_ids).order_by(
        col(PriorLearning.state) != State.WAITING, col(PriorLearning.id).desc()
    )
    if person_id is not None:
        query = query.where(Employment.person_id == person_id)
    if state is not None:
        query = query.where(PriorLearning.state == state)
    return _claimed(session, session.exec(query).all())


def _note(session: Session, actor: Actor, action: str, row: PriorLearning, now: datetime) -> None:
    employment = session.get_one(Employment, row.employment_id)
    audit.record(
        session,
        actor,
        action,
        f"prior learning {row.id}",
        now=now,
        organisation_id=employment.organisation_id,
        employment=employment.id,
    )


def _query(
    organisation_ids: frozenset[int] | None,
) -> Select[PriorLearning, Employment, Organisation, Module]:
    query = (
        select(PriorLearning, Employment, Organisation, Module)
        .join(Employment, col(Employment.id) == PriorLearning.employment_id)
        .join(Organisation, col(Organisation.id) == Employment.organisation_id)
        .join(Module, col(Module.id) == PriorLearning.module_id)
    )
    if organisation_ids is not None:
        query = query.where(col(Employment.organisation_id).in_(organisation_ids))
    return query


def _claimed(
    session: Session, rows: Sequence[tuple[PriorLearning, Employment, Organisation, Module]]
) -> list[Claimed]:
    names = dict(session.exec(select(Account.id, Account.name)).all())
    return [
        Claimed(
            claim_id=row.id or 0,
            organisation=organisation.code,
            employment_id=row.employment_id,
            employee_number=employment.employee_number,
            person_id=employment.person_id,
            person=f"{employment.given_name} {employment.family_name}".strip(),
            module=module.code,
            module_title=module.title,
            completed_on=row.completed_on,
            minutes=row.minutes,
            provider=row.provider,
            evidence=row.evidence,
            state=State(row.state),
            submitted_at=row.submitted_at,
            decision=row.decision,
            decided_by=names.get(row.decided_by_id),
            decided_at=row.decided_at,
        )
        for row, employment, organisation, module in rows
    ]


def _found(session: Session, claim_id: int, organisation_ids: frozenset[int] | None) -> Claimed:
    found = session.exec(_query(organisation_ids).where(PriorLearning.id == claim_id)).one_or_none()
    if found is None:
        raise NotFound("There is no such claim.")
    return _claimed(session, [found])[0]


def _locked(session: Session, claim_id: int) -> PriorLearning:
    query = select(PriorLearning).where(PriorLearning.id == claim_id).with_for_update()
    return session.exec(query.execution_options(populate_existing=True)).one()


def _fact(session: Session, row: PriorLearning, claimed: Claimed) -> Fact:
    module = modules.by_code(session, claimed.module)
    # The person the employment came with, so that a link to another person can be taken apart.
    person = session.exec(
        select(Person.uuid)
        .join(Employment, col(Employment.home_person_id) == Person.id)
        .where(Employment.id == row.employment_id)
    ).one()
    return Fact(
        statement_id=row.fact,
        verb="completed",
        person=person,
        module_iri=module.activity_iri,
        module_title=module.title,
        at=noon(row.completed_on),
        minutes=row.minutes,
        completion=True,
        organisation=claimed.organisation,
        evidence=f"Prior learning, {row.provider}: {row.evidence} Accepted: {row.decision}"[:1000],
    )
