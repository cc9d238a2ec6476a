"""The commands of the record: keys, completions, statements, other stores, rebuild."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result
from sqlmodel import select

from lms import db
from lms.cli import main
from lms.tables.organisations import Organisation
from lms.tables.people import Employment, Person
from lms.tables.training_map import Module
from tests import statements as made

HEADER = "organisation,employee_number,module,completed_on,minutes,success,evidence\n"
Run = Callable[..., Result]


@pytest.fixture
def lms(database: str) -> Run:
    """Runs a command on a database with one organisation, one person and one module."""
    with db.transaction() as session:
        organisation = Organisation(code="QUA", name="Quarrelby")
        person = Person(uuid=str(uuid4()))
        session.add_all([organisation, person, Module(code="ATR-F", title="F", activity_iri=made.COURSE)])
        session.flush()
        session.add(
            Employment(
                organisation_id=organisation.id or 0,
                employee_number="1",
                person_id=person.id or 0,
                home_person_id=person.id or 0,
                email="ada@example.org",
                email_key="ada@example.org",
            )
        )

    def run(*words: str, code: int = 0, **more: Any) -> Result:
        result = CliRunner().invoke(main, list(words), **more)
        assert result.exit_code == code, (result.output, result.exception)
        assert "Traceback" not in result.output
        return result

    return run


def test_completions_are_imported_once_and_a_rebuild_changes_nothing(lms: Run, tmp_path: Path) -> None:
    file = tmp_path / "completions.csv"
    file.write_text(HEADER + "QUA,1,ATR-F,2026-06-01,,,register\n")
    assert "1 recorded" in lms("completions", "import", str(file)).output
    again = json.loads(lms("completions", "import", str(file), "--json").output)
    assert (again["recorded"], again["already"], again["errors"]) == (0, 1, [])
    assert "Nothing changed." in lms("rebuild").output
    assert json.loads(lms("rebuild", "--json").output)["unchanged"] is True


def test_a_wrong_file_is_refused_with_every_problem(lms: Run, tmp_path: Path) -> None:
    file = tmp_path / "completions.csv"
    file.write_text(HEADER + "QUA,2,ATR-F,2026-06-31,,,\nQUA,1,X,2026-06-01,,,\n")
    refused = lms("completions", "import", str(file), "--json", code=1)
    errors = json.loads(refused.stdout)["errors"]
    assert [(one["row"], one["column"]) for one in errors] == [(2, "completed_on"), (3, "module")]
    assert "row 3, column module" in refused.stderr
    lms("completions", "import", str(tmp_path / "none.csv"), code=1)
    lms("completions", "import", str(tmp_path), code=1)
    lms("completions", "import", code=2)


def test_statements_go_out_and_in_and_can_be_taken_back(lms: Run, tmp_path: Path) -> None:
    file = tmp_path / "statements.jsonl"
    one = made.simple(id=str(uuid4()))
    file.write_text(made.raw(one) + "\n\n")
    assert "1 stored" in lms("statements", "import", str(file)).output
    assert json.loads(lms("statements", "import", str(file), "--json").output)["already"] == 1
    (line,) = lms("statements", "export").output.splitlines()
    assert json.loads(line)["id"] == one["id"]
    assert "1 completions" in lms("rebuild").output
    assert "1 voided" in lms("statements", "void", one["id"]).output
    assert "0 completions" in lms("rebuild").output
    file.write_text('{"actor":1}\n{')
    assert "line 2" in lms("statements", "import", str(file), code=1).stderr
    lms("statements", "export", "--person", "nobody", code=1)
    with db.transaction(read_only=True) as session:
        ada = session.exec(select(Person.uuid)).one()
    hers = lms("statements", "export", "--person", ada).output
    assert hers == lms("statements", "export").output
    assert hers.splitlines()[0] == line
    lms("statements", "void", "nonsense", code=2)


def test_a_key_is_shown_once_trusted_and_revoked(lms: Run) -> None:
    key = json.loads(lms("keys", "create", "--scope", "xapi/all", "--json").output)
    assert key["trusted"] is True
    assert key["endpoint"].endswith("/xapi")
    narrow = lms("keys", "create", "--scope", "xapi/statements/write").output
    assert "Not trusted" in narrow
    assert key["password"] not in lms("keys", "list").output
    assert "is not trusted" in lms("keys", "trust", key["user"], "--no").output
    assert "is revoked" in lms("keys", "revoke", key["user"]).output
    assert json.loads(lms("keys", "list", "--json").output)[1]["revoked_at"]
    assert "Choose from" in lms("keys", "create", "--scope", "everything", code=1).stderr
    lms("keys", "revoke", "nobody", code=1)
    lms("keys", "create", code=2)


def test_what_waits_is_listed_with_its_reason(lms: Run, tmp_path: Path) -> None:
    assert "Everything that would count does." in lms("statements", "reconcile").output
    file = tmp_path / "statements.jsonl"
    file.write_text(made.raw(made.simple(actor={"mbox": "mailto:stranger@example.org"})))
    lms("statements", "import", str(file))
    assert "mailto:stranger@example.org" in lms("statements", "reconcile", "--retry").output
    (item,) = json.loads(lms("statements", "reconcile", "--json").output)
    assert item["reason"] == "unknown_actor"


def test_another_store_is_noted_listed_and_stopped(lms: Run) -> None:
    add = ("stores", "add", "--name", "Leeds", "--address", "http://127.0.0.1:1/xapi", "--user", "us")
    lms(*add, "--password", "secret", "--forward", "--pull")
    assert "no other stores" not in lms("stores", "list").output
    assert "secret" not in lms("stores", "list", "--json").output
    assert "already" in lms(*add, "--password", "x", "--pull", code=1).stderr
    assert "does not answer" in lms("stores", "pull", "Leeds", code=1).stderr
    lms("stores", "forward", "nowhere", code=1)
    assert "Leeds is trusted; 0 of" in lms("stores", "trust", "Leeds").output
    assert "Leeds is not trusted" in lms("stores", "trust", "Leeds", "--no").output
    lms("stores", "trust", "nowhere", code=1)
    lms("stores", "stop", "Leeds")
    assert "stopped" in lms("stores", "list").output
    assert "Say whether" in lms("stores", "change", "Leeds", "--user", "we", code=1).stderr
    lms("stores", "change", "Leeds", "--pull")
    assert "): fetched from; 0 waiting" in lms("stores", "list").output
    lms("stores", "change", "Leeds", "--no-pull", "--forward", "--user", "we")
    assert "): sent to; 0 waiting" in lms("stores", "list").output
    lms("stores", "change", "nowhere", "--pull", code=1)


@pytest.mark.parametrize(
    "words",
    [
        *(("keys",), ("keys", "create"), ("statements",), ("statements", "import"), ("statements", "export")),
        *(("completions", "import"), ("stores", "add"), ("rebuild",)),
    ],
)
def test_every_command_has_help_with_an_example(words: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, [*words, "--help"])
    assert result.exit_code == 0
    if len(words) > 1 or words == ("rebuild",):
        assert "Example" in result.output


def test_what_waits_is_resolved_and_taken_back_on_the_command_line(lms: Run, tmp_path: Path) -> None:
    file = tmp_path / "statements.jsonl"
    stranger = {"mbox": "mailto:ada@home.example"}
    ids = [str(uuid4()) for _ in range(3)]
    lines = [
        made.simple(id=ids[0], actor=stranger),
        made.simple(id=ids[1], object={"id": "https://lms.example.org/course/7"}),
        made.simple(id=ids[2], timestamp="2999-01-01T00:00:00Z"),
    ]
    file.write_text("\n".join(made.raw(line) for line in lines))
    lms("statements", "import", str(file))
    reconcile = ("statements", "reconcile")
    exported = lms("statements", "export").output
    assert len(lms(*reconcile).output.splitlines()) == 3
    (item,) = json.loads(lms(*reconcile, "--reason", "unknown_actor", "--json").output)
    assert item["about"] == "mbox mailto:ada@home.example"
    assert lms(*reconcile, "show", item["about"], "--ids").output.strip() == ids[0]
    assert json.loads(lms(*reconcile, "show", item["about"]).output)["id"] == ids[0]

    ada = (*reconcile, "actor", item["about"])
    assert "1 count now" in lms(*ada, "--organisation", "QUA", "--employee", "1").output
    seven = (*reconcile, "activity", "https://lms.example.org/course/7")
    assert "1 count now" in lms(*seven, "--module", "ATR-F").output
    assert "1 count now" in lms(*reconcile, "accept", ids[2]).output
    assert "Everything that would count does." in lms(*reconcile).output
    assert "Nothing changed." in lms("rebuild").output

    assert "0 count now, 1 wait" in lms(*ada, "--take-back").output
    assert "0 count now, 1 wait" in lms(*seven, "--take-back").output
    assert "0 count now, 1 wait" in lms(*reconcile, "reopen", ids[2]).output
    assert len(lms(*reconcile).output.splitlines()) == 3
    lms(*reconcile, "set-aside", *ids)
    assert "Everything that would count does." in lms(*reconcile).output
    assert lms("statements", "export").output == exported


def test_what_cannot_be_resolved_is_refused_with_what_to_do(lms: Run) -> None:
    reconcile = ("statements", "reconcile")
    lms(*reconcile, "--reason", "boredom", code=2)
    lms(*reconcile, "--organisation", "NOWHERE", code=1)
    lms(*reconcile, "actor", "mbox mailto:a@b.example", code=2)
    lms(*reconcile, "activity", "x:y", code=2)
    lms(*reconcile, "activity", "x:y", "--take-back", code=1)
    lms(*reconcile, "activity", "x:y", "--module", "NONE", code=1)
    lms(*reconcile, "actor", "mbox mailto:a@b.example", "--take-back", code=1)
    ada = ("--organisation", "QUA", "--employee")
    assert "Name an actor" in lms(*reconcile, "actor", "Ada", *ada, "1", code=1).stderr
    assert "nobody with" in lms(*reconcile, "actor", "mbox mailto:a@b.example", *ada, "2", code=1).stderr
    assert "no statement" in lms(*reconcile, "set-aside", str(uuid4()), code=1).stderr
    lms(*reconcile, "accept", "one", code=2)
    assert "waits for" in lms(*reconcile, "show", "x:y", code=1).stderr
