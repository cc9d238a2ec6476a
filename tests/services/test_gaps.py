"""Gaps that HR can close before they become somebody's problem."""

from datetime import date, time

import pytest
from sqlmodel import Session, select

from lms.rules.gaps import Quarter, quarters, supply
from lms.services import gaps, reference
from lms.tables.completions import Completion
from lms.tables.job_roles import JobTitle, JobTitleRole
from lms.tables.people import Employment, Person, Post
from lms.tables.sessions import TrainingSession
from tests.services.test_reference import NOW

ON = date(2026, 6, 30)
FOLDER = {
    "organisations.csv": b"code,name\nT,The Trust\nC,The Council\n",
    "levels.csv": b"framework,level,rank\nF,skilled,1\n",
    "job-roles.csv": b"code,name,family,level,manager\n"
    b"RN,Nurse,Nursing,skilled,no\nAD,Administrator,Office,,no\nMG,Manager,Office,,yes\n",
    "job-titles.csv": b"organisation,title,job_role\nT,Nurse B5,RN\nT,Clerk,AD\nC,Boss,MG\nC,Helper,\n",
    "modules.csv": b"code,title,kind,minutes,activity_iri\n"
    b"A,Foundation,,60,urn:a\nE,Foundation online,e-learning,60,urn:e\nB,Skilled,,60,urn:b\nX,Spare,,60,urn:x\n",
    "equivalences.csv": b"module,counts_for\nE,A\n",
    "training-map.csv": b"who,value,module,shape,every_months\n"
    b"everyone,,A,refreshed,12\nlevel,skilled,B,refreshed,12\nmanagers,,B,once,\n",
}


@pytest.fixture(autouse=True)
def _world(session: Session) -> None:
    """Three nurses, a clerk, somebody unmapped and somebody said to need no role."""
    reference.load(session, FOLDER, now=NOW, base_url="https://golden.example")
    for number, (organisation, title) in enumerate(
        [(1, "nurse b5"), (1, "nurse b5"), (1, "nurse b5"), (1, "clerk"), (1, "unheard of"), (2, "helper")], 1
    ):
        plant(session, number, organisation, title)


def plant(session: Session, number: int, organisation: int, key: str) -> None:
    same = select(JobTitle).where(JobTitle.organisation_id == organisation, JobTitle.key == key)
    found = session.exec(same).one_or_none()
    if found is None:
        found = JobTitle(organisation_id=organisation, key=key, title=key.title())
        session.add(found)
    person = Person(uuid=str(number).zfill(36))
    session.add(person)
    session.flush()
    employment = Employment(
        organisation_id=organisation,
        employee_number=str(number),
        person_id=person.id or 0,
        home_person_id=person.id or 0,
    )
    session.add(employment)
    session.flush()
    post = Post(
        employment_id=employment.id or 0,
        organisation_id=organisation,
        title=key,
        job_title_id=found.id or 0,
        starts_on=date(2020, 1, 1),
    )
    session.add(post)
    session.flush()


def plan(session: Session, module: int, day: date, capacity: int | None, organisation: int = 1) -> None:
    session.add(
        TrainingSession(
            uuid=f"{module}-{day}-{capacity}",
            module_id=module,
            organisation_id=organisation,
            day=day,
            starts=time(9),
            minutes=60,
            capacity=capacity,
        )
    )
    session.flush()


def complete(session: Session, person: int, module: int, day: date) -> None:
    session.add(
        Completion(
            statement_id=f"{person}-{module}-{day}", person_id=person, module_id=module, completed_on=day
        )
    )
    session.flush()


def test_roles_of_which_only_everyones_modules_are_asked(session: Session) -> None:
    found = gaps.of(session, ON).roles
    assert [(one.code, one.posts) for one in found] == [("AD", 1)]


def test_titles_that_map_to_no_role_but_not_those_said_to_have_none(session: Session) -> None:
    found = gaps.of(session, ON).titles
    assert [(one.organisation, one.title, one.posts) for one in found] == [("T", "Unheard Of", 1)]
    assert not gaps.of(session, ON, organisation_ids=frozenset({2})).titles
    session.add(JobTitleRole(job_title_id=5, job_role_id=1, decided_at=NOW))
    session.flush()
    assert not gaps.of(session, ON).titles


def test_modules_that_nobody_requires_and_what_they_stand_in_for(session: Session) -> None:
    found = gaps.of(session, ON).modules
    assert [(one.code, one.counts_for) for one in found] == [("E", ("A",)), ("X", ())]


def test_a_requirement_without_a_session_is_told_unless_it_can_be_done_online(session: Session) -> None:
    supplied = {one.code: one for one in gaps.of(session, ON).supply}
    assert (supplied["A"].by_e_learning, supplied["A"].unplanned) == (True, False)
    assert (supplied["B"].by_e_learning, supplied["B"].unplanned) == (False, True)
    plan(session, 3, date(2026, 9, 1), 20)
    supplied = {one.code: one for one in gaps.of(session, ON).supply}
    assert not supplied["B"].unplanned


def test_places_against_people_becoming_due_by_quarter(session: Session) -> None:
    complete(session, 1, 3, date(2025, 9, 1))
    complete(session, 2, 3, date(2025, 12, 31))
    plan(session, 3, date(2026, 7, 1), 1)
    plan(session, 3, date(2026, 8, 1), 1)
    found = next(one for one in gaps.of(session, ON).supply if one.code == "B")
    assert [(one.due, one.carried, one.sessions, one.places, one.short) for one in found.quarters] == [
        (1, 0, 0, 0, 1),
        (1, 1, 2, 2, 0),
        (1, 0, 0, 0, 1),
        (0, 1, 0, 0, 1),
    ]
    assert found.short == 1


def test_another_organisation_sees_its_own_people_and_sessions(session: Session) -> None:
    plan(session, 3, date(2026, 9, 1), 20)
    found = gaps.of(session, ON, organisation_ids=frozenset({2}))
    assert [(one.code, sum(q.due for q in one.quarters)) for one in found.supply] == [("A", 1), ("B", 0)]
    assert not any(one.sessions for one in found.supply[1].quarters)


def test_quarters_follow_each_other_over_the_year() -> None:
    assert [(one.first, one.last) for one in quarters(date(2026, 11, 30), 2)] == [
        (date(2026, 10, 1), date(2026, 12, 31)),
        (date(2027, 1, 1), date(2027, 3, 31)),
    ]
    assert quarters(date(2026, 1, 1), 1)[0].name == "January to March 2026"


def test_a_session_without_a_limit_takes_everybody() -> None:
    one, other = quarters(ON, 2)
    found = supply([one, other], {one: 50, other: 3}, {one: [5, None], other: [2]})
    assert [(each.places, each.short) for each in found] == [(None, 0), (2, 1)]
    assert isinstance(found[0].quarter, Quarter)
