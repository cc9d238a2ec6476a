"""Places in the log for new statements (``rules/statements/order``)."""

from datetime import datetime
from threading import local

from lms.rules.statements import order
from lms.services.statements.rows import Cursor

_writer = local()


def take(cursor: Cursor, now: datetime, count: int) -> list[int]:
    """Rising places from this moment on that nobody else has.

    SQLite has one writer at a time, who continues after the last place in the log. On PostgreSQL each thread
    numbers itself once, and its number within the place keeps it apart from the others.
    """
    if not cursor.postgres:
        (last,) = cursor.run("SELECT max(seq) FROM statement").fetchone()
        return order.numbers(last or 0, 0, now, count)
    if not hasattr(_writer, "node"):
        (_writer.node,) = cursor.run("SELECT nextval('statement_node')").fetchone()
        _writer.last = {}
    made = order.numbers(_writer.last.get(cursor.database, 0), _writer.node, now, count)
    _writer.last[cursor.database] = made[-1]
    return made
