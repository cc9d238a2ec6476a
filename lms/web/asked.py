"""What an address asks for: the day, the words searched for, the page of a list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import request, url_for

from lms import clock
from lms.errors import Invalid
from lms.rules.accounts import Problem
from lms.rules.dates import read_day

EARLIEST, LATEST = date(1990, 1, 1), date(2099, 12, 31)
PAGE = 50


@dataclass(frozen=True)
class Page:
    """One page of a list of ``total``."""

    number: int
    total: int
    size: int = PAGE

    @property
    def last(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def first_index(self) -> int:
        return (self.number - 1) * self.size

    @property
    def first_shown(self) -> int:
        return min(self.first_index + 1, self.total)

    @property
    def last_shown(self) -> int:
        return min(self.number * self.size, self.total)

    def href(self, number: int) -> str:
        """The same address with another page."""
        return same_address(page=number)


def same_address(**changes: Any) -> str:
    """This page's address with some of its query changed."""
    arguments: dict[str, Any] = {**(request.view_args or {}), **request.args, **changes}
    return url_for(
        request.endpoint or "", **{name: value for name, value in arguments.items() if value != ""}
    )


def page_number() -> int:
    """Which page; the first where the address says nothing sensible."""
    text = request.args.get("page", "1")
    return max(1, int(text)) if text.isascii() and text.isdecimal() and len(text) < 7 else 1


def offset() -> int:
    """How many rows come before the page."""
    return (page_number() - 1) * PAGE


def search() -> str:
    """The words searched for."""
    return " ".join(request.args.get("search", "").split())[:200]


def as_at() -> date:
    """The day asked for: ``as_at=2026-06-30``, or the form's ``as_at[day]``, ``[month]`` and ``[year]``; else today.

    :raises Invalid: with the field that is wrong.
    """
    parts = [request.args.get(f"as_at[{part}]", "").strip() for part in ("day", "month", "year")]
    iso = request.args.get("as_at", "").strip()
    if any(parts):
        return _read_day(*parts)
    if not iso:
        return clock.today()
    try:
        found = date.fromisoformat(iso)
    except ValueError:
        raise _no_day() from None
    return within(found)


def day_of_form() -> tuple[date, Sequence[Problem]]:
    """The day asked for on a page with the form for it; with problems, today's page says them beside the fields."""
    try:
        return as_at(), ()
    except Invalid as refusal:
        return clock.today(), refusal.problems


def day_of(name: str, otherwise: date | None = None) -> date | None:
    """A day as a date field sends it; ``otherwise`` where it is blank.

    :raises Invalid: where it is no day, for blank would mean something else.
    """
    text = (request.values.get(name) or "").strip()
    try:
        return date.fromisoformat(text) if text else otherwise
    except ValueError:
        said = f"{text[:20]} is not a day. Write it like 2027-04-01."
        raise Invalid(said, [Problem(name, said)]) from None


def _read_day(day: str, month: str, year: str) -> date:
    found = read_day(day, month, year)
    if found is None:
        raise _no_day()
    return within(found)


def within(found: date, name: str = "as_at-year") -> date:
    """The day, if it is near enough to mean anything.

    :raises Invalid: with the field that is wrong.
    """
    if not EARLIEST <= found <= LATEST:
        raise Invalid(
            "This day cannot be used.",
            [Problem(name, f"Enter a year from {EARLIEST.year} to {LATEST.year}.")],
        )
    return found


def _no_day() -> Invalid:
    return Invalid(
        "This day cannot be used.",
        [Problem("as_at-day", "Enter a real day, such as 30 6 2026 or 30 June 2026.")],
    )
