"""What the preview of a change, and one person's standing, cost beside one standing query for everybody."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlmodel import Session

from lms import db
from lms.rules.training_map.rows import RequirementRow, cells
from lms.services import preview, standing
from lms.services.standing import Scope
from lms.tables.training_map import MapVersion
from tests.benchmarks import population
from tests.benchmarks.test_coverage import PEOPLE, best

pytestmark = pytest.mark.benchmark


def published(session: Session) -> list[RequirementRow]:
    """The population's map as the version it came with."""
    rows = [
        RequirementRow(who, value, None, f"M{module}", shape, every, anchor=anchor, fixed_day=fixed)
        for who, value, module, shape, every, anchor, fixed in population.TERMS
    ]
    session.add(
        MapVersion(
            number=1,
            state="published",
            rows=[cells(row) for row in rows],
            created_at=datetime(2026, 1, 1, tzinfo=UTC),
        )
    )
    return rows


def test_a_preview_for_100_000_people_costs_at_most_two_standing_queries_for_them(database: str) -> None:
    with db.transaction() as session:
        population.fill(session, PEOPLE)
        rows = published(session)
    changed = [replace(rows[0], every_months=24), *rows[1:]]

    def everybody() -> None:
        with db.transaction(read_only=True) as session:
            standing.people(session, population.ON)

    def rehearsed() -> None:
        with db.transaction(read_only=True) as session:
            told = preview.of(session, changed, population.ON)
            assert told.total.fall_out_of_date

    def person() -> None:
        with db.transaction(read_only=True) as session:
            standing.people(session, population.ON, Scope(person_id=77))

    whole, told, one = best(everybody, 2), best(rehearsed, 2), best(person, 20)
    print(
        f"\n{PEOPLE} people: standing {whole:.2f} s, preview {told:.2f} s = {told / whole:.2f} x; "
        f"one person's standing {one * 1000:.1f} ms"
    )
    assert told <= 2 * whole
    assert one < 0.010
