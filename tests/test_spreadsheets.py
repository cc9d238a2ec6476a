"""The door for files of cells: what is let in, what is turned away and in which words."""

import csv
import io
import struct
import time
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lms import spreadsheets
from lms.errors import Invalid, NotFound
from lms.spreadsheets import archives, limits, streaming
from lms.spreadsheets.facts import Source
from lms.spreadsheets.styles import shows_date, shows_scientific, styles_of
from lms.spreadsheets.survey import surveyed
from lms.spreadsheets.writing import guarded, unguarded
from tests.rosters import files

ROWS = [
    ["Employee number", "Name", "Start"],
    ["00310000", "Zsófia Nguyễn", date(2024, 3, 31)],
    ["21000013", "Line\nbreak", None],
]


def cells(source: Source, sheet: int = 0) -> list[tuple[int, list[Any]]]:
    """The rows of a sheet without what is blank at their ends."""
    found = []
    for number, row in spreadsheets.read(source, "list.x").sheets[sheet].rows():
        kept = [None if cell == "" else cell for cell in row]
        while kept and kept[-1] is None:
            kept.pop()
        found.append((number, kept))
    while found and not found[-1][1]:
        found.pop()
    return found


def refusal(source: Source) -> str:
    """The sentence with which a file is turned away, when it is opened or while it is read."""

    def read_through() -> None:
        for sheet in spreadsheets.read(source, "list.x").sheets:
            for _ in sheet.rows():
                pass

    with pytest.raises(Invalid) as raised:
        read_through()
    return raised.value.message


# --- Every kind of file gives the same cells ---------------------------------------------------------------


@pytest.mark.parametrize("make", [files.xlsx, files.xls, files.ods])
def test_every_kind_of_workbook_gives_the_same_cells(make: Callable[..., bytes]) -> None:
    assert cells(make(ROWS)) == [
        (number, [c for c in row if c is not None]) for number, row in enumerate(ROWS, 1)
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "~"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("newline", ["\r\n", "\n", "\r"])
def test_text_is_read_in_every_usual_dialect(delimiter: str, encoding: str, newline: str) -> None:
    made = files.text([*ROWS, ["7", "x", "y"]], delimiter, encoding, newline)
    assert cells(made)[1] == (2, ["00310000", "Zsófia Nguyễn", "31/03/2024"])
    assert cells(made)[3] == (4, ["7", "x", "y"]), "a line break inside a cell does not start a row"


def test_windows_text_is_read_with_its_quotes_and_accents() -> None:
    made = files.text([["Name", "Unit"], ["D’Alessandro, Zoë", "Corporate – Resources"]], encoding="cp1252")
    assert cells(made)[1] == (2, ["D’Alessandro, Zoë", "Corporate – Resources"])


def test_a_letter_torn_apart_at_the_end_does_not_turn_the_rest_into_windows_text() -> None:
    made = files.text([["Name", "Unit"], ["Zoë", "B"], ["Zoë", "Bé"]], newline="\n").rstrip(b"\n")[:-1]
    assert cells(made)[1] == (2, ["Zoë", "B"])


def test_excels_own_first_line_names_the_delimiter() -> None:
    assert cells(b"sep=|\r\nName|Role, main\r\nJane|Nurse, lead\r\n") == [
        (1, ["Name", "Role, main"]),
        (2, ["Jane", "Nurse, lead"]),
    ], "and does not count as a row"


def test_packed_fields_do_not_pass_for_a_delimiter() -> None:
    rows = [["No", "Position", "Name"], *[[str(n), f"{n}|Nurse|N6A|Ward|", "Smith; Jane"] for n in range(9)]]
    assert cells(files.text(rows))[1] == (2, ["0", "0|Nurse|N6A|Ward|", "Smith; Jane"])


def test_numbers_and_dates_of_a_workbook_keep_their_kind() -> None:
    moment = datetime(2024, 3, 31, 7, 12)
    assert cells(files.xlsx([["x", 42591, 0.5, True, date(2024, 3, 31), moment]])) == [
        (1, ["x", 42591, 0.5, True, date(2024, 3, 31), moment])
    ]


def test_dates_counted_from_1904_are_the_same_days() -> None:
    made = files.xlsx([["x", date(2024, 3, 31)]], from_1904=True)
    assert cells(made) == [(1, ["x", date(2024, 3, 31)])]
    assert spreadsheets.read(made, "x").sheets[0].dates_from_1904


@pytest.mark.parametrize("make", [files.xlsx, files.xls, files.ods])
def test_sheets_keep_their_order_and_hidden_ones_are_known(make: Callable[..., bytes]) -> None:
    book = spreadsheets.read(make({"One": ROWS, "Zwei & drei": ROWS, "Hidden": ROWS}, hidden=["Hidden"]), "x")
    assert [(sheet.name, sheet.visible) for sheet in book.sheets] == [
        ("One", True),
        ("Zwei & drei", True),
        ("Hidden", False),
    ]


def test_a_number_shown_as_2_13e_07_arrives_as_a_person_sees_it() -> None:
    made = files.xlsx([["Employee number"], [21_300_000], [21_312_345]], formats={"A2": "0.00E+00"})
    assert cells(made) == [(1, ["Employee number"]), (2, ["2.13E+07"]), (3, [21_312_345])]


def test_a_number_shown_with_leading_zeros_arrives_with_them() -> None:
    made = files.xlsx(
        [["No"], [310_000], [21_000_013], [0.5]], formats=dict.fromkeys(("A2", "A3", "A4"), "00000000")
    )
    assert cells(made) == [(1, ["No"]), (2, ["00310000"]), (3, ["21000013"]), (4, [0.5])]


def test_an_old_workbook_shows_leading_zeros_on_the_sheet_and_in_the_cells_that_have_them() -> None:
    rows = [[], [None, "No"], [None, 310_000, 21_000_013], [None, 0.5], [None, 7, 8, 9]]
    made = spreadsheets.read(files.xls({"One": rows, "Two": [["x"], [12]]}, numbers="00000000"), "list")
    shown = [(number, list(row)) for number, row in made.sheets[0].rows()]
    assert shown[1:] == [
        (2, ["No", "", ""]),
        (3, ["00310000", "21000013", ""]),
        (4, [0.5, "", ""]),
        (5, ["00000007", "00000008", "00000009"]),
    ]
    assert [list(row) for _, row in made.sheets[1].rows()] == [["x"], ["00000012"]]


def test_an_open_document_shows_leading_zeros_and_nothing_else_as_text() -> None:
    def row(value: str, shown: str) -> str:
        return (
            f'<table:table-row><table:table-cell office:value-type="float" office:value="{value}"><text:p>{shown}</text:p>'
            "</table:table-cell></table:table-row>"
        )

    lines = (
        row("310000", "00310000") + row("7", "7.00") + row("1234", "1,234") + row("7", "08") + row("0", "0")
    )
    assert cells(files.ods_of(f'<table:table table:name="A">{lines}</table:table>')) == [
        (1, ["00310000"]), (2, [7]), (3, [1234]), (4, [7]), (5, [0])
    ]  # fmt: skip


def test_a_formula_that_nobody_has_worked_out_arrives_as_text() -> None:
    made = files.xlsx([["Name", "x"], ['=HYPERLINK("http://x.example","Smith")', "a"], ["=1+1", "b"]])
    assert cells(made)[1:] == [(2, ['=HYPERLINK("http://x.example","Smith")', "a"]), (3, ["=1+1", "b"])]


def test_spreadsheet_errors_arrive_as_text() -> None:
    made = files.xlsx([["Title", "x", "y"], ["Nurse", "#REF!", "#N/A"]])
    assert cells(made)[1] == (2, ["Nurse", "#REF!", "#N/A"])


def test_a_workbook_is_told_by_its_content_and_not_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(files.xlsx(ROWS))
    assert spreadsheets.read(path).kind == "xlsx"
    assert spreadsheets.read(str(path)).sheets[0].name == "Sheet1"


def test_prefixed_xml_and_cells_without_references_are_read() -> None:
    book = files.xlsx([["a", "b"], ["c", "d"]])
    sheet = files.part(book, "xl/worksheets/sheet1.xml")
    bare = sheet
    for name in (b"A1", b"B1", b"A2", b"B2"):
        bare = bare.replace(b' r="' + name + b'"', b"")
    assert cells(files.repacked(book, {"xl/worksheets/sheet1.xml": bare})) == [
        (1, ["a", "b"]),
        (2, ["c", "d"]),
    ]


# --- What is turned away ------------------------------------------------------------------------------------


OLE = files.xls(ROWS)
REFUSED = {
    "empty": (b"", "is empty"),
    "only blank lines": (b"\r\n , \r\n", "holds no text"),
    "pdf": (b"%PDF-1.7 ...", "PDF document"),
    "picture": (b"\x89PNG\r\n\x1a\n...", "picture"),
    "web page": (b"\xef\xbb\xbf\r\n<HTML><table><tr><td>Name</td>", "web page"),
    "web page below a comment": (b"<!-- made by HR -->\n<!-- x --> <table><tr><td>Name</td>", "web page"),
    "web page in UTF-16": ("<html><table><tr><td>Name</td>".encode("utf-16"), "web page"),
    "web archive": (b"MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n<table>", "web page"),
    "picture of a scanner": (b"II*\x00" + bytes(range(256)), "picture"),
    "picture of a browser": (b"RIFF\x24\x00\x00\x00WEBPVP8 " + bytes(range(256)), "picture"),
    "picture of a telephone": (b"\x00\x00\x00\x18ftypheic" + bytes(range(256)), "picture"),
    "xml spreadsheet": (b'<?xml version="1.0"?><Workbook/>', "XML file"),
    "json": (b'[{"name": "Jane"}]', "JSON"),
    "program": (b"\x7fELF\x02\x01\x01", "program"),
    "bytes": (bytes(range(256)) * 20, "neither text nor a workbook."),
    "word document": (
        files.zipped({"word/document.xml": "<x/>", "[Content_Types].xml": "<x/>"}),
        "Word document",
    ),
    "binary workbook": (
        files.zipped({"xl/workbook.bin": "x"}),
        "is a binary workbook (.xlsb), which cannot be read here.",
    ),
    "numbers": (files.zipped({"Index/Document.iwa": "x"}), "Numbers"),
    "zip": (files.zipped({"list.csv": "Name\r\n"}), "zip archive"),
    "text document": (
        files.zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<x/>"}),
        "a document",
    ),
    "old word document": (files.renamed_stream(OLE, "Workbook", "WordDocument"), "Word document"),
    "password on a workbook": (files.renamed_stream(OLE, "Workbook", "EncryptedPackage"), "password"),
    "password on a zip": (files.with_password_flag(files.xlsx(ROWS)), "password"),
    "password on ods": (files.ods_of("", "<encryption-data/>"), "password"),
    "cut off xlsx": (files.xlsx(ROWS)[:3000], "cut short"),
    "cut off xls": (OLE[:2000], "cut short"),
    "workbook without sheets": (
        files.repacked(files.xlsx(ROWS), {"xl/workbook.xml": b"<workbook/>"}),
        "no worksheet",
    ),
    "broken sheet": (
        files.repacked(files.xlsx(ROWS), {"xl/workbook.xml": b"<workbook><sheets"}),
        "damaged",
    ),
    "entities": (
        files.ods_of("").replace(b"x", b"x")
        and files.repacked(files.ods(ROWS), {"content.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}),
        "damaged",
    ),
    "open quotation": (b'Name,Role\r\nJane,"Nurse\r\nBob,Porter\r\n', "row 2: a quotation mark"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_list_is_turned_away_in_plain_words(what: str) -> None:
    content, words = REFUSED[what]
    said = refusal(content)
    assert words in said
    assert said.startswith(("list.x", "In list.x"))
    assert said.endswith(".")


def test_an_old_workbook_behind_a_password_is_named_so() -> None:
    at = OLE.index(struct.pack("<HH", 0x809, 16))
    following = at + 20
    locked = OLE[:following] + struct.pack("<H", 0x2F) + OLE[following + 2 :]
    assert "password" in refusal(locked)


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no file"):
        spreadsheets.read(tmp_path / "gone.xlsx")
    with pytest.raises(Invalid, match="folder"):
        spreadsheets.read(tmp_path)


def test_a_bomb_is_turned_away_before_it_is_unpacked() -> None:
    started = time.perf_counter()
    book = files.repacked(files.xlsx(ROWS), {"xl/worksheets/sheet1.xml": b" " * (300 * 2**20)})
    packed = time.perf_counter()
    assert "would unpack to" in refusal(book)
    assert time.perf_counter() - packed < max(1.0, packed - started)


def test_a_bomb_that_lies_about_its_size_is_turned_away() -> None:
    book = files.xlsx([["x"] * 9] * 500)
    real = len(files.part(book, "xl/worksheets/sheet1.xml"))
    lie = struct.pack("<I", 100)
    assert "would unpack to" in refusal(book.replace(struct.pack("<I", real), lie))


def test_sixteen_thousand_columns_are_turned_away() -> None:
    sheet = openpyxl.Workbook()
    sheet.active["A1"], sheet.active["XFD1"] = "Name", "x"
    out = io.BytesIO()
    sheet.save(out)
    wide = [",".join(["Name"] * 16_384)]
    assert "more than 1,000 columns" in refusal(out.getvalue())
    assert "more than 1,000 columns" in refusal("\r\n".join(wide).encode())
    repeated = '<table:table-row><table:table-cell table:number-columns-repeated="16384"><text:p>x</text:p></table:table-cell></table:table-row>'
    assert "more than 1,000 columns" in refusal(
        files.ods_of(f'<table:table table:name="a">{repeated}</table:table>')
    )


def test_a_million_blank_rows_are_turned_away() -> None:
    far = openpyxl.Workbook()
    far.active["A1"], far.active["A1000000"] = "Name", "x"
    out = io.BytesIO()
    far.save(out)
    assert "blank rows after row 1" in refusal(out.getvalue())
    assert "blank rows after row 1" in refusal(b"Name,Role\r\n" + b",\r\n" * 1_000_000)
    empty = b"".join(b'<row r="%d"/>' % number for number in range(2, 300_000))
    book = files.xlsx([["Name"]])
    sheet = files.part(book, "xl/worksheets/sheet1.xml").replace(b"</sheetData>", empty + b"</sheetData>")
    assert "blank rows after row 1" in refusal(files.repacked(book, {"xl/worksheets/sheet1.xml": sheet}))


def test_one_cell_far_away_costs_no_memory() -> None:
    far = openpyxl.Workbook()
    far.active["A1"], far.active["ZZ99000"] = "Name", "x"
    out = io.BytesIO()
    far.save(out)
    assert len(cells(out.getvalue())) == 99_000


def test_a_cell_that_claims_to_stand_elsewhere_costs_no_memory() -> None:
    book = files.xlsx([["Name"], ["x"]])
    sheet = files.part(book, "xl/worksheets/sheet1.xml").replace(b'r="A2"', b'r="SZ1000000"')
    started = time.perf_counter()
    assert len(cells(files.repacked(book, {"xl/worksheets/sheet1.xml": sheet}))) == 2
    assert time.perf_counter() - started < 5


def test_ods_repeats_rows_without_being_a_bomb() -> None:
    cell = "<table:table-cell><text:p>x</text:p></table:table-cell>"
    rows = f'<table:table-row table:number-rows-repeated="2000000000">{cell}</table:table-row>'
    assert "more than 1,048,576 rows" in refusal(
        files.ods_of(f'<table:table table:name="a">{rows}</table:table>')
    )
    blank = '<table:table-row table:number-rows-repeated="2000000000"><table:table-cell/></table:table-row>'
    one = f"<table:table-row>{cell}</table:table-row>"
    said = refusal(files.ods_of(f'<table:table table:name="a">{one}{blank}{one}</table:table>'))
    assert "blank rows" in said


def test_a_comment_in_ods_is_not_part_of_its_cell() -> None:
    cell = "<table:table-cell><office:annotation><text:p>ring him</text:p></office:annotation><text:p>Nurse<text:s text:c='2'/>B</text:p></table:table-cell>"
    made = files.ods_of(
        f'<table:table table:name="a"><table:table-row>{cell}</table:table-row></table:table>'
    )
    assert cells(made) == [(1, ["Nurse  B"])]


def test_a_line_without_end_is_turned_away() -> None:
    assert "million characters" in refusal(b"Name," + b"x" * (limits.LINE + 10))


def test_nul_bytes_are_reported_where_they_stand() -> None:
    sheet = spreadsheets.read(b"Name,Role\r\nJane,Nur\x00se\r\nBob,x\r\n", "x").sheets[0]
    assert list(sheet.rows())[1] == (2, ["Jane", "Nur\x00se"])
    assert sheet.nul_cells == {(2, 1)}


# --- The streamed reader ------------------------------------------------------------------------------------

CELL = st.one_of(
    st.none(),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12).map(
        lambda t: t.strip("= ") or None
    ),
    st.integers(-(10**9), 10**9),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.booleans(),
    st.dates(date(1950, 1, 1), date(2100, 1, 1)),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.lists(CELL, min_size=1, max_size=6), min_size=1, max_size=8), st.booleans())
def test_the_streamed_reader_gives_the_same_cells_as_the_quick_one(
    rows: list[list[Any]], from_1904: bool
) -> None:
    book = files.xlsx(rows, from_1904=from_1904)
    archive = archives.examined(book, "x")
    styles = styles_of(archive)
    streamed = list(streaming.rows(archive, "xl/worksheets/sheet1.xml", styles, from_1904=from_1904))
    # calamine leaves out blank columns at the left.
    left = min((at for row in rows for at, cell in enumerate(row) if cell is not None), default=0)
    quick = cells(book)
    shown = []
    for number, row in streamed:
        kept = [None if cell == "" else cell for cell in row][left:]
        while kept and kept[-1] is None:
            kept.pop()
        shown.append((number, kept))
    while shown and not shown[-1][1]:
        shown.pop()
    assert shown == quick


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 400), st.integers(1, 60))
def test_the_survey_finds_the_bounds_of_a_sheet(rows: int, columns: int) -> None:
    cells_ = [[None] * (columns - 1) + ["x"]] + [["x"]] * (rows - 1)
    archive = archives.examined(files.xlsx(cells_), "x")
    survey = surveyed(archive, "xl/worksheets/sheet1.xml", styles_of(archive))
    assert (survey.rows, survey.columns) == (rows, columns)


@pytest.mark.parametrize(
    ("code", "is_date"),
    [
        ("dd/mm/yyyy", True),
        ("[$-809]d mmm yy", True),
        ("h:mm", True),
        ("0.00", False),
        ("General", False),
        ('"day" 0', False),
        ("[Red]0", False),
    ],
)
def test_a_format_shows_a_date_or_not(code: str, is_date: bool) -> None:
    assert shows_date(code) is is_date


def test_a_format_shows_an_exponent_or_not() -> None:
    assert shows_scientific("0.00E+00")
    assert shows_scientific("##0.0E+0")
    assert not shows_scientific('0" E+"')
    assert not shows_scientific("General")


# --- Writing ------------------------------------------------------------------------------------------------

FORMULAS = ["=1+1", "+44 20", "-2", "@SUM(A1)", "\t=1", " =1", "'=1", "＝1"]


@pytest.mark.parametrize("text", FORMULAS)
def test_what_a_spreadsheet_would_run_is_written_to_csv_as_text(text: str) -> None:
    cell = next(csv.reader(io.StringIO(spreadsheets.write_csv([["x", text]]))))[1]
    assert cell.startswith("'")
    assert unguarded(cell) == text


@given(st.text())
def test_guarding_a_text_can_be_taken_back(text: str) -> None:
    assert unguarded(guarded(text)) == text


def test_what_a_spreadsheet_would_run_is_written_to_xlsx_as_text() -> None:
    made = spreadsheets.write_xlsx(
        [("List", [["Name"], *[[text] for text in FORMULAS], ["00123"], ["a@b.example"]])]
    )
    sheet = openpyxl.load_workbook(io.BytesIO(made)).active
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} == {"s"}
    assert [sheet.cell(row, 1).value for row in range(2, 10)] == [
        text.replace("\t", "\t") for text in FORMULAS
    ]
    assert [hyper.ref for hyper in sheet._hyperlinks] == []


def test_what_is_written_is_read_again() -> None:
    rows = [
        ["No", "Name", "Start", "Bank"],
        ["007", "Zsófia", date(2024, 3, 31), True],
        ["8", "=x", None, 2.5],
    ]
    assert cells(spreadsheets.write_xlsx([("List", rows)])) == [
        (1, rows[0]),
        (2, rows[1]),
        (3, ["8", "=x", None, 2.5]),
    ]
    assert cells(spreadsheets.write_csv(rows).encode())[1] == (2, ["007", "Zsófia", "2024-03-31", "yes"])


def test_control_characters_are_left_out_of_what_is_written() -> None:
    assert cells(spreadsheets.write_xlsx([("A", [["a\x00b\x07c"]])])) == [(1, ["abc"])]


def test_a_workbook_can_be_written_to_a_file(tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    assert spreadsheets.write_xlsx([("A", [["x"]])], path) == b""
    assert cells(path) == [(1, ["x"])]
