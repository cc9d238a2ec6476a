"""Looking at the columns of a list, and saying which is which once for all lists to come."""

from datetime import date

import pytest

from lms import spreadsheets
from lms.rules import roster
from lms.rules.roster import Field
from lms.rules.roster.preview import decided, preview
from lms.spreadsheets import Sheet
from tests.rosters import files

AS_AT = date(2026, 6, 30)
ODD = [
    ["Staff of the trust"],
    [],
    ["Ref A", "Who", "Does what", "NI Number", "Since when", "Contact"],
    ["100", "Jane Smith", "Staff Nurse", "AB123456C", "2020-04-01", "jane@example.org"],
    ["101", "Bob Hay", "Porter", "AB123456D", "2021-04-01", "bob@example.org"],
    ["102", "Ann Lee", "Porter", "", "2021-04-01", ""],
]


def sheets(rows: list[list[object]]) -> tuple[Sheet, ...]:
    return spreadsheets.read(files.xlsx(rows), "list.xlsx").sheets


def test_every_caption_is_shown_with_its_first_different_values_and_what_it_is_taken_for() -> None:
    usual = [["Employee Number", "Last Name", "First Name", "Position Title", "NI Number"]]
    usual += [[str(number), "Smith", f"Jo{number}", "Nurse", "AB123456C"] for number in range(6)]
    found = preview(sheets(usual), as_at=AS_AT)
    assert found is not None
    assert found.header_row == 1
    assert [(column.caption, column.field) for column in found.columns] == [
        ("Employee Number", Field.NUMBER),
        ("Last Name", Field.FAMILY),
        ("First Name", Field.GIVEN),
        ("Position Title", Field.TITLE),
        ("NI Number", None),
    ]
    assert found.columns[0].values == ("0", "1", "2")
    assert found.columns[3].values == ("Nurse",)


def test_a_sheet_without_captions_has_nothing_to_show() -> None:
    assert preview(sheets([[1, 2, 3], [4, 5, 6]]), as_at=AS_AT) is None


WELSH = [
    ["Rhestr staff, Mehefin"],
    ["Rhif", "Cyfenw", "Enw", "Swydd", "Adran"],
    ["K71", "Jones", "Sian", "Nyrs", "Ward 3"],
    ["K72", "Evans", "Dai", "Porthor", "Ward 4"],
]


def test_captions_in_unknown_words_are_shown_and_read_once_somebody_has_said_what_they_mean() -> None:
    found = preview(sheets(WELSH), as_at=AS_AT)
    assert found is not None
    assert (found.header_row, [column.field for column in found.columns]) == (2, [None] * 5)
    assert (found.columns[3].caption, found.columns[3].values) == ("Swydd", ("Nyrs", "Porthor"))
    meant = (Field.NUMBER, Field.FAMILY, Field.GIVEN, Field.TITLE, Field.UNIT)
    chosen = decided(sheets(WELSH), dict(zip(WELSH[1], meant, strict=True)), as_at=AS_AT)
    reading = roster.read(sheets(WELSH), as_at=AS_AT, columns=chosen)
    facts = [(fact.number, fact.given, fact.family, fact.title, fact.units) for fact in reading.rows]
    assert facts == [
        ("K71", "Sian", "Jones", "Nyrs", ("Ward 3",)),
        ("K72", "Dai", "Evans", "Porthor", ("Ward 4",)),
    ]
    assert not reading.errors


@pytest.mark.parametrize(
    "rows",
    [
        WELSH[1:2],
        [["7001", "Hay", "Ann", "Cook"], ["7002", "Lee", "Bo", "Porter"]],
        [["Dear all,"], ["please find the list attached"], ["Kind regards, HR"]],
        [["A", "A", "A"], ["x", "y", "z"]],
    ],
)
def test_what_has_not_the_shape_of_captions_is_not_taken_for_them(rows: list[list[object]]) -> None:
    assert preview(sheets(rows), as_at=AS_AT) is None


def test_the_sheet_with_the_captions_that_somebody_decided_on_is_read() -> None:
    usual = ["Employee number", "Surname", "First name", "Job title"], ["1", "Hay", "Ann", "Cook"]
    here = files.xlsx({"Leavers": usual, "Now": ODD})
    chosen = {"number": "Ref A", "name": "Who", "title": "Does what"}
    reading = roster.read(spreadsheets.read(here, "list.xlsx").sheets, as_at=AS_AT, columns=chosen)
    assert (reading.sheet, len(reading.rows)) == ("Now", 3)


def test_what_somebody_decided_is_what_is_read_from_then_on() -> None:
    rows = [["Employee Number", "Name", "Job Title", "Post Title", "Start Date"]]
    rows += [["100", "Jane Smith", "Band 5", "Staff Nurse", "2020-04-01"]]
    wanted = {
        "Employee Number": Field.NUMBER,
        "Name": Field.NAME,
        "Job Title": Field.TITLE,
        "Post Title": None,
        "Start Date": Field.START,
    }
    book = sheets(rows)
    chosen = decided(book, wanted, as_at=AS_AT)
    reading = roster.read(book, as_at=AS_AT, columns=chosen)
    assert {column.caption: column.field for column in reading.columns} == {
        caption: field for caption, field in wanted.items() if field
    }
    assert reading.rows[0].title == "Band 5"
    assert set(chosen) <= {"title"}


def test_what_the_captions_say_by_themselves_need_not_be_remembered() -> None:
    rows = [["Employee Number", "Name", "Job Title"], ["100", "Jane Smith", "Staff Nurse"]]
    wanted = {"Employee Number": Field.NUMBER, "Name": Field.NAME, "Job Title": Field.TITLE}
    assert decided(sheets(rows), wanted, as_at=AS_AT) == {}


def test_a_column_can_be_left_unread() -> None:
    rows = [["Employee Number", "Name", "Job Title", "Email"]]
    rows += [["100", "Jane Smith", "Staff Nurse", "jane@example.org"]]
    wanted = {"Employee Number": Field.NUMBER, "Name": Field.NAME, "Job Title": Field.TITLE, "Email": None}
    book = sheets(rows)
    reading = roster.read(book, as_at=AS_AT, columns=decided(book, wanted, as_at=AS_AT))
    assert reading.rows[0].email is None
    assert "Email" in reading.not_read


@pytest.mark.parametrize("field", list(Field))
def test_any_field_can_be_said_of_any_column_and_is_then_taken(field: Field) -> None:
    rows = [["Employee Number", "Name", "Job Title", "Something"], ["100", "Jane Smith", "Staff Nurse", "1"]]
    wanted = {
        "Employee Number": Field.NUMBER,
        "Name": Field.NAME,
        "Job Title": Field.TITLE,
        "Something": field,
    }
    # A second column for the same thing takes it over.
    wanted |= {caption: None for caption, one in wanted.items() if one is field and caption != "Something"}
    book = sheets(rows)
    found = preview(book, as_at=AS_AT, chosen=decided(book, wanted, as_at=AS_AT))
    assert found is not None
    assert {column.caption: column.field for column in found.columns}["Something"] is field
