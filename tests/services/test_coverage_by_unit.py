"""Coverage by unit: each unit counts its own people and those of the units beneath it, each person once."""

from collections import Counter, defaultdict
from typing import Any

import pytest
from sqlmodel import select

from lms import db
from lms.rules import roster
from lms.rules.people.units import in_unit
from lms.rules.standing import RANK, Standing
from lms.services import coverage, standing
from lms.services.coverage import By, behind
from lms.services.standing import Scope
from lms.tables.people import Post
from tests.rosters.lists import Cells
from tests.services.people import test_applying
from tests.services.people.test_applying import JUNE, apply, apply_reading

place = test_applying.place
LIST = [
    ["Staff No", "Surname", "Forename", "Role", "Division", "Team", "Start"],
    ["1", "Ash", "Al", "Nurse", "Surgery", "Theatres", "01/02/2020"],
    ["2", "Birch", "Bo", "Nurse", "Surgery", "", "01/02/2020"],
    ["3", "Cedar", "Cy", "Nurse", "SURGERY", "Ward 1", "01/06/2026"],
    ["3", "Cedar", "Cy", "Porter", "Medicine", "Ward 1", "01/02/2020"],
    ["4", "Dogwood", "Di", "Nurse", "", "", "01/02/2020"],
]


def counted(rows: Any) -> dict[tuple[str, str], dict[str, int]]:
    return {
        (row.key, row.module): {one.value: getattr(row.counts, one.value) for one in Standing} for row in rows
    }


def worst_in(
    rows: list[standing.Row], units: dict[int, str | None], unit: str
) -> dict[str, Counter[Standing]]:
    """People by module and their worst standing there, exempt ones last, read one by one."""
    each: dict[tuple[str, int], list[Standing]] = defaultdict(list)
    for row in rows:
        held = units[row.post_id]
        if in_unit(held, unit) and held is not None and held.casefold().startswith(unit.casefold()):
            each[row.module, row.person_id].append(row.standing)
    found: dict[str, Counter[Standing]] = defaultdict(Counter)
    for (module, _), standings in each.items():
        found[module][max(standings, key=RANK.__getitem__)] += 1
    return found


@pytest.mark.parametrize("code", ["FAR-BC", "NET-VCS"])
def test_every_unit_counts_whoever_is_in_it_or_beneath_it_once(place: dict[str, int], code: str) -> None:
    id_ = place[code]
    if code == "FAR-BC":
        apply(place, code, 2)
    else:
        apply_reading(id_, roster.read([Cells(LIST)], as_at=JUNE), test_applying.ALL)
    with db.transaction(read_only=True) as session:
        figures = coverage.figures(session, JUNE, organisation_ids=frozenset({id_}), by=By.UNIT)
        rows = standing.people(session, JUNE, Scope(organisation_ids=frozenset({id_})))
        units = dict(session.exec(select(Post.id, Post.unit).where(Post.organisation_id == id_)).all())
    found = counted(figures.rows)
    keys = {key for key, _ in found if key}
    assert {row.organisation for row in figures.rows} == {code}, (
        "units mean nothing beyond their organisation"
    )
    assert len(keys) > 3
    for key in keys:
        expected = worst_in(rows, units, key)
        for module, counter in expected.items():
            assert found[key, module] == {one.value: counter[one] for one in Standing}, (key, module)
        assert {module for unit, module in found if unit == key} == set(expected)


def test_units_roll_up_and_the_people_behind_them_can_be_seen(place: dict[str, int]) -> None:
    id_ = place["NET-VCS"]
    apply_reading(id_, roster.read([Cells(LIST)], as_at=JUNE), test_applying.ALL)
    with db.transaction(read_only=True) as session:
        figures = coverage.figures(session, JUNE, organisation_ids=frozenset({id_}), by=By.UNIT)
        people = {row.key: row.counts.in_scope for row in figures.rows if row.module == "ATR-F"}
        names = {
            key: [
                one.employee_number
                for one in behind.people(
                    session, JUNE, id_, tuple(Standing), module="ATR-F", by=By.UNIT, key=key
                )[0]
            ]
            for key in people
        }
    assert people == {
        "": 1,
        "Medicine": 1,
        "Medicine › Ward 1": 1,
        "SURGERY": 3,
        "SURGERY › Ward 1": 1,
        "Surgery › Theatres": 1,
    }
    assert names["SURGERY"] == ["1", "2", "3"]
    assert names[""] == ["4"]
