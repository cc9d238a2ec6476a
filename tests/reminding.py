"""A small world for reminders: one module, and people who hold it or do not."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

from sqlmodel import Session, select

from lms import db
from lms.tables.completions import Completion
from lms.tables.job_roles import JobTitle
from lms.tables.organisations import Organisation
from lms.tables.people import Employment, Exemption, Person, Post
from lms.tables.reminders import Message
from lms.tables.sessions import RegisterEntry, TrainingSession
from lms.tables.training_map import MapVersion, Module, Requirement, RequirementTerm

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass
class Town:
    """Two employers; ``ATR`` for everyone every 36 months since 2020; ``DES``, which nobody has to do yet."""

    modules: dict[str, int]
    requirements: dict[str, int]
    organisations: dict[str, int]


def found(session: Session, *, on: tuple[str, ...] = ("QUA", "FAR")) -> Town:
    """Lay out the town; ``on`` are the organisations that send reminders."""
    town = Town({}, {}, {})
    for code in ("QUA", "FAR"):
        one = Organisation(
            code=code, name=code.title(), reminders_from=date(2020, 1, 1) if code in on else None
        )
        town.organisations[code] = _add(session, one)
    version = _add(session, MapVersion(number=1, state="published", rows=[], created_at=LONG_AGO))
    for code, title in (("ATR", "ATR Foundation"), ("DES", "De-escalation")):
        town.modules[code] = _add(
            session,
            Module(
                code=code,
                title=title,
                activity_iri=f"urn:{code}",
                content_note="Talks about childhood adversity in general terms." if code == "ATR" else "",
            ),
        )
    town.requirements["ATR"] = require(session, town, "ATR", 36, version=version)
    return town


def require(
    session: Session,
    town: Town,
    module: str,
    months: int | None,
    *,
    who: str = "everyone",
    allowed: int = 90,
    version: int = 1,
) -> int:
    """Ask a module of people since 2020."""
    requirement = _add(
        session,
        Requirement(identity=f"{who}||{module}|{uuid4()}", who=who, value="", module_id=town.modules[module]),
    )
    _add(
        session,
        RequirementTerm(
            requirement_id=requirement,
            shape="refreshed" if months else "once",
            every_months=months,
            days_allowed=allowed,
            from_day=date(2020, 1, 1),
            map_version_id=version,
        ),
    )
    return requirement


def employ(
    session: Session,
    town: Town,
    organisation: str,
    name: str,
    *,
    email: str | None = "",
    starts: date = date(2020, 1, 1),
    ends: date | None = None,
    person: int | None = None,
    number: str | None = None,
    manager: str | None = None,
) -> int:
    """Give somebody a post; returns the person's id. The address is made from the name unless it is given."""
    if person is None:
        person = _add(session, Person(uuid=str(uuid4())))
    number = number or f"{person:05}"
    employment = _add(
        session,
        Employment(
            organisation_id=town.organisations[organisation],
            employee_number=number,
            person_id=person,
            home_person_id=person,
            given_name=name,
            family_name="Kirkbright",
            email=f"{name.lower()}@{organisation.lower()}.example" if email == "" else email,
        ),
    )
    title = session.exec(
        select(JobTitle.id).where(JobTitle.organisation_id == town.organisations[organisation])
    ).first()
    title = title or _add(
        session, JobTitle(organisation_id=town.organisations[organisation], key="nurse", title="Nurse")
    )
    _add(
        session,
        Post(
            employment_id=employment,
            organisation_id=town.organisations[organisation],
            title="Nurse",
            job_title_id=title,
            starts_on=starts,
            ends_on=ends,
            manager_number=manager,
        ),
    )
    return person


def complete(session: Session, town: Town, person: int, module: str, day: date) -> None:
    """Record a completion."""
    _add(
        session,
        Completion(
            statement_id=str(uuid4()), person_id=person, module_id=town.modules[module], completed_on=day
        ),
    )


def be_away(session: Session, person: int, first: date, last: date | None, kind: str = "away") -> None:
    """Keep somebody out of the count for a while."""
    for employment in session.exec(select(Employment).where(Employment.person_id == person)):
        _add(
            session,
            Exemption(
                employment_id=employment.id,
                kind=kind,
                from_day=first,
                to_day=last,
                source="file",
                decided_at=LONG_AGO,
            ),
        )


def hold(
    session: Session, town: Town, module: str, day: date, *, capacity: int | None = None, venue: str = ""
) -> int:
    """Plan a session of a module."""
    return _add(
        session,
        TrainingSession(
            uuid=str(uuid4()),
            module_id=town.modules[module],
            organisation_id=town.organisations["QUA"],
            day=day,
            starts=datetime(2026, 1, 1, 9, 30).time(),
            minutes=180,
            venue=venue,
            capacity=capacity,
        ),
    )


def book(session: Session, person: int, session_id: int, mark: str = "booked") -> None:
    """Put somebody on a register."""
    employment = session.exec(select(Employment).where(Employment.person_id == person)).first()
    assert employment is not None
    _add(
        session,
        RegisterEntry(
            session_id=session_id,
            employment_id=employment.id,
            mark=mark,
            fact=str(uuid4()),
            marked_at=LONG_AGO,
        ),
    )


def messages() -> list[Message]:
    """The log of messages, oldest first."""
    with db.transaction() as session:
        return list(session.exec(select(Message).order_by(Message.id)))


def outbox(var: Path) -> list[str]:
    """The messages in the outbox, as text."""
    return [path.read_text(encoding="utf-8") for path in sorted((var / "outbox").glob("*.eml"))]


def _add(session: Session, row: object) -> int:
    session.add(row)
    session.flush()
    return row.id  # type: ignore[attr-defined,no-any-return]
