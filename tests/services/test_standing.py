"""The SELECT of standing agrees with the rule's brute-force reading, on both engines and for any date."""

from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, text
from sqlmodel import Session

from lms import db
from lms.services import standing
from lms.services.standing import EVERYONE, Scope
from lms.services.standing import asked as reading
from lms.services.standing.query import prepare
from lms.tables.organisations import Setting
from tests import oracle, worlds

SEEDS = st.integers(0, 2**32)
RELAXED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def days_to_try(world: worlds.World, random: Random) -> list[date]:
    """Days on which something ends or begins, the day before and the day after."""
    days = [day for _, _, day, _ in world.completions]
    days += [job.start for one in world.employed for job in one.jobs]
    days += [term.start for term in world.terms if term.start]
    jobs = [job for one in world.employed for job in one.jobs]
    days += [job.regraded[0] for job in jobs if job.regraded]
    for term in world.terms:
        days += [job.regraded[0] + timedelta(days=term.allowed) for job in jobs if job.regraded]
        days += [job.start + timedelta(days=term.allowed) for one in world.employed for job in one.jobs]
        if term.every:
            days += [oracle.anniversary(day, term.every) for _, _, day, _ in world.completions]
            days += [
                oracle.anniversary(day, term.every) - timedelta(days=91) for _, _, day, _ in world.completions
            ]
    chosen = random.sample(days, min(4, len(days)))
    return [day + timedelta(days=random.choice([-1, 0, 1])) for day in chosen] + [date(2026, 6, 30)]


@given(SEEDS)
@settings(max_examples=40, deadline=None, suppress_health_check=RELAXED)
def test_the_select_agrees_with_brute_force_in_generated_worlds(database: str, seed: int) -> None:
    random = Random(seed)
    world = worlds.make(random)
    with db.transaction() as session:
        posts = worlds.plant(session, world)
        for on in days_to_try(world, random):
            expected = sorted(
                (posts[n, m], world.terms[t].module, found) for n, m, t, found in oracle.everything(world, on)
            )
            rows = standing.people(session, on)
            assert sorted((row.post_id, row.module, row.standing.value) for row in rows) == expected, (
                seed,
                on,
            )
        session.rollback()


@given(SEEDS)
@settings(max_examples=15, deadline=None, suppress_health_check=RELAXED)
def test_a_person_and_an_organisation_are_parts_of_everyone(database: str, seed: int) -> None:
    random = Random(seed)
    world = worlds.make(random)
    with db.transaction() as session:
        worlds.plant(session, world)
        everyone = standing.people(session, date(2026, 6, 30))
        for person in {row.person_id for row in everyone}:
            alone = standing.people(session, date(2026, 6, 30), Scope(person_id=person))
            assert alone == [row for row in everyone if row.person_id == person]
        for organisation in {row.organisation_id for row in everyone}:
            some = standing.people(
                session, date(2026, 6, 30), Scope(organisation_ids=frozenset({organisation}))
            )
            assert some == [row for row in everyone if row.organisation_id == organisation]
        session.rollback()


def test_one_person_takes_two_journeys_to_the_database(database: str) -> None:
    world = worlds.make(Random(3))
    for term in world.terms:
        term.shape, term.every, term.anchor = "once", None, "completion"
    with db.transaction() as session:
        worlds.plant(session, world)
        person = standing.people(session, date(2026, 6, 30))[0].person_id
        asked: list[str] = []
        event.listen(session.connection(), "before_cursor_execute", lambda _c, _u, sql, *_: asked.append(sql))
        assert standing.people(session, date(2026, 6, 30), Scope(person_id=person))
        assert len(asked) == 2
        session.rollback()


def test_due_soon_is_as_many_days_as_the_setting_says(session: Session) -> None:
    assert reading.on(session, date(2026, 6, 30)).due_soon_days == 90
    session.add(Setting(name="due_soon_days", value=60))
    session.flush()
    assert reading.on(session, date(2026, 6, 30)).due_soon_days == 60


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_what_a_history_was_judged_to_be_is_found_and_not_searched_for(database: str) -> None:
    day = date(2026, 6, 30)
    with db.transaction(read_only=True) as session:
        prepared = prepare(session, reading.on(session, day, EVERYONE), day, EVERYONE, 60)
        explained = text(f"EXPLAIN QUERY PLAN {prepared.sql} SELECT * FROM judged")
        plan = [line for *_, line in session.execute(explained.bindparams(**prepared.values))]
    assert any(line.startswith("SEARCH f ") and "(term_id=? AND person_id=?)" in line for line in plan)
