"""Comparing a role list with what is stored gives each person exactly one kind, and is done after once."""

from datetime import date, timedelta
from itertools import count
from random import Random
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lms.rules.people.plan import Kind, Plan, StoredPerson, StoredPost, compare
from lms.rules.roster import BadRow, Field, RowFact, Status
from lms.rules.roster.facts import NO_END

MAY, JUNE, JULY = date(2026, 5, 31), date(2026, 6, 30), date(2026, 7, 31)
LONG_AGO = date(2020, 1, 6)


def row(number: str = "1", **said: Any) -> RowFact:
    facts: dict[str, Any] = {
        "row": 2,
        "number": number,
        "reference": None,
        "given": "Ada",
        "family": f"Sample {number}",
        "known_as": None,
        "title": "Nurse",
        "units": ("Ward 1",),
        "email": f"{number}@example.org",
        "start": LONG_AGO,
        "end": None,
        "status": None,
        "main": None,
        "bank": None,
        "manager": None,
        "cleared": frozenset(),
    }
    return RowFact(**(facts | said))


def stored_after(plan: Plan, stored: dict[str, StoredPerson]) -> dict[str, StoredPerson]:
    """What would be stored once a plan is carried out, in memory."""
    ids = count(1 + max([post.id for one in stored.values() for post in one.posts], default=0))
    closed = {*plan.close_absences, *plan.drop_absences}
    people = dict(stored)
    for n, (number, values) in enumerate(plan.people.items(), 1 + len(stored)):
        people[number] = StoredPerson(
            n, number, values["given_name"], values["family_name"], values["known_as"], values["email"], ()
        )
    for number, one in people.items():
        changed = plan.employments.get(one.id, {})
        names = {"given_name": "given", "family_name": "family"}
        posts = []
        for post in one.posts:
            values = {
                {"manager_number": "manager"}.get(k, k): v for k, v in plan.posts.get(post.id, {}).items()
            }
            made = post._replace(**values)
            if made.away_id in closed:
                made = made._replace(away_id=None, away_from=None)
            if made.id in plan.open_absences:
                made = made._replace(away_id=1000 + made.id, away_from=plan.as_at)
            posts.append(made)
        for new in plan.new_posts:
            if new.number == number:
                v, id_ = new.values, next(ids)
                away = (1000 + id_, plan.as_at) if new.away else (None, None)
                posts.append(
                    StoredPost(
                        id_,
                        v["reference"],
                        v["title"],
                        v["unit"],
                        v["main"],
                        v["bank"],
                        v["manager_number"],
                        v["starts_on"],
                        v["listed_start"],
                        v["ends_on"],
                        *away,
                    )
                )
        people[number] = one._replace(posts=tuple(posts), **{names.get(k, k): v for k, v in changed.items()})
    return people


def month(
    stored: dict[str, StoredPerson], rows: list[RowFact], as_at: date, covers: str | None = "all"
) -> tuple[Plan, dict[str, StoredPerson]]:
    plan = compare(rows, stored, as_at=as_at, covers=covers)
    return plan, stored_after(plan, stored)


def second(first: list[RowFact], then: list[RowFact], covers: str | None = "all") -> Plan:
    _, stored = month({}, first, MAY)
    return month(stored, then, JUNE, covers)[0]


def test_somebody_new_is_a_joiner_also_when_they_start_later() -> None:
    plan, _ = month({}, [row("1"), row("2", start=JULY)], MAY)
    assert plan.kinds == {"1": Kind.JOINER, "2": Kind.JOINER}


def test_a_row_for_each_of_two_posts_moves_neither_out_of_the_others_way() -> None:
    first = [
        row(reference="1-0", end=JUNE - timedelta(days=1)),
        row(reference="1-1", title="Porter", start=None),
    ]
    _, stored = month({}, first, MAY)
    start = JULY - timedelta(days=20)
    then = [row(reference="1-0", start=start), row(reference="1-1", title="Porter", start=start)]
    _, stored = month(stored, then, JULY)
    assert {post.title: (post.starts_on, post.ends_on) for post in stored["1"].posts} == {
        "Nurse": (start, None),
        "Porter": (start, None),
    }


@pytest.mark.parametrize(
    "spells",
    [
        [(date(2020, 1, 6), date(2024, 1, 31), "Nurse"), (date(2025, 1, 1), None, "Nurse")],
        [(date(2020, 1, 6), JULY, "Nurse"), (JULY + timedelta(days=1), None, "Midwife")],
        [(date(2025, 1, 1), None, "Nurse"), (date(2020, 1, 6), date(2024, 1, 31), "Nurse")],
    ],
)
def test_two_spells_of_one_assignment_are_known_again(spells: list[tuple[date, date | None, str]]) -> None:
    rows = [row(reference="1-0", start=start, end=end, title=title) for start, end, title in spells]
    plan = second(rows, rows)
    assert (plan.kinds, plan.writes) == ({"1": Kind.UNCHANGED}, False)


def test_a_further_spell_of_an_assignment_leaves_the_one_in_force_alone() -> None:
    now = row(reference="1-0", start=date(2025, 1, 1))
    past = row(reference="1-0", start=date(2020, 1, 6), end=date(2024, 1, 31))
    for corrected in (date(2025, 1, 1), date(2025, 1, 2)):
        plan = second([now], [past, row(reference="1-0", start=corrected)])
        assert not any("ends_on" in changes for changes in plan.posts.values())
        assert [post.values["starts_on"] for post in plan.new_posts] == [date(2020, 1, 6)]


def test_a_past_spell_below_the_one_in_force_is_not_taken_for_it_when_it_is_no_longer_listed() -> None:
    now = row(reference="1-0", start=date(2025, 1, 1))
    past = row(reference="1-0", start=date(2020, 1, 6), end=date(2024, 1, 31))
    assert not second([now, past], [now]).writes


def test_a_planned_move_that_was_given_up_leaves_the_post_before_where_it_is() -> None:
    planned = row(reference="1-0", title="Midwife", start=date(2026, 12, 31), units=("Ward 2",))
    _, stored = month({}, [row(reference="1-0")], MAY)
    _, stored = month(stored, [planned], JUNE)
    _, stored = month(stored, [], JULY, "unit=Ward 2")
    plan, _ = month(stored, [row(reference="1-0")], JULY)
    assert (plan.new_posts, plan.kinds) == ([], {"1": Kind.UNCHANGED})


def test_a_planned_move_that_becomes_another_one_moves_the_end_of_the_post_before() -> None:
    _, stored = month({}, [row(reference="1-0")], MAY)
    _, stored = month(stored, [row(reference="1-0", title="Midwife", start=date(2026, 12, 31))], JUNE)
    _, stored = month(stored, [row(reference="1-0", title="Matron", start=date(2026, 7, 15))], JULY)
    assert {post.title: (post.starts_on, post.ends_on) for post in stored["1"].posts} == {
        "Nurse": (LONG_AGO, date(2026, 7, 14)),
        "Midwife": (date(2026, 12, 31), date(2026, 7, 14)),
        "Matron": (date(2026, 7, 15), None),
    }


def test_somebody_who_had_left_before_the_first_list_is_kept_and_counted_as_nothing() -> None:
    plan, stored = month({}, [row(end=MAY - timedelta(days=1))], MAY)
    assert plan.kinds == {}
    assert len(stored["1"].posts) == 1


def test_the_last_day_in_post_is_still_in_post() -> None:
    assert second([row(end=JUNE)], [row(end=JUNE)]).kinds == {"1": Kind.UNCHANGED}


def test_somebody_missing_leaves_the_day_before_the_date_of_the_list() -> None:
    plan = second([row("1"), row("2")], [row("2")])
    assert plan.kinds == {"1": Kind.LEAVER, "2": Kind.UNCHANGED}
    assert list(plan.posts.values()) == [{"ends_on": JUNE - timedelta(days=1)}]


def test_a_status_of_left_without_a_date_ends_the_post_the_day_before_the_list() -> None:
    plan = second([row()], [row(status=Status.LEFT)])
    assert plan.kinds == {"1": Kind.LEAVER}
    assert list(plan.posts.values()) == [{"ends_on": JUNE - timedelta(days=1)}]


def test_another_title_starts_on_the_start_date_if_that_is_later_and_else_on_the_date_of_the_list() -> None:
    for start, expected in ((date(2026, 6, 10), date(2026, 6, 10)), (LONG_AGO, JUNE)):
        plan = second([row()], [row(title="Midwife", start=start)])
        assert plan.kinds == {"1": Kind.MOVER}
        assert list(plan.posts.values()) == [{"ends_on": expected - timedelta(days=1)}]
        assert [post.values["starts_on"] for post in plan.new_posts] == [expected]


def test_a_start_date_older_than_the_last_change_of_title_is_not_a_correction() -> None:
    _, stored = month({}, [row()], MAY)
    _, stored = month(stored, [row(title="Midwife")], JUNE)
    plan, _ = month(stored, [row(title="Midwife")], JULY)
    assert plan.kinds == {"1": Kind.UNCHANGED}


def test_a_move_planned_ahead_leaves_the_old_post_until_then() -> None:
    _, stored = month({}, [row()], MAY)
    ahead = [row(title="Midwife", start=date(2026, 8, 1))]
    plan, stored = month(stored, ahead, JUNE)
    assert plan.kinds == {"1": Kind.MOVER}
    plan, stored = month(stored, ahead, JULY)
    assert plan.kinds == {"1": Kind.UNCHANGED}
    assert [(post.title, post.ends_on) for post in stored["1"].posts] == [("Nurse", JULY), ("Midwife", None)]


def test_a_corrected_start_of_a_move_moves_the_end_of_the_post_before() -> None:
    _, stored = month({}, [row()], MAY)
    _, stored = month(stored, [row(title="Midwife", start=date(2026, 6, 10))], JUNE)
    plan, stored = month(stored, [row(title="Midwife", start=date(2026, 6, 5))], JULY)
    assert plan.kinds == {"1": Kind.CHANGED}
    assert [(post.starts_on, post.ends_on) for post in stored["1"].posts] == [
        (LONG_AGO, date(2026, 6, 4)),
        (date(2026, 6, 5), None),
    ]


def test_going_back_to_an_earlier_title_is_a_move() -> None:
    _, stored = month({}, [row()], MAY)
    _, stored = month(stored, [row(title="Midwife")], JUNE)
    plan, stored = month(stored, [row()], JULY)
    assert plan.kinds == {"1": Kind.MOVER}
    assert [post.title for post in stored["1"].posts if post.current(JULY)] == ["Nurse"]


def test_a_post_more_or_fewer_is_a_move() -> None:
    one, two = row(reference="1-1"), row(reference="1-2", title="Bank nurse")
    assert second([one], [one, two]).kinds == {"1": Kind.MOVER}
    assert second([one, two], [one]).kinds == {"1": Kind.MOVER}


def test_blank_means_unchanged_and_clear_means_clear() -> None:
    assert second([row()], [row(email=None, start=None, units=())]).kinds == {"1": Kind.UNCHANGED}
    plan = second([row()], [row(email=None, cleared=frozenset({Field.EMAIL}))])
    assert plan.kinds == {"1": Kind.CHANGED}
    assert list(plan.employments.values()) == [{"email": None}]


def test_who_is_said_to_have_no_end_has_none_and_who_had_none_is_unchanged() -> None:
    plan = second([row(end=JULY)], [row(cleared=NO_END)])
    assert plan.kinds == {"1": Kind.CHANGED}
    assert list(plan.posts.values()) == [{"ends_on": None}]
    plan = second([row()], [row(cleared=NO_END)])
    assert (plan.kinds, plan.writes) == ({"1": Kind.UNCHANGED}, False)


def test_who_has_left_has_left_whatever_is_said_of_the_end() -> None:
    for end in (None, JULY):
        said = [
            second([row(end=end)], [row(status=Status.LEFT, cleared=cleared)])
            for cleared in (frozenset[Field](), NO_END)
        ]
        assert said[0] == said[1]
        assert said[1].kinds == {"1": Kind.LEAVER}


@pytest.mark.parametrize(
    ("before", "after"),
    [("O'Brien", "O’BRIEN"), ("van der Berg", "Van  Der\u00a0Berg"), ("Łukasz", "ŁUKASZ")],
)
def test_letter_case_white_space_and_apostrophes_alone_are_no_change(before: str, after: str) -> None:
    assert second([row(family=before)], [row(family=after)]).kinds == {"1": Kind.UNCHANGED}


def test_a_status_alone_opens_or_closes_an_absence_and_changes_nobody() -> None:
    away, back = row(status=Status.AWAY), row(status=Status.IN_POST)
    assert second([back], [away]).kinds == {"1": Kind.UNCHANGED}
    assert len(second([back], [away]).open_absences) == 1
    assert len(second([away], [back]).close_absences) == 1


def test_somebody_missing_by_mistake_and_listed_again_is_back_in_the_same_post() -> None:
    _, stored = month({}, [row("1"), row("2")], MAY)
    _, stored = month(stored, [row("2")], JUNE)
    plan, stored = month(stored, [row("1"), row("2")], JULY)
    assert plan.kinds == {"1": Kind.JOINER, "2": Kind.UNCHANGED}
    assert [(post.starts_on, post.ends_on) for post in stored["1"].posts] == [(LONG_AGO, None)]


def test_a_list_of_one_unit_makes_leavers_there_and_nowhere_else() -> None:
    first = [row("1"), row("2", units=("Ward 2",)), row("3")]
    plan = second(first, [row("3")], covers="unit=ward  1")
    assert plan.kinds == {"1": Kind.LEAVER, "3": Kind.UNCHANGED}


def test_a_list_of_one_unit_covers_the_units_beneath_it() -> None:
    first = [
        row("1", units=("Surgery", "Theatres")),
        row("2", units=("Surgery",)),
        row("3", units=("Medicine", "Ward 1")),
        row("4", units=("Surgery", "Ward 1")),
    ]
    for covers, leavers in (
        ("unit=surgery", {"1", "2", "4"}),
        ("unit=Surgery › Ward 1", {"4"}),
        ("unit=Ward 1", {"3", "4"}),
        ("unit=Theatres", {"1"}),
    ):
        plan = second(first, [], covers)
        assert {number for number, kind in plan.kinds.items() if kind is Kind.LEAVER} == leavers


def test_whoever_has_a_row_with_an_error_stays_as_they_are() -> None:
    _, stored = month({}, [row("1"), row("2"), row("3")], MAY)
    bad = [BadRow(3, "2", "adasample2"), BadRow(4, None, "adasample3")]
    plan = compare([row("1")], stored, as_at=JUNE, covers="all", bad=bad)
    assert plan.kinds == {"1": Kind.UNCHANGED}
    assert not plan.posts


@pytest.mark.parametrize("wrong", ["2", "3"])
def test_a_number_with_two_names_makes_neither_of_them_a_leaver(wrong: str) -> None:
    _, stored = month({}, [row("1"), row("2"), row("3"), row("4", family="Sample 2")], MAY)
    listed = [row("1"), row(wrong, family="Sample 2"), row("4", family="Sample 2")]
    bad = [BadRow(4, wrong, "adasample3")]
    plan = compare(listed, stored, as_at=JUNE, covers="all", bad=bad)
    assert plan.kinds == {"1": Kind.UNCHANGED, "4": Kind.UNCHANGED}
    assert not plan.posts


def test_a_row_with_an_error_keeps_nobody_else_of_the_same_name() -> None:
    _, stored = month({}, [row("1"), row("2", family="Sample 1")], MAY)
    plan = compare([], stored, as_at=JUNE, covers="all", bad=[BadRow(3, "1", "adasample1")])
    assert plan.kinds == {"2": Kind.LEAVER}


def a_list(random: Random) -> list[RowFact]:
    rows = []
    referenced = random.random() < 0.5
    for number in random.sample("1234", random.randint(1, 4)):
        email = random.choice([None, f"{number}@example.org", f"new{number}@example.org"])
        family = random.choice([f"Sample {number}", f"SAMPLE {number}", "Other"])
        for n in range(random.choice([1, 1, 2])):
            start = random.choice([None, LONG_AGO, date(2026, 6, 10)])
            end = random.choice([None, None, None, date(2026, 6, 15), date(2026, 12, 31)])
            if start and end and end < start:
                end = None
            rows.append(
                row(
                    number,
                    reference=f"{number}-{n}" if referenced else None,
                    title=random.choice(["Nurse", "Midwife", "nurse ", "Porter"])
                    + ("" if n == 0 else " bank"),
                    family=family,
                    email=email,
                    start=start,
                    end=end,
                    status=random.choice([None, *Status]),
                    units=random.choice([(), ("Ward 1",), ("Ward 2",)]),
                )
            )
    # Chosen apart, so that the seeds below mean what they did.
    chosen = Random(str(rows))
    return [
        one._replace(cleared=NO_END) if one.end is None and chosen.random() < 0.3 else one for one in rows
    ]


@given(st.integers(0, 2**32))
@example(2408281)
@example(490250633)
@example(4285247682)
@example(3259805392)
@example(1603032614)
@settings(max_examples=400, deadline=None)
def test_the_same_list_a_second_time_changes_nothing(seed: int) -> None:
    random = Random(seed)
    stored: dict[str, StoredPerson] = {}
    for as_at in (MAY, JUNE, JULY):
        rows = a_list(random)
        covers = random.choice([None, "all", "unit=Ward 1"])
        _, stored = month(stored, rows, as_at, covers)
        again = compare(rows, stored, as_at=as_at, covers=covers)
        assert not again.writes, (seed, as_at, again)
        assert set(again.kinds.values()) <= {Kind.UNCHANGED}


@given(st.integers(0, 2**32))
@settings(max_examples=200, deadline=None)
def test_joiners_and_leavers_account_for_everybody_in_post(seed: int) -> None:
    random = Random(seed)
    stored: dict[str, StoredPerson] = {}
    for as_at in (MAY, JUNE, JULY):
        before = {number for number, one in stored.items() if any(post.current(as_at) for post in one.posts)}
        plan, stored = month(stored, a_list(random), as_at)
        after = {number for number, one in stored.items() if any(post.current(as_at) for post in one.posts)}
        assert {number for number, kind in plan.kinds.items() if kind is Kind.JOINER} == after - before
        assert {number for number, kind in plan.kinds.items() if kind is Kind.LEAVER} == before - after
        assert set(plan.kinds) == after | before
