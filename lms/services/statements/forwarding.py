"""Statements on their way to other stores: an outbox, filled with the statement and emptied by a worker."""

from collections.abc import Sequence

from lms.rules.statements import terms
from lms.rules.statements.actors import identity
from lms.services.statements.rows import Cursor, Row


def queue(cursor: Cursor, new: Sequence[Row], from_store: int | None) -> None:
    """Note new statements for every store that is sent them, but the one they came from."""
    stores = [store for (store,) in cursor.run("SELECT id FROM record_store WHERE forwards").fetchall()]
    wanted = [store for store in stores if store != from_store]
    if wanted:
        cursor.many(
            "INSERT INTO statement_forward (store_id, seq, person, attempts) VALUES (?, ?, ?, 0)",
            [(store, row.seq, _person(row)) for store in wanted for row in new],
        )


def _person(row: Row) -> int:
    """Whose statements keep their order: the actor's, or all that have no identified actor."""
    return terms.term(terms.AGENT, identity(row.value["actor"]) or "")
