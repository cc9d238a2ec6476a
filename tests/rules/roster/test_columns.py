"""Which column means what, in the lists of the systems that HR uses."""

from datetime import date
from typing import Any

import pytest

from lms.rules.roster import Field, Reading
from tests.rosters.lists import CAPTIONS, errors, read, read_cells, row, warnings


def meant(reading: Reading) -> dict[str, str]:
    return {column.caption: column.field.value for column in reading.columns}


ITRENT = ["Personal reference", "Position reference", "Surname", "Forename(s)", "Known as", "Position title", "Unit",
          "Directorate", "Employment status", "Position start date", "Position end date", "Contract type", "Hours", "Reports to",
          "Work email", "NI number", "Date of birth", "Salary"]  # fmt: skip


def test_itrent() -> None:
    values = ["700100", "700100-01", "Gill", "Kit", "", "Officer", "Waste", "Corporate", "Active", "01/02/2020", "", "Permanent",
              "37", "700200", "kit@x.example", "QQ1", "01/01/1980", "£3"]  # fmt: skip
    reading = read_cells([ITRENT, values])
    assert reading.not_read == ("Hours", "NI number", "Date of birth", "Salary")
    fact = reading.rows[0]
    assert (fact.number, fact.reference, fact.title, fact.units) == (
        "700100",
        "700100-01",
        "Officer",
        ("Corporate", "Waste"),
    )
    assert fact.manager == "700200"


def test_sap_whose_position_is_a_number() -> None:
    captions = [
        "Pers.No.",
        "Last name",
        "First name",
        "Position",
        "Job",
        "Organizational Unit",
        "Entry",
        "EE subgroup",
    ]
    fact = read_cells(
        [
            captions,
            ["00012345", "Gill", "Kit", "50001234", "Social Worker", "Adults", "01.04.2019", "Salaried"],
        ]
    ).rows[0]
    assert (fact.number, fact.reference, fact.title, fact.units) == (
        "00012345",
        "50001234",
        "Social Worker",
        ("Adults",),
    )


def test_oracle() -> None:
    captions = ["Person Number", "Assignment Number", "Assignment Status Type", "Department", "Job Name", "Position Name", "Hire Date",
                "Line Manager", "Work Email", "Display Name"]  # fmt: skip
    values = [
        "1234",
        "E1234-2",
        "Suspended - Payroll Eligible",
        "Adults",
        "Job.SW",
        "Social Worker",
        "2019-04-01",
        "Boss, The",
        "a@b.example",
        "Kit Gill",
    ]
    fact = read_cells([captions, values]).rows[0]
    assert (fact.number, fact.reference, fact.title, fact.status) == (
        "1234",
        "E1234-2",
        "Social Worker",
        "away",
    )


def test_sims_whose_title_is_mr_or_ms() -> None:
    captions = ["Staff code", "Title", "Surname", "Forename", "Role(s)", "Contract start"]
    reading = read_cells([captions, ["ABC", "Mrs", "Gill", "Kit", "Class Teacher KS2", "01/09/2019"]])
    assert reading.rows[0].title == "Class Teacher KS2"
    assert reading.not_read == ("Title",)


def test_a_title_that_is_a_job_title() -> None:
    reading = read_cells(
        [["Staff ID", "Name", "Title"], ["7", "Kit Gill", "Trustee"], ["8", "Jo Gill", "Dr"]]
    )
    assert meant(reading)["Title"] == "title"


def test_asc_wds_whose_job_role_is_a_number() -> None:
    captions = [
        "LOCALESTID",
        "UNIQUEWORKERID",
        "STATUS",
        "DISPLAYID",
        "NINUMBER",
        "STARTDATE",
        "STARTINSECT",
        "EMPLSTATUS",
        "MAINJOBROLE",
        "MAINJRDESC",
    ]
    reading = read_cells(
        [
            captions,
            ["E1", "W1", "UPDATE", "Kit Gill", "QQ", "30/06/2023", "2023", "3", "8", ""],
            ["E1", "W2", "DELETE", "Jo Gill", "QQ", "30/06/2023", "2023", "1", 25.0, ""],
        ]
    )
    assert [(fact.title, fact.status, fact.bank) for fact in reading.rows] == [
        ("8", "in_post", True),
        ("25", "left", False),
    ]
    assert "NINUMBER" in reading.not_read


def test_police() -> None:
    captions = ["Collar No", "Rank", "Name", "Role", "Dept", "Date Joined"]
    fact = read_cells([captions, ["4521", "PC", "GILL, Kit", "Response", "Ops", "1/9/2019"]]).rows[0]
    assert (fact.number, fact.title, fact.units) == ("4521", "Response", ("Ops",))


def test_dls_delegates() -> None:
    captions = ["DelegateID", "LastName", "FirstName", "JobGroupID", "Active", "EmailAddress"]
    reading = read_cells(
        [
            captions,
            ["D1", "Gill", "Kit", "Nursing", "TRUE", "a@b.example"],
            ["D2", "Gill", "Jo", "Nursing", False, "c@b.example"],
        ]
    )
    assert [fact.status for fact in reading.rows] == ["in_post", "left"]


@pytest.mark.parametrize(
    "caption",
    [
        "No",
        "No.",
        "#",
        "Staff no",
        "STAFF NUMBER",
        "Employee\nNumber",
        "Employee-Number *",
        "Emp. No (8 digits)",
        "ID",
        "SOP Staff No.",
        "User/Employee ID",
        "Trust payroll number",
        "Council Employee Ref. No.",
    ],
)
def test_a_number_has_many_captions(caption: str) -> None:
    assert (
        meant(read_cells([[caption, "Name", "Role"], ["V01", "Kit Gill", "Volunteer"]]))[
            " ".join(caption.split())
        ]
        == "number"
    )


def test_surname_beside_name_makes_that_the_given_name() -> None:
    fact = read_cells(
        [["No", "Surname", "Name", "Role"], ["V1", "Gill", "Kit", "x"], ["V2", "Gill", "Jo", "x"]]
    ).rows[0]
    assert (fact.given, fact.family) == ("Kit", "Gill")


def test_employee_is_a_name_or_a_number_as_its_values_say() -> None:
    assert (
        meant(read_cells([["Employee", "Name", "Role"], ["7001", "Kit Gill", "x"]]))["Employee"] == "number"
    )
    assert (
        meant(read_cells([["Payroll no", "Employee", "Role"], ["7001", "Kit Gill", "x"]]))["Employee"]
        == "name"
    )


def test_left_with_yes_and_no_is_no_date() -> None:
    reading = read_cells([["No", "Name", "Role", "Left?"], ["V1", "Kit Gill", "x", "N"]])
    assert reading.not_read == ("Left?",)


def test_no_other_column_is_read() -> None:
    captions = [
        *CAPTIONS,
        "NI Number",
        "Date of Birth",
        "Ethnicity",
        "Salary",
        "Notes",
        "Home address",
        "Personal email",
    ]
    reading = read_cells(
        [captions, [*row(), "QQ123456C", "01/01/1980", "x", "1", "y", "z", "w@home.example"]]
    )
    assert reading.not_read == tuple(captions[8:])
    assert "QQ123456C" not in repr(reading.rows)


# --- Captions that are wrong ------------------------------------------------------------------------------


def test_the_same_caption_over_two_columns_that_are_read_is_an_error() -> None:
    reading = read([*row(), "x@y.example"], captions=[*CAPTIONS, "EMAIL "])
    assert errors(reading) == [(1, "Email", "duplicate_header")]


def test_the_same_caption_over_columns_that_are_not_read_is_a_warning() -> None:
    reading = read([*row(), "x", "y"], captions=[*CAPTIONS, "Notes", "Notes"])
    assert not reading.errors
    assert warnings(reading) == [(1, "Notes", "caption_repeated")]


def test_a_list_without_names_is_refused() -> None:
    assert errors(read_cells([["Employee number", "Job title"], ["7", "Nurse"]])) == [
        (1, None, "no_name_column")
    ]


def test_a_list_without_titles_is_read_and_said() -> None:
    reading = read_cells([["Employee number", "Name"], ["7", "Kit Gill"]])
    assert [problem.code for problem in reading.warnings] == ["no_title_column"]
    assert reading.rows[0].title == ""


# --- What a person decided --------------------------------------------------------------------------------

ODD: list[list[Any]] = [
    ["Ref A", "Wer", "Was", "Seit", "Wo", "Haus", "Status"],
    ["7", "Kit Gill", "Nurse", "01/02/2020", "Ward", "North", "Terminated"],
]
CHOSEN: dict[str, str | None] = {
    "number": "ref a",
    "name": "Wer",
    "title": "WAS",
    "start": "Seit",
    "unit": "Haus|Wo",
    "status": None,
}


def test_columns_can_be_decided_by_a_person() -> None:
    fact = read_cells([["Bericht"], *ODD], columns=CHOSEN).rows[0]
    assert (fact.number, fact.family, fact.title, fact.units, fact.status) == (
        "7",
        "Gill",
        "Nurse",
        ("North", "Ward"),
        None,
    )


def test_a_decided_column_that_is_missing_is_an_error() -> None:
    reading = read_cells(ODD, columns={**CHOSEN, "email": "Post"})
    assert [problem.code for problem in reading.errors] == ["column_missing"]
    assert "Post" in reading.errors[0].message


def test_a_decision_about_nothing_is_an_error() -> None:
    reading = read_cells(ODD, columns={**CHOSEN, "shoe_size": "Haus"})
    assert [problem.code for problem in reading.errors] == ["field_unknown"]


def test_every_field_can_be_decided() -> None:
    assert {field.value for field in Field} >= {
        "number",
        "name",
        "given",
        "family",
        "title",
        "unit",
        "email",
        "start",
        "end",
        "status",
    }


@pytest.mark.parametrize(
    "caption",
    [
        "Line Manager Person Number",
        "Line Manager SOP Number",
        "Manager's Staff ID",
        "Reports to (payroll no.)",
        "Supervisor ESR No",
    ],
)
def test_a_managers_number_goes_before_a_managers_name(caption: str) -> None:
    values = [*row("71"), "Boss, The", "72"]
    reading = read(values, row("72"), captions=[*CAPTIONS, "Line Manager", caption])
    assert reading.rows[0].manager == "72"
    assert reading.not_read == ("Line Manager",)
    assert not reading.warnings


def test_managers_who_are_named_by_their_names_are_said_once() -> None:
    reading = read(
        [*row("71"), "Boss, The"],
        [*row("72"), "Boss, The"],
        [*row("73"), "71"],
        captions=[*CAPTIONS, "Reports to"],
    )
    assert warnings(reading) == [(2, "Reports to", "manager_by_name")]
    assert "2 rows" in reading.warnings[0].message
    one = read([*row("71"), "Boss, The"], captions=[*CAPTIONS, "Reports to"])
    assert "1 row names" in one.warnings[0].message


@pytest.mark.parametrize(
    "caption", ["Job Title / Band", "Business Roles", "Business role", "Post/Grade", "Grade"]
)
def test_more_columns_that_hold_what_somebody_does(caption: str) -> None:
    captions = [caption if one == "Job Title" else one for one in CAPTIONS]
    assert meant(read(row(title="Band 3 - Prison Officer"), captions=captions))[caption] == "title"


def test_a_grade_that_is_only_a_grade_is_no_title() -> None:
    captions = ["Grade" if one == "Job Title" else one for one in CAPTIONS]
    for grade in ("Band 5", "NHS|XR05|Review Body Band 5", "SO1", "Grade 7", "8a", "PO4"):
        assert warnings(read(row(title=grade), captions=captions)) == [(1, None, "no_title_column")], grade
    assert meant(read([*row(), "Band 3 - Officer"], captions=[*CAPTIONS, "Grade"]))["Job Title"] == "title"


def test_a_grade_that_says_what_somebody_does_goes_before_the_function_of_a_prison() -> None:
    captions = ["Grade" if one == "Job Title" else one for one in CAPTIONS]
    reading = read([*row(title="Band 3 - Prison Officer"), "Residence"], captions=[*captions, "Function"])
    assert (reading.rows[0].title, reading.not_read) == ("Band 3 - Prison Officer", ("Function",))
    reading = read([*row(title="Band 3"), "Driver"], captions=[*captions, "Function"])
    assert (reading.rows[0].title, reading.not_read) == ("Driver", ("Grade",))


@pytest.mark.parametrize(
    "caption", ["Previous employee number", "Approver Staff No", "Old payroll ref", "Employee ID expires"]
)
def test_a_number_that_is_over_or_somebody_elses_is_not_the_employees(caption: str) -> None:
    reading = read_cells([[caption, "Name", "Role", "Email"], ["71", "Kit Gill", "Cook", "kit@b.example"]])
    assert ([fact.number for fact in reading.rows], reading.not_read) == (["kit@b.example"], (caption,))


def test_sap_and_successfactors_at_their_full_length() -> None:
    captions = ["Personnel Number", "Name of Employee or Applicant", "Position Text", "Personnel Number of Superior",
                "Business Email Information Email Address"]  # fmt: skip
    fact = read(["00012345", "Gill, Kit", "Cook", "00012346", "kit@b.example"], captions=captions).rows[0]
    assert (fact.number, fact.family, fact.manager, fact.email) == (
        "00012345",
        "Gill",
        "00012346",
        "kit@b.example",
    )


@pytest.mark.parametrize(
    ("captions", "cells"),
    [
        (["Post No", "Post Title", "Postholder", "Payroll No", "School email"], ["P1", "Cook", "Kit Gill", "71", "kit@b.example"]),
        (["Resource ID", "Resource", "Position", "Position (T)", "E-mail work address", "Trust e-mail"],
         ["71", "Gill, Kit", "1001", "Cook", "", "kit@b.example"]),
        (["Emp_No", "Emp_Surname", "Emp_Forename", "Job_Title", "Email_Address"], ["71", "Gill", "Kit", "Cook", "kit@b.example"]),
        (["Employee ID", "Worker", "Legal Name - First Name", "Legal Name - Last Name", "Business Title", "Primary Work Email", "Manager email"],
         ["71", "Kit Gill", "Kit", "Gill", "Cook", "kit@b.example", "m@b.example"]),
        (["Unique Ref", "Preferred First Name", "Preferred Surname", "Job Profile", "Personal e-mail", "Council email"],
         ["71", "Kit", "Gill", "Cook", "kit@home.example", "kit@b.example"]),
    ],
)  # fmt: skip
def test_lists_by_post_and_by_systems_met_less_often(captions: list[str], cells: list[str]) -> None:
    fact = read(cells, captions=captions).rows[0]
    assert (fact.number, fact.given, fact.family, fact.title, fact.email) == (
        "71",
        "Kit",
        "Gill",
        "Cook",
        "kit@b.example",
    )


def test_the_name_people_go_by_is_no_first_name_where_somebody_said_which_is() -> None:
    captions = ["Staff no", "Surname", "Known as", "Called by", "Role"]
    cells = ["71", "Gill", "Kit", "Christopher", "Cook"]
    fact = read_cells([captions, cells], columns={"given": "Called by"}).rows[0]
    assert (fact.given, fact.known_as) == ("Christopher", "Kit")
    assert read_cells([captions, cells]).rows[0].given == "Kit"


@pytest.mark.parametrize("caption", ["Has work email", "Consent to e-mail"])
def test_a_question_about_email_is_no_column_of_addresses(caption: str) -> None:
    reading = read(["71", "Kit Gill", "Cook", "Yes"], captions=["Staff no", "Name", "Role", caption])
    assert (reading.rows[0].email, reading.not_read, reading.warnings) == (None, (caption,), ())


def test_words_that_access_cuts_short() -> None:
    captions = ["StaffNo", "StaffName", "JobTitle", "StartDt", "Left_Dt", "Mgr"]
    reading = read(["71", "Gill, Kit", "Cook", "01/04/2006", "30/06/2026", "72"], captions=captions)
    fact = reading.rows[0]
    assert (fact.start, fact.end, fact.manager) == (date(2006, 4, 1), date(2026, 6, 30), "72")
    captions = ["EmpID", "LName", "FName", "JobTitle", "EmailAddr"]
    fact = read(["71", "Gill", "Kit", "Cook", "kit@b.example"], captions=captions).rows[0]
    assert (fact.given, fact.family, fact.email) == ("Kit", "Gill", "kit@b.example")


def test_sap_writes_units_as_codes_and_as_text() -> None:
    captions = [*CAPTIONS, "Organizational unit", "Org. unit text"]
    reading = read([*row(), "50000010", "Housing Needs"], captions=captions)
    assert (reading.rows[0].units, reading.not_read) == (("Housing Needs",), ("Organizational unit",))


def test_initials_serve_where_there_are_no_first_names() -> None:
    captions = ["Initials" if one == "First Name" else one for one in CAPTIONS]
    assert read(row(given="J A"), captions=captions).rows[0].given == "J A"
    both = read([*row(given="Jane"), "J A"], captions=[*CAPTIONS, "Initials"])
    assert (both.rows[0].given, both.not_read) == ("Jane", ("Initials",))
