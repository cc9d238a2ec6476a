"""What a register means: the clock, the marks, and what an attendance becomes."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lms.rules import sessions
from lms.rules.dates import day_in_london
from lms.rules.sessions import Draft, Mark, Outcome

LONDON = "Europe/London"
TODAY = date(2026, 6, 30)

registers = st.dictionaries(st.integers(1, 30), st.sampled_from(Mark), max_size=30)


def draft(**facts: object) -> Draft:
    usual: dict[str, object] = {
        "module_id": 1,
        "organisation_id": 1,
        "day": date(2026, 7, 1),
        "starts": time(9, 30),
        "minutes": 180,
    }
    return Draft(**{**usual, **facts})  # type: ignore[arg-type]


# --- The clock ------------------------------------------------------------------------------------------


def test_a_session_in_summer_begins_an_hour_earlier_by_utc_than_the_same_time_in_winter() -> None:
    assert sessions.starts_at(date(2026, 7, 1), time(9, 30), LONDON) == datetime(
        2026, 7, 1, 8, 30, tzinfo=UTC
    )
    assert sessions.starts_at(date(2026, 12, 1), time(9, 30), LONDON) == datetime(
        2026, 12, 1, 9, 30, tzinfo=UTC
    )


def test_a_session_at_half_past_midnight_in_summer_counts_on_its_own_day() -> None:
    begins = sessions.starts_at(date(2026, 7, 1), time(0, 30), LONDON)
    assert begins.date() == date(2026, 6, 30)
    assert day_in_london(begins) == date(2026, 7, 1)


def test_a_time_that_the_clocks_skip_is_refused_with_what_to_do() -> None:
    assert sessions.time_problem(date(2026, 3, 29), time(1, 30), LONDON) == (
        "01:30 does not exist on 29 March 2026, because the clocks go forward. Choose another time."
    )
    with pytest.raises(ValueError, match="does not exist"):
        sessions.starts_at(date(2026, 3, 29), time(1, 30), LONDON)


def test_of_a_time_that_comes_twice_it_is_the_first() -> None:
    assert sessions.starts_at(date(2026, 10, 25), time(1, 30), LONDON) == datetime(
        2026, 10, 25, 0, 30, tzinfo=UTC
    )


def test_a_night_through_the_change_of_the_clocks_lasts_the_minutes_it_lasts() -> None:
    night = (date(2026, 3, 28), time(22, 0), LONDON)
    assert sessions.ends_at(*night, 600) - sessions.starts_at(*night) == timedelta(hours=10)
    assert sessions.ends_at(*night, 600).astimezone(ZoneInfo(LONDON)).time() == time(9, 0)


def test_a_zone_nobody_knows_is_refused_with_an_example() -> None:
    for zone in ("Yorkshire/Leeds", "../../etc/passwd", "", "/"):
        assert "Europe/London" in (sessions.time_problem(date(2026, 7, 1), time(9), zone) or "")


@given(
    day=st.dates(date(2016, 1, 1), date(2036, 12, 31)),
    starts=st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    zone=st.sampled_from([LONDON, "Europe/Paris", "America/New_York", "Asia/Kolkata"]),
)
def test_whatever_the_clocks_do_the_wall_shows_the_time_that_was_entered(
    day: date, starts: time, zone: str
) -> None:
    assume(sessions.time_problem(day, starts, zone) is None)
    there = sessions.starts_at(day, starts, zone).astimezone(ZoneInfo(zone))
    assert (there.date(), there.time()) == (day, starts)


def test_a_register_opens_an_hour_before_and_is_recorded_once_the_session_has_begun() -> None:
    begins = datetime(2026, 7, 1, 8, 30, tzinfo=UTC)
    assert not sessions.may_be_marked(begins, begins - timedelta(minutes=61))
    assert sessions.may_be_marked(begins, begins - timedelta(minutes=60))
    assert not sessions.may_be_recorded(begins, begins - timedelta(seconds=1))
    assert sessions.may_be_recorded(begins, begins)


# --- What an attendance becomes -------------------------------------------------------------------------


def test_who_stayed_has_completed_the_module_in_the_length_of_the_session() -> None:
    assert sessions.outcome(Mark.ATTENDED, 180) == Outcome("completed", completion=True, minutes=180)


def test_who_left_early_has_attended_and_nothing_is_said_of_how_long_or_why() -> None:
    assert sessions.outcome(Mark.LEFT_EARLY, 180) == Outcome("attended", completion=False, minutes=None)


@pytest.mark.parametrize("mark", [Mark.BOOKED, Mark.ABSENT])
def test_of_who_was_not_there_nothing_is_recorded(mark: Mark) -> None:
    assert sessions.outcome(mark, 180) is None


@given(st.sampled_from(Mark))
def test_something_is_recorded_exactly_of_those_who_came(mark: Mark) -> None:
    assert (sessions.outcome(mark, 60) is not None) == mark.came


# --- Saving a register ----------------------------------------------------------------------------------


@given(current=registers, wanted=registers)
def test_saving_the_same_register_twice_changes_nothing_the_second_time(
    current: dict[int, Mark], wanted: dict[int, Mark]
) -> None:
    after = {**current, **{change.entry_id: change.after for change in sessions.changes(current, wanted)}}
    assert sessions.changes(after, wanted) == []
    assert after == {**current, **{entry: mark for entry, mark in wanted.items() if entry in current}}


@given(current=registers, wanted=registers)
def test_a_fact_ends_exactly_where_one_was_and_begins_exactly_where_one_is(
    current: dict[int, Mark], wanted: dict[int, Mark]
) -> None:
    for change in sessions.changes(current, wanted):
        assert change.before is not change.after
        assert change.ends_fact == current[change.entry_id].came
        assert change.makes_fact == wanted[change.entry_id].came


@given(current=registers, seen=registers)
def test_a_row_left_alone_keeps_what_a_second_trainer_has_marked_meanwhile(
    current: dict[int, Mark], seen: dict[int, Mark]
) -> None:
    assert sessions.changes(current, wanted=seen, seen=seen) == []


def test_a_row_that_was_touched_is_saved_whatever_a_second_trainer_marked() -> None:
    (change,) = sessions.changes(
        {1: Mark.ABSENT, 2: Mark.ATTENDED},
        wanted={1: Mark.ATTENDED, 2: Mark.BOOKED},
        seen={1: Mark.BOOKED, 2: Mark.BOOKED},
    )
    assert (change.entry_id, change.before, change.after) == (1, Mark.ABSENT, Mark.ATTENDED)


@given(st.lists(st.tuples(st.sampled_from(Mark), st.booleans(), st.booleans())))
def test_the_four_marks_add_up_to_the_names(rows: list[tuple[Mark, bool, bool]]) -> None:
    counts = sessions.tally(Counter(rows))
    assert counts.booked + counts.attended + counts.left_early + counts.absent == counts.names == len(rows)
    assert counts.came == counts.attended + counts.left_early


# --- A session as somebody enters it --------------------------------------------------------------------


def test_a_usual_session_has_nothing_wrong_with_it() -> None:
    assert sessions.problems(draft(), today=TODAY) == []


def test_everything_that_is_missing_is_said_at_once_in_the_order_of_the_form() -> None:
    empty = Draft(None, None, None, None, None)
    assert [problem.field for problem in sessions.problems(empty, today=TODAY)] == [
        "module",
        "organisation",
        "day",
        "starts",
    ]


def test_a_session_of_a_module_without_a_length_needs_one() -> None:
    assert [problem.field for problem in sessions.problems(draft(minutes=None), today=TODAY)] == ["minutes"]


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"day": date(1926, 7, 1)}, "day"),
        ({"day": date(2126, 7, 1)}, "day"),
        ({"day": date(2026, 3, 29), "starts": time(1, 15)}, "starts"),
        ({"minutes": 0}, "minutes"),
        ({"minutes": 1441}, "minutes"),
        ({"capacity": 0}, "capacity"),
        ({"capacity": 1001}, "capacity"),
        ({"venue": "x" * 201}, "venue"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(facts: dict[str, object], field: str) -> None:
    assert [problem.field for problem in sessions.problems(draft(**facts), today=TODAY)] == [field]


@given(today=st.dates(date(2020, 1, 1), date(2040, 12, 31)), day=st.dates(date(1900, 1, 1), date(2200, 1, 1)))
def test_any_date_gets_an_answer(today: date, day: date) -> None:
    sessions.problems(draft(day=day), today=today)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("9:30", time(9, 30)),
        ("09.30", time(9, 30)),
        ("0930", time(9, 30)),
        ("930", time(9, 30)),
        ("9", time(9)),
        ("14:00", time(14)),
        ("2pm", time(14)),
        (" 2:30 PM ", time(14, 30)),
        ("12am", time(0)),
        ("12 p.m.", time(12)),
        ("00:30", time(0, 30)),
        ("", None),
        ("25:00", None),
        ("9:60", None),
        ("13pm", None),
        ("half past nine", None),
        ("-9:30", None),
        ("٩:٣٠", None),
    ],
)
def test_a_time_is_read_as_people_write_it(text: str, meant: time | None) -> None:
    assert sessions.read_time(text) == meant


@given(st.text(max_size=12), st.text(max_size=12))
def test_any_text_in_the_fields_gets_an_answer(one: str, other: str) -> None:
    sessions.read_time(one)
    sessions.read_number(other)


def test_a_number_that_is_none_is_told_from_a_blank() -> None:
    assert (sessions.read_number("180"), sessions.read_number(" "), sessions.read_number("3h")) == (
        180,
        None,
        -1,
    )


def test_somebody_who_walks_in_has_a_name_with_a_letter_in_it() -> None:
    assert sessions.name_problem("Zoë") is None
    assert sessions.name_problem("王芳") is None
    for nameless in ("", "  ", "—", "1234", "x" * 201):
        assert sessions.name_problem(nameless)
