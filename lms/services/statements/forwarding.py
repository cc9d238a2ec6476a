"""Statements on their way to other stores: an outbox, filled with the statement and emptied by a worker."""

from collections.abc import Sequence

from lms.rules.statements import terms
from lms.rules.statements.actors import identity
from lms.services.statements.rows import Cursor, Row


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
