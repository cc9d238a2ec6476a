"""The log: what is stored, what it is found by, and what is refused."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session

from lms import db
from lms.errors import Conflict, Forbidden, Invalid
from lms.rules.statements import batches, order, queries
from lms.rules.statements.versions import Version
from lms.services.statements import Source, Stored, attachments, definitions, exporting, reading, store
from lms.services.statements.rows import Cursor
from tests import statements as made

NOW = datetime(2026, 6, 30, 9, 0, 0, 123000, tzinfo=UTC)
OURS = Source({"account": {"homePage": "https://lms.example/keys", "name": "ours"}})


def put(
    session: Session, *values: dict[str, Any], now: datetime = NOW, source: Source = OURS
) -> list[Stored]:
    return store(session, batches.read(json.dumps(values), Version.TWO), source, now)


def ids(session: Session, **parameters: str) -> list[str]:
    found = reading.find(session, queries.read(parameters, Version.ONE))
    return [json.loads(payload)["id"] for payload in found.payloads]


def new(**changes: Any) -> dict[str, Any]:
    return made.simple(id=str(uuid4()), **changes)


def test_a_statement_is_kept_as_it_came_with_what_the_store_assigns(session: Session) -> None:
    text_ = '{ "id":"%s", "actor":{"mbox":"mailto:a@b.example"},"verb":{"id":"x:y"}, "object":{"id":"x:\\u00e9"},"result":{"score":{"raw":1.50e0}} }'
    text_ %= uuid4()
    store(session, batches.read(text_, Version.ONE), OURS, NOW)
    (payload,) = reading.find(session, queries.read({}, Version.ONE)).payloads
    assert payload.startswith(text_[:-1].encode())
    kept = json.loads(payload)
    assert kept["stored"] == kept["timestamp"] == "2026-06-30T09:00:00.123Z"
    assert kept["version"] == "1.0.0"
    assert kept["authority"] == OURS.authority


def test_the_authority_is_the_stores_to_say(session: Session) -> None:
    put(session, new(authority={"mbox": "mailto:forged@example.org"}, stored="2001-01-01T00:00:00Z"))
    kept = json.loads(reading.find(session, queries.read({}, Version.ONE)).payloads[0])
    assert kept["authority"] == OURS.authority
    assert kept["stored"] == "2026-06-30T09:00:00.123Z"


def test_the_same_statement_again_is_nothing_new(session: Session) -> None:
    one = new()
    first = put(session, one)[0]
    again = put(session, {**one, "id": one["id"].upper()})[0]
    assert (first.new, again.new) == (True, False)
    assert again.seq == first.seq
    assert reading.count(session) == 1


def test_another_statement_with_the_same_id_is_refused_and_nothing_of_its_batch_stored(database: str) -> None:
    one = new()
    with db.transaction() as session:
        put(session, one)
    with pytest.raises(Conflict, match="never changed"), db.transaction() as session:
        put(session, new(), {**one, "verb": {"id": made.ADL + "passed"}})
    with db.transaction(read_only=True) as session:
        assert reading.count(session) == 1


@pytest.mark.parametrize("table", ["statement", "attachment", "statement_decision"])
@pytest.mark.parametrize("change", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_the_database_refuses_to_change_the_log(database: str, table: str, change: str) -> None:
    column = {"statement": "key_id", "attachment": "content", "statement_decision": "decision"}[table]
    with db.transaction() as session:
        put(session, new())
        attachments.keep(attachments.rows.cursor(session), {"a" * 64: b"x"})
        session.execute(
            text(
                "INSERT INTO statement_decision (seq, decision, decided_at) VALUES (1, 'accepted', '2026-06-30')"
            )
        )
    with pytest.raises(DatabaseError, match="append-only"), db.transaction() as session:
        session.execute(text(change.format(table, column, column)))


def test_statements_are_found_by_every_filter(session: Session) -> None:
    put(session, made.full())
    one = made.full()
    one["verb"]["id"] = made.ADL + "passed"
    put(session, one, now=NOW + timedelta(seconds=1))
    put(session, new(), now=NOW + timedelta(seconds=2))
    registration = one["context"]["registration"]
    assert ids(session, registration=registration.upper()) == [one["id"]]
    assert ids(session, verb=made.ADL + "passed") == [one["id"]]
    assert len(ids(session, activity="https://learning.example/questions/1")) == 2
    assert ids(session, activity="https://learning.example/course") == []
    assert len(ids(session, activity="https://learning.example/course", related_activities="true")) == 2
    account = json.dumps({"account": {"homePage": "https://x.example", "name": "7"}})
    assert len(ids(session, agent=account)) == 2
    assert ids(session, agent=account, verb=made.ADL + "passed", registration=registration) == [one["id"]]
    team = json.dumps({"objectType": "Group", "mbox": "mailto:team@EXAMPLE.org"})
    assert ids(session, agent=team) == []
    assert len(ids(session, agent=team, related_agents="true")) == 2
    authority = json.dumps(OURS.authority)
    assert len(ids(session, agent=authority, related_agents="true")) == 3
    assert (
        len(
            ids(
                session,
                agent=team,
                related_agents="true",
                activity="https://learning.example/quiz",
                related_activities="true",
            )
        )
        == 2
    )
    assert ids(session, agent=account, verb=made.ADL + "nobody-did") == []


def test_since_is_exclusive_until_inclusive_and_any_offset_will_do(session: Session) -> None:
    values = [new() for _ in range(3)]
    for number, value in enumerate(values):
        put(session, value, now=NOW + timedelta(milliseconds=number))
    first, second, third = [value["id"] for value in values]
    assert ids(session, since="2026-06-30T09:00:00.123Z") == [third, second]
    assert ids(session, since="2026-06-30T10:00:00.123+01:00") == [third, second]
    assert ids(session, until="2026-06-30T09:00:00.124Z", ascending="true") == [first, second]
    assert ids(session, since="2026-06-30T10:00:00.123 01:00", until="2026-06-30T09:00:00.124Z") == [second]
    assert ids(session, since="0001-01-01T00:00:00Z", until="9999-12-31T23:59:59Z") == [third, second, first]


@pytest.mark.parametrize("ascending", ["true", "false"])
def test_pages_hold_every_statement_once_while_more_arrive(session: Session, ascending: str) -> None:
    values = [new() for _ in range(25)]
    put(session, *values)
    query = {"limit": "10", "ascending": ascending, "verb": made.ADL + "completed"}
    found: list[str] = []
    while True:
        page = reading.find(session, queries.read(query, Version.ONE))
        found += [json.loads(payload)["id"] for payload in page.payloads]
        if page.next is None:
            break
        query["from"] = str(page.next)
        if ascending == "false":
            put(session, new(), now=NOW + timedelta(hours=1))
    expected = [value["id"] for value in values]
    assert found == (expected if ascending == "true" else expected[::-1])


def test_a_void_statement_is_found_only_as_such(session: Session) -> None:
    one, other = new(), new()
    put(session, one, other)
    (voiding,) = put(session, {**made.voiding(one["id"].upper()), "id": str(uuid4())})
    assert reading.one(session, one["id"], voided=False) is None
    assert reading.one(session, one["id"], voided=True) is not None
    assert reading.one(session, other["id"], voided=True) is None
    assert ids(session) == [voiding.statement_id, other["id"]]


def test_a_statement_can_be_voided_before_it_comes(session: Session) -> None:
    one = new()
    put(session, made.voiding(one["id"]))
    put(session, one)
    assert reading.one(session, one["id"], voided=True) is not None


def test_what_voids_is_never_void(session: Session) -> None:
    one, first, late = new(), {**made.voiding(str(uuid4())), "id": str(uuid4())}, str(uuid4())
    first["object"]["id"] = one["id"]
    put(session, one, first)
    with pytest.raises(Invalid, match="itself one that voids"):
        put(session, made.voiding(first["id"]))
    # Named by another before it comes, it is not void when it does.
    put(session, made.voiding(late))
    put(session, {**made.voiding(str(uuid4())), "id": late})
    assert reading.one(session, late, voided=False) is not None


def test_a_key_may_void_only_what_it_wrote_unless_it_may_everything(session: Session) -> None:
    narrow = Source(OURS.authority, key_id=7, voids_any=False)
    ours, theirs = new(), new()
    put(session, ours)
    put(session, theirs, source=narrow)
    put(session, made.voiding(theirs["id"]), source=narrow)
    with pytest.raises(Forbidden, match="xapi/all"):
        put(session, made.voiding(ours["id"]), source=narrow)


@pytest.mark.parametrize("reversed_", [False, True])
def test_a_reference_is_found_by_what_it_is_about_in_whichever_order_they_come(
    session: Session, reversed_: bool
) -> None:
    one = new(context={"registration": str(uuid4())})
    first = {**made.about(one["id"]), "id": str(uuid4())}
    second = {**made.about(first["id"], actor={"mbox": "mailto:third@example.org"}), "id": str(uuid4())}
    values = [one, first, second]
    for value in reversed(values) if reversed_ else values:
        put(session, value)
    ada = json.dumps({"mbox": "mailto:ada@example.org"})
    assert set(ids(session, agent=ada)) == {one["id"], first["id"], second["id"]}
    assert set(ids(session, activity=made.COURSE)) == {one["id"], first["id"], second["id"]}
    assert set(ids(session, verb=made.ADL + "commented")) == {first["id"], second["id"]}
    assert set(ids(session, registration=one["context"]["registration"])) == {value["id"] for value in values}
    assert ids(session, agent=json.dumps({"mbox": "mailto:third@example.org"})) == [second["id"]]
    put(session, made.voiding(one["id"]))
    assert set(ids(session, activity=made.COURSE)) >= {first["id"], second["id"]}
    assert one["id"] not in ids(session, activity=made.COURSE)


def test_statements_about_each_other_come_to_an_end(session: Session) -> None:
    one, other, own = str(uuid4()), str(uuid4()), str(uuid4())
    put(session, {**made.about(other), "id": one})
    put(session, {**made.about(one), "id": other}, {**made.about(own), "id": own})
    assert len(ids(session, verb=made.ADL + "commented")) == 3


def test_definitions_are_learned_from_every_statement(session: Session) -> None:
    def defined(name: dict[str, str]) -> dict[str, Any]:
        return new(object={"id": made.COURSE, "definition": {"name": name}})

    put(session, defined({"en": "A"}), defined({"cy": "B"}))
    put(session, defined({"en": "C"}))
    put(session, defined({"en": "C"}))
    put(session, new(object={"id": made.COURSE}))
    assert definitions.of(session, [made.COURSE, "x:y"]) == {made.COURSE: {"name": {"en": "C", "cy": "B"}}}


def test_what_is_brought_of_one_activity_at_the_same_time_is_all_learned(database: str) -> None:
    def defined(tag: str) -> dict[str, Any]:
        return new(object={"id": made.COURSE, "definition": {"name": {tag: "A"}}})

    def at_the_same_time() -> None:
        with db.transaction() as session:
            put(session, defined("cy"), now=NOW + timedelta(seconds=1))

    with ThreadPoolExecutor(1) as pool:
        with db.transaction() as session:
            put(session, defined("en"))
            other = pool.submit(at_the_same_time)
            with pytest.raises(TimeoutError):
                other.result(timeout=0.5)
        other.result(timeout=30)
    with db.transaction() as session:
        assert definitions.of(session, [made.COURSE]) == {made.COURSE: {"name": {"en": "A", "cy": "A"}}}


def put_twice_and_fail(session: Session, one: dict[str, Any]) -> None:
    put(session, one)
    put(session, {**one, "id": str(uuid4())})
    put(session, {**one, "verb": {"id": made.ADL + "passed"}})


def test_a_definition_forgotten_with_its_transaction_is_learned_again(database: str) -> None:
    one = new(object={"id": "https://learning.example/lost", "definition": {"name": {"en": "Lost"}}})
    for _ in range(3):
        with pytest.raises(Conflict), db.transaction() as session:
            put_twice_and_fail(session, one)
    with db.transaction() as session:
        put(session, one)
        assert definitions.of(session, ["https://learning.example/lost"])


def test_the_places_of_one_moment_rise(session: Session) -> None:
    stored = put(session, *[new() for _ in range(5_000)])
    seqs = [one.seq for one in stored]
    assert seqs == sorted(set(seqs))
    assert order.stored_at(seqs[0]) == NOW
    earlier = put(session, new(), now=NOW - timedelta(days=1))
    assert earlier[0].seq > seqs[-1]


def test_odd_characters_are_kept_and_found(session: Session) -> None:
    account = {"account": {"homePage": "https://x.example", "name": "\x00\ud800\U0001f600'\""}}
    one = new(actor=account, result={"response": "\x00\ud800"})
    put(session, one)
    assert ids(session, agent=json.dumps(account)) == [one["id"]]
    assert json.loads(reading.one(session, one["id"], voided=False) or "")["actor"] == account


def test_what_is_exported_can_be_imported_and_is_the_same(session: Session) -> None:
    put(session, made.full(), new())
    lines = list(exporting.everything(session))
    assert all("\n" not in line for line in lines)
    batch = exporting.read([line.encode() for line in lines] + [b"", b"\r"])
    again = store(session, batch, OURS, NOW)
    assert [one.new for one in again] == [False, False]


def test_lines_that_cannot_be_used_are_all_named() -> None:
    with pytest.raises(Invalid) as refused:
        exporting.read([b'{"actor":1}', b"{", json.dumps(new()).encode(), b"\xff"])
    assert [str(one).partition(":")[0] for one in refused.value.problems] == ["line 1", "line 2", "line 4"]


def test_as_many_queries_for_a_thousand_statements_as_for_ten(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = counted_queries(monkeypatch)
    numbers = []
    for size in (10, 400):
        counts.clear()
        put(session, *[new() for _ in range(size)])
        numbers.append(len(counts))
    assert numbers[1] <= numbers[0]


def test_a_batch_of_statements_each_about_the_one_before_takes_as_many_queries_for_each(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = counted_queries(monkeypatch)
    numbers = []
    for size in (10, 100):
        chain = [new(context={"registration": str(uuid4())})]
        for _ in range(size):
            chain.append(made.about(chain[-1]["id"], id=str(uuid4())))
        counts.clear()
        put(session, *chain)
        numbers.append(len(counts))
        found = ids(session, registration=chain[0]["context"]["registration"])
        assert sorted(found) == sorted(one["id"] for one in chain)
    assert numbers[1] <= numbers[0] * 10


def counted_queries(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    counts: list[str] = []
    run, many = Cursor.run, Cursor.many

    def counted(call: Any) -> Any:
        def wrapped(self: Cursor, sql: str, values: Sequence[Any] = ()) -> Any:
            counts.append(sql)
            return call(self, sql, values)

        return wrapped

    monkeypatch.setattr(Cursor, "run", counted(run))
    monkeypatch.setattr(Cursor, "many", counted(many))
    return counts
