"""Maps published one after the other, from days, and taken back, ask exactly what a reading of the policy asks."""

from datetime import UTC, date, datetime, timedelta
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete
from sqlmodel import Session, col, select

from lms import db
from lms.errors import Invalid
from lms.rules.access import EVERYTHING
from lms.rules.training_map.rows import RequirementRow
from lms.rules.training_map.versions import by_identity
from lms.services import standing
from lms.services.audit import COMMAND_LINE
from lms.services.training_map import drafts, publishing, versions
from lms.tables.training_map import MapVersion, Requirement, RequirementTerm
from tests import oracle, worlds
from tests.services.test_preview import publish_as_planted, row_of
from tests.services.test_standing import days_to_try

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
RELAXED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def term_of(row: RequirementRow) -> worlds.Term:
    """A row of the map as the oracle reads it."""
    month, _, day = (row.fixed_day or "").partition("-")
    return worlds.Term(
        row.who,
        row.value,
        row.organisation,
        row.module,
        row.shape,
        row.every_months,
        row.refresher_module,
        row.minutes,
        90 if row.days_allowed is None else row.days_allowed,
        row.anchor,
        (int(month), int(day)) if day else None,
        row.renewal_window_days,
        row.start,
        row.end,
    )


def some_map(random: Random, world: worlds.World) -> list[RequirementRow]:
    """A part of what is asked, and something else, each requirement with one timeline."""
    published = [term for term in world.terms if term.who != "person"]
    kept = random.sample(published, random.randrange(len(published) + 1))
    known = {row_of(term).identity for term in kept}
    fresh = worlds._terms(random, list(world.parents), world.roles, world.levels, list(world.modules))
    return [row_of(term) for term in kept] + [
        row for term in fresh if (row := row_of(term)).identity not in known
    ]


def publish(session: Session, rows: list[RequirementRow], day: date | None) -> None:
    draft = drafts.begin(session, title="Generated", actor=COMMAND_LINE, now=NOW)
    drafts.replace_all(session, draft.id or 0, rows, revision=0, scope=EVERYTHING)
    try:
        publishing.release(
            session,
            draft.id or 0,
            from_day=day,
            reason="Generated",
            revision=1,
            scope=EVERYTHING,
            actor=COMMAND_LINE,
            now=NOW,
        )
    except Invalid:
        drafts.discard(session, draft.id or 0, scope=EVERYTHING, actor=COMMAND_LINE, now=NOW)


def check(session: Session, world: worlds.World, posts: dict, random: Random, seed: int) -> None:
    """The terms are the newest version's rows, and everybody stands where brute force says."""
    rows = versions.rows_of(versions.newest(session))
    laid_out = session.exec(
        select(Requirement.identity, RequirementTerm.from_day, RequirementTerm.to_day)
        .join(RequirementTerm, col(RequirementTerm.requirement_id) == Requirement.id)
        .where(Requirement.who != "person")
    ).all()
    assert sorted(map(str, laid_out)) == sorted(str((row.identity, row.start, row.end)) for row in rows)
    additions = [term for term in world.terms if term.who == "person"]
    world.terms = additions + [term_of(row) for row in rows]
    for on in days_to_try(world, random):
        expected = sorted(
            (posts[n, m], world.terms[t].module, found) for n, m, t, found in oracle.everything(world, on)
        )
        found = standing.people(session, on)
        assert sorted((row.post_id, row.module, row.standing.value) for row in found) == expected, (seed, on)


@given(st.integers(0, 2**32))
@settings(max_examples=20, deadline=None, suppress_health_check=RELAXED)
def test_maps_published_from_days_and_taken_back_ask_what_brute_force_asks(database: str, seed: int) -> None:
    random = Random(seed)
    world = worlds.make(random)
    with db.transaction() as session:
        posts = worlds.plant(session, world)
        publish_as_planted(session, world)
        for _ in range(3):
            day = random.choice([None, worlds.a_day(random), date(2026, 6, 30) + timedelta(days=30)])
            publish(session, some_map(random, world), day)
            check(session, world, posts, random, seed)
        newest = versions.newest(session)
        if newest is not None and newest.base_id is not None:
            publishing.undo(
                session,
                newest.id or 0,
                reason="Generated",
                scope=EVERYTHING,
                actor=COMMAND_LINE,
                now=NOW,
            )
            check(session, world, posts, random, seed)
            undone = versions.newest(session)
            base = session.get_one(MapVersion, newest.base_id)
            assert undone is not None
            assert undone.rows == base.rows
        session.rollback()


@given(st.integers(0, 2**32))
@settings(max_examples=20, deadline=None, suppress_health_check=RELAXED)
def test_before_the_day_of_publishing_nothing_anybody_is_asked_changes(database: str, seed: int) -> None:
    random = Random(seed)
    world = worlds.make(random)
    with db.transaction() as session:
        worlds.plant(session, world)
        # Additions of single people do not belong to the map.
        session.execute(
            delete(RequirementTerm).where(
                col(RequirementTerm.requirement_id).in_(
                    select(Requirement.id).where(Requirement.who == "person")
                )
            )
        )
        rows = publish_as_planted(session, world)
        day = worlds.a_day(random)
        earlier = [day - timedelta(days=one) for one in (1, 30, 400)]

        def asked() -> list:
            return [
                [
                    (row.post_id, row.module, row.standing, row.valid_until)
                    for row in standing.people(session, on)
                ]
                for on in earlier
            ]

        before = asked()
        wanted = some_map(random, world)
        publish(session, wanted, day)
        after = versions.rows_of(versions.newest(session))
        # What is asked earlier than before moves the day it first applied, and that alone may matter.
        first = {identity: min(row.first for row in found) for identity, found in by_identity(rows).items()}
        same = all(
            min(row.first for row in found) == first.get(identity, found[0].first)
            for identity, found in by_identity(after).items()
        )
        if same:
            assert [[one[:2] for one in found] for found in asked()] == [
                [one[:2] for one in found] for found in before
            ]
            assert asked() == before, seed
        session.rollback()
