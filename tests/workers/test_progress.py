"""How far a worker is with a list can be read by others while it is at it, and is forgotten afterwards."""

from datetime import UTC, date, datetime

import pytest

from lms import db
from lms.rules import roster as rules
from lms.services import audit, roster
from lms.services.coverage import effect
from lms.services.people import lists
from lms.services.people.checking import Options
from lms.tables.organisations import Organisation
from lms.tables.roster import RoleList
from tests.rosters.lists import CAPTIONS, Cells, row
from workers import progress
from workers.roster import apply_role_list, check_role_list

NOW = datetime(2026, 7, 1, 9, tzinfo=UTC)
PEOPLE = 1_200


@pytest.fixture
def role_list(database: str) -> int:
    """A list that waits for a worker."""
    rows = [row(str(number), given="Jane", family=f"Smith {number}") for number in range(1000, 1000 + PEOPLE)]
    reading = rules.read([Cells([CAPTIONS, *rows])], as_at=date(2026, 6, 30))
    with db.transaction() as session:
        organisation = Organisation(code="NET-VCS", name="Lantern House")
        session.add(organisation)
        session.flush()
        made = roster.keep(
            session,
            organisation.id or 0,
            reading,
            filename="list.csv",
            options={"covers": "all"},
            account_id=None,
            now=NOW,
        )
        return made.id or 0


def seen(role_list_id: int) -> tuple[str, int, int | None] | None:
    with db.transaction(read_only=True) as session:
        found = roster.progress_of(session, role_list_id)
        return (found.phase, found.done, found.total) if found else None


def test_what_is_told_is_seen_by_others_at_once_and_noted_at_most_every_second(role_list: int) -> None:
    with progress.noted(role_list) as tell, db.transaction(read_only=True):
        tell("Comparing", 500, PEOPLE)
        assert seen(role_list) == ("Comparing", 500, PEOPLE)
        tell("Comparing", 1000, PEOPLE)
        assert seen(role_list) == ("Comparing", 500, PEOPLE)
        tell("Working out coverage", 0, None)
        assert seen(role_list) == ("Working out coverage", 0, None)
    assert seen(role_list) is None


def test_nothing_is_left_behind_by_a_job_that_fails(role_list: int) -> None:
    def fail() -> None:
        with progress.noted(role_list) as tell:
            tell("Comparing", 1, None)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert seen(role_list) is None


def test_a_writing_job_tells_others_where_the_database_lets_two_write(role_list: int) -> None:
    with progress.noted(role_list) as tell, db.transaction() as session:
        session.get_one(RoleList, role_list).state = roster.CHECKED
        session.flush()
        writing = progress.while_writing(tell)
        assert (writing is None) == (session.get_bind().dialect.name == "sqlite")
        if writing is not None:
            writing("Writing", 0, None)
            assert seen(role_list) == ("Writing", 0, None)


def test_checking_and_applying_tell_what_they_are_at(role_list: int) -> None:
    told: list[tuple[str, int, int | None]] = []
    with db.transaction(read_only=True) as session:
        rehearsed = effect.rehearse(session, role_list, tell=lambda *said: told.append(said))
    assert told == [
        ("Comparing", 0, PEOPLE),
        ("Comparing", 500, PEOPLE),
        ("Comparing", 1000, PEOPLE),
        ("Working out coverage", 0, None),
    ]
    assert rehearsed is not None
    told.clear()
    with db.transaction() as session:
        kept = lists.keep(session, role_list, rehearsed)
        assert kept is not None
        lists.ask(session, kept, Options(covers="all"))
        lists.apply(
            session, role_list, actor=audit.COMMAND_LINE, now=NOW, tell=lambda *said: told.append(said)
        )
    assert [said[0] for said in told] == ["Comparing"] * 3 + ["Writing"]


def test_the_worker_checks_and_applies_and_leaves_no_progress(role_list: int) -> None:
    check_role_list(role_list)
    with db.transaction() as session:
        found = session.get_one(RoleList, role_list)
        assert (found.state, (found.report or {})["joiners"]) == (roster.CHECKED, PEOPLE)
        lists.ask(session, found, Options(covers="all"))
    apply_role_list(role_list)
    with db.transaction(read_only=True) as session:
        assert session.get_one(RoleList, role_list).state == roster.APPLIED
    assert seen(role_list) is None
