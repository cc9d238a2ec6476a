"""Days, months and anniversaries: the only month arithmetic in the house (policy.md, Dates)."""

from calendar import monthrange
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
DAY = timedelta(days=1)
SINCE_ALWAYS = date.min
FOR_EVER = date.max
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def day_in_london(instant: datetime) -> date:
    """The plain date on which an aware instant falls in Europe/London: 23:30 UTC on 30 June counts on 1 July."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs an offset")
    try:
        return instant.astimezone(LONDON).date()
    except OverflowError:
        # In the first hours of the year 1 and the last of 9999 there is no other zone to go to.
        return instant.date()


def in_words(day: date) -> str:
    """6 August 2026, wherever somebody reads it."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def add_months(day: date, months: int) -> date:
    """The day plus calendar months; where that day does not exist, the first of the following month.

    Never called step on step: a sequence is ``add_months(anchor, k * interval)``.
    Beyond the calendar's end (year 9999) the last day there is.
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    if year > 9999:
        return FOR_EVER
    if day.day <= monthrange(year, month)[1]:
        return date(year, month, day.day)
    return date(year + month // 12, month % 12 + 1, 1)


def last_valid_day(completed_on: date, months: int) -> date:
    """A completion refreshed every ``months`` is valid up to the day before its anniversary."""
    return add_months(completed_on, months) - DAY


def earliest_valid(on: date, months: int) -> date:
    """The cut-off: a completion is valid on ``on`` exactly if it was made on this day or later.

    ``last_valid_day`` never falls as the completion day rises, so one day divides them all.
    """
    day = _months_before(on, months)
    while last_valid_day(day, months) >= on:
        day -= DAY
    while last_valid_day(day, months) < on:
        day += DAY
    return day


def _months_before(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 - months
    year, month = index // 12, index % 12 + 1
    if year < 1:
        return date(1, 2, 1)
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def next_fixed_day(from_day: date, month_day: tuple[int, int]) -> date:
    """The first day with this month and day on or after ``from_day``."""
    month, day = month_day
    this_year = date(from_day.year, month, day)
    return this_year if this_year >= from_day else date(from_day.year + 1, month, day)


def covers(start: date | None, end: date | None, day: date) -> bool:
    """Whether a validity period, both ends inclusive and a blank end open, covers the day."""
    return (start is None or start <= day) and (end is None or day <= end)


def read_day(day: str, month: str, year: str) -> date | None:
    """The day that three fields name; a month may be written out, ``jan`` or ``January``. None where there is none."""
    names = {name[:3].casefold(): number for number, name in enumerate(MONTHS, 1)}
    words = month.strip()[:3].casefold()
    try:
        return date(_whole(year), names[words] if words in names else _whole(month), _whole(day))
    except ValueError:
        return None


def _whole(text: str) -> int:
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 4 else 0
