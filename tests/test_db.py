"""Doing a thing alone: one at a time, and free again however it ended."""

import subprocess
import sys
import time

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from lms import db
from lms.errors import Conflict, Unavailable

HOLDER = (
    "import sys, time\n"
    "from lms import db\n"
    "with db.alone('a thing'):\n"
    "    print('held', flush=True)\n"
    "    time.sleep(600)\n"
)


def test_a_second_one_is_refused_and_another_name_is_not(database: str) -> None:
    with db.alone("a thing"):
        with pytest.raises(Conflict, match="at this moment"), db.alone("a thing"):
            pass
        with db.alone("another thing"):
            pass
    with db.alone("a thing"):
        pass


def test_what_ended_badly_is_free_again(database: str) -> None:
    with pytest.raises(RuntimeError), db.alone("a thing"):
        raise RuntimeError
    with db.alone("a thing"):
        pass


def test_what_was_killed_is_free_again(database: str) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLDER], stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(Conflict), db.alone("a thing"):
        pass
    holder.kill()
    holder.wait()
    with db.alone("a thing", patience=30):
        pass


def test_somebody_patient_waits(database: str) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER.replace("600", "1")], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    holder.stdout.readline()
    begun = time.monotonic()
    with db.alone("a thing", patience=60):
        assert time.monotonic() - begun > 0.3
    holder.wait()


def test_a_database_that_is_away_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    db.configure("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    try:
        with pytest.raises(Unavailable), db.alone("a thing"):
            pass
    finally:
        db.configure(None)


def test_a_database_without_a_schema_is_told_and_what_to_do(empty_database: str) -> None:
    with pytest.raises(Unavailable, match="Run: lms init"), db.transaction() as session:
        session.execute(text("SELECT 1 FROM organisation"))


def test_what_only_reads_leaves_nothing_behind(database: str) -> None:
    write = "INSERT INTO setting (name, value) VALUES ('due_soon_days', '60')"
    if database.startswith("postgresql"):
        with pytest.raises(DBAPIError, match="read-only"), db.transaction(read_only=True) as session:
            session.execute(text(write))
    else:
        with db.transaction(read_only=True) as session:
            session.execute(text(write))
    with db.transaction() as session:
        none = session.execute(text("SELECT value FROM setting WHERE name = 'due_soon_days'")).all()
        assert none == []
        session.execute(text(write))
    with db.transaction(read_only=True) as session:
        assert session.execute(text("SELECT value FROM setting WHERE name = 'due_soon_days'")).all()


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_a_question_asked_again_and_again_is_planned_once(database: str) -> None:
    for _ in range(30):
        with db.transaction(read_only=True) as session:
            session.execute(text("SELECT value FROM setting WHERE name = :name"), {"name": "any"}).all()
    with db.transaction(read_only=True) as session:
        kept = session.execute(
            text("SELECT generic_plans FROM pg_prepared_statements WHERE statement LIKE '%FROM setting%'")
        )
        assert kept.scalar_one() > 0


def test_what_is_said_directly_stands_alone(database: str) -> None:
    with db.direct() as asking:
        asking.driver.execute("INSERT INTO setting (name, value) VALUES ('stays', '1')")
    with db.transaction() as session:
        session.execute(text("INSERT INTO setting (name, value) VALUES ('goes', '1')"))
        session.rollback()
    with db.transaction(read_only=True) as session:
        assert session.execute(text("SELECT name FROM setting")).scalars().all() == ["stays"]


def test_a_connection_that_ended_is_said_and_the_next_one_works(postgres_url: str) -> None:
    with pytest.raises(Unavailable), db.direct() as asking:
        asking.driver.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    with db.direct() as asking:
        assert asking.driver.execute("SELECT 1").fetchone() == (1,)
