"""XLSX and XLSM: surveyed first, then read by calamine, or row by row where calamine would need too much memory."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from posixpath import join, normpath

from python_calamine import CalamineError, CalamineWorkbook

from lms.errors import Invalid
from lms.spreadsheets import limits, streaming
from lms.spreadsheets.archives import Archive, bomb, damaged, unpacked, whole
from lms.spreadsheets.facts import Merged, Row, Sheet, opened
from lms.spreadsheets.markup import elements
from lms.spreadsheets.styles import Styles, styles_of
from lms.spreadsheets.survey import Survey, surveyed

# calamine holds a sheet as one dense block of 32 bytes a cell, filled or not.
DENSE_CELLS = 6_000_000
SHARED_TEXT = 512 * 2**20


@dataclass(frozen=True)
class Part:
    """One worksheet and where it lies in the archive."""

    name: str
    visible: bool
    path: str


def sheets(archive: Archive) -> tuple[Sheet, ...]:
    """The worksheets in the workbook's order. Rows are read only when asked for."""
    found, from_1904 = parts(archive)
    shared = archive.find("xl/sharedStrings.xml")
    if shared and archive.entries[shared].file_size > SHARED_TEXT:
        raise bomb(archive.filename, archive.entries[shared].file_size)
    for path in filter(None, (shared, archive.find("xl/styles.xml"))):
        for _ in unpacked(archive, path):
            pass
    styles = styles_of(archive)
    return tuple(_sheet(archive, part, styles, from_1904=from_1904) for part in found)


def _sheet(archive: Archive, part: Part, styles: Styles, *, from_1904: bool) -> Sheet:
    merged: Merged = {}
    rows = partial(_rows, archive, part, styles, merged, from_1904=from_1904)
    return Sheet(part.name, part.visible, rows, from_1904, merged=merged)


def parts(archive: Archive) -> tuple[list[Part], bool]:
    """The worksheets that exist, and whether dates count from 1904."""
    workbook = archive.find("xl/workbook.xml")
    relations = archive.find("xl/_rels/workbook.xml.rels")
    if not workbook or not relations:
        raise damaged(archive.filename)
    targets = {
        attributes.get("Id", ""): attributes.get("Target", "")
        for name, attributes in elements(archive, [whole(archive, relations)])
        if name == "Relationship" and attributes.get("Type", "").endswith("/worksheet")
    }
    found: list[Part] = []
    from_1904 = False
    for name, attributes in elements(archive, [whole(archive, workbook)]):
        if name == "workbookPr":
            from_1904 = attributes.get("date1904", "0").lower() in ("1", "true", "on")
        elif name == "sheet" and attributes.get("id") in targets:
            target = targets[attributes["id"]]
            path = archive.find(target if target.startswith("/") else normpath(join("xl", target)))
            if not path:
                raise damaged(archive.filename)
            visible = attributes.get("state", "visible") == "visible"
            found.append(Part(attributes.get("name", ""), visible, path))
    if not found:
        raise Invalid(f"{archive.filename} holds no worksheet. Upload the workbook with the list in it.")
    return found, from_1904


def _rows(archive: Archive, part: Part, styles: Styles, merged: Merged, *, from_1904: bool) -> Iterator[Row]:
    name = f"The sheet “{part.name}”"
    survey = surveyed(archive, part.path, styles)
    if survey.columns > limits.COLUMNS:
        raise limits.too_many_columns(name)
    if survey.rows > limits.ROWS:
        raise limits.too_many_rows(name)
    if len(survey.merged) > limits.MERGED:
        raise limits.too_many_merged(name)
    merged.clear()
    if survey.rows * survey.columns > DENSE_CELLS:
        rows = streaming.rows(archive, part.path, styles, from_1904=from_1904)
        first_column = 0
    else:
        rows, first_column = _by_calamine(archive, part, survey, name)
    for row, column, last_row in survey.merged:
        merged.setdefault(row, []).append((column - first_column, last_row))
    return limits.bounded(rows, name)


def _by_calamine(archive: Archive, part: Part, survey: Survey, name: str) -> tuple[Iterator[Row], int]:
    """The rows, and the first column in use, with which they begin."""
    try:
        with opened(archive.source) as file:
            sheet = CalamineWorkbook.from_filelike(file).get_sheet_by_name(part.name)
    except CalamineError as error:
        raise damaged(archive.filename) from error
    last = sheet.end[0] + 1 if sheet.end else 0
    if survey.row_elements > last + limits.BLANK_ROWS:
        raise limits.too_many_blank_rows(name, last)
    first_column = sheet.start[1] if sheet.start else 0
    rows: Iterator[Row] = enumerate(sheet.iter_rows(), 1)
    return (_shown(rows, survey, first_column) if survey.shown else rows), first_column


def _shown(rows: Iterator[Row], survey: Survey, first_column: int) -> Iterator[Row]:
    by_row: dict[int, list[tuple[int, str]]] = {}
    for (row, column), text in survey.shown.items():
        by_row.setdefault(row, []).append((column - first_column, text))
    for number, cells in rows:
        if number in by_row:
            changed = list(cells)
            for column, text in by_row[number]:
                if column >= 0:
                    changed += [""] * (column + 1 - len(changed))
                    changed[column] = text
            yield number, changed
        else:
            yield number, cells
