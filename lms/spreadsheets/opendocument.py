"""ODS, read row by row: the format repeats cells and rows by a number, which is also how its bombs are made."""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from functools import partial

from lms.errors import Invalid
from lms.spreadsheets import limits
from lms.spreadsheets.archives import Archive, damaged, protected, unpacked, whole
from lms.spreadsheets.facts import Cell, Merged, Row, Sheet
from lms.spreadsheets.markup import feed, local, parser

_SCIENTIFIC = re.compile(r"-?\d([.,]\d+)?E[+-]?\d+", re.IGNORECASE)
# As HR formats employee numbers.
_PADDED = re.compile(r"0\d+")
_NUMBERS = ("float", "percentage", "currency")
# Elements that hold text which is not the cell's own: comments, and drawings lying on the cell.
_ASIDE = ("annotation", "frame", "shapes", "custom-shape")


def sheets(archive: Archive) -> tuple[Sheet, ...]:
    """The sheets of an OpenDocument spreadsheet.

    :raises Invalid: for passwords and damage.
    """
    manifest = archive.find("META-INF/manifest.xml")
    if manifest and b"encryption-data" in whole(archive, manifest):
        raise protected(archive.filename)
    content = archive.find("content.xml")
    if not content:
        raise damaged(archive.filename)
    found, from_1904 = _tables(archive, content)
    if not found:
        raise Invalid(f"{archive.filename} holds no sheet. Upload the spreadsheet with the list in it.")
    merged: list[Merged] = [{} for _ in found]
    return tuple(
        Sheet(
            name,
            visible,
            partial(_bounded, archive, content, position, name, merged[position]),
            from_1904,
            merged=merged[position],
        )
        for position, (name, visible) in enumerate(found)
    )


def _tables(archive: Archive, content: str) -> tuple[list[tuple[str, bool]], bool]:
    """The sheets' names and whether they are shown; and whether dates count from 1904."""
    found: list[tuple[str, bool]] = []
    hidden: set[str] = set()
    state = {"style": "", "1904": ""}

    def start(name: str, attributes: dict[str, str]) -> None:
        match local(name):
            case "table-cell" | "p" | "table-row":
                return
            case "style":
                state["style"] = attributes.get("style:name", "")
            case "table-properties":
                if attributes.get("table:display") == "false":
                    hidden.add(state["style"])
            case "null-date":
                state["1904"] = attributes.get("table:date-value", "")
            case "table":
                shown = attributes.get("table:style-name", "") not in hidden
                found.append((attributes.get("table:name", ""), shown))

    reader = parser(archive.filename)
    reader.StartElementHandler = start
    for _ in feed(reader, unpacked(archive, content), archive.filename):
        pass
    return found, state["1904"].startswith("1904")


def _bounded(archive: Archive, content: str, position: int, name: str, merged: Merged) -> Iterator[Row]:
    return limits.bounded(_rows(archive, content, position, name, merged), f"The sheet “{name}”")


def _rows(archive: Archive, content: str, position: int, name: str, merged: Merged) -> Iterator[Row]:
    gathered: list[tuple[list[Cell], int, list[tuple[int, int]]]] = []
    reader = parser(archive.filename)
    table = _Table(position, lambda cells, times, tall: gathered.append((cells, times, tall)))
    reader.StartElementHandler, reader.EndElementHandler = table.start, table.end
    reader.CharacterDataHandler = table.text
    merged.clear()
    number, blank, merges = 0, 0, 0
    for _ in feed(reader, unpacked(archive, content), archive.filename):
        for cells, times, tall in gathered:
            if not cells:
                # Every writer repeats a blank row down to the end of the sheet: only what follows makes it count.
                blank += times
                continue
            for _ in range(min(blank, limits.BLANK_ROWS + 1)):
                number += 1
                yield number, ()
            blank = 0
            if tall:
                merges += len(tall)
                if merges > limits.MERGED:
                    raise limits.too_many_merged(f"The sheet “{name}”")
                merged[number + 1] = [(column, number + height) for column, height in tall]
            for _ in range(min(times, limits.ROWS + 1)):
                number += 1
                yield number, cells
        gathered.clear()
        if table.over:
            return


class _Table:
    """The state between the parser's calls; a class because three handlers share it."""

    def __init__(self, wanted: int, on_row: Callable[[list[Cell], int, list[tuple[int, int]]], None]) -> None:
        self.wanted, self.on_row = wanted, on_row
        self.position, self.depth, self.aside = -1, 0, 0
        self.over = False
        self.cells: list[Cell] = []
        # The row's cells that are merged with those below: position from 0, and how many rows they cover.
        self.tall: list[tuple[int, int]] = []
        self.row_times = self.cell_times = 1
        self.cell: dict[str, str] = {}
        self.parts: list[str] = []
        self.paragraphs, self.taking = 0, False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        kind = local(name)
        if kind == "table":
            self.depth += 1
            self.position += self.depth == 1
        if self.position != self.wanted or self.over:
            return
        if self.aside or kind in _ASIDE:
            self.aside += 1
        elif kind == "table-row":
            self.cells, self.tall = [], []
            self.row_times = _times(attributes.get("table:number-rows-repeated"))
        elif kind in ("table-cell", "covered-table-cell"):
            self.cell = {local(key): value for key, value in attributes.items()}
            self.cell_times = _times(attributes.get("table:number-columns-repeated"))
            self.parts, self.paragraphs = [], 0
        elif kind == "p":
            if self.paragraphs:
                self.parts.append("\n")
            self.paragraphs += 1
            self.taking = True
        elif kind == "s":
            self.parts.append(" " * min(_times(attributes.get("text:c")), 1_000))
        elif kind in ("tab", "line-break"):
            self.parts.append("\t" if kind == "tab" else "\n")

    def end(self, name: str) -> None:
        kind = local(name)
        if kind == "table":
            self.depth -= 1
            self.over = self.over or (self.depth == 0 and self.position == self.wanted)
        if self.position != self.wanted or self.over:
            return
        if self.aside:
            self.aside -= 1
        elif kind == "p":
            self.taking = False
        elif kind in ("table-cell", "covered-table-cell"):
            value = _value(self.cell, "".join(self.parts))
            if (
                "number-rows-spanned" in self.cell
                and (height := _times(self.cell["number-rows-spanned"])) > 1
            ):
                self.tall.append((len(self.cells), height))
            times = (
                self.cell_times if value != "" else min(self.cell_times, limits.COLUMNS + 1 - len(self.cells))
            )
            self.cells += [value] * max(0, min(times, limits.COLUMNS + 1))
        elif kind == "table-row":
            while self.cells and self.cells[-1] == "":
                self.cells.pop()
            self.on_row(self.cells, self.row_times, self.tall)

    def text(self, characters: str) -> None:
        if self.taking and not self.aside:
            self.parts.append(characters)


def _times(text: str | None) -> int:
    return int(text) if text and text.isdigit() else 1


def _value(cell: dict[str, str], shown: str) -> Cell:
    """The cell's value by its declared type; what a person sees where the two say different things."""
    kind = cell.get("value-type", "")
    if kind in _NUMBERS and "value" in cell:
        if _SCIENTIFIC.fullmatch(shown.strip()):
            return shown.strip()
        try:
            value = float(cell["value"])
        except ValueError:
            return shown
        return shown.strip() if _PADDED.fullmatch(shown.strip()) and float(shown) == value else value
    if kind == "date" and "date-value" in cell:
        return _moment(cell["date-value"]) or shown
    if kind == "boolean":
        return cell.get("boolean-value") == "true"
    return shown or cell.get("string-value", "")


def _moment(text: str) -> date | datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.date() if moment.time() == time() else moment.replace(tzinfo=None)
