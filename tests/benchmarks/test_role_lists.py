"""What reading a role list costs beside the library that yields its cells, in one run."""

import random
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from lms import spreadsheets
from lms.rules import roster

pytestmark = pytest.mark.benchmark

ROWS = 100_000
AS_AT = date(2026, 5, 31)
CAPTIONS = ["Employee Number", "Assignment Number", "Last Name", "First Name", "Preferred Name", "Organisation", "Position", "Job", "Grade",
            "Assignment Category", "Assignment Status", "Primary Assignment", "Assignment Start Date", "Assignment End Date",
            "Email Address"]  # fmt: skip
READ_AND_WEIGH = """
import re, sys
from datetime import date
from pathlib import Path
from lms import spreadsheets
from lms.rules import roster
reading = roster.read(spreadsheets.read(Path(sys.argv[1])).sheets, as_at=date(2026, 5, 31))
# The peak of this process alone; getrusage would give the memory of the process it was forked from.
peak = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]
print(len(reading.rows), len(reading.errors), int(peak) // 1024)
"""


def person(number: int, chance: random.Random) -> list[Any]:
    family, given, title, unit = (chance.randrange(many) for many in (3000, 800, 400, 300))
    return [f"{20_000_000 + number}", f"{20_000_000 + number}", f"Family{family}", f"Given{given}", None, f"638 L5 Unit {unit}",
            f"{4_300_000 + number}|Title number {title}|N6A|Area {unit}|", "Nursing|Nurse", "NHS|XR05|Band 5", "Permanent",
            "Active Assignment", "Y", date(2005, 1, 1) + timedelta(chance.randrange(7000)), None, f"g{number}@trust.nhs.example"]  # fmt: skip


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("lists") / "list.xlsx"
    chance = random.Random(1)
    people = (person(number, chance) for number in range(ROWS))
    spreadsheets.write_xlsx([("Staff in Post", (row for rows in ([CAPTIONS], people) for row in rows))], path)
    return path


def spent(act: Callable[[], object]) -> float:
    """The processor's seconds, as other work on the machine is not what is measured."""
    start = time.process_time()
    act()
    return time.process_time() - start


def weighed(path: Path) -> tuple[int, int, int]:
    """Rows, errors, and the most memory in MB that a process of its own needed for reading a list."""
    done = subprocess.run(
        [sys.executable, "-c", READ_AND_WEIGH, str(path)], capture_output=True, text=True, check=True
    )
    rows, errors, megabytes = map(int, done.stdout.split())
    return rows, errors, megabytes


def test_reading_100_000_rows_costs_little_more_than_their_cells(workbook: Path) -> None:
    def cells() -> None:
        for _ in CalamineWorkbook.from_path(str(workbook)).get_sheet_by_index(0).iter_rows():
            pass

    def facts() -> None:
        assert len(roster.read(spreadsheets.read(workbook).sheets, as_at=AS_AT).rows) == ROWS

    bare = min(spent(cells) for _ in range(3))
    read = min(spent(facts) for _ in range(2))
    print(f"\n{ROWS} rows: cells {bare:.2f} s, what they mean {read:.2f} s = {read / bare:.1f} x the library")
    assert read <= 2 * bare + 3


def test_reading_100_000_rows_stays_within_memory(workbook: Path) -> None:
    rows, errors, megabytes = weighed(workbook)
    print(f"\n{rows} rows of a workbook: {megabytes} MB")
    assert (rows, errors) == (ROWS, 0)
    assert megabytes < 400


def test_a_text_of_300_megabytes_does_not_need_300_megabytes(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("Employee Number,Last Name,First Name,Job Title,Email,Notes\n")
        for number in range(ROWS):
            file.write(
                f"{20_000_000 + number},Family{number % 3000},Given,Title {number % 400},g{number}@x.example,{'x' * 3000}\n"
            )
    assert path.stat().st_size > 300 * 10**6
    rows, errors, megabytes = weighed(path)
    print(f"\n{rows} rows of text, {path.stat().st_size >> 20} MB: {megabytes} MB")
    assert (rows, errors) == (ROWS, 0)
    assert megabytes < 300
    path.unlink()
