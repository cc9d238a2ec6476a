"""Employee numbers: what is repaired and said, and what is refused."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.rules.roster import KnownOrganisation
from lms.rules.roster.numbers import number_of
from tests.rosters.lists import errors, read, read_cells, row, warnings

ESR = [f"210000{n}" for n in range(10, 30)]


@pytest.mark.parametrize("raw", ["21000013", 21000013, 21000013.0, " 21000013 ", "21000013\u00a0"])
def test_a_number_is_read_as_it_stands(raw: Any) -> None:
    assert number_of(raw) == ("21000013", "")


@pytest.mark.parametrize(
    "raw", ["21000013.0", "21000013.00", "'21000013", "’21000013", '="21000013"', "21,000,013"]
)
def test_what_a_spreadsheet_added_is_taken_off_and_said(raw: str) -> None:
    reading = read(row(raw))
    assert [fact.number for fact in reading.rows] == ["21000013"]
    assert warnings(reading) == [(2, "Employee Number", "number_repaired")]
    assert "21000013" in reading.warnings[0].message


@pytest.mark.parametrize("raw", ["2.13E+07", "2.13e+07", "2,13E+07", "2E+07", "2.13E07", "-1.5E-03"])
def test_scientific_notation_is_an_error(raw: str) -> None:
    assert errors(read(row(raw))) == [(2, "Employee Number", "number_scientific")]


@pytest.mark.parametrize("raw", ["12E5", "W0001", "E1234-2", "A/123", "GT 12"])
def test_letters_may_be_part_of_a_number(raw: str) -> None:
    assert number_of(raw) == (raw, "")


@pytest.mark.parametrize("raw", ["ann@x.example", "+ann@x.example", "'+ann@x.example", "'-12"])
def test_an_address_may_serve_as_a_number_and_an_apostrophe_may_stand_before_either(raw: str) -> None:
    assert number_of(raw) == (raw.removeprefix("'"), "")


@pytest.mark.parametrize(
    "raw", ["", None, "-", "N/A", "TBC", "Unknown", 0, "0000", "#N/A", "AGENCY", "To follow"]
)
def test_a_missing_number_is_an_error(raw: Any) -> None:
    assert errors(read(row("7"), row(raw, given="Bob"))) == [(3, "Employee Number", "no_number")]


@pytest.mark.parametrize("raw", ["7,Fox\n8", 1.5, -3, True, "#REF!", "CLEAR", 1e15, "9" * 65])
def test_what_cannot_be_a_number_is_an_error(raw: Any) -> None:
    assert len(errors(read(row("7"), row(raw, given="Bob")))) == 1


def test_zeros_are_restored_from_what_is_known_of_the_organisation() -> None:
    known = KnownOrganisation(numbers=frozenset(("00310000", "700100", "W01")))
    reading = read(row(310000), row("0700100", given="A"), row("w01", given="B"), known=known)
    assert [fact.number for fact in reading.rows] == ["00310000", "700100", "W01"]
    assert warnings(reading)[0] == (2, "Employee Number", "number_zeros_restored")
    assert "00310000" in reading.warnings[0].message


def test_a_newcomer_whose_zeros_were_lost_with_everybodys_gets_the_width_of_the_stored_numbers() -> None:
    known = KnownOrganisation(numbers=frozenset(("00310000", "00700100")))
    reading = read(row(310000), row(123999, given="New"), known=known)
    assert [fact.number for fact in reading.rows] == ["00310000", "00123999"]
    assert [found.code for found in reading.warnings] == ["number_zeros_restored"] * 2
    mixed = KnownOrganisation(numbers=frozenset(("00310000", "700100")))
    assert [fact.number for fact in read(row(310000), row(123999), known=mixed).rows] == [
        "00310000",
        "123999",
    ]


def test_zeros_are_not_restored_where_two_numbers_are_possible() -> None:
    known = KnownOrganisation(numbers=frozenset(("0310", "00310")))
    assert read(row("310"), known=known).rows[0].number == "310"


@pytest.mark.parametrize("blank", [" ", "\u00a0", "\u2009", "\u202f"])
@pytest.mark.parametrize("stored", ["810007", "00810007"])
def test_a_number_grouped_with_blanks_is_the_one_that_is_known(blank: str, stored: str) -> None:
    reading = read(row(f"810{blank}007"), known=KnownOrganisation(numbers=frozenset((stored, "700100"))))
    assert [fact.number for fact in reading.rows] == [stored]
    assert warnings(reading) == [(2, "Employee Number", "number_regrouped")]
    assert reading.warnings[0].value == "810 007"
    assert f"read as {stored} as this organisation's earlier lists have it" in reading.warnings[0].message


def test_a_number_stored_with_its_blanks_is_the_one_without_them() -> None:
    known = KnownOrganisation(numbers=frozenset(("810 007", "810 008")))
    reading = read(row("810007"), row("810 008", given="A"), known=known)
    assert [fact.number for fact in reading.rows] == ["810 007", "810 008"]
    assert warnings(reading) == [(2, "Employee Number", "number_regrouped")]


@pytest.mark.parametrize(
    ("number", "stored"),
    [
        ("810 007", []),
        ("810 007", ["700100"]),
        ("810 007", ["8100 07", "81 0007"]),
        ("810 007", ["0810007", "00810007"]),
        ("810 007", ["810007", "810 007"]),
        ("GT 12", ["GT12"]),
    ],
)
def test_blanks_in_a_number_stay_where_it_is_not_certain_which_one_is_meant(
    number: str, stored: list[str]
) -> None:
    reading = read(row(number), known=KnownOrganisation(numbers=frozenset(stored)))
    assert [fact.number for fact in reading.rows] == [number]
    assert not reading.warnings


def test_of_numbers_that_differ_in_their_zeros_a_grouped_one_is_the_one_with_its_digits() -> None:
    known = KnownOrganisation(numbers=frozenset(("810007", "0810007")))
    assert read(row("810 007"), known=known).rows[0].number == "810007"


def test_a_number_without_its_blanks_is_still_held_against_the_name() -> None:
    known = KnownOrganisation(numbers=frozenset(("810007",)))
    reading = read(row("810007"), row("810 007", family="Jones"), known=known)
    assert errors(reading) == [(3, "Last Name", "number_two_names")]


def test_a_manager_and_a_reference_lose_their_blanks_with_the_number() -> None:
    known = KnownOrganisation(numbers=frozenset(("810007", "810008")))
    captions = ["Employee Number", "Assignment Number", "Name", "Position", "Supervisor Employee Number"]
    reading = read(["810 007", "810 007-2", "Kit Gill", "x", "810 008"], captions=captions, known=known)
    fact = reading.rows[0]
    assert (fact.number, fact.reference, fact.manager) == ("810007", "810007-2", "810008")


def test_zeros_are_restored_where_the_column_still_shows_its_width() -> None:
    reading = read(row("001234"), row("5678", given="A"), row(90, given="B"))
    assert [fact.number for fact in reading.rows] == ["001234", "005678", "000090"]
    assert [code for _, _, code in warnings(reading)] == ["number_zeros_restored"] * 2


def test_zeros_are_restored_among_the_eight_digits_of_esr() -> None:
    reading = read(*[row(float(number)) for number in ESR], row(310000.0))
    assert reading.rows[-1].number == "00310000"


def test_zeros_are_restored_in_an_esr_list_even_if_many_were_lost() -> None:
    rows = [
        [float(number), float(number), f"Person {number}", "x"] for number in (*ESR, *range(310000, 310012))
    ]
    captions = ["Employee Number", "Assignment Number", "Name", "Position"]
    facts = read(*rows, captions=captions).rows
    assert (facts[-1].number, facts[-1].reference) == ("00310011", "00310011")


def test_an_assignment_number_and_a_manager_get_their_zeros_back_with_the_number() -> None:
    known = KnownOrganisation(numbers=frozenset(("00310000", "00310001")))
    captions = ["Employee Number", "Assignment Number", "Name", "Position", "Supervisor Employee Number"]
    reading = read([310000, "310000-2", "Kit Gill", "x", 310001.0], captions=captions, known=known)
    fact = reading.rows[0]
    assert (fact.number, fact.reference, fact.manager) == ("00310000", "00310000-2", "00310001")


@pytest.mark.parametrize(
    "written", ["1,003", "1003.0", "'1003", "1003-2", "Lee, Pat (1003)", "1003-2|Lee, Pat", "1003 - Pat Lee"]
)
def test_a_manager_is_found_however_a_spreadsheet_or_esr_writes_the_number(written: str) -> None:
    captions = ["Employee Number", "Name", "Position", "Supervisor Assignment Number"]
    reading = read(["1001", "Kit Gill", "x", written], ["1,003", "Pat Lee", "x", ""], captions=captions)
    assert [fact.manager for fact in reading.rows] == ["1003", None]


REPORTING = ["Employee Number", "Name", "Position", "Supervisor Employee Number"]


@pytest.mark.parametrize(
    ("number", "written"),
    [
        ("810001", "810 001"),
        ("810001", "8100\u202f01"),
        ("810 001", "810001"),
        ("810 001", "81 0001"),
        ("00810001", "810 001"),
        ("810001", "810 001-2"),
        ("W0001", "w0001"),
    ],
)
def test_a_manager_is_found_among_the_numbers_of_a_first_list_however_they_are_grouped(
    number: str, written: str
) -> None:
    reading = read(["700100", "Kit Gill", "x", written], [number, "Pat Lee", "x", ""], captions=REPORTING)
    assert (reading.rows[0].manager, reading.rows[1].number) == (number, number)


@given(st.lists(st.integers(10**5, 10**6 - 1).map(str), min_size=1, max_size=8, unique=True), st.data())
def test_every_manager_of_a_first_list_is_found_wherever_the_blanks_stand(
    numbers: list[str], data: st.DataObject
) -> None:
    gaps = st.tuples(*[st.sampled_from(["", " "])] * 5)
    rows = [
        [number, "Kit Gill", "x", "".join(map(str.__add__, manager, (*data.draw(gaps), "")))]
        for number, manager in zip(numbers, reversed(numbers), strict=True)
    ]
    reading = read(*rows, captions=REPORTING)
    assert [fact.manager for fact in reading.rows] == numbers[::-1]


def test_a_manager_of_whom_two_numbers_are_possible_stays_as_written() -> None:
    two = [["81 0001", "A B", "x", ""], ["810 001", "C D", "x", ""]]
    for written in ("8100 01", "810001", "810 001"):
        reading = read(["700100", "Kit Gill", "x", written], *two, captions=REPORTING)
        assert reading.rows[0].manager == written


def test_a_reference_in_scientific_notation_is_left_out_and_said() -> None:
    reading = read(
        ["7", "2.13E+07", "Kit Gill", "x"],
        captions=["Employee Number", "Assignment Number", "Name", "Position"],
    )
    assert reading.rows[0].reference is None
    assert warnings(reading) == [(2, "Assignment Number", "reference_scientific")]


@pytest.mark.parametrize("blank", ["NULL", "N/A", " null "])
def test_a_reference_that_says_nothing_is_blank(blank: str) -> None:
    captions = ["Employee Number", "Assignment Number", "Name", "Role"]
    reading = read(
        ["7", blank, "Jane Smith", "Nurse"], ["7", blank, "Jane Smith", "Porter"], captions=captions
    )
    assert [fact.reference for fact in reading.rows] == [None, None]
    assert not reading.errors


def test_numbers_of_differing_width_are_left_alone() -> None:
    reading = read(row("12345"), row("123456", given="A"), row("1234", given="B"))
    assert [fact.number for fact in reading.rows] == ["12345", "123456", "1234"]
    assert not reading.warnings


def test_one_number_with_two_names_is_an_error_in_the_later_row() -> None:
    reading = read(row("7"), row("7", family="Jones"), row("7", title="Porter"))
    assert errors(reading) == [(3, "Last Name", "number_two_names")]
    assert "Jane Smith in row 2" in reading.errors[0].message
    assert [fact.title for fact in reading.rows] == ["Nurse", "Porter"]


def test_letter_case_does_not_make_two_people_of_one_number() -> None:
    assert {fact.number for fact in read(row("W01"), row("w01", title="Porter")).rows} == {"W01"}


def test_a_running_number_is_said() -> None:
    rows = [[str(n), f"Person {n}", "Volunteer"] for n in range(1, 7)]
    reading = read_cells([["No", "Name", "Role"], *rows])
    assert [problem.code for problem in reading.warnings] == ["running_number"]


# --- Lists without numbers ----------------------------------------------------------------------------------

BY_EMAIL = ["Name", "Role", "Email"]


def test_different_addresses_serve_as_numbers() -> None:
    reading = read(
        ["Jane Smith", "Nurse", "Jane@x.example"], ["Bob Hay", "Nurse", "bob@x.example"], captions=BY_EMAIL
    )
    assert reading.numbered_by_email
    assert [fact.number for fact in reading.rows] == ["jane@x.example", "bob@x.example"]
    assert not reading.errors


def test_an_address_that_is_known_gives_the_number_it_is_known_by() -> None:
    known = KnownOrganisation(number_of_email={"jane@x.example": "700100"})
    reading = read(["Jane Smith", "Nurse", "jane@x.example"], captions=BY_EMAIL, known=known)
    assert reading.rows[0].number == "700100"


@pytest.mark.parametrize(
    ("rows", "captions", "reason"),
    [
        (
            [["Jane Smith", "Nurse", "a@x.example"], ["Bob Hay", "Nurse", ""]],
            BY_EMAIL,
            "1 of 2 rows have none",
        ),
        (
            [["Jane Smith", "Nurse", "a@x.example"], ["Bob Hay", "Nurse", "a@x.example"]],
            BY_EMAIL,
            "several rows",
        ),
        ([["Jane Smith", "Nurse"], ["Bob Hay", "Nurse"]], BY_EMAIL[:2], "there are none"),
        (
            [["Jane Smith", "Nurse", "a@x.example"], ["Bob Hay", "Nurse", f"{'b' * 60}@x.example"]],
            BY_EMAIL,
            "longer than 64 characters",
        ),
    ],
)
def test_without_different_addresses_the_list_is_refused_with_numbers_to_fill_in(
    rows: list[list[str]], captions: list[str], reason: str
) -> None:
    reading = read(*rows, captions=captions)
    assert [problem.code for problem in reading.errors] == ["no_number_column"]
    assert reason in reading.errors[0].message
    assert reading.numbers_to_fill_in == {2: "GT00001", 3: "GT00002"}


def test_an_empty_column_of_numbers_is_none() -> None:
    rows = [[None, "Jane Smith", "Nurse", f"{n}@x.example"] for n in range(4)]
    reading = read(*rows, captions=["Employee number", *BY_EMAIL])
    assert reading.numbered_by_email
    assert not reading.errors


def test_the_assignment_number_holds_the_employee_number() -> None:
    rows = [
        ["21000013", "Gill, Mrs. Catherine", "Nurse"],
        ["21000013-2", "Gill, Mrs. Catherine", "Bank Nurse"],
    ]
    reading = read(*rows, captions=["Assignment Number", "Employee Name", "Position Title"])
    assert [(fact.number, fact.reference) for fact in reading.rows] == [
        ("21000013", "21000013"),
        ("21000013", "21000013-2"),
    ]
