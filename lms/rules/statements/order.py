"""The order of the log: one number for each statement that rises with the time it was stored.

The number is the stored time in milliseconds, then which writer, then a count, so that ``since`` and ``until``
are ranges of it, a page continues where the last one ended, and no second index on time is needed.
"""

from datetime import UTC, datetime, timedelta

COUNT_BITS = 12
NODE_BITS = 9
SHIFT = COUNT_BITS + NODE_BITS
NODES = 1 << NODE_BITS
COUNTS = 1 << COUNT_BITS
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
LAST = (1 << 63) - 1


def milliseconds(instant: datetime) -> int:
    """Whole milliseconds since 1970."""
    return (instant - _EPOCH) // _MILLISECOND


def first_at(instant: datetime) -> int:
    """The lowest number of that millisecond; a time before 1970 is 1970."""
    return min(max(milliseconds(instant), 0) << SHIFT, LAST)


def last_at(instant: datetime) -> int:
    """The highest number of that millisecond."""
    return min(((max(milliseconds(instant), -1) + 1) << SHIFT) - 1, LAST)


def stored_at(number: int) -> datetime:
    """The moment at which a statement with this number was stored."""
    return _EPOCH + (number >> SHIFT) * _MILLISECOND


def numbers(after: int, node: int, instant: datetime, count: int) -> list[int]:
    """``count`` rising numbers of one writer from this moment on, all above ``after``, its last one."""
    number = (
        max(first_at(instant) | node << COUNT_BITS, _next(after, node))
        if after
        else (first_at(instant) | node << COUNT_BITS)
    )
    made = []
    for _ in range(count):
        made.append(number)
        number = _next(number, node)
    return made


def _next(number: int, node: int) -> int:
    if (number + 1) % COUNTS:
        return number + 1
    return ((number >> SHIFT) + 1) << SHIFT | node << COUNT_BITS


def text(instant: datetime) -> str:
    """A moment as the log writes it: UTC, milliseconds."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03d}Z"
