"""Questions that are asked again and again, put to PostgreSQL through libpq itself.

The driver waits for an answer in Python, and needs the interpreter's lock again for every piece of it that arrives:
for a page of statements eight times. libpq waits for all of it, while other threads work.
"""

from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from itertools import count
from struct import Struct
from typing import Any
from weakref import WeakKeyDictionary

from psycopg.pq import ExecStatus, Format

_BIGINT = 20  # pg_type
_NUMBER = Struct(">q")
# What each connection has prepared.
_prepared: WeakKeyDictionary[Any, set[bytes]] = WeakKeyDictionary()


def texts(connection: Any, sql: str, numbers: Sequence[int]) -> tuple[list[bytes], int] | None:
    """What SQL with question marks finds for these numbers, in rows of a number and a text: the texts, as they come
    over the line, in UTF-8, and the number of the last one.

    Only outside of transactions. None where there is no such answer; whoever asks the driver then learns why.
    """
    if connection.info.encoding != "utf-8":
        return None
    name, text = _written(sql)
    wire = connection.pgconn
    known = _prepared.get(connection)
    if known is None:
        known = _prepared[connection] = set()
    if name not in known:
        if wire.prepare(name, text, [_BIGINT] * len(numbers)).status != ExecStatus.COMMAND_OK:
            return None
        known.add(name)
    formats = [Format.BINARY] * len(numbers)
    found = wire.exec_prepared(name, [_NUMBER.pack(number) for number in numbers], formats, Format.BINARY)
    if found.status != ExecStatus.TUPLES_OK:
        # It may be another one by now, behind the same address.
        known.clear()
        return None
    count, value = found.ntuples, found.get_value
    last: int = _NUMBER.unpack(value(count - 1, 0))[0] if count else 0
    return [value(row, 1) for row in range(count)], last


@cache
def _written(sql: str) -> tuple[bytes, bytes]:
    """A name for it, and the text with the placeholders of PostgreSQL."""
    pieces, number = sql.split("?"), count(1)
    text = pieces[0] + "".join(f"${next(number)}{piece}" for piece in pieces[1:])
    return f"lms_{sha256(text.encode()).hexdigest()[:24]}".encode(), text.encode()
