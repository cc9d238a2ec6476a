"""An export read again says exactly what is stored, whatever awkward things that is."""

from collections.abc import Callable
from datetime import date
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from lms import spreadsheets
from lms.rules import roster
from lms.rules.people import exporting
from lms.rules.people.plan import Kind, Plan, StoredPerson, compare
from lms.rules.roster import KnownOrganisation
from lms.services.people.exporting import as_csv, as_xlsx
from tests.rosters.lists import Cells
from tests.rules.people.test_plan import stored_after

MAY, JUNE, JULY = date(2026, 5, 31), date(2026, 6, 30), date(2026, 7, 31)
COLUMNS = [
    "Employee No",
    "Assignment Number",
    "Surname",
    "Forename",
    "Preferred name",
    "Post title",
    "Directorate",
    "Team",
    "Email",
    "Start",
    "End date",
    "Status",
    "Main job",
    "Bank staff",
    "Line manager number",
]
SNAGS = [
    "=SUM(1)", "+44 1924", "-12", "@cmd", "'=1", "''-1", "'Ward", "O’Neill", "O'Brien", "Smith, Jane", 'Anne "Nan"',
    "Ann\nMarie", "A › B", " › ", "638 L5 Ward 12", "4|Nurse|x", " 4|Nurse", "Nurse | Bank", "Vacant", "Unknown", "TBC",
    "N/A", "Null", "NULL", "CLEAR", "clear", "<b>Eve</b>", "Łukasz", "Ó Néill", "SMITH", "van der Berg", "Dr", "Mr Jones",
    "Jones (Jo)", "Smith (x", "（Ann）", "＝1", "0012", "12.0", "1E5", "2.1E+07", "1,234", '="0012"', "Total", "Name", "x" * 250,
    "Employee number", "#REF!", "_x000D_", "12/05/2024", "nil", "-", "ﬁ", "é", "a;b;c", "a\tb", "\u200bhidden",
]  # fmt: skip
NUMBERS = [
    "1",
    "0012",
    "12",
    "00000013",
    "W-7",
    "'0099",
    "-5",
    '="\'31"',
    "a@b.example",
    "'+x@y.example",
    "12.0",
]
STARTS = [
    "",
    "",
    "06/01/2020",
    "2026-06-10",
    "01/01/1899",
    "31/12/1900",
    "01/08/2026",
    "15/06/2026",
    "31/12/2026",
]
ENDS = ["", "", "", "31/12/9999", "15/06/2026", "31/12/2026", "01/01/2030", "CLEAR"]
STATUSES = ["", "Active", "Maternity", "Career break", "Terminated", "Bank", "No idea"]


def a_list(random: Random) -> list[list[str]]:
    rows = []
    for number in random.sample(NUMBERS, random.randint(1, 6)):
        names = [random.choice(["", "Jane", *SNAGS]) for _ in range(2)]
        email = random.choice(["", f"{len(rows)}@x.example", "'+a@x.example", "CLEAR"])
        for post in range(random.choice([1, 1, 2, 3])):
            rows.append(
                [
                    number,
                    random.choice(["", f"{number}-{post}", f"{number}-0", random.choice(SNAGS)]),
                    *names,
                    random.choice(["", "Jo", *SNAGS]),
                    random.choice(["", "Nurse", "Porter", *SNAGS]),
                    random.choice(["", "Care", *SNAGS]),
                    random.choice(["", "Team 1", *SNAGS]),
                    email,
                    random.choice(STARTS),
                    random.choice(ENDS),
                    random.choice(STATUSES),
                    random.choice(["", "Yes", "No"]),
                    random.choice(["", "Yes", "No"]),
                    random.choice(["", "1", "0012", *SNAGS]),
                ]
            )
    return rows


def known(stored: dict[str, StoredPerson]) -> KnownOrganisation:
    return KnownOrganisation(numbers=frozenset(stored))


def said_again(
    stored: dict[str, StoredPerson], as_at: date, write: Callable[..., bytes]
) -> tuple[roster.Reading, Plan]:
    content = write(list(exporting.rows(stored.values(), as_at)))
    reading = roster.read(
        spreadsheets.read(content).sheets,
        as_at=as_at,
        columns={"number": "Staff No", "title": "Position", "start": None},
        known=known(stored),
    )
    return reading, compare(reading.rows, stored, as_at=as_at, covers="all", bad=reading.bad)


@given(st.integers(0, 2**32), st.sampled_from([as_csv, as_xlsx]))
@settings(max_examples=150)
def test_an_export_read_again_changes_nothing(seed: int, write: Callable[..., bytes]) -> None:
    random = Random(seed)
    stored: dict[str, StoredPerson] = {}
    for as_at in (MAY, JUNE, JULY):
        reading = roster.read([Cells([COLUMNS, *a_list(random)])], as_at=as_at, known=known(stored))
        covers = random.choice([None, "all", "all", "unit=Team 1"])
        stored = stored_after(
            compare(reading.rows, stored, as_at=as_at, covers=covers, bad=reading.bad), stored
        )
        if not any(post.current(as_at) for one in stored.values() for post in one.posts):
            continue
        reading, plan = said_again(stored, as_at, write)
        assert reading.errors == (), (seed, as_at)
        assert not plan.writes, (seed, as_at, plan)
        assert set(plan.kinds.values()) <= {Kind.UNCHANGED}


def one(**said: str) -> tuple[dict[str, str], dict[str, StoredPerson]]:
    """The export of one person under its captions, and what was stored of them."""
    stored = people([said])
    captions, *rows = exporting.rows(stored.values(), JUNE)
    return dict(zip(map(str, captions), map(str, rows[0]), strict=True)), stored


def people(rows: list[dict[str, str]]) -> dict[str, StoredPerson]:
    cells = [[row.get(caption, "") for caption in COLUMNS] for row in rows]
    reading = roster.read([Cells([COLUMNS, *cells])], as_at=MAY)
    return stored_after(compare(reading.rows, {}, as_at=MAY, covers="all"), {})


ADA = {"Employee No": "0012", "Surname": "Ada", "Forename": "Lee", "Post title": "Nurse"}


def test_every_field_that_is_stored_has_a_column_and_what_is_not_known_is_blank() -> None:
    row, _ = one(
        **ADA
        | {
            "Assignment Number": "0012-2",
            "Preferred name": "Jo",
            "Directorate": "Surgery",
            "Team": "Theatres",
            "Email": "Lee.Ada@x.example",
            "Start": "06/01/2020",
            "End date": "31/12/2026",
            "Status": "Maternity",
            "Main job": "No",
            "Bank staff": "Yes",
            "Line manager number": "0001",
        }
    )
    assert row == {
        "Employee number": "0012",
        "Post reference": "0012-2",
        "Last name": "Ada",
        "First name": "Lee",
        "Known as": "Jo",
        "Job title": "Nurse",
        "Unit": "Surgery › Theatres",
        "Email": "lee.ada@x.example",
        "Start date": "2020-01-06",
        "End date": "2026-12-31",
        "Status": "Away",
        "Bank worker": "Yes",
        "Main post": "No",
        "Line manager number": "0001",
    }
    row, _ = one(**ADA)
    assert [caption for caption, cell in row.items() if not cell] == [
        "Post reference",
        "Known as",
        "Unit",
        "Email",
        "Start date",
        "End date",
        "Line manager number",
    ]


def test_whoever_has_left_is_no_longer_listed_and_whoever_starts_later_is() -> None:
    stored = people([ADA | {"End date": "30/06/2026"}, ADA | {"Employee No": "0013", "Start": "01/09/2026"}])
    for day, numbers in ((JUNE, ["0012", "0013"]), (JULY, ["0013"])):
        assert [row[0] for row in exporting.rows(stored.values(), day)][1:] == numbers


def test_an_end_beyond_every_calendar_is_left_blank() -> None:
    # As where a move was announced for a day that never comes: the post before ends on the eve of it.
    stored = people([ADA])
    post = stored["0012"].posts[0]._replace(ends_on=date(9998, 12, 30))
    stored = {"0012": stored["0012"]._replace(posts=(post,))}
    for write in (as_csv, as_xlsx):
        reading, plan = said_again(stored, JUNE, write)
        assert (reading.errors, reading.warnings, plan.writes) == ((), (), False)


def test_a_formula_leaves_as_text_and_comes_back_as_it_was() -> None:
    stored = people([ADA | {"Forename": "=HYPERLINK(1)", "Post title": "'@SUM", "Preferred name": "''-1"}])
    text = as_csv(list(exporting.rows(stored.values(), JUNE))).decode()
    assert ",'=HYPERLINK(1)," in text
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in text.replace("\r\n", ",").split(","))
    for write in (as_csv, as_xlsx):
        reading, plan = said_again(stored, JUNE, write)
        assert not plan.writes
        assert (reading.rows[0].given, reading.rows[0].title) == ("=HYPERLINK(1)", "@SUM")


def test_columns_that_were_decided_for_other_lists_do_not_hide_those_of_an_export() -> None:
    reading, plan = said_again(people([ADA]), JUNE, as_csv)
    assert (reading.errors, reading.not_read, plan.writes) == ((), (), False)
