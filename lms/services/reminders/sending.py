"""One message at a time from the queue to the door: decided again, claimed, sent, noted.

    while letter := claim(session, ...):      each step in a transaction of its own
        at_the_door(session, letter, ...)     just before it can be taken
        handed_over(session, letter, ...)     or failed, put_back, in_doubt

A crash before the door leaves the message to be sent. At the door it is asked whether it went; where nobody
can say, it is never sent again, but shown.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, exists, select

from lms.services.reminders import due as reading
from lms.services.reminders import log, offers, teams, wording
from lms.services.reminders.facts import Addressee, Draft, Kind, Letter, State
from lms.services.reminders.planning import NO_ADDRESS
from lms.tables.reminders import Message

GIVE_UP_AFTER = timedelta(days=3)


def claim(
    session: Session, *, after: int, token: str, today: date, now: datetime, base_url: str
) -> Letter | None:
    """Take the next message after an id, as it reads at this moment; None when there is no more.

    What is no longer due is taken out, what has come since is put in, and a message with nothing left to say
    is taken back.
    """
    on = reading.switched_on(session, today)
    while message := _next(session, after, today):
        after = message.id or 0
        addressee = reading.addressees(session, today, on, person_id=message.person_id).get(message.person_id)
        text = _text(session, message, addressee, today, on, base_url) if addressee else None
        if addressee is None or text is None:
            log.remove(session, after)
            continue
        message.day, message.recipient, message.changed_at = today, addressee.email, now
        if addressee.email is None:
            message.state, message.error = State.FAILED, NO_ADDRESS
            session.flush()
            continue
        message.state, message.claim = State.CLAIMED, token
        message.attempts += 1
        session.flush()
        draft = Draft(Kind(message.kind), addressee, text.items)
        return Letter(after, message.uuid, addressee.email, text.subject, text.body, token, draft)
    return None


def at_the_door(session: Session, letter: Letter, now: datetime) -> None:
    """From here on the message may be gone.

    :raises Conflict: when it is no longer ours to send.
    """
    _move(session, letter, State.CLAIMED, State.AT_THE_DOOR, now)


def handed_over(session: Session, letter: Letter, now: datetime) -> None:
    """The mail server, or the folder, has it."""
    _move(session, letter, State.AT_THE_DOOR, State.HANDED_OVER, now)


def in_doubt(session: Session, letter: Letter, now: datetime, reason: str) -> None:
    """It went out and no answer came."""
    _move(session, letter, State.AT_THE_DOOR, State.IN_DOUBT, now, reason)


def failed(session: Session, letter: Letter, now: datetime, reason: str) -> None:
    """It was refused for good. Its steps stay with it, and go with it once there is another address."""
    _back(session, letter, now, State.FAILED, reason)


def put_back(session: Session, letter: Letter, now: datetime, reason: str) -> None:
    """It has not gone and goes later; a recipient who could not be reached for three days is for HR to see."""
    created = session.exec(select(Message.created_at).where(Message.id == letter.letter_id)).one()
    late = now - created > GIVE_UP_AFTER
    _back(session, letter, now, State.FAILED if late else State.QUEUED, reason)


def wait(session: Session, letter: Letter, now: datetime, reason: str) -> None:
    """It has not gone because nothing goes at present; it waits as long as that takes."""
    _back(session, letter, now, State.QUEUED, reason)


def recover(session: Session, has: Callable[[str], bool | None], now: datetime, doubt: str) -> None:
    """Take up what a sender left in the middle. Only for somebody who is the only sender at this moment.

    ``has`` says whether a message of this uuid was handed over, or None where nobody can say: ``doubt`` then
    says why.
    """
    left = session.exec(
        select(Message).where(col(Message.state).in_((State.CLAIMED, State.AT_THE_DOOR))).with_for_update()
    ).all()
    for message in left:
        went = has(message.uuid) if message.state == State.AT_THE_DOOR else False
        message.changed_at = now
        if went is None:
            message.state, message.error = State.IN_DOUBT, doubt
        else:
            message.state = State.HANDED_OVER if went else State.QUEUED
    session.flush()


def _back(session: Session, letter: Letter, now: datetime, state: State, reason: str) -> None:
    before = session.exec(select(Message.state).where(Message.id == letter.letter_id)).one()
    _move(session, letter, State(before), state, now, reason)


def _move(
    session: Session, letter: Letter, before: State, after: State, now: datetime, reason: str = ""
) -> None:
    error = reason[:500] or None
    log.move(session, letter.letter_id, before, after, now=now, claim=letter.token, error=error)


def _next(session: Session, after: int, today: date) -> Message | None:
    """The next queued message to a person who has had none today, and which nobody else is taking."""
    other = aliased(Message)
    had_one = exists().where(
        col(other.person_id) == Message.person_id, col(other.day) == today, col(other.id) != Message.id
    )
    return session.exec(
        select(Message)
        .where(Message.state == State.QUEUED, col(Message.id) > after, ~had_one)
        .order_by(col(Message.id))
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()


def _text(
    session: Session,
    message: Message,
    addressee: Addressee,
    today: date,
    organisation_ids: frozenset[int],
    base_url: str,
) -> wording.Text | None:
    """What the message says now; None when there is nothing left to say."""
    if message.kind == Kind.TEAM:
        team = teams.digest(session, today, organisation_ids, message.person_id)
        in_time = message.month == today.replace(day=1)
        return wording.of_team(addressee, team, today, base_url) if team and in_time else None
    id_ = message.id or 0
    due = reading.due(session, today, organisation_ids, person_id=message.person_id)
    said = log.said(session, {one.requirement_id for one in due}, person_id=message.person_id)
    log.reserve(session, [(id_, one) for one in due if not said.has(one, but=id_)])
    said = log.said(session, {one.requirement_id for one in due}, person_id=message.person_id)
    mine = [one for one in due if said.holders.get((one.person_id, one.key)) == id_]
    log.release(session, id_, {one.key for one in mine})
    if not mine:
        return None
    return wording.of_person(addressee, offers.of(session, mine, today), today, base_url)
