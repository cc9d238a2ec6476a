"""Dates as HR systems and people write them (domain.md 3.5): day first, as in Britain, never guessed."""

import math
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from lms.errors import Invalid
from lms.rules.dates import MONTHS, in_words
from lms.rules.roster.cells import CLEAR, is_blank, text_of

EARLIEST_LIST = date(2000, 1, 1)
NOT_OF_A_LIST = "The date of the list must be today or in the past, and after 1999"
EARLIEST_LIKELY = date(1940, 1, 1)
# HR systems write "no end" as the end of their calendar: Oracle 31/12/4712, SAP 31/12/9999.
END_OF_TIME = 2199
_FAR_START, _FAR_END = 2, 40
# The first days of the calendars of spreadsheets and databases stand for nothing.
_FIRST_DAYS = (date(1899, 12, 30), date(1899, 12, 31), date(1900, 1, 1))
_EPOCH_1900, _EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)
# Serial numbers of 1920 to 2099; smaller and larger numbers are something else.
_SERIALS = range(7_306, 73_051)
# The ends of calendars, as numbers; others as large are dates without their separators, and not guessed at.
_LAST_DAYS = (date(4712, 12, 31), date(9999, 12, 31))

_MONTH_NAMES = [name.casefold() for name in MONTHS]
_MONTHS = [name[:3] for name in _MONTH_NAMES]
_TIME = re.compile(
    r"[ T]\d{1,2}[:.]\d{2}([:.]\d{2}([.,]\d+)?)?( ?[AP]\.?M\.?)?( ?(Z|UTC|GMT|BST|[+-]\d{2}:?\d{2}))?$", re.I
)
_WEEKDAY = re.compile(r"^(mon|tues?|wed(nes)?|thu(rs?)?|fri|sat(ur)?|sun)(day)?[,.]? +", re.I)
_YEAR_FIRST = re.compile(r"(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})")
_NUMERIC = re.compile(r"(\d{1,2}) ?[-/.\\ ,] ?(\d{1,2}) ?[-/.\\ ,] ?(\d{4}|\d{2})")
_DAY_MONTH = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th)?(?: of)?[-/. ,]*([a-z]{3,9})\.?[-/. ,']*(\d{4}|\d{2})", re.I
)
_MONTH_DAY = re.compile(r"([a-z]{3,9})\.?[-/. ]*(\d{1,2})(?:st|nd|rd|th)?[-/. ,]+(\d{4})", re.I)
_YEAR_MONTH_DAY = re.compile(r"(\d{4})[-/. ]([a-z]{3,9})[-/. ](\d{1,2})", re.I)
# Hyphens and dashes as word processors and web pages write them.
_DASHES = re.compile("[\u2010-\u2015\u2212]")
_NO_DATE = re.compile(r"0*[-/. ]?0*[-/. ]?0*")
# An empty cell formatted as a date, 00/01/1900 and 00-Jan-00, as it comes in text.
_ZEROTH = re.compile(r"0?0[-/. ](0?1|jan(uary)?)[-/. ](19)?00|1900[-/.]0?1[-/.]0?0", re.I)
# These say that there is no end, as the end of a calendar does, and so take away one that is stored.
_NEVER = frozenset(
    (
        "present",
        "current",
        "ongoing",
        "permanent",
        "open",
        "open ended",
        "open-ended",
        "indefinite",
        "none",
        "no end",
        "no end date",
    )
)
# These say that nobody knows yet, which changes nothing.
_UNKNOWN_END = frozenset(("tbc", "tba"))


@dataclass(frozen=True, slots=True)
class Day:
    """What a cell says about a day. ``code`` is a problem's, or ``CLEAR``.

    ``order`` is what a date in figures tells about its column: ``day`` or ``month`` first, or ``either``. ``never``:
    the cell says that there is no end, which is more than saying nothing.
    """

    day: date | None = None
    code: str = ""
    order: str = ""
    never: bool = False


BLANK = Day()
NEVER = Day(never=True)


class DateColumn:
    """Reads the cells of one column, and remembers which way round its dates are written."""

    def __init__(self, *, as_at: date, from_1904: bool, is_end: bool) -> None:
        self.as_at, self.from_1904, self.is_end = as_at, from_1904, is_end
        self.day_first = self.month_first = 0

    def read(self, raw: Any) -> Day:
        """The day a cell names. Call once for each distinct value."""
        found = self._read(raw)
        if found.day in _FIRST_DAYS:
            return BLANK
        if found.order == "day":
            self.day_first += 1
        elif found.order == "month":
            self.month_first += 1
        if found.day is None or found.code:
            return found
        if self.is_end and found.day.year >= END_OF_TIME:
            return NEVER
        if found.day < EARLIEST_LIKELY:
            return Day(found.day, "date_old", found.order)
        if found.day.year > self.as_at.year + (_FAR_END if self.is_end else _FAR_START):
            return Day(found.day, "date_far", found.order)
        return found

    @property
    def is_american(self) -> bool:
        """Whether dates of this column that could be read either way are in doubt.

        One slip among a column of day-first dates does not make the others ambiguous; a column that has month-first
        dates and hardly a day-first one does.
        """
        return self.month_first > 0 and self.day_first < 10 * self.month_first

    def _read(self, raw: Any) -> Day:
        if isinstance(raw, datetime):
            return _real(raw.date())
        if isinstance(raw, date):
            return _real(raw)
        if isinstance(raw, time):
            # A serial number of 0, formatted as a time: the cell is empty.
            return BLANK if raw == time() else Day(code="date_unreadable")
        if isinstance(raw, bool | timedelta):
            return Day(code="date_unreadable")
        if isinstance(raw, int | float):
            return self._number(raw)
        return self._text(text_of(raw))

    def _number(self, number: float) -> Day:
        if not math.isfinite(number):
            return Day(code="date_unreadable")
        whole = int(number)
        if whole == 0:
            return BLANK
        epoch = _EPOCH_1904 if self.from_1904 else _EPOCH_1900
        if whole in _SERIALS:
            return Day(epoch + timedelta(days=whole))
        if last := next((day for day in _LAST_DAYS if (day - epoch).days == whole), None):
            return Day(last)
        if number == whole and 19_000_101 <= whole <= 99_991_231:
            return _dated(whole // 10_000, whole // 100 % 100, whole % 100)
        return Day(code="date_unreadable")

    def _text(self, text: str) -> Day:
        if text == CLEAR:
            return Day(code=CLEAR)
        text = (text if text.isascii() else _DASHES.sub("-", text)).strip("'\" ")
        if is_blank(text) or _NO_DATE.fullmatch(text):
            return BLANK
        if self.is_end and (word := text.casefold()) in _NEVER | _UNKNOWN_END:
            return NEVER if word in _NEVER else BLANK
        text = _WEEKDAY.sub("", _TIME.sub("", text)).strip(" ,")
        if _ZEROTH.fullmatch(text):
            return BLANK
        if re.fullmatch(r"(\d{5}|\d{7})(\.\d*)?", text):
            return self._number(float(text))
        if found := re.fullmatch(r"(\d{8})(\.0+)?", text):
            return self._eight_digits(found[1])
        if found := _YEAR_FIRST.fullmatch(text):
            return _dated(int(found[1]), int(found[2]), int(found[3]))
        if found := _NUMERIC.fullmatch(text):
            return self._figures(int(found[1]), int(found[2]), found[3])
        for pattern, (year, month, day) in (
            (_DAY_MONTH, (3, 2, 1)),
            (_MONTH_DAY, (3, 1, 2)),
            (_YEAR_MONTH_DAY, (1, 2, 3)),
        ):
            if (found := pattern.fullmatch(text)) and (number := month_of(found[month])):
                return _dated(self._year(found[year]), number, int(found[day]))
        return Day(code="date_unreadable")

    def _eight_digits(self, text: str) -> Day:
        found = _dated(int(text[:4]), int(text[4:6]), int(text[6:]))
        if found.day and (1900 <= found.day.year <= 2200 or (self.is_end and found.day.year > END_OF_TIME)):
            return found
        other = _dated(int(text[4:]), int(text[2:4]), int(text[:2]))
        return other if other.day and 1900 <= other.day.year <= 2200 else Day(code="date_impossible")

    def _figures(self, first: int, second: int, year_text: str) -> Day:
        year = self._year(year_text)
        found = _dated(year, second, first)
        if found.day:
            order = "" if first == second else "either" if first <= 12 else "day"
            return Day(found.day, found.code, order)
        if _dated(year, first, second).day:
            return Day(code="date_american", order="month")
        return found

    def _year(self, text: str) -> int:
        """Two figures are this century up to ten years from now."""
        if len(text) == 4:
            return int(text)
        year = 2000 + int(text)
        return year if year <= self.as_at.year + 10 else year - 100


def of_list(as_at: date, today: date) -> None:
    """Whether a list can be of this day.

    :raises Invalid: when it is still to come, or was too long ago.
    """
    if not EARLIEST_LIST <= as_at <= today:
        raise Invalid(f"{NOT_OF_A_LIST}. This one would be of {in_words(as_at)}.")


def month_of(text: str) -> int | None:
    """The number of a month's English name or its usual abbreviation."""
    name = text.casefold()
    if name == "sept":
        return 9
    if len(name) == 3:
        return _MONTHS.index(name) + 1 if name in _MONTHS else None
    return _MONTH_NAMES.index(name) + 1 if name in _MONTH_NAMES else None


def _dated(year: int, month: int, day: int) -> Day:
    try:
        found = date(year, month, day)
    except ValueError:
        return Day(code="date_impossible")
    return Day(found) if year >= 1800 else Day(code="date_impossible")


def _real(day: date) -> Day:
    # Days 0 and 1 of the serial count are what an empty cell becomes when it is formatted as a date.
    return BLANK if day <= date(1900, 1, 1) else Day(day)
