"""Which reminder is due on which day: the steps of the policy, one at a time, none lost and none twice."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.rules.reminders import Step, Steps, latest, of_never_done, of_renewal, quiet, steps_from
from lms.rules.standing import NEVER, Standing, Validity, judge

STEPS = Steps()
DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))


def never_done(today: date, start: date, due_by: date) -> Step | None:
    standing = judge(NEVER, due_by, today)
    return latest(standing, today, STEPS, start=start, due_by=due_by, completed_on=None, valid_until=None)


def renewal(today: date, completed_on: date, until: date | None) -> Step | None:
    standing = judge(Validity(completed_on, until), completed_on, today)
    return latest(
        standing,
        today,
        STEPS,
        start=completed_on,
        due_by=completed_on,
        completed_on=completed_on,
        valid_until=until,
    )


def test_a_renewal_is_announced_three_times_and_followed_up_four_times() -> None:
    found = of_renewal(date(2024, 3, 15), date(2027, 3, 14), STEPS)
    assert [(step.name, step.on.isoformat()) for step in found] == [
        ("-90", "2026-12-14"),
        ("-30", "2027-02-12"),
        ("-7", "2027-03-07"),
        ("+1", "2027-03-15"),
        ("+31", "2027-04-14"),
        ("+61", "2027-05-14"),
        ("+91", "2027-06-13"),
    ]
    assert {step.anniversary for step in found} == {date(2027, 3, 15)}


def test_something_never_done_is_said_at_the_start_before_due_by_and_after_it() -> None:
    found = of_never_done(date(2026, 6, 1), date(2026, 8, 30), STEPS)
    assert [(step.name, step.on.isoformat()) for step in found] == [
        ("start", "2026-06-01"),
        ("-14", "2026-08-16"),
        ("+1", "2026-08-31"),
        ("+31", "2026-09-30"),
        ("+61", "2026-10-30"),
        ("+91", "2026-11-29"),
    ]


@pytest.mark.parametrize(
    ("allowed", "announced"), [(0, False), (13, False), (14, False), (15, True), (90, True)]
)
def test_fourteen_days_before_due_by_only_if_that_is_later_than_the_start(
    allowed: int, announced: bool
) -> None:
    start = date(2026, 6, 1)
    names = [step.name for step in of_never_done(start, start + timedelta(days=allowed), STEPS)]
    assert ("-14" in names) is announced


def test_a_monthly_module_is_not_announced_on_the_day_it_was_done() -> None:
    names = [step.name for step in of_renewal(date(2026, 6, 1), date(2026, 6, 30), STEPS)]
    assert names == ["-7", "+1", "+31", "+61", "+91"]


def test_what_never_lapses_is_never_reminded_of() -> None:
    assert renewal(date(2026, 6, 1), date(2020, 1, 1), None) is None


def test_somebody_exempt_gets_nothing() -> None:
    step = latest(
        Standing.EXEMPT,
        date(2026, 6, 1),
        STEPS,
        start=date(2020, 1, 1),
        due_by=date(2020, 3, 31),
        completed_on=None,
        valid_until=None,
    )
    assert step is None


def test_after_years_the_first_run_has_one_step_left_to_send() -> None:
    step = renewal(date(2026, 6, 30), date(2019, 1, 1), date(2021, 12, 31))
    assert step is not None
    assert step.name == "+91"


@pytest.mark.parametrize(
    ("today", "held_back"),
    [
        (date(2026, 6, 30), False),
        (date(2026, 7, 1), True),
        (date(2026, 7, 28), True),
        (date(2026, 7, 29), False),
    ],
)
def test_for_28_days_after_the_last_day_away_nothing_is_sent(today: date, held_back: bool) -> None:
    assert quiet(date(2026, 6, 30), today, STEPS) is held_back


def test_nobody_who_was_never_away_is_held_back() -> None:
    assert not quiet(None, date(2026, 7, 1), STEPS)


@given(completed=DAYS, length=st.integers(0, 1500), today=DAYS)
def test_a_renewal_step_is_the_latest_of_those_the_policy_lists_whose_day_has_come(
    completed: date, length: int, today: date
) -> None:
    until = completed + timedelta(days=length)
    today = max(today, completed)
    offsets = [-90, -30, -7, 1, 31, 61, 91]
    passed = [days for days in offsets if completed < until + timedelta(days=days) <= today]
    step = renewal(today, completed, until)
    assert (step.name if step else None) == (f"{max(passed):+d}" if passed else None)


@given(start=DAYS, allowed=st.integers(0, 400), today=DAYS)
def test_a_never_done_step_is_the_latest_of_those_the_policy_lists_whose_day_has_come(
    start: date, allowed: int, today: date
) -> None:
    due_by = start + timedelta(days=allowed)
    listed = [(start, "start")] + [(due_by + timedelta(days=days), f"+{days}") for days in (1, 31, 61, 91)]
    if allowed > 14:
        listed.append((due_by - timedelta(days=14), "-14"))
    passed = sorted(one for one in listed if one[0] <= today)
    step = never_done(today, start, due_by)
    assert (step.name if step else None) == (passed[-1][1] if passed else None)


@given(
    completed=DAYS,
    length=st.integers(0, 500),
    first=st.integers(0, 700),
    outages=st.lists(st.booleans(), min_size=200, max_size=200),
)
def test_whatever_days_are_missed_each_step_goes_once_at_most_and_the_last_one_always(
    completed: date, length: int, first: int, outages: list[bool]
) -> None:
    until = completed + timedelta(days=length)
    sent: list[tuple[str, date]] = []
    last_run = completed
    for day, down in enumerate(outages):
        today = completed + timedelta(days=first + day)
        if down:
            continue
        last_run = today
        step = renewal(today, completed, until)
        if step and (step.name, step.anniversary) not in sent:
            sent.append((step.name, step.anniversary))
    names = [name for name, _ in sent]
    assert len(names) == len(set(names)) <= 7
    assert names == sorted(names, key=int)
    due = renewal(last_run, completed, until) if last_run > completed else None
    assert (names[-1] if names else None) == (due.name if due else None)


def test_the_settings_move_the_steps() -> None:
    steps = steps_from(
        {
            "reminder_days_before": [60],
            "reminder_every_days": 14,
            "reminder_times_more": 1,
            "reminder_quiet_days": 7,
        }
    )
    names = [step.name for step in of_renewal(date(2024, 1, 1), date(2026, 12, 31), steps)]
    assert names == ["-60", "+1", "+15"]
    assert quiet(date(2026, 6, 30), date(2026, 7, 7), steps)
    assert not quiet(date(2026, 6, 30), date(2026, 7, 8), steps)


def test_the_end_of_the_calendar_is_no_trouble() -> None:
    assert renewal(date(2026, 1, 1), date(2025, 1, 1), date.max) is None
    assert never_done(date(2026, 1, 1), date(2025, 1, 1), date.max) is not None
