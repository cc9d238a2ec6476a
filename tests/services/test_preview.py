"""What publishing would do, told before: equal to what publishing then does."""

from datetime import UTC, date, datetime, timedelta
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from lms import db
from lms.rules.training_map.rows import RequirementRow, of_cells
from lms.services import audit, preview, reference, reminders
from lms.services.preview import Preview
from lms.services.training_map import versions
from lms.tables.organisations import Organisation
from lms.tables.training_map import MapVersion
from tests import oracle, worlds

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
ON = date(2026, 6, 30)
OPEN = ("not_yet_due", "due_soon", "not_done", "out_of_date")


def row_of(term: worlds.Term) -> RequirementRow:
    """A term of a made-up world as a row of the map."""
    return of_cells(
        {
            "who": term.who,
            "value": term.value,
            "organisation": term.organisation or "",
            "module": term.module,
            "shape": term.shape,
            "every_months": str(term.every or ""),
            "refresher_module": term.refresher or "",
            "hours": f"{term.minutes / 60:g}" if term.minutes else "",
            "days_allowed": str(term.allowed),
            "anchor": term.anchor,
            "fixed_day": f"{term.fixed[0]:02}-{term.fixed[1]:02}" if term.fixed else "",
            "renewal_window_days": "" if term.window is None else str(term.window),
            "from": str(term.start or ""),
            "to": str(term.end or ""),
        }
    )


def publish_as_planted(session: Session, world: worlds.World) -> list[RequirementRow]:
    """Give the planted terms the version that they would have come with."""
    rows = [row_of(term) for term in world.terms if term.who != "person"]
    version = session.exec(select(MapVersion)).one()
    version.rows = [versions.cells(row) for row in rows]
    session.add(version)
    session.flush()
    return rows


def by_brute_force(before: worlds.World, after: worlds.World, on: date) -> dict[str, int]:
    """The people to whom things happen, from what the two worlds give by reading policy.md slowly."""

    def worst(world: worlds.World) -> dict:
        found: dict = {}
        for n, _, t, standing in oracle.everything(world, on):
            one = world.employed[n]
            found.setdefault((one.organisation, one.person, world.terms[t].module), []).append(standing)
        return {key: oracle.worst(standings) for key, standings in found.items()}

    was, becomes = worst(before), worst(after)
    counts: dict[str, set[int]] = {}
    for key in was.keys() | becomes.keys():
        old, new = was.get(key), becomes.get(key)
        if old == new:
            continue
        happened = {
            "become_due": new in OPEN[:3] and old not in OPEN,
            "late": new == "not_done",
            "fall_out_of_date": new == "out_of_date",
            "begin": old is None,
            "end": new is None,
            "settled": old in OPEN and new not in OPEN,
        }
        for what, did in happened.items():
            if did:
                counts.setdefault(what, set()).add(key[1])
    return {what: len(people) for what, people in counts.items()}


@given(st.integers(0, 2**32))
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_the_preview_counts_what_brute_force_counts(database: str, seed: int) -> None:
    random = Random(seed)
    world = worlds.make(random)
    other = worlds.World(**vars(world))
    additions = [term for term in world.terms if term.who == "person"]
    mapped = [term for term in world.terms if term.who != "person"]
    kept = random.sample(mapped, random.randrange(len(mapped) + 1))
    fresh = worlds._terms(random, list(world.parents), world.roles, world.levels, list(world.modules))
    known = {row_of(term).identity for term in kept}
    other.terms = additions + kept + [term for term in fresh if row_of(term).identity not in known]
    with db.transaction() as session:
        worlds.plant(session, world)
        publish_as_planted(session, world)
        rows = [row_of(term) for term in other.terms if term.who != "person"]
        for on in (ON, worlds.a_day(random)):
            told = preview.of(session, rows, on).total
            expected = by_brute_force(world, other, on)
            assert {what: getattr(told, what) for what in expected} == expected, (seed, on)
            assert sum(getattr(told, what) for what in preview.HAPPENINGS) == sum(expected.values())
        session.rollback()


# --- A change somebody makes ----------------------------------------------------------------------------

FOLDER = {
    "organisations.csv": b"code,name\nT,The Trust\nC,The Council\n",
    "modules.csv": b"code,title,activity_iri\nA,Foundation,urn:a\nB,Other,urn:b\n",
    "training-map.csv": b"who,module,shape,every_months,from\neveryone,A,refreshed,36,2020-01-01\n",
}


def plant(session: Session) -> None:
    """Ten people at the trust and ten at the council, the same ten; they completed A month after month."""
    reference.load(session, FOLDER, now=NOW, base_url="https://golden.example")
    world = worlds.World({}, {}, {}, {}, [], {}, [], [], [], [])
    for n in range(10):
        for code in ("T", "C"):
            world.employed.append(worlds.Employed(n, code, [worlds.Job(None, False, date(2021, 1, 1))]))
        world.completions.append((n, "A", date(2026, 6, 1) - timedelta(days=90 * n), None))
    ids = {
        "organisation": dict(session.exec(select(Organisation.code, Organisation.id)).all()),
        "role": {},
        "module": {"A": 1, "B": 2},
    }
    worlds._plant_people(session, world, ids, [])


def change(session: Session, **cells: str) -> Preview:
    rows = [of_cells({"who": "everyone", "module": "A", "from": "2020-01-01"} | cells)]
    return preview.of(session, rows, ON)


def test_a_shorter_interval_tells_who_falls_out_of_date_and_publishing_makes_it_so(session: Session) -> None:
    plant(session)
    told = change(session, shape="refreshed", every_months="12")
    assert (told.total.fall_out_of_date, told.total.become_due, told.total.end) == (6, 1, 0)
    assert [(one.code, one.effect.fall_out_of_date) for one in told.organisations] == [("C", 6), ("T", 6)]
    (figures,) = told.modules
    assert (figures.module, figures.before.trained, figures.after.trained) == ("A", 10, 4)
    rows = [of_cells({"who": "everyone", "module": "A", "shape": "refreshed", "every_months": "12"})]
    versions.publish(session, rows, after=versions.newest(session), now=NOW)
    (now,) = preview.of(session, [], ON).modules
    assert now.before == figures.after


def test_messages_are_counted_where_reminders_are_on_each_person_once(session: Session) -> None:
    plant(session)
    assert change(session, shape="refreshed", every_months="12").total.messages == 0
    council = session.exec(select(Organisation).where(Organisation.code == "C")).one()
    reminders.switch_on(session, council, audit.COMMAND_LINE, from_day=ON, now=NOW)
    told = change(session, shape="refreshed", every_months="12")
    assert told.total.messages == 7
    assert [(one.code, one.reminds, one.effect.messages) for one in told.organisations] == [
        ("C", True, 7),
        ("T", False, 7),
    ]


def test_what_ends_and_what_begins_is_told_and_nothing_is_changed(session: Session) -> None:
    plant(session)
    before = session.exec(select(MapVersion)).all()
    told = preview.of(session, [of_cells({"who": "everyone", "organisation": "T", "module": "B"})], ON)
    assert (told.total.end, told.total.begin, told.total.late) == (10, 10, 10)
    assert [(one.code, one.effect.begin) for one in told.organisations] == [("C", 0), ("T", 10)]
    named = preview.affected(session, [], ON, organisation_ids=frozenset({1}))
    assert [(one.organisation, one.module, one.after) for one in named] == [("T", "A", None)] * 10
    assert session.exec(select(MapVersion)).all() == before


def test_a_map_that_changes_nothing_does_nothing(session: Session) -> None:
    plant(session)
    told = preview.of(session, versions.rows_of(versions.newest(session)), ON)
    assert told.total == preview.Effect()
    assert not told.modules
