"""The doctor says what is wrong, what to do, and ends with 1 for it."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from lms import clock, db, settings
from lms.cli import main
from lms.services import audit
from lms.services.doctor import note_heartbeat
from lms.services.feed import telling
from lms.services.reminders import plan
from tests import feeding, reminding
from tests.servers import Mailbox


def doctor(*arguments: str) -> tuple[int, dict[str, Any]]:
    result = CliRunner().invoke(main, ["doctor", "--json", *arguments])
    assert "Traceback" not in result.output
    found = json.loads(result.stdout)["findings"]
    worst = {"ok": 0, "warning": 1, "problem": 2}
    by_check: dict[str, Any] = {}
    for one in found:
        if one["check"] not in by_check or worst[one["grade"]] > worst[by_check[one["check"]]["grade"]]:
            by_check[one["check"]] = one
    return result.exit_code, by_check


def set_(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    for name, value in values.items():
        monkeypatch.setenv(f"LMS_{name}", value)
    settings.current.cache_clear()


def test_a_fresh_installation_is_healthy(database: str) -> None:
    code, found = doctor()
    assert code == 0
    assert {one["grade"] for check, one in found.items() if check != "worker"} == {"ok"}
    assert found["worker"]["do"] == "Start them: lms serve"


def test_it_speaks_in_lines(sqlite_url: str) -> None:
    result = CliRunner().invoke(main, ["doctor"])
    assert result.exit_code == 0
    assert "ok     schema" in result.output
    assert "→ Start them: lms serve" in result.output


def test_an_empty_database_asks_for_init(empty_database: str) -> None:
    code, found = doctor()
    assert code == 1
    assert found["schema"]["says"] == "The database is empty."
    assert found["schema"]["do"] == "Run: lms init"


def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    set_(monkeypatch, MAIL_URL="nowhere")
    code, found = doctor()
    assert code == 1
    assert "LMS_MAIL_URL" in found["configuration"]["says"]


def test_a_database_that_is_away_is_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    set_(monkeypatch, DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing")
    db.configure(None)
    code, found = doctor()
    db.configure(None)
    assert code == 1
    assert "does not answer" in found["database"]["says"]


def test_queue_and_mail_that_are_away_are_said(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    set_(monkeypatch, REDIS_URL="redis://127.0.0.1:1/0", MAIL_URL="smtp://127.0.0.1:1")
    code, found = doctor()
    assert code == 1
    assert (found["queue"]["grade"], found["mail"]["grade"]) == ("problem", "problem")
    assert "LMS_REDIS_URL" in found["queue"]["do"]
    assert "LMS_MAIL_URL" in found["mail"]["do"]


def test_redis_and_a_mail_server_that_answer_are_well(
    sqlite_url: str, redis_url: str, smtp: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_(
        monkeypatch,
        REDIS_URL=redis_url,
        MAIL_URL=smtp.url,
        MAIL_FROM="golden-thread@partnership.example",
        BASE_URL="https://learning.example",
    )
    code, found = doctor()
    assert code == 0
    assert (found["queue"]["grade"], found["mail"]["grade"], found["clock"]["grade"]) == ("ok", "ok", "ok")


def test_a_worker_that_has_stopped_is_a_problem_where_it_is_meant_to_run(
    sqlite_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.transaction() as session:
        note_heartbeat(session, clock.now() - timedelta(hours=3))
    assert doctor()[1]["worker"]["grade"] == "warning"
    set_(monkeypatch, REDIS_URL=redis_url)
    code, found = doctor()
    assert code == 1
    assert found["worker"]["says"] == "Worker and timetable were last at work 3 hours ago."


def test_a_worker_at_work_is_well(database: str) -> None:
    with db.transaction() as session:
        note_heartbeat(session, clock.now() - timedelta(hours=3))
    with db.transaction() as session:
        note_heartbeat(session, clock.now())
    assert doctor()[1]["worker"]["grade"] == "ok"


def test_mail_that_does_not_go_out_is_seen_by_its_age(database: str) -> None:
    with db.transaction() as session:
        town = reminding.found(session)
        reminding.employ(session, town, "QUA", "Amina")
    with db.transaction() as session:
        plan(session, date(2026, 6, 30), clock.now() - timedelta(days=2))
    code, found = doctor()
    assert code == 1
    assert found["reminders"]["says"] == "A message has been waiting to be sent for 2 days."


def test_what_did_not_reach_somebody_is_worth_a_look(database: str) -> None:
    with db.transaction() as session:
        town = reminding.found(session)
        reminding.employ(session, town, "QUA", "Amina", email=None)
    with db.transaction() as session:
        plan(session, clock.today(), clock.now())
    code, found = doctor()
    assert code == 0
    assert found["undelivered"]["says"] == "1 reminder did not reach anybody."


def test_an_event_in_the_future_betrays_the_clock(database: str) -> None:
    with db.transaction() as session:
        audit.record(session, audit.WORKER, "x", "x", now=datetime(2999, 1, 1, tzinfo=UTC))
    code, found = doctor()
    assert code == 1
    assert "clock" in found["trail"]["do"]


def test_a_broken_invariant_is_a_problem(database: str) -> None:
    with db.transaction() as session:
        town = reminding.found(session)
        person = reminding.employ(session, town, "QUA", "Amina")
        reminding.complete(session, town, person, "ATR", date(2026, 1, 1))
        session.execute(text("UPDATE post SET ends_on = '2019-01-01'"))
    code, found = doctor()
    assert code == 1
    assert found["invariants"]["grade"] == "problem"
    assert doctor("--quick")[0] == 0


def test_every_invariant_is_a_query_both_engines_understand(database: str, tmp_path: Path) -> None:
    code, found = doctor()
    assert code == 0
    assert found["invariants"]["says"].endswith("hold.")


def test_what_hr_was_not_told_is_said(database: str) -> None:
    with db.transaction() as session:
        place = feeding.found(session)
        feeding.arrive(session, place.organisations["QUA"], feeding.content(3))
        feeding.take_all(session, place.organisations["QUA"])
        assert telling.waiting_since(session) == feeding.NOW
    with db.transaction() as session:
        session.execute(text("UPDATE feed_letter SET created_at = :at"), {"at": clock.now()})
    assert doctor("--quick")[1]["lists told"]["grade"] == "ok"
    with db.transaction() as session:
        old = clock.now() - timedelta(days=2)
        session.execute(text("UPDATE feed_letter SET created_at = :at"), {"at": old})
    code, found = doctor("--quick")
    assert (code, found["lists told"]["grade"]) == (1, "problem")
    with db.transaction() as session:
        session.execute(
            text("UPDATE feed_letter SET state = 'failed', changed_at = :at"), {"at": clock.now()}
        )
    assert "1 message about role lists" in doctor("--quick")[1]["lists told"]["says"]
