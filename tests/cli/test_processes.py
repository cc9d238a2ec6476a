"""The processes start, heal and stop as promised: alone, together, and as the demo."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from sqlmodel import select

from lms import clock, db, queue, schema, settings
from lms.cli import COMMANDS, main
from lms.queue import Job
from lms.services import accounts
from lms.tables.accounts import Account
from lms.tables.heartbeat import Heartbeat
from tests.processes import PATIENCE, Process, alive, answers, eventually, free_port, running


@pytest.fixture
def taken() -> Iterator[int]:
    """A port somebody else listens on."""
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


# --- The commands ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help_with_an_example(name: str) -> None:
    def commands(command: click.Command, *path: str) -> Iterator[tuple[str, ...]]:
        if isinstance(command, click.Group):
            for each in command.commands.values():
                yield from commands(each, *path, each.name or "")
        else:
            yield path

    found = main.get_command(click.Context(main), name)
    assert found is not None
    assert found.name == name
    for path in commands(found, name):
        result = CliRunner().invoke(main, [*path, "--help"])
        assert result.exit_code == 0
        assert f"lms {' '.join(path)}" in result.output.partition("Example")[2], path


# --- init -----------------------------------------------------------------------------------------------


def test_init_makes_schema_and_administrator_and_a_second_one_changes_nothing(empty_database: str) -> None:
    first = CliRunner().invoke(main, ["init", "--email", "ruth@partnership.example"])
    assert first.exit_code == 0
    assert "First administrator: ruth@partnership.example" in first.output
    password = first.output.partition("One-time password:")[2].split()[0]
    with db.transaction() as session:
        attempt = accounts.try_password(session, "ruth@partnership.example", password, clock.now())
        assert accounts.settle(session, attempt, clock.now())
    again = CliRunner().invoke(main, ["init", "--email", "somebody.else@partnership.example"])
    assert again.exit_code == 0
    assert "password" not in again.output
    assert schema.present() == schema.needed()


def test_two_inits_at_once_make_one_administrator(empty_database: str) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "lms", "init"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        for _ in range(2)
    ]
    said = [process.communicate(timeout=PATIENCE)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], said
    assert sum("One-time password" in one for one in said) == 1
    with db.transaction(read_only=True) as session:
        assert len(session.exec(select(Account)).all()) == 1


def test_init_takes_the_administrator_from_the_environment(
    empty_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LMS_ADMIN_EMAIL", "ada@partnership.example")
    settings.current.cache_clear()
    assert "ada@partnership.example" in CliRunner().invoke(main, ["init"]).output


def test_init_with_a_wrong_address_is_refused_in_a_sentence(empty_database: str) -> None:
    result = CliRunner().invoke(main, ["init", "--email", "nobody"])
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    assert "First administrator" not in result.output


@pytest.mark.parametrize("name", ["web", "worker", "beat"])
def test_no_process_starts_on_a_database_without_its_schema(empty_database: str, name: str) -> None:
    result = CliRunner().invoke(main, [name])
    assert result.exit_code == 1
    assert "Run: lms init" in result.output


@pytest.mark.parametrize("name", ["web", "serve"])
def test_a_taken_port_is_said_in_a_sentence(sqlite_url: str, taken: int, name: str) -> None:
    result = CliRunner().invoke(main, [name, "--port", str(taken)])
    assert result.exit_code == 1
    assert f"port {taken}: Address already in use. Choose another with --port." in result.output


# --- Together -------------------------------------------------------------------------------------------


@pytest.mark.conformance
def test_everything_runs_heals_and_stops_together(tmp_path: Path, sqlite_url: str) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/health/ready"
    with running(["serve", "--port", str(port)], tmp_path / "log") as serve:
        assert "One-time password" in serve.says(f"Golden Thread is at http://127.0.0.1:{port}")
        assert answers(url)
        children = serve.children()
        assert set(children) == {"web", "worker", "beat"}

        # A job goes through the folder to the worker, which is another process.
        queue.enqueue(Job.HEARTBEAT)
        eventually(lambda: _beats() == 1, "a job done by the worker")

        os.kill(children["worker"], signal.SIGKILL)
        eventually(lambda: serve.children().get("worker", 0) not in (0, children["worker"]), "a new worker")
        before = _last_beat()
        queue.enqueue(Job.HEARTBEAT)
        eventually(lambda: _last_beat() > before, "a job done by the new worker")

        os.kill(children["web"], signal.SIGKILL)
        eventually(
            lambda: serve.children().get("web", 0) not in (0, children["web"]) and answers(url), "a new web"
        )

        children = serve.children()
        assert serve.end(signal.SIGINT) == 0
        assert not any(alive(pid) for pid in children.values())
    assert "Traceback" not in serve.said


@pytest.mark.conformance
def test_nothing_outlives_a_supervisor_that_was_killed(tmp_path: Path, sqlite_url: str) -> None:
    port = free_port()
    with running(["serve", "--port", str(port)], tmp_path / "log") as serve:
        serve.says("Golden Thread is at")
        eventually(lambda: len(serve.children()) == 3, "three children")
        children = serve.children()
        os.kill(serve.popen.pid, signal.SIGKILL)
        eventually(lambda: not any(alive(pid) for pid in children.values()), "the end of all children", 60)
    # And it starts again at once, on the same port and database.
    with running(["serve", "--port", str(port)], tmp_path / "second") as serve:
        serve.says("Golden Thread is at")


def _beats() -> int:
    with db.transaction(read_only=True) as session:
        return len(session.exec(select(Heartbeat)).all())


def _last_beat() -> float:
    with db.transaction(read_only=True) as session:
        return max(one.at.timestamp() for one in session.exec(select(Heartbeat)).all())


# --- The demo -------------------------------------------------------------------------------------------


@pytest.mark.conformance
def test_the_demo_once_prints_the_coverage_and_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configured = tmp_path / "configured.sqlite3"
    environment = {
        "LMS_DATABASE_URL": f"sqlite:///{configured}",
        "LMS_REDIS_URL": "redis://127.0.0.1:1",
        "LMS_MAIL_URL": "smtp://127.0.0.1:1",
    }
    for number in range(2):
        with running(["demo", "--once"], tmp_path / f"log{number}", environment) as demo:
            assert demo.popen.wait(timeout=PATIENCE) == 0, demo.said
        assert "Coverage as at" in demo.said
        for code in ("BRK-NHS", "TOD-MBC", "FEN-HMP", "Partnership"):
            assert code in demo.said
    assert not configured.exists()
    assert (settings.current().var / "demo" / "golden-thread.sqlite3").exists()


@pytest.mark.conformance
def test_the_demo_serves_with_a_sign_in_for_each_kind_of_user(tmp_path: Path, taken: int) -> None:
    with running(["demo", "--port", str(taken)], tmp_path / "log") as demo:
        said = demo.says("Role lists to upload")
        assert f"Port {taken} is taken, so this is on" in said
        address = said.partition("Golden Thread is at ")[2].split()[0]
        assert answers(f"{address}/health/ready")
        for who in ("Human resources", "Member of staff", "Trainer", "Public health", "Administrator"):
            assert who in said
        second = tmp_path / "second"
        with running(["demo", "--once"], second) as other:
            assert other.popen.wait(timeout=PATIENCE) == 0
        assert answers(f"{address}/health/ready")
        assert demo.end() == 0
    assert "Traceback" not in demo.said


def test_a_process_says_what_it_is_waiting_for(tmp_path: Path) -> None:
    with running(["--version"], tmp_path / "log") as version:
        assert version.popen.wait(timeout=PATIENCE) == 0
    assert isinstance(version, Process)
    assert version.said.startswith("lms, version")
