"""Job titles and units out of ESR's packed fields."""

import pytest

from lms.rules.roster.titles import unpacked_title, unpacked_unit
from tests.rosters.lists import read, read_cells, row, warnings


@pytest.mark.parametrize(
    ("packed", "title"),
    [
        ("4362624|Community Nurse Band 5|N6H|Community Health Services|", "Community Nurse Band 5"),
        ("|Nurse|N6H||", "Nurse"),
        ("4362624||N6H|Area|", "N6H"),
        ("Nursing and Midwifery Registered|Community Nurse", "Community Nurse"),
        ("Staff Nurse", "Staff Nurse"),
        ("Receptionist/Care Navigator", "Receptionist/Care Navigator"),
    ],
)
def test_the_title_is_the_second_part_of_position(packed: str, title: str) -> None:
    assert unpacked_title(packed) == title


@pytest.mark.parametrize(
    ("packed", "unit"),
    [
        ("638 L5 Ward 12 Ashdale", "Ward 12 Ashdale"),
        ("638 Community Team", "Community Team"),
        ("Ward 12", "Ward 12"),
        ("L5 Ward", "L5 Ward"),
        ("638", "638"),
    ],
)
def test_a_unit_loses_the_trusts_number_and_its_level(packed: str, unit: str) -> None:
    assert unpacked_unit(packed) == unit


def test_the_job_is_not_the_title_where_there_is_a_position() -> None:
    reading = read_cells(
        [
            ["Employee Number", "Last Name", "First Name", "Job", "Position"],
            [
                "7",
                "Gill",
                "Kit",
                "Additional Clinical Services|Healthcare support worker",
                "43|HCA|H1A|Ward|",
            ],
        ]
    )
    assert reading.rows[0].title == "HCA"
    assert "Job" in reading.not_read


def test_units_run_from_the_top_down() -> None:
    reading = read_cells(
        [
            ["Employee Number", "Name", "Role", "Team", "Directorate", "Service"],
            ["7", "Kit Gill", "x", "Ward 12", "Medicine", "Acute"],
            ["8", "Jo Gill", "x", "", "Medicine", "Medicine"],
        ]
    )
    assert [fact.units for fact in reading.rows] == [("Medicine", "Acute", "Ward 12"), ("Medicine",)]


@pytest.mark.parametrize(
    "path",
    ["Acute > Surgery > Theatres", "Acute › Surgery › Theatres", "Acute >> Surgery -> 638 L5 Theatres"],
)
def test_a_path_in_one_cell_is_taken_apart(path: str) -> None:
    reading = read_cells([["Employee Number", "Name", "Role", "Team"], ["7", "Kit Gill", "x", path]])
    assert reading.rows[0].units == ("Acute", "Surgery", "Theatres")


def test_a_column_of_parents_is_followed_to_the_top() -> None:
    reading = read_cells(
        [
            ["Employee Number", "Name", "Role", "Unit", "Parent unit"],
            ["7", "Kit Gill", "x", "Theatres", "Surgery"],
            ["8", "Jo Gill", "x", "surgery", "Acute"],
            ["9", "Al Gill", "x", "Acute", ""],
            ["10", "Bo Gill", "x", "Ring", "Rang"],
            ["11", "Cy Gill", "x", "Rang", "Ring"],
            ["12", "Di Gill", "x", "Stores", "Theatres"],
            ["13", "Ed Gill", "x", "Stores", "Kitchen"],
            ["14", "Flo Gill", "x", "Shelf", "Stores"],
        ]
    )
    assert [fact.units for fact in reading.rows] == [
        ("Acute", "Surgery", "Theatres"),
        ("Acute", "surgery"),
        ("Acute",),
        ("Rang", "Ring"),
        ("Ring", "Rang"),
        ("Acute", "Surgery", "Theatres", "Stores"),
        ("Kitchen", "Stores"),
        ("Stores", "Shelf"),
    ]


def test_a_spreadsheet_error_is_no_title_and_said() -> None:
    reading = read(row("7", title="#REF!"), row("8", title="#N/A"))
    assert [fact.title for fact in reading.rows] == ["", ""]
    assert [code for _, _, code in warnings(reading)] == ["spreadsheet_error", "no_title", "no_title"]


def test_a_very_long_title_is_cut_and_said() -> None:
    reading = read(row("7", title="x" * 100_000))
    assert len(reading.rows[0].title) <= 300
    assert warnings(reading) == [(2, "Job Title", "cell_long")]
    assert len(reading.warnings[0].value) <= 80
