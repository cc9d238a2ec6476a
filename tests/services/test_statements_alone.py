"""What concerns nothing else goes into the log in one journey, and into the same log."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import pytest

from lms import clock, db
from lms.rules.completions import VERBS
from lms.rules.statements import batches, queries
from lms.rules.statements.versions import Version
from lms.services import completions
from lms.services.statements import Source, Stored, reading, stores
from lms.tables.organisations import Setting
from lms.tables.statements import RecordStore
from tests import statements as made

BASE = "https://lms.example"
OURS = Source({"account": {"homePage": BASE + "/keys", "name": "ours"}}, key_id=1)
DEFINED = {"id": "https://lms.example/a", "definition": {"name": {"en-GB": "A"}}}


def new(**changes: Any) -> dict[str, Any]:
    return made.simple(**{"id": str(uuid4()), "verb": {"id": made.ADL + "experienced"}, **changes})


def longer(*values: dict[str, Any]) -> None:
    with db.transaction() as session:
        completions.store(session, _read(values), OURS, BASE, clock.now())


def alone(*values: dict[str, Any]) -> list[Stored] | None:
    with db.direct() as asking:
        return completions.store_alone(asking, _read(values), OURS, clock.now())


def _read(values: Sequence[dict[str, Any]]) -> list[batches.Incoming]:
    return batches.read(json.dumps(values), Version.TWO)


def kept(**parameters: str) -> list[dict[str, Any]]:
    with db.direct() as asking:
        found = reading.find(asking, queries.read(parameters, Version.ONE))
    return [json.loads(payload) for payload in found.payloads]


@pytest.fixture
def postgres(postgres_url: str) -> str:
    """A PostgreSQL in which statements have been stored before, so that its verbs and definitions are known."""
    for _ in range(2):
        longer(new(), new(object=DEFINED))
    return postgres_url


def test_it_is_kept_and_found_like_any_other(postgres: str) -> None:
    mine = {"objectType": "Agent", "mbox": "mailto:mine@example.org"}
    one = new(actor=mine, object=DEFINED)
    other = {**one, "id": str(uuid4())}
    assert [stored.new for stored in alone(one) or []] == [True]
    longer(other)
    found = {value["id"]: value for value in kept(agent=json.dumps(mine), verb=one["verb"]["id"])}
    assert found.keys() == {one["id"], other["id"]}
    assert found[one["id"]].keys() == found[other["id"]].keys()
    assert found[one["id"]]["authority"] == OURS.authority


def test_it_is_kept_and_found_through_libpq(postgres: str) -> None:
    assert alone(new())
    assert kept()
    with db.direct() as asking:
        asked = "SELECT statement, generic_plans + custom_plans FROM pg_prepared_statements WHERE name LIKE 'lms_%'"
        answered = {statement.split()[1]: times for statement, times in asking.driver.execute(asked)}
    assert answered == {"keep_statements($1,": 1, "s.seq,": 1}


def test_it_is_kept_through_the_driver_where_libpq_cannot_be_asked(postgres: str) -> None:
    one = new()
    with db.direct() as asking:
        asking.driver.execute("SET client_encoding TO latin1")
        assert completions.store_alone(asking, _read([one]), OURS, clock.now())
        asking.driver.execute("RESET client_encoding")
    assert one["id"] in {value["id"] for value in kept()}


def test_one_that_was_refused_is_no_matter_for_the_next_one(postgres: str) -> None:
    one = new()
    assert alone(one)
    assert alone(new(), one) is None
    assert alone(new())
    assert len(kept()) == 6


def test_without_an_id_it_gets_one(postgres: str) -> None:
    value = new()
    del value["id"]
    (stored,) = alone(value) or []
    assert stored.statement_id in {one["id"] for one in kept()}


@pytest.mark.parametrize(
    "changes",
    [
        {"verb": {"id": VERBS[0]}},
        {"object": {"objectType": "StatementRef", "id": str(uuid4())}},
        {"object": {**DEFINED, "definition": {"name": {"en-GB": "Another name"}}}},
    ],
    ids=["completion", "reference", "definition"],
)
def test_what_concerns_something_takes_the_longer_way_as_a_whole(
    postgres: str, changes: dict[str, Any]
) -> None:
    before = len(kept())
    assert alone(new(), new(**changes)) is None
    assert len(kept()) == before


def test_one_that_is_here_already_takes_the_longer_way(postgres: str) -> None:
    one = new()
    assert alone(one)
    before = len(kept())
    assert alone(new(), one) is None
    assert len(kept()) == before


def test_one_that_another_awaits_takes_the_longer_way(postgres: str) -> None:
    one = new()
    longer(new(object={"objectType": "StatementRef", "id": one["id"]}))
    assert alone(one) is None


def test_a_verb_that_counts_since_is_seen_by_every_process(postgres: str) -> None:
    assert alone(new())
    with db.transaction() as session:
        session.add(Setting(name="completion_verbs", value=[made.ADL + "experienced"]))
    assert alone(new()) is None
    longer(new())
    assert alone(new()) is None, "it counts by now"
    assert alone(new(verb={"id": VERBS[0]})), "and this one no longer does"


def test_a_store_that_is_sent_them_since_is_seen_by_every_process(postgres: str) -> None:
    with db.transaction() as session:
        session.add(
            RecordStore(
                name="other",
                address="https://other.example",
                username="u",
                secret="s",
                forwards=True,
                created_at=clock.now(),
            )
        )
    one = new()
    assert alone(one) is None
    longer(one)
    with db.transaction(read_only=True) as session:
        assert stores.listed(session)[0].waiting == 1


def test_on_sqlite_all_take_the_longer_way(sqlite_url: str) -> None:
    longer(new())
    assert alone(new()) is None
