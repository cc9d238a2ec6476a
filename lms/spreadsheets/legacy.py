"""XLS, the workbook format before 2007: checked record by record, then read by calamine."""

import struct
from collections.abc import Iterator
from functools import partial
from io import BytesIO

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from lms.errors import Invalid
from lms.spreadsheets import limits
from lms.spreadsheets.archives import damaged, protected
from lms.spreadsheets.facts import Merged, Row, Sheet, Source, opened, size_of
from lms.spreadsheets.kinds import ADVICE, not_a_spreadsheet
from lms.spreadsheets.ole import container
from lms.spreadsheets.records import Padded, survey

LARGEST = 256 * 2**20


def sheets(source: Source, filename: str) -> tuple[Sheet, ...]:
    """The worksheets of an old workbook.

    :raises Invalid: for other old Office files, passwords and damage.
    """
    if size_of(source) > LARGEST:
        raise Invalid(
            f"{filename} is larger than {LARGEST >> 20} MB, too large for the old .xls format. {ADVICE}"
        )
    with opened(source) as file:
        content = file.read()
    try:
        box = container(content)
        if "encryptedpackage" in box.streams:
            raise protected(filename)
        stream = next((name for name in ("workbook", "book") if name in box.streams), None)
        if stream is None:
            what = (
                "a Word document"
                if "worddocument" in box.streams
                else "an old Office file without a worksheet"
            )
            raise not_a_spreadsheet(filename, what)
        found = survey(box.stream(stream), filename)
        workbook = CalamineWorkbook.from_filelike(BytesIO(content))
    except (ValueError, struct.error, KeyError) as error:
        raise damaged(filename) from error
    except CalamineError as error:
        raise (protected(filename) if "assword" in str(error) else damaged(filename)) from error
    sheets = [meta for meta in workbook.sheets_metadata if meta.typ == SheetTypeEnum.WorkSheet]
    padded = found.padded if len(found.padded) == len(sheets) else ({},) * len(sheets)
    merged: list[Merged] = [{} for _ in sheets]
    return tuple(
        Sheet(
            meta.name,
            meta.visible == SheetVisibleEnum.Visible,
            partial(_rows, content, meta.name, filename, of_sheet, its_merged),
            found.dates_from_1904,
            merged=its_merged,
        )
        for meta, of_sheet, its_merged in zip(sheets, padded, merged, strict=True)
    )


def _rows(content: bytes, name: str, filename: str, padded: Padded, merged: Merged) -> Iterator[Row]:
    try:
        sheet = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_name(name)
    except CalamineError as error:
        raise damaged(filename) from error
    rows: Iterator[Row] = enumerate(sheet.iter_rows(), 1)
    merged.clear()
    # Rows and columns from 0; rows are given from the first column in use.
    for (row, column), (last_row, _) in sheet.merged_cell_ranges or ():
        if last_row > row and sheet.start:
            merged.setdefault(row + 1, []).append((column - sheet.start[1], last_row + 1))
    if padded and sheet.start:
        rows = _with_zeros(rows, padded, sheet.start[1])
    return limits.bounded(rows, f"The sheet “{name}”")


def _with_zeros(rows: Iterator[Row], padded: Padded, first: int) -> Iterator[Row]:
    """Numbers as a person sees them where their format shows leading zeros; rows begin at the first column in use."""
    columns = {column for _, column in padded}
    for number, cells in rows:
        shown = list(cells)
        for column in columns:
            at = column - first
            width = padded.get((number - 1, column))
            if width and 0 <= at < len(shown):
                value = shown[at]
                if (
                    isinstance(value, int | float)
                    and not isinstance(value, bool)
                    and float(value).is_integer()
                ):
                    shown[at] = str(int(value)).zfill(width)
        yield number, shown
