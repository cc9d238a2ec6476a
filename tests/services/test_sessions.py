"""A session from the first name on its register to the completion, and back again when it was a mistake."""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from threading import Barrier
from uuid import UUID

import pytest
from sqlalchemy import event
from sqlmodel import Session, col, select

from lms import db
from lms.errors import Conflict, Invalid, NotFound
from lms.rules.access import EVERYTHING, Role, Scope
from lms.rules.sessions import Draft, Mark
from lms.services import sessions
from lms.services.audit import Actor
from lms.services.completions import attendance
from lms.services.people import finding
from lms.tables.accounts import AccessGrant, Account
from lms.tables.audit import AuditEvent
from lms.tables.completions import Completion
from lms.tables.job_roles import JobTitle
from lms.tables.organisations import Organisation
from lms.tables.people import Employment, Person, Post
from lms.tables.sessions import RegisterEntry, RegisterFact
from lms.tables.statements import Statement, StatementVoid
from lms.tables.training_map import Module

BASE = "https://golden-thread.example"
DAY = date(2026, 7, 1)
TODAY = date(2026, 6, 20)
BEFORE = datetime(2026, 6, 20, 9, 0, tzinfo=UTC)
DURING = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)
AFTER = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)


@dataclass
class House:
    """Two organisations, two modules, three people at the first and one at the second, and a trainer."""

    session: Session
    trainer: Actor
    scope: Scope
    modules: Mapping[str, int]
    organisations: Mapping[str, int]
    employments: Mapping[str, int]

    def draft(self, **facts: object) -> Draft:
        usual = Draft(self.modules["ATR-F"], self.organisations["NHS"], DAY, time(9, 30), 180, "Room 1", 12)
        return replace(usual, **facts)  # type: ignore[arg-type]

    def plan(self, **facts: object) -> int:
        trainer_id = facts.pop("trainer_id", self.trainer.account_id)
        return sessions.create(
            self.session,
            self.scope,
            self.trainer,
            self.draft(**facts),
            trainer_id=trainer_id,  # type: ignore[arg-type]
            today=TODAY,
            now=BEFORE,
        )

    def book(self, session_id: int, *names: str) -> dict[str, int]:
        """Put people on a register; their lines by name."""
        wanted = [self.employments[name] for name in names]
        sessions.add_people(self.session, self.scope, self.trainer, session_id, wanted, now=BEFORE)
        return self.lines(session_id)

    def lines(self, session_id: int) -> dict[str, int]:
        entries = sessions.register(self.session, self.scope, session_id).entries
        return {entry.name: entry.id for entry in entries}

    def mark(
        self,
        session_id: int,
        wanted: Mapping[int, Mark],
        now: datetime = DURING,
        seen: Mapping[int, Mark] | None = None,
    ) -> int:
        """Save a register as the page does; how many marks changed."""
        changes = sessions.mark(
            self.session, self.scope, self.trainer, session_id, wanted, seen=seen, now=now
        )
        attendance.record(self.session, session_id, BASE, now)
        return len(changes)

    def completed(self) -> list[tuple[str, date, int | None]]:
        """Who has completed what was taught, by name of their first employment."""
        rows = self.session.exec(
            select(Employment.given_name, Completion.completed_on, Completion.minutes)
            .join(Employment, col(Employment.home_person_id) == Completion.person_id)
            .order_by(col(Employment.given_name))
        ).all()
        return list(rows)

    def statements(self) -> int:
        return len(self.session.exec(select(Statement.seq)).all())

    def void(self) -> int:
        return len(self.session.exec(select(StatementVoid)).all())


@pytest.fixture
def house(session: Session) -> House:
    return plant(session)


def plant(session: Session) -> House:
    """A small world."""
    organisations = {}
    for code, name in (("NHS", "Quarrelby NHS Trust"), ("BC", "Farrowdyke Council")):
        organisation = Organisation(code=code, name=name)
        session.add(organisation)
        session.flush()
        organisations[code] = organisation.id or 0
    modules = {}
    for code, minutes in (("ATR-F", 180), ("ATR-S", 360)):
        module = Module(
            code=code,
            title=f"Module {code}",
            minutes=minutes,
            activity_iri=f"https://learning.example/{code}",
        )
        session.add(module)
        session.flush()
        modules[code] = module.id or 0
    account = Account(email="trainer@example.org", name="Tess Trainer", created_at=BEFORE)
    session.add(account)
    session.flush()
    session.add(
        AccessGrant(account_id=account.id or 0, role=Role.TRAINER, organisation_id=organisations["NHS"])
    )
    employments = {}
    for number, (given, family, code) in enumerate(
        (
            ("Zoë", "O’Brien", "NHS"),
            ("Amir", "Hussain", "NHS"),
            ("Kit", "Abel", "NHS"),
            ("Bo", "Xu", "BC"),
        ),
        start=1,
    ):
        title = JobTitle(organisation_id=organisations[code], key=f"nurse {number}", title="Staff Nurse")
        person = Person(uuid=str(UUID(int=number)))
        session.add_all([title, person])
        session.flush()
        employment = Employment(
            organisation_id=organisations[code],
            employee_number=f"0012345{number}",
            person_id=person.id or 0,
            home_person_id=person.id or 0,
            given_name=given,
            family_name=family,
            name_key=f"{given}{family}".casefold().replace("ë", "e").replace("’", ""),
        )
        session.add(employment)
        session.flush()
        session.add(
            Post(
                employment_id=employment.id or 0,
                organisation_id=organisations[code],
                title="Staff Nurse",
                job_title_id=title.id or 0,
                starts_on=date(2020, 1, 1),
            )
        )
        employments[given] = employment.id or 0
    session.flush()
    return House(
        session,
        Actor("Tess Trainer", account.id),
        Scope(organisation_ids=frozenset({organisations["NHS"]})),
        modules,
        organisations,
        employments,
    )


# --- Planning -------------------------------------------------------------------------------------------


def test_a_session_is_planned_and_found_by_its_trainer(house: House) -> None:
    made = house.plan()
    assert house.trainer.account_id
    found, total = sessions.listed(house.session, house.scope, TODAY, trainer_id=house.trainer.account_id)
    assert (total, [one.id for one in found]) == (1, [made])
    assert (found[0].module, found[0].trainer, found[0].ends) == (
        "Module ATR-F",
        "Tess Trainer",
        time(12, 30),
    )
    assert (found[0].tally.names, found[0].places_left) == (0, 12)


def test_sessions_to_come_stand_soonest_first_and_past_ones_latest_first(house: House) -> None:
    late, early = house.plan(day=date(2026, 7, 2)), house.plan(day=date(2026, 6, 25))
    upcoming, _ = sessions.listed(house.session, house.scope, TODAY)
    assert [one.id for one in upcoming] == [early, late]
    past, total = sessions.listed(house.session, house.scope, date(2027, 1, 1), past=True, limit=1)
    assert ([one.id for one in past], total) == ([late], 2)


def test_everything_wrong_with_a_session_is_said_at_once_by_field(house: House) -> None:
    with pytest.raises(Invalid) as refusal:
        house.plan(module_id=999_999, day=None, minutes=0, trainer_id=999_999)
    assert [problem.field for problem in refusal.value.problems] == ["day", "minutes", "module", "trainer"]


def test_a_session_outside_the_scope_does_not_exist(house: House) -> None:
    made = house.plan()
    stranger = Scope(organisation_ids=frozenset({house.organisations["BC"]}))
    with pytest.raises(NotFound):
        house.plan(organisation_id=house.organisations["BC"])
    for read in (sessions.one, sessions.register):
        with pytest.raises(NotFound):
            read(house.session, stranger, made)
    with pytest.raises(NotFound):
        sessions.mark(house.session, stranger, house.trainer, made, {}, now=DURING)
    assert sessions.listed(house.session, stranger, TODAY) == ([], 0)


def test_who_may_train_is_who_has_that_right_there(house: House) -> None:
    assert [one.name for one in sessions.trainers(house.session, house.scope)] == ["Tess Trainer"]
    elsewhere = Scope(organisation_ids=frozenset({house.organisations["BC"]}))
    assert sessions.trainers(house.session, elsewhere) == []


# --- The register ---------------------------------------------------------------------------------------


def test_people_are_found_by_name_without_accents_or_by_number_within_the_scope(house: House) -> None:
    def found(words: str, scope: Scope = house.scope) -> list[str]:
        return [one.name for one in finding.search(house.session, scope, words, day=DAY)]

    assert found("zoe") == found("O'Brien") == found("brien zo") == found("00123451") == ["Zoë O’Brien"]
    assert found("xu") == []
    assert found("xu", EVERYTHING) == ["Bo Xu"]
    assert found("") == found("   ") == []
    assert found("%") == found("_") == []


def test_somebody_without_an_account_or_an_e_mail_address_is_booked_and_recorded(house: House) -> None:
    made = house.plan()
    lines = house.book(made, "Zoë")
    assert house.mark(made, {lines["Zoë O’Brien"]: Mark.ATTENDED}) == 1
    assert house.completed() == [("Zoë", DAY, 180)]


def test_a_name_is_on_a_register_once_however_often_it_is_added(house: House) -> None:
    made = house.plan()
    employment = house.employments["Kit"]
    for expected in (1, 0):
        added = sessions.add_people(
            house.session, house.scope, house.trainer, made, [employment, employment], now=BEFORE
        )
        assert added == expected
    assert list(house.lines(made)) == ["Kit Abel"]


def test_nobody_outside_the_scope_is_put_on_a_register(house: House) -> None:
    made = house.plan()
    with pytest.raises(NotFound):
        house.book(made, "Kit", "Bo")
    assert house.lines(made) == {}


def test_a_register_shows_names_by_family_name_with_the_post_of_that_day(house: House) -> None:
    made = house.plan()
    house.book(made, "Zoë", "Amir", "Kit")
    sessions.add_walk_in(house.session, house.scope, house.trainer, made, "Jo Berry", "", now=DURING)
    register = sessions.register(house.session, house.scope, made)
    assert [entry.name for entry in register.entries] == [
        "Kit Abel",
        "Jo Berry",
        "Amir Hussain",
        "Zoë O’Brien",
    ]
    assert register.entries[0].title == "Staff Nurse"
    assert register.entries[0].organisation == "Quarrelby NHS Trust"
    assert (register.session.tally.names, register.session.tally.walk_ins) == (4, 1)


# --- Marking --------------------------------------------------------------------------------------------


def test_the_whole_register_is_saved_at_once_and_again_without_doubling_anything(house: House) -> None:
    made = house.plan()
    lines = house.book(made, "Zoë", "Amir", "Kit")
    marks = {
        lines["Zoë O’Brien"]: Mark.ATTENDED,
        lines["Amir Hussain"]: Mark.LEFT_EARLY,
        lines["Kit Abel"]: Mark.ABSENT,
    }
    assert house.mark(made, marks) == 3
    assert house.mark(made, marks, AFTER) == 0
    tally = sessions.one(house.session, house.scope, made).tally
    assert (tally.attended, tally.left_early, tally.absent, tally.booked) == (1, 1, 1, 0)
    assert house.statements() == 2
    assert house.completed() == [("Zoë", DAY, 180)]


def test_leaving_early_is_recorded_as_attended_and_does_not_complete(house: House) -> None:
    made = house.plan()
    lines = house.book(made, "Amir")
    house.mark(made, {lines["Amir Hussain"]: Mark.LEFT_EARLY})
    payload = house.session.exec(select(Statement.payload)).one()
    assert '"http://adlnet.gov/expapi/verbs/attended"' in payload
    assert '"result"' not in payload
    assert house.completed() == []


def test_an_attendance_says_who_what_when_how_long_and_by_whom_without_a_name_or_address(
    house: House,
) -> None:
    made = house.plan()
    lines = house.book(made, "Zoë")
    house.mark(made, {lines["Zoë O’Brien"]: Mark.ATTENDED})
    payload = house.session.exec(select(Statement.payload)).one()
    fact = house.session.exec(select(RegisterFact.fact)).one()
    training = sessions.one(house.session, house.scope, made)
    for part in (
        fact,
        "http://adlnet.gov/expapi/verbs/completed",
        "https://learning.example/ATR-F",
        '"completion":true',
        '"duration":"PT180M"',
        "2026-07-01T08:30:00",
        f"{BASE}/sessions/{training.uuid}",
        '"name":"NHS"',
        f'"name":"account-{house.trainer.account_id}"',
        f'"name":"{UUID(int=1)}"',
    ):
        assert part in payload
    for hidden in ("Zoë", "O’Brien", "trainer@example.org", "00123451"):
        assert hidden not in payload


def test_a_trainer_who_is_in_a_role_list_is_named_by_their_person(house: House) -> None:
    person = house.session.exec(select(Person).where(Person.uuid == str(UUID(int=3)))).one()
    person.account_id = house.trainer.account_id
    made = house.plan()
    lines = house.book(made, "Zoë")
    house.mark(made, {lines["Zoë O’Brien"]: Mark.ATTENDED})
    payload = house.session.exec(select(Statement.payload)).one()
    assert (
        f'"instructor":{{"objectType":"Agent","account":{{"homePage":"{BASE}","name":"{UUID(int=3)}"'
        in payload
    )


@pytest.mark.parametrize(("colleague", "named"), [("Kit", True), ("Bo", False)])
def test_a_trainers_address_names_a_person_only_where_the_account_has_rights(
    house: House, colleague: str, named: bool
) -> None:
    employment = house.session.get_one(Employment, house.employments[colleague])
    employment.email = employment.email_key = "trainer@example.org"
    made = house.plan()
    lines = house.book(made, "Zoë")
    house.mark(made, {lines["Zoë O’Brien"]: Mark.ATTENDED})
    said = json.loads(house.session.exec(select(Statement.payload)).one())
    person = house.session.get_one(Person, employment.person_id).uuid
    account = f"account-{house.trainer.account_id}"
    assert said["context"]["instructor"]["account"]["name"] == (person if named else account)


def test_a_mistake_is_corrected_by_voiding_and_what_is_right_recorded_anew(house: House) -> None:
    made = house.plan()
    line = house.book(made, "Zoë")["Zoë O’Brien"]
    house.mark(made, {line: Mark.ATTENDED})
    first = house.session.exec(select(RegisterFact.fact)).one()
    house.mark(made, {line: Mark.ABSENT}, AFTER)
    assert house.completed() == []
    assert (house.statements(), house.void()) == (2, 1)
    house.mark(made, {line: Mark.ATTENDED}, AFTER + timedelta(hours=1))
    assert house.completed() == [("Zoë", DAY, 180)]
    assert (house.statements(), house.void()) == (3, 1)
    facts = house.session.exec(select(RegisterFact).order_by(col(RegisterFact.id))).all()
    assert [fact.superseded_at is None for fact in facts] == [False, True]
    assert facts[0].fact == first != facts[1].fact
    assert facts[0].superseded_by_id == house.trainer.account_id


def test_attended_becomes_left_early_by_voiding_too(house: House) -> None:
    made = house.plan()
    line = house.book(made, "Zoë")["Zoë O’Brien"]
    house.mark(made, {line: Mark.ATTENDED})
    house.mark(made, {line: Mark.LEFT_EARLY}, AFTER)
    assert house.completed() == []
    assert (house.statements(), house.void()) == (3, 1)


def test_what_a_second_trainer_marked_meanwhile_stays(house: House) -> None:
    made = house.plan()
    lines = house.book(made, "Zoë", "Kit")
    zoe, kit = lines["Zoë O’Brien"], lines["Kit Abel"]
    shown = {zoe: Mark.BOOKED, kit: Mark.BOOKED}
    house.mark(made, {zoe: Mark.ATTENDED, kit: Mark.BOOKED}, seen=shown)
    house.mark(made, {zoe: Mark.BOOKED, kit: Mark.ATTENDED}, seen=shown)
    assert [name for name, _, _ in house.completed()] == ["Kit", "Zoë"]


def test_a_line_that_is_not_on_this_register_is_passed_over(house: House) -> None:
    made, other = house.plan(), house.plan(day=date(2026, 7, 2))
    line = house.book(other, "Zoë")["Zoë O’Brien"]
    assert house.mark(made, {line: Mark.ATTENDED, 999_999: Mark.ATTENDED}) == 0
    assert house.statements() == 0


def test_before_the_register_opens_nobody_can_be_marked_and_it_says_when(house: House) -> None:
    made = house.plan()
    line = house.book(made, "Zoë")["Zoë O’Brien"]
    with pytest.raises(Invalid) as refusal:
        house.mark(made, {line: Mark.ATTENDED}, BEFORE)
    assert str(refusal.value.problems[0]) == (
        "This register opens at 08:30 on 1 July 2026, an hour before the session"
    )


def test_marks_made_at_the_door_are_recorded_once_the_session_has_begun(house: House) -> None:
    made = house.plan()
    line = house.book(made, "Zoë")["Zoë O’Brien"]
    at_the_door = datetime(2026, 7, 1, 8, 10, tzinfo=UTC)
    house.mark(made, {line: Mark.ATTENDED}, at_the_door)
    assert house.statements() == 0
    assert attendance.outstanding(house.session, at_the_door) == []
    assert attendance.outstanding(house.session, DURING) == [made]
    attendance.record(house.session, made, BASE, DURING)
    assert house.completed() == [("Zoë", DAY, 180)]
    assert attendance.outstanding(house.session, DURING) == []


def test_what_was_saved_before_a_crash_is_found_and_recorded_by_the_sweeper(house: House) -> None:
    made = house.plan()
    line = house.book(made, "Zoë")["Zoë O’Brien"]
    sessions.mark(house.session, house.scope, house.trainer, made, {line: Mark.ATTENDED}, now=DURING)
    assert attendance.outstanding(house.session, DURING) == [made]
    attendance.record(house.session, made, BASE, DURING)
    sessions.mark(house.session, house.scope, house.trainer, made, {line: Mark.ABSENT}, now=AFTER)
    assert attendance.outstanding(house.session, AFTER) == [made]
    attendance.record(house.session, made, BASE, AFTER)
    assert attendance.outstanding(house.session, AFTER) == []
    assert house.completed() == []


def test_an_attendance_taken_back_before_it_was_said_is_never_said(house: House) -> None:
    made = house.plan()
    line = house.book(made, "Zoë")["Zoë O’Brien"]
    for mark in (Mark.ATTENDED, Mark.ABSENT):
        sessions.mark(house.session, house.scope, house.trainer, made, {line: mark}, now=DURING)
    assert attendance.outstanding(house.session, DURING) == []
    attendance.record(house.session, made, BASE, DURING)
    assert house.statements() == 0


def test_a_session_half_past_midnight_in_summer_counts_on_its_own_day(house: House) -> None:
    made = house.plan(starts=time(0, 30))
    line = house.book(made, "Zoë")["Zoë O’Brien"]
    house.mark(made, {line: Mark.ATTENDED})
    assert house.completed() == [("Zoë", DAY, 180)]


# --- Walk-ins -------------------------------------------------------------------------------------------


def walk_in(house: House, session_id: int, name: str, organisation: str = "", now: datetime = DURING) -> bool:
    return sessions.add_walk_in(
        house.session, house.scope, house.trainer, session_id, name, organisation, now=now
    )


def match(house: House, session_id: int, line: int, who: str, scope: Scope | None = None) -> None:
    sessions.match(
        house.session,
        scope or house.scope,
        house.trainer,
        session_id,
        line,
        house.employments[who],
        now=AFTER,
    )
    attendance.record(house.session, session_id, BASE, AFTER)


def test_a_walk_in_is_recorded_by_name_at_once_and_matched_to_the_role_list_later(house: House) -> None:
    made = house.plan()
    assert walk_in(house, made, "  Zoe   Obrien ", "Quarrelby")
    assert house.statements() == 0
    ((training, entry),) = sessions.unmatched(house.session, house.scope)
    assert (training.id, entry.name, entry.organisation, entry.mark) == (
        made,
        "Zoe Obrien",
        "Quarrelby",
        Mark.ATTENDED,
    )
    match(house, made, entry.id, "Zoë")
    assert house.completed() == [("Zoë", DAY, 180)]
    assert sessions.unmatched(house.session, house.scope) == []
    (line,) = sessions.register(house.session, house.scope, made).entries
    assert (line.name, line.walked_in_as, line.is_waiting) == ("Zoë O’Brien", "Zoe Obrien", False)


def test_the_same_walk_in_sent_twice_is_one(house: House) -> None:
    made = house.plan()
    assert walk_in(house, made, "Jo Berry")
    assert not walk_in(house, made, "JO  BERRY")
    assert walk_in(house, made, "Jo Berry", "Farrowdyke Council")
    assert sessions.one(house.session, house.scope, made).tally.names == 2


@pytest.mark.parametrize("name", ["", "   ", "12345", "x" * 201])
def test_a_walk_in_needs_a_name(house: House, name: str) -> None:
    made = house.plan()
    with pytest.raises(Invalid) as refusal:
        walk_in(house, made, name)
    assert refusal.value.problems[0].field == "name"


def test_a_walk_in_found_to_be_booked_becomes_one_line(house: House) -> None:
    made = house.plan()
    house.book(made, "Zoë")
    walk_in(house, made, "Zoe")
    ((_, entry),) = sessions.unmatched(house.session, house.scope)
    match(house, made, entry.id, "Zoë")
    assert list(house.lines(made)) == ["Zoë O’Brien"]
    assert house.completed() == [("Zoë", DAY, 180)]


def test_a_walk_in_is_not_matched_to_somebody_who_is_marked_already(house: House) -> None:
    made = house.plan()
    line = house.book(made, "Zoë")["Zoë O’Brien"]
    house.mark(made, {line: Mark.ATTENDED})
    walk_in(house, made, "Zoe")
    ((_, entry),) = sessions.unmatched(house.session, house.scope)
    with pytest.raises(Conflict, match="already"):
        match(house, made, entry.id, "Zoë")


def test_a_wrong_match_is_taken_back_and_the_right_one_made(house: House) -> None:
    made = house.plan()
    walk_in(house, made, "K")
    ((_, entry),) = sessions.unmatched(house.session, house.scope)
    match(house, made, entry.id, "Amir")
    sessions.unmatch(house.session, house.scope, house.trainer, made, entry.id, now=AFTER)
    attendance.record(house.session, made, BASE, AFTER)
    assert house.completed() == []
    match(house, made, entry.id, "Kit")
    assert [name for name, _, _ in house.completed()] == ["Kit"]
    match(house, made, entry.id, "Zoë")
    assert [name for name, _, _ in house.completed()] == ["Zoë"]


def test_nobody_outside_the_scope_is_matched(house: House) -> None:
    made = house.plan()
    walk_in(house, made, "Bo")
    ((_, entry),) = sessions.unmatched(house.session, house.scope)
    with pytest.raises(NotFound):
        match(house, made, entry.id, "Bo")
    match(house, made, entry.id, "Bo", EVERYTHING)
    assert [name for name, _, _ in house.completed()] == ["Bo"]


def test_a_name_taken_off_the_register_takes_its_attendance_with_it(house: House) -> None:
    made = house.plan()
    line = house.book(made, "Zoë")["Zoë O’Brien"]
    house.mark(made, {line: Mark.ATTENDED})
    sessions.remove(house.session, house.scope, house.trainer, made, line, now=AFTER)
    attendance.record(house.session, made, BASE, AFTER)
    assert house.lines(made) == {}
    assert house.completed() == []
    with pytest.raises(NotFound):
        sessions.remove(house.session, house.scope, house.trainer, made, line, now=AFTER)


# --- Changing and cancelling ----------------------------------------------------------------------------


def change(house: House, session_id: int, **facts: object) -> None:
    trainer_id = facts.pop("trainer_id", house.trainer.account_id)
    sessions.change(
        house.session,
        house.scope,
        house.trainer,
        session_id,
        house.draft(**facts),
        trainer_id=trainer_id,  # type: ignore[arg-type]
        today=TODAY,
        now=AFTER,
    )
    attendance.record(house.session, session_id, BASE, AFTER)


def test_correcting_the_date_records_every_attendance_anew(house: House) -> None:
    made = house.plan()
    lines = house.book(made, "Zoë", "Kit")
    walk_in(house, made, "Jo Berry")
    house.mark(made, dict.fromkeys(lines.values(), Mark.ATTENDED))
    change(house, made, day=date(2026, 6, 30), minutes=120)
    assert house.completed() == [("Kit", date(2026, 6, 30), 120), ("Zoë", date(2026, 6, 30), 120)]
    assert (house.statements(), house.void()) == (6, 2)


def test_correcting_the_venue_leaves_the_record_alone(house: House) -> None:
    made = house.plan()
    line = house.book(made, "Zoë")["Zoë O’Brien"]
    house.mark(made, {line: Mark.ATTENDED})
    change(house, made, venue="Room 2")
    assert (house.statements(), house.void()) == (1, 0)
    assert sessions.one(house.session, house.scope, made).venue == "Room 2"


def test_a_session_that_people_came_to_cannot_become_one_to_come(house: House) -> None:
    made = house.plan()
    line = house.book(made, "Zoë")["Zoë O’Brien"]
    house.mark(made, {line: Mark.ATTENDED})
    with pytest.raises(Invalid) as refusal:
        change(house, made, day=date(2026, 8, 1))
    assert refusal.value.problems[0].field == "day"


def test_a_cancelled_session_keeps_its_register_and_takes_no_marks_until_it_is_reinstated(
    house: House,
) -> None:
    made = house.plan()
    line = house.book(made, "Zoë")["Zoë O’Brien"]
    for _ in range(2):
        sessions.cancel(house.session, house.scope, house.trainer, made, now=BEFORE)
    with pytest.raises(Conflict, match="cancelled"):
        house.mark(made, {line: Mark.ATTENDED})
    with pytest.raises(Conflict, match="cancelled"):
        house.book(made, "Kit")
    sessions.reinstate(house.session, house.scope, house.trainer, made, now=BEFORE)
    assert house.mark(made, {line: Mark.ATTENDED}) == 1


def test_a_session_that_people_came_to_cannot_be_cancelled(house: House) -> None:
    made = house.plan()
    line = house.book(made, "Zoë")["Zoë O’Brien"]
    house.mark(made, {line: Mark.ATTENDED})
    with pytest.raises(Conflict, match="1 person is marked as having come"):
        sessions.cancel(house.session, house.scope, house.trainer, made, now=AFTER)


# --- The trail, the cost, and two at once ---------------------------------------------------------------


def test_every_act_is_in_the_audit_trail_without_anybodys_name(house: House) -> None:
    made = house.plan()
    line = house.book(made, "Zoë")["Zoë O’Brien"]
    house.mark(made, {line: Mark.ATTENDED})
    walk_in(house, made, "Jo Berry")
    trail = house.session.exec(select(AuditEvent).order_by(col(AuditEvent.id))).all()
    assert [one.action for one in trail] == [
        "session.created",
        "register.added",
        "register.marked",
        "register.walk_in",
    ]
    assert all("Zo" not in str(one.detail) and "Jo" not in str(one.detail) for one in trail)
    assert {one.account_id for one in trail} == {house.trainer.account_id}


@pytest.mark.parametrize("people", [10, 300])
def test_reading_and_saving_a_register_takes_as_many_queries_for_many_people_as_for_few(
    house: House, people: int
) -> None:
    made = house.plan(capacity=None)
    for number in range(people):
        house.session.add(
            RegisterEntry(
                session_id=made,
                walk_in_name=f"Person {number}",
                mark=Mark.BOOKED,
                fact=str(UUID(int=10_000 + number)),
                marked_at=BEFORE,
            )
        )
    house.session.flush()
    counted: list[str] = []
    connection = house.session.connection()
    event.listen(connection, "before_cursor_execute", lambda _c, _u, sql, *_: counted.append(sql))
    lines = house.lines(made)
    assert len(counted) <= 4
    counted.clear()
    assert house.mark(made, dict.fromkeys(lines.values(), Mark.ATTENDED)) == people
    assert len(counted) <= 10


def test_two_trainers_saving_at_once_leave_one_attendance(database: str) -> None:
    with db.transaction() as session:
        house = plant(session)
        made = house.plan()
        line = house.book(made, "Zoë")["Zoë O’Brien"]
    together = Barrier(2)

    def save(_: int) -> int:
        together.wait()
        with db.transaction() as session:
            return replace(house, session=session).mark(made, {line: Mark.ATTENDED})

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(save, range(2))) == [0, 1]
    with db.transaction(read_only=True) as session:
        assert len(session.exec(select(RegisterFact)).all()) == 1
        assert len(session.exec(select(Completion)).all()) == 1
