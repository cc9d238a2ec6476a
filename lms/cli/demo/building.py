"""The example built through the services themselves, just as people would do it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from secrets import choice, randbelow

from sqlmodel import Session, col, select

from lms import db, settings, spreadsheets
from lms.cli.demo import files, past
from lms.cli.demo.past import Meeting
from lms.cli.demo.people import SIZES, Worker, lists
from lms.cli.load import read_folder
from lms.rules import roster
from lms.rules.access import Grant, Role, Scope
from lms.rules.sessions import Draft, Mark
from lms.services import accounts, audit, organisations, reference, reminders, sessions
from lms.services.audit import Actor
from lms.services.completions import attendance, importing, reconciling
from lms.services.coverage import history
from lms.services.people import applying, checking, stored
from lms.services.people.checking import Options
from lms.tables.people import Employment
from lms.tables.sessions import RegisterEntry
from lms.tables.training_map import Module

WORDS = ("amber", "barley", "cedar", "clover", "fern", "heather", "juniper", "lantern", "maple", "otter")
EVERYWHERE = Scope(everywhere=True)
HOME = "BRK-NHS"


@dataclass(frozen=True)
class SignIn:
    """An account to try the example with."""

    who: str
    email: str
    password: str


def build(folder: Path, today: date, now: datetime) -> list[SignIn]:
    """Fill the database in use, and give one sign-in for each kind of user."""
    first, second = lists(today)
    done = past.completions(first, today)
    base_url = settings.current().base_url
    files.copy_reference(folder / "reference")
    files.write_completions(folder / "completions.csv", done)
    with db.transaction() as session:
        reference.load(session, read_folder(folder / "reference"), now=now, base_url=base_url)
    for number, (workers, days) in enumerate(((first, 60), (second, 10)), 1):
        for code in SIZES:
            path = folder / "role-lists" / f"{code}-{number}.csv"
            files.write_list(path, [one for one in workers if one.organisation == code])
            _apply(path, code, today - timedelta(days=days), now)
    with db.transaction() as session:
        content = (folder / "completions.csv").read_bytes()
        importing.load(session, content, base_url, now=now, today=today)
    with db.transaction() as session:
        trainer, found = _accounts(session, second, now)
    with db.transaction() as session:
        _meet(session, past.meetings(second, done, today), trainer, today, now)
    with db.transaction() as session:
        home = organisations.by_code(session, HOME)
        reminders.switch_on(session, home, audit.COMMAND_LINE, from_day=today, now=now)
        history.snapshot(session, today - timedelta(days=1), now)
    return found


def _apply(path: Path, code: str, as_at: date, now: datetime) -> None:
    with db.transaction() as session:
        organisation_id = organisations.by_code(session, code).id or 0
        applying.lock(session, organisation_id)
        read = roster.read(
            spreadsheets.read(path).sheets, as_at=as_at, known=stored.known(session, organisation_id)
        )
        checked = checking.check(session, organisation_id, read, Options(covers="all"))
        applied = applying.apply(
            session, organisation_id, checked, actor=audit.COMMAND_LINE, now=now, filename=path.name
        )
        base_url = settings.current().base_url
        reconciling.people_changed(session, sorted(applied.touched), base_url, now)


def _accounts(session: Session, workers: Sequence[Worker], now: datetime) -> tuple[int, list[SignIn]]:
    """One for each kind of user, with a password that is new at every run; and the trainer's id."""
    home = organisations.by_code(session, HOME).id
    member = next(
        one for one in workers if one.organisation == HOME and one.email and one.title == "Staff Nurse"
    )
    password = "-".join([choice(WORDS), choice(WORDS), choice(WORDS), str(1000 + randbelow(9000))])
    wanted = [
        ("Human resources", "hr@brackenrigg.example", "Helen Ormondroyd", Grant(Role.HR, home)),
        ("Member of staff", member.email, f"{member.given} {member.family}", Grant(Role.STAFF, home)),
        ("Trainer", "trainer@partnership.example", "Tom Rishworth", Grant(Role.TRAINER)),
        ("Public health", "public.health@partnership.example", "Pooja Hebden", Grant(Role.PUBLIC_HEALTH)),
        ("Administrator", "administrator@partnership.example", "Ada Luddenden", Grant(Role.ADMINISTRATOR)),
    ]
    ids = {}
    for who, email, name, grant in wanted:
        ids[who], _ = accounts.create(
            session,
            EVERYWHERE,
            audit.COMMAND_LINE,
            email=email,
            name=name,
            grants=(grant,),
            now=now,
            password=password,
        )
    return ids["Trainer"], [SignIn(who, email, password) for who, email, _, _ in wanted]


def _meet(session: Session, meetings: Iterable[Meeting], trainer_id: int, today: date, now: datetime) -> None:
    """Hold the sessions that are over, and book people into those to come."""
    trainer = Actor("Tom Rishworth", trainer_id)
    modules = dict(session.exec(select(Module.code, Module.id)).all())
    places = organisations.ids_by_code(session)
    people = {
        (organisation_id, number): id_
        for id_, organisation_id, number in session.exec(
            select(Employment.id, Employment.organisation_id, Employment.employee_number)
        )
    }
    for one in meetings:
        draft = Draft(
            modules[one.module],
            places[one.organisation],
            one.day,
            one.starts,
            one.minutes,
            venue=one.venue,
            capacity=16,
        )
        made = sessions.create(
            session, EVERYWHERE, trainer, draft, trainer_id=trainer_id, today=today, now=now
        )
        booked = [people[places[organisation], number] for organisation, number in one.people]
        sessions.add_people(
            session, EVERYWHERE, trainer, made, [id_ for id_ in booked if id_ is not None], now=now
        )
        if one.day < today:
            _mark(session, trainer, made, now)


def _mark(session: Session, trainer: Actor, session_id: int, now: datetime) -> None:
    """Most came; one left early and one could not come."""
    entries = session.exec(
        select(RegisterEntry.id).where(RegisterEntry.session_id == session_id).order_by(col(RegisterEntry.id))
    ).all()
    marks = {id_: Mark.ATTENDED for id_ in entries if id_ is not None}
    if len(entries) > 4:
        marks |= {entries[1] or 0: Mark.LEFT_EARLY, entries[3] or 0: Mark.ABSENT}
    sessions.mark(session, EVERYWHERE, trainer, session_id, marks, now=now)
    if session_id % 3 == 0:
        sessions.add_walk_in(
            session, EVERYWHERE, trainer, session_id, "Jo Heptonstall", "Hebble Youth Project", now=now
        )
    attendance.record(session, session_id, settings.current().base_url, now)
