"""Dates in every form in which HR systems and people write them."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.errors import Invalid
from lms.rules.roster.dates import DateColumn, Day, month_of, of_list
from tests.rosters.lists import AS_AT, errors, read, row, warnings

DAY = date(2024, 3, 31)


def column(*, is_end: bool = False, from_1904: bool = False) -> DateColumn:
    return DateColumn(as_at=AS_AT, from_1904=from_1904, is_end=is_end)


@pytest.mark.parametrize(
    "written",
    [
        "31\u201303\u20132024", "31\u2011Mar\u20112024", "31/03/2024", "31/3/2024", "31-03-2024", "31.03.2024", "31 03 2024", "31/03/24", "31.3.24", "31-Mar-2024", "31-MAR-24",
        "31 Mar 2024", "31 March 2024", "31 march 2024", "31st March 2024", "31st of March, 2024", "31Mar2024", "Sunday 31 March 2024",
        "Sun, 31 Mar 2024", "March 31, 2024", "Mar 31 2024", "2024-03-31", "2024/03/31", "2024.3.31", "2024-Mar-31", "20240331",
        "31032024", "2024-03-31 00:00:00", "2024-03-31T00:00:00", "2024-03-31T07:12:00Z", "2024-03-31T07:12:00.000+01:00",
        "31/03/2024 00:00", "31/03/2024 07:12:33", "31/03/2024 7:12 PM", " 31/03/2024 ", "\u00a031/03/2024", "'31/03/2024", "45382",
        "45382.0", "45382.25", 45382, 45382.0, 45382.291, 20240331.0, DAY, datetime(2024, 3, 31), datetime(2024, 3, 31, 7, 12),
    ],
)  # fmt: skip
def test_the_last_day_of_march_is_read_however_it_is_written(written: Any) -> None:
    assert column().read(written).day == DAY


@pytest.mark.parametrize(
    "blank",
    [
        "",
        None,
        "-",
        "N/A",
        "NULL",
        "#N/A",
        "00/00/0000",
        "0000-00-00",
        "0",
        0,
        0.0,
        time(),
        date(1899, 12, 30),
        # An empty cell that a spreadsheet formatted as a date, and the first day of other calendars.
        "00/01/1900",
        "00-Jan-00",
        "00-Jan-1900",
        "0 January 1900",
        "1900-01-00",
        "01/01/1900",
        "1900-01-01 00:00:00",
        "30/12/1899",
    ],
)
def test_what_stands_for_nothing_is_blank(blank: Any) -> None:
    found = column().read(blank)
    assert (found.day, found.code) == (None, "")


@pytest.mark.parametrize(
    "impossible",
    [
        "31/02/2024",
        "29/02/2023",
        "32/01/2024",
        "31 April 2024",
        "2024-13-01",
        "13/13/2024",
        "20241301",
        "00/01/2024",
    ],
)
def test_a_day_that_does_not_exist_is_an_error(impossible: str) -> None:
    assert column().read(impossible).code == "date_impossible"


@pytest.mark.parametrize(
    "unreadable",
    [
        "soon",
        "TBC",
        "March 2024",
        "2024",
        "Mar-24",
        "31 Brumaire 2024",
        "1/2",
        12,
        99999999,
        True,
        timedelta(1),
        time(7),
        "#REF!",
        "31/03/024",
    ],
)
def test_what_is_no_date_is_an_error(unreadable: Any) -> None:
    assert column().read(unreadable).code == "date_unreadable"


@pytest.mark.parametrize("american", ["03/31/2024", "3/31/24", "12-25-2023", "03/31/2024 00:00"])
def test_a_month_first_date_is_an_error_of_its_own(american: str) -> None:
    assert column().read(american).code == "date_american"


def test_serial_numbers_count_from_the_workbooks_own_beginning() -> None:
    assert column(from_1904=True).read(45382 - 1462).day == DAY


@pytest.mark.parametrize(
    ("written", "day"),
    [("31/03/36", date(2036, 3, 31)), ("31/03/37", date(1937, 3, 31)), ("1.2.69", date(1969, 2, 1))],
)
def test_two_figures_are_this_century_up_to_ten_years_ahead(written: str, day: date) -> None:
    assert column().read(written).day == day


@pytest.mark.parametrize(
    "end",
    [
        "31/12/4712",
        "31-DEC-4712",
        "31.12.9999",
        "9999-12-31",
        "99991231",
        2958465,
        "2958465",
        "2958465.0",
        1027428,
        "47121231",
        99991231,
        date(4712, 12, 31),
        "present",
        "Permanent",
        "Open-ended",
        "none",
        "No end date",
    ],
)
def test_the_end_of_time_says_that_there_is_no_end(end: Any) -> None:
    found = column(is_end=True).read(end)
    assert (found.day, found.code, found.never) == (None, "", True)
    assert column().read(end).never is False, "a start is never taken away"


@pytest.mark.parametrize("unknown", ["", None, "-", "N/A", "NULL", "#N/A", "tbc", "TBA", "00/00/0000", 0])
def test_an_end_that_nobody_knows_is_blank(unknown: Any) -> None:
    assert column(is_end=True).read(unknown) == Day()


def test_dates_long_ago_and_far_ahead_are_warnings_and_stand() -> None:
    reading = read(row("7", start="01/01/1930"), row("8", start="03/05/2062"), row("9", end="03/05/2126"))
    assert [code for _, _, code in warnings(reading)] == ["date_old", "date_far", "date_far"]
    assert not reading.errors
    assert reading.rows[0].start == date(1930, 1, 1)


def test_month_names_are_those_people_type() -> None:
    assert [month_of(name) for name in ("jan", "January", "SEPT", "sep", "dez", "Juni")] == [
        1,
        1,
        9,
        9,
        None,
        None,
    ]


@given(st.dates(date(1950, 1, 1), date(2028, 5, 31)))
def test_every_form_of_a_day_is_that_day(day: date) -> None:
    serial = (day - date(1899, 12, 30)).days
    for written in (
        f"{day:%d/%m/%Y}",
        f"{day:%d-%b-%Y}",
        f"{day:%d %B %Y}",
        day.isoformat(),
        f"{day:%Y%m%d}",
        serial,
        f"{day} 00:00:00",
    ):
        found = column().read(written)
        assert (found.day, found.code) == (day, "")


# --- The column as a whole --------------------------------------------------------------------------------


def test_in_a_column_of_american_dates_none_that_could_be_either_is_trusted() -> None:
    reading = read(
        row("1", start="03/31/2024"),
        row("2", start="01/04/2024"),
        row("3", start="12/25/2023"),
        row("4", start="2024-01-02"),
        row("5", start="04/04/2024"),
    )
    assert errors(reading) == [(at, "Start Date", "date_american") for at in (2, 3, 4)]
    assert [fact.number for fact in reading.rows] == ["4", "5"], (
        "ISO dates and the fourth of the fourth are clear"
    )


def test_one_american_slip_among_british_dates_does_not_doubt_the_others() -> None:
    british = [row(str(n), start=f"{13 + n % 15}/04/2024") for n in range(100, 130)]
    reading = read(*british, row("1", start="03/31/2024"), row("2", start="01/04/2024"))
    assert errors(reading) == [(32, "Start Date", "date_american")]
    assert reading.rows[-1].start == date(2024, 4, 1)


def test_start_and_end_columns_are_judged_apart() -> None:
    reading = read(row("1", start="01/04/2024", end="12/31/2026"), row("2", start="02/04/2024"))
    assert errors(reading) == [(2, "End Date", "date_american")]


def test_an_end_before_the_start_is_an_error_and_the_same_day_is_not() -> None:
    reading = read(
        row("1", start="02/04/2024", end="01/04/2024"), row("2", start="01/04/2024", end="01/04/2024")
    )
    assert errors(reading) == [(2, "End Date", "end_before_start")]
    assert "02/04/2024" in reading.errors[0].message


@pytest.mark.parametrize(
    ("day", "written"), [(date(2026, 7, 11), "11 July 2026"), (date(1999, 12, 31), "31 December 1999")]
)
def test_a_list_is_of_no_day_to_come_and_none_long_ago(day: date, written: str) -> None:
    with pytest.raises(Invalid, match=f"This one would be of {written}"):
        of_list(day, date(2026, 7, 10))
