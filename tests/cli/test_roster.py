"""``lms roster`` from the outside: a refused list comes back with what it lacks."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lms import db
from lms.cli import main
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
