"""Role lists for tests: made of rows of words, read as a file or straight from cells."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from lms import spreadsheets
from lms.rules import roster
from lms.rules.roster import KnownOrganisation, Reading

AS_AT = date(2026, 5, 31)
CAPTIONS = [
    "Employee Number",
    "Last Name",
    "First Name",
    "Job Title",
    "Email",
    "Start Date",
    "End Date",
    "Status",
]


def row(
    number: Any = "21000013",
    family: Any = "Smith",
    given: Any = "Jane",
    title: Any = "Nurse",
    email: Any = None,
    start: Any = "01/04/2024",
    end: Any = None,
    status: Any = "Active",
) -> list[Any]:
    """One row under ``CAPTIONS``; every number has an address of its own."""
    own = "".join(filter(str.isalnum, str(number))) or "nobody"
    return [
        number,
        family,
        given,
        title,
        f"{own}@trust.example" if email is None else email,
        start,
        end,
        status,
    ]


@dataclass(frozen=True)
class Cells:
    """A sheet of cells without a file."""

    cells: Sequence[Sequence[Any]]
    name: str = "List"
    visible: bool = True
    dates_from_1904: bool = False
    delimited: bool = False
    nul_cells: set[tuple[int, int]] = field(default_factory=set)
    merged: Mapping[int, Sequence[tuple[int, int]]] = field(default_factory=dict)

    def rows(self) -> Iterator[tuple[int, Sequence[Any]]]:
        return enumerate(self.cells, 1)


def read(
    *rows: Sequence[Any],
    captions: Sequence[Any] = CAPTIONS,
    known: KnownOrganisation | None = None,
    columns: Mapping[str, str | None] | None = None,
    as_at: date = AS_AT,
) -> Reading:
    """Reads rows under captions."""
    return read_cells([captions, *rows], known=known, columns=columns, as_at=as_at)


def read_cells(
    cells: Sequence[Sequence[Any]],
    *,
    known: KnownOrganisation | None = None,
    columns: Mapping[str, str | None] | None = None,
    as_at: date = AS_AT,
    from_1904: bool = False,
) -> Reading:
    """Reads a sheet from its first cell on."""
    sheets = [Cells(cells, dates_from_1904=from_1904)]
    return roster.read(sheets, as_at=as_at, known=known or KnownOrganisation(), columns=columns)


def read_file(content: bytes, as_at: date = AS_AT) -> Reading:
    """Reads a file."""
    return roster.read(spreadsheets.read(content, "list").sheets, as_at=as_at)


def errors(reading: Reading) -> list[tuple[int | None, str | None, str]]:
    """Where and what the errors are."""
    return [(problem.row, problem.column, problem.code) for problem in reading.errors]


def warnings(reading: Reading) -> list[tuple[int | None, str | None, str]]:
    """Where and what the warnings are."""
    return [(problem.row, problem.column, problem.code) for problem in reading.warnings]
