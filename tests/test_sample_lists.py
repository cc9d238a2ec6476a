"""The sample lists of two months load one after the other, and give exactly what was worked out by hand."""

import json
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from lms.cli import main

SAMPLE = Path(__file__).parent / "rosters" / "sample"
PLAN = json.loads((SAMPLE / "plan.json").read_text())
EXPECTED = json.loads((SAMPLE / "expected.json").read_text())
PEOPLE = ("rows", "people", "posts", "joiners", "leavers", "movers", "changed", "unchanged", "skipped")
BY_FILE = {one["file"]: one for one in EXPECTED["lists"]}


def run(*arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(main, list(arguments))
    assert result.exit_code == code, (result.output, result.exception)
    return result


def run_json(*arguments: str) -> Any:
    return json.loads(run(*arguments, "--json").stdout)


def load(names: list[str], folder: Path) -> None:
    folder.mkdir()
    for name in names:
        shutil.copy(SAMPLE / "reference" / name, folder / name)
    run("load", str(folder))


@pytest.fixture
def applied(database: str, tmp_path: Path) -> list[dict[str, Any]]:
    """Everything of plan.json, step by step; the report of each list as it was applied."""
    reports = []
    for number, step in enumerate(PLAN["steps"]):
        if "load" in step:
            load(step["load"], tmp_path / str(number))
        if "command" in step:
            _, *arguments = shlex.split(step["command"])
            arguments[2] = str(SAMPLE / arguments[2])
            checked = run_json(*["check" if one == "apply" else one for one in arguments])
            report = run_json(*arguments)
            assert checked["applied"] is False
            assert report["applied"] is True
            assert {key: checked[key] for key in PEOPLE} == {key: report[key] for key in PEOPLE}
            reports.append(report | {"file": step["command"].split()[3]})
    return reports


def test_every_list_and_the_coverage_are_as_worked_out_by_hand(applied: list[dict[str, Any]]) -> None:
    for report in applied:
        expected = BY_FILE[report["file"]]
        assert {key: report[key] for key in PEOPLE} == {key: expected[key] for key in PEOPLE}, report["file"]
        assert report["errors"] == expected["errors"]
        unmapped = [{"title": one["title"], "count": one["count"]} for one in report["titles"]["unmapped"]]
        assert sorted(unmapped, key=lambda one: one["title"]) == expected["unmapped_titles"]
    expected = EXPECTED["coverage_2026-06-30"]
    found = run_json("coverage", "--as-at", "2026-06-30")
    for key in ("as_at", "published_or_recomputed", "disclosure", "rows"):
        assert found[key] == expected[key]
    again = {"staff_trained_people": "staff_trained_count", "staff_trained_of": "staff_counted"}
    for one, other in zip(found["organisations"], expected["organisations"], strict=True):
        assert {again.get(key, key): value for key, value in other.items()}.items() <= one.items()


def test_people_with_two_employers_are_linked_by_their_work_email(applied: list[dict[str, Any]]) -> None:
    for link in next(step["links"] for step in PLAN["steps"] if "links" in step):
        persons = set()
        for employment in link["employments"]:
            rows = run_json(
                "standing",
                "--organisation",
                employment["organisation"],
                "--employee",
                employment["employee_number"],
            )
            persons |= {row["person"].casefold() for row in rows}
        assert len(persons) == 1
