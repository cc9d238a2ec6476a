"""The shapes that pass through this door: cells, rows, sheets and workbooks."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

Source = Path | bytes
Cell = str | float | int | bool | date | datetime | time | timedelta | None
Row = tuple[int, Sequence[Cell]]
# Cells merged with those below them, by their row: the position from 0, and the last row they cover.
Merged = dict[int, list[tuple[int, int]]]


@dataclass(frozen=True)
class Sheet:
    """One sheet. ``rows()`` starts again from the top; an empty cell is None or the empty string."""

    name: str
    visible: bool
    rows: Callable[[], Iterator[Row]]
    dates_from_1904: bool = False
    # Text with a separator: a cell too many means that the cells of a row have moved.
    delimited: bool = False
    # Cells with NUL bytes as (row, position from 0), found while the rows are read.
    nul_cells: set[tuple[int, int]] = field(default_factory=set)
    # Found no later than the rows in which they begin.
    merged: Merged = field(default_factory=dict)


@dataclass(frozen=True)
class Workbook:
    """A file that turned out to be a spreadsheet; ``kind`` is xlsx, xls, ods or text."""

    filename: str
    kind: str
    sheets: tuple[Sheet, ...]


def opened(source: Source) -> BinaryIO:
    """The bytes of a source as a file object; close it after use."""
    return BytesIO(source) if isinstance(source, bytes) else source.open("rb")


def size_of(source: Source) -> int:
    """The number of bytes."""
    return len(source) if isinstance(source, bytes) else source.stat().st_size
