"""The list as it came, with something added: numbers to fill in, or a column that says what is wrong with each row."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from lms.rules.roster.facts import Reading, SheetOfCells

NUMBER_CAPTION, PROBLEMS_CAPTION = "Employee number", "Problems"


def with_numbers(sheet: SheetOfCells, reading: Reading) -> Iterator[list[Any]]:
    """The rows of a list that lacks employee numbers, with a first column that holds one for each person."""
    for row, cells in sheet.rows():
        first = NUMBER_CAPTION if row == reading.header_row else reading.numbers_to_fill_in.get(row, "")
        yield [first, *cells]


def with_problems(sheet: SheetOfCells, reading: Reading) -> Iterator[list[Any]]:
    """The rows of a list, with a last column that says what is wrong: errors first, each with its column."""
    said: dict[int, list[str]] = defaultdict(list)
    general = []
    for problem in (*reading.errors, *reading.warnings):
        sentence = f"{problem.column}: {problem.message}" if problem.column else problem.message
        if problem.row is None or problem.row == reading.header_row or problem.sheet != reading.sheet:
            general.append(sentence)
        else:
            said[problem.row].append(sentence)
    width = 1 + max((column.position for column in reading.columns), default=0)
    width = max(width, len(reading.columns) + len(reading.not_read))
    for row, cells in sheet.rows():
        width = max(width, len(cells)) if row == reading.header_row else width
        added = (
            " ".join([PROBLEMS_CAPTION, *general])
            if row == reading.header_row
            else " ".join(said.get(row, ()))
        )
        yield [*cells[:width], *[""] * (width - len(cells)), added] if added else list(cells)


def sheet_of(sheets: tuple[SheetOfCells, ...], reading: Reading) -> SheetOfCells:
    """The sheet that was read."""
    return next(sheet for sheet in sheets if sheet.name == reading.sheet)
