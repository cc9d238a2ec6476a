"""XLSX and CSV out. What a spreadsheet program would run as a formula leaves as plain text."""

import csv
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import TextIO

from xlsxwriter import Workbook as XlsxWorkbook  # type: ignore[import-untyped]

from lms.spreadsheets.facts import Cell

# OWASP, CSV injection: these first characters make a cell a formula, also in their full-width form. An apostrophe
# before them shows them as text; one that is already there gets a second, so that reading can take one away again.
_FORMULA = re.compile(r"[\s']*[=+\-@\t\r\n＝＋－＠]")
_GUARDED = re.compile(r"'[\s']*[=+\-@\t\r\n＝＋－＠]")
_LONGEST = 32_767


def guarded(text: str) -> str:
    """The text with an apostrophe before what a spreadsheet program would run as a formula."""
    return "'" + text if _FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """The text as it was before ``guarded``."""
    return text[1:] if _GUARDED.match(text) else text


def write_csv(rows: Iterable[Sequence[Cell]], to: TextIO | None = None) -> str:
    """RFC 4180 in UTF-8 terms: commas, CRLF, ISO dates. Written to ``to``, or returned as text."""
    buffer = StringIO()
    writer = csv.writer(to or buffer, lineterminator="\r\n")
    for row in rows:
        writer.writerow([_as_text(cell) for cell in row])
    return buffer.getvalue()


def write_xlsx(sheets: Iterable[tuple[str, Iterable[Sequence[Cell]]]], to: Path | None = None) -> bytes:
    """Sheets of rows, the first row in bold; texts stay texts, so nothing is a formula, a link or a number by chance.

    Written to ``to``, or returned as bytes. One row at a time is held in memory.
    """
    buffer = BytesIO()
    book = XlsxWorkbook(
        str(to) if to else buffer,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_date_format": "dd/mm/yyyy",
        },
    )
    bold = book.add_format({"bold": True})
    # Excel keeps such a text a text when somebody edits the cell.
    prefixed = book.add_format({"quote_prefix": True})
    for name, rows in sheets:
        sheet = book.add_worksheet(name[:31])
        sheet.freeze_panes(1, 0)
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                text = isinstance(cell, str) and _FORMULA.match(cell)
                _write(sheet, number, column, cell, bold if number == 0 else prefixed if text else None)
    book.close()
    return buffer.getvalue()


def _write(sheet: object, row: int, column: int, cell: Cell, style: object) -> None:
    if cell is None or cell == "":
        return
    if isinstance(cell, str):
        sheet.write_string(row, column, _printable(cell)[:_LONGEST], style)  # type: ignore[attr-defined]
    elif isinstance(cell, bool):
        sheet.write_boolean(row, column, cell, style)  # type: ignore[attr-defined]
    elif isinstance(cell, int | float):
        sheet.write_number(row, column, cell, style)  # type: ignore[attr-defined]
    else:
        sheet.write_datetime(row, column, cell, style)  # type: ignore[attr-defined]


def _as_text(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case str():
            return guarded(_printable(cell))
        case bool():
            return "yes" if cell else "no"
        case float() if cell.is_integer():
            return str(int(cell))
        case datetime() | date() | time():
            return cell.isoformat(sep=" ") if isinstance(cell, datetime) else cell.isoformat()
        case timedelta() | int() | float():
            return str(cell)


def _printable(text: str) -> str:
    """Without the control characters that no workbook may hold."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", "", text)
