"""When a statement that another store did not take is sent again."""

from datetime import datetime, timedelta

FIRST = timedelta(minutes=1)
LONGEST = timedelta(hours=12)


def next_try(attempts: int, now: datetime) -> datetime:
    """After one minute, then twice as long each time, at most half a day; it is never given up."""
    doubled: int = 2 ** min(max(attempts - 1, 0), 20)
    return now + min(FIRST * doubled, LONGEST)
