"""Completions derived from statements: which count, as whose, when; the list of the others; and the proof."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from hashlib import sha1
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from lms import db
from lms.errors import Conflict, Invalid, NotFound
from lms.rules.completions import Reason
from lms.rules.statements import batches
from lms.rules.statements.versions import Version
from lms.services import completions, keys
from lms.services.audit import COMMAND_LINE
from lms.services.completions import importing, reconciling, waiting
from lms.services.completions.resolving import ACCEPTED, SET_ASIDE
from lms.services.statements import Fact, Source, reading
from lms.tables.completions import Completion
from lms.tables.organisations import Organisation, Setting
from lms.tables.people import Employment, Person
from lms.tables.training_map import Module, ModuleAlias
from tests import statements as made

BASE = "https://lms.example"
NOW = datetime(2026, 6, 30, 9, tzinfo=UTC)
IRI = "https://learning.example/activities/atr-f"
ALIAS = "https://old.example/atr"


class World:
    """An organisation, two modules, and people with and without an e-mail address of their own."""

    def __init__(self, session: Session) -> None:
        self.session = session
        organisation = Organisation(code="QUA-NHS", name="Quarrelby")
        module = Module(code="ATR-F", title="Foundation", minutes=180, activity_iri=IRI)
        session.add_all([organisation, module, Module(code="B", title="B", activity_iri="x:b")])
        session.flush()
        self.module_id, self.organisation_id = module.id, organisation.id
        session.add(ModuleAlias(module_id=module.id or 0, alias=ALIAS))
        self.ada = self.person("1", "ada@example.org")
        self.grace = self.person("2", "shared@example.org")
        self.joan = self.person("3", "shared@example.org")
        made_key = keys.create(
            session, COMMAND_LINE, "e-learning", ["xapi/statements/write"], now=NOW, trusted=True
        )
        self.prefix = made_key.prefix
        self.key = Source({"mbox": "mailto:key@example.org"}, key_id=made_key.key_id)

    def person(self, number: str, email: str | None = None) -> Person:
        person = Person(uuid=str(uuid4()))
        self.session.add(person)
        self.session.flush()
        assert person.id is not None
        self.session.add(
            Employment(
                organisation_id=self.organisation_id or 0,
                employee_number=number,
                person_id=person.id,
                home_person_id=person.id,
                email=email,
                email_key=email,
            )
        )
        self.session.flush()
        return person

    def say(self, *values: dict[str, Any], source: Source | None = None, now: datetime = NOW) -> list[str]:
        batch = batches.read(json.dumps(values), Version.TWO)
        stored = completions.store(self.session, batch, source or self.key, BASE, now)
        return [one.statement_id for one in stored]

    def counted(self) -> list[tuple[int, int, date, int | None]]:
        found = self.session.exec(select(Completion).order_by(Completion.completed_on, Completion.person_id))
        return [(one.person_id, one.module_id, one.completed_on, one.minutes) for one in found]

    def waiting(self) -> list[tuple[Reason, str]]:
        return [(one.reason, one.about) for one in waiting.listed(self.session)]

    def proof(self) -> None:
        assert completions.rebuild(self.session, BASE, NOW).unchanged


@pytest.fixture
def world(session: Session) -> World:
    return World(session)


def account(person: Person) -> dict[str, Any]:
    return {"account": {"homePage": BASE, "name": person.uuid}}


def statement(actor: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return made.simple(**{"actor": actor, "timestamp": "2026-06-01T10:00:00Z", **changes})


@pytest.mark.parametrize("verb", ["completed", "passed", "mastered"])
def test_a_trusted_statement_about_our_person_and_module_counts(world: World, verb: str) -> None:
    world.say(statement(account(world.ada), verb={"id": made.ADL + verb}))
    assert world.counted() == [(world.ada.id, world.module_id, date(2026, 6, 1), 180)]
    world.proof()


@pytest.mark.parametrize(
    "changes",
    [
        {"verb": {"id": made.ADL + "attended"}},
        {"result": {"success": False}},
        {"result": {"completion": False}},
        {"object": {"objectType": "Agent", "mbox": "mailto:x@y.example"}},
    ],
)
def test_what_is_no_completion_does_not_count_and_waits_for_nothing(
    world: World, changes: dict[str, Any]
) -> None:
    world.say(statement(account(world.ada), **changes))
    assert world.counted() == []
    assert world.waiting() == []
    world.proof()


def test_half_past_midnight_in_london_counts_on_the_day_that_has_begun(world: World) -> None:
    world.say(statement(account(world.ada), timestamp=None), now=datetime(2026, 1, 31, 23, 59, tzinfo=UTC))
    world.say(statement(account(world.ada), timestamp="2026-06-29T23:30:00Z"))
    assert [one[2] for one in world.counted()] == [date(2026, 1, 31), date(2026, 6, 30)]


def test_the_duration_counts_before_the_modules_own(world: World) -> None:
    world.say(statement(account(world.ada), result={"duration": "PT1H29M31S"}))
    assert world.counted()[0][3] == 90


def test_a_clock_that_was_accepted_stays_accepted_for_somebody_known_by_address(world: World) -> None:
    world.say(statement({"mbox": "mailto:ada@example.org"}, timestamp="2026-07-30T10:00:00Z"))
    (item,) = waiting.listed(world.session)
    reconciling.decide(world.session, COMMAND_LINE, [item.first_seq], ACCEPTED, BASE, now=NOW)
    assert [one[0] for one in world.counted()] == [world.ada.id]
    world.proof()


def test_an_alias_counts_as_the_module(world: World) -> None:
    world.say(statement(account(world.ada), object={"id": ALIAS}))
    assert len(world.counted()) == 1


@pytest.mark.parametrize(
    "actor",
    [
        {"mbox": "mailto:Ada@Example.org"},
        {"mbox_sha1sum": sha1(b"mailto:ada@example.org").hexdigest()},
        {"account": {"homePage": BASE + "/", "name": "…"}},
    ],
)
def test_a_person_is_known_by_account_or_work_address(world: World, actor: dict[str, Any]) -> None:
    if "account" in actor:
        actor = {"account": {**actor["account"], "name": world.ada.uuid.upper()}}
    world.say(statement(actor))
    assert [one[0] for one in world.counted()] == [world.ada.id]
    world.proof()


def test_who_an_address_was_is_kept_when_it_becomes_somebody_elses(world: World) -> None:
    world.say(statement({"mbox": "mailto:ada@example.org"}))
    employment = world.session.exec(select(Employment).where(Employment.email_key == "ada@example.org")).one()
    employment.email = employment.email_key = None
    world.session.flush()
    newcomer = world.person("9", "ada@example.org")
    world.proof()
    world.say(statement({"mbox": "mailto:ada@example.org"}, timestamp="2026-06-02T10:00:00Z"))
    assert [one[0] for one in world.counted()] == [world.ada.id, newcomer.id]


def test_what_does_not_resolve_is_listed_with_the_reason_and_counts_once_it_does(world: World) -> None:
    stranger = {"mbox": "mailto:stranger@example.org"}
    world.say(
        statement(stranger),
        statement({"mbox": "mailto:shared@example.org"}),
        statement(account(world.ada), object={"id": "https://learning.example/unknown"}),
        statement(account(world.ada), timestamp="2026-06-30T12:00:00Z"),
    )
    assert world.counted() == []
    assert set(world.waiting()) == {
        (Reason.UNKNOWN_ACTOR, "mbox mailto:stranger@example.org"),
        (Reason.AMBIGUOUS_ACTOR, "mbox mailto:shared@example.org"),
        (Reason.UNKNOWN_ACTIVITY, "https://learning.example/unknown"),
        (Reason.FUTURE, "2026-06-30"),
    }
    world.proof()
    before = reading.count(world.session)
    world.session.add(ModuleAlias(module_id=world.module_id or 0, alias="https://learning.example/unknown"))
    world.session.flush()
    reconciling.about_activity(world.session, "https://learning.example/unknown", BASE, NOW)
    reconciling.match_actor(
        world.session, COMMAND_LINE, "mbox mailto:stranger@example.org", world.grace.uuid, BASE, now=NOW
    )
    future = next(one for one in waiting.listed(world.session) if one.reason is Reason.FUTURE)
    reconciling.decide(world.session, COMMAND_LINE, [future.first_seq], ACCEPTED, BASE, now=NOW)
    assert [one[:3] for one in world.counted()] == [
        (world.ada.id, world.module_id, date(2026, 6, 1)),
        (world.grace.id, world.module_id, date(2026, 6, 1)),
        (world.ada.id, world.module_id, date(2026, 6, 30)),
    ]
    (rest,) = waiting.listed(world.session)
    reconciling.decide(world.session, COMMAND_LINE, [rest.first_seq], SET_ASIDE, BASE, now=NOW)
    assert world.waiting() == []
    assert reading.count(world.session) == before
    world.proof()


def test_a_person_who_comes_later_counts_at_the_next_look(world: World) -> None:
    world.say(statement({"mbox": "mailto:new@example.org"}))
    person = world.person("4", "new@example.org")
    assert reconciling.retry(world.session, BASE, NOW).counted == 1
    assert world.counted()[0][0] == person.id
    world.proof()


def test_an_untrusted_key_counts_once_it_is_trusted_and_no_longer_when_it_is_not(world: World) -> None:
    other = keys.create(world.session, COMMAND_LINE, "other", ["xapi/all"], now=NOW)
    world.say(
        statement(account(world.ada)), source=Source({"mbox": "mailto:o@example.org"}, key_id=other.key_id)
    )
    assert world.counted() == []
    assert world.waiting() == [(Reason.UNTRUSTED_KEY, f"key other ({other.prefix})")]
    for trusted in (True, False):
        key_id = keys.trust(world.session, COMMAND_LINE, other.prefix, trusted=trusted, now=NOW)
        reconciling.from_key(world.session, key_id, BASE, NOW)
        assert len(world.counted()) == trusted
        world.proof()


def test_voiding_takes_the_completion_back(world: World) -> None:
    first, second = world.say(statement(account(world.ada)), statement({"mbox": "mailto:nobody@example.org"}))
    completions.void(world.session, [first, second], "command-line", BASE, NOW)
    assert world.counted() == []
    assert world.waiting() == []
    world.proof()
    assert not completions.void(world.session, [first], "command-line", BASE, NOW)[0].new


def test_a_linked_person_counts_as_the_other_and_apart_again_when_taken_apart(world: World) -> None:
    world.say(statement(account(world.ada)))
    world.ada.linked_to_id = world.grace.id
    world.session.flush()
    reconciling.retry(world.session, BASE, NOW)
    assert world.counted()[0][0] == world.grace.id
    world.proof()
    world.ada.linked_to_id = None
    world.session.flush()
    reconciling.people_changed(world.session, [world.ada.id or 0, world.grace.id or 0], BASE, NOW)
    assert world.counted()[0][0] == world.ada.id
    world.proof()


def test_the_verbs_that_count_are_a_setting(world: World) -> None:
    world.session.add(Setting(name="completion_verbs", value=[made.ADL + "attended"]))
    world.session.flush()
    world.say(
        statement(account(world.ada)), statement(account(world.ada), verb={"id": made.ADL + "attended"})
    )
    assert len(world.counted()) == 1
    world.proof()


def test_no_person_is_found_for_an_unknown_match(world: World) -> None:
    with pytest.raises(NotFound):
        reconciling.match_actor(world.session, COMMAND_LINE, "mbox x", str(uuid4()), BASE, now=NOW)
    with pytest.raises(Invalid):
        reconciling.decide(world.session, COMMAND_LINE, [1], "maybe", BASE, now=NOW)


def fact(world: World, **changes: Any) -> Fact:
    given: dict[str, Any] = {
        "statement_id": str(uuid4()),
        "verb": "completed",
        "person": world.ada.uuid,
        "module_iri": IRI,
        "module_title": "Foundation",
        "at": NOW - timedelta(days=1),
        "completion": True,
        **changes,
    }
    return Fact(**given)


def test_a_fact_is_said_once(world: World) -> None:
    one = fact(
        world,
        minutes=90,
        trainer=world.grace.uuid,
        session=str(uuid4()),
        organisation="QUA-NHS",
        evidence="seen",
    )
    assert completions.record(world.session, [one], BASE, NOW)[0].new
    assert not completions.record(world.session, [one], BASE, NOW)[0].new
    assert world.counted() == [(world.ada.id, world.module_id, date(2026, 6, 29), 90)]
    (payload,) = reading.everything(world.session)
    said = json.loads(payload)
    assert said["actor"] == {"objectType": "Agent", **account(world.ada)}
    assert said["context"]["instructor"]["account"]["name"] == world.grace.uuid
    assert said["context"]["team"]["account"]["name"] == "QUA-NHS"
    assert said["context"]["contextActivities"]["parent"][0]["id"] == f"{BASE}/sessions/{one.session}"
    assert "@" not in payload
    with pytest.raises(Conflict):
        completions.record(world.session, [fact(world, statement_id=one.statement_id)], BASE, NOW)


def test_our_own_statements_count_after_the_address_of_this_system_changed(world: World) -> None:
    completions.record(world.session, [fact(world)], "https://before.example", NOW)
    world.proof()
    assert len(world.counted()) == 1


HEADER = "organisation,employee_number,module,completed_on,minutes,success,evidence\n"


def imported(world: World, *rows: str) -> importing.Imported:
    content = (HEADER + "\n".join(rows)).encode()
    return importing.load(world.session, content, BASE, now=NOW, today=date(2026, 6, 30))


def test_a_file_is_imported_once(world: World) -> None:
    rows = (
        "QUA-NHS,1,ATR-F,2026-06-01,,,register",
        "QUA-NHS,2,B,2026-06-02,45,yes,",
        f"QUA-NHS,3,{ALIAS},2026-06-30,,no,",
    )
    assert imported(world, *rows) == importing.Imported(rows=3, recorded=3, already=0, counted=2, failed=1)
    assert imported(world, *rows, rows[0]) == importing.Imported(
        rows=3, recorded=0, already=3, counted=0, failed=1
    )
    assert [(one[0], one[3]) for one in world.counted()] == [(world.ada.id, 180), (world.grace.id, 45)]
    world.proof()


def test_every_problem_of_a_file_is_named_with_row_and_column_and_nothing_recorded(database: str) -> None:
    with db.transaction() as session:
        World(session)
    with pytest.raises(Invalid) as refused, db.transaction() as session:
        importing.load(
            session,
            (
                HEADER
                + "QUA-NHS,1,ATR-F,2026-06-01,,,\nQUB,1,ATR-G,2026-07-01,x,maybe,\nQUA-NHS,77,ATR-F,2026-02-30,,,\n,,,,,,\n"
                + "QUA-NHS,,ATR-F,,,,\n"
            ).encode(),
            BASE,
            now=NOW,
            today=date(2026, 6, 30),
        )
    found = [(one.row, one.column) for one in refused.value.problems]
    assert (3, "completed_on") in found
    assert (3, "minutes") in found
    assert (3, "success") in found
    assert (4, "completed_on") in found
    assert (6, "employee_number") in found
    assert (6, "completed_on") in found
    with db.transaction(read_only=True) as session:
        assert reading.count(session) == 0


def test_unknown_codes_are_named_with_what_was_perhaps_meant(world: World) -> None:
    with pytest.raises(Invalid) as refused:
        imported(world, "QUA-NHX,1,ATR-F,2026-06-01,,,", "QUA-NHS,77,ATR-G,2026-06-01,,,")
    said = [str(one) for one in refused.value.problems]
    assert any("row 2, column organisation" in one and "Did you mean 'QUA-NHS'?" in one for one in said)
    assert any("row 3, column employee_number" in one for one in said)
    assert any("row 3, column module" in one and "Did you mean 'ATR-F'?" in one for one in said)


ACTORS: Sequence[str] = ("ada", "grace", "ada's address", "shared", "stranger")


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_rebuild_gives_what_arrived_bit_by_bit(database: str, data: st.DataObject) -> None:
    with db.transaction() as session:
        world = World(session)
        said: list[str] = []
        for _ in range(data.draw(st.integers(1, 12))):
            if said and data.draw(st.integers(0, 3)) == 0:
                completions.void(session, [data.draw(st.sampled_from(said))], "command-line", BASE, NOW)
                continue
            actor = {
                "ada": account(world.ada),
                "grace": account(world.grace),
                "ada's address": {"mbox": "mailto:ada@example.org"},
                "shared": {"mbox": "mailto:shared@example.org"},
                "stranger": {"openid": "https://x.example/stranger"},
            }[data.draw(st.sampled_from(ACTORS))]
            day = data.draw(st.integers(1, 30))
            value = statement(
                actor,
                object={"id": data.draw(st.sampled_from([IRI, ALIAS, "x:b", "x:unknown"]))},
                timestamp=f"2026-06-{day:02}T10:00:00Z",
                verb={"id": made.ADL + data.draw(st.sampled_from(["completed", "passed", "attended"]))},
            )
            source = data.draw(
                st.sampled_from([world.key, Source({"mbox": "mailto:s@x.example"}, key_id=99)])
            )
            said += world.say(value, source=source)
        world.proof()
        session.rollback()
