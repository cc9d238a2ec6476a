"""Rows that say one post twice, with blanks in one of them, are one post; the same list again changes nothing."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.rules.people.plan import Kind, Plan, StoredPerson, compare
from lms.rules.roster import RowFact, Status
from lms.rules.roster.facts import NO_END
from tests.rules.people.test_plan import JULY, JUNE, LONG_AGO, MAY, month, row

WARD, BLANK = ("Ward 1",), ()


def rows(*said: dict[str, Any]) -> list[RowFact]:
    """Rows of one person, numbered as in a list."""
    return [row(**one)._replace(row=place) for place, one in enumerate(said, 2)]


def new_units(plan: Plan) -> list[str | None]:
    return [post.values["unit"] for post in plan.new_posts]


@pytest.mark.parametrize("swapped", [False, True])
def test_a_row_that_leaves_blank_what_another_says_is_the_same_post(swapped: bool) -> None:
    said = [{"units": WARD, "manager": "9"}, {"units": BLANK, "status": Status.AWAY}]
    listed = rows(*(reversed(said) if swapped else said))
    plan, stored = month({}, listed, MAY)
    assert plan.joined == [("1", 3, 2)]
    (made,) = plan.new_posts
    assert (made.values["unit"], made.values["manager_number"], made.away) == ("Ward 1", "9", True)
    again, _ = month(stored, listed, JUNE)
    assert (again.kinds, again.writes, again.joined) == ({"1": Kind.UNCHANGED}, False, [("1", 3, 2)])


@pytest.mark.parametrize(
    "other",
    [
        {"units": ("Ward 2",)},
        {"title": "Midwife"},
        {"title": ""},
        {"start": MAY},
        {"manager": "8"},
        {"main": False},
        {"bank": True},
        {"reference": "1-2"},
        {"status": Status.AWAY},
        {"end": JULY, "cleared": frozenset()},
        {"status": Status.LEFT},
        {"end": LONG_AGO + timedelta(days=1)},
    ],
    ids=str,
)
def test_a_row_that_contradicts_another_is_a_post_of_its_own(other: dict[str, Any]) -> None:
    full = {
        "reference": "1-1",
        "manager": "9",
        "main": True,
        "bank": False,
        "status": Status.IN_POST,
        "cleared": NO_END,
    }
    plan, _ = month({}, rows(full, full | other), MAY)
    assert (plan.joined, len(plan.new_posts)) == ([], 2)


def test_a_row_with_blanks_beside_two_posts_belongs_to_the_first() -> None:
    listed = rows({"units": BLANK}, {"units": WARD}, {"units": ("Ward 2",)})
    plan, stored = month({}, listed, MAY)
    assert new_units(plan) == ["Ward 1", "Ward 2"]
    again, _ = month(stored, listed, JUNE)
    assert (again.kinds, again.writes) == ({"1": Kind.UNCHANGED}, False)


def test_a_row_with_blanks_about_a_post_that_is_stored_leaves_it_unchanged() -> None:
    _, stored = month({}, rows({"units": WARD}, {"units": ("Ward 2",)}), MAY)
    plan, _ = month(stored, rows({"units": WARD}, {"units": BLANK}), JUNE)
    assert (plan.kinds, plan.writes, plan.joined) == ({"1": Kind.UNCHANGED}, False, [])


def test_a_row_with_blanks_beside_the_one_post_that_is_stored_makes_no_other() -> None:
    _, stored = month({}, rows({"units": WARD}), MAY)
    for said in ([{"units": BLANK}, {"units": WARD}], [{"units": WARD}, {"units": BLANK, "start": None}]):
        plan, _ = month(stored, rows(*said), JUNE)
        assert (plan.kinds, plan.writes, plan.joined) == ({"1": Kind.UNCHANGED}, False, [("1", 3, 2)])
    plan, _ = month(stored, rows({"units": BLANK}, {"units": WARD, "manager": "9"}), JUNE)
    assert list(plan.posts.values()) == [{"manager_number": "9"}]


def test_who_takes_another_title_in_two_rows_moves_to_one_post() -> None:
    _, stored = month({}, rows({"units": WARD}), MAY)
    plan, _ = month(
        stored, rows({"title": "Sister", "units": BLANK}, {"title": "Sister", "units": WARD}), JUNE
    )
    assert plan.kinds == {"1": Kind.MOVER}
    assert new_units(plan) == ["Ward 1"]


def test_a_post_that_is_over_is_not_the_one_without_an_end() -> None:
    listed = rows({"start": None, "end": LONG_AGO}, {"start": None})
    plan, stored = month({}, listed, MAY)
    assert (plan.kinds, plan.joined) == ({"1": Kind.JOINER}, [])
    assert [post.ends_on for post in stored["1"].posts] == [None]


def test_a_number_with_hundreds_of_rows_is_taken_row_by_row() -> None:
    listed = rows(*({"units": (f"Ward {n}",)} for n in range(300)), {"units": BLANK})
    assert len(month({}, listed, MAY)[0].new_posts) == 301


def a_list(random: Random) -> list[RowFact]:
    said = []
    for number in random.sample("12", random.randint(1, 2)):
        referenced = random.random() < 0.3
        for n in range(random.choice([1, 2, 3, 4])):
            said.append(
                row(
                    number,
                    reference=random.choice([None, f"{number}-{n}"]) if referenced else None,
                    title=random.choice(["Nurse", "Nurse", "nurse ", "Porter"]),
                    units=random.choice([BLANK, WARD, ("Ward 2",)]),
                    start=LONG_AGO,
                    manager=random.choice([None, "8"]),
                    main=random.choice([None, True]),
                    cleared=random.choice([frozenset(), NO_END]),
                )
            )
    return [one._replace(row=place) for place, one in enumerate(said, 2)]


def test_posts_of_one_title_are_known_by_their_units_in_any_order_and_whatever_their_ends() -> None:
    wards = [{"units": (f"Ward {n}",), "end": JULY if n == 1 else None} for n in (1, 2, 3)]
    listed = rows(*wards)
    _, stored = month({}, listed, MAY)
    without_ends = [one._replace(end=None) for one in listed]
    for again in (listed[::-1], without_ends, without_ends[::-1]):
        plan, _ = month(stored, again, JUNE)
        assert (plan.kinds, plan.writes) == ({"1": Kind.UNCHANGED}, False)


@given(st.integers(0, 2**32))
@settings(max_examples=200, deadline=None)
def test_the_same_list_again_changes_nothing_after_others_with_units(seed: int) -> None:
    random = Random(seed)
    stored: dict[str, StoredPerson] = {}
    for as_at in (MAY, JUNE, JULY):
        listed = rows(
            *(
                {
                    "title": random.choice(["Nurse", "Nurse", "Porter"]),
                    "units": (ward,),
                    "start": random.choice([None, LONG_AGO]),
                    "end": random.choice([None, None, JULY + timedelta(days=90)]),
                }
                for ward in random.sample(["Ward 1", "Ward 2", "Ward 3"], random.choice([1, 2, 2, 3]))
            )
        )
        _, stored = month(stored, listed, as_at)
        again = compare(random.sample(listed, len(listed)), stored, as_at=as_at, covers="all")
        assert not again.writes, (seed, as_at, again)


@given(st.integers(0, 2**32))
@settings(max_examples=400, deadline=None)
def test_the_same_list_again_changes_nothing_and_no_post_is_made_that_another_row_says(seed: int) -> None:
    listed = a_list(Random(seed))
    stored: dict[str, StoredPerson] = {}
    plan, stored = month(stored, listed, MAY)
    assert len(plan.new_posts) + len(plan.joined) == len(listed)
    again = compare(listed, stored, as_at=JUNE, covers="all")
    assert not again.writes, (seed, again)
    assert again.joined == plan.joined
