"""The people behind a figure are exactly those it counts, in every breakdown of any world."""

from datetime import date
from random import Random

import pytest
from hypothesis import given, settings
from sqlmodel import select

from lms import db
from lms.errors import NotFound
from lms.rules.coverage import counted
from lms.rules.standing import RANK, Standing
from lms.services import coverage
from lms.services.coverage import By, behind
from lms.tables.organisations import Organisation
from tests import worlds
from tests.services.test_standing import RELAXED, SEEDS, days_to_try

EVERY = tuple(Standing)


def ids(session) -> dict[str, int]:
    return {one.code: one.id for one in session.exec(select(Organisation))}


def counts_of(people) -> object:
    ranks: dict[int, int] = {}
    for one in people:
        ranks[RANK[one.standing]] = ranks.get(RANK[one.standing], 0) + 1
    return counted(ranks)


@given(SEEDS)
@settings(max_examples=15, deadline=None, suppress_health_check=RELAXED)
def test_every_figure_is_the_number_of_people_behind_it(database: str, seed: int) -> None:
    random = Random(seed)
    world = worlds.make(random)
    with db.transaction() as session:
        worlds.plant(session, world)
        places = ids(session)
        for on in days_to_try(world, random)[:1]:
            for by in (By.MODULE, By.ROLE, By.FAMILY):
                for row in coverage.figures(session, on, by=by).rows:
                    if row.organisation is None:
                        continue
                    key = {} if by is By.MODULE else {"by": by, "key": row.key}
                    people, total = behind.people(
                        session, on, places[row.organisation], EVERY, module=row.module, limit=1_000, **key
                    )
                    assert total == len(people) == row.counts.in_scope
                    assert counts_of(people) == row.counts
            for one in coverage.figures(session, on).organisations:
                if not one.no_data:
                    people, _ = behind.people(session, on, places[one.organisation], EVERY, limit=1_000)
                    counts = counts_of(people)
                    assert counts.in_scope - counts.exempt == one.staff_counted
                    assert counts.trained == one.staff_trained_count
        session.rollback()


def test_pages_of_them_are_in_the_order_of_their_names_and_join_without_a_seam(session) -> None:
    world = worlds.make(Random(7))
    worlds.plant(session, world)
    on, places = date(2026, 6, 30), ids(session)
    for organisation in places.values():
        whole, total = behind.people(session, on, organisation, EVERY, limit=1_000)
        pages = [
            behind.people(session, on, organisation, EVERY, limit=2, offset=n)[0] for n in range(0, total, 2)
        ]
        assert [one for page in pages for one in page] == whole
        assert behind.people(session, on, organisation, (), limit=10) == ([], 0)


@pytest.mark.parametrize("wrong", [{"module": "NONE"}, {"module": "M1", "by": By.ROLE, "key": "NONE"}])
def test_what_does_not_exist_is_said(session, wrong) -> None:
    worlds.plant(session, worlds.make(Random(7)))
    with pytest.raises(NotFound, match="There is no such"):
        behind.people(session, date(2026, 6, 30), 1, EVERY, **wrong)
