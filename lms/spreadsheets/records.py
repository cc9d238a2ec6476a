"""The records of an old workbook (MS-XLS): refused where they are dangerous, and asked for what calamine does not tell."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from struct import unpack_from

from lms.spreadsheets import limits
from lms.spreadsheets.archives import damaged, protected
from lms.spreadsheets.styles import zeros_of

# MS-XLS 2.3: the records this door looks at.
_FILEPASS, _DATES_FROM_1904, _BEGINNING, _SHEET, _FORMAT, _STYLE, _NUMBERS, _MERGED = (
    0x2F,
    0x22,
    0x809,
    0x85,
    0x41E,
    0xE0,
    0xBD,
    0xE5,
)
_CELLS = frozenset((0x06, _NUMBERS, 0xBE, 0xD6, 0xFD, 0x201, 0x203, 0x204, 0x205, 0x206, 0x27E, 0x406))
_WITH_NUMBERS = frozenset((0x06, 0x203, 0x206, 0x27E, 0x406, _NUMBERS))
_LATEST = 0x600
_SPARSE = 50

# (row, column) from 0 → how many figures the number there is shown with.
Padded = Mapping[tuple[int, int], int]


@dataclass(frozen=True)
class Survey:
    """What the records say: whether dates count from 1904, and of each sheet the numbers shown with leading zeros."""

    dates_from_1904: bool
    padded: tuple[Padded, ...]


def survey(records: bytes, filename: str) -> Survey:
    """Looks through the records once.

    :raises Invalid: for encryption, for cells far apart, as calamine makes room for every cell between them, and for
        merged cells without end.
    """
    from_1904, begins, latest = False, 0, True
    cells = last_row = last_column = merged = 0
    sheets: list[int] = []
    widths: dict[int, int] = {}
    styles: list[int] = []
    padded: dict[int, dict[tuple[int, int], int]] = {}
    for kind, position, length in _each(records, filename):
        if kind == _FILEPASS:
            raise protected(filename)
        if kind == _DATES_FROM_1904 and length >= 2:
            from_1904 = unpack_from("<H", records, position)[0] == 1
        elif kind == _BEGINNING and length >= 2:
            begins, latest = position - 4, unpack_from("<H", records, position)[0] == _LATEST
        elif kind == _SHEET and length >= 6 and records[position + 5] == 0:
            sheets.append(unpack_from("<I", records, position)[0])
        elif kind == _FORMAT and length >= 5:
            number = unpack_from("<H", records, position)[0]
            if width := zeros_of(_code(records[position + 2 : position + length], latest=latest)):
                widths[number] = width
        elif kind == _STYLE and length >= 4:
            styles.append(widths.get(unpack_from("<H", records, position + 2)[0], 0))
        elif kind == _MERGED:
            merged += length // 8
        elif kind in _CELLS and length >= 4:
            row, column = unpack_from("<HH", records, position)
            cells, last_row, last_column = cells + 1, max(last_row, row), max(last_column, column)
            if widths and kind in _WITH_NUMBERS:
                for at, style in _styled(records, kind, position, length, column):
                    if style < len(styles) and styles[style]:
                        padded.setdefault(begins, {})[row, at] = styles[style]
    if last_row * last_column > _SPARSE * (cells + 10_000):
        raise limits.too_many_blank_rows(f"The file {filename}", cells)
    if merged > limits.MERGED:
        raise limits.too_many_merged(f"The file {filename}")
    return Survey(from_1904, tuple(padded.get(begins, {}) for begins in sheets))


def _each(records: bytes, filename: str) -> Iterator[tuple[int, int, int]]:
    """Each record as its kind, where its content begins, and how long that is."""
    position = 0
    while position + 4 <= len(records):
        kind, length = unpack_from("<HH", records, position)
        if position + 4 + length > len(records):
            raise damaged(filename)
        if kind == 0 and length == 0:
            return
        yield kind, position + 4, length
        position += 4 + length


def _styled(records: bytes, kind: int, position: int, length: int, column: int) -> Iterator[tuple[int, int]]:
    """The columns and styles of a record with one number or, in a row, with several."""
    if kind != _NUMBERS:
        if length >= 6:
            yield column, unpack_from("<H", records, position + 4)[0]
        return
    for place in range((length - 6) // 6):
        yield column + place, unpack_from("<H", records, position + 4 + 6 * place)[0]


def _code(content: bytes, *, latest: bool) -> str:
    """A format code: letters of one or two bytes after their number, or plain bytes in workbooks before 1997."""
    if not latest:
        return content[1:].decode("latin-1")
    return content[3:].decode("utf-16-le" if content[2] & 1 else "latin-1", "replace")
