"""Telling HR, once for each list: queued with what it tells, then handed over one message at a time.

    while letter := claim(session, after=...):      each step in a transaction of its own
        at_the_door(session, letter, now)           just before it can be taken
        settle(session, letter, State.HANDED_OVER)  or failed, in doubt, queued again

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

AT_ONCE, IN_THREE_DAYS = timedelta(0), timedelta(days=3)
NO_ANSWER = "The mail server did not answer when it had the message, so it may or may not have arrived."


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


def claim(session: Session, *, after: int) -> Letter | None:
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


def settle(session: Session, letter: Letter, state: State, now: datetime, reason: str | None = None) -> None:
    """Note what became of a message that was at the door."""
    _move(session, letter, State.AT_THE_DOOR, state, now, reason)


def not_gone(
    session: Session, letter: Letter, now: datetime, reason: str, *, give_up: timedelta | None
) -> None:
    """It has not gone, and is tried again until it is so old; None is as long as it takes."""
    found = session.exec(select(FeedLetter).where(FeedLetter.id == letter.letter_id).with_for_update()).one()
    if found.state in (State.QUEUED, State.AT_THE_DOOR):
        late = give_up is not None and now - found.created_at >= give_up
        found.state = State.FAILED if late else State.QUEUED
        found.error, found.changed_at = reason[:500], now
        session.add(found)
        session.flush()


def recover(session: Session, has: Callable[[str], bool | None], now: datetime) -> None:
    """Take up what a sender left at the door. Only for somebody who is the only sender at this moment.

    ``has`` says whether a message of this uuid was handed over, or None where nobody can say.
    """
    for found in session.exec(select(FeedLetter).where(FeedLetter.state == State.AT_THE_DOOR)).all():
        went = has(found.uuid)
        found.changed_at = now
        if went is None:
            found.state, found.error = State.IN_DOUBT, NO_ANSWER
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


def _move(
    session: Session, letter: Letter, before: State, after: State, now: datetime, reason: str | None = None
) -> None:
    moved = session.execute(
        update(FeedLetter)
        .where(col(FeedLetter.id) == letter.letter_id, col(FeedLetter.state) == before.value)
        .values(state=after.value, changed_at=now, error=reason)
    )
    if moved.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict("Another process has this message in hand.")
