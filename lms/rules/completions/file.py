"""Historic completions, as ``completions.csv`` states them (contract.md, Reference files)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from uuid import UUID, uuid5

from lms.rules.dates import LONDON
from lms.rules.reference_files import Line, Problem, day, whole, words, yes

FILE = "completions.csv"
COLUMNS = ("organisation", "employee_number", "module", "completed_on", "minutes", "success", "evidence")
REQUIRED = ("organisation", "employee_number", "module", "completed_on")
EARLIEST = date(1940, 1, 1)
_FACTS = UUID("5d0b1b0e-57a5-4a6f-9e0c-6a3a1e5a2c11")


@dataclass(frozen=True, slots=True)
class CompletionRow:
    """Somebody completed a module on a day. ``success`` is None where it was not assessed."""

    line: Line
    organisation: str
    employee_number: str
    module: str
    completed_on: date
    minutes: int | None
    success: bool | None
    evidence: str

    def statement_id(self, module_code: str) -> str:
        """The id of the statement that says this, the same whenever the row is read again."""
        cells = (
            *(self.organisation, self.employee_number, module_code, self.completed_on.isoformat()),
            *(str(self.minutes), str(self.success), self.evidence),
        )
        return str(uuid5(_FACTS, "\x1f".join(cells)))


def read(lines: Iterable[Line], today: date) -> tuple[list[CompletionRow], list[Problem]]:
    """The completions of a file, and everything that is wrong in it; the same row twice is one completion."""
    rows: dict[tuple[object, ...], CompletionRow] = {}
    problems: list[Problem] = []
    for line in lines:
        organisation = words(line, "organisation", problems, required=True, longest=64)
        number = words(line, "employee_number", problems, required=True, longest=64)
        module = words(line, "module", problems, required=True, longest=500)
        completed_on = _past_day(line, problems, today)
        minutes = whole(line, "minutes", problems, least=0, most=1_000_000)
        success = yes(line, "success", problems)
        evidence = words(line, "evidence", problems, longest=500)
        if completed_on is not None:
            row = CompletionRow(line, organisation, number, module, completed_on, minutes, success, evidence)
            rows.setdefault((organisation, number, module, completed_on, minutes, success, evidence), row)
    return list(rows.values()), problems


def _past_day(line: Line, problems: list[Problem], today: date) -> date | None:
    if not line["completed_on"]:
        problems.append(line.problem("completed_on", "a completion needs its day, such as 2026-06-30."))
        return None
    found = day(line, "completed_on", problems)
    if found is None:
        return None
    if found > today:
        problems.append(line.problem("completed_on", f"{found} is still to come. Correct the date."))
        return None
    if found < EARLIEST:
        problems.append(line.problem("completed_on", f"{found} is too long ago. Correct the date."))
        return None
    return found


def noon(completed_on: date) -> datetime:
    """The instant that stands for a day of which no time is known: noon in London."""
    return datetime.combine(completed_on, time(12), LONDON).astimezone(UTC)
