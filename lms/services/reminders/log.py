"""The log of what was sent: rows added where the unique keys allow it, and moved where nobody else has."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy
from sqlalchemy import Table, delete, exists, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col, select

from lms.errors import Conflict
from lms.services.reminders.facts import Due, Key, Kind, Said, State
from lms.tables.reminders import Message, Reminder

# A person who has one of these today gets no other.
GONE = (State.CLAIMED, State.AT_THE_DOOR, State.HANDED_OVER, State.IN_DOUBT, State.FAILED)
OPEN = (State.QUEUED, State.CLAIMED, State.FAILED)


def add(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Add messages; one that a unique key forbids is left out, because somebody else was quicker."""
    _add_new(session, Message, rows)


def reserve(session: Session, items: Iterable[tuple[int, Due]]) -> None:
    """Put steps into messages, each given by its id, unless another message has them."""
    rows = [
        {
            "person_id": one.person_id,
            "step": one.step.name,
            "requirement_id": one.requirement_id,
            "anniversary": one.step.anniversary,
            "last_day": one.step.last_day,
            "message_id": message_id,
        }
        for message_id, one in items
    ]
    _add_new(session, Reminder, rows)


def said(
    session: Session, requirement_ids: Iterable[int], *, person_id: int | None = None, waiting: bool = True
) -> Said:
    """Every step sent or reserved for these requirements. ``waiting``: those in the queue as well."""
    wanted = (
        sqlalchemy.select(
            col(Reminder.person_id),
            col(Reminder.step),
            col(Reminder.requirement_id),
            col(Reminder.anniversary),
            col(Reminder.message_id),
            col(Message.day),
        )
        .join(Message, col(Message.id) == Reminder.message_id)
        .where(col(Reminder.requirement_id).in_(set(requirement_ids)))
    )
    if person_id is not None:
        wanted = wanted.where(col(Reminder.person_id) == person_id)
    if not waiting:
        wanted = wanted.where(col(Message.state) != State.QUEUED.value)
    holders: dict[tuple[int, Key], int] = {}
    steps: dict[tuple[int, int], list[tuple[str, date, int]]] = defaultdict(list)
    for person, step, requirement_id, anniversary, message_id, day in session.execute(wanted):
        holders[person, (step, requirement_id, anniversary)] = message_id
        steps[person, requirement_id].append((step, day, message_id))
    return Said(holders, steps)


def release(session: Session, message_id: int, keep: Collection[Key]) -> int:
    """Take out of a message the steps that are due no more, and give how many stay."""
    rows = session.exec(select(Reminder).where(Reminder.message_id == message_id)).all()
    past = [row for row in rows if (row.step, row.requirement_id, row.anniversary) not in keep]
    for row in past:
        session.delete(row)
    session.flush()
    return len(rows) - len(past)


def remove(session: Session, message_id: int) -> None:
    """Take a message back that never went, with its reminders: its steps are open again."""
    session.execute(delete(Reminder).where(col(Reminder.message_id) == message_id))
    session.execute(delete(Message).where(col(Message.id) == message_id))


def remove_empty(session: Session, today: date) -> None:
    """Take back messages of today in which no step is left, because other messages have them all."""
    has_items = exists().where(col(Reminder.message_id) == Message.id)
    session.execute(
        delete(Message).where(
            col(Message.day) == today,
            col(Message.kind) == Kind.REMINDER.value,
            col(Message.state).in_((State.QUEUED, State.FAILED)),
            ~has_items,
        )
    )


def gone_today(session: Session, today: date) -> set[int]:
    """The people who have had their one message of today, whatever became of it."""
    wanted = select(Message.person_id).where(Message.day == today, col(Message.state).in_(GONE))
    return set(session.exec(wanted))


def still_open(session: Session, *, lock: bool) -> dict[tuple[int, str], Message]:
    """The messages that have not gone, by person and kind; ``lock`` keeps senders from taking them meanwhile."""
    wanted = select(Message).where(col(Message.state).in_(OPEN))
    rows = session.exec(wanted.with_for_update() if lock else wanted)
    return {(one.person_id, one.kind): one for one in rows}


def move(
    session: Session,
    message_id: int,
    before: State,
    after: State,
    *,
    now: datetime,
    claim: str | None = None,
    **values: Any,
) -> None:
    """Change a message's state, if it is still what it was thought to be.

    :raises Conflict: when somebody else has moved it.
    """
    statement = update(Message).where(col(Message.id) == message_id, col(Message.state) == before.value)
    if claim is not None:
        statement = statement.where(col(Message.claim) == claim)
    moved = session.execute(statement.values(state=after.value, changed_at=now, **values))
    if moved.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict("Another process has this message in hand.")


def _add_new(session: Session, table: type[SQLModel], rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        return
    target: Table = table.__table__  # type: ignore[attr-defined]
    if session.get_bind().dialect.name == "postgresql":
        session.execute(postgresql.insert(target).on_conflict_do_nothing(), rows)
    else:
        session.execute(sqlite.insert(target).on_conflict_do_nothing(), rows)
