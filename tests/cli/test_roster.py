"""``lms roster`` from the outside: a refused list comes back with what it lacks."""

import json
import os
import pty
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from lms import clock, db
from lms.cli import main
from lms.rules.roster.dates import NOT_OF_A_LIST
from lms.tables.job_roles import JobRole
from lms.tables.organisations import Organisation
from tests.rosters import files
from tests.rosters.lists import CAPTIONS, row


@pytest.fixture(autouse=True)
def _organisation(sqlite_url: str) -> None:
    with db.transaction() as session:
        session.add(Organisation(code="NET-VCS", name="Lantern House"))


def run(verb: str, path: Path, *more: str) -> Result:
    return CliRunner().invoke(
        main, ["roster", verb, str(path), "--organisation", "NET-VCS", "--as-at", "2026-05-31", *more]
    )


def given(folder: Path, content: bytes) -> Path:
    path = folder / "staff.xlsx"
    path.write_bytes(content)
    return path


WITHOUT_NUMBERS = files.xlsx([["Name", "Role"], ["Jane Smith", "Nurse"], ["Bob Hay", "CEO"]])


def test_a_list_without_numbers_comes_back_with_numbers_and_is_then_taken(tmp_path: Path) -> None:
    path = given(tmp_path, WITHOUT_NUMBERS)
    checked = run("check", path, "--json")
    assert (checked.exit_code, [one["code"] for one in json.loads(checked.stdout)["errors"]]) == (
        1,
        ["no_number_column"],
    )
    assert list(tmp_path.iterdir()) == [path] or not list(tmp_path.glob("*-with-numbers.xlsx")), (
        "check writes nothing"
    )
    assert "--copy" in checked.stderr
    refused = run("apply", path)
    copy = tmp_path / "staff-with-numbers.xlsx"
    assert (refused.exit_code, copy.exists()) == (1, True)
    assert str(copy) in refused.stderr
    taken = run("apply", copy, "--json")
    assert (taken.exit_code, json.loads(taken.stdout)["joiners"]) == (0, 2)


def test_a_list_with_mistakes_comes_back_with_them_where_asked(tmp_path: Path) -> None:
    path = given(tmp_path, files.xlsx([CAPTIONS, row("7", start="31/02/2024"), row("8")]))
    copy = tmp_path / "back.xlsx"
    assert run("check", path, "--copy", str(copy)).exit_code == 1
    again = run("check", copy, "--json", "--copy", str(copy))
    assert [one["code"] for one in json.loads(again.stdout)["errors"]] == ["date_impossible"]
    assert "cannot be written" in again.stderr, "a file that is there is left alone"


TWO_LISTS = {"Nurses": [CAPTIONS, row("7"), row("8")], "Porters": [CAPTIONS, row("9", title="Porter")]}


@pytest.mark.parametrize("make", [files.xlsx, files.xls, files.ods])
def test_the_sheet_to_read_can_be_named(tmp_path: Path, make: Callable[..., bytes]) -> None:
    path = given(tmp_path, make(TWO_LISTS))
    usual = json.loads(run("check", path, "--json").stdout)
    assert (usual["sheet"], usual["sheets"], usual["people"]) == ("Nurses", ["Nurses", "Porters"], 2)
    assert [one["code"] for one in usual["warnings"]] == ["sheet_not_read"]
    named = json.loads(run("apply", path, "--sheet", "porters", "--json").stdout)
    assert (named["sheet"], named["people"], named["warnings"]) == ("Porters", 1, [])


@pytest.mark.parametrize("make", [files.xlsx, files.xls, files.ods])
def test_a_sheet_that_is_not_there_is_refused_with_the_names_of_those_that_are(
    tmp_path: Path, make: Callable[..., bytes]
) -> None:
    path = given(tmp_path, make(TWO_LISTS))
    for verb in ("check", "apply"):
        refused = run(verb, path, "--sheet", "Cooks")
        assert refused.exit_code == 1
        assert "There is no sheet called “Cooks”. The file has: Nurses, Porters." in refused.stderr


def test_a_hidden_sheet_is_read_when_it_is_named(tmp_path: Path) -> None:
    path = given(tmp_path, files.xlsx(TWO_LISTS, hidden=["Porters"]))
    assert json.loads(run("check", path, "--json").stdout)["warnings"] == []
    assert json.loads(run("check", path, "--sheet", "Porters", "--json").stdout)["people"] == 1


def test_a_list_of_a_day_to_come_is_refused(tmp_path: Path) -> None:
    path = given(tmp_path, files.xlsx([CAPTIONS, row("7")]))
    day = clock.today() + timedelta(days=1)
    for verb in ("check", "apply"):
        refused = run(verb, path, "--as-at", day.isoformat())
        assert (refused.exit_code, NOT_OF_A_LIST in refused.stderr) == (1, True)
    assert run("apply", path, "--as-at", clock.today().isoformat()).exit_code == 0


def test_one_is_said_in_the_singular(tmp_path: Path) -> None:
    said = run("check", given(tmp_path, files.xlsx([CAPTIONS, row("7")]))).stdout
    assert said.startswith(
        "1 person in 1 row, 0 vacant posts skipped.\n1 joiner, 0 leavers, 0 movers, 0 changed"
    )


def test_people_without_a_title_are_counted_in_words(tmp_path: Path) -> None:
    said = run("check", given(tmp_path, files.xlsx([CAPTIONS, row("7", title=""), row("8", title="#REF!")])))
    assert "Not mapped to a role: no job title (2)" in said.stdout


def long_work(path: Path, **streams: Any) -> "subprocess.CompletedProcess[bytes]":
    command = [sys.executable, "-m", "lms", "roster", "check", str(path), "--organisation", "NET-VCS"]
    return subprocess.run(command, timeout=120, check=True, stdout=subprocess.PIPE, **streams)


def test_a_title_that_waits_comes_with_the_name_of_the_role_it_may_mean(tmp_path: Path) -> None:
    with db.transaction() as session:
        session.add(JobRole(code="R12", name="Staff nurse", family="Nursing"))
    path = given(
        tmp_path, files.xlsx([CAPTIONS, row(title="Staff nurse (nights)"), row("8", title="Zither")])
    )
    said = run("check", path)
    assert "Not mapped to a role: Staff nurse (nights) (1), perhaps Staff nurse (R12, " in said.stdout
    assert "Not mapped to a role: Zither (1)\n" in said.stdout
    (first, _) = json.loads(run("check", path, "--json").stdout)["titles"]["unmapped"]
    assert first["suggestion"] == "R12", "a script gets the code"


def test_a_terminal_shows_how_far_it_is_and_a_pipe_does_not(tmp_path: Path) -> None:
    path = given(tmp_path, files.xlsx([CAPTIONS, *(row(str(number)) for number in range(1000, 3200))]))
    terminal, end = pty.openpty()
    drawn: list[bytes] = []
    drain = threading.Thread(target=lambda: drawn.extend(iter(partial(read_terminal, terminal), b"")))
    drain.start()
    said = long_work(path, stderr=end).stdout
    os.close(end)
    drain.join(30)
    os.close(terminal)
    shown = b"".join(drawn).decode()
    assert "Reading" in shown
    assert "2000/2200" in shown
    assert b"Reading" not in said
    piped = long_work(path, stderr=subprocess.PIPE)
    assert b"Reading" not in piped.stdout + piped.stderr


def read_terminal(terminal: int) -> bytes:
    """What was drawn since; nothing when whoever drew has gone."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


def exported(*more: str, code: int = 0) -> Result:
    found = CliRunner().invoke(main, ["roster", "export", "--organisation", "NET-VCS", *more])
    assert found.exit_code == code, found.output
    return found


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_an_exported_list_changes_nothing_when_it_is_applied(tmp_path: Path, ending: str) -> None:
    rows = [row("0012", given="=1+1", family="O'Brien"), row("0013", title="Porter", status="Maternity")]
    assert run("apply", given(tmp_path, files.xlsx([CAPTIONS, *rows]))).exit_code == 0
    path = tmp_path / f"export.{ending}"
    assert "2 rows are in" in exported("-o", str(path)).stderr
    for verb in ("check", "apply"):
        report = json.loads(run(verb, path, "--covers", "all", "--json").stdout)
        kinds = ("joiners", "leavers", "movers", "changed", "unchanged", "errors")
        assert [report[kind] for kind in kinds] == [0, 0, 0, 0, 2, []]


def test_an_export_goes_to_standard_output_and_replaces_no_file(tmp_path: Path) -> None:
    path = given(tmp_path, files.xlsx([CAPTIONS, row("0012")]))
    assert "nothing to export" in exported(code=1).stderr
    assert run("apply", path).exit_code == 0
    assert exported().stdout.startswith("Employee number,")
    assert exported("--format", "xlsx").stdout_bytes.startswith(b"PK")
    assert "is there already" in exported("-o", str(path), code=1).stderr
    assert "or say --format" in exported("-o", str(tmp_path / "list"), code=1).stderr


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"%PDF-1.7", "PDF"),
        (b"", "is empty"),
        (files.with_password_flag(WITHOUT_NUMBERS), "password"),
        (files.text([CAPTIONS]), "nobody below"),
        (files.text([CAPTIONS, row("7", family="a\0b")]), "row 2, column Last Name"),
        (files.text([CAPTIONS, row("2.13E+07")]), "scientific notation"),
        (files.text([CAPTIONS, row("7", start="30/02/2024")]), "does not exist"),
    ],
)
def test_bad_input_is_a_sentence_and_exit_1(tmp_path: Path, content: bytes, words: str) -> None:
    path = given(tmp_path, content)
    for verb in ("check", "apply"):
        found = run(verb, path)
        assert found.exit_code == 1
        assert words in found.stderr
        assert "Traceback" not in found.output


def test_a_terminal_shows_a_few_warnings_of_a_kind_and_a_script_gets_all(tmp_path: Path) -> None:
    rows = [row(str(1000 + number), email="elsewhere", start="01/02/1930") for number in range(13)]
    path = given(tmp_path, files.xlsx([CAPTIONS, *rows, row("7", start="31/02/2024")]))
    said = run("check", path).stderr.splitlines()
    for column in ("Email", "Start Date"):
        shown = [line for line in said if re.match(rf"Warning: .*, column {column}: ", line)]
        assert [int(re.findall(r"row (\d+)", line)[0]) for line in shown] == list(range(2, 12))
    assert said.count("  … and 3 more of these; --json prints them all.") == 2
    assert said[-2] == "The list has errors. Nothing was written."
    assert "row 15, column Start Date: This date does not exist." in said[-1]
    assert len(json.loads(run("check", path, "--json").stdout)["warnings"]) == 26


@pytest.mark.parametrize("verb", ["check", "apply"])
def test_rows_that_are_left_out_are_said_with_what_is_wrong_with_them(tmp_path: Path, verb: str) -> None:
    path = given(tmp_path, files.xlsx([CAPTIONS, row("7"), row("8", start="31/02/2024")]))
    found = run(verb, path, "--only-good-rows")
    assert found.exit_code == 0
    (said,) = found.stderr.splitlines()
    assert said.startswith("Row left out: ")
    assert "row 3, column Start Date: This date does not exist." in said


def test_a_brake_is_among_the_errors_of_an_apply_though_bad_rows_are_left_out(tmp_path: Path) -> None:
    everybody = given(tmp_path, files.xlsx([CAPTIONS, *(row(str(number)) for number in range(1, 10))]))
    assert run("apply", everybody, "--covers", "all").exit_code == 0
    few = given(tmp_path, files.xlsx([CAPTIONS, row("1"), row("2", start="31/02/2024")]))
    found = run("apply", few, "--covers", "all", "--only-good-rows", "--as-at", "2026-06-01", "--json")
    assert found.exit_code == 1
    assert [one["code"] for one in json.loads(found.stdout)["errors"]] == ["date_impossible", "many_leavers"]


def test_who_goes_away_and_who_is_back_is_said_and_never_why(tmp_path: Path) -> None:
    first = given(tmp_path, files.xlsx([CAPTIONS, row("7", status="Maternity leave"), row("8")]))
    assert "1 post becomes away, 0 are back. The reason is not kept." in run("apply", first).stdout
    second = given(tmp_path, files.xlsx([CAPTIONS, row("7", status="Active"), row("8")]))
    said = run("check", second, "--as-at", "2026-06-01").stdout
    assert "0 posts become away, 1 is back." in said
    assert "aternity" not in said
