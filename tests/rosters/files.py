"""Files of every kind made from rows of cells, by other writers than our own, and ways to damage them."""

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import openpyxl
import xlwt

Rows = Sequence[Sequence[Any]]
WINDOWS = "\r\n"


def text(rows: Rows, delimiter: str = ",", encoding: str = "utf-8", newline: str = WINDOWS) -> bytes:
    """Delimited text, dates day first."""
    out = io.StringIO()
    # The writer would leave a line break bare where lines end otherwise.
    quoting = csv.QUOTE_MINIMAL if newline == WINDOWS else csv.QUOTE_ALL
    writer = csv.writer(out, delimiter=delimiter, lineterminator=newline, quoting=quoting)
    writer.writerows([map(written, row) for row in rows])
    return out.getvalue().encode(encoding)


def written(cell: Any) -> str:
    if cell is None:
        return ""
    return f"{cell:%d/%m/%Y}" if isinstance(cell, date) else str(cell)


def xlsx(
    rows: Rows | Mapping[str, Rows],
    *,
    hidden: Sequence[str] = (),
    merged: Sequence[str] = (),
    formats: Mapping[str, str] | None = None,
    from_1904: bool = False,
) -> bytes:
    """A workbook; ``formats`` gives cells their number format, ``merged`` are ranges on the first sheet."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    if from_1904:
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    for name, cells in (rows if isinstance(rows, Mapping) else {"Sheet1": rows}).items():
        sheet = book.create_sheet(name)
        for row in cells:
            sheet.append(list(row))
        sheet.sheet_state = "hidden" if name in hidden else "visible"
    for name, code in (formats or {}).items():
        book.worksheets[0][name].number_format = code
    for area in merged:
        book.worksheets[0].merge_cells(area)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def xls(
    rows: Rows | Mapping[str, Rows],
    *,
    hidden: Sequence[str] = (),
    numbers: str = "General",
    tall: Mapping[tuple[int, int], int] | None = None,
) -> bytes:
    """A workbook of the old kind; ``numbers`` is the format of its numbers, ``tall`` the last row a merged cell covers, all from 0."""
    book = xlwt.Workbook()
    day, plain = xlwt.easyxf(num_format_str="dd/mm/yyyy"), xlwt.easyxf(num_format_str=numbers)
    for name, cells in (rows if isinstance(rows, Mapping) else {"Sheet1": rows}).items():
        sheet = book.add_sheet(name)
        sheet.visibility = 1 if name in hidden else 0
        for at, row in enumerate(cells):
            for column, cell in enumerate(row):
                if tall and (at, column) in tall:
                    sheet.write_merge(at, tall[at, column], column, column, cell, plain)
                elif cell is not None:
                    sheet.write(at, column, cell, day if isinstance(cell, date) else plain)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def ods(rows: Rows | Mapping[str, Rows], *, hidden: Sequence[str] = (), blank_rows: int = 1_048_000) -> bytes:
    """An OpenDocument spreadsheet with the repeated blank rows and cells at its end that LibreOffice writes."""
    tables = []
    for name, cells in (rows if isinstance(rows, Mapping) else {"Sheet1": rows}).items():
        style = "hid" if name in hidden else "ta1"
        lines = "".join(
            f"<table:table-row>{''.join(map(_ods_cell, row))}"
            '<table:table-cell table:number-columns-repeated="16000"/></table:table-row>'
            for row in cells
        )
        tables.append(
            f"<table:table table:name={quoteattr(name)} table:style-name={quoteattr(style)}>{lines}"
            f'<table:table-row table:number-rows-repeated="{blank_rows}">'
            '<table:table-cell table:number-columns-repeated="16384"/></table:table-row></table:table>'
        )
    return ods_of("".join(tables))


def ods_of(tables: str, manifest: str = "") -> bytes:
    """The file around an ODS document's tables."""
    spaces = " ".join(
        f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for prefix, name in (("office", "office"), ("table", "table"), ("text", "text"), ("style", "style"))
    )
    styles = "".join(
        f'<style:style style:name="{name}" style:family="table"><style:table-properties table:display="{shown}"/></style:style>'
        for name, shown in (("ta1", "true"), ("hid", "false"))
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces}><office:automatic-styles>{styles}'
        f"</office:automatic-styles><office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": content,
            "META-INF/manifest.xml": f"<manifest>{manifest}</manifest>",
        }
    )


def _ods_cell(cell: Any) -> str:
    if cell is None or cell == "":
        return "<table:table-cell/>"
    if isinstance(cell, datetime | date):
        day = f"{cell:%Y-%m-%d}"
        return (
            f'<table:table-cell office:value-type="date" office:date-value="{day}">'
            f"<text:p>{cell:%d/%m/%y}</text:p></table:table-cell>"
        )
    if isinstance(cell, int | float):
        return (
            f'<table:table-cell office:value-type="float" office:value="{cell}">'
            f"<text:p>{cell}</text:p></table:table-cell>"
        )
    lines = "".join(f"<text:p>{escape(line)}</text:p>" for line in str(cell).splitlines())
    return f'<table:table-cell office:value-type="string">{lines}</table:table-cell>'


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    """A zip archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def repacked(book: bytes, changes: Mapping[str, bytes]) -> bytes:
    """A workbook with some of its parts replaced or added."""
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    return zipped({**parts, **changes})


def part(book: bytes, name: str) -> bytes:
    """One part of a workbook."""
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        return archive.read(name)


def renamed_stream(book: bytes, name: str, new: str) -> bytes:
    """An old Office file in which one stream has another name."""
    at = book.index(name.encode("utf-16-le") + b"\0\0")
    entry = new.encode("utf-16-le").ljust(64, b"\0") + (len(new) * 2 + 2).to_bytes(2, "little")
    return book[:at] + entry + book[at + 66 :]


def with_password_flag(archive: bytes) -> bytes:
    """A zip archive whose entries claim to be encrypted."""
    return archive.replace(b"PK\x03\x04\x14\x00\x00", b"PK\x03\x04\x14\x00\x01").replace(
        b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01"
    )
