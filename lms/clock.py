"""The only reader of the clock."""

from datetime import UTC, date, datetime

from lms.rules.dates import day_in_london


def now() -> datetime:
    """The present instant, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Today's date in Europe/London."""
    return day_in_london(now())
