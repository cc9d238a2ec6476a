"""Which files are lists, of which day, and what is said of them."""

from datetime import date

import pytest

from lms.errors import Invalid
from lms.rules import feed


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("staff-2026-06-30.csv", date(2026, 6, 30)),
        ("ESR_20260630.xlsx", date(2026, 6, 30)),
        ("ESR_20260630T021500.csv", date(2026, 6, 30)),
        ("ESR_202606300215.csv", date(2026, 6, 30)),
        ("20260630021500 establishment.csv", date(2026, 6, 30)),
        ("Staff 30.06.2026.xls", date(2026, 6, 30)),
        ("staff 1-6-2026.csv", date(2026, 6, 1)),
        ("staff 2026_06_30 v2.csv", date(2026, 6, 30)),
        ("from 2026-04-01 to 2026-06-30.csv", date(2026, 6, 30)),
        ("staff 06.07.2026.csv", date(2026, 7, 6)),
        ("staff.csv", None),
        ("staff-2026-06.csv", None),
        ("staff-2026-02-30.csv", None),
        ("staff 07/13/2026.csv", None),
        ("staff 07.13.2026.csv", None),
        ("post 12026063099 list.csv", None),
        ("staff-2026-06_30.csv", None),
    ],
)
def test_the_date_of_a_list_is_read_from_its_name(name: str, day: date | None) -> None:
    assert feed.day_in_name(name) == day


@pytest.mark.parametrize(
    "name",
    [
        ".staff.csv",
        "~$staff.xlsx",
        "staff.csv.part",
        "staff.csv.filepart",
        "staff.TMP",
        "staff.csv~",
        ".taken",
    ],
)
def test_what_is_hidden_or_still_being_sent_is_passed_over(name: str) -> None:
    assert feed.passed_over(name)


@pytest.mark.parametrize("name", ["staff.csv", "staff", "party.csv", "temp.xlsx", "a~b.csv"])
def test_everything_else_may_be_a_list(name: str) -> None:
    assert not feed.passed_over(name)


@pytest.mark.parametrize("text", ["all", "unit=Ward 7", None, ""])
def test_what_a_list_covers_is_said_as_on_the_command_line(text: str | None) -> None:
    assert feed.covered(text) == (text or None)


@pytest.mark.parametrize("text", ["half", "unit=", "unit= ", "ALL", "Unit=Ward 7"])
def test_anything_else_about_covering_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="unit=NAME"):
        feed.covered(text)


def test_the_same_content_is_another_list_when_it_covers_something_else() -> None:
    assert len({feed.fingerprint("ab", covers) for covers in (None, "all", "unit=Ward 7")}) == 3


def test_where_a_problem_is_leaves_out_what_the_cell_holds() -> None:
    problem = {
        "sheet": "A",
        "row": 7,
        "column": "Start Date",
        "value": "31/02/2024",
        "message": "It does not exist.",
    }
    assert feed.place(problem) == "row 7, Start Date"
    assert feed.place({**problem, "row": None, "column": None}) == ""
