"""A night as it runs in production: real worker, Redis, PostgreSQL, mail server; killed while it applies."""

import os
import signal
from pathlib import Path

import pytest

from lms import db, queue, settings
from lms.queue import Job
from lms.services import roster
from tests import feeding
from tests.feeding import JUNE, MAY, Place, arrive, content, employed, letters
from tests.processes import eventually, running
from tests.servers import Mailbox

pytestmark = pytest.mark.conformance


@pytest.fixture
def place(postgres_url: str, redis_url: str, smtp: Mailbox, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setenv("LMS_REDIS_URL", redis_url)
    monkeypatch.setenv("LMS_MAIL_URL", smtp.url)
    monkeypatch.setenv("LMS_MAIL_FROM", "golden-thread@partnership.example")
    settings.current.cache_clear()
    with db.transaction() as session:
        made = feeding.found(session)
    return made


def states() -> list[str]:
    return [one.state for one in feeding.lists()]


def test_lists_go_in_and_a_message_of_each_comes_out(place: Place, smtp: Mailbox, tmp_path: Path) -> None:
    with db.transaction() as session:
        late = arrive(session, place.organisations["QUA"], content(10), JUNE)
        arrive(session, place.organisations["QUA"], content(20), MAY)
    with running(["worker", "--concurrency", "2"], tmp_path / "log") as process:
        for _ in range(3):
            queue.enqueue(Job.TAKE_ROLE_LISTS, late.id or 0)
        eventually(lambda: len(smtp.messages) == 2, "a message of each list")
    assert "Traceback" not in process.said
    assert (states(), employed()) == ([roster.CHECKED, roster.APPLIED], 20)
    assert sorted(str(one["Subject"]) for one in smtp.messages) == [
        "Role list of 30 June 2026: please look at it before it is applied",
        "Role list of 31 May 2026: applied",
    ]


def test_a_worker_killed_while_it_applies_is_followed_by_one_that_does_it_once(
    place: Place, smtp: Mailbox, tmp_path: Path
) -> None:
    with db.transaction() as session:
        made = arrive(session, place.organisations["QUA"], content(5000), JUNE)
    for number in range(2):
        with running(["worker", "--concurrency", "1"], tmp_path / f"{number}.log") as process:
            queue.enqueue(Job.TAKE_ROLE_LISTS, made.id or 0)
            eventually(lambda: _held() or states() == [roster.APPLIED], "the list in hand")
            os.killpg(process.popen.pid, signal.SIGKILL)
        assert employed() in (0, 5000)
    with running(["worker", "--concurrency", "1"], tmp_path / "last.log"):
        queue.enqueue(Job.TAKE_ROLE_LISTS, made.id or 0)
        eventually(lambda: len(smtp.messages) == 1, "the message")
    assert (states(), employed(), len(letters())) == ([roster.APPLIED], 5000, 1)


def _held() -> bool:
    """Whether somebody has the organisation locked."""
    with db.transaction(read_only=True) as session:
        found = session.connection().exec_driver_sql(
            "SELECT COUNT(*) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation "
            "WHERE c.relname = 'organisation' AND l.mode = 'RowShareLock' AND l.pid <> pg_backend_pid()"
        )
        return bool(found.scalar_one())
