"""Finding people: whose account this is, and nobody's by guess."""

from datetime import UTC, date, datetime

import pytest
from sqlmodel import Session

from lms.errors import NotFound
from lms.rules.access import EVERYTHING, Scope
from lms.services.people import finding
from lms.tables.accounts import Account
from lms.tables.job_roles import JobTitle
from lms.tables.organisations import Organisation
from lms.tables.people import Employment, Person, Post

DAY = date(2026, 6, 30)
THEN = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def place(session: Session) -> Organisation:
    """An organisation with one job title."""
    row = Organisation(code="A", name="Alder")
    session.add(row)
    session.flush()
    session.add(JobTitle(organisation_id=row.id, key="nurse", title="Nurse"))
    session.flush()
    return row


def employ(session, place, number, email=None, person=None, *, starts=date(2024, 1, 1), ends=None):
    person = person or Person(uuid=f"00000000-0000-0000-0000-{number:012}")
    session.add(person)
    session.flush()
    employment = Employment(
        organisation_id=place.id,
        employee_number=str(number),
        person_id=person.id,
        home_person_id=person.id,
        given_name="Amina",
        family_name=f"Khan{number}",
        email=email,
        email_key=email and email.casefold(),
    )
    session.add(employment)
    session.flush()
    session.add(
        Post(
            employment_id=employment.id,
            organisation_id=place.id,
            title="Nurse",
            job_title_id=1,
            starts_on=starts,
            ends_on=ends,
        )
    )
    session.flush()
    return person, employment


def account(session, email):
    row = Account(email=email, name="x", created_at=THEN)
    session.add(row)
    session.flush()
    return row.id


def test_the_work_address_of_exactly_one_person_is_theirs(session, place):
    person, _ = employ(session, place, 1, "Amina@A.org")
    assert finding.of_account(session, account(session, "amina@a.org"), "amina@a.org", None) == person.id


def test_one_person_with_two_employments_is_still_one(session, place):
    person, _ = employ(session, place, 1, "amina@a.org")
    employ(session, place, 2, "amina@a.org", person)
    assert finding.of_account(session, account(session, "amina@a.org"), "amina@a.org", None) == person.id


def test_an_address_that_two_people_share_is_nobodys(session, place):
    employ(session, place, 1, "ward@a.org")
    employ(session, place, 2, "ward@a.org")
    assert finding.of_account(session, account(session, "ward@a.org"), "ward@a.org", None) is None


def test_an_address_on_no_list_is_nobodys(session, place):
    employ(session, place, 1)
    assert finding.of_account(session, account(session, "x@a.org"), "x@a.org", None) is None


def test_a_person_linked_to_an_account_is_found_whatever_the_address(session, place):
    person, _ = employ(session, place, 1, "amina@a.org")
    number = account(session, "private@home.org")
    person.account_id = number
    session.flush()
    assert finding.of_account(session, number, "private@home.org", None) == person.id
    # And nobody else comes to them by the address of the list.
    assert finding.of_account(session, account(session, "amina@a.org"), "amina@a.org", None) is None


def test_an_account_with_rights_elsewhere_alone_does_not_reach_a_person_by_their_address(session, place):
    person, _ = employ(session, place, 1, "amina@a.org")
    number = account(session, "amina@a.org")
    assert finding.of_account(session, number, "amina@a.org", frozenset({place.id})) == person.id
    assert finding.of_account(session, number, "amina@a.org", frozenset({place.id + 1})) is None
    assert finding.of_account(session, number, "amina@a.org", frozenset()) is None


def test_a_person_linked_to_another_is_counted_as_that_other(session, place):
    first, _ = employ(session, place, 1)
    second, _ = employ(session, place, 2)
    number = account(session, "x@a.org")
    second.account_id, second.linked_to_id = number, first.id
    session.flush()
    assert finding.of_account(session, number, "x@a.org", None) == first.id


def test_people_with_a_post_on_the_day_are_listed_by_family_name(session, place):
    for number in (3, 1, 2):
        employ(session, place, number)
    employ(session, place, 4, ends=date(2026, 6, 29))
    employ(session, place, 5, starts=date(2026, 7, 1))
    people, total = finding.listed(session, place.id, DAY)
    assert [one.employee_number for one in people] == ["1", "2", "3"]
    assert total == 3
    page, total = finding.listed(session, place.id, DAY, limit=1, offset=1)
    assert ([one.employee_number for one in page], total) == (["2"], 3)


def test_one_person_is_found_within_the_scope_alone(session, place):
    _, employment = employ(session, place, 1)
    assert finding.one(session, EVERYTHING, employment.id, DAY).employee_number == "1"
    assert finding.one(session, Scope(organisation_ids=frozenset({place.id})), employment.id, DAY)
    for scope, number in (
        (Scope(organisation_ids=frozenset({99})), employment.id),
        (EVERYTHING, 99),
        (Scope(), 1),
    ):
        with pytest.raises(NotFound):
            finding.one(session, scope, number, DAY)
