"""The columns of a list as somebody looks at them to say which is which: captions, values, and what was understood."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from lms.rules.roster import header
from lms.rules.roster.cells import text_of
from lms.rules.roster.columns import recognised
from lms.rules.roster.facts import Field, SheetOfCells
from lms.rules.roster.reading import is_called, read

_SAMPLE = 60
_SHOWN = 3
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class ColumnPreview:
    """One column: its caption, what it is taken for (None: not read), and the first different values in it."""

    caption: str
    field: Field | None
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """The sheet and row of captions that were found, and the columns from left to right."""

    sheet: str
    header_row: int
    columns: tuple[ColumnPreview, ...]


def preview(
    sheets: Sequence[SheetOfCells],
    *,
    as_at: date,
    chosen: Mapping[str, str | None] | None = None,
    wanted: str | None = None,
) -> Preview | None:
    """The columns of the sheet that would be read; None where no row looks like captions.

    ``wanted`` is the sheet to look at, by name.
    """
    found = _captions(sheets, as_at, chosen, wanted)
    if found is None:
        return None
    sheet, row, captions, sample = found
    taken = {
        column.position: column.field
        for column in recognised(captions, sample, sheet=sheet, row=row, chosen=chosen).columns
    }
    return Preview(
        sheet,
        row,
        tuple(
            ColumnPreview(caption, taken.get(position), _values(sample, position))
            for position, caption in enumerate(captions)
            if caption
        ),
    )


def decided(
    sheets: Sequence[SheetOfCells],
    wanted: Mapping[str, Field | None],
    *,
    as_at: date,
    sheet_wanted: str | None = None,
) -> dict[str, str | None]:
    """The least that has to be remembered so that these captions are taken for these fields.

    ``wanted`` is every caption with its field, None for not read. What the captions say by themselves is left out,
    so that next month's list may have a column more or less.
    """
    found = _captions(sheets, as_at, None, sheet_wanted)
    if found is None:
        return {}
    sheet, row, captions, sample = found
    asked = _by_field(wanted)
    chosen: dict[str, str | None] = {}
    # Saying what one column is can change what another is taken for, so it goes on until nothing differs.
    for _ in Field:
        layout = recognised(captions, sample, sheet=sheet, row=row, chosen=chosen)
        now = _by_field({column.caption: column.field for column in layout.columns})
        different = {field for field in {*asked, *now} if asked.get(field) != now.get(field)} - chosen.keys()
        if not different:
            break
        chosen |= {field: asked.get(field) for field in sorted(different)}
    return chosen


def _by_field(wanted: Mapping[str, Field | None]) -> dict[str, str]:
    captions: dict[str, str] = {}
    for caption, field in wanted.items():
        if field is Field.UNIT and field in captions:
            captions[field] = f"{captions[field]}|{caption}"
        elif field is not None:
            captions.setdefault(field, caption)
    return captions


def _captions(
    sheets: Sequence[SheetOfCells],
    as_at: date,
    chosen: Mapping[str, str | None] | None,
    wanted: str | None,
) -> tuple[str, int, list[str], list[Sequence[Any]]] | None:
    looked_at = [_Beginning(sheet) for sheet in sheets if sheet.visible or is_called(sheet.name, wanted)]
    found = read(looked_at, as_at=as_at, columns=chosen, sheet=wanted)
    if found.header_row is not None:
        sheet = next(one for one in looked_at if one.name == found.sheet)
        return _below(sheet, found.header_row)
    for sheet in looked_at:
        row = header.guessed(list(sheet.rows())) if wanted is None or is_called(sheet.name, wanted) else None
        if row is not None:
            return _below(sheet, row)
    return None


def _below(sheet: "_Beginning", header_row: int) -> tuple[str, int, list[str], list[Sequence[Any]]]:
    """The sheet's name, the row of captions, the captions, and what stands below them."""
    rows = [(row, cells) for row, cells in sheet.rows() if row >= header_row]
    captions, two_rows = header.captions_of(rows[0][1], rows[1][1] if len(rows) > 1 else None)
    return sheet.name, header_row, captions, [cells for _, cells in rows[1 + two_rows :]]


class _Beginning:
    """The first rows of a sheet: enough to see what its columns are, whatever its length."""

    def __init__(self, sheet: SheetOfCells) -> None:
        self.name, self.visible, self.delimited = sheet.name, sheet.visible, sheet.delimited
        self.dates_from_1904 = sheet.dates_from_1904
        self.nul_cells: set[tuple[int, int]] = set()
        self.merged = sheet.merged
        self._rows = list(islice(sheet.rows(), header.LOOK_AHEAD + _SAMPLE))

    def rows(self) -> Any:
        return iter(self._rows)


def _values(sample: Sequence[Sequence[Any]], position: int) -> tuple[str, ...]:
    seen: dict[str, None] = {}
    for row in sample:
        text = text_of(row[position]) if position < len(row) else ""
        if text:
            seen[text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"] = None
        if len(seen) == _SHOWN:
            break
    return tuple(seen)
