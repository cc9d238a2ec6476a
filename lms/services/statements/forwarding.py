"""Statements on their way to other stores: an outbox, filled with the statement and emptied by a worker.

One person's statements arrive in the order of the log: while one is not taken, that person's later ones wait, and
everybody else's go on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlmodel import Session, col

from lms.rules.statements import forwarding as rules
from lms.rules.statements import order, terms
from lms.rules.statements.actors import identity
from lms.rules.statements.attachments import content_types
from lms.services.statements import attachments, rows
from lms.services.statements.rows import Cursor, Row
from lms.tables.statements import Forward, Statement


@dataclass(frozen=True, slots=True)
class Parcel:
    """Statements to be sent together, as they are kept: places, texts, and the data attached (SHA-2, type, bytes)."""

    seqs: tuple[int, ...]
    payloads: tuple[str, ...]
    attachments: tuple[tuple[str, str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A statement that a store did not take: when it was stored here, how often it was sent, when it is again."""

    statement_id: str
    stored_at: datetime
    attempts: int
    next_at: datetime | None
    error: str


def queue(cursor: Cursor, new: Sequence[Row], stores: Sequence[int]) -> None:
    """Note new statements for the stores that are sent them."""
    if stores:
        cursor.many(
            "INSERT INTO statement_forward (store_id, seq, person, attempts) VALUES (?, ?, ?, 0)",
            [(store, row.seq, _person(row)) for store in stores for row in new],
        )


def _person(row: Row) -> int:
    """Whose statements keep their order: the actor's, or all that have no identified actor."""
    return terms.term(terms.AGENT, identity(row.value["actor"]) or "")


def due(session: Session, store_id: int, now: datetime, *, at_once: int = 50) -> Parcel | None:
    """The next statements for a store: in the order of the log, and nobody's while an earlier one waits to be retried."""
    cursor = rows.cursor(session)
    found = cursor.run(
        "SELECT f.seq, s.payload FROM statement_forward f JOIN statement s ON s.seq = f.seq "
        "WHERE f.store_id = ? AND NOT EXISTS ("
        "SELECT 1 FROM statement_forward e WHERE e.store_id = f.store_id AND e.person = f.person "
        "AND e.seq <= f.seq AND e.next_at > ?) ORDER BY f.seq LIMIT ?",
        (store_id, _moment(cursor, now), at_once),
    ).fetchall()
    if not found:
        return None
    types = content_types(payload.encode() for _, payload in found)
    data = attachments.of(session, list(types)) if types else {}
    return Parcel(
        tuple(seq for seq, _ in found),
        tuple(payload for _, payload in found),
        tuple((sha2, types[sha2], content) for sha2, content in data.items()),
    )


def sent(session: Session, store_id: int, seqs: Sequence[int]) -> None:
    """Take statements that arrived out of the outbox."""
    rows.cursor(session).many(
        "DELETE FROM statement_forward WHERE store_id = ? AND seq = ?", [(store_id, seq) for seq in seqs]
    )


def refused(session: Session, store_id: int, seq: int, error: str, now: datetime) -> None:
    """Note why a statement was not taken, and when it is sent again."""
    cursor = rows.cursor(session)
    found = cursor.run(
        "SELECT attempts FROM statement_forward WHERE store_id = ? AND seq = ?", (store_id, seq)
    ).fetchone()
    if found is None:
        return
    attempts = found[0] + 1
    cursor.run(
        "UPDATE statement_forward SET attempts = ?, next_at = ?, error = ? WHERE store_id = ? AND seq = ?",
        (attempts, _moment(cursor, rules.next_try(attempts, now)), error[:500], store_id, seq),
    )


def failing(session: Session, store_id: int, *, limit: int = 20) -> list[Refusal]:
    """Statements that a store has refused, the oldest first."""
    found = session.execute(
        select(Forward, col(Statement.statement_id))
        .join(Statement, col(Statement.seq) == col(Forward.seq))
        .where(col(Forward.store_id) == store_id, col(Forward.error).is_not(None))
        .order_by(col(Forward.seq))
        .limit(limit)
    )
    return [
        Refusal(str(statement_id), order.stored_at(one.seq), one.attempts, one.next_at, one.error or "")
        for one, statement_id in found
    ]


def at_once(session: Session, store_id: int) -> None:
    """Let what a store refused be sent again without waiting for its time."""
    rows.cursor(session).run("UPDATE statement_forward SET next_at = NULL WHERE store_id = ?", (store_id,))


def _moment(cursor: Cursor, at: datetime) -> object:
    """A moment as the database keeps it; SQLite has it as text in UTC."""
    return at if cursor.postgres else at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
