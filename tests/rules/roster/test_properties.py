"""The same people read the same, however their list is written, and no list makes the reader fall over."""

from datetime import date
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lms.errors import Invalid
from lms.rules.roster import Field, KnownOrganisation, Reading, Status
from lms.rules.roster.names import PENDING, is_honorific, is_vacant
from tests.rosters import files
from tests.rosters.lists import AS_AT, read_cells, read_file

LETTERS = "abcdefghijklmnopqrstuvwxyzéłóßñğ"
NAME = (
    st.text(LETTERS, min_size=2, max_size=8)
    .map(str.title)
    .filter(
        lambda name: (
            not is_honorific(name) and not is_vacant(name) and name.casefold() not in {*PENDING, "null"}
        )
    )
)
TITLE = st.sampled_from(
    [
        "Staff Nurse Band 5",
        "SW (Childrens) Newly Qualified/ASYE",
        "Team Manager - Early Help",
        "D’Arcy’s Aide",
        "CEO",
        "Key Worker",
    ]
)
DAY = st.dates(date(1990, 1, 1), date(2027, 12, 31))
STATUS = st.sampled_from(
    [
        ("Active Assignment", Status.IN_POST),
        ("Maternity & Adoption", Status.AWAY),
        ("Terminated", Status.LEFT),
        ("", None),
    ]
)
PERSON = st.fixed_dictionaries(
    {
        Field.NUMBER: st.integers(1, 10**8 - 1).map(lambda n: f"{n:08}"),
        Field.FAMILY: NAME,
        Field.GIVEN: NAME,
        Field.TITLE: TITLE,
        Field.EMAIL: st.booleans(),
        Field.START: DAY,
        Field.STATUS: STATUS,
    }
)
PEOPLE = st.lists(PERSON, min_size=1, max_size=8, unique_by=lambda person: person[Field.NUMBER])
CAPTIONS = {
    Field.NUMBER: ["Employee Number", "Personal reference", "Staff No", "Pers.No.", "payroll_number"],
    Field.FAMILY: ["Last Name", "SURNAME", "Family name"],
    Field.GIVEN: ["First Name", "Forename(s)", "Given names"],
    Field.TITLE: ["Position Title", "Job title", "Role", "Post Title"],
    Field.EMAIL: ["Email Address", "Work e-mail", "E-Mail"],
    Field.START: ["Assignment Start Date", "Position start date", "Date started"],
    Field.STATUS: ["Assignment Status", "Employment status"],
}
DATES = [
    lambda d: f"{d:%d/%m/%Y}",
    lambda d: f"{d:%d-%b-%Y}",
    lambda d: d.isoformat(),
    lambda d: f"{d:%d %B %Y}",
    lambda d: d,
    lambda d: (d - date(1899, 12, 30)).days,
]
WRITERS = {
    "csv": lambda rows: files.text(rows),
    "semicolons": lambda rows: files.text(rows, ";", "utf-8-sig"),
    "tabs": lambda rows: files.text(rows, "\t", "utf-16", "\n"),
    "bars": lambda rows: files.text(rows, "|", "utf-8", "\n"),
    "xlsx": files.xlsx,
    "xls": files.xls,
    "ods": files.ods,
}
ABOVE: list[list[Any]] = [["Trust - Staff in Post"], ["Effective date: 31-May-2026"], []]
BELOW: list[list[Any]] = [[], ["Total 8"], ["Run date: 31-May-2026 07:12"]]
SLOW = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def said(reading: Reading) -> list[tuple[Any, ...]]:
    assert not reading.errors, reading.errors
    return sorted((f.number, f.family, f.given, f.title, f.email, f.start, f.status) for f in reading.rows)


def address(person: dict[Field, Any]) -> str | None:
    return f"p{person[Field.NUMBER]}@trust.example" if person[Field.EMAIL] else None


@SLOW
@given(PEOPLE, st.data())
def test_the_same_people_read_the_same_in_any_file(
    people: list[dict[Field, Any]], data: st.DataObject
) -> None:
    writer = data.draw(st.sampled_from(sorted(WRITERS)), "file")
    order = data.draw(st.permutations(list(CAPTIONS)), "order of columns")
    captions = {field: data.draw(st.sampled_from(CAPTIONS[field])) for field in order}
    written = data.draw(st.sampled_from(DATES if writer in ("xlsx", "xls", "ods") else DATES[:4]), "dates")
    blank = data.draw(st.sampled_from(["", "-", "N/A", "NULL"]), "blank")
    space = data.draw(st.sampled_from(["", " ", "\u00a0"]), "white space")

    def cell(person: dict[Field, Any], field: Field) -> Any:
        if field is Field.EMAIL:
            return address(person) or blank
        if field is Field.START:
            return written(person[field])
        if field is Field.STATUS:
            return person[field][0] or blank
        return f"{space}{person[field]}{space}"

    rows = [[cell(person, field) for field in order] for person in people]
    above = ABOVE[: data.draw(st.integers(0, 3), "title rows")]
    below = BELOW[: data.draw(st.integers(0, 3), "footer rows")]
    reading = read_file(WRITERS[writer]([*above, [captions[field] for field in order], *rows, *below]))
    assert reading.header_row == len(above) + 1
    assert said(reading) == sorted(
        (
            p[Field.NUMBER],
            p[Field.FAMILY],
            p[Field.GIVEN],
            p[Field.TITLE],
            address(p),
            p[Field.START],
            p[Field.STATUS][1],
        )
        for p in people
    )


@SLOW
@given(PEOPLE)
def test_zeros_lost_in_a_spreadsheet_come_back(people: list[dict[Field, Any]]) -> None:
    whole = [
        ["Employee Number", "Name", "Role"],
        *[[p[Field.NUMBER], f"{p[Field.FAMILY]}, {p[Field.GIVEN]}", "x"] for p in people],
    ]
    first = read_cells(whole)
    lost = [whole[0], *[[float(row[0]), *row[1:]] for row in whole[1:]]]
    known = KnownOrganisation(numbers=frozenset(fact.number for fact in first.rows))
    assert said(read_cells(lost, known=known)) == said(first)


ANYTHING = st.one_of(
    st.none(),
    st.text(max_size=20),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
    st.sampled_from(
        [
            "CLEAR",
            "#REF!",
            "VACANT",
            "Total 3",
            "2.13E+07",
            "03/31/2024",
            "-",
            "=1",
            "a@b.example",
            "x" * 2000,
            "Name",
            "\0",
        ]
    ),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(ANYTHING, max_size=9), max_size=12), st.integers(0, 3))
def test_whatever_stands_in_the_cells_every_row_is_accounted_for(rows: list[list[Any]], above: int) -> None:
    captions = [
        "Employee Number",
        "Last Name",
        "First Name",
        "Job Title",
        "Email",
        "Start Date",
        "End Date",
        "Status",
        "Unit",
    ]
    reading = read_cells([*ABOVE[:above], captions, *rows])
    assert reading.header_row is not None
    assert reading.row_count + reading.skipped + len(reading.left_out) <= len(rows) + above
    bad = {bad.row for bad in reading.bad}
    assert bad == {p.row for p in reading.errors if p.row not in (None, reading.header_row)}
    for fact in reading.rows:
        assert fact.number or reading.errors
        assert fact.family or fact.given
        assert not (fact.start and fact.end and fact.end < fact.start)
    for problem in (*reading.errors, *reading.warnings):
        assert len(problem.value) <= 80
        assert "\0" not in problem.value


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_bytes_that_are_no_list_are_refused_and_never_fall_through(content: bytes) -> None:
    try:
        refused = bool(read_file(content, AS_AT).errors)
    except Invalid:
        refused = True
    assert refused
