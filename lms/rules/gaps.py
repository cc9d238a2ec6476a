"""Where the map has gaps: quarters, and whether there are places for those who become due in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from lms.rules.dates import DAY, add_months
from lms.rules.standing import Standing

AHEAD = 4


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """Three months of a calendar year, both days inclusive."""

    first: date
    last: date

    @property
    def name(self) -> str:
        """``July to September 2026``."""
        return f"{self.first:%B} to {self.last:%B} {self.last.year}"


@dataclass(frozen=True, slots=True)
class Supply:
    """One module in one quarter.

    ``due`` are the people who become due in it, ``carried`` those for whom there was no place before, ``places``
    what the planned sessions hold (None where one of them sets no limit), ``short`` those left without a place.
    """

    quarter: Quarter
    due: int
    carried: int
    sessions: int
    places: int | None
    short: int


def quarters(today: date, count: int = AHEAD) -> list[Quarter]:
    """The quarter of a day and those that follow."""
    first = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    starts = [add_months(first, 3 * n) for n in range(count + 1)]
    return [Quarter(start, end - DAY) for start, end in pairwise(starts)]


def needed_by(standing: Standing, due_by: date, valid_until: date | None) -> date | None:
    """The day by which somebody has to do a module (again); None where it never comes to that.

    What should have been done before is needed since the beginning of time.
    """
    if standing in (Standing.NOT_DONE, Standing.OUT_OF_DATE):
        return date.min
    if standing is Standing.NOT_YET_DUE:
        return due_by
    return None if standing is Standing.EXEMPT else valid_until


def supply(
    ahead: Sequence[Quarter], due: Mapping[Quarter, int], places: Mapping[Quarter, Sequence[int | None]]
) -> list[Supply]:
    """Places against people, quarter by quarter; whoever finds no place waits for the next one."""
    found, waiting = [], 0
    for quarter in ahead:
        offered = places.get(quarter, ())
        limit = None if None in offered else sum(one for one in offered if one is not None)
        wanted = due.get(quarter, 0) + waiting
        short = 0 if limit is None else max(0, wanted - limit)
        found.append(Supply(quarter, due.get(quarter, 0), waiting, len(offered), limit, short))
        waiting = short
    return found
