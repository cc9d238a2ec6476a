"""``lms remind`` says what would go, or sends it; the shape is the contract's."""

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from lms import db, settings
from lms.cli import main
from tests import reminding
from tests.reminding import Town, employ, messages, outbox

DAY = "2026-06-30"


def run(*arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, list(arguments))
    assert result.exit_code == code, (result.output, result.exception)
    assert "Traceback" not in result.output
    return result


def run_json(*arguments: str) -> dict[str, Any]:
    return json.loads(run("remind", "--today", DAY, "--json", *arguments).stdout)


@pytest.fixture
def town(database: str) -> Town:
    with db.transaction() as session:
        town = reminding.found(session, on=("QUA",))
        employ(session, town, "QUA", "Amina")
        employ(session, town, "FAR", "Bram")
        employ(session, town, "QUA", "Chidi", email=None)
    return town


def test_the_dry_run_says_what_would_go_and_writes_nothing(town: Town) -> None:
    found = run_json("--dry-run")
    assert found["today"] == DAY
    assert [(one["person"], one["to"], one["kind"], one["rehearsal"]) for one in found["messages"]] == [
        ("Amina Kirkbright", "amina@qua.example", "reminder", False),
        ("Bram Kirkbright", "bram@far.example", "reminder", True),
    ]
    assert found["messages"][0]["items"] == [{"module": "ATR", "step": "+91", "date": "2020-03-31"}]
    assert [one["person"] for one in found["undeliverable"]] == ["Chidi Kirkbright"]
    assert (found["switched_on"], found["not_switched_on"]) == (["QUA"], ["FAR"])
    assert messages() == []


def test_what_the_dry_run_says_is_what_goes(town: Town) -> None:
    said = [one for one in run_json("--dry-run")["messages"] if not one["rehearsal"]]
    sent = run_json()
    assert [{**one, "rehearsal": False} for one in sent["messages"]] == said
    assert len(outbox(settings.current().var)) == 1
    assert [(one["person"], one["state"]) for one in sent["undeliverable"]] == [
        ("Chidi Kirkbright", "failed")
    ]


def test_a_second_run_sends_nothing_more(town: Town) -> None:
    run_json()
    assert run_json()["messages"] == []
    assert run_json("--dry-run")["messages"] == [
        one for one in run_json("--dry-run")["messages"] if one["rehearsal"]
    ]


def test_one_organisation_can_be_rehearsed(town: Town) -> None:
    found = run_json("--dry-run", "--organisation", "FAR")
    assert [one["person"] for one in found["messages"]] == ["Bram Kirkbright"]


def test_switching_on_and_off(town: Town) -> None:
    assert "FAR sends reminders from" in run("reminders", "on", "--organisation", "FAR", "--from", DAY).output
    assert len(run_json()["messages"]) == 2
    run("reminders", "off", "--organisation", "FAR")
    assert run_json("--dry-run")["not_switched_on"] == ["FAR"]


def test_what_the_mail_server_does_not_take_is_said_and_waits(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LMS_MAIL_URL", "smtp://127.0.0.1:1")
    settings.current.cache_clear()
    found = run_json()
    assert found["messages"] == []
    assert "does not answer" in found["waiting_because"]
    assert [one["to"] for one in run_json("--dry-run")["messages"] if not one["rehearsal"]] == [
        "amina@qua.example"
    ]


def test_it_speaks_in_lines(town: Town) -> None:
    said = run("remind", "--today", DAY, "--dry-run").output
    assert "amina@qua.example: ATR +91 (2020-03-31)" in said
    assert "rehearsal: not switched on" in said
    assert "Not deliverable: Chidi Kirkbright (QUA" in said
    assert "Would go: 2 messages on 2026-06-30." in said


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["remind", "--today", "30.6.2026"], 2, "does not match the format"),
        (["remind", "--organisation", "QUA"], 2, "goes with --dry-run"),
        (["remind", "--dry-run", "--organisation", "NOPE"], 1, "no organisation with the code"),
        (["reminders", "on", "--organisation", "NOPE"], 1, "no organisation with the code"),
    ],
)
def test_wrong_input_is_refused_in_a_sentence(town: Town, arguments: list[str], code: int, said: str) -> None:
    assert said in run(*arguments, code=code).output
