"""Reading a reference file: its columns, its cells, and every problem at once (contract.md, Reference files)."""

import csv
import io
import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from difflib import get_close_matches

LONGEST_CELL = 100_000
ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
# What we write ourselves has an apostrophe before what a spreadsheet program would run as a formula.
GUARDED = re.compile(r"'[\s']*[=+\-@\t\r\n＝＋－＠]")
PLAIN_NUMBER = re.compile(r"\d{1,9}(\.\d{1,6})?")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in one place and what to do. ``row`` counts as a spreadsheet does, the header being row 1."""

    file: str
    row: int | None
    column: str | None
    value: str
    message: str

    def __str__(self) -> str:
        place = [self.file]
        if self.row is not None:
            place.append(f"row {self.row}")
        if self.column is not None:
            place.append(f"column {self.column}")
        return f"{', '.join(place)}: {self.message}"


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a reference file: where it stands, and its cells by column, trimmed."""

    file: str
    row: int | None
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def problem(self, column: str | None, message: str) -> Problem:
        """Something wrong in this row."""
        return Problem(self.file, self.row, column, self[column][:200] if column else "", message)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What loading one file did, or what kept it from being loaded."""

    file: str
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = field(default=())


def lines(
    file: str, content: bytes, columns: Sequence[str], required: Collection[str]
) -> tuple[list[Line], list[Problem]]:
    """The rows of a CSV file in UTF-8 with a header row, columns in any order; blank rows are left out."""

    def refused(message: str, row: int | None = None) -> tuple[list[Line], list[Problem]]:
        return [], [Problem(file, row, None, "", message)]

    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return refused("this is not UTF-8 text. In a spreadsheet, save it as 'CSV UTF-8'.")
    if "\0" in text:
        return refused(
            "the file holds NUL bytes, so it is damaged or not a CSV file. Export it again as CSV."
        )
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[list[str]] = []
    try:
        rows.extend(reader)
    except csv.Error as error:
        return refused(f"the row cannot be read as CSV ({error}). Check its quotation marks.", len(rows) + 1)
    if not rows or not any(cell.strip() for cell in rows[0]):
        return refused(f"the first row has to name the columns: {', '.join(columns)}.")
    header = [_trimmed(cell).lower() for cell in rows[0]]
    while header and not header[-1]:
        header.pop()
    if problems := _header_problems(file, header, columns, required):
        return [], problems
    return _body(file, header, rows[1:])


def _header_problems(
    file: str, header: list[str], columns: Sequence[str], required: Collection[str]
) -> list[Problem]:
    if len(header) == 1 and ";" in header[0]:
        return [
            Problem(file, 1, None, "", "the columns are separated by semicolons. Separate them by commas.")
        ]
    problems = []
    for name in dict.fromkeys(header):
        if name not in columns:
            shown = f"'{name}'" if name else "without a name"
            message = f"there is no column {shown} in this file.{suggestion(name, columns)} Known are: "
            problems.append(Problem(file, 1, name, name, message + ", ".join(columns) + "."))
        elif header.count(name) > 1:
            problems.append(
                Problem(file, 1, name, name, "the column stands there twice. Remove one of them.")
            )
    missing = [name for name in columns if name in required and name not in header]
    if missing:
        problems.append(Problem(file, 1, None, "", f"missing: {', '.join(missing)}. Add to the first row."))
    return problems


def _body(file: str, header: list[str], rows: list[list[str]]) -> tuple[list[Line], list[Problem]]:
    read, problems = [], []
    for number, row in enumerate(rows, start=2):
        cells = [_trimmed(cell) for cell in row]
        if not any(cells):
            continue
        if any(cells[len(header) :]):
            message = (
                f"the row has {len(cells)} cells, the first row {len(header)}. Put quotation marks around "
            )
            problems.append(Problem(file, number, None, "", message + "a cell that holds a comma."))
            continue
        if any(len(cell) > LONGEST_CELL for cell in cells):
            problems.append(Problem(file, number, None, "", "a cell is far too long. Shorten it."))
            continue
        read.append(Line(file, number, dict(zip(header, cells, strict=False))))
    return read, problems


def _trimmed(cell: str) -> str:
    plain = cell[1:] if GUARDED.match(cell) else cell
    return unicodedata.normalize("NFC", plain).strip()


# --- Cells ----------------------------------------------------------------------------------------------


def words(
    line: Line, column: str, problems: list[Problem], *, required: bool = False, longest: int = 200
) -> str:
    """A cell of text."""
    value = line[column]
    if required and not value:
        problems.append(line.problem(column, "this cell may not be blank."))
    if len(value) > longest:
        message = f"this cell has {len(value)} characters; at most {longest} are kept. Shorten it."
        problems.append(line.problem(column, message))
        return value[:longest]
    return value


def whole(line: Line, column: str, problems: list[Problem], *, least: int, most: int) -> int | None:
    """A whole number within bounds, or None for a blank cell."""
    value = line[column]
    if not value:
        return None
    # A spreadsheet writes 36.0 for 36.
    digits = re.sub(r"\.0+$", "", value)
    if digits.isascii() and digits.isdigit() and least <= int(digits[:12]) <= most and len(digits) < 12:
        return int(digits)
    problems.append(line.problem(column, f"'{value[:50]}' is not a whole number from {least} to {most}."))
    return None


def decimal(line: Line, column: str, problems: list[Problem], *, most: int) -> Decimal | None:
    """A number above 0 with a decimal point, or None for a blank cell."""
    value = line[column]
    if not value:
        return None
    if PLAIN_NUMBER.fullmatch(value) and 0 < Decimal(value) <= most:
        return Decimal(value).normalize()
    message = f"'{value[:50]}' is not a number above 0 and up to {most}, such as 6 or 7.5."
    problems.append(line.problem(column, message))
    return None


def day(line: Line, column: str, problems: list[Problem]) -> date | None:
    """A date written as 2026-06-30, or None for a blank cell."""
    value = line[column]
    if not value:
        return None
    if not ISO_DAY.fullmatch(value):
        message = f"'{value[:50]}' is not a date. Write year-month-day, such as 2026-06-30."
        problems.append(line.problem(column, message))
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        problems.append(line.problem(column, f"there is no {value}. Correct the date."))
        return None


def period(line: Line, problems: list[Problem]) -> tuple[date | None, date | None]:
    """The columns ``from`` and ``to``, both days inclusive and a blank one open."""
    start, end = day(line, "from", problems), day(line, "to", problems)
    if start and end and start > end:
        problems.append(
            line.problem("to", f"it ends on {end} before it starts on {start}. Correct one of them.")
        )
    return start, end


def yes(line: Line, column: str, problems: list[Problem]) -> bool | None:
    """yes or no, or None for a blank cell."""
    value = line[column].lower()
    if value not in ("", "yes", "no"):
        problems.append(line.problem(column, f"'{value[:50]}' is neither yes nor no."))
    return {"yes": True, "no": False}.get(value)


def choice(
    line: Line, column: str, problems: list[Problem], among: Sequence[str], *, blank: str | None = None
) -> str:
    """One of a few words; a blank cell is ``blank``, or a problem where there is none."""
    value = " ".join(line[column].lower().split())
    if not value and blank is not None:
        return blank
    if value in among:
        return value
    shown = f"'{line[column][:50]}' is not known" if value else "this cell may not be blank"
    problems.append(line.problem(column, f"{shown}. Write one of: {', '.join(among)}."))
    return among[0] if blank is None else blank


def parts(line: Line, column: str) -> tuple[str, ...]:
    """A list inside a cell, separated by ``|``, each part once."""
    return tuple(dict.fromkeys(part.strip() for part in line[column].split("|") if part.strip()))


def suggestion(name: str, known: Collection[str]) -> str:
    """`` Did you mean …?`` where something known looks like it, else nothing."""
    folded = {one.casefold(): one for one in known}
    close = get_close_matches(name.casefold(), list(folded), n=1, cutoff=0.7)
    return f" Did you mean '{folded[close[0]]}'?" if close else ""
