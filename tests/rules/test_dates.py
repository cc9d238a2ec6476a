"""Days, months and anniversaries behave as policy.md's table of dates says."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.rules.dates import (
    add_months,
    covers,
    day_in_london,
    earliest_valid,
    last_valid_day,
    next_fixed_day,
    read_day,
)

DAYS = st.dates(date(1990, 1, 1), date(2090, 12, 31))
MONTHS = st.integers(1, 120)


@pytest.mark.parametrize(
    ("completed", "every", "last"),
    [
        (date(2024, 3, 15), 36, date(2027, 3, 14)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 12, 31), 2, date(2025, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2023, 3, 1), 12, date(2024, 2, 29)),
        (date(2023, 2, 28), 12, date(2024, 2, 27)),
    ],
)
def test_the_table_of_dates_in_the_policy_holds(completed: date, every: int, last: date) -> None:
    assert last_valid_day(completed, every) == last


def test_a_monthly_sequence_from_31_january_returns_to_the_31st() -> None:
    assert [add_months(date(2025, 1, 31), k) for k in (1, 2, 3)] == [
        date(2025, 3, 1),
        date(2025, 3, 31),
        date(2025, 5, 1),
    ]


def test_attendance_half_an_hour_into_1_july_in_summer_time_counts_on_1_july() -> None:
    assert day_in_london(datetime(2026, 6, 30, 23, 30, tzinfo=UTC)) == date(2026, 7, 1)


def test_an_instant_without_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        day_in_london(datetime(2026, 7, 1))


@given(DAYS, DAYS, MONTHS)
def test_a_later_completion_is_never_valid_for_less_long(one: date, other: date, months: int) -> None:
    assert (one <= other) <= (last_valid_day(one, months) <= last_valid_day(other, months))


@given(DAYS, MONTHS)
def test_the_cut_off_divides_valid_from_lapsed(on: date, months: int) -> None:
    cut = earliest_valid(on, months)
    assert last_valid_day(cut, months) >= on > last_valid_day(cut - timedelta(days=1), months)


@given(DAYS, MONTHS)
def test_nobody_loses_a_day_to_a_short_month(day: date, months: int) -> None:
    anniversary = add_months(day, months)
    assert anniversary.day == day.day or (
        anniversary.day == 1 and (anniversary - timedelta(days=1)).day < day.day
    )


@given(DAYS)
def test_the_next_fixed_day_is_within_a_year(day: date) -> None:
    found = next_fixed_day(day, (3, 31))
    assert (found.month, found.day) == (3, 31)
    assert timedelta(0) <= found - day < timedelta(days=366)


def test_a_period_covers_both_its_ends_and_a_blank_end_is_open() -> None:
    first, last = date(2026, 1, 1), date(2026, 1, 31)
    assert covers(first, last, first)
    assert covers(first, last, last)
    assert not covers(first, last, last + timedelta(days=1))
    assert covers(None, None, first)


@pytest.mark.parametrize(
    ("parts", "meant"),
    [
        (("1", "7", "2026"), date(2026, 7, 1)),
        (("01", "07", "2026"), date(2026, 7, 1)),
        ((" 1 ", "jul", "2026"), date(2026, 7, 1)),
        (("1", "July", "2026"), date(2026, 7, 1)),
        (("31", "6", "2026"), None),
        (("29", "2", "2027"), None),
        (("1", "13", "2026"), None),
        (("1", "Brumaire", "2026"), None),
        (("", "", ""), None),
        (("1", "7", "99999"), None),
        (("x", "7", "2026"), None),
    ],
)
def test_a_day_is_read_from_three_fields_with_the_month_in_figures_or_words(
    parts: tuple[str, str, str], meant: date | None
) -> None:
    assert read_day(*parts) == meant


@given(st.text(max_size=12), st.text(max_size=12), st.text(max_size=12))
def test_any_text_in_three_fields_gets_an_answer(day: str, month: str, year: str) -> None:
    read_day(day, month, year)
