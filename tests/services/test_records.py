"""A person's whole record: everything about them, by whatever they are known, nothing about others, to the letter."""

import json
from hashlib import sha1
from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import Session, select

from lms.errors import NotFound
from lms.services import completions
from lms.services.audit import COMMAND_LINE, Actor
from lms.services.completions import reconciling, records
from lms.services.statements import reading
from lms.tables.audit import AuditEvent
from lms.tables.people import Employment
from tests import statements as made
from tests.services.test_completions import BASE, NOW, World, account, statement

ELSEWHERE = {"account": {"homePage": "https://lms.example.org", "name": "7"}}


@pytest.fixture
def world(session: Session) -> World:
    return World(session)


def new(actor: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return statement(actor, id=str(uuid4()), **changes)


def record(world: World, person: Any) -> list[str]:
    """The ids in somebody's record, in order."""
    return [json.loads(text)["id"] for text in records.of_person(world.session, person.id, BASE)]


def test_everything_about_a_person_is_there_in_the_order_of_the_log(world: World) -> None:
    digest = sha1(b"mailto:ada@example.org", usedforsecurity=False).hexdigest()
    ids = world.say(
        new(account(world.ada)),
        new(account(world.ada), verb={"id": made.ADL + "attended"}),
        new(account(world.ada), result={"success": False}),
        new({"account": {"homePage": BASE + "/", "name": world.ada.uuid}}),
        new({"mbox": "mailto:ada@example.org"}),
        new({"mbox_sha1sum": digest}),
        new(
            account(world.grace),
            verb={"id": made.ADL + "mentored"},
            object={**account(world.ada), "objectType": "Agent"},
        ),
    )
    others = world.say(
        new(account(world.grace)),
        new(account(world.grace), context={"instructor": account(world.ada)}),
        new(ELSEWHERE),
    )
    assert record(world, world.ada) == ids
    assert record(world, world.grace) == [ids[-1], *others[:2]]


def test_what_was_voided_is_there_with_what_voided_it(world: World) -> None:
    ids = world.say(new(account(world.ada)))
    completions.void(world.session, ids, "command-line", BASE, NOW)
    first, second = records.of_person(world.session, world.ada.id, BASE)
    assert json.loads(first)["id"] == ids[0]
    assert json.loads(second)["object"]["id"] == ids[0]


def test_every_statement_is_there_to_the_letter(world: World) -> None:
    world.say(new(account(world.ada), result={"score": {"raw": 1.50}, "extensions": {"x:y": "Zoë \\u00e9"}}))
    assert records.of_person(world.session, world.ada.id, BASE) == list(reading.everything(world.session))


def test_an_actor_who_was_matched_belongs_to_the_person_as_long_as_that_holds(world: World) -> None:
    ids = world.say(new(ELSEWHERE), new(ELSEWHERE, verb={"id": made.ADL + "attended"}))
    who = "account https://lms.example.org 7"
    reconciling.match_actor(world.session, COMMAND_LINE, who, world.ada.uuid, BASE, now=NOW)
    assert record(world, world.ada) == ids
    reconciling.match_actor(world.session, COMMAND_LINE, who, world.joan.uuid, BASE, now=NOW)
    assert (record(world, world.ada), record(world, world.joan)) == ([], ids)


def test_an_address_that_two_people_have_puts_nothing_into_either_record(world: World) -> None:
    world.say(new({"mbox": "mailto:shared@example.org"}))
    assert record(world, world.grace) == record(world, world.joan) == []


def test_what_came_while_an_address_was_somebody_elses_stays_theirs(world: World) -> None:
    before = world.say(new({"mbox": "mailto:ada@example.org"}))
    adas = world.session.exec(select(Employment).where(Employment.person_id == world.ada.id)).one()
    adas.email = adas.email_key = None
    bob = world.person("9", "ada@example.org")
    after = world.say(new({"mbox": "mailto:ada@example.org"}))
    assert (record(world, world.ada), record(world, bob)) == (before, after)


def test_the_record_of_two_who_are_one_person_is_one(world: World) -> None:
    ids = world.say(new(account(world.ada)), new(account(world.joan)))
    world.joan.linked_to_id = world.ada.id
    world.session.flush()
    assert record(world, world.ada) == ids
    assert len(records.by_uuid(world.session, world.joan.uuid.upper(), BASE)) == 2
    with pytest.raises(NotFound):
        records.by_uuid(world.session, "nobody", BASE)


def test_who_takes_somebodys_record_out_is_written_down(world: World) -> None:
    world.say(new(account(world.ada)))
    given = records.give_out(world.session, Actor("admin@example.org"), world.ada.id or 0, BASE, now=NOW)
    assert len(given) == 1
    event = world.session.exec(select(AuditEvent).where(AuditEvent.action == "record.given_out")).one()
    assert (event.actor, event.subject, event.detail) == (
        "admin@example.org",
        world.ada.uuid,
        {"statements": 1},
    )
