"""The matrix of a version or draft, read from the tables, and written out for a spreadsheet."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlmodel import Session, col, select

from lms.rules.training_map.matrix import (
    EVERYONE,
    Cell,
    MatrixLine,
    Section,
    sections,
    wider_than,
)
from lms.rules.training_map.rows import COLUMNS, RequirementRow, cells
from lms.rules.training_map.sentences import Names, sentence
from lms.services import organisations
from lms.services.job_roles import frameworks
from lms.spreadsheets.writing import write_csv, write_xlsx
from lms.tables.job_roles import JobRole, Level
from lms.tables.organisations import Organisation
from lms.tables.training_map import Module

__all__ = [
    "Cell",
    "Column",
    "Filters",
    "Matrix",
    "MatrixLine",
    "Section",
    "as_csv",
    "as_xlsx",
    "drawn",
    "names",
    "wider",
]


@dataclass(frozen=True, slots=True)
class Column:
    """A module across the top."""

    code: str
    title: str
    kind: str


@dataclass(frozen=True, slots=True)
class Filters:
    """What of the matrix is shown. ``organisation`` is a code, blank for the whole partnership."""

    organisation: str = ""
    family: str = ""
    kind: str = ""
    search: str = ""
    asked_only: bool = False


@dataclass(frozen=True, slots=True)
class Matrix:
    """A map on a day, as it is shown, and what it can be narrowed to."""

    on: date
    filters: Filters
    columns: Sequence[Column]
    sections: Sequence[Section]
    families: Sequence[str]
    kinds: Sequence[str]

    @property
    def lines(self) -> int:
        """How many lines there are."""
        return sum(len(one.lines) for one in self.sections)


def drawn(session: Session, rows: Sequence[RequirementRow], on: date, filters: Filters) -> Matrix:
    """The matrix of these rows on a day.

    :raises NotFound: when it is to be drawn for an organisation that does not exist.
    """
    places = _places(session, filters.organisation)
    roles = frameworks.roles(session)
    levels = list(session.exec(select(Level.name).order_by(col(Level.framework_id), col(Level.rank))))
    columns = [
        Column(one.code, one.title, one.kind) for one in session.exec(select(Module).order_by(Module.code))
    ]
    found = sections(rows, roles, levels, [one.code for one in columns], on, places=places)
    matrix = Matrix(
        on,
        filters,
        columns,
        found,
        sorted({role.family for role in roles if role.family}),
        sorted({one.kind for one in columns if one.kind}),
    )
    return _narrowed(matrix)


def wider(
    session: Session, rows: Sequence[RequirementRow], row: RequirementRow, on: date
) -> list[RequirementRow]:
    """What other rules ask of the same people on a day: the same module, more widely or at a place above."""
    places = set(_places(session, row.organisation or ""))
    keys = {(row.who, row.value), EVERYONE}
    if row.who == "role":
        for role in frameworks.roles(session):
            if role.code == row.value:
                keys |= set(wider_than(role))
    return [
        one
        for one in rows
        if one.module == row.module
        and one.identity != row.identity
        and (one.who, one.value) in keys
        and one.organisation in places
        and one.covers(on)
    ]


def names(session: Session) -> Names:
    """What roles, organisations and modules are called."""
    return Names(
        roles=dict(session.exec(select(JobRole.code, JobRole.name)).all()),
        organisations=dict(session.exec(select(Organisation.code, Organisation.name)).all()),
        modules=dict(session.exec(select(Module.code, Module.title)).all()),
    )


def as_csv(rows: Sequence[RequirementRow]) -> str:
    """The rows as ``training-map.csv``; loading them again changes nothing."""
    return write_csv([COLUMNS, *([cells(row)[column] for column in COLUMNS] for row in rows)])


def as_xlsx(matrix: Matrix, rows: Sequence[RequirementRow], named: Names, title: str) -> bytes:
    """Three sheets: the matrix, every row with the sentence it means, and what this is."""
    return write_xlsx(
        [
            (
                "Matrix",
                [
                    ["Who", "About", *(f"{one.code}: {one.title}" for one in matrix.columns)],
                    *(
                        [line.title, line.about, *(cell.short if cell else "" for cell in line.cells)]
                        for section in matrix.sections
                        for line in section.lines
                    ),
                ],
            ),
            (
                "Requirements",
                [
                    [*COLUMNS, "in words"],
                    *([*(cells(row)[name] for name in COLUMNS), sentence(row, named)] for row in rows),
                ],
            ),
            (
                "About",
                [
                    ["Training map", title],
                    ["As at", matrix.on],
                    ["Drawn for", matrix.filters.organisation or "the whole partnership"],
                    [
                        "36 m",
                        "again every 36 months; 'kept' keeps the anniversary; a day of the year is fixed",
                    ],
                    ["7.5 h / 24 m", "7.5 hours in any 24 months"],
                ],
            ),
        ]
    )


def _places(session: Session, code: str) -> list[str | None]:
    if not code:
        return [None]
    organisation = organisations.by_code(session, code)
    codes = dict(session.exec(select(Organisation.id, Organisation.code)).all())
    above = organisations.above(session, organisation.id or 0)
    return [*(codes[one] for one in above), None]


def _narrowed(matrix: Matrix) -> Matrix:
    filters = matrix.filters
    wanted = filters.search.casefold()

    def shown(line: MatrixLine) -> bool:
        return not wanted or wanted in line.title.casefold() or wanted in line.value.casefold()

    found = [
        Section(one.title, [line for line in one.lines if shown(line)])
        for one in matrix.sections
        if not filters.family or one.title == filters.family
    ]
    found = [one for one in found if one.lines]
    keep = [
        number
        for number, column in enumerate(matrix.columns)
        if (not filters.kind or column.kind == filters.kind)
        and (not filters.asked_only or any(line.cells[number] for one in found for line in one.lines))
    ]
    if len(keep) < len(matrix.columns):
        found = [
            Section(one.title, [replace(line, cells=[line.cells[n] for n in keep]) for line in one.lines])
            for one in found
        ]
    return replace(matrix, sections=found, columns=[matrix.columns[number] for number in keep])
