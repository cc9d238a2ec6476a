"""Questions that are asked again and again, put to PostgreSQL through libpq itself.

The driver waits for an answer in Python, and needs the interpreter's lock again for every piece of it that arrives:
for a page of statements eight times. libpq waits for all of it, while other threads work.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from itertools import count
from struct import Struct
from typing import Any
from weakref import WeakKeyDictionary

from psycopg.pq import DiagnosticField, ExecStatus, Format

# Of pg_type.
INTEGER, BIGINT, TEXT, UUID, JSONB = 23, 20, 25, 2950, 3802
BIGINTS, TEXTS, UUIDS = 1016, 1009, 2951
TRUE = b"\x01"
_INTEGER, _BIGINT = Struct(">i"), Struct(">q")
_UNKNOWN = b"26000"  # invalid_sql_statement_name
# What each connection has prepared.
_prepared: WeakKeyDictionary[Any, set[bytes]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Question:
    """SQL with PostgreSQL's placeholders, its name, and for each of them the type and how it is written."""

    name: bytes
    sql: bytes
    kinds: tuple[int, ...]
    formats: tuple[Format, ...]


def question(sql: str, kinds: Sequence[int]) -> Question:
    """One with question marks for values of these types. They are written in binary, JSON as text."""
    pieces, number = sql.split("?"), count(1)
    text = (pieces[0] + "".join(f"${next(number)}{piece}" for piece in pieces[1:])).encode()
    formats = tuple(Format.TEXT if kind == JSONB else Format.BINARY for kind in kinds)
    return Question(f"lms_{sha256(text).hexdigest()[:24]}".encode(), text, tuple(kinds), formats)


def ask(connection: Any, asked: Question, values: Sequence[bytes | None]) -> Any | None:
    """The rows that are found, as libpq holds them; each value in binary.

    Only where each statement is a transaction of its own. None where that is not so, or there is no answer; nothing
    was done then, and whoever asks the driver learns why.
    """
    if not connection.autocommit or connection.info.encoding != "utf-8":
        return None
    wire = connection.pgconn
    known = _prepared.get(connection)
    if known is None:
        known = _prepared[connection] = set()
    if asked.name not in known:
        if wire.prepare(asked.name, asked.sql, asked.kinds).status != ExecStatus.COMMAND_OK:
            return None
        known.add(asked.name)
    found = wire.exec_prepared(asked.name, values, asked.formats, Format.BINARY)
    if found.status != ExecStatus.TUPLES_OK:
        if found.error_field(DiagnosticField.SQLSTATE) == _UNKNOWN:
            # Somebody had the server forget them.
            known.clear()
        return None
    return found


def texts(connection: Any, sql: str, numbers: Sequence[int]) -> tuple[list[bytes], int] | None:
    """What SQL finds for these numbers, in rows of a number and a text: the texts, as they come over the line, in
    UTF-8, and the number of the last one. None as with ``ask``.
    """
    found = ask(connection, _of_numbers(sql), [_BIGINT.pack(number) for number in numbers])
    if found is None:
        return None
    rows, value = found.ntuples, found.get_value
    last: int = _BIGINT.unpack(value(rows - 1, 0))[0] if rows else 0
    return [value(row, 1) for row in range(rows)], last


def integer(number: int | None) -> bytes | None:
    """A value of the type integer."""
    return None if number is None else _INTEGER.pack(number)


@cache
def _of_numbers(sql: str) -> Question:
    return question(sql, [BIGINT] * sql.count("?"))
