"""Coverage counts people as policy.md says: once, by their worst standing, and every row adds up."""

from datetime import date
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms import db
from lms.rules.coverage import rate
from lms.services import coverage
from lms.services.coverage import By
from tests import oracle, worlds
from tests.services.test_standing import RELAXED, SEEDS, days_to_try

SIX = ("exempt", "in_date", "due_soon", "not_yet_due", "not_done", "out_of_date")


def as_counts(figures: coverage.Figures) -> dict:
    return {
        (row.organisation, row.key, row.module): {
            six: getattr(row.counts, six) for six in SIX if getattr(row.counts, six)
        }
        for row in figures.rows
    }


def role_of(job: worlds.Job, on: date) -> str:
    return job.role_on(on) or ""


def family_of(world: worlds.World, job: worlds.Job, on: date) -> str:
    return next((role.family for role in world.roles if role.code == job.role_on(on)), "")


@given(SEEDS)
@settings(max_examples=30, deadline=None, suppress_health_check=RELAXED)
def test_every_breakdown_agrees_with_brute_force(database: str, seed: int) -> None:
    random = Random(seed)
    world = worlds.make(random)
    with db.transaction() as session:
        worlds.plant(session, world)
        for on in days_to_try(world, random)[:2]:
            keys = {
                By.MODULE: lambda employed, job: None,
                By.ROLE: lambda employed, job, on=on: role_of(job, on),
                By.FAMILY: lambda employed, job, on=on: family_of(world, job, on),
                By.PLACE: lambda employed, job: world.places[employed.organisation],
            }
            for by, key in keys.items():
                expected = {}
                for (row, module), counter in oracle.coverage(world, on, key).items():
                    expected[None, row if row is not None else module, module] = dict(counter)
                if by is not By.PLACE:
                    each = oracle.coverage(
                        world, on, lambda employed, job, key=key: (employed.organisation, key(employed, job))
                    )
                    for ((organisation, row), module), counter in each.items():
                        expected[organisation, row if row is not None else module, module] = dict(counter)
                assert as_counts(coverage.figures(session, on, by=by)) == expected, (seed, on, by)
        session.rollback()


@given(SEEDS)
@settings(max_examples=30, deadline=None, suppress_health_check=RELAXED)
def test_staff_trained_agrees_with_brute_force(database: str, seed: int) -> None:
    random = Random(seed)
    world = worlds.make(random)
    with db.transaction() as session:
        worlds.plant(session, world)
        for on in days_to_try(world, random):
            figures = coverage.figures(session, on)
            found = {
                one.organisation: (one.staff_trained_count, one.staff_counted)
                for one in figures.organisations
            }
            assert found == oracle.staff_trained(world, on), (seed, on)
        session.rollback()


@given(SEEDS)
@settings(max_examples=15, deadline=None, suppress_health_check=RELAXED)
def test_one_organisation_alone_has_the_same_rows_as_among_all(database: str, seed: int) -> None:
    world = worlds.make(Random(seed))
    with db.transaction() as session:
        worlds.plant(session, world)
        everything = coverage.figures(session, date(2026, 6, 30))
        for number, code in enumerate(world.parents):
            ids = frozenset(
                one for one, listed in coverage.listed(session, None).items() if listed.code == code
            )
            alone = coverage.figures(session, date(2026, 6, 30), organisation_ids=ids, partnership=False)
            assert list(alone.rows) == [row for row in everything.rows if row.organisation == code]
            assert list(alone.organisations) == [everything.organisations[number]]
        session.rollback()


@given(st.integers(0, 3000), st.integers(1, 3000))
def test_a_rate_is_rounded_half_up_and_never_claims_all_or_nobody_wrongly(part: int, whole: int) -> None:
    part = min(part, whole)
    found = rate(part, whole)
    assert found is not None
    assert (found == 100.0) == (part == whole)
    assert (found == 0.0) == (part == 0)
    assert abs(found - 100 * part / whole) <= 0.1


@pytest.mark.parametrize(
    ("part", "whole", "percent"),
    [(1, 800, 0.1), (1, 16, 6.3), (1999, 2000, 99.9), (1, 2001, 0.1), (0, 5, 0.0), (5, 5, 100.0)],
)
def test_some_rates(part: int, whole: int, percent: float) -> None:
    assert rate(part, whole) == percent


def test_a_rate_of_nobody_is_no_figure() -> None:
    assert rate(0, 0) is None
