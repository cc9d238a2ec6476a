"""Exemptions, as ``exemptions.csv`` states them: the class and the days, never a reason of health."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from lms.rules.reference_files import Line, Problem, choice, period, words

FILE = "exemptions.csv"
COLUMNS = ("organisation", "employee_number", "class", "from", "to")
REQUIRED = ("organisation", "employee_number", "class", "from")
CLASSES = ("away", "not applicable")


@dataclass(frozen=True, slots=True)
class ExemptionRow:
    """A person who is not counted from one day to another, both inclusive; without an end, until further notice."""

    line: Line
    organisation: str
    employee_number: str
    kind: str
    start: date | None
    end: date | None


def read(lines: Iterable[Line]) -> tuple[list[ExemptionRow], list[Problem]]:
    """The exemptions of a file; one person's of one class each start on another day."""
    rows: dict[tuple[str, str, str, date | None], ExemptionRow] = {}
    problems: list[Problem] = []
    for line in lines:
        start, end = period(line, problems)
        if not line["from"]:
            problems.append(line.problem("from", "an exemption needs its first day, such as 2026-06-30."))
        row = ExemptionRow(
            line,
            organisation=words(line, "organisation", problems, required=True, longest=64),
            employee_number=words(line, "employee_number", problems, required=True, longest=64),
            kind=choice(line, "class", problems, CLASSES),
            start=start,
            end=end,
        )
        first = rows.setdefault((row.organisation, row.employee_number, row.kind, row.start), row)
        if first.end != row.end:
            message = (
                f"row {first.line.row} has another end for the same person and day. Keep one of the two."
            )
            problems.append(line.problem("to", message))
    return list(rows.values()), problems
