"""People at two organisations who may be one: what is asked, what is not, and who may answer."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlmodel import Session, select

from lms.errors import Conflict, NotFound
from lms.rules.access import EVERYTHING, Scope
from lms.rules.roster.names import name_key
from lms.services.audit import Actor
from lms.services.people import doubtful, linking
from lms.tables.audit import AuditEvent
from lms.tables.organisations import Organisation
from lms.tables.people import Employment, Person, PersonLink

NOW = datetime(2026, 7, 1, 9, tzinfo=UTC)
HR = Actor("HR")


@dataclass
class World:
    session: Session
    organisations: dict[str, int]

    def employ(self, where: str, name: str, email: str | None = None) -> int:
        """Somebody new at an organisation; the id of the employment."""
        given, _, family = name.rpartition(" ")
        person = Person(uuid=str(uuid4()))
        self.session.add(person)
        self.session.flush()
        made = Employment(
            organisation_id=self.organisations[where],
            employee_number=uuid4().hex[:8],
            person_id=person.id or 0,
            home_person_id=person.id or 0,
            given_name=given,
            family_name=family,
            name_key=name_key(given, family),
            email=email,
            email_key=email.casefold() if email else None,
        )
        self.session.add(made)
        self.session.flush()
        return made.id or 0

    def scope(self, *codes: str) -> Scope:
        return Scope(organisation_ids=frozenset(self.organisations[code] for code in codes))

    def pairs(self, scope: Scope = EVERYTHING) -> list[tuple[set[int], str]]:
        return [
            ({one.one.employment_id, one.other.employment_id}, one.why)
            for one in doubtful.pairs(self.session, scope)
        ]


@pytest.fixture
def world(session: Session) -> World:
    organisations = {}
    for code in ("NHS", "BC", "HMP"):
        made = Organisation(code=code, name=f"The {code}")
        session.add(made)
        session.flush()
        organisations[code] = made.id or 0
    return World(session, organisations)


def test_the_same_address_under_two_names_is_asked_about(world: World) -> None:
    one = world.employ("NHS", "Jane Smith", "jane@example.org")
    other = world.employ("BC", "Jane Smith-Okafor", "Jane@example.org")
    assert world.pairs() == [({one, other}, doubtful.SAME_ADDRESS)]


def test_the_same_name_is_asked_about_where_an_address_is_missing(world: World) -> None:
    one = world.employ("NHS", "Zoë O’Brien", "zoe@example.org")
    other = world.employ("BC", "Zoe O'Brien")
    assert world.pairs() == [({one, other}, doubtful.SAME_NAME)]


def test_two_addresses_speak_against_one_person(world: World) -> None:
    world.employ("NHS", "Jane Smith", "jane.smith@nhs.example")
    world.employ("BC", "Jane Smith", "jane.smith@council.example")
    assert world.pairs() == []


def test_a_name_that_two_people_of_one_organisation_share_says_nothing(world: World) -> None:
    world.employ("NHS", "John Smith")
    world.employ("NHS", "John Smith")
    world.employ("BC", "John Smith")
    assert world.pairs() == []


def test_a_shared_mailbox_says_nothing(world: World) -> None:
    for where, name in (("NHS", "A B"), ("BC", "C D"), ("HMP", "E F"), ("HMP", "G H")):
        world.employ(where, name, "info@example.org")
    assert world.pairs() == []


def test_people_who_are_linked_already_are_not_asked_about(world: World) -> None:
    one = world.employ("NHS", "Jane Smith", "jane@example.org")
    other = world.employ("BC", "Jane Jones", "jane@example.org")
    doubtful.same(world.session, EVERYTHING, HR, one, other, now=NOW)
    assert world.pairs() == []
    first, second = world.session.get_one(Employment, one), world.session.get_one(Employment, other)
    assert first.person_id == second.person_id
    with pytest.raises(Conflict):
        doubtful.same(world.session, EVERYTHING, HR, one, other, now=NOW)


def test_people_who_were_told_apart_are_not_asked_about_again_nor_linked_by_a_list(world: World) -> None:
    one = world.employ("NHS", "Jane Smith", "jane@example.org")
    other = world.employ("BC", "Jane Smith", "jane@example.org")
    doubtful.different(world.session, EVERYTHING, HR, one, other, now=NOW)
    assert world.pairs() == []
    linking.link_by_email(world.session, [one], None, world.organisations["NHS"], NOW)
    assert (
        world.session.get_one(Employment, one).person_id != world.session.get_one(Employment, other).person_id
    )


def test_a_link_is_shown_and_taken_apart_and_each_counts_for_themselves_again(world: World) -> None:
    one = world.employ("NHS", "Jane Smith", "jane@example.org")
    other = world.employ("BC", "Jane Jones", "jane@example.org")
    doubtful.same(world.session, EVERYTHING, HR, one, other, now=NOW)
    (link,) = doubtful.linked(world.session, EVERYTHING)
    assert {side.employment_id for side in link.people} == {one, other}
    touched = doubtful.unlink(world.session, EVERYTHING, HR, link.link_id, now=NOW)
    assert len(touched) == 2
    assert (
        world.session.get_one(Employment, one).person_id != world.session.get_one(Employment, other).person_id
    )
    assert doubtful.linked(world.session, EVERYTHING) == []
    assert world.pairs() == []


def test_who_is_linked_is_not_told_apart_but_taken_apart(world: World) -> None:
    one = world.employ("NHS", "Jane Smith", "jane@example.org")
    other = world.employ("BC", "Jane Jones", "jane@example.org")
    doubtful.same(world.session, EVERYTHING, HR, one, other, now=NOW)
    for second in (other, one):
        with pytest.raises(Conflict, match="one person already"):
            doubtful.different(world.session, EVERYTHING, HR, one, second, now=NOW)
    (link,) = world.session.exec(select(PersonLink)).all()
    assert link.undone_at is None


@pytest.mark.parametrize("linked_before", [False, True])
def test_who_was_told_or_taken_apart_is_linked_after_all(world: World, linked_before: bool) -> None:
    one = world.employ("NHS", "Jane Smith", "jane@example.org")
    other = world.employ("BC", "Jane Jones", "jane@example.org")
    if linked_before:
        doubtful.same(world.session, EVERYTHING, HR, one, other, now=NOW)
        (link,) = doubtful.linked(world.session, EVERYTHING)
        doubtful.unlink(world.session, EVERYTHING, HR, link.link_id, now=NOW)
    else:
        doubtful.different(world.session, EVERYTHING, HR, one, other, now=NOW)
    (told,) = doubtful.apart(world.session, world.scope("NHS"))
    assert {side.employment_id for side in told.people} == {one, other}
    assert told.undone_at == NOW
    stranger = world.scope("HMP")
    assert doubtful.apart(world.session, stranger) == []
    with pytest.raises(NotFound):
        doubtful.link_again(world.session, stranger, HR, told.link_id, now=NOW)
    assert len(doubtful.link_again(world.session, world.scope("NHS"), HR, told.link_id, now=NOW)) == 2
    first, second = world.session.get_one(Employment, one), world.session.get_one(Employment, other)
    assert first.person_id == second.person_id
    assert doubtful.apart(world.session, EVERYTHING) == []
    with pytest.raises(NotFound):
        doubtful.link_again(world.session, EVERYTHING, HR, told.link_id, now=NOW)
    (link,) = doubtful.linked(world.session, EVERYTHING)
    doubtful.unlink(world.session, EVERYTHING, HR, link.link_id, now=NOW)
    assert [one.link_id for one in doubtful.apart(world.session, EVERYTHING)] == [link.link_id]


def test_each_side_sees_the_other_without_number_and_address(world: World) -> None:
    world.employ("NHS", "Jane Smith", "jane@example.org")
    other = world.employ("BC", "Jane Jones", "jane@example.org")
    (pair,) = doubtful.pairs(world.session, world.scope("NHS"))
    theirs = next(side for side in (pair.one, pair.other) if side.employment_id == other)
    assert (theirs.name, theirs.organisation) == ("Jane Jones", "The BC")
    assert (theirs.employee_number, theirs.email) == (None, None)


def test_nobody_decides_about_people_of_other_organisations(world: World) -> None:
    one = world.employ("NHS", "Jane Smith", "jane@example.org")
    other = world.employ("BC", "Jane Jones", "jane@example.org")
    stranger = world.scope("HMP")
    assert world.pairs(stranger) == []
    for decide in (doubtful.same, doubtful.different):
        with pytest.raises(NotFound):
            decide(world.session, stranger, HR, one, other, now=NOW)
    doubtful.same(world.session, world.scope("NHS"), HR, one, other, now=NOW)
    (link,) = doubtful.linked(world.session, EVERYTHING)
    assert doubtful.linked(world.session, stranger) == []
    with pytest.raises(NotFound):
        doubtful.unlink(world.session, stranger, HR, link.link_id, now=NOW)


def test_somebody_elses_person_is_linked_only_where_something_speaks_for_it(world: World) -> None:
    one = world.employ("NHS", "Jane Smith", "jane@example.org")
    nobody = world.employ("BC", "Omar Hassan", "omar@example.org")
    with pytest.raises(NotFound):
        doubtful.same(world.session, world.scope("NHS"), HR, one, nobody, now=NOW)
    doubtful.same(world.session, world.scope("NHS", "BC"), HR, one, nobody, now=NOW)
    assert (
        world.session.get_one(Employment, one).person_id
        == world.session.get_one(Employment, nobody).person_id
    )


def test_every_decision_is_in_the_audit_trail_without_a_name(world: World) -> None:
    one = world.employ("NHS", "Jane Smith", "jane@example.org")
    other = world.employ("BC", "Jane Jones", "jane@example.org")
    doubtful.same(world.session, EVERYTHING, HR, one, other, now=NOW)
    (link,) = doubtful.linked(world.session, EVERYTHING)
    doubtful.unlink(world.session, EVERYTHING, HR, link.link_id, now=NOW)
    trail = world.session.exec(select(AuditEvent)).all()
    assert [event.action for event in trail] == ["people.linked", "people.unlinked"]
    assert all("Jane" not in f"{event.subject} {event.detail}" for event in trail)
