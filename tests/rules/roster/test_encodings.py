"""Letters that another encoding has spoilt are said, and letters that only look unusual are not."""

import pytest

from lms import spreadsheets
from lms.rules.roster.cells import plain


@pytest.mark.parametrize("name", ["René", "Müller", "Bäcker", "Jürgen", "Máire", "Mîrè"])
def test_a_macintosh_s_text_read_as_windows_is_said_to_be_garbled(name: str) -> None:
    [sheet] = spreadsheets.read(f"Name,Role\r\n{name},Nurse\r\n".encode("mac-roman"), "list.csv").sheets
    read = [cells[0] for _, cells in sheet.rows()][1]
    assert plain(read)[1] == ("garbled",)


@pytest.mark.parametrize("name", ["Müller", "O’Brien", "Zoë", "Ní Dhomhnaill", "Smith–Jones", "René"])
@pytest.mark.parametrize("encoding", ["mac-roman", "utf-8", "utf-16"])
def test_a_text_whose_lines_end_as_a_macintosh_ends_them_is_read_as_it_was_written(
    name: str, encoding: str
) -> None:
    [sheet] = spreadsheets.read(f"Name,Role\r{name},Nurse\r".encode(encoding), "list.csv").sheets
    assert [cells for _, cells in sheet.rows()] == [["Name", "Role"], [name, "Nurse"]]


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8"])
@pytest.mark.parametrize(
    "name",
    [
        "René",
        "Müller",
        "Žižek",
        "Šimić",
        "ŠIMIĆ",
        "O’Brien",
        "Smith–Jones",
        "Œuvre",
        "ŽELJKO",
        "Product™ lead",
    ],
)
def test_what_is_read_as_it_was_written_is_not(name: str, encoding: str) -> None:
    written = f"Name,Role\r\n{name},Nurse\r\n".encode(encoding, "replace")
    [sheet] = spreadsheets.read(written, "list.csv").sheets
    assert plain([cells[0] for _, cells in sheet.rows()][1])[1] == ()
