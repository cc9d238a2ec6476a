"""Attendances as facts with fixed ids: made, and superseded when they turn out to be wrong.

Statements are made from these by whoever stands downstream; nothing here knows of them.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import uuid4

from sqlalchemy import insert, update
from sqlmodel import Session, col, select

from lms.errors import NotFound
from lms.rules import sessions as rules
from lms.rules.access import Scope
from lms.rules.sessions import Mark
from lms.services import audit
from lms.services.audit import Actor
from lms.tables.sessions import RegisterEntry, RegisterFact, TrainingSession

MISSING = "There is no such session, or it is not one of yours."


def held(session: Session, scope: Scope, session_id: int) -> TrainingSession:
    """The session, which nobody else changes until the transaction is over.

    :raises NotFound: when there is none such within the scope.
    """
    found = session.exec(
        select(TrainingSession).where(TrainingSession.id == session_id).with_for_update()
    ).one_or_none()
    if found is None or not scope.covers(found.organisation_id):
        raise NotFound(MISSING)
    return found


def note(
    session: Session, actor: Actor, action: str, training: TrainingSession, now: datetime, **detail: object
) -> None:
    """Write down what was done to a session."""
    audit.record(
        session,
        actor,
        action,
        f"session {training.id}",
        now=now,
        organisation_id=training.organisation_id,
        **detail,
    )


def begins(one: TrainingSession) -> datetime:
    """The instant at which it begins."""
    return rules.starts_at(one.day, one.starts, one.zone)


def new_id() -> str:
    """An id that a statement will have."""
    return str(uuid4())


def make(
    session: Session,
    training: TrainingSession,
    entries: Iterable[tuple[int, Mark, str]],
    actor: Actor,
    now: datetime,
) -> None:
    """Keep attendances, each as employment, mark and id."""
    at = begins(training)
    rows = [
        {
            "fact": fact,
            "session_id": training.id,
            "employment_id": employment_id,
            "module_id": training.module_id,
            "mark": mark,
            "at": at,
            "minutes": training.minutes,
            "made_by_id": actor.account_id,
            "made_at": now,
        }
        for employment_id, mark, fact in entries
    ]
    if rows:
        session.execute(insert(RegisterFact), rows)


def supersede(session: Session, facts: Collection[str], actor: Actor, now: datetime) -> None:
    """Say that these attendances were recorded by mistake."""
    if facts:
        session.execute(
            update(RegisterFact)
            .where(col(RegisterFact.fact).in_(facts), col(RegisterFact.superseded_at).is_(None))
            .values(superseded_at=now, superseded_by_id=actor.account_id)
        )


def renew(session: Session, training: TrainingSession, actor: Actor, now: datetime) -> int:
    """Record every attendance of a session anew, because what they say of the session was wrong; how many."""
    came = session.exec(
        select(RegisterEntry).where(
            RegisterEntry.session_id == training.id,
            col(RegisterEntry.mark).in_([mark for mark in Mark if mark.came]),
        )
    ).all()
    supersede(session, [entry.fact for entry in came], actor, now)
    for entry in came:
        entry.fact = new_id()
    session.flush()
    matched = [(entry.employment_id, Mark(entry.mark), entry.fact) for entry in came if entry.employment_id]
    make(session, training, matched, actor, now)
    return len(came)
