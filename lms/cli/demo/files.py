"""The example as files, as HR and the trainers would bring it: they can be opened, changed and uploaded again."""

import csv
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from lms.cli.demo.past import Done
from lms.cli.demo.people import Worker

REFERENCE = Path(__file__).parent / "reference"
CAPTIONS = (
    "Employee Number",
    "First Name",
    "Last Name",
    "Email Address",
    "Position Title",
    "Team",
    "Start Date",
    "End Date",
    "Supervisor Employee Number",
    "Assignment Status",
)


def copy_reference(folder: Path) -> None:
    """The organisations, roles, titles, modules and the map."""
    shutil.copytree(REFERENCE, folder, dirs_exist_ok=True)


def write_list(path: Path, workers: Iterable[Worker]) -> None:
    """One organisation's role list."""
    rows = [
        (
            one.number,
            one.given,
            one.family,
            one.email,
            one.title,
            one.unit,
            one.starts.isoformat(),
            one.ends.isoformat() if one.ends else "",
            one.manager,
            one.status,
        )
        for one in workers
    ]
    _write(path, CAPTIONS, rows)


def write_completions(path: Path, done: Iterable[Done]) -> None:
    """``completions.csv`` of the contract."""
    columns = ("organisation", "employee_number", "module", "completed_on", "minutes", "success", "evidence")
    rows = [
        (one.organisation, one.number, one.module, one.day.isoformat(), str(one.minutes), "", one.evidence)
        for one in done
    ]
    _write(path, columns, rows)


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
