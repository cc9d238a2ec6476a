"""Lists link the same person at two employers by their work address, and by nothing less."""

from datetime import UTC, date, datetime

import pytest
from sqlmodel import select

from lms import db
from lms.rules import roster as rules
from lms.services import audit, reference
from lms.services.people import applying, checking, linking
from lms.services.people.checking import Options
from lms.tables.organisations import Organisation
from lms.tables.people import Employment, PersonLink
from tests.rosters.lists import Cells

NOW = datetime(2026, 7, 1, 9, tzinfo=UTC)
MAY, JUNE = date(2026, 5, 31), date(2026, 6, 30)
CAPTIONS = ["Staff No", "Surname", "Forename", "Role", "Work email", "End"]


@pytest.fixture
def places(database: str) -> dict[str, int]:
    with db.transaction() as session:
        files = {"organisations.csv": b"code,name\nNHS,The trust\nBC,The council\n"}
        reference.load(session, files, now=NOW, base_url="https://golden.example")
        return {one.code: one.id or 0 for one in session.exec(select(Organisation))}


def listed(place: int, as_at: date, *rows: tuple[str, str, str, str]) -> frozenset[str]:
    """Apply a list of (number, name, address, end) that covers the whole organisation; whose links were foreseen."""
    cells = [[number, *name.split()[::-1], "Nurse", email, end] for number, name, email, end in rows]
    reading = rules.read([Cells([CAPTIONS, *cells])], as_at=as_at)
    options = Options(covers="all", accept_leavers=True, accept_joiners=True)
    with db.transaction() as session:
        checked = checking.check(session, place, reading, options)
        foreseen = linking.foreseen(session, place, checked.plan.people)
        applying.apply(session, place, checked, actor=audit.COMMAND_LINE, now=NOW)
    return frozenset(foreseen)


def persons(number: str) -> set[int]:
    with db.transaction(read_only=True) as session:
        found = session.exec(select(Employment.person_id).where(Employment.employee_number == number))
        return set(found.all())


def test_the_same_address_and_name_at_two_employers_are_one_person(places: dict[str, int]) -> None:
    listed(places["NHS"], MAY, ("1", "Ann Ash", "a.ash@x.example", ""))
    assert listed(places["BC"], MAY, ("C1", "ANN ASH", "A.Ash@x.example", "")) == {"C1"}
    assert persons("1") == persons("C1")


def test_a_link_is_foreseen_as_little_as_it_is_made_where_a_leaver_has_the_address(
    places: dict[str, int],
) -> None:
    listed(places["BC"], MAY, ("C1", "Ann Ash", "a.ash@x.example", ""))
    listed(places["NHS"], MAY, ("1", "Al Ash", "a.ash@x.example", ""))
    assert listed(places["NHS"], JUNE, ("2", "Ann Ash", "a.ash@x.example", "")) == frozenset()
    assert len(persons("1") | persons("2") | persons("C1")) == 3


@pytest.mark.parametrize("before", ["Ann Ash", "Al Ash"])
def test_an_address_that_a_leaver_had_before_links_nobody(places: dict[str, int], before: str) -> None:
    listed(places["NHS"], MAY, ("1", before, "a.ash@x.example", ""))
    listed(places["NHS"], JUNE, ("2", "Ann Ash", "a.ash@x.example", ""))
    listed(places["BC"], JUNE, ("C1", "Ann Ash", "a.ash@x.example", ""))
    assert len(persons("1") | persons("2") | persons("C1")) == 3
    with db.transaction(read_only=True) as session:
        assert session.exec(select(PersonLink)).all() == []


def test_a_link_stays_when_one_of_the_two_has_left(places: dict[str, int]) -> None:
    listed(places["NHS"], MAY, ("1", "Ann Ash", "a.ash@x.example", ""))
    listed(places["BC"], MAY, ("C1", "Ann Ash", "a.ash@x.example", ""))
    listed(places["NHS"], JUNE, ("2", "Bo Birch", "b.birch@x.example", ""))
    assert persons("1") == persons("C1")
