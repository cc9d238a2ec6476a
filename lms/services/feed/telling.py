"""Telling HR, once for each list: queued with what it tells, then handed over one message at a time.

    while letter := claim(session, after):      each step in a transaction of its own
        at_the_door(session, letter, now)       just before it can be taken
        handed_over(session, letter, now)       or failed, put_back, in_doubt

A crash before the door leaves the message to be sent. At the door it is asked whether it went; where nobody can
say, it is never sent again.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import uuid4

from sqlalchemy import Table, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, func, select

from lms.errors import Conflict
from lms.rules.access import Role
from lms.rules.feed import Outcome
from lms.services.feed import wording
from lms.services.feed.facts import Letter
from lms.tables.accounts import AccessGrant, Account
from lms.tables.feed import FeedLetter
from lms.tables.organisations import Organisation
from lms.tables.roster import RoleList

GIVE_UP_AFTER = timedelta(days=3)


class State(StrEnum):
    """Where a message stands; ``lms/tables/feed.py`` says what each means."""

    QUEUED = "queued"
    AT_THE_DOOR = "at_the_door"
    HANDED_OVER = "handed_over"
    FAILED = "failed"
    IN_DOUBT = "in_doubt"


def queue(session: Session, role_list: RoleList, outcome: Outcome, base_url: str, now: datetime) -> None:
    """Put a message about a list to everybody who is to know of it into the queue, unless it was told before."""
    organisation = session.get_one(Organisation, role_list.organisation_id)
    told = wording.news(role_list, organisation, outcome)
    rows = []
    for account in addressees(session, role_list.organisation_id):
        text = wording.of_list(account.name.split(" ")[0], told, base_url)
        rows.append(
            {
                "uuid": str(uuid4()),
                "role_list_id": role_list.id,
                "account_id": account.id,
                "outcome": outcome.value,
                "recipient": account.email,
                "subject": text.subject,
                "body": text.body,
                "state": State.QUEUED.value,
                "created_at": now,
                "changed_at": now,
            }
        )
    if rows:
        target: Table = FeedLetter.__table__  # type: ignore[attr-defined]
        dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
        session.execute(dialect.insert(target).on_conflict_do_nothing(), rows)


def addressees(session: Session, organisation_id: int) -> Sequence[Account]:
    """HR of the organisation; where it has none, HR of the partnership; where that has none, who administers it."""
    for role, place in (
        (Role.HR, organisation_id),
        (Role.HR, None),
        (Role.ADMINISTRATOR, organisation_id),
        (Role.ADMINISTRATOR, None),
    ):
        found = session.exec(
            select(Account)
            .join(AccessGrant, col(AccessGrant.account_id) == Account.id)
            .where(col(Account.active), AccessGrant.role == role.value)
            .where(
                col(AccessGrant.organisation_id).is_(None)
                if place is None
                else AccessGrant.organisation_id == place
            )
            .order_by(col(Account.id))
        ).all()
        if found:
            return found
    return ()


def claim(session: Session, after: int) -> Letter | None:
    """The next message in the queue after an id; None when there is no more."""
    found = session.exec(
        select(FeedLetter)
        .where(FeedLetter.state == State.QUEUED, col(FeedLetter.id) > after)
        .order_by(col(FeedLetter.id))
        .limit(1)
    ).first()
    if found is None:
        return None
    return Letter(found.id or 0, found.uuid, found.recipient, found.subject, found.body)


def at_the_door(session: Session, letter: Letter, now: datetime) -> None:
    """From here on the message may be gone.

    :raises Conflict: when somebody else has it in hand.
    """
    _move(session, letter, State.QUEUED, State.AT_THE_DOOR, now)


def handed_over(session: Session, letter: Letter, now: datetime) -> None:
    """The mail server, or the folder, has it."""
    _move(session, letter, State.AT_THE_DOOR, State.HANDED_OVER, now)


def in_doubt(session: Session, letter: Letter, now: datetime, reason: str) -> None:
    """It went out and no answer came."""
    _move(session, letter, State.AT_THE_DOOR, State.IN_DOUBT, now, reason)


def failed(session: Session, letter: Letter, now: datetime, reason: str) -> None:
    """It was refused for good."""
    _back(session, letter, State.FAILED, now, reason)


def put_back(session: Session, letter: Letter, now: datetime, reason: str) -> None:
    """It has not gone and goes later; for three days, and then it has failed."""
    created = session.exec(select(FeedLetter.created_at).where(FeedLetter.id == letter.letter_id)).one()
    late = now - created >= GIVE_UP_AFTER
    _back(session, letter, State.FAILED if late else State.QUEUED, now, reason)


def wait(session: Session, letter: Letter, now: datetime, reason: str) -> None:
    """It has not gone because nothing goes at present; it waits as long as that takes."""
    _back(session, letter, State.QUEUED, now, reason)


def recover(session: Session, has: Callable[[str], bool | None], now: datetime, doubt: str) -> None:
    """Take up what a sender left at the door. Only for somebody who is the only sender at this moment.

    ``has`` says whether a message of this uuid was handed over, or None where nobody can say: ``doubt`` then
    says why.
    """
    for found in session.exec(select(FeedLetter).where(FeedLetter.state == State.AT_THE_DOOR)).all():
        went = has(found.uuid)
        found.changed_at = now
        if went is None:
            found.state, found.error = State.IN_DOUBT, doubt
        else:
            found.state = State.HANDED_OVER if went else State.QUEUED
        session.add(found)
    session.flush()


def waiting_since(session: Session) -> datetime | None:
    """When the oldest message that still waits was written."""
    return session.exec(select(func.min(FeedLetter.created_at)).where(FeedLetter.state == State.QUEUED)).one()


def undelivered(session: Session, since: datetime) -> int:
    """How many messages since an instant did not reach anybody, or perhaps not."""
    return session.exec(
        select(func.count())
        .select_from(FeedLetter)
        .where(col(FeedLetter.state).in_((State.FAILED, State.IN_DOUBT)), FeedLetter.changed_at >= since)
    ).one()


def _back(session: Session, letter: Letter, state: State, now: datetime, reason: str) -> None:
    before = session.exec(select(FeedLetter.state).where(FeedLetter.id == letter.letter_id)).one()
    if before in (State.QUEUED, State.AT_THE_DOOR):
        _move(session, letter, State(before), state, now, reason)


def _move(
    session: Session, letter: Letter, before: State, after: State, now: datetime, reason: str = ""
) -> None:
    moved = session.execute(
        update(FeedLetter)
        .where(col(FeedLetter.id) == letter.letter_id, col(FeedLetter.state) == before.value)
        .values(state=after.value, changed_at=now, error=reason[:500] or None)
    )
    if moved.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict("Another process has this message in hand.")
