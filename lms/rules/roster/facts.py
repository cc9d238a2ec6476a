"""The shapes of a role list: what is asked of it, what a row says, and what reading it found."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

# How far something long is: what is being done, how much of it, and of how much where that is known.
Told = Callable[[str, int, int | None], None]


class Field(StrEnum):
    """What a column can mean. Every other column is dropped unread."""

    NUMBER = "number"
    REFERENCE = "reference"
    NAME = "name"
    GIVEN = "given"
    FAMILY = "family"
    KNOWN_AS = "known_as"
    TITLE = "title"
    UNIT = "unit"
    EMAIL = "email"
    START = "start"
    END = "end"
    STATUS = "status"
    CATEGORY = "category"
    MAIN = "main"
    MANAGER = "manager"


# Beside the fields, what is decided about an organisation's lists may name the sheet that is read.
SHEET = "sheet"


# Of the fields a row empties, the one that a whole list may: SAP writes 31/12/9999 beside everybody.
NO_END = frozenset((Field.END,))


class Status(StrEnum):
    """What an HR status amounts to."""

    IN_POST = "in_post"
    AWAY = "away"
    LEFT = "left"


class SheetOfCells(Protocol):
    """A sheet as ``lms.spreadsheets`` gives it."""

    @property
    def name(self) -> str: ...
    @property
    def visible(self) -> bool: ...
    @property
    def dates_from_1904(self) -> bool: ...
    @property
    def delimited(self) -> bool: ...
    @property
    def rows(self) -> Callable[[], Iterator[tuple[int, Sequence[Any]]]]: ...
    @property
    def nul_cells(self) -> set[tuple[int, int]]: ...
    @property
    def merged(self) -> Mapping[int, Sequence[tuple[int, int]]]: ...


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in one place, and what to do. ``row`` is the number a person sees in Excel."""

    sheet: str | None
    row: int | None
    column: str | None
    value: str
    code: str
    message: str

    def __str__(self) -> str:
        place = [
            f"sheet {self.sheet}" if self.sheet else "",
            f"row {self.row}" if self.row is not None else "",
            f"column {self.column}" if self.column else "",
        ]
        return ": ".join(filter(None, [", ".join(filter(None, place)), self.message]))


class RowFact(NamedTuple):
    """One row about a person: one post. A tuple rather than a dataclass, as a list has a hundred thousand.

    None and the empty title mean blank, which changes nothing; ``cleared`` names the fields to be emptied.
    ``units`` runs from the top of the organisation down. ``main`` is None where the list does not say.
    """

    row: int
    number: str
    reference: str | None
    given: str
    family: str
    known_as: str | None
    title: str
    units: tuple[str, ...]
    email: str | None
    start: date | None
    end: date | None
    status: Status | None
    main: bool | None
    bank: bool | None
    manager: str | None
    cleared: frozenset[Field]


class BadRow(NamedTuple):
    """A row with an error, and as much as is known of whom it is about."""

    row: int
    number: str | None
    name_key: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is read: its meaning, its caption as written, and its position from 0."""

    field: Field
    caption: str
    position: int


@dataclass(frozen=True, slots=True)
class KnownOrganisation:
    """What is stored of an organisation as far as reading a list needs it."""

    numbers: frozenset[str] = frozenset()
    number_of_email: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a role list says, and everything that is wrong with it.

    ``sheets`` are the names of the sheets that can be seen, in their order. ``rows`` are the good rows, ``bad`` the ones with errors, ``repeated`` the number of rows that say what another
    says; ``row_count`` and ``people`` count them all.
    ``skipped`` are vacant posts; ``left_out`` are titles, footers, subtotals and repeated headers with their row.
    ``numbered_by_email``: the list has no employee numbers and its e-mail addresses serve as such.
    ``numbers_to_fill_in``: for a list refused because it lacks numbers, a number for each row.
    """

    as_at: date
    sheet: str | None = None
    sheets: tuple[str, ...] = ()
    header_row: int | None = None
    columns: tuple[Column, ...] = ()
    not_read: tuple[str, ...] = ()
    rows: tuple[RowFact, ...] = ()
    bad: tuple[BadRow, ...] = ()
    repeated: int = 0
    people: int = 0
    skipped: int = 0
    left_out: tuple[tuple[int, str], ...] = ()
    errors: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    numbered_by_email: bool = False
    numbers_to_fill_in: Mapping[int, str] = field(default_factory=dict)

    @property
    def row_count(self) -> int:
        """The rows about a person, good, bad and repeated."""
        return len(self.rows) + len(self.bad) + self.repeated
