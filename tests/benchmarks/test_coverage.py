"""What coverage and standing cost beside the bare reading of the same rows, in one run."""

import time
from collections.abc import Callable

import pytest
from sqlalchemy import text

from lms import db
from lms.services import coverage, standing
from lms.services.standing import Scope
from tests.benchmarks import population

pytestmark = pytest.mark.benchmark

PEOPLE = 100_000
# The least that any way of counting has to do: the latest completion of everybody for each module, beside their posts.
FLOOR = """
SELECT COUNT(*), MAX(h.day) FROM post p
JOIN employment e ON e.id = p.employment_id
JOIN (SELECT person_id, module_id, MAX(completed_on) AS day FROM completion GROUP BY person_id, module_id) h
  ON h.person_id = e.person_id
"""


def best(act: Callable[[], object], times: int = 3) -> float:
    """The least of a few runs, in seconds."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        act()
        taken.append(time.perf_counter() - start)
    return min(taken)


def test_coverage_of_100_000_people_stays_near_the_bare_grouping_of_their_completions(database: str) -> None:
    with db.transaction() as session:
        population.fill(session, PEOPLE)

    def floor() -> None:
        with db.transaction(read_only=True) as session:
            session.execute(text(FLOOR)).all()

    def figures() -> None:
        with db.transaction(read_only=True) as session:
            coverage.figures(session, population.ON)

    def person() -> None:
        with db.transaction(read_only=True) as session:
            standing.people(session, population.ON, Scope(person_id=77))

    bare, counted, one = best(floor), best(figures), best(person, 20)
    print(
        f"\n{PEOPLE} people: floor {bare:.2f} s, coverage {counted:.2f} s = {counted / bare:.1f} x floor; "
        f"one person's standing {one * 1000:.1f} ms"
    )
    assert counted <= 10 * bare
    assert one <= 0.05 * bare + 0.02
