"""A role list from its sheets of cells: which sheet, which header, which columns, which people."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, islice
from typing import Any

from lms.rules.roster import checks, header, upload_format
from lms.rules.roster.captions import caption_key
from lms.rules.roster.cells import text_of
from lms.rules.roster.columns import Layout, recognised
from lms.rules.roster.facts import SHEET, Field, KnownOrganisation, Problem, Reading, SheetOfCells, Told
from lms.rules.roster.merges import Merges
from lms.rules.roster.people import People
from lms.rules.roster.problems import is_error, problem

_SAMPLE = 60
# What a sheet beside the list is called; it often has a column more than the list, such as the day somebody left.
_BESIDE_THE_LIST = re.compile(
    r"\b(leavers?|left|former|ex|old|archived?|previous|past|vacanc\w+|deleted|template|examples?|starters?|joiners?|history)\b",
    re.IGNORECASE,
)
_TELL_EVERY = 500
_NOTHING_KNOWN = KnownOrganisation()


@dataclass(frozen=True, slots=True)
class _Found:
    """A sheet with the rows looked at, the ones still to come, and where its header may be."""

    sheet: SheetOfCells
    ahead: list[tuple[int, Sequence[Any]]]
    rest: Iterator[tuple[int, Sequence[Any]]]
    position: int
    merit: float


def read(
    sheets: Sequence[SheetOfCells],
    *,
    as_at: date,
    columns: Mapping[str, str | None] | None = None,
    known: KnownOrganisation = _NOTHING_KNOWN,
    sheet: str | None = None,
    tell: Told | None = None,
) -> Reading:
    """Everything a role list says and everything that is wrong with it, at once.

    ``as_at`` is the date of the list. ``columns`` is what a person decided about its columns: field → caption, or
    None for not read; and ``sheet`` → the sheet that is usually read, which need not be there. ``sheet`` is the one
    to read now, and has to be. ``tell`` is told how many rows have been read. Hidden sheets are read by name alone.
    """
    names = tuple(one.name for one in sheets if one.visible)
    usual = (columns or {}).get(SHEET)
    columns = {field: caption for field, caption in (columns or {}).items() if field != SHEET}
    asked = [one for one in sheets if is_called(one.name, sheet)] if sheet else _usual(sheets, usual)
    if sheet and not asked:
        missing = problem("sheet_missing", None, None, None, sheet, sheet=sheet, sheets=", ".join(names))
        return Reading(as_at, sheets=names, errors=(missing,))
    chosen, others = _best_sheet(asked, frozenset(_keys(columns)))
    if chosen is None:
        name = next((one.name for one in asked), None)
        missing = problem("no_header", name, None, None, limit=header.LOOK_AHEAD)
        hidden, _ = _best_sheet([one for one in sheets if not one.visible], frozenset(_keys(columns)))
        if hidden is not None and not sheet:
            missing = problem("sheet_hidden", None, None, None, hidden=hidden.sheet.name)
        return Reading(as_at, name, names, errors=(missing,))
    return _read(chosen, others, names, as_at, columns, known, tell)


def _read(
    chosen: _Found,
    others: list[_Found],
    names: tuple[str, ...],
    as_at: date,
    columns: Mapping[str, str | None] | None,
    known: KnownOrganisation,
    tell: Told | None,
) -> Reading:
    """The sheet that was chosen, from its header down."""
    read_sheet, position = chosen.sheet, chosen.position
    row, cells = chosen.ahead[position]
    below = chosen.ahead[position + 1] if position + 1 < len(chosen.ahead) else None
    captions, two_rows = header.captions_of(cells, below[1] if below else None)
    if upload_format.is_ours(captions):
        columns = None
    # Of two rows of captions, a later page may repeat each.
    upper_rows = chosen.ahead[: position + 2 if two_rows else position]
    above = {text_of(cell) for _, upper in upper_rows for cell in upper if text_of(cell)}
    rows = chain(chosen.ahead[position + 1 + two_rows :], chosen.rest)
    sample = list(islice(rows, _SAMPLE))
    layout = recognised(
        captions, [cells for _, cells in sample], sheet=read_sheet.name, row=row, chosen=columns
    )
    people = People(read_sheet, layout, captions, as_at, above, known.number_of_email)
    merges = Merges(read_sheet, (column.position for column in layout.columns))
    problems = [
        *layout.problems,
        *_missing_columns(layout, read_sheet.name, row),
        *_other_sheets(others, read_sheet.name),
    ]
    if not any(found.code == "no_name_column" for found in problems):
        people.look_above(row, chosen.ahead[:position])
        whole = merges.filled(chain(sample, rows))
        people.read(whole if tell is None else _counted(whole, tell))
    numbers = checks.applied(people, known)
    problems += [*people.problems, *merges.problems(captions), *_nul_bytes(people, captions)]
    if not people.rows and not people.bad and not any(is_error(found.code) for found in problems):
        problems.append(problem("no_people", read_sheet.name, row, None))
    problems += [problem(code, read_sheet.name, at, None, text) for at, text, code in people.lines.doubtful]
    problems.sort(key=lambda found: found.row or 0)
    return Reading(
        as_at=as_at,
        sheet=read_sheet.name,
        sheets=names,
        header_row=row,
        columns=layout.columns,
        not_read=layout.not_read,
        rows=tuple(people.rows),
        bad=tuple(sorted(people.bad)),
        repeated=people.repeated,
        people=len(
            {fact.number for fact in people.rows if fact.number}
            | {bad.number for bad in people.bad if bad.number}
        ),
        skipped=people.lines.skipped,
        left_out=tuple(people.lines.left_out),
        errors=tuple(found for found in problems if is_error(found.code)),
        warnings=tuple(found for found in problems if not is_error(found.code)),
        numbered_by_email=people.number_field is Field.EMAIL,
        numbers_to_fill_in=numbers,
    )


def _counted(rows: Iterator[tuple[int, Sequence[Any]]], tell: Told) -> Iterator[tuple[int, Sequence[Any]]]:
    for count, row in enumerate(rows):
        if count % _TELL_EVERY == 0:
            tell("Reading", count, None)
        yield row


def is_called(name: str, wanted: str | None) -> bool:
    """Whether a sheet has the name somebody gives it; letter case and white space do not matter."""
    return wanted is not None and text_of(name).casefold() == text_of(wanted).casefold()


def _usual(sheets: Sequence[SheetOfCells], usual: str | None) -> list[SheetOfCells]:
    """The sheet that was decided on, where this file has it; else all that can be seen."""
    visible = [one for one in sheets if one.visible]
    return [one for one in visible if is_called(one.name, usual)] or visible


def _keys(columns: Mapping[str, str | None] | None) -> list[str]:
    return [
        caption_key(caption)
        for wanted in (columns or {}).values()
        for caption in (wanted or "").split("|")
        if caption
    ]


def _best_sheet(sheets: Sequence[SheetOfCells], wanted: frozenset[str]) -> tuple[_Found | None, list[_Found]]:
    """The sheet with the best header, the first of equals; and the others that have one.

    A sheet of leavers, old lists or examples comes behind all others.
    """
    best: _Found | None = None
    others: list[_Found] = []
    for sheet in sheets:
        rows = sheet.rows()
        ahead = list(islice(rows, header.LOOK_AHEAD))
        position, merit = header.found(ahead, wanted)
        if merit <= 0:
            continue
        found = _Found(sheet, ahead, rows, position, merit)
        if best is None or _goes_before(found, best):
            if best is not None:
                others.append(best)
            best = found
        else:
            others.append(found)
    return best, others


def _goes_before(one: _Found, other: _Found) -> bool:
    one_aside, other_aside = (bool(_BESIDE_THE_LIST.search(found.sheet.name)) for found in (one, other))
    return one.merit > other.merit if one_aside is other_aside else other_aside


def _missing_columns(layout: Layout, sheet: str, row: int) -> list[Problem]:
    found = []
    if all(layout.position(field) is None for field in (Field.NAME, Field.GIVEN, Field.FAMILY)):
        found.append(problem("no_name_column", sheet, row, None))
    if layout.position(Field.TITLE) is None:
        found.append(problem("no_title_column", sheet, row, None))
    return found


def _other_sheets(others: list[_Found], chosen: str) -> list[Problem]:
    """Visible sheets that hold people too are said; a sheet of explanations that mentions captions is not."""
    return [
        problem(
            "sheet_not_read",
            other.sheet.name,
            other.ahead[other.position][0],
            None,
            sheet=chosen,
            other=other.sheet.name,
        )
        for other in others
        if len(other.ahead) > other.position + 1 and other.merit >= 3
    ]


def _nul_bytes(people: People, captions: Sequence[str]) -> list[Problem]:
    """Cells with NUL bytes outside the columns that were read; those inside have been named already."""
    named = {(found.row, found.column) for found in people.problems if found.code == "nul_bytes"}
    read = {column.position: column.caption for column in people.layout.columns}
    return [
        problem("nul_bytes", people.sheet.name, row, _caption(captions, position), "")
        for row, position in sorted(people.sheet.nul_cells)
        if (row, read.get(position)) not in named
    ]


def _caption(captions: Sequence[str], position: int) -> str | None:
    return captions[position] if position < len(captions) and captions[position] else None
