"""People whom several services decide about."""

from datetime import date

import pytest
from sqlmodel import Session

from lms.services import reference
from lms.tables.job_roles import JobTitle
from lms.tables.people import Employment, Person, Post
from tests.services.test_reference import FOLDER, NOW


@pytest.fixture
def drivers(session: Session) -> list[int]:
    """Two taxi drivers with the same title; only one of them carries children."""
    reference.load(session, FOLDER, now=NOW, base_url="https://golden.example")
    title = JobTitle(organisation_id=1, key="taxi driver", title="Taxi driver")
    session.add(title)
    session.flush()
    ids = []
    for number in ("1", "2"):
        person = Person(uuid=number.zfill(36))
        session.add(person)
        session.flush()
        employment = Employment(
            organisation_id=1,
            employee_number=number,
            person_id=person.id or 0,
            home_person_id=person.id or 0,
            given_name="Driver",
            family_name=number,
        )
        session.add(employment)
        session.flush()
        ids.append(employment.id or 0)
        session.add(
            Post(
                employment_id=employment.id or 0,
                organisation_id=1,
                title="Taxi driver",
                job_title_id=title.id or 0,
                starts_on=date(2025, 1, 1),
            )
        )
    session.flush()
    return ids
