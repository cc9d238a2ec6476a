"""Cells merged over several rows, as units often are: what stands in the first of them holds for all."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from lms.rules.roster.cells import text_of
from lms.rules.roster.facts import Problem, SheetOfCells
from lms.rules.roster.furniture import is_line
from lms.rules.roster.problems import problem

_Row = tuple[int, Sequence[Any]]


class Merges:
    """Fills the rows that a merged cell covers. A class because what it found is said when all rows are read."""

    def __init__(self, sheet: SheetOfCells, columns: Iterable[int]) -> None:
        self.sheet, self.columns = sheet, sorted(columns)
        # By position: the row in which the cell begins, the last row it covers, and what stands in it.
        self.open: dict[int, tuple[int, int, Any]] = {}
        # The cells from which something was filled in, as (row, position).
        self.used: dict[tuple[int, int], None] = {}

    def filled(self, rows: Iterable[_Row]) -> Iterator[_Row]:
        """The same rows; without a merged cell this costs a list of 100,000 a few milliseconds."""
        merged, still_open = self.sheet.merged, self.open
        for row, cells in rows:
            if still_open:
                yield row, self._fill(row, cells)
            else:
                yield row, cells
            if row in merged:
                self._begin(row, cells)

    def _begin(self, row: int, cells: Sequence[Any]) -> None:
        for position, last in self.sheet.merged[row]:
            if position in self.columns and position < len(cells) and text_of(cells[position]):
                self.open[position] = (row, last, cells[position])

    def _fill(self, row: int, cells: Sequence[Any]) -> Sequence[Any]:
        for position in [position for position, (_, last, _) in self.open.items() if last < row]:
            del self.open[position]
        # A row of which nothing is read is about nobody, nor is a total.
        texts = (text_of(cells[position]) for position in self.columns if position < len(cells))
        first = next(filter(None, texts), "")
        if not first or is_line(first):
            return cells
        changed = list(cells)
        for position, (begun, _, value) in self.open.items():
            if position >= len(changed):
                changed += [""] * (position + 1 - len(changed))
            if not text_of(changed[position]):
                changed[position] = value
                self.used[begun, position] = None
        return changed

    def problems(self, captions: Sequence[str]) -> Iterator[Problem]:
        """The one word about all of them, at the first. It does not quote the cell, which may say why somebody is away."""
        for row, position in list(self.used)[:1]:
            count = "1 cell is" if len(self.used) == 1 else f"{len(self.used):,} cells are"
            yield problem("cells_merged", self.sheet.name, row, captions[position], "", count=count)
