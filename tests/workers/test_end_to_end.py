"""The whole in the background as it runs in production: real worker, real beat, Redis, PostgreSQL, mail server."""

import os
import signal
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import select

from lms import clock, db, queue, settings, spreadsheets
from lms.queue import Job
from lms.rules import roster as reading
from lms.rules.access import Scope
from lms.rules.sessions import Draft, Mark
from lms.services import audit, roster, sessions
from lms.services.people import lists
from lms.services.people.checking import Options
from lms.tables.completions import Completion
from lms.tables.coverage import CoverageSnapshot
from lms.tables.heartbeat import Heartbeat
from lms.tables.people import Employment, Post
from lms.tables.roster import RoleList
from lms.tables.sessions import RegisterEntry
from tests import reminding
from tests.processes import Process, eventually, running
from tests.reminding import Town
from tests.servers import Mailbox

pytestmark = pytest.mark.conformance

HEADER = "Employee Number,First Name,Last Name,Email Address,Position Title,Start Date\n"
EVERYWHERE = Scope(everywhere=True)


@pytest.fixture
def town(postgres_url: str, redis_url: str, smtp: Mailbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    monkeypatch.setenv("LMS_REDIS_URL", redis_url)
    monkeypatch.setenv("LMS_MAIL_URL", smtp.url)
    monkeypatch.setenv("LMS_MAIL_FROM", "golden-thread@partnership.example")
    settings.current.cache_clear()
    with db.transaction() as session:
        town = reminding.found(session, on=("QUA",))
    return town


@pytest.fixture
def worker(town: Town, tmp_path: Path) -> Iterator[Process]:
    with running(["worker", "--concurrency", "2"], tmp_path / "worker.log") as process:
        yield process
    assert "Traceback" not in process.said


def people_list(folder: Path, count: int, first: int = 100000) -> Path:
    path = folder / "list.csv"
    rows = (
        f"{number},Given{number},Family{number},p{number}@qua.example,Nurse,2019-03-01\n"
        for number in range(first, first + count)
    )
    path.write_text(HEADER + "".join(rows), encoding="utf-8")
    return path


def upload(town: Town, path: Path, at: datetime) -> int:
    """What the page does with an uploaded list."""
    with db.transaction() as session:
        made = roster.keep(
            session,
            town.organisations["QUA"],
            reading.read(spreadsheets.read(path).sheets, as_at=date(2026, 6, 30)),
            filename=path.name,
            options={"covers": "all"},
            account_id=None,
            now=at,
        )
    assert made.id is not None
    return made.id


def ask(role_list_id: int) -> None:
    """What the page does when somebody says: apply it."""
    with db.transaction() as session:
        found = session.get(RoleList, role_list_id)
        assert found is not None
        lists.ask(session, found, Options(covers="all", accept_joiners=True))


def state(role_list_id: int) -> str:
    with db.transaction(read_only=True) as session:
        return session.exec(select(RoleList.state).where(RoleList.id == role_list_id)).one()


def employed() -> int:
    with db.transaction(read_only=True) as session:
        return len(session.exec(select(Employment.id)).all())


def test_a_list_goes_in_and_reminders_come_out(
    town: Town, worker: Process, smtp: Mailbox, tmp_path: Path
) -> None:
    role_list = upload(town, people_list(tmp_path, 5), clock.now())
    queue.enqueue(Job.CHECK_ROLE_LIST, role_list)
    eventually(lambda: state(role_list) == roster.CHECKED, "the list checked")
    with db.transaction(read_only=True) as session:
        report = session.exec(select(RoleList.report).where(RoleList.id == role_list)).one()
    assert report is not None
    assert (report["joiners"], report["people"]) == (5, 5)
    assert [one["module"] for one in report["coverage"]] == ["ATR"]
    assert employed() == 0

    ask(role_list)
    queue.enqueue(Job.APPLY_ROLE_LIST, role_list)
    eventually(lambda: state(role_list) == roster.APPLIED, "the list applied")
    assert employed() == 5

    _attend(town)
    queue.enqueue(Job.PROJECT_STATEMENTS)
    eventually(lambda: _completions() == 1, "the attendance recorded")

    queue.enqueue(Job.SNAPSHOT_COVERAGE)
    eventually(lambda: _published() == [clock.today() - timedelta(days=1)], "yesterday published")

    for _ in range(3):
        queue.enqueue(Job.PLAN_REMINDERS)
        queue.enqueue(Job.SEND_REMINDERS)
    eventually(lambda: len(smtp.messages) == 4, "a message for each but the one who came")
    queue.enqueue(Job.SEND_REMINDERS)
    queue.enqueue(Job.HEARTBEAT)
    eventually(lambda: _beaten(), "everything before the heartbeat done")
    assert len({message["To"] for message in smtp.messages}) == len(smtp.messages) == 4


def test_the_timetable_runs_by_itself_and_a_second_one_runs_nothing_twice(
    town: Town, worker: Process, tmp_path: Path
) -> None:
    with (
        running(["beat"], tmp_path / "beat1.log") as first,
        running(["beat"], tmp_path / "beat2.log") as second,
    ):
        eventually(_beaten, "the heartbeat, by way of the timetable")
        first.kill()
        with db.transaction() as session:
            session.execute(text("DELETE FROM heartbeat"))
        eventually(_beaten, "the heartbeat, by way of the other one")
        assert second.popen.poll() is None
    assert "Traceback" not in second.said


def test_killed_while_applying_nothing_is_half_done_and_the_next_try_works(
    town: Town, tmp_path: Path
) -> None:
    count = 4000
    role_list = upload(town, people_list(tmp_path, count), clock.now() - timedelta(hours=1))
    with running(["worker", "--concurrency", "1"], tmp_path / "worker.log") as worker:
        # A worker looks for what was left lying when it starts; nobody has told it of this list.
        eventually(lambda: state(role_list) == roster.CHECKED, "the list checked")
        ask(role_list)
        queue.enqueue(Job.APPLY_ROLE_LIST, role_list)
        eventually(_writing, "the worker in the middle of writing")
        os.killpg(worker.popen.pid, signal.SIGKILL)
    eventually(lambda: not _writing(), "the end of its transaction")
    assert (employed(), state(role_list)) in [(0, roster.APPLYING), (count, roster.APPLIED)]
    with running(["worker", "--concurrency", "1"], tmp_path / "second.log"):
        eventually(lambda: state(role_list) == roster.APPLIED, "the list applied")
    assert employed() == count
    with db.transaction(read_only=True) as session:
        assert len(session.exec(select(Post.id)).all()) == count


def test_killed_while_sending_nobody_gets_two_messages(town: Town, smtp: Mailbox, tmp_path: Path) -> None:
    with db.transaction() as session:
        for number in range(60):
            reminding.employ(session, town, "QUA", f"P{number}")
    queue.enqueue(Job.PLAN_REMINDERS)
    for round_ in range(2):
        with running(["worker", "--concurrency", "1"], tmp_path / f"worker{round_}.log") as worker:
            wanted = 15 * (round_ + 1)
            eventually(lambda wanted=wanted: len(smtp.messages) >= wanted, f"{wanted} messages")
            os.killpg(worker.popen.pid, signal.SIGKILL)
    with running(["worker", "--concurrency", "1"], tmp_path / "last.log"):
        eventually(lambda: _unsent() == 0, "the rest sent")
    got = [str(message["To"]) for message in smtp.messages]
    assert len(got) == len(set(got))
    doubtful = [one.recipient for one in reminding.messages() if one.state == "in_doubt"]
    assert len(doubtful) <= 2
    assert set(got) | set(doubtful) == {f"p{number}@qua.example" for number in range(60)}


def _attend(town: Town) -> None:
    """A trainer's register of yesterday's session, saved while the record could not be written."""
    now = clock.now()
    draft = Draft(
        town.modules["ATR"], town.organisations["QUA"], clock.today() - timedelta(days=1), time(9, 30), 180
    )
    with db.transaction() as session:
        held = sessions.create(
            session, EVERYWHERE, audit.COMMAND_LINE, draft, trainer_id=None, today=clock.today(), now=now
        )
        first = session.exec(select(Employment.id).order_by(Employment.id)).first()
        sessions.add_people(session, EVERYWHERE, audit.COMMAND_LINE, held, [first or 0], now=now)
        entry = session.exec(select(RegisterEntry.id).where(RegisterEntry.session_id == held)).one()
        sessions.mark(session, EVERYWHERE, audit.COMMAND_LINE, held, {entry: Mark.ATTENDED}, now=now)


def _writing() -> bool:
    with db.transaction(read_only=True) as session:
        found = session.execute(
            text(
                "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND pid <> pg_backend_pid() AND state <> 'idle' "
                "AND query ~* '^\\s*(insert into|copy) \"?(person|employment|post|job_title)'"
            )
        ).scalar_one()
    return bool(found)


def _completions() -> int:
    with db.transaction(read_only=True) as session:
        return len(session.exec(select(Completion.id)).all())


def _published() -> list[date]:
    with db.transaction(read_only=True) as session:
        return list(session.exec(select(CoverageSnapshot.as_at)))


def _beaten() -> bool:
    with db.transaction(read_only=True) as session:
        return session.exec(select(Heartbeat.at)).first() is not None


def _unsent() -> int:
    return sum(one.state in ("queued", "claimed", "at_the_door") for one in reminding.messages())
