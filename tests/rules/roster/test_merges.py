"""Merged cells: what stands in one is read for every row it covers, and said once."""

import pytest

from lms import spreadsheets
from lms.errors import Invalid
from lms.rules import roster
from lms.spreadsheets import excel, limits
from tests.rosters import files
from tests.rosters.lists import AS_AT, Cells, read_cells, read_file, warnings

ROWS = [
    ["Staff list"],
    [None, "Directorate", "Employee number", "Name", "Role", "Salary"],
    [None, "Children", "7001", "Jane Smith", "Nurse", 1],
    [None, None, "7002", "Kit Gill", "Porter", None],
    [None, None, "7003", "Pat Lee", "Nurse", None],
    [None, None, "7004", "Bo Ash", "Nurse", None],
    [None, "Adults", "7005", "Ann Fox", "Nurse", None],
    [None, None, "7006", "Max Hay", "Nurse", None],
]
UNITS = [("Children",), ("Children",), ("Children",), (), ("Adults",), ("Adults",)]
SPANS = {(3, 1): 5, (7, 1): 8}


def ods() -> bytes:
    cells = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string" table:number-rows-spanned="{SPANS.get((row, at), row) - row + 1}">'
            f"<text:p>{'' if cell is None else cell}</text:p></table:table-cell>"
            for at, cell in enumerate(cells)
        )
        + "</table:table-row>"
        for row, cells in enumerate(ROWS, 1)
    )
    return files.ods_of(f'<table:table table:name="Sheet1" table:style-name="ta1">{cells}</table:table>')


def xlsx() -> bytes:
    return files.xlsx(ROWS, merged=["A1:F1", "B3:B5", "B7:B8", "F3:F8"])


@pytest.mark.parametrize(
    "content",
    [xlsx(), files.xls(ROWS, tall={(2, 1): 4, (6, 1): 7}), ods()],
    ids=["xlsx", "xls", "ods"],
)
def test_a_unit_is_read_for_every_row_that_its_merged_cell_covers_and_that_is_said_once(
    content: bytes,
) -> None:
    reading = read_file(content)
    assert [fact.units for fact in reading.rows] == UNITS
    assert not reading.errors
    assert warnings(reading) == [(3, "Directorate", "cells_merged")]
    assert reading.warnings[0].message.startswith("2 cells are merged with those below")


def test_a_sheet_that_is_read_row_by_row_is_filled_as_well() -> None:
    far = [*([None] * 990), "x"]
    rows = [*ROWS, *([[]] * (excel.DENSE_CELLS // len(far))), far]
    reading = read_file(files.xlsx(rows, merged=["B3:B5", "B7:B8"]))
    assert [fact.units for fact in reading.rows] == UNITS


def test_merged_cells_without_end_are_refused_in_plain_words() -> None:
    name = "xl/worksheets/sheet1.xml"
    book = files.xlsx(ROWS)
    merges = b'<mergeCell ref="B3:B5"/>' * (limits.MERGED + 1)
    sheet = files.part(book, name).replace(
        b"</sheetData>", b"</sheetData><mergeCells>" + merges + b"</mergeCells>"
    )
    cell = '<table:table-cell table:number-rows-spanned="2"><text:p>x</text:p></table:table-cell>'
    row = f"<table:table-row>{cell * 500}</table:table-row>"
    table = f'<table:table table:name="S">{row * (limits.MERGED // 500 + 1)}</table:table>'
    for content in (files.repacked(book, {name: sheet}), files.ods_of(table)):
        with pytest.raises(Invalid, match="200,000 merged cells"):
            list(spreadsheets.read(content, "list").sheets[0].rows())


def test_somebody_merged_over_two_rows_has_two_posts() -> None:
    rows = [
        ["Employee number", "Name", "Role", "Unit"],
        ["7001", "Jane Smith", "Nurse", "A"],
        [None, None, "Porter", "B"],
    ]
    reading = read_file(files.xlsx(rows, merged=["A2:A3", "B2:B3"]))
    found = [(fact.number, fact.family, fact.title, fact.units) for fact in reading.rows]
    assert found == [("7001", "Smith", "Nurse", ("A",)), ("7001", "Smith", "Porter", ("B",))]
    assert [code for _, _, code in warnings(reading)] == ["cells_merged"]


def test_blank_rows_and_totals_under_a_merged_cell_stay_about_nobody() -> None:
    rows = [
        ["Unit", "Employee number", "Name", "Role", "Notes"],
        ["A", "7001", "Jane Smith", "Nurse", None],
        [],
        [None, None, None, None, "to be checked"],
        [None, "Total 1"],
    ]
    reading = read_file(files.xlsx(rows, merged=["A2:A5"]))
    assert [fact.row for fact in reading.rows] == [2]
    assert reading.left_out == ((4, "to be checked"), (5, "Total 1"))
    assert reading == read_file(files.xlsx(rows))


def test_captions_and_what_is_not_read_may_be_merged_without_a_word() -> None:
    rows = [
        ["Employee number", "Name", "Role", "Assignment", None, "Notes"],
        [None, None, None, "Start", "End", None],
        ["7001", "Jane Smith", "Nurse", "01/04/2020", None, "see Kit"],
        ["7002", "Kit Gill", "Nurse", "01/04/2020", None, None],
    ]
    reading = read_file(files.xlsx(rows, merged=["A1:A2", "B1:B2", "C1:C2", "D1:E1", "F3:F4"]))
    assert [fact.number for fact in reading.rows] == ["7001", "7002"]
    assert not reading.errors
    assert not reading.warnings


def test_blanks_that_are_not_merged_stay_blank() -> None:
    assert [fact.units for fact in read_cells(ROWS).rows] == [("Children",), (), (), (), ("Adults",), ()]


def test_what_a_covered_cell_says_itself_is_read() -> None:
    rows = [
        ["Employee number", "Name", "Role", "Unit"],
        ["7001", "Jane Smith", "Nurse", "A"],
        ["7002", "Kit Gill", "Nurse", "B"],
        ["7003", "Pat Lee", "Nurse"],
    ]
    reading = roster.read([Cells(rows, merged={2: [(3, 4)]})], as_at=AS_AT)
    assert [fact.units for fact in reading.rows] == [("A",), ("B",), ("A",)]
