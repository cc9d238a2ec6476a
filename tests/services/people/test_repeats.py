"""Of whom a list repeats letter for letter nothing is read, and its plan is the one that reading everybody gives."""

from datetime import date
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from lms import db
from lms.rules.people.plan import Kind, Plan, compare
from lms.rules.roster import BadRow, KnownOrganisation, Reading, RowFact, Status
from lms.rules.roster.facts import NO_END
from lms.services import audit
from lms.services.people import applying, checking, stored
from lms.services.people.checking import Checked, Options
from tests.rules.people.test_plan import JULY, JUNE, MAY, a_list, row
from tests.services.people.test_applying import NOW, place
from tests.services.test_standing import RELAXED

__all__ = ["place"]
ACCEPTED = Options("all", accept_leavers=True, accept_joiners=True)


def check(session: Session, id_: int, rows: list[RowFact], as_at: date, **more: Any) -> Checked:
    options = more.pop("options", ACCEPTED)
    return checking.check(session, id_, Reading(as_at, rows=tuple(rows), **more), options)


def apply(session: Session, id_: int, rows: list[RowFact], as_at: date) -> None:
    checked = check(session, id_, rows, as_at)
    applying.apply(session, id_, checked, actor=audit.COMMAND_LINE, now=NOW)


def read_in_full(session: Session, id_: int, checked: Checked) -> Plan:
    everybody = stored.people(session, id_)
    reading = checked.reading
    covers = checked.options.covers
    return compare(reading.rows, everybody, as_at=reading.as_at, covers=covers, bad=reading.bad)


def varied(random: Random) -> list[RowFact]:
    """A list as some systems write it: with main posts, managers and known-as names, or without a word of them."""
    chosen = {
        "main": [True, False],
        "bank": [False, True],
        "manager": ["9", None],
        "known_as": ["Ad\u00e0", None],
    }
    told = [name for name in chosen if random.random() < 0.5]
    rows = [one._replace(**{name: random.choice(chosen[name]) for name in told}) for one in a_list(random)]
    # Somebody who is away or has left is not repeated, so without this hardly anybody would be.
    return [one._replace(status=Status.IN_POST) for one in rows] if random.random() < 0.7 else rows


@given(st.integers(0, 2**32))
@settings(max_examples=60, deadline=None, suppress_health_check=RELAXED)
def test_the_plan_is_the_one_that_reading_everybody_gives(place: dict[str, int], seed: int) -> None:
    random = Random(seed)
    id_ = place["QUA-NHS"]
    with db.transaction() as session:
        for as_at in (MAY, JUNE):
            listed = varied(random)
            apply(session, id_, listed, as_at)
        again = random.sample(listed, random.randint(1, len(listed))) + random.choice([[], varied(random)])
        bad = (BadRow(9, random.choice(again).number, ""),) if random.random() < 0.3 else ()
        covers = random.choice([None, "all", "unit=Ward 1"])
        checked = check(session, id_, again, random.choice([JUNE, JULY]), bad=bad, options=Options(covers))
        assert checked.plan == read_in_full(session, id_, checked)
        session.rollback()


def test_nobody_is_read_whom_a_list_repeats_nor_who_is_gone_and_not_listed(place: dict[str, int]) -> None:
    id_ = place["QUA-NHS"]
    first = [row(number, main=True, bank=False, manager="9", reference=number) for number in "12345"]
    with db.transaction() as session:
        apply(session, id_, first, MAY)
        apply(session, id_, first[:4], JUNE)
        listed = [*first[:2], first[2]._replace(title="Midwife")]
        checked = check(session, id_, listed, JULY)
        assert set(checked.stored) == {"3", "4"}
        assert checked.plan.kinds == {
            "1": Kind.UNCHANGED,
            "2": Kind.UNCHANGED,
            "3": Kind.MOVER,
            "4": Kind.LEAVER,
        }
        back = check(session, id_, first, JULY)
        assert set(back.stored) == {"5"}
        assert back.plan.kinds["5"] is Kind.JOINER
        everybody = checking.check(session, id_, Reading(JULY, rows=tuple(listed)), ACCEPTED, everybody=True)
        assert set(everybody.stored) == set("12345")
        assert everybody.plan == checked.plan


@pytest.mark.parametrize(
    "changed",
    [
        {"given": "Adam"},
        {"family": "Other"},
        {"known_as": "Addie"},
        {"email": "new@example.org"},
        {"reference": "1-2"},
        {"title": "Midwife"},
        {"units": ("Ward 1", "Bay 2")},
        {"main": False},
        {"bank": True},
        {"manager": "8"},
        {"start": JUNE},
        {"end": JULY},
        {"status": Status.AWAY},
        {"status": Status.LEFT},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_whoever_differs_in_anything_is_read(place: dict[str, int], changed: dict[str, Any]) -> None:
    id_ = place["QUA-NHS"]
    full = row(main=True, bank=False, manager="9", reference="1-1", known_as="Ada", status=Status.IN_POST)
    with db.transaction() as session:
        apply(session, id_, [full, full._replace(number="2")], MAY)
        checked = check(session, id_, [full._replace(**changed), full._replace(number="2")], JUNE)
        assert set(checked.stored) == {"1"}
        assert checked.plan.writes


def test_nobody_is_read_for_having_no_end_and_whose_end_goes_is(place: dict[str, int]) -> None:
    id_ = place["QUA-NHS"]
    first = [row(number, main=True, bank=False, manager="9", reference=number) for number in "123"]
    first[1] = first[1]._replace(end=date(2027, 3, 31))
    with db.transaction() as session:
        apply(session, id_, first, MAY)
        never = [one._replace(end=None, cleared=NO_END) for one in first]
        checked = check(session, id_, never, JUNE)
        assert set(checked.stored) == {"2"}
        assert list(checked.plan.posts.values()) == [{"ends_on": None}]
        apply(session, id_, never, JUNE)
        again = check(session, id_, never, JUNE)
        assert (set(again.stored), again.plan.writes) == (set(), False)
        applying.undo(session, id_, actor=audit.COMMAND_LINE, now=NOW)
        assert list(check(session, id_, never, JUNE).plan.posts.values()) == [{"ends_on": None}]


def test_who_came_back_from_an_absence_that_a_list_opened_is_read(place: dict[str, int]) -> None:
    id_ = place["QUA-NHS"]
    here = row(main=True, bank=False, status=Status.IN_POST)
    with db.transaction() as session:
        apply(session, id_, [here._replace(status=Status.AWAY)], MAY)
        checked = check(session, id_, [here], JUNE)
        assert set(checked.stored) == {"1"}
        assert checked.plan.close_absences


def test_the_characters_that_part_what_is_stored_may_stand_in_it_too(place: dict[str, int]) -> None:
    id_ = place["QUA-NHS"]
    odd = [
        row("1", main=True, bank=False, manager="9", reference="1", units=("Ward\x1e2", "Bay")),
        row("2", main=True, bank=False, manager="9\x1f", reference="2"),
        row("3", main=True, bank=False, manager="9", reference="3"),
    ]
    with db.transaction() as session:
        apply(session, id_, odd, MAY)
        again = check(session, id_, odd, JUNE)
        assert not again.plan.writes
        assert "3" not in again.stored
        moved = [odd[0]._replace(units=("Ward", "2", "Bay")), *odd[1:]]
        checked = check(session, id_, moved, JUNE)
        assert set(checked.stored) >= {"1"}
        assert checked.plan == read_in_full(session, id_, checked)
        assert checked.plan.writes


def test_what_is_known_of_an_organisation_is_its_numbers_and_whose_an_address_is(
    place: dict[str, int],
) -> None:
    id_ = place["QUA-NHS"]
    with db.transaction() as session:
        assert stored.known(session, id_) == KnownOrganisation()
        listed = [
            row("1", email="ada@example.org"),
            row("2", given="Bo", email="shared@example.org"),
            row("3", given="Cy", email="shared@example.org"),
            row("4\x1e5", given="Di", email=None),
        ]
        apply(session, id_, listed, MAY)
        known = stored.known(session, id_)
    assert known.numbers == {"1", "2", "3", "4\x1e5"}
    assert known.number_of_email == {"ada@example.org": "1"}
