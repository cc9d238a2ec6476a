"""A small partnership for the pages, with a cast: owner, team mate, stranger, and one account for each role."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session

from lms import db
from lms.rules.access import EVERYTHING, Grant, Role
from lms.rules.roster.names import name_key
from lms.services import accounts, completions
from lms.services.accounts import administration, signing_in
from lms.services.audit import COMMAND_LINE
from lms.services.statements import Fact
from lms.tables.job_roles import JobRole, JobTitle, JobTitleRole
from lms.tables.organisations import Organisation
from lms.tables.people import Employment, Exemption, Person, Post
from lms.tables.roster import RoleList
from lms.tables.training_map import MapVersion, Module, Requirement, RequirementTerm

BASE_URL = "http://127.0.0.1:8000"
AS_AT = date(2026, 6, 30)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
PASSWORD = "kettle ember walnut"
CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
# Everybody's completion of ATR-F, by the last figure of their number; None is nobody's.
COMPLETED = [date(2025, 5, 1), date(2023, 8, 1), date(2020, 3, 1), None, None]
NAMES = ["Amina Khan", "Ben O’Neill", "Chloë Łukasz", "Dev Patel-Smith", "<b>Eve</b> Bold"]


@dataclass(frozen=True)
class Village:
    """The ids that tests speak of. ``owner`` and ``mate`` work at Quarrelby, ``stranger`` at Farrowdyke."""

    app: Flask
    organisations: dict[str, int]
    employments: dict[str, int]
    statements: dict[str, str]
    accounts: dict[str, tuple[int, str]]

    def client(self, who: str | None) -> FlaskClient:
        """A browser in which this account is signed in."""
        client = self.app.test_client()
        if who:
            number, stamp = self.accounts[who]
            with client.session_transaction() as cookie:
                cookie["_user_id"] = f"{number}.{stamp}"
                cookie["_fresh"] = True
        return client


CAST = {
    "administrator": (Role.ADMINISTRATOR, None),
    "hr": (Role.HR, "QUA"),
    "hr elsewhere": (Role.HR, "FAR"),
    "public health": (Role.PUBLIC_HEALTH, None),
    "trainer": (Role.TRAINER, "QUA"),
    "local administrator": (Role.ADMINISTRATOR, "QUA"),
    "owner": (Role.STAFF, "QUA"),
    "mate": (Role.STAFF, "QUA"),
    "stranger": (Role.STAFF, "FAR"),
    "nobody": (Role.STAFF, "QUA"),
}


@contextmanager
def cheap_hashes() -> Iterator[None]:
    """Passwords are hashed with little memory within the block."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(signing_in, "HASHER", CHEAP)
        patch.setattr(administration, "HASHER", CHEAP)
        signing_in._nobodys_hash.cache_clear()
        yield
    signing_in._nobodys_hash.cache_clear()


def build(app: Flask, people: int = 5) -> Village:
    """Write the village with so many people at Quarrelby, and two at Farrowdyke."""
    with db.transaction() as session:
        places = _organisations(session)
        titles = _map(session, places)
        numbers = [("QUA", f"10{n:04}", n) for n in range(people)] + [
            ("FAR", f"20{n:04}", n) for n in range(2)
        ]
        employments = _people(session, places, titles, numbers)
        statements = _completions(session, employments)
        signed = _accounts(session, places)
    named = {
        "owner": employments["100000"][0],
        "mate": employments["100001"][0],
        "stranger": employments["200000"][0],
    }
    return Village(app, places, named, statements, signed)


def _organisations(session: Session) -> dict[str, int]:
    rows = [
        Organisation(code="QUA", name="Quarrelby Trust", sector="NHS trust", place="Kirklees"),
        Organisation(code="FAR", name="Farrowdyke Council", sector="Council", place="Calderdale"),
        Organisation(code="MAR", name="Marlbeck Police", sector="Police", place="Leeds"),
    ]
    session.add_all(rows)
    session.flush()
    for row in rows[:2]:
        session.add(
            RoleList(
                organisation_id=row.id or 0,
                as_at=AS_AT,
                filename="list.csv",
                state="applied",
                options={},
                uploaded_at=LONG_AGO,
            )
        )
    return {row.code: row.id or 0 for row in rows}


def _map(session: Session, places: dict[str, int]) -> dict[str, int]:
    role = JobRole(code="RN", name="Registered nurse", family="Nursing")
    modules = {
        code: Module(
            code=code,
            title=title,
            minutes=minutes,
            activity_iri=f"https://x.example/{code}",
            content_note=note,
        )
        for code, title, minutes, note in [
            ("ATR-F", "ATR Foundation", 180, "Talks about childhood adversity in general terms."),
            ("SG-1", "Safeguarding", 90, "Mentions abuse and neglect."),
            ("OLD", "Something from before", None, ""),
        ]
    }
    version = MapVersion(number=1, state="published", rows=[], created_at=LONG_AGO)
    session.add_all([role, version, *modules.values()])
    session.flush()
    for who, value, module, shape, months in [
        ("everyone", "", "ATR-F", "refreshed", 36),
        ("role", "RN", "SG-1", "once", None),
    ]:
        requirement = Requirement(
            identity=f"{who}|{value}||{module}", who=who, value=value, module_id=modules[module].id or 0
        )
        session.add(requirement)
        session.flush()
        session.add(
            RequirementTerm(
                requirement_id=requirement.id or 0,
                shape=shape,
                every_months=months,
                from_day=date(2023, 1, 1),
                map_version_id=version.id,
            )
        )
    titles = {}
    for code, number in places.items():
        nurse = JobTitle(organisation_id=number, key="staff nurse", title="Staff nurse")
        odd = JobTitle(organisation_id=number, key="band 6", title="Band 6")
        session.add_all([nurse, odd])
        session.flush()
        session.add(JobTitleRole(job_title_id=nurse.id or 0, job_role_id=role.id, decided_at=LONG_AGO))
        titles[code], titles[f"{code} odd"] = nurse.id or 0, odd.id or 0
    return titles


def _people(
    session: Session, places: dict[str, int], titles: dict[str, int], numbers: list[tuple[str, str, int]]
) -> dict[str, tuple[int, str, int]]:
    people = [Person(uuid=str(UUID(int=number))) for number in range(1, len(numbers) + 1)]
    session.add_all(people)
    session.flush()
    employments = []
    for person, (place, number, n) in zip(people, numbers, strict=True):
        given, family = NAMES[n % 5].rsplit(" ", 1)
        address = {"100000": "owner", "100001": "mate", "200000": "stranger"}.get(number, f"p{number}")
        employments.append(
            Employment(
                organisation_id=places[place],
                employee_number=number,
                person_id=person.id or 0,
                home_person_id=person.id or 0,
                given_name=given,
                family_name=family,
                name_key=name_key(given, family),
                email=f"{address}@example.org",
                email_key=f"{address}@example.org",
            )
        )
    session.add_all(employments)
    session.flush()
    found = {}
    for person, employment, (place, number, n) in zip(people, employments, numbers, strict=True):
        odd = n % 5 == 4
        session.add(
            Post(
                employment_id=employment.id or 0,
                organisation_id=places[place],
                title="Band 6" if odd else "Staff nurse",
                job_title_id=titles[f"{place} odd" if odd else place],
                unit="Ashdale",
                starts_on=AS_AT - timedelta(days=20 if n % 5 == 4 else 900),
            )
        )
        if n % 50 == 23:
            session.add(
                Exemption(
                    employment_id=employment.id or 0,
                    kind="away",
                    from_day=date(2026, 6, 1),
                    source="person",
                    decided_at=LONG_AGO,
                )
            )
        found[number] = (employment.id or 0, person.uuid, n)
    session.flush()
    return found


def _completions(session: Session, employments: dict[str, tuple[int, str, int]]) -> dict[str, str]:
    facts, statements = [], {}
    for number, (_, uuid, n) in employments.items():
        day = COMPLETED[n % 5]
        if day is None:
            continue
        fact = f"00000000-0000-4000-8000-{int(number):012}"
        facts.append(
            Fact(
                statement_id=fact,
                verb="completed",
                person=uuid,
                module_iri="https://x.example/ATR-F",
                module_title="ATR Foundation",
                at=datetime.combine(day, time(12), UTC),
                completion=True,
                evidence="register <i>seen</i>",
            )
        )
        statements[{"100000": "owner", "100001": "mate", "200000": "stranger"}.get(number, number)] = fact
    completions.record(session, facts, BASE_URL, NOW)
    return statements


def _accounts(session: Session, places: dict[str, int]) -> dict[str, tuple[int, str]]:
    signed = {}
    for who, (role, place) in CAST.items():
        number, _ = accounts.create(
            session,
            EVERYTHING,
            COMMAND_LINE,
            email=f"{who.replace(' ', '.')}@example.org",
            name=who.title(),
            grants=(Grant(role, places[place] if place else None),),
            now=NOW,
            password=PASSWORD,
        )
        holder = accounts.holder(session, number)
        assert holder is not None
        signed[who] = (number, holder.stamp)
    return signed
