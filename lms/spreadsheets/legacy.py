"""XLS, the workbook format before 2007: checked record by record, then read by calamine."""

import struct
from collections.abc import Iterator
from functools import partial
from io import BytesIO
from struct import unpack_from

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from lms.errors import Invalid
from lms.spreadsheets import limits
from lms.spreadsheets.archives import damaged, protected
from lms.spreadsheets.facts import Row, Sheet, Source, opened, size_of
from lms.spreadsheets.kinds import ADVICE, not_a_spreadsheet
from lms.spreadsheets.ole import container

LARGEST = 256 * 2**20
# MS-XLS 2.3: the records this door looks at.
_FILEPASS, _DATES_FROM_1904 = 0x2F, 0x22
_CELLS = frozenset((0x06, 0xBD, 0xBE, 0xD6, 0xFD, 0x201, 0x203, 0x204, 0x205, 0x206, 0x27E, 0x406))
_SPARSE = 50


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
        from_1904 = _checked(box.stream(stream), filename)
        workbook = CalamineWorkbook.from_filelike(BytesIO(content))
    except (ValueError, struct.error, KeyError) as error:
        raise damaged(filename) from error
    except CalamineError as error:
        raise (protected(filename) if "assword" in str(error) else damaged(filename)) from error
    return tuple(
        Sheet(
            meta.name,
            meta.visible == SheetVisibleEnum.Visible,
            partial(_rows, content, meta.name, filename),
            from_1904,
        )
        for meta in workbook.sheets_metadata
        if meta.typ == SheetTypeEnum.WorkSheet
    )


def _checked(records: bytes, filename: str) -> bool:
    """Refuses encryption and cells far apart, as calamine makes room for every cell between them; returns whether
    dates count from 1904.
    """
    position, from_1904 = 0, False
    cells = last_row = last_column = 0
    while position + 4 <= len(records):
        kind, length = unpack_from("<HH", records, position)
        if position + 4 + length > len(records):
            raise damaged(filename)
        if kind == 0 and length == 0:
            break
        if kind == _FILEPASS:
            raise protected(filename)
        if kind == _DATES_FROM_1904 and length >= 2:
            from_1904 = unpack_from("<H", records, position + 4)[0] == 1
        elif kind in _CELLS and length >= 4:
            row, column = unpack_from("<HH", records, position + 4)
            cells, last_row, last_column = cells + 1, max(last_row, row), max(last_column, column)
        position += 4 + length
    if last_row * last_column > _SPARSE * (cells + 10_000):
        raise limits.too_many_blank_rows(f"The file {filename}", cells)
    return from_1904


def _rows(content: bytes, name: str, filename: str) -> Iterator[Row]:
    try:
        sheet = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_name(name)
    except CalamineError as error:
        raise damaged(filename) from error
    return limits.bounded(enumerate(sheet.iter_rows(), 1), f"The sheet “{name}”")
