"""Very large XLSX sheets, one row in memory at a time."""

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta

from lms.spreadsheets import limits
from lms.spreadsheets.archives import Archive, unpacked
from lms.spreadsheets.facts import Cell, Row
from lms.spreadsheets.markup import feed, local, parser
from lms.spreadsheets.styles import Styles
from lms.spreadsheets.survey import column_of

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_TEXT_TYPES = ("s", "str", "inlineStr", "e", "d")


def rows(archive: Archive, path: str, styles: Styles, *, from_1904: bool) -> Iterator[Row]:
    """The rows of one worksheet; gaps between rows are given as blank rows, as Excel would count them."""
    shared = shared_strings(archive)
    gathered: list[Row] = []
    reader = parser(archive.filename)
    sheet = _Sheet(shared, styles, gathered.append, from_1904=from_1904)
    reader.StartElementHandler, reader.EndElementHandler = sheet.start, sheet.end
    reader.CharacterDataHandler = sheet.text
    last = 0
    for _ in feed(reader, unpacked(archive, path), archive.filename):
        for number, cells in gathered:
            for blank in range(last + 1, min(number, last + limits.BLANK_ROWS + 2)):
                yield blank, ()
            yield number, cells
            last = number
        gathered.clear()


def shared_strings(archive: Archive) -> list[str]:
    """The texts that cells refer to by number; the reading aids of East Asian text are left out."""
    path = archive.find("xl/sharedStrings.xml")
    if not path:
        return []
    found: list[str] = []
    parts: list[str] = []
    state = {"text": False, "aid": False}

    def start(name: str, _: dict[str, str]) -> None:
        match local(name):
            case "si":
                parts.clear()
            case "rPh":
                state["aid"] = True
            case "t":
                state["text"] = not state["aid"]

    def end(name: str) -> None:
        match local(name):
            case "si":
                found.append(unescaped("".join(parts)))
            case "rPh":
                state["aid"] = False
            case "t":
                state["text"] = False

    def text(characters: str) -> None:
        if state["text"]:
            parts.append(characters)

    reader = parser(archive.filename)
    reader.StartElementHandler, reader.EndElementHandler, reader.CharacterDataHandler = start, end, text
    for _ in feed(reader, unpacked(archive, path), archive.filename):
        pass
    return found


def unescaped(text: str) -> str:
    """Excel writes characters that XML forbids as ``_x000D_``."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


class _Sheet:
    """The state between the parser's calls; a class because four handlers share it."""

    def __init__(
        self, shared: list[str], styles: Styles, on_row: Callable[[Row], None], *, from_1904: bool
    ) -> None:
        self.shared, self.styles, self.on_row = shared, styles, on_row
        self.epoch = datetime(1904, 1, 1) if from_1904 else datetime(1899, 12, 30)
        self.number, self.column = 0, 0
        self.cells: list[Cell] = []
        self.kind, self.style = "n", 0
        self.parts: list[str] = []
        self.formulas: list[str] = []
        self.taking, self.aid, self.formula = False, False, False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        match local(name):
            case "c":
                reference = attributes.get("r", "")
                letters = reference.rstrip("0123456789")
                self.column = (
                    column_of(letters.encode("ascii", "replace")) - 1 if letters else self.column + 1
                )
                self.kind, self.style = attributes.get("t", "n"), int(attributes.get("s", "0") or 0)
                self.parts, self.formulas = [], []
            case "f":
                self.formula = True
            case "v" | "t":
                self.taking = not self.aid
            case "rPh":
                self.aid = True
            case "row":
                self.number = int(attributes.get("r", self.number + 1))
                self.column, self.cells = -1, []

    def end(self, name: str) -> None:
        match local(name):
            case "v" | "t":
                self.taking = False
            case "rPh":
                self.aid = False
            case "f":
                self.formula = False
            case "c":
                if not self.parts and self.formulas:
                    self.parts, self.kind = ["=", *self.formulas], "str"
                if self.parts and self.column < limits.COLUMNS + 1:
                    self.cells.extend([""] * (self.column - len(self.cells)))
                    self.cells[self.column :] = [self.value("".join(self.parts))]
            case "row":
                self.on_row((self.number, self.cells))

    def text(self, characters: str) -> None:
        if self.taking:
            self.parts.append(characters)
        elif self.formula:
            self.formulas.append(characters)

    def value(self, raw: str) -> Cell:
        if self.kind == "s":
            position = int(raw) if raw.strip().isdigit() else -1
            return self.shared[position] if 0 <= position < len(self.shared) else ""
        if self.kind == "b":
            return raw.strip() in ("1", "true")
        if self.kind in _TEXT_TYPES:
            return unescaped(raw)
        try:
            number = float(raw)
        except ValueError:
            return raw
        if self.style in self.styles.dates:
            return self.moment(number)
        return self.styles.shown(self.style, raw) or number

    def moment(self, number: float) -> Cell:
        if not 0 <= number < 2_958_466:
            return number
        exact = self.epoch + timedelta(days=number)
        rounded = (exact + timedelta(microseconds=500_000)).replace(microsecond=0)
        if number < 1:
            return time(rounded.hour, rounded.minute, rounded.second)
        return date(rounded.year, rounded.month, rounded.day) if rounded.time() == time() else rounded
