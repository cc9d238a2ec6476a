"""How long what is held stays valid: the shapes and anchors of policy.md, Dates."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from lms.rules.dates import (
    DAY,
    FOR_EVER,
    SINCE_ALWAYS,
    add_months,
    earliest_valid,
    last_valid_day,
    next_fixed_day,
)
from lms.rules.standing.facts import NEVER, Anchor, Held, Shape, Term, Validity


def of(term: Term, held: Iterable[Held], on: date) -> Validity:
    """What these completions are worth for the term on this day. Later ones are not yet known of."""
    known = sorted(
        (one for one in held if one.day <= on), key=lambda one: (one.day, one.module_id == term.module_id)
    )
    if term.shape is Shape.HOURS:
        return _hours(term, known, on)
    if term.shape is Shape.DIFFERENT_REFRESHER:
        known = _from_first_initial(known)
    if not known:
        return NEVER
    if term.shape is Shape.ONCE:
        return Validity(known[-1].day, None, known[-1].module_id)
    if term.anchor is Anchor.KEEP_ANNIVERSARY:
        return _keep_anniversary(term, known)
    best = known[-1]
    return Validity(best.day, until(term, best.day), best.module_id)


def until(term: Term, completed_on: date) -> date | None:
    """The last valid day that one completion gives by itself; None where it never lapses."""
    if term.shape is Shape.ONCE:
        return None
    months = _months(term)
    if term.anchor is Anchor.FIXED:
        return _fixed(term, completed_on, months)
    return last_valid_day(completed_on, months)


def earliest(term: Term, on: date) -> date:
    """The cut-off: the earliest completion that is still valid on ``on`` by itself.

    ``until`` never falls as the completion day rises, so a set-based comparison with one day decides.
    """
    if term.shape is Shape.ONCE:
        return SINCE_ALWAYS
    months = _months(term)
    if term.anchor is not Anchor.FIXED:
        return earliest_valid(on, months)
    long_before = max(on.toordinal() - (months * 31 + term.window + 366 * 2), SINCE_ALWAYS.toordinal())
    days = range(long_before, on.toordinal())
    found = bisect_left(days, on, key=lambda day: _fixed(term, date.fromordinal(day), months))
    return date.fromordinal(long_before + found)


def _months(term: Term) -> int:
    if term.every_months is None:
        raise ValueError(f"a {term.shape} requirement needs an interval")
    return term.every_months


def _fixed(term: Term, completed_on: date, months: int) -> date:
    """Fewer than the window before the fixed day carries to the next; 12 months lie between two of them."""
    if term.fixed_day is None:
        raise ValueError("a fixed anchor needs its day")
    day = next_fixed_day(completed_on, term.fixed_day)
    while (day - completed_on).days < term.window:
        day = next_fixed_day(day + DAY, term.fixed_day)
    return add_months(day, months - 12)


def _from_first_initial(known: Sequence[Held]) -> list[Held]:
    """A refresher before any initial does not count; one on the same day does."""
    first = next((one.day for one in known if not one.refresher), None)
    return [] if first is None else [one for one in known if one.day >= first]


def _keep_anniversary(term: Term, known: Sequence[Held]) -> Validity:
    months, window = _months(term), timedelta(days=term.window)
    current, anchor, times = known[0], known[0].day, 1
    end = last_valid_day(anchor, months)
    for one in known[1:]:
        if one.day == current.day:
            continue
        if end - window <= one.day <= end:
            # From the original anchor each time: 31 January keeps its 31st through every February.
            current, times = one, times + 1
            end = last_valid_day(anchor, times * months)
        elif (anew := last_valid_day(one.day, months)) >= end:
            current, anchor, times, end = one, one.day, 1, anew
    return Validity(current.day, end, current.module_id)


def _hours(term: Term, known: Sequence[Held], on: date) -> Validity:
    """Valid while the minutes that still count reach the hours; each completion counts for N months."""
    needed = term.minutes or 0
    spans = [
        (day, FOR_EVER if term.every_months is None else last_valid_day(day, term.every_months), minutes)
        for day, minutes in _once_a_day(known)
    ]

    def reached(day: date) -> bool:
        return sum(minutes for start, end, minutes in spans if start <= day <= end) >= needed

    # The sum only rises on a completion's day, so if it was ever reached, it was on one of them.
    if not any(reached(start) for start, _, _ in spans):
        return NEVER
    # It only falls after a span's end, so the last day on which it is reached is one of the ends.
    last = max(end for start, end, _ in spans if reached(end))
    latest = max((one for one in known if one.day <= last), key=lambda one: one.day)
    return Validity(latest.day, None if last == FOR_EVER else last, latest.module_id)


def _once_a_day(known: Sequence[Held]) -> list[tuple[date, int]]:
    """The same module twice on one day is one completion, the longer."""
    longest: dict[tuple[date, int], int] = {}
    for one in known:
        key = (one.day, one.module_id)
        longest[key] = max(longest.get(key, 0), one.minutes)
    return [(day, minutes) for (day, _), minutes in longest.items()]
