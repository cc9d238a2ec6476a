"""Job titles that wait for a role: who has them, what they may mean, and what is remembered."""

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest
from sqlmodel import Session, select

from lms import spreadsheets
from lms.errors import NotFound
from lms.rules import roster as rules
from lms.rules.job_roles import title_key
from lms.rules.training_map.rows import RequirementRow
from lms.services import job_roles, standing
from lms.services.people import checking, foreseeing, stored, titles
from lms.services.people.checking import Options
from lms.services.training_map import versions
from lms.tables.job_roles import JobRole
from lms.tables.organisations import Organisation
from lms.tables.people import Employment, Exemption, Person, Post
from lms.tables.training_map import Module

NOW = datetime(2026, 7, 1, 9, tzinfo=UTC)
TODAY = date(2026, 7, 1)


@pytest.fixture
def places(session: Session) -> dict[str, int]:
    made = {}
    for code in ("NHS", "BC"):
        organisation = Organisation(code=code, name=code)
        session.add(organisation)
        session.flush()
        made[code] = organisation.id or 0
    for code, name in (("RN", "Registered nurse"), ("CC", "Community connector")):
        session.add(JobRole(code=code, name=name))
    session.flush()
    return made


def post(
    session: Session,
    organisation_id: int,
    title: str,
    *,
    ends_on: date | None = None,
    again: int | None = None,
) -> int:
    """Somebody with a job title; or another post of the same somebody."""
    ids = job_roles.keep(session, organisation_id, {title_key(title): title}, NOW)
    if again is None:
        person = Person(uuid=str(uuid4()))
        session.add(person)
        session.flush()
        employment = Employment(
            organisation_id=organisation_id,
            employee_number=uuid4().hex[:8],
            person_id=person.id or 0,
            home_person_id=person.id or 0,
        )
        session.add(employment)
        session.flush()
        again = employment.id or 0
    session.add(
        Post(
            employment_id=again,
            organisation_id=organisation_id,
            title=title,
            job_title_id=ids[title_key(title)],
            starts_on=date(2020, 1, 1),
            ends_on=ends_on,
        )
    )
    session.flush()
    return again


def waiting(session: Session, organisation_id: int) -> list[tuple[str, int]]:
    return [(one.title, one.people) for one in titles.waiting(session, organisation_id, TODAY)]


def test_titles_wait_with_the_most_people_first_and_each_person_once(
    session: Session, places: dict[str, int]
) -> None:
    someone = post(session, places["NHS"], "Band 6")
    post(session, places["NHS"], "Band 6", again=someone)
    for _ in range(2):
        post(session, places["NHS"], "Officer")
    post(session, places["BC"], "Worker")
    assert waiting(session, places["NHS"]) == [("Officer", 2), ("Band 6", 1)]


def test_a_title_that_nobody_has_any_more_does_not_wait(session: Session, places: dict[str, int]) -> None:
    post(session, places["NHS"], "Band 6", ends_on=date(2026, 6, 30))
    assert waiting(session, places["NHS"]) == []


def test_a_title_that_is_a_roles_name_needs_nobody(session: Session, places: dict[str, int]) -> None:
    post(session, places["NHS"], "REGISTERED  NURSE")
    assert waiting(session, places["NHS"]) == []
    (one,) = titles.settled(session, places["NHS"], TODAY)
    assert (one.role_code, one.basis, one.people) == ("RN", "name", 1)


def test_a_confirmed_title_is_settled_and_so_is_one_that_needs_no_role(
    session: Session, places: dict[str, int]
) -> None:
    for title in ("Ward Nurse", "Honorary Member"):
        post(session, places["NHS"], title)
    ids = {one.title: one.id for one in titles.waiting(session, places["NHS"], TODAY)}
    nurse = job_roles.by_code(session, "RN").id
    job_roles.confirm(session, [ids["Ward Nurse"]], nurse, account_id=None, now=NOW)
    job_roles.confirm(session, [ids["Honorary Member"]], None, account_id=None, now=NOW)
    assert waiting(session, places["NHS"]) == []
    settled = {one.title: one.role for one in titles.settled(session, places["NHS"], TODAY)}
    assert settled == {"Ward Nurse": "Registered nurse", "Honorary Member": None}


def due_by(session: Session, on: date) -> dict[str, date]:
    """By module, when Ward Nurse is to have done what is asked."""
    return {row.module: row.due_by for row in standing.people(session, on)}


@pytest.fixture
def ward_nurse(session: Session, places: dict[str, int]) -> int:
    """A title somebody has had since 2020; every nurse needs N, every connector C, everyone E."""
    post(session, places["NHS"], "Ward Nurse")
    rows = [
        RequirementRow("role", "RN", None, "N"),
        RequirementRow("role", "CC", None, "C"),
        RequirementRow("everyone", "", None, "E"),
    ]
    for row in rows:
        session.add(Module(code=row.module, title=row.module, activity_iri=f"urn:{row.module}"))
    session.flush()
    versions.publish(session, rows, after=None, now=NOW)
    (title,) = titles.waiting(session, places["NHS"], TODAY)
    return title.id


def means(session: Session, title: int, role: str | None, start: date | None = None) -> None:
    role_id = job_roles.by_code(session, role).id if role else None
    job_roles.confirm(session, [title], role_id, account_id=None, now=NOW, from_day=start)


def test_a_title_that_means_something_else_from_a_day_leaves_the_days_before_alone(
    session: Session, ward_nurse: int
) -> None:
    means(session, ward_nurse, "RN")
    means(session, ward_nurse, "CC", date(2026, 9, 1))
    assert due_by(session, date(2026, 8, 31)) == {"N": date(2020, 3, 31), "E": date(2020, 3, 31)}
    # Whoever has the title comes into the role on that day, and the days allowed run from it.
    assert due_by(session, date(2026, 9, 1)) == {"C": date(2026, 11, 30), "E": date(2026, 11, 30)}
    (row,) = [row for row in standing.people(session, date(2026, 9, 1)) if row.module == "C"]
    assert "90 days from 1 September 2026, when this role began" in row.because


def test_a_title_corrected_from_the_beginning_meant_it_all_along(session: Session, ward_nurse: int) -> None:
    means(session, ward_nurse, "RN")
    means(session, ward_nurse, "CC", date(2026, 9, 1))
    means(session, ward_nurse, "CC")
    for day in (date(2024, 1, 1), date(2026, 9, 1)):
        assert due_by(session, day) == {"C": date(2020, 3, 31), "E": date(2020, 3, 31)}


def test_the_same_meaning_from_a_day_starts_nobody_anew(session: Session, ward_nurse: int) -> None:
    means(session, ward_nurse, "RN")
    means(session, ward_nurse, "RN", date(2026, 6, 1))
    assert due_by(session, TODAY)["N"] == date(2020, 3, 31)
    means(session, ward_nurse, "CC", date(2026, 9, 1))
    means(session, ward_nurse, "RN", date(2026, 9, 1))
    assert due_by(session, date(2026, 12, 1))["N"] == date(2020, 3, 31)


def test_an_earlier_day_takes_the_place_of_a_later_one(session: Session, ward_nurse: int) -> None:
    means(session, ward_nurse, "RN")
    means(session, ward_nurse, "CC", date(2026, 9, 1))
    means(session, ward_nurse, None, date(2026, 8, 1))
    assert due_by(session, date(2026, 7, 31)).keys() == {"N", "E"}
    assert due_by(session, date(2026, 10, 1)).keys() == {"E"}


def test_a_settled_title_says_since_when_and_what_comes(
    session: Session, places: dict[str, int], ward_nurse: int
) -> None:
    means(session, ward_nurse, "RN")
    means(session, ward_nurse, "CC", date(2026, 7, 1))
    means(session, ward_nurse, None, date(2026, 9, 1))
    (one,) = titles.settled(session, places["NHS"], TODAY)
    assert (one.role_code, one.since, one.then) == ("CC", date(2026, 7, 1), (date(2026, 9, 1), None))


def test_what_one_organisation_confirmed_is_suggested_to_another_and_decided_by_nobody(
    session: Session, places: dict[str, int]
) -> None:
    post(session, places["NHS"], "Wellness Gardener")
    post(session, places["BC"], "Wellness Gardener (Leeds)")
    (title,) = titles.waiting(session, places["NHS"], TODAY)
    assert job_roles.suggestions(session, ["Wellness Gardener (Leeds)"]) == [[]]
    connector = job_roles.by_code(session, "CC").id
    job_roles.confirm(session, [title.id], connector, account_id=None, now=NOW)
    (found,) = job_roles.suggestions(session, ["Wellness Gardener (Leeds)"])
    assert (found[0].code, found[0].sure) == ("CC", True)
    assert waiting(session, places["BC"]) == [("Wellness Gardener (Leeds)", 1)]
    file = "Employee number,First name,Last name,Job title\n1,A,B,Wellness Gardener (Leeds)\n"
    reading = rules.read(spreadsheets.read(file.encode(), "list.csv").sheets, as_at=TODAY)
    (rehearsed,) = checking.check(session, places["BC"], reading, Options()).titles_unmapped
    assert (rehearsed["suggestion"], rehearsed["score"]) == ("CC", found[0].score)


def test_nobody_decides_about_the_titles_of_another_organisation(
    session: Session, places: dict[str, int]
) -> None:
    post(session, places["NHS"], "Band 6")
    (title,) = titles.waiting(session, places["NHS"], TODAY)
    titles.check_own(session, places["NHS"], {title.id})
    with pytest.raises(NotFound):
        titles.check_own(session, places["BC"], {title.id})


def test_the_effect_of_a_list_counts_the_days_from_when_a_title_came_to_mean_the_role(
    session: Session, places: dict[str, int], ward_nurse: int
) -> None:
    means(session, ward_nurse, "RN")
    means(session, ward_nurse, "CC", date(2026, 6, 1))
    (employment,) = session.exec(select(Employment)).all()
    session.add(
        Exemption(
            employment_id=employment.id, kind="away", from_day=date(2026, 1, 1), source="file", decided_at=NOW
        )
    )
    session.flush()
    file = f"Employee number,First name,Last name,Job title,Start date\n{employment.employee_number},A,B,Ward Nurse,2019-12-01\n"
    workbook = spreadsheets.read(file.encode(), "list.csv")
    reading = rules.read(workbook.sheets, as_at=TODAY, known=stored.known(session, places["NHS"]))
    checked = checking.check(session, places["NHS"], reading, Options())
    (to_be,) = foreseeing.to_be(session, places["NHS"], checked).posts
    assert (to_be.job_role_id, to_be.starts_on) == (job_roles.by_code(session, "CC").id, date(2026, 6, 1))
