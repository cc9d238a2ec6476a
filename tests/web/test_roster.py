"""The pages of role lists: uploaded, looked at, applied, undone; titles confirmed and people linked."""

import os
import re
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from io import BytesIO

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlmodel import Session, select
from werkzeug.test import TestResponse

from lms import clock, db, settings
from lms.rules.access import EVERYTHING
from lms.rules.job_roles import title_key
from lms.rules.sessions import Draft
from lms.services import job_roles, roster, sessions
from lms.services.audit import Actor
from lms.tables.completions import Completion
from lms.tables.job_roles import JobRole, JobTitle
from lms.tables.people import Employment, Person, Post
from lms.tables.roster import RoleList
from lms.web.roster import pages
from tests.rosters import files
from tests.web.village import Village
from workers.roster import apply_role_list, check_role_list

CAPTIONS = "Employee Number,Last Name,First Name,Job Title,Email,Start Date,NI Number"
DAY = date(2026, 7, 31)
NAMES = ["Khan,Amina", "O’Neill,Ben", "Łukasz,Chloë", "Patel-Smith,Dev", "Bold,<b>Eve</b>"]


def row(number: int, title: str = "Staff nurse", name: str | None = None, email: str | None = None) -> str:
    """Somebody of the village as a line of a list; the NI number is nobody's business."""
    address = {0: "owner", 1: "mate"}.get(number, f"p10{number:04}")
    last = "Band 6" if number % 5 == 4 and title == "Staff nurse" else title
    return f"10{number:04},{name or NAMES[number % 5]},{last},{email or f'{address}@example.org'},,QQ12345{number % 10}A"


def everybody(*changed: str) -> list[str]:
    """The whole village as it is, with some lines instead of the people's own."""
    lines = {line.split(",")[0]: line for line in (row(number) for number in range(5))}
    return list((lines | {line.split(",")[0]: line for line in changed}).values())


def csv(lines: Iterable[str], captions: str = CAPTIONS) -> bytes:
    return "\n".join([captions, *lines]).encode()


def token(page: TestResponse) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def send(client: FlaskClient, address: str, see: str | None = None, **fields: object) -> TestResponse:
    fields["csrf_token"] = token(client.get(see or address))
    return client.post(address, data=fields, follow_redirects=True)


def upload(
    client: FlaskClient,
    content: bytes | None,
    filename: str = "list.csv",
    code: str = "QUA",
    **fields: object,
) -> TestResponse:
    """Upload a list of 31 July 2026 that covers the whole organisation."""
    usual: dict[str, object] = {
        "as_at[day]": "31",
        "as_at[month]": "July",
        "as_at[year]": "2026",
        "covers": "all",
    }
    if content is not None:
        usual["file"] = (BytesIO(content), filename)
    return send(client, f"/organisations/{code}/role-lists/new", **{**usual, **fields})


def shown(page: TestResponse) -> dict[str, int]:
    """The counts that a preview or result shows."""
    found = re.findall(
        r'<th scope="row">(?:<a[^>]*>)?(Joiners|Leavers|Movers|Changed|Unchanged)(?:</a>)?</th>\s*'
        r'<td class="gt-number">([\d,]+)</td>',
        page.text,
    )
    return {words: int(number.replace(",", "")) for words, number in found}


def id_of(page: TestResponse) -> int:
    found = re.search(r"/role-lists/(\d+)", page.request.path)
    assert found, page.request.path
    return int(found[1])


def apply(client: FlaskClient, role_list_id: int, **fields: object) -> TestResponse:
    return send(client, f"/role-lists/{role_list_id}/apply", f"/role-lists/{role_list_id}", **fields)


def titles_of(number: str) -> list[str]:
    with db.transaction(read_only=True) as session:
        rows = session.exec(
            select(Post.title)
            .join(Employment)
            .where(Employment.employee_number == number, Post.ends_on == None)  # noqa: E711
        ).all()
        return sorted(rows)


def employees() -> int:
    with db.transaction(read_only=True) as session:
        return len(session.exec(select(Employment.id)).all())


@pytest.fixture(autouse=True)
def _a_day_in_august(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lists of these tests are of 31 July 2026."""
    monkeypatch.setattr(clock, "today", lambda: date(2026, 8, 3))


@pytest.fixture
def hr(village: Village) -> FlaskClient:
    return village.client("hr")


# --- Uploading ------------------------------------------------------------------------------------------


def test_hr_of_one_organisation_goes_straight_to_its_lists(hr: FlaskClient) -> None:
    page = hr.get("/role-lists", follow_redirects=True)
    assert page.request.path == "/organisations/QUA/role-lists"
    assert "Upload a list" in page.text
    assert "30 June 2026" in page.text
    assert "1 job title waits" in page.text


def test_the_administrator_sees_every_organisation_with_the_date_of_its_last_list(village: Village) -> None:
    page = village.client("administrator").get("/role-lists")
    for words in ("Quarrelby Trust", "Farrowdyke Council", "Marlbeck Police", "30 June 2026", "none yet"):
        assert words in page.text


def test_the_preview_says_what_the_list_would_do_and_nothing_is_changed(hr: FlaskClient) -> None:
    before = employees()
    page = upload(
        hr, csv([*everybody(row(1, "Ward Manager"))[:4], "109999,New,Nia,Staff nurse,nia@example.org,,"])
    )
    assert page.status_code == 200, page.text
    assert "What this list would do" in page.text
    assert "Nothing has been changed yet" in page.text
    assert shown(page) == {"Joiners": 1, "Leavers": 1, "Movers": 1, "Changed": 0, "Unchanged": 3}
    assert "Ward Manager" in page.text
    assert "ATR-F" in page.text
    assert "Not read, not kept: NI Number" in page.text
    assert employees() == before
    assert titles_of("100001") == ["Staff nurse"]


def test_the_preview_names_the_role_that_a_title_may_mean(village: Village, hr: FlaskClient) -> None:
    more_titles(village)
    page = upload(hr, csv(["109999,New,Nia,HCA Nights,nia@example.org,,"]), covers="nothing")
    assert re.search(r"HCA Nights.*\n.*Healthcare support worker \(\d+ of 100\)", page.text)


def test_what_is_not_read_is_not_kept(hr: FlaskClient) -> None:
    page = upload(hr, csv(everybody()))
    with db.transaction(read_only=True) as session:
        kept = session.get_one(RoleList, id_of(page))
        reading = roster.unpacked(kept)
    assert "QQ12345" not in repr(reading)
    assert "QQ12345" not in repr(kept.report)


def test_no_file_stays_behind_not_even_one_whose_process_was_killed(hr: FlaskClient) -> None:
    folder = settings.current().var / "uploads"
    (folder / "upload-killed").mkdir(parents=True)
    os.utime(folder / "upload-killed", (0, 0))
    upload(hr, csv(everybody()))
    upload(hr, b"%PDF-1.4", "list.pdf")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("joiner", "New post: Staff nurse"),
        ("leaver", "Band 6: ends on 30 July 2026"),
        ("mover", "New post: Ward Manager"),
        ("unchanged", "Nothing"),
    ],
)
def test_each_number_leads_to_the_people_meant(hr: FlaskClient, kind: str, words: str) -> None:
    page = upload(
        hr, csv([*everybody(row(1, "Ward Manager"))[:4], "109999,New,Nia,Staff nurse,nia@example.org,,"])
    )
    people = hr.get(f"/role-lists/{id_of(page)}/people?kind={kind}")
    assert people.status_code == 200
    assert words in people.text
    assert hr.get(f"/role-lists/{id_of(page)}/people?kind=somebody").status_code == 404


def test_an_applied_list_is_shown_with_what_it_did_and_can_be_undone(hr: FlaskClient) -> None:
    page = apply(hr, id_of(upload(hr, csv(everybody(row(1, "Ward Manager"))))))
    assert "The list is applied" in page.text
    assert shown(page)["Movers"] == 1
    assert titles_of("100001") == ["Ward Manager"]
    assert "Undo this list" in page.text
    page = send(hr, "/organisations/QUA/role-lists/undo")
    assert "The list of 31 July 2026 is undone. Everything is as it was before." in page.text
    assert titles_of("100001") == ["Staff nurse"]
    page = hr.get("/organisations/QUA/role-lists")
    assert "Undone" in page.text


def test_undoing_keeps_whoever_has_come_onto_a_register_meanwhile(village: Village, hr: FlaskClient) -> None:
    apply(hr, id_of(upload(hr, csv([*everybody(), "109999,New,Nia,Staff nurse,nia@example.org,,"]))))
    with db.transaction() as session:
        someone = session.exec(select(Employment).where(Employment.employee_number == "109999")).one()
        made = sessions.create(
            session,
            EVERYTHING,
            Actor("test"),
            Draft(1, village.organisations["QUA"], date(2026, 8, 5), clock.now().time().replace(hour=9), 60),
            trainer_id=None,
            today=date(2026, 8, 3),
            now=clock.now(),
        )
        sessions.add_people(session, EVERYTHING, Actor("test"), made, [someone.id or 0], now=clock.now())
    page = send(hr, "/organisations/QUA/role-lists/undo")
    assert "is undone" in page.text
    with db.transaction(read_only=True) as session:
        assert len(sessions.register(session, EVERYTHING, made).entries) == 1


def test_the_same_list_again_changes_nothing_and_says_so(hr: FlaskClient) -> None:
    page = upload(hr, csv(everybody()))
    assert shown(page) == {"Joiners": 0, "Leavers": 0, "Movers": 0, "Changed": 0, "Unchanged": 5}


# --- What is refused ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "filename", "words"),
    [
        (None, "", "Select a role list"),
        (b"", "empty.csv", "empty.csv is empty"),
        (b"%PDF-1.4 not a list", "list.pdf", "is a PDF document, not a spreadsheet"),
        (b"PK\x03\x04 cut off", "list.xlsx", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "list.xls", "list.xls"),
    ],
)
def test_a_file_that_is_no_list_is_told_at_the_field(
    hr: FlaskClient, content: bytes | None, filename: str, words: str
) -> None:
    page = upload(hr, content, filename)
    assert page.status_code == 422
    assert "There is a problem" in page.text
    assert 'href="#file"' in page.text
    assert words in page.text
    with db.transaction(read_only=True) as session:
        assert len(session.exec(select(RoleList.id)).all()) == 2


def test_everything_that_is_missing_is_told_at_once(hr: FlaskClient) -> None:
    page = upload(hr, None, **{"as_at[day]": "31", "as_at[month]": "6", "covers": ""})
    for words in ("Select a role list", "Enter the date of the list", "Select what the list covers"):
        assert words in page.text
    assert "Enter the name of the unit" in upload(hr, csv(everybody()), covers="unit").text
    page = upload(hr, csv(everybody()), **{"as_at[year]": "2027"})
    assert "must be today or in the past" in page.text


def test_every_error_stands_with_its_row_column_and_value_and_markup_is_only_shown(hr: FlaskClient) -> None:
    bad = everybody("100001,O’Neill,Ben,Staff nurse,mate@example.org,31/02/2024,", ",<script>,X,Y,,,")
    page = upload(hr, csv(bad))
    assert page.status_code == 422
    assert "This list has errors" in page.text
    assert '<td data-label="Column">Start Date</td>' in page.text
    assert "31/02/2024" in page.text
    assert "This date does not exist. Correct it." in page.text
    assert '<td class="gt-number" data-label="Row">3</td>' in page.text
    assert "There is no employee number." in page.text
    assert "<script>," not in page.text
    assert titles_of("100001") == ["Staff nurse"]


def test_the_copy_with_the_problems_is_the_file_with_a_column_more(hr: FlaskClient) -> None:
    bad = everybody("100001,O’Neill,Ben,=HYPERLINK(1),mate@example.org,31/02/2024,")
    page = upload(hr, csv(bad))
    carried = re.search(r'name="carried" value="([^"]+)"', page.text)
    assert carried
    answer = hr.post(
        "/organisations/QUA/role-lists/copy",
        data={
            "csrf_token": token(page),
            "as_at": "2026-07-31",
            "carried": carried[1],
            "carried_name": "list.csv",
        },
    )
    assert answer.status_code == 200
    assert "list-with-problems.xlsx" in answer.headers["Content-Disposition"]
    sheet = openpyxl.load_workbook(BytesIO(answer.data)).active
    assert sheet is not None
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][-1] == "Problems"
    assert "Start Date: This date does not exist. Correct it." in str(rows[2][-1])
    assert rows[1][6] == "QQ123450A"
    assert all(cell.data_type != "f" for line in sheet.iter_rows() for cell in line)


def test_a_list_without_numbers_goes_back_with_numbers_filled_in(hr: FlaskClient) -> None:
    page = upload(hr, csv(["Khan,Amina,Nurse", "Hay,Bob,Porter"], "Last Name,First Name,Job Title"))
    assert page.status_code == 422
    assert "no column with employee numbers" in page.text
    offered = re.search(
        r'<form method="post" action="/organisations/QUA/role-lists/copy".*?</form>', page.text, re.S
    )
    assert offered, "the page names the copy, so it has to give it"
    assert 'name="numbers"' in offered[0]
    form = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', offered[0]))
    answer = hr.post("/organisations/QUA/role-lists/copy", data=form | {"numbers": "yes"})
    sheet = openpyxl.load_workbook(BytesIO(answer.data)).active
    assert sheet is not None
    assert [line[0] for line in sheet.iter_rows(values_only=True)] == [
        "Employee number",
        "GT00001",
        "GT00002",
    ]
    assert shown(upload(hr, answer.data, "list.xlsx", covers="nothing"))["Joiners"] == 2


def test_the_rows_without_errors_can_be_applied_alone(hr: FlaskClient) -> None:
    bad = everybody("100001,O’Neill,Ben,Ward Manager,mate@example.org,31/02/2024,", row(2, "Ward Manager"))
    page = upload(hr, csv(bad))
    number = re.search(r"/role-lists/(\d+)/good-rows", page.text)
    assert number
    page = send(hr, f"/role-lists/{number[1]}/good-rows", f"/role-lists/{number[1]}")
    assert "What this list would do" in page.text
    assert "Rows with errors, which are left out" in page.text
    page = apply(hr, int(number[1]))
    assert "The list is applied" in page.text
    assert titles_of("100002") == ["Ward Manager"]
    assert titles_of("100001") == ["Staff nurse"]


def test_good_rows_alone_are_stopped_by_the_brake_like_any_list(hr: FlaskClient) -> None:
    page = upload(hr, csv([row(0), "100001,O’Neill,Ben,Ward Manager,mate@example.org,31/02/2024,"]))
    number = re.search(r"/role-lists/(\d+)/good-rows", page.text)
    assert number
    page = send(hr, f"/role-lists/{number[1]}/good-rows", f"/role-lists/{number[1]}")
    assert "3 of 5 people with a current post would leave" in page.text
    assert "Confirm that this is right" in apply(hr, int(number[1])).text
    assert "The list is applied" in apply(hr, int(number[1]), accept_leavers="yes").text
    assert titles_of("100001") == ["Staff nurse"]
    assert titles_of("100002") == []


def test_half_a_list_makes_nobody_a_leaver_before_somebody_confirms_it(hr: FlaskClient) -> None:
    page = upload(hr, csv(everybody()[:2]))
    assert "3 of 5 people with a current post would leave" in page.text
    number = id_of(page)
    page = apply(hr, number)
    assert "Confirm that this is right: 3 people have left" in page.text
    assert titles_of("100003") == ["Staff nurse"]
    page = apply(hr, number, accept_leavers="yes")
    assert "The list is applied" in page.text
    assert titles_of("100003") == []


def test_the_file_of_another_organisation_is_stopped_until_somebody_confirms_it(hr: FlaskClient) -> None:
    strangers = [f"9{number},Other,Person{number},Nurse,x{number}@example.org,," for number in range(9)]
    page = upload(hr, csv(strangers), covers="nothing")
    assert "9 of 9 people in the list are not known here" in page.text
    assert "Confirm that this is right: 9 people have joined" in apply(hr, id_of(page)).text


def test_one_person_who_stops_a_list_is_not_people(hr: FlaskClient) -> None:
    page = upload(hr, csv(everybody()[:4]))
    assert (
        "1 of 5 people with a current post would leave, more than 10%. If the list is a part of the organisation, "
        "say which unit it covers; if that person has left, confirm it below."
    ) in page.text
    assert "Yes, 1 person has left" in page.text
    page = upload(hr, csv(["900001,Other,Kit,Nurse,kit@example.org,,"]), covers="nothing")
    assert (
        "1 of 1 person in the list is not known here, more than 50%. Check that it is this organisation&#39;s file; "
        "if that person has joined, confirm it below."
    ) in page.text
    assert "Yes, 1 person has joined" in page.text


def test_thousands_who_stop_a_list_are_written_with_a_comma(hr: FlaskClient) -> None:
    strangers = [
        f"9{number:04},Other,Person{number},Nurse,x{number}@example.org,," for number in range(1_200)
    ]
    page = upload(hr, csv(strangers), covers="all")
    assert "1,200 of 1,200 people in the list are not known here" in page.text
    assert "Yes, 1,200 people have joined" in page.text


def test_a_list_that_something_overtook_is_not_applied_but_shown_again(hr: FlaskClient) -> None:
    first, second = (
        id_of(upload(hr, csv(everybody(row(1, title))))) for title in ("Ward Manager", "Staff nurse")
    )
    apply(hr, first)
    page = apply(hr, second)
    assert "Something has changed since you looked at this list" in page.text
    assert shown(page)["Movers"] == 1
    assert titles_of("100001") == ["Ward Manager"]


def test_a_list_is_applied_once_however_often_it_is_sent(hr: FlaskClient) -> None:
    number = id_of(upload(hr, csv(everybody(row(1, "Ward Manager")))))
    key = token(hr.get(f"/role-lists/{number}"))
    assert "The list is applied" in apply(hr, number).text
    again = hr.post(f"/role-lists/{number}/apply", data={"csrf_token": key}, follow_redirects=True)
    assert again.status_code == 409
    assert titles_of("100001") == ["Ward Manager"]


# --- Columns --------------------------------------------------------------------------------------------

ODD = "Ref A,Surname,First,Rank held,Does what,NI Number"
ODD_ROWS = [f"10{n:04},{NAMES[n]},Grade {n},Staff nurse,QQ12345{n}A" for n in range(4)]


def columns(page: TestResponse) -> dict[str, tuple[str, str, str]]:
    """Caption → number, what it is read as, and its first values."""
    found = re.findall(
        r'id="caption-(\d+)" class="gt-value">(.*?)</th>\s*<td class="gt-value"[^>]*>(.*?)</td>(.*?)</select>',
        page.text,
        re.S,
    )
    return {
        caption: (number, (re.findall(r'value="(\w*)" selected', rest) or [""])[0], values)
        for number, caption, values, rest in found
    }


def correct(client: FlaskClient, page: TestResponse, **fields: str) -> TestResponse:
    """Send the page of columns with some answers changed, by caption."""
    carried = re.search(r'name="carried" value="([^"]+)"', page.text)
    assert carried
    data: dict[str, object] = {
        "csrf_token": token(page),
        "as_at[day]": "31",
        "as_at[month]": "7",
        "as_at[year]": "2026",
        "covers": "nothing",
        "carried": carried[1],
        "carried_name": "odd.csv",
    }
    for caption, (number, read_as, _) in columns(page).items():
        data[f"caption-{number}"] = caption
        data[f"field-{number}"] = fields.get(caption.replace(" ", "_"), read_as)
    return client.post("/organisations/QUA/role-lists/columns", data=data, follow_redirects=True)


def test_the_columns_can_be_looked_at_first_with_their_values(hr: FlaskClient) -> None:
    page = upload(hr, csv(everybody()), columns="yes")
    found = columns(page)
    assert found["Employee Number"][1:] == ("number", "100000 · 100001 · 100002")
    assert found["NI Number"][1] == ""
    with db.transaction(read_only=True) as session:
        assert len(session.exec(select(RoleList.id)).all()) == 2


def test_a_list_whose_columns_are_not_understood_asks_and_remembers_the_answer(hr: FlaskClient) -> None:
    page = upload(hr, csv(ODD_ROWS, ODD), "odd.csv", covers="nothing")
    assert page.status_code == 422
    assert "Which column is which" in page.text
    page = correct(hr, page, Ref_A="number", Does_what="title", Rank_held="")
    assert "What this list would do" in page.text, page.text
    assert shown(page)["Unchanged"] == 4
    page = upload(hr, csv(ODD_ROWS, ODD), "odd.csv", covers="nothing")
    assert "What this list would do" in page.text
    assert shown(page)["Unchanged"] == 4


def test_all_captions_that_are_remembered_and_missing_are_said_in_one_sentence(hr: FlaskClient) -> None:
    lines = ["K71,Jones,Sian,Nyrs"]
    page = upload(hr, csv(lines, "Rhif,Cyfenw,Enw,Swydd"), "odd.csv", covers="nothing")
    correct(hr, page, Rhif="number", Cyfenw="family", Enw="given", Swydd="title")
    page = upload(hr, csv(everybody()), covers="nothing")
    assert page.status_code == 422
    assert (
        "Lists of Quarrelby Trust were read by other captions before, and this one has no “Cyfenw”, “Enw”, “Rhif” or "
        "“Swydd”. See below which column is which, and correct what is wrong."
    ) in page.text
    assert "The columns kept for this organisation" not in page.text
    assert "No column holds names" not in page.text
    assert "A copy with numbers" not in page.text
    assert shown(correct(hr, page))["Unchanged"] == 5


def test_captions_in_unknown_words_are_asked_about_too(hr: FlaskClient) -> None:
    lines = ["K71,Jones,Sian,Nyrs", "K72,Evans,Dai,Porthor"]
    page = upload(hr, csv(lines, "Rhif,Cyfenw,Enw,Swydd"), "odd.csv", covers="nothing")
    assert page.status_code == 422
    assert "Which column is which" in page.text
    assert "What the captions of this list mean is not known." in page.text
    assert "upload the list again" not in page.text
    half = correct(hr, page, Rhif="number")
    assert (half.status_code, "Which column is which" in half.text) == (422, True)
    page = correct(hr, page, Rhif="number", Cyfenw="family", Enw="given", Swydd="title")
    assert shown(page)["Joiners"] == 2
    page = upload(hr, csv(lines, "Rhif,Cyfenw,Enw,Swydd"), "odd.csv", covers="nothing")
    assert "What this list would do" in page.text


def test_two_columns_for_one_thing_are_refused_by_name(hr: FlaskClient) -> None:
    page = upload(hr, csv(everybody()), columns="yes")
    page = correct(hr, page, NI_Number="number")
    assert page.status_code == 422
    assert "Employee number is chosen for Employee Number and NI Number" in page.text


@pytest.mark.parametrize("columns", ["", "yes"])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (csv([*everybody(), *[",,,,,,"] * 100_001, row(9)]), "more than 100,000 blank rows after row 6"),
        (files.xlsx([[*CAPTIONS.split(","), *[""] * 16_376, "x"]]), "more than 1,000 columns"),
        (b"<!-- staff --><table><tr><td>Employee Number</td></tr></table>", "is a web page"),
    ],
)
def test_what_cannot_be_read_is_said_at_the_file(
    hr: FlaskClient, content: bytes, words: str, columns: str
) -> None:
    page = upload(hr, content, "list.xls", columns=columns)
    assert page.status_code == 422
    found = re.search(r'id="file-error">.*?</span>(.*?)</span>', page.text, re.S)
    assert found
    assert words in found[1]


# --- Workbooks with several sheets ------------------------------------------------------------------------


def two_sheets() -> dict[str, list[list[str]]]:
    """Everybody, and beside them a sheet with one of them and somebody new."""
    captions = CAPTIONS.split(",")
    some = [row(0), "109999,New,Nia,Staff nurse,nia@example.org,,"]
    return {
        "Everybody": [captions, *(line.split(",") for line in everybody())],
        "Some": [captions, *(line.split(",") for line in some)],
    }


@pytest.mark.parametrize("make", [files.xlsx, files.xls, files.ods])
def test_the_page_says_which_sheet_was_read_and_reads_another_where_asked(
    hr: FlaskClient, make: Callable[..., bytes]
) -> None:
    book = make(two_sheets())
    page = upload(hr, book, "list.xlsx")
    assert "<dt>Sheet</dt><dd>Everybody</dd>" in page.text
    assert "<option>Some</option>" in page.text
    assert shown(page)["Unchanged"] == 5
    page = upload(hr, book, "list.xlsx", sheet="Some", covers="nothing")
    assert "<dt>Sheet</dt><dd>Some</dd>" in page.text
    assert (shown(page)["Joiners"], shown(page)["Unchanged"]) == (1, 1)


def test_the_sheet_is_remembered_for_the_next_lists_until_another_is_named_or_none(hr: FlaskClient) -> None:
    book = files.xlsx(two_sheets())
    upload(hr, book, "list.xlsx", sheet="some", covers="nothing")
    form = hr.get("/organisations/QUA/role-lists/new").text
    assert re.search(r'name="sheet"[^>]*value="some"', form)
    assert "<dd>Some</dd>" in upload(hr, book, "list.xlsx", covers="nothing").text
    for fields in ({}, {"sheet": "some"}):
        assert shown(upload(hr, csv(everybody()), **fields))["Unchanged"] == 5, (
            "a file need not have that sheet"
        )
    assert "<dd>Everybody</dd>" in upload(hr, book, "list.xlsx", sheet="").text
    assert "<dd>Everybody</dd>" in upload(hr, book, "list.xlsx").text


def test_a_sheet_that_is_not_there_is_said_at_its_field_with_those_that_are(hr: FlaskClient) -> None:
    page = upload(hr, files.xlsx(two_sheets()), "list.xlsx", sheet="Cooks")
    assert page.status_code == 422
    assert "There is no sheet called “Cooks”. The file has: Everybody, Some." in page.text
    assert 'value="Cooks"' in page.text
    assert "<dd>Everybody</dd>" in upload(hr, files.xlsx(two_sheets()), "list.xlsx").text


def test_the_columns_of_each_sheet_can_be_looked_at(hr: FlaskClient) -> None:
    book = files.xlsx(
        two_sheets() | {"Staff": [["Ref A", "Who", "Post"], ["100000", "Amina Khan", "Porter"]]}
    )
    page = upload(hr, book, "list.xlsx", columns="yes", covers="nothing")
    assert "sheet Everybody" in page.text
    carried = re.search(r'name="carried" value="([^"]+)"', page.text)
    assert carried
    fields = {
        "csrf_token": token(page),
        "carried": carried[1],
        "carried_name": "list.xlsx",
        "sheet": "Some",
        "look": "yes",
        "covers": "nothing",
        "as_at[day]": "31",
        "as_at[month]": "7",
        "as_at[year]": "2026",
    }
    page = hr.post("/organisations/QUA/role-lists/columns", data=fields)
    assert "sheet Some" in page.text
    assert columns(page)["Employee Number"][1:] == ("number", "100000 · 109999")
    page = hr.post(
        "/organisations/QUA/role-lists/columns",
        data={name: value for name, value in fields.items() if name != "look"} | chosen_columns(page),
        follow_redirects=True,
    )
    assert "<dt>Sheet</dt><dd>Some</dd>" in page.text, page.text
    assert shown(page)["Joiners"] == 1


def chosen_columns(page: TestResponse) -> dict[str, str]:
    """The columns page's answers as they stand."""
    return {
        name: value
        for caption, (number, field, _) in columns(page).items()
        for name, value in ((f"caption-{number}", caption), (f"field-{number}", field))
    }


# --- Long lists -----------------------------------------------------------------------------------------


def test_a_long_list_is_checked_and_applied_by_a_worker_and_the_page_looks_again_by_itself(
    hr: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "AT_ONCE", 0)
    page = upload(hr, csv(everybody(row(1, "Ward Manager"))))
    assert "Checking the list" in page.text
    assert '<meta http-equiv="refresh"' in page.text
    number = id_of(page)
    assert "Applying takes" not in page.text
    assert re.search(r'<progress id="how-far"></progress>', page.text)
    with db.transaction() as session:
        roster.note_progress(session, number, "Comparing", 500, 2500, clock.now())
    page = hr.get(f"/role-lists/{number}")
    assert "Comparing: 500 of 2,500</label>" in page.text
    assert '<progress id="how-far" max="2500" value="500"></progress>' in page.text
    check_role_list(number)
    page = hr.get(f"/role-lists/{number}")
    assert "What this list would do" in page.text
    assert "Coverage on 31 July 2026" in page.text
    page = apply(hr, number)
    assert "Applying the list" in page.text
    # What can be said where nothing can be noted beside the work, as on SQLite.
    assert "Waiting for its turn, or being applied</label>" in page.text
    assert "Applying takes about as long as the check did" in page.text
    apply_role_list(number)
    assert "The list is applied" in hr.get(f"/role-lists/{number}").text
    assert titles_of("100001") == ["Ward Manager"]


def test_a_worker_that_was_heard_of_long_ago_is_said(hr: FlaskClient) -> None:
    number = id_of(upload(hr, csv(everybody())))
    for minutes, said in ((0, False), (2, True)):
        with db.transaction() as session:
            session.get_one(RoleList, number).state = roster.APPLYING
            noted = clock.now() - timedelta(minutes=minutes)
            roster.note_progress(session, number, "Writing", 0, None, noted)
        assert ("nothing of it is done by halves" in hr.get(f"/role-lists/{number}").text) is said


# --- Job titles -----------------------------------------------------------------------------------------


def more_titles(village: Village, *titles: str) -> dict[str, int]:
    """Posts with titles that wait; their ids by title."""
    with db.transaction() as session:
        session.add(JobRole(code="PO", name="Prison officer", family="Custody"))
        session.add(JobRole(code="HCSW", name="Healthcare support worker", family="Nursing"))
        session.flush()
        organisation = village.organisations["QUA"]
        ids = job_roles.keep(session, organisation, {title_key(one): one for one in titles}, clock.now())
        for number, title in enumerate(titles):
            for again in range(number + 1):
                _post(session, organisation, title, ids[title_key(title)], f"{number}-{again}")
        return {title: ids[title_key(title)] for title in titles}


def _post(session: Session, organisation: int, title: str, title_id: int, number: str) -> None:
    person = Person(uuid=f"{number:0>36}"[-36:])
    session.add(person)
    session.flush()
    employment = Employment(
        organisation_id=organisation,
        employee_number=number,
        person_id=person.id or 0,
        home_person_id=person.id or 0,
    )
    session.add(employment)
    session.flush()
    session.add(
        Post(
            employment_id=employment.id or 0,
            organisation_id=organisation,
            title=title,
            job_title_id=title_id,
            starts_on=date(2024, 1, 1),
        )
    )


def test_titles_wait_in_order_of_the_people_who_have_them_with_what_is_sure_selected(
    village: Village, hr: FlaskClient
) -> None:
    ids = more_titles(village, "PO", "HCA Nights", "Officer")
    page = hr.get("/organisations/QUA/job-titles")
    order = [page.text.index(f">{title} <span") for title in ("Officer", "HCA Nights", "PO")]
    assert order == sorted(order)
    assert f'name="role-{ids["HCA Nights"]}" value="HCSW" checked' in page.text
    assert f'name="role-{ids["PO"]}" value="" checked' in page.text
    assert f'name="role-{ids["PO"]}" value="PO"' in page.text
    assert f'name="role-{ids["Officer"]}" value="" checked' in page.text


def test_titles_are_confirmed_in_bulk_and_remembered(village: Village, hr: FlaskClient) -> None:
    ids = more_titles(village, "PO", "HCA Nights", "Officer")
    page = send(
        hr,
        "/organisations/QUA/job-titles",
        **{
            f"role-{ids['HCA Nights']}": "HCSW",
            f"role-{ids['PO']}": "",
            f"other-{ids['PO']}": "PO",
            f"role-{ids['Officer']}": "-",
        },
    )
    assert "3 job titles are settled for Quarrelby Trust" in page.text
    page = hr.get("/organisations/QUA/job-titles/settled")
    for words in (
        "HCA Nights",
        "Healthcare support worker",
        "Prison officer",
        "No role: everyone-requirements only",
    ):
        assert words in page.text
    with db.transaction(read_only=True) as session:
        meant = job_roles.meanings(session, village.organisations["QUA"], ["officer", "po"])
    assert meant["officer"].job_role_id is None
    assert meant["po"].job_role_id is not None


def test_one_person_who_waits_for_a_role_is_not_people(hr: FlaskClient) -> None:
    page = hr.get("/organisations/QUA/role-lists")
    assert re.search(r"1 job title waits for a role</a>,\s+with 1 person\.", page.text)
    apply(hr, id_of(upload(hr, csv(everybody(row(1, "Night Porter"))))))
    page = hr.get("/organisations/QUA/role-lists")
    assert re.search(r"2 job titles wait for a role</a>,\s+with 2 people\.", page.text)


def test_what_is_left_for_later_waits_on(village: Village, hr: FlaskClient) -> None:
    ids = more_titles(village, "PO")
    page = send(hr, "/organisations/QUA/job-titles", **{f"role-{ids['PO']}": ""})
    assert "Nothing was chosen" in page.text
    assert f'name="role-{ids["PO"]}"' in page.text


def test_a_title_can_mean_something_else_from_a_day(village: Village, hr: FlaskClient) -> None:
    ids = more_titles(village, "PO")
    waiting, settled = "/organisations/QUA/job-titles", "/organisations/QUA/job-titles/settled"
    send(hr, waiting, when="always", **{f"other-{ids['PO']}": "HCSW"})
    page = send(
        hr, waiting, settled, settled="yes", when="day", **{"from": "2024-09-01", f"other-{ids['PO']}": "PO"}
    )
    assert "since 1 September 2024" in page.text
    page = send(
        hr, waiting, settled, settled="yes", when="day", **{"from": "2099-09-01", f"other-{ids['PO']}": "-"}
    )
    assert "from 1 September 2099: no role" in page.text
    with db.transaction(read_only=True) as session:
        meant = [
            job_roles.meanings(session, village.organisations["QUA"], ["po"], on)["po"].job_role_id
            for on in (date(2024, 8, 31), date(2024, 9, 1), date(2099, 9, 1))
        ]
        assert [session.get_one(JobRole, one).code if one else None for one in meant] == ["HCSW", "PO", None]


@pytest.mark.parametrize("settled", ["", "yes"])
@pytest.mark.parametrize("day", ["", "soon", "0001-01-01", "2026-02-30"])
def test_a_day_that_is_none_is_said_and_nothing_chosen_is_lost(
    village: Village, hr: FlaskClient, day: str, settled: str
) -> None:
    ids = more_titles(village, "PO", "Officer")
    send(hr, "/organisations/QUA/job-titles", **{f"other-{ids['Officer']}": "HCSW"})
    number = ids["Officer" if settled else "PO"]
    page = send(
        hr,
        "/organisations/QUA/job-titles",
        "/organisations/QUA/job-titles/settled" if settled else None,
        settled=settled,
        when="day",
        **{"from": day, f"other-{number}": "PO"},
    )
    assert page.status_code == 422
    assert 'href="#from"' in page.text
    choices = page.text.partition(f'name="other-{number}"')[2].partition("</select>")[0]
    assert '<option value="PO" selected>' in choices
    assert 'value="day" checked' in page.text or re.search(r'value="day"[^>]*checked', page.text)
    with db.transaction(read_only=True) as session:
        assert "po" not in job_roles.meanings(session, village.organisations["QUA"], ["po"])


def test_a_settled_title_can_be_given_another_role(village: Village, hr: FlaskClient) -> None:
    ids = more_titles(village, "PO")
    send(hr, "/organisations/QUA/job-titles", **{f"other-{ids['PO']}": "HCSW"})
    page = send(
        hr,
        "/organisations/QUA/job-titles",
        "/organisations/QUA/job-titles/settled",
        settled="yes",
        **{f"other-{ids['PO']}": "PO"},
    )
    assert page.request.path == "/organisations/QUA/job-titles/settled"
    with db.transaction(read_only=True) as session:
        (meant,) = job_roles.meanings(session, village.organisations["QUA"], ["po"]).values()
        assert session.get_one(JobRole, meant.job_role_id).code == "PO"


def test_nobody_decides_about_another_organisations_titles(village: Village) -> None:
    ids = more_titles(village, "PO")
    stranger = village.client("hr elsewhere")
    assert stranger.get("/organisations/QUA/job-titles").status_code == 404
    page = send(
        stranger,
        "/organisations/FAR/job-titles",
        "/organisations/FAR/role-lists/new",
        **{f"other-{ids['PO']}": "PO"},
    )
    assert page.status_code == 404


def test_the_queues_of_all_organisations_are_counted_for_the_administrator(village: Village) -> None:
    page = village.client("administrator").get("/job-titles")
    assert "Quarrelby Trust" in page.text
    assert re.search(r'QUA/job-titles">Quarrelby Trust</a></th><td class="gt-number">1</td>', page.text)


# --- People at two organisations ------------------------------------------------------------------------


def pair(village: Village, email: str = "owner@example.org") -> tuple[int, int]:
    """Somebody of Farrowdyke with the owner's address and another name."""
    with db.transaction() as session:
        other = session.get_one(Employment, village.employments["stranger"])
        other.email = other.email_key = email
        other.given_name, other.family_name, other.name_key = "Amina", "Jones", "aminajones"
        session.add(other)
    return village.employments["owner"], village.employments["stranger"]


def test_a_doubtful_pair_is_linked_and_what_either_completed_counts_for_both(
    village: Village, hr: FlaskClient
) -> None:
    one, other = pair(village)
    page = hr.get("/people-to-link")
    assert "Amina Jones" in page.text
    assert "200000" not in page.text
    page = send(hr, "/people-to-link", one=one, other=other, answer="same")
    assert "They are linked as one person." in page.text
    with db.transaction(read_only=True) as session:
        first, second = (session.get_one(Employment, each) for each in (one, other))
        assert first.person_id == second.person_id
        held = session.exec(select(Completion).where(Completion.person_id == first.person_id)).all()
        assert len(held) == 2
    number = re.search(r"/people-to-link/(\d+)/apart", hr.get("/people-to-link").text)
    assert number
    page = send(hr, f"/people-to-link/{number[1]}/apart", "/people-to-link")
    assert "Each has their own record again." in page.text
    with db.transaction(read_only=True) as session:
        first, second = (session.get_one(Employment, each) for each in (one, other))
        assert first.person_id != second.person_id
        for each in (first, second):
            held = session.exec(select(Completion).where(Completion.person_id == each.person_id)).all()
            assert len(held) == 1
    page = send(hr, f"/people-to-link/{number[1]}/together", "/people-to-link")
    assert "They are linked as one person." in page.text
    with db.transaction(read_only=True) as session:
        first, second = (session.get_one(Employment, each) for each in (one, other))
        held = session.exec(select(Completion).where(Completion.person_id == first.person_id)).all()
        assert (first.person_id == second.person_id, len(held)) == (True, 2)
    assert send(hr, f"/people-to-link/{number[1]}/together").status_code == 404


def test_a_pair_that_is_two_people_is_not_asked_about_again(village: Village, hr: FlaskClient) -> None:
    one, other = pair(village)
    page = send(hr, "/people-to-link", one=one, other=other, answer="different")
    assert "You will not be asked again" in page.text
    asked, _, told_apart = hr.get("/people-to-link").text.partition("Told apart")
    assert "Amina Jones" not in asked
    assert "Amina Jones" in told_apart


def test_nobody_links_people_for_whom_nothing_speaks(village: Village, hr: FlaskClient) -> None:
    page = send(
        hr,
        "/people-to-link",
        one=village.employments["owner"],
        other=village.employments["stranger"],
        answer="same",
    )
    assert page.status_code == 404


# --- Who may --------------------------------------------------------------------------------------------

ADDRESSES = (
    "/role-lists",
    "/organisations/QUA/role-lists",
    "/organisations/QUA/role-lists/new",
    "/organisations/QUA/role-lists/undo",
    "/organisations/QUA/job-titles",
    "/people-to-link",
)


@pytest.mark.parametrize("who", ["owner", "trainer", "public health", None])
def test_whoever_keeps_no_role_lists_sees_none(village: Village, who: str | None) -> None:
    client = village.client(who)
    for address in ADDRESSES:
        assert client.get(address).status_code == (403 if who else 302), address


def test_another_organisations_lists_do_not_exist(village: Village, hr: FlaskClient) -> None:
    number = id_of(upload(hr, csv(everybody())))
    stranger = village.client("hr elsewhere")
    for address in (
        "/organisations/QUA/role-lists",
        "/organisations/QUA/role-lists/new",
        f"/role-lists/{number}",
        f"/role-lists/{number}/people?kind=joiner",
    ):
        assert stranger.get(address).status_code == 404, address
    page = send(stranger, f"/role-lists/{number}/apply", "/organisations/FAR/role-lists/new")
    assert page.status_code == 404
    assert upload(stranger, csv(everybody()), code="FAR").status_code == 200


def test_a_list_costs_as_many_queries_to_look_at_for_many_people_as_for_few(
    hr: FlaskClient, queries_of: Callable[[], object]
) -> None:
    asked = []
    for people in (10, 400):
        lines = [f"8{n:05},Family{n},Given{n},Staff nurse,x{n}@example.org,," for n in range(people)]
        page = upload(hr, csv(lines), covers="nothing")
        number = id_of(page)
        with queries_of() as sent:  # type: ignore[attr-defined]
            hr.get(f"/role-lists/{number}")
            hr.get(f"/role-lists/{number}/people?kind=joiner")
        asked.append(len(sent))
    assert asked[0] == asked[1]


def test_a_job_title_may_hold_anything(village: Village, hr: FlaskClient) -> None:
    with db.transaction() as session:
        title = session.exec(select(JobTitle).where(JobTitle.title == "Band 6")).first()
        assert title is not None
        title.title = "<script>alert(1)</script>"
        session.add(title)
    assert "<script>alert(1)</script>" not in hr.get("/organisations/QUA/job-titles").text


# --- The list as it stands ------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_the_downloaded_list_changes_nothing_when_it_is_uploaded(hr: FlaskClient, ending: str) -> None:
    address = f"/organisations/QUA/role-list.{ending}"
    assert address in hr.get("/organisations/QUA/role-lists").text
    answer = hr.get(address)
    assert answer.headers["Content-Disposition"] == f"attachment; filename=QUA-role-list.{ending}"
    page = upload(hr, answer.data, f"QUA-role-list.{ending}")
    assert shown(page) == {"Joiners": 0, "Leavers": 0, "Movers": 0, "Changed": 0, "Unchanged": 5}
    assert "Rows with errors" not in page.text


@pytest.mark.parametrize(
    ("who", "status"), [("hr elsewhere", 404), ("public health", 403), ("trainer", 403), ("owner", 403)]
)
def test_nobody_else_downloads_the_list(village: Village, who: str, status: int) -> None:
    for ending in ("xlsx", "csv"):
        assert village.client(who).get(f"/organisations/QUA/role-list.{ending}").status_code == status


def test_without_an_applied_list_there_is_nothing_to_download(village: Village) -> None:
    client = village.client("administrator")
    assert "role-list.xlsx" not in client.get("/organisations/MAR/role-lists").text
    answer = client.get("/organisations/MAR/role-list.csv")
    assert answer.status_code == 404
    assert "nothing to export" in answer.text
