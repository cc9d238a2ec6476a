"""What waits is resolved together, by what it waits for; is taken back again; and no statement is ever changed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event
from sqlmodel import Session, select

from lms import db
from lms.errors import Conflict, Invalid, NotFound
from lms.rules.completions import Reason
from lms.rules.statements import terms
from lms.services import keys, reference
from lms.services.audit import COMMAND_LINE
from lms.services.completions import decided, reconciling, settling, waiting
from lms.services.completions.resolving import ACCEPTED, SET_ASIDE
from lms.services.completions.waiting import Item
from lms.services.statements import Source, reading, stores
from lms.services.training_map import aliases
from lms.tables.audit import AuditEvent
from lms.tables.organisations import Organisation
from tests import statements as made
from tests.services.test_completions import BASE, IRI, NOW, World, account, statement

STRANGER = {"account": {"homePage": "https://lms.example.org", "name": "7"}}
UNKNOWN = "https://learning.example/unknown"


@pytest.fixture
def world(session: Session) -> World:
    return World(session)


def only(world: World) -> Item:
    (item,) = waiting.listed(world.session)
    return item


def log(world: World) -> list[str]:
    return list(reading.everything(world.session))


def said(world: World, *actions: str) -> list[str]:
    """The subjects of these acts in the audit trail."""
    found = world.session.exec(select(AuditEvent).order_by(AuditEvent.id))  # type: ignore[arg-type]
    return [one.subject for one in found if one.action in actions]


def test_47_statements_of_one_actor_count_together_and_wait_again_when_it_is_taken_back(world: World) -> None:
    world.say(*(statement(STRANGER, id=str(uuid4())) for _ in range(47)))
    before, item = log(world), only(world)
    assert (item.statements, item.about) == (47, "account https://lms.example.org 7")
    assert len(waiting.statements(world.session, item)) == 20
    first = waiting.statements(world.session, item, limit=1)[0]
    assert (first.payload, first.source) == (before[0], f"key e-learning ({world.prefix})")
    settled = settling.person(world.session, COMMAND_LINE, item, world.ada.uuid, BASE, now=NOW)
    assert (settled.counted, settled.open, settled.later) == (47, 0, False)
    assert {one[0] for one in world.counted()} == {world.ada.id}
    assert len(world.counted()) == 47
    world.proof()
    ((match,), total) = decided.matches(world.session)
    assert (total, match.identity, match.person) == (1, item.about, "No name, QUA-NHS 1")
    reconciling.unmatch_actor(world.session, COMMAND_LINE, match.term, BASE, now=NOW)
    assert world.counted() == []
    assert only(world).statements == 47
    world.proof()
    assert log(world) == before
    assert said(world, "actor.matched", "actor.unmatched") == [world.ada.uuid] * 2
    with pytest.raises(NotFound):
        reconciling.unmatch_actor(world.session, COMMAND_LINE, match.term, BASE, now=NOW)


def test_an_address_that_two_people_have_is_given_to_one_of_them(world: World) -> None:
    world.say(statement({"mbox": "mailto:shared@example.org"}))
    item = only(world)
    assert item.reason is Reason.AMBIGUOUS_ACTOR
    settling.person(world.session, COMMAND_LINE, item, world.joan.uuid, BASE, now=NOW)
    assert [one[0] for one in world.counted()] == [world.joan.id]
    world.proof()


def test_an_activity_is_pointed_at_a_module_and_taken_back(world: World) -> None:
    world.say(*(statement(account(one), object={"id": UNKNOWN}) for one in (world.ada, world.grace)))
    before, item = log(world), only(world)
    assert waiting.activity(world.session, item) == {"id": UNKNOWN}
    assert settling.module(world.session, COMMAND_LINE, item, "ATR-F", BASE, now=NOW).counted == 2
    assert [one[0] for one in world.counted()] == [world.ada.id, world.grace.id]
    world.proof()
    pointed, total = aliases.listed(world.session)
    alias = next(one for one in pointed if one.iri == UNKNOWN)
    assert (alias.module, total) == ("ATR-F", 2)
    iri = aliases.take_back(world.session, alias.alias_id, actor=COMMAND_LINE, now=NOW)
    reconciling.about_activity(world.session, iri, BASE, NOW)
    assert world.counted() == []
    assert only(world).statements == 2
    world.proof()
    assert log(world) == before
    assert said(world, "module.pointed_at", "module.no_longer_pointed_at") == ["ATR-F"] * 2


def test_statements_follow_modules_csv_as_soon_as_it_is_loaded(world: World) -> None:
    header = "code,title,activity_iri,aliases,minutes\n"
    world.say(statement(account(world.ada)), statement(account(world.grace), object={"id": UNKNOWN}))

    def load(*lines: str) -> list[tuple[int, int | None]]:
        content = (header + "\n".join(lines) + "\n").encode()
        reference.load(world.session, {"modules.csv": content}, now=NOW, base_url=BASE)
        world.proof()
        return [(person, minutes) for person, _, _, minutes in world.counted()]

    ada, grace = world.ada.id, world.grace.id
    assert load(f"ATR-F,F,{IRI},{UNKNOWN},180") == [(ada, 180), (grace, 180)]
    assert load(f"ATR-F,F,{IRI},{UNKNOWN},90") == [(ada, 90), (grace, 90)]
    assert load(f"ATR-F,F,{IRI},,90") == [(ada, 90)]
    assert load("ATR-F,F,x:new,,90", f"NEW,N,{UNKNOWN},,30") == [(grace, 30)]
    assert only(world).about == IRI


def test_a_file_takes_no_activity_away_that_somebody_pointed_at_a_module(world: World) -> None:
    header = "code,title,activity_iri,aliases\n"
    world.say(statement(account(world.ada), object={"id": UNKNOWN}))
    settling.module(world.session, COMMAND_LINE, only(world), "ATR-F", BASE, now=NOW)

    def load(*lines: str) -> None:
        content = (header + "\n".join(lines) + "\n").encode()
        with world.session.begin_nested():
            reference.load(world.session, {"modules.csv": content}, now=NOW, base_url=BASE)

    def counts() -> bool:
        world.proof()
        return [one[0] for one in world.counted()] == [world.ada.id]

    load(f"ATR-F,F,{IRI},")
    assert counts()
    with pytest.raises(Invalid) as refused:
        load(f"ATR-F,F,{IRI},", f"NEW,N,x:new,{UNKNOWN}")
    assert f"'{UNKNOWN}' already means the module ATR-F" in str(refused.value.problems[0])
    assert counts()
    load(f"ATR-F,F,{IRI},{UNKNOWN}")
    load(f"ATR-F,F,{IRI},")
    assert counts()


def test_an_activity_means_one_module(world: World) -> None:
    with pytest.raises(Conflict, match="ATR-F"):
        aliases.point(world.session, "B", IRI, actor=COMMAND_LINE, now=NOW)
    with pytest.raises(Invalid, match="500"):
        aliases.point(world.session, "B", "x:" + "y" * 500, actor=COMMAND_LINE, now=NOW)
    with pytest.raises(NotFound):
        aliases.point(world.session, "C", "x:c", actor=COMMAND_LINE, now=NOW)


def test_of_two_who_say_at_once_what_an_activity_means_one_is_told(database: str) -> None:
    with db.transaction() as session:
        World(session)
    together = Barrier(2)

    def point(code: str) -> str:
        together.wait()
        try:
            with db.transaction() as session:
                return aliases.point(session, code, UNKNOWN, actor=COMMAND_LINE, now=NOW).code
        except Conflict:
            return ""

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(point, ("ATR-F", "B"))
    assert [first, second].count("") == 1
    with db.transaction(read_only=True) as session:
        (found,) = [one for one in aliases.listed(session)[0] if one.iri == UNKNOWN]
    assert found.module == first + second


def test_a_key_or_a_store_that_is_trusted_counts_and_no_longer_when_it_is_not(world: World) -> None:
    untrusted = keys.create(world.session, COMMAND_LINE, "new", ["xapi/statements/write"], now=NOW)
    elsewhere = stores.add(
        world.session,
        COMMAND_LINE,
        name="Leeds",
        address="https://lrs.example.org",
        username="u",
        sealed="",
        forwards=False,
        pulls=True,
        trusted=False,
        now=NOW,
    )
    authority = {"mbox": "mailto:k@example.org"}
    world.say(statement(account(world.ada)), source=Source(authority, key_id=untrusted.key_id))
    world.say(statement(account(world.grace)), source=Source(authority, store_id=elsewhere))
    found = {item.about: item for item in waiting.listed(world.session, reason=Reason.UNTRUSTED_KEY)}
    assert set(found) == {f"key new ({untrusted.prefix})", "store Leeds"}
    for item in found.values():
        assert settling.trust(world.session, COMMAND_LINE, item, BASE, now=NOW).counted == 1
    assert [one[0] for one in world.counted()] == [world.ada.id, world.grace.id]
    world.proof()
    stores.trust(world.session, COMMAND_LINE, elsewhere, trusted=False, now=NOW)
    reconciling.from_store(world.session, elsewhere, BASE, NOW)
    assert [one[0] for one in world.counted()] == [world.ada.id]
    assert only(world).about == "store Leeds"
    world.proof()


def test_statements_are_set_aside_together_or_singly_and_looked_at_again_when_it_is_taken_back(
    world: World,
) -> None:
    world.say(*(statement(STRANGER, id=str(uuid4())) for _ in range(3)))
    item = only(world)
    settling.decide(
        world.session,
        COMMAND_LINE,
        item,
        SET_ASIDE,
        BASE,
        now=NOW,
        only=waiting.places(world.session, item)[1],
    )
    assert only(world).statements == 2
    later = NOW + timedelta(minutes=1)
    settling.decide(world.session, COMMAND_LINE, only(world), SET_ASIDE, BASE, now=later)
    assert waiting.listed(world.session) == []
    world.proof()
    acts, total = decided.acts(world.session)
    assert (total, [(one.decision, one.statements) for one in acts]) == (2, [(SET_ASIDE, 2), (SET_ASIDE, 1)])
    decided.take_back(world.session, COMMAND_LINE, acts[0].act_id, BASE, now=later)
    assert only(world).statements == 2
    assert decided.acts(world.session)[1] == 1
    world.proof()
    with pytest.raises(NotFound):
        decided.take_back(world.session, COMMAND_LINE, acts[0].act_id, BASE, now=later)
    with pytest.raises(Invalid, match="does not wait here any more"):
        settling.decide(world.session, COMMAND_LINE, only(world), SET_ASIDE, BASE, now=later, only=1)


def test_a_clock_ahead_is_accepted_and_taken_back(world: World) -> None:
    world.say(statement({"mbox": "mailto:ada@example.org"}, timestamp="2026-07-30T10:00:00Z"))
    settling.decide(world.session, COMMAND_LINE, only(world), ACCEPTED, BASE, now=NOW)
    ((act,), _) = decided.acts(world.session)
    assert (act.decision, act.statements, act.decided_by) == (ACCEPTED, 1, "the command line")
    assert len(world.counted()) == 1
    decided.take_back(world.session, COMMAND_LINE, act.act_id, BASE, now=NOW)
    assert world.counted() == []
    assert only(world).reason is Reason.FUTURE
    world.proof()


def test_a_decision_fits_what_is_waited_for(world: World) -> None:
    group: dict[str, Any] = {"objectType": "Group", "member": [{"mbox": "mailto:a@example.org"}]}
    world.say(statement(group))
    item = only(world)
    assert item.about == "a group without an identifier"
    with pytest.raises(Invalid, match="nothing to be recognised by"):
        settling.person(world.session, COMMAND_LINE, item, world.ada.uuid, BASE, now=NOW)
    with pytest.raises(Invalid, match="not one for"):
        settling.module(world.session, COMMAND_LINE, item, "ATR-F", BASE, now=NOW)
    with pytest.raises(Invalid, match="not one for"):
        settling.trust(world.session, COMMAND_LINE, item, BASE, now=NOW)
    with pytest.raises(Invalid, match="not one for"):
        settling.decide(world.session, COMMAND_LINE, item, ACCEPTED, BASE, now=NOW)
    with pytest.raises(Invalid, match="Name an actor"):
        reconciling.match_actor(world.session, COMMAND_LINE, item.about, world.ada.uuid, BASE, now=NOW)
    with pytest.raises(NotFound):
        waiting.one(world.session, Reason.FUTURE, 1)
    assert waiting.about(world.session, Reason.UNKNOWN_ACTOR, item.about) == item


def test_more_than_a_page_can_wait_for_are_left_to_a_worker(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "AT_ONCE", 2)
    world.say(*(statement(STRANGER, id=str(uuid4())) for _ in range(3)))
    assert settling.person(world.session, COMMAND_LINE, only(world), world.ada.uuid, BASE, now=NOW).later
    assert world.counted() == []
    assert reconciling.retry(world.session, BASE, NOW).counted == 3
    world.proof()


def test_the_list_is_narrowed_by_reason_and_by_whose_key_it_was(world: World) -> None:
    other = Organisation(code="FAR", name="Farrowdyke")
    world.session.add(other)
    world.session.flush()
    theirs = keys.create(
        world.session, COMMAND_LINE, "theirs", ["xapi/all"], now=NOW, trusted=True, organisation="FAR"
    )
    world.say(statement(STRANGER), statement(STRANGER), statement(account(world.ada), object={"id": UNKNOWN}))
    world.say(
        statement(STRANGER),
        statement({"mbox": "mailto:x@example.org"}),
        source=Source({"mbox": "mailto:k@example.org"}, key_id=theirs.key_id),
    )
    assert waiting.counted(world.session) == (3, 5)
    assert waiting.counted(world.session, reason=Reason.UNKNOWN_ACTOR) == (2, 4)
    assert waiting.counted(world.session, organisation_id=other.id) == (2, 2)
    found = waiting.listed(world.session, organisation_id=other.id)
    assert {(one.about, one.statements) for one in found} == {
        ("account https://lms.example.org 7", 1),
        ("mbox mailto:x@example.org", 1),
    }
    first, second = (waiting.listed(world.session, limit=1, offset=place)[0].statements for place in (0, 1))
    assert (first, second) == (3, 1)
    assert waiting.counted(world.session, reason=Reason.FUTURE) == (0, 0)


def test_the_list_asks_as_often_for_many_keys_as_for_one(world: World) -> None:
    sent: list[str] = []
    event.listen(db.engine(), "before_cursor_execute", lambda *given: sent.append(given[2]))
    counts = []
    for number in (1, 12):
        for one in range(number):
            key = keys.create(world.session, COMMAND_LINE, f"{number} {one}", ["xapi/all"], now=NOW)
            world.say(statement(account(world.ada)), source=Source(made.simple()["actor"], key_id=key.key_id))
        sent.clear()
        assert len(waiting.listed(world.session)) >= number
        counts.append(len(sent))
    assert counts[0] == counts[1]


def test_an_item_is_found_by_the_term_of_what_it_is_about(world: World) -> None:
    world.say(statement(STRANGER))
    item = only(world)
    assert item.term == terms.term("=", item.about)
    assert waiting.one(world.session, item.reason, item.term) == item
