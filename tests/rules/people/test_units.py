"""Units are a tree: whoever names one means everything beneath it."""

import pytest

from lms.rules.people.units import in_unit, rolled_up

THEATRES = "Acute › Surgery › Theatres"


@pytest.mark.parametrize(
    "name",
    [
        "Acute",
        "surgery",
        "THEATRES",
        " Surgery › Theatres ",
        "Acute > Surgery",
        "acute›surgery›theatres",
        THEATRES,
    ],
)
def test_a_unit_lies_in_itself_and_in_every_unit_above_it(name: str) -> None:
    assert in_unit(THEATRES, name)


@pytest.mark.parametrize(
    "name", ["Theatre", "Acute › Theatres", "Theatres › Surgery", "Acute Surgery", "", " › "]
)
def test_a_unit_lies_in_no_other(name: str) -> None:
    assert not in_unit(THEATRES, name)


def test_no_unit_lies_nowhere() -> None:
    assert not in_unit(None, "Surgery")


def test_of_two_units_with_one_name_a_path_says_which() -> None:
    here, there = "Surgery › Administration", "Medicine › Administration"
    assert [in_unit(unit, "Administration") for unit in (here, there)] == [True, True]
    assert [in_unit(unit, "Medicine › Administration") for unit in (here, there)] == [False, True]


def test_each_unit_counts_in_every_unit_above_it_whatever_the_spelling() -> None:
    assert rolled_up(["Surgery", "SURGERY › Theatres"]) == [
        ("Surgery", "Surgery"),
        ("SURGERY › Theatres", "Surgery"),
        ("SURGERY › Theatres", "SURGERY › Theatres"),
    ]
