"""The rule of standing gives what policy.md says, and what a brute-force reading of it gives."""

from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.rules import standing
from lms.rules.dates import FOR_EVER, SINCE_ALWAYS
from lms.rules.standing import Anchor, Held, Shape, Standing, Term
from lms.rules.training_map.counting import Link, Placed, counting, cumulative_links
from tests import oracle, worlds

COMPLETED = date(2024, 3, 15)
M, R = 1, 2


def term(**wanted) -> Term:
    facts = {"shape": Shape.REFRESHED, "every_months": 36} | wanted
    return Term(1, 1, "everyone", "", None, M, **facts)


def judged(
    one: Term, days: list[date], on: date, *, starts_on: date = date(2020, 1, 1), exempt: bool = False
) -> Standing:
    return standing.of_post(
        one, [Held(day, M, 60) for day in days], starts_on=starts_on, exempt=exempt, on=on
    )


def test_exactly_90_days_ahead_is_due_soon_and_91_is_in_date() -> None:
    last = date(2027, 3, 14)
    assert judged(term(), [COMPLETED], last - timedelta(days=91)) is Standing.IN_DATE
    assert judged(term(), [COMPLETED], last - timedelta(days=90)) is Standing.DUE_SOON
    assert judged(term(), [COMPLETED], last) is Standing.DUE_SOON
    assert judged(term(), [COMPLETED], last + timedelta(days=1)) is Standing.OUT_OF_DATE


def test_the_due_by_day_itself_is_not_late() -> None:
    start = date(2026, 1, 1)
    assert judged(term(), [], start + timedelta(days=90), starts_on=start) is Standing.NOT_YET_DUE
    assert judged(term(), [], start + timedelta(days=91), starts_on=start) is Standing.NOT_DONE


def test_days_allowed_run_from_the_requirement_where_it_came_after_the_person() -> None:
    late = term(first_applied=date(2026, 5, 1), days_allowed=30)
    assert standing.due_by(late, date(2020, 1, 1)) == date(2026, 5, 31)


def test_an_exemption_comes_before_everything() -> None:
    assert judged(term(), [COMPLETED], COMPLETED, exempt=True) is Standing.EXEMPT


def test_what_happens_later_is_not_known_yet() -> None:
    assert judged(term(), [COMPLETED], COMPLETED - timedelta(days=1)) is Standing.NOT_DONE


def test_once_is_enough_for_ever() -> None:
    assert (
        judged(term(shape=Shape.ONCE, every_months=None), [date(1990, 1, 1)], date(2090, 1, 1))
        is Standing.IN_DATE
    )


@pytest.mark.parametrize(("before", "last"), [(89, date(2027, 3, 31)), (90, date(2026, 3, 31))])
def test_89_days_before_a_fixed_day_carries_to_the_next_and_90_does_not(before: int, last: date) -> None:
    fixed = term(every_months=12, anchor=Anchor.FIXED, fixed_day=(3, 31))
    assert standing.until(fixed, date(2026, 3, 31) - timedelta(days=before)) == last


def test_a_fixed_day_every_three_years_adds_the_years_beyond_the_first() -> None:
    fixed = term(every_months=36, anchor=Anchor.FIXED, fixed_day=(3, 31))
    assert standing.until(fixed, date(2025, 6, 1)) == date(2028, 3, 31)


def test_renewing_within_the_window_keeps_the_anniversary_and_both_its_ends_are_inside() -> None:
    kept = term(every_months=12, anchor=Anchor.KEEP_ANNIVERSARY, renewal_window_days=60)
    first, last = date(2024, 5, 10), date(2025, 5, 9)
    for day in (last - timedelta(days=60), last):
        assert standing.of(kept, [Held(first, M), Held(day, M)], day).until == date(2026, 5, 9)


def test_renewing_earlier_or_after_lapsing_sets_a_new_anniversary() -> None:
    kept = term(every_months=12, anchor=Anchor.KEEP_ANNIVERSARY, renewal_window_days=60)
    early, late = date(2025, 3, 9), date(2025, 5, 10)
    for day in (early, late):
        expected = date(2026, day.month, day.day) - timedelta(days=1)
        assert standing.of(kept, [Held(date(2024, 5, 10), M), Held(day, M)], day).until == expected


def test_an_early_renewal_never_shortens_what_is_held() -> None:
    kept = term(every_months=12, anchor=Anchor.KEEP_ANNIVERSARY)
    days = [date(2024, 5, 10), date(2025, 3, 1), date(2025, 3, 20)]
    assert standing.of(kept, [Held(day, M) for day in days], date(2025, 4, 1)).until == date(2026, 5, 9)


def test_a_refresher_before_any_initial_does_not_count_but_counts_long_after_lapsing() -> None:
    refreshed = term(shape=Shape.DIFFERENT_REFRESHER, every_months=12, refresher_module_id=R)
    initial, refresher = Held(date(2020, 1, 1), M), Held(date(2025, 6, 1), R, refresher=True)
    assert standing.of(refreshed, [refresher], date(2025, 7, 1)) == standing.NEVER
    assert standing.of(refreshed, [initial, refresher], date(2025, 7, 1)).until == date(2026, 5, 31)


def test_hours_count_from_their_day_to_the_day_before_their_anniversary() -> None:
    asked = term(shape=Shape.HOURS, every_months=12, minutes=120)
    held = [Held(date(2024, 1, 10), M, 60), Held(date(2024, 6, 10), M, 60)]
    assert standing.of(asked, held, date(2024, 6, 9)) == standing.NEVER
    assert standing.of(asked, held, date(2024, 6, 10)).until == date(2025, 1, 9)
    assert (
        standing.judge(standing.of(asked, held, date(2025, 1, 10)), FOR_EVER, date(2025, 1, 10))
        is Standing.OUT_OF_DATE
    )


def test_the_same_module_twice_on_a_day_is_one_completion_the_longer() -> None:
    asked = term(shape=Shape.HOURS, every_months=None, minutes=120)
    twice = [Held(COMPLETED, M, 60), Held(COMPLETED, M, 90)]
    assert standing.of(asked, twice, COMPLETED) == standing.NEVER
    assert standing.of(asked, [*twice, Held(COMPLETED, R, 30)], COMPLETED).until is None


def test_the_worst_of_several_counts_and_exempt_ones_only_when_all_are() -> None:
    assert (
        standing.worst([Standing.IN_DATE, Standing.OUT_OF_DATE, Standing.NOT_YET_DUE]) is Standing.OUT_OF_DATE
    )
    assert standing.worst([Standing.EXEMPT, Standing.IN_DATE]) is Standing.IN_DATE
    assert standing.worst([Standing.EXEMPT, Standing.EXEMPT]) is Standing.EXEMPT
    assert standing.worst([]) is None


@given(st.integers(0, 2**32), st.integers(0, 2000))
@settings(max_examples=300, deadline=None)
def test_the_rule_agrees_with_a_brute_force_reading_of_the_policy(seed: int, days: int) -> None:
    world = worlds.make(Random(seed))
    on = date(2022, 6, 1) + timedelta(days=days)
    numbers = {code: n for n, code in enumerate(world.modules)}
    links = [
        Link(numbers[a], numbers[b], start or SINCE_ALWAYS, end or FOR_EVER)
        for a, b, start, end in world.links
    ]
    placed = [
        Placed(
            numbers[code],
            hash(world.levels[level][0]),
            world.levels[level][1],
            world.cumulative[world.levels[level][0]],
        )
        for code, (_, level) in world.modules.items()
        if level
    ]
    reaching = counting(numbers.values(), links + cumulative_links(placed))
    for wanted in world.terms:
        one = _fact(wanted, numbers)
        for person in {person for person, *_ in world.completions}:
            found = standing.of(one, _held(world, one, person, reaching, numbers), on)
            ever, last, valid = oracle.held(world, wanted, person, on)
            assert (found.completed_on is not None, found.until) == (ever, last)
            assert valid == (ever and (found.until is None or found.until >= on))


def _fact(one: worlds.Term, numbers: dict[str, int]) -> Term:
    return Term(
        1,
        1,
        one.who,
        one.value,
        None,
        numbers[one.module],
        Shape(one.shape),
        every_months=one.every,
        refresher_module_id=numbers.get(one.refresher),
        minutes=one.minutes,
        anchor=Anchor(one.anchor),
        fixed_day=one.fixed,
        renewal_window_days=one.window,
    )


def _held(world: worlds.World, one: Term, person: int, reaching: dict, numbers: dict[str, int]) -> list[Held]:
    held = []
    for who, code, day, minutes in world.completions:
        for target, refresher in ((one.module_id, False), (one.refresher_module_id, True)):
            counts = any(
                link.source == numbers[code] and link.start <= day <= link.end
                for link in reaching.get(target, ())
            )
            if who == person and counts:
                length = minutes if minutes is not None else world.modules[code][0] or 0
                held.append(Held(day, numbers[code], length, refresher))
    return held
