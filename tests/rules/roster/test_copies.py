"""A refused list goes back with what it lacks or with what is wrong in it."""

from datetime import date

from lms import spreadsheets
from lms.rules import roster
from lms.rules.roster import copies
from tests.rosters import files
from tests.rosters.lists import AS_AT, CAPTIONS, row

WITHOUT = [
    ["Lantern House"],
    [],
    ["Name", "Role", "Email", "Start"],
    ["Jane Smith", "Nurse", "", date(2020, 4, 1)],
    ["Bob Hay", "CEO", "", None],
]


def test_a_copy_with_numbers_filled_in_is_taken() -> None:
    book = spreadsheets.read(files.xlsx(WITHOUT), "list.xlsx")
    refused = roster.read(book.sheets, as_at=AS_AT)
    assert [problem.code for problem in refused.errors] == ["no_number_column"]
    copy = spreadsheets.write_xlsx(
        [("List", copies.with_numbers(copies.sheet_of(book.sheets, refused), refused))]
    )
    taken = roster.read(spreadsheets.read(copy, "copy.xlsx").sheets, as_at=AS_AT)
    assert not taken.errors
    assert [(fact.row, fact.number, fact.family, fact.start) for fact in taken.rows] == [
        (4, "GT00001", "Smith", date(2020, 4, 1)),
        (5, "GT00002", "Hay", None),
    ]


def test_a_copy_with_problems_says_them_beside_their_rows_and_can_be_uploaded_again() -> None:
    book = spreadsheets.read(
        files.xlsx([["List"], CAPTIONS, row("7", start="31/02/2024"), row("8"), row("", email="jane at x")]),
        "l",
    )
    refused = roster.read(book.sheets, as_at=AS_AT)
    rows = list(copies.with_problems(copies.sheet_of(book.sheets, refused), refused))
    assert rows[1][-1] == "Problems"
    assert rows[2][-1] == "Start Date: This date does not exist. Correct it."
    assert len(rows[3]) == len(CAPTIONS)
    assert rows[4][-1].startswith("Employee Number: There is no employee number.")
    assert "Email: This is not an e-mail address." in rows[4][-1]
    again = roster.read(spreadsheets.read(spreadsheets.write_xlsx([("List", rows)]), "l").sheets, as_at=AS_AT)
    assert [problem.code for problem in again.errors] == [problem.code for problem in refused.errors]
    assert "Problems" in again.not_read
