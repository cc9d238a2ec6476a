"""One quick pass over a worksheet's XML before any cell is built: how large it is, and what must be shown differently."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import unescape

from lms.spreadsheets import limits
from lms.spreadsheets.archives import Archive, in_pieces, unpacked
from lms.spreadsheets.styles import Styles


@dataclass
class Survey:
    """The bounds of a sheet, and cells whose value is not what a person sees."""

    rows: int = 0
    columns: int = 0
    row_elements: int = 0
    # (row, column from 0) → text: spreadsheet errors and formulas without a value, which calamine leaves blank, and
    # numbers shown as 2.13E+07 or 00310000.
    shown: dict[tuple[int, int], str] = field(default_factory=dict)
    # Cells merged with those below them: row, column from 0, last row.
    merged: list[tuple[int, int, int]] = field(default_factory=list)


_ROW = re.compile(rb"<(?:\w+:)?row\b(?:[^>]*?\sr=[\"'](\d{1,9})[\"'])?")
_REFERENCE = re.compile(rb"\sr=[\"']([A-Z]{0,5})(\d{1,9})[\"']")
_CELL_REFERENCE = re.compile(rb"\sr=[\"'][A-Z]")
_CELL = re.compile(rb"<(?:\w+:)?c[\s>/]")
_ERROR = re.compile(
    rb"<(?:\w+:)?c\b(?=[^>]*\st=[\"']e[\"'])[^>]*\sr=[\"']([A-Z]{1,5})(\d{1,9})[\"'][^>]*[^/]>"
    rb"(?:(?!</(?:\w+:)?c>).)*?<(?:\w+:)?v>([^<]*)<",
    re.DOTALL,
)


_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?ref=[\"']([A-Z]{1,3})(\d{1,7}):[A-Z]{1,3}(\d{1,7})[\"']")
# A program wrote the formula and no application has worked it out yet.
_FORMULA = re.compile(
    rb"<(?:\w+:)?c\b[^>]*\sr=[\"']([A-Z]{1,5})(\d{1,9})[\"'][^>]*>\s*<(?:\w+:)?f\b[^>]*>([^<]*)</(?:\w+:)?f>\s*"
    rb"(?:<(?:\w+:)?v>\s*</(?:\w+:)?v>|<(?:\w+:)?v\s*/>)?\s*</(?:\w+:)?c>"
)


def surveyed(archive: Archive, path: str, styles: Styles) -> Survey:
    """The survey of one worksheet.

    Only references that reach beyond what is known so far are looked at one by one, so the pass costs a fraction
    of reading the sheet. A row number can be understated by less than half.
    """
    survey = Survey()
    numbers = _numbers_in((*styles.scientific, *styles.padded))
    prefix = _prefix(archive, path)
    row_begins, formula_begins = b"<" + prefix + b"row", b"<" + prefix + b"f"
    for piece in in_pieces(archive, path, row_begins):
        rows = piece.count(row_begins)
        survey.row_elements += rows
        last = _ROW.match(piece, piece.rfind(row_begins)) if rows else None
        survey.rows = max(survey.rows, int(last[1] or 0) if last else 0, survey.row_elements)
        if re.search(_beyond(survey.rows, survey.columns), piece):
            for letters, row in _REFERENCE.findall(piece):
                survey.columns = max(survey.columns, column_of(letters))
                survey.rows = max(survey.rows, int(row))
        elif rows and not _CELL_REFERENCE.search(piece):
            # Cells without references stand one after the other.
            survey.columns = max(
                survey.columns, *(len(_CELL.findall(row)) for row in _ROW.split(piece)[2::2])
            )
        if b"mergeCell " in piece and len(survey.merged) <= limits.MERGED:
            for letters, row, last_row in _MERGED.findall(piece):
                if int(last_row) > int(row):
                    survey.merged.append((int(row), column_of(letters) - 1, int(last_row)))
        if b't="e"' in piece:
            for letters, row, text in _ERROR.findall(piece):
                survey.shown[int(row), column_of(letters) - 1] = text.decode("utf-8", "replace")
        if formula_begins in piece:
            for letters, row, text in _FORMULA.findall(piece):
                survey.shown[int(row), column_of(letters) - 1] = "=" + unescape(
                    text.decode("utf-8", "replace")
                )
        if numbers:
            for cell in numbers.finditer(piece):
                shown = styles.shown(int(cell["style"]), cell["value"].decode("ascii", "replace"))
                if shown is not None:
                    survey.shown[int(cell["row"]), column_of(cell["letters"]) - 1] = shown
    return survey


def column_of(letters: bytes) -> int:
    """The column number, from 1: ``A`` is 1, ``AA`` is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def letters_of(number: int) -> bytes:
    """The letters of a column number from 1."""
    letters = b""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = bytes([65 + rest]) + letters
    return letters


def _beyond(rows: int, columns: int) -> bytes:
    """A pattern for references further right than the columns or clearly further down than the rows.

    It begins with plain letters, which a search runs through three times as fast. What else ends in ``r=`` is then
    looked at for nothing.
    """
    letters = letters_of(columns)
    wider = [rb"[A-Z]{%d}" % (len(letters) + 1)]
    for position, letter in enumerate(letters):
        if letter < ord("Z"):
            rest = len(letters) - position - 1
            wider.append(letters[:position] + rb"[%c-Z]" % (letter + 1) + rb"[A-Z]{%d}(?![A-Z])" % rest)
    digits = str(rows).encode()
    deeper = [rb"\d{%d}" % (len(digits) + 1)]
    if digits[0] < ord("9"):
        deeper.append(rb"[%c-9]\d{%d}" % (digits[0] + 1, len(digits) - 1))
    return rb"r=[\"'](?:" + b"|".join(wider) + rb"|[A-Z]{0,5}(?:" + b"|".join(deeper) + rb"))"


def _numbers_in(style_ids: Iterable[int]) -> re.Pattern[bytes] | None:
    ids = b"|".join(str(style).encode() for style in sorted(style_ids))
    if not ids:
        return None
    return re.compile(
        rb"<(?:\w+:)?c\b(?=[^>]*\ss=[\"'](?P<style>"
        + ids
        + rb")[\"'])(?![^>]*\st=[\"'](?:s|str|inlineStr|b|e)[\"'])"
        rb"[^>]*\sr=[\"'](?P<letters>[A-Z]{1,5})(?P<row>\d{1,9})[\"'][^>]*[^/]>"
        rb"(?:(?!</(?:\w+:)?c>).)*?<(?:\w+:)?v>(?P<value>[^<]*)<",
        re.DOTALL,
    )


def _prefix(archive: Archive, path: str) -> bytes:
    for piece in unpacked(archive, path):
        found = re.search(rb"<(\w+:)?worksheet\b", piece)
        return found[1] or b"" if found else b""
    return b""
