"""What goes today: rehearsed, or put into the queue."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import uuid4

from sqlmodel import Session, func, select

from lms.services.reminders import due as reading
from lms.services.reminders import log, teams
from lms.services.reminders.facts import Addressee, Draft, Due, Key, Kind, Said, State
from lms.tables.reminders import Message

NO_ADDRESS = "The role lists have no e-mail address for this person."


@dataclass(frozen=True)
class Findings:
    """What the tables say about a day, read once."""

    today: date
    organisation_ids: frozenset[int]
    due: Sequence[Due]
    addressees: Mapping[int, Addressee]
    said: Said


def drafts(session: Session, today: date, organisation_ids: frozenset[int]) -> list[Draft]:
    """The messages that would go today to people of these organisations, had they all switched reminders on.

    One for a person at most: their own learning comes first, a line manager's digest on a day without. What
    waits in the queue would go as well.
    """
    found = _find(session, today, organisation_ids, waiting=False)
    gone = log.gone_today(session, today)
    waiting = log.still_open(session, lock=False)
    queued = {one.id for one in waiting.values() if one.state == State.QUEUED}
    own = _own(found, gone)
    busy = gone | {one.addressee.person_id for one in own}
    team = _team(session, found, busy | {person for person, _ in waiting})
    late = [
        Draft(Kind.TEAM, found.addressees[person])
        for (person, kind), one in waiting.items()
        if kind == Kind.TEAM and one.id in queued and person not in busy and person in found.addressees
    ]
    return own + team + late


def plan(session: Session, today: date, now: datetime) -> int:
    """Queue what goes today, and give how many messages wait to be sent.

    It may run at any time and any number of times: what was sent or queued is not queued again. A message
    that could not be delivered stays, and goes once the person has another address.
    """
    found = _find(session, today, reading.switched_on(session, today))
    _look_after_failed(session, found, now)
    gone = log.gone_today(session, today)
    waiting = log.still_open(session, lock=True)
    new = []
    for draft in _own(found, gone):
        message = waiting.get((draft.addressee.person_id, Kind.REMINDER))
        if message is None:
            new.append(draft)
        elif message.state != State.CLAIMED:
            log.reserve(session, [(message.id or 0, one) for one in draft.items])
            _address(message, draft.addressee, now)
    session.flush()
    _queue(session, new, today, now)
    log.remove_empty(session, today)
    busy = gone | {person for person, _ in log.still_open(session, lock=False)}
    _queue(session, _team(session, found, busy), today, now)
    return session.exec(select(func.count()).select_from(Message).where(Message.state == State.QUEUED)).one()


def _find(
    session: Session, today: date, organisation_ids: frozenset[int], *, waiting: bool = True
) -> Findings:
    due = reading.due(session, today, organisation_ids)
    return Findings(
        today,
        organisation_ids,
        due,
        reading.addressees(session, today, organisation_ids),
        log.said(session, {one.requirement_id for one in due}, waiting=waiting),
    )


def _own(found: Findings, gone: Collection[int]) -> list[Draft]:
    """What people are to be told of their own learning, who have had no message today."""
    items: dict[int, list[Due]] = {}
    for one in found.due:
        if one.person_id not in gone and not found.said.has(one):
            items.setdefault(one.person_id, []).append(one)
    return [Draft(Kind.REMINDER, found.addressees[person], tuple(due)) for person, due in items.items()]


def _team(session: Session, found: Findings, busy: Collection[int]) -> list[Draft]:
    """The line managers to whom the month's digest has not gone and who get nothing else today."""
    return [
        Draft(Kind.TEAM, found.addressees[person])
        for person in teams.managers_due(session, found.today, found.organisation_ids)
        if person not in busy and person in found.addressees
    ]


def _queue(session: Session, new: Sequence[Draft], today: date, now: datetime) -> None:
    by_uuid = {str(uuid4()): draft for draft in new}
    rows = [
        {
            "uuid": uuid,
            "person_id": draft.addressee.person_id,
            "day": today,
            "kind": draft.kind.value,
            "month": today.replace(day=1) if draft.kind is Kind.TEAM else None,
            "recipient": draft.addressee.email,
            "state": (State.QUEUED if draft.addressee.email else State.FAILED).value,
            "error": None if draft.addressee.email else NO_ADDRESS,
            "attempts": 0,
            "created_at": now,
            "changed_at": now,
        }
        for uuid, draft in by_uuid.items()
    ]
    log.add(session, rows)
    made = session.exec(select(Message.uuid, Message.id).where(Message.day == today)).all()
    log.reserve(
        session,
        [(id_, one) for uuid, id_ in made if id_ and uuid in by_uuid for one in by_uuid[uuid].items],
    )


def _look_after_failed(session: Session, found: Findings, now: datetime) -> None:
    """A message that failed goes again once there is another address, and away once nothing in it is due."""
    keys: dict[int, set[Key]] = {}
    for one in found.due:
        keys.setdefault(one.person_id, set()).add(one.key)
    for (person, kind), message in log.still_open(session, lock=True).items():
        if message.state != State.FAILED or message.id is None:
            continue
        past = (
            message.month != found.today.replace(day=1)
            if kind == Kind.TEAM
            else not log.release(session, message.id, keys.get(person, set()))
        )
        if past or person not in found.addressees:
            log.remove(session, message.id)
        elif found.addressees[person].email not in (None, message.recipient):
            _address(message, found.addressees[person], now)
    session.flush()


def _address(message: Message, addressee: Addressee, now: datetime) -> None:
    """Put a message that has not gone into the queue again, if there is anywhere to send it."""
    message.recipient = addressee.email
    message.state = State.QUEUED if addressee.email else State.FAILED
    message.error = None if addressee.email else NO_ADDRESS
    message.changed_at = now
