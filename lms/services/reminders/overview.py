"""Reminders as HR sees them: switched on or off, and what did not reach anybody."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime

from sqlmodel import Session, col, func, or_, select

from lms.services import audit
from lms.services.audit import Actor
from lms.services.reminders.facts import Kind, State, Undelivered
from lms.tables.organisations import Organisation
from lms.tables.people import Employment, Post
from lms.tables.reminders import Message, Reminder
from lms.tables.training_map import Module, Requirement

NOT_ARRIVED = (State.FAILED, State.IN_DOUBT)


def switch_on(
    session: Session, organisation: Organisation, actor: Actor, *, from_day: date, now: datetime
) -> None:
    """Let an organisation's reminders go from a day on. The first run sends each person the latest step, once."""
    organisation.reminders_from = from_day
    _note(session, organisation, actor, "reminders.switched_on", now)


def switch_off(session: Session, organisation: Organisation, actor: Actor, *, now: datetime) -> None:
    """Send nothing more for an organisation. What waits is taken back when its moment comes."""
    organisation.reminders_from = None
    _note(session, organisation, actor, "reminders.switched_off", now)


def undelivered(
    session: Session, today: date, organisation_ids: Iterable[int] | None = None
) -> list[Undelivered]:
    """What did not reach people who have a post in these organisations today (None: in any), oldest first."""
    here = (
        select(Employment.person_id)
        .join(Post, col(Post.employment_id) == Employment.id)
        .where(Post.starts_on <= today, or_(col(Post.ends_on).is_(None), col(Post.ends_on) >= today))
    )
    if organisation_ids is not None:
        here = here.where(col(Employment.organisation_id).in_(set(organisation_ids)))
    messages = session.exec(
        select(Message)
        .where(col(Message.state).in_(NOT_ARRIVED), col(Message.person_id).in_(here))
        .order_by(col(Message.changed_at), col(Message.id))
    ).all()
    modules = _modules(session, [one.id for one in messages if one.id is not None])
    return [
        Undelivered(
            one.id or 0,
            one.person_id,
            one.recipient,
            Kind(one.kind),
            State(one.state),
            one.error or "",
            one.changed_at,
            tuple(modules[one.id or 0]),
        )
        for one in messages
    ]


def waiting_since(session: Session) -> datetime | None:
    """How long the oldest message has been waiting to go."""
    return session.exec(
        select(func.min(Message.created_at)).where(
            col(Message.state).in_((State.QUEUED, State.CLAIMED, State.AT_THE_DOOR))
        )
    ).one()


def _modules(session: Session, message_ids: Iterable[int]) -> dict[int, list[str]]:
    rows = session.exec(
        select(Reminder.message_id, Module.code)
        .join(Requirement, col(Requirement.id) == Reminder.requirement_id)
        .join(Module, col(Module.id) == Requirement.module_id)
        .where(col(Reminder.message_id).in_(set(message_ids)))
        .order_by(col(Module.code))
    )
    found: dict[int, list[str]] = defaultdict(list)
    for message_id, code in rows:
        if code not in found[message_id]:
            found[message_id].append(code)
    return found


def _note(session: Session, organisation: Organisation, actor: Actor, action: str, now: datetime) -> None:
    session.add(organisation)
    session.flush()
    audit.record(session, actor, action, organisation.code, now=now, organisation_id=organisation.id)
