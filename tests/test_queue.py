"""The queue hands jobs over whole and once, through Redis or a folder, and says when it is away."""

import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from queue import Empty

import pytest

from lms import queue, settings
from lms.errors import Unavailable
from lms.queue import Job


@pytest.fixture(params=["folder", "redis"])
def chosen(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> settings.Settings:
    if request.param == "redis":
        monkeypatch.setenv("LMS_REDIS_URL", request.getfixturevalue("redis_url"))
    settings.current.cache_clear()
    return settings.current()


def take(chosen: settings.Settings) -> list[str]:
    """What a worker would get, oldest first: the name of the job and its arguments."""
    found = []
    with queue.configure(chosen).connection_for_read() as connection:
        waiting = connection.SimpleQueue("celery")
        with suppress(Empty):
            while True:
                message = waiting.get(block=True, timeout=0.5)
                found.append(f"{message.headers['task']} {message.payload[0]}")
                message.ack()
        waiting.close()
    return found


def test_jobs_wait_in_their_order_until_they_are_taken(chosen: settings.Settings) -> None:
    for number in range(3):
        queue.enqueue(Job.CHECK_ROLE_LIST, number)
    queue.enqueue(Job.HEARTBEAT)
    assert queue.waiting(chosen) == 4
    assert take(chosen) == [
        "roster.check [0]",
        "roster.check [1]",
        "roster.check [2]",
        "heartbeat.note []",
    ]
    assert queue.waiting(chosen) == 0


def test_settings_that_changed_take_the_queue_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    queue.enqueue(Job.HEARTBEAT)
    monkeypatch.setenv("LMS_VAR", str(tmp_path / "elsewhere"))
    settings.current.cache_clear()
    queue.enqueue(Job.HEARTBEAT)
    queue.enqueue(Job.HEARTBEAT)
    assert len(list((tmp_path / "elsewhere" / "queue" / "messages").glob("*.msg"))) == 2
    assert len(list((tmp_path / "var" / "queue" / "messages").glob("*.msg"))) == 1


def test_a_queue_that_is_away_is_said_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LMS_REDIS_URL", "redis://127.0.0.1:1/0")
    settings.current.cache_clear()
    begun = time.monotonic()
    with pytest.raises(Unavailable, match="Your change is saved, but the queue does not answer"):
        queue.enqueue(Job.HEARTBEAT)
    with pytest.raises(Unavailable, match="does not answer"):
        queue.waiting(settings.current())
    assert time.monotonic() - begun < 10


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    queue.configure(settings.current())
    messages = tmp_path / "var" / "queue" / "messages"
    messages.rmdir()
    messages.write_text("in the way")
    with pytest.raises(Unavailable):
        queue.enqueue(Job.HEARTBEAT)


def test_many_takers_of_a_folder_take_each_message_once() -> None:
    chosen = settings.current()
    for number in range(60):
        queue.enqueue(Job.CHECK_ROLE_LIST, number)
    script = (
        "from lms import queue, settings\n"
        "from tests.test_queue import take\n"
        "print('\\n'.join(take(settings.current())))"
    )
    takers = [
        subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    got = [line for taker in takers for line in taker.communicate(timeout=120)[0].splitlines() if line]
    assert sorted(got) == sorted(f"roster.check [{number}]" for number in range(60))
    assert queue.waiting(chosen) == 0


def test_nobody_ever_reads_half_a_message() -> None:
    """Writers and a reader at once: every message that appears is whole."""
    chosen = settings.current()
    queue.configure(chosen)
    done = threading.Event()

    def write() -> None:
        for number in range(150):
            queue.enqueue(Job.CHECK_ROLE_LIST, "x" * 50_000, number)
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    got = 0
    while not done.is_set() or queue.waiting(chosen):
        got += len(take(chosen))
    writer.join()
    assert got == 150
