"""Employee numbers: what spreadsheets do to them, and what can be repaired because the result is known."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, time, timedelta
from functools import cached_property
from typing import Any

from lms.rules.roster.cells import CLEAR, GUARD, is_blank, is_spreadsheet_error, text_of
from lms.rules.roster.emails import is_address
from lms.rules.roster.names import PENDING

LONGEST = 64
# Excel keeps fifteen digits of a number.
_EXACT = 10**15
_SCIENTIFIC = re.compile(r"[+-]?\d+([.,]\d+)?E[+-]\d+|[+-]?\d+[.,]\d+E\d+", re.IGNORECASE)
_AS_FORMULA = re.compile(r'="([^"=]+)"|=(\d+)')
_NEEDLESS = re.compile(r"(\d+)[.,]0+")
_FURTHER_POST = re.compile(r"(?<=\w)-\d{1,2}$")
_GROUPED = re.compile(r"\d{1,3}(,\d{3})+")
# The two systems with numbers of a fixed width, ESR and SAP, pad them to eight digits (domain.md 3.1, 3.4).
_WIDE = 8
_ENOUGH = 10
_MOST, _MANY = 0.9, 0.5


# Said in place of a number by people who have none, or none yet (domain.md 3.5: agency with no number).
_NO_NUMBER = PENDING | frozenset(
    (
        "agency",
        "agency staff",
        "agency worker",
        "none",
        "no number",
        "new starter",
        "new",
        "pending",
        "to follow",
        "not yet allocated",
        "not allocated",
        "awaiting number",
        "not applicable",
    )
)


# What a cell says about an employee number: the number, and a problem's code; ``number_repaired`` comes with both.
Number = tuple[str, str]
BLANK: Number = ("", "")


def number_of(raw: Any) -> Number:
    """The employee number in a cell, with its apostrophe, ``.0`` or ``="…"`` taken off and said."""
    if raw.__class__ is str and raw.isalnum() and raw.isascii() and not raw.isalpha() and len(raw) <= LONGEST:
        return (raw, "") if raw.strip("0") else BLANK
    if isinstance(raw, bool | date | time | timedelta):
        return "", "number_unreadable"
    if isinstance(raw, int | float):
        if not math.isfinite(raw) or raw != int(raw) or raw < 0:
            return "", "number_unreadable"
        if raw >= _EXACT:
            return "", "number_too_long"
        return (str(int(raw)), "") if raw else BLANK
    if isinstance(raw, str) and "\n" in raw.strip():
        # Rows that a stray quotation mark has made into one cell.
        return "", "number_unreadable"
    text = text_of(raw)
    if GUARD.match(text):
        text = text[1:].lstrip()
    if "@" in text and is_address(text):
        return (text, "") if len(text) <= LONGEST else ("", "number_too_long")
    if is_blank(text) or text.casefold() in _NO_NUMBER or not text.strip("0"):
        return BLANK
    if text == CLEAR:
        return "", "cannot_clear"
    return _repaired(text)


def _repaired(text: str) -> Number:
    if "\x00" in text:
        return "", "nul_bytes"
    if is_spreadsheet_error(text):
        return "", "number_unreadable"
    short = _bare(text)
    if found := _AS_FORMULA.fullmatch(short):
        short = _bare(found[1] or found[2])
    if _SCIENTIFIC.fullmatch(short):
        return "", "number_scientific"
    if found := _NEEDLESS.fullmatch(short):
        short = found[1]
    elif _GROUPED.fullmatch(short):
        short = short.replace(",", "")
    if not short or len(short) > LONGEST:
        return "", "number_too_long" if short else "number_unreadable"
    if short[0] in "=+@" or not any(map(str.isalnum, short)):
        return "", "number_unreadable"
    return short, "number_repaired" if short != text else ""


def _bare(text: str) -> str:
    return text.lstrip("'’‘`").strip()


def reference_of(text: str) -> Number:
    """An assignment's or position's reference, repaired as a number is, but without a word: a row has a number to go by."""
    if not text or text.isalnum():
        return text, ""
    if _SCIENTIFIC.fullmatch(text):
        return "", "reference_scientific"
    short = _bare(text)
    if found := _AS_FORMULA.fullmatch(short):
        short = _bare(found[1] or found[2])
    return (found[1] if (found := _NEEDLESS.fullmatch(short)) else short), ""


def without_suffix(found: Number) -> Number:
    """The employee number in an assignment number: ESR adds ``-2``, ``-3`` for further posts (domain.md 3.1)."""
    return _FURTHER_POST.sub("", found[0]), found[1]


class Zeros:
    """Restores leading zeros where it is known how many there were, and likewise numbers that are grouped with blanks.

    Known are the numbers stored for the organisation; failing that, for zeros alone, the width of a column in which
    some numbers still have their zeros, or of a column of eight digits; ``padded`` where the captions are those of a
    system that always has eight. A newcomer in a column that lost all its zeros gets the width of the stored numbers.
    """

    def __init__(self, found: Iterable[str], known: Iterable[str], *, padded: bool = False) -> None:
        self.known = frozenset(known)
        share = _MANY if padded else _MOST
        self.width, self.because = _width([number for number in found if number.isdigit()], share)

    @cached_property
    def stripped(self) -> Mapping[str, str]:
        """The known numbers by what is left of them without their zeros; hardly any list has to ask."""
        return _unambiguous(self.known)

    @cached_property
    def known_width(self) -> int:
        """The digits of the known numbers, where they all have as many and some begin with zeros; else 0."""
        widths = {len(number) if number.isdigit() else 0 for number in self.known}
        return widths.pop() if len(widths) == 1 and any(number[0] == "0" for number in self.known) else 0

    def doubtful(self, number: str) -> bool:
        """Whether it is worth asking what the number was."""
        if self.known:
            return number not in self.known
        return len(number) < self.width

    def restored(self, number: str) -> tuple[str, str]:
        """The number as it was, and why that is known; the number itself and nothing where all is well."""
        if number in self.known:
            return number, ""
        whole = number.replace(" ", "")
        known = whole if whole in self.known and whole.isdigit() else self.stripped.get(number_key(number))
        if known is not None:
            return known, " as this organisation's earlier lists have it"
        if self.width and number.isdigit() and len(number) < self.width:
            return number.zfill(self.width), self.because
        if number.isdigit() and len(number) < self.known_width:
            return number.zfill(
                self.known_width
            ), " as all numbers in this organisation's earlier lists have as many digits"
        return number, ""


def number_key(number: str) -> str:
    """The form in which a number and the same without its leading zeros, or grouped with blanks, are equal."""
    whole = number.replace(" ", "")
    return whole.lstrip("0") if whole.isdigit() else number.casefold()


def _unambiguous(numbers: Iterable[str]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    twice: set[str] = set()
    for number in numbers:
        if found.setdefault(number_key(number), number) != number:
            twice.add(number_key(number))
    return {key: number for key, number in found.items() if key not in twice}


def _width(numbers: list[str], share: float) -> tuple[int, str]:
    if not numbers:
        return 0, ""
    widths = Counter(map(len, numbers))
    widest = max(widths)
    padded = {len(number) for number in numbers if number.startswith("0")}
    if padded == {widest} and widest > 1:
        return widest, f" because the numbers in this column have {widest} digits"
    if widest == _WIDE and widths[widest] >= max(_ENOUGH, share * len(numbers)):
        return widest, f" because most numbers in this column have {widest} digits"
    return 0, ""


def counts_rows(numbers: list[str]) -> bool:
    """Whether the numbers are 1, 2, 3 … from top to bottom."""
    return (
        len(numbers) >= 5
        and numbers[:2] == ["1", "2"]
        and numbers == [str(position) for position in range(1, len(numbers) + 1)]
    )
