"""Sessions made, changed, cancelled and reinstated."""

from datetime import date, datetime
from typing import Any
from uuid import uuid4

from sqlmodel import Session, col, func, select

from lms.errors import Conflict, Invalid, NotFound
from lms.rules import sessions as rules
from lms.rules.access import Role, Scope
from lms.rules.accounts import Problem
from lms.rules.sessions import Draft, Mark
from lms.services.audit import Actor
from lms.services.sessions import facts
from lms.tables.accounts import AccessGrant, Account
from lms.tables.sessions import RegisterEntry, TrainingSession
from lms.tables.training_map import Module

REFUSED = "The session cannot be saved like this."
NO_TRAINER = "Choose a trainer who has an account for this organisation, or nobody yet"
# What the statements of a session say of it.
SAID = ("module_id", "organisation_id", "day", "starts", "minutes", "zone", "trainer_id")


def create(
    session: Session,
    scope: Scope,
    actor: Actor,
    draft: Draft,
    *,
    trainer_id: int | None,
    today: date,
    now: datetime,
) -> int:
    """Make a session and give its id.

    :raises Invalid: with ``problems`` by field.
    """
    _check(session, scope, draft, trainer_id, today)
    made = TrainingSession(uuid=str(uuid4()), **_values(draft, trainer_id))
    session.add(made)
    session.flush()
    assert made.id is not None
    facts.note(session, actor, "session.created", made, now, day=made.day.isoformat())
    return made.id


def change(
    session: Session,
    scope: Scope,
    actor: Actor,
    session_id: int,
    draft: Draft,
    *,
    trainer_id: int | None,
    today: date,
    now: datetime,
) -> None:
    """Correct a session. Attendances that said something else of it are recorded anew.

    :raises Invalid: with ``problems`` by field.
    """
    training = facts.held(session, scope, session_id)
    _check(session, scope, draft, trainer_id, today)
    values = _values(draft, trainer_id)
    changed = [name for name, value in values.items() if getattr(training, name) != value]
    if not changed:
        return
    came = _came(session, session_id)
    for name in changed:
        setattr(training, name, values[name])
    if came and not rules.may_be_recorded(facts.begins(training), now):
        said = "The register says that people came, so the session cannot be still to come. Correct the date"
        raise Invalid(REFUSED, [Problem("day", f"{said}, or take their marks back first")])
    session.flush()
    if came and set(changed).intersection(SAID):
        facts.renew(session, training, actor, now)
    facts.note(
        session,
        actor,
        "session.changed",
        training,
        now,
        fields=changed,
        recorded_anew=came if set(changed).intersection(SAID) else 0,
    )


def cancel(session: Session, scope: Scope, actor: Actor, session_id: int, *, now: datetime) -> None:
    """Cancel a session; one that is cancelled already stays so.

    :raises Conflict: when people are marked as having come.
    """
    training = facts.held(session, scope, session_id)
    if training.cancelled_at:
        return
    if came := _came(session, session_id):
        people = "1 person is" if came == 1 else f"{came} people are"
        raise Conflict(
            f"{people} marked as having come, so the session took place. If that is a mistake, correct the register "
            "first and cancel the session then."
        )
    training.cancelled_at = now
    facts.note(session, actor, "session.cancelled", training, now)


def reinstate(session: Session, scope: Scope, actor: Actor, session_id: int, *, now: datetime) -> None:
    """Let a cancelled session take place after all. Its register is as it was."""
    training = facts.held(session, scope, session_id)
    if training.cancelled_at:
        training.cancelled_at = None
        facts.note(session, actor, "session.reinstated", training, now)


def _came(session: Session, session_id: int) -> int:
    return session.exec(
        select(func.count())
        .select_from(RegisterEntry)
        .where(
            RegisterEntry.session_id == session_id,
            col(RegisterEntry.mark).in_([mark for mark in Mark if mark.came]),
        )
    ).one()


def _check(session: Session, scope: Scope, draft: Draft, trainer_id: int | None, today: date) -> None:
    problems = rules.problems(draft, today=today)
    if draft.module_id is not None and session.get(Module, draft.module_id) is None:
        problems.append(Problem("module", "Select a module of the list"))
    if draft.organisation_id is not None and not scope.covers(draft.organisation_id):
        raise NotFound("There is no such organisation, or it is not one of yours.")
    if trainer_id is not None and not _may_train(session, trainer_id, draft.organisation_id):
        problems.append(Problem("trainer", NO_TRAINER))
    if problems:
        raise Invalid(REFUSED, problems)


def _may_train(session: Session, account_id: int, organisation_id: int | None) -> bool:
    granted = select(AccessGrant.id).where(
        AccessGrant.account_id == account_id,
        col(AccessGrant.role).in_([Role.TRAINER, Role.ADMINISTRATOR]),
        col(AccessGrant.organisation_id).is_(None) | (col(AccessGrant.organisation_id) == organisation_id),
    )
    account = session.get(Account, account_id)
    return account is not None and session.exec(granted.limit(1)).first() is not None


def _values(draft: Draft, trainer_id: int | None) -> dict[str, Any]:
    return {
        "module_id": draft.module_id,
        "organisation_id": draft.organisation_id,
        "day": draft.day,
        "starts": draft.starts,
        "minutes": draft.minutes,
        "zone": draft.zone,
        "venue": " ".join(draft.venue.split()),
        "capacity": draft.capacity,
        "trainer_id": trainer_id,
    }
