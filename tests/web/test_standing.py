"""My learning and a person of HR's: owner, team mate, stranger."""

import json

import pytest
from sqlmodel import select

from lms import db
from lms.rules.access import EVERYTHING, Grant, Role
from lms.services import accounts
from lms.services.audit import COMMAND_LINE
from lms.services.statements import reading
from lms.tables.audit import AuditEvent
from tests.web.test_training_map import post
from tests.web.village import NOW, Village

JUNE = "as_at=2026-06-30"


def statement_of(village: Village, who: str) -> str:
    return village.statements[who]


def test_i_see_what_i_need_what_i_hold_when_it_is_due_again_and_why(village: Village):
    text = village.client("owner").get(f"/learning?{JUNE}").text
    assert "ATR Foundation" in text
    assert "In date" in text
    assert "Due for a refresh by 30 April 2028." in text
    assert "Everyone in the whole partnership needs ATR-F (map version 1, since 1 January 2023)." in text
    assert "Not started yet. It was due by" in text
    assert "Mentions abuse and neglect." in text
    assert f"/learning/statements/{statement_of(village, 'owner')}" in text


def test_my_mate_sees_their_own_and_not_mine(village: Village):
    text = village.client("mate").get(f"/learning?{JUNE}").text
    assert statement_of(village, "mate") in text
    assert statement_of(village, "owner") not in text


def test_somebody_whom_no_role_list_names_is_told_what_to_do(village: Village):
    client = village.client("nobody")
    answer = client.get("/learning")
    assert answer.status_code == 200
    assert "We have not found you on a role list yet." in answer.text
    assert client.get(f"/learning/statements/{statement_of(village, 'owner')}").status_code == 404


def test_an_account_made_elsewhere_with_my_address_does_not_show_my_learning(village: Village):
    with db.transaction() as session:
        number = village.accounts["owner"][0]
        for place, change in (("FAR", accounts.give), ("QUA", accounts.withdraw)):
            grant = Grant(Role.STAFF, village.organisations[place])
            change(session, EVERYTHING, COMMAND_LINE, number, grant, now=NOW)
    assert "We have not found you on a role list yet." in village.client("owner").get("/learning").text


def test_my_record_is_mine_alone(village: Village):
    address = f"/learning/statements/{statement_of(village, 'owner')}"
    mine = village.client("owner").get(address)
    assert mine.status_code == 200
    assert "&#34;http://adlnet.gov/expapi/verbs/completed&#34;" in mine.text
    assert "register &lt;i&gt;seen&lt;/i&gt;" in mine.text
    assert village.client("mate").get(address).status_code == 404
    assert village.client("stranger").get(address).status_code == 404
    assert village.client("hr").get(address).status_code == 404


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("hr", 200),
        ("administrator", 200),
        ("local administrator", 200),
        ("hr elsewhere", 404),
        ("owner", 403),
        ("mate", 403),
        ("stranger", 403),
        ("trainer", 403),
        ("public health", 403),
    ],
)
def test_a_person_and_their_record_are_for_hr_of_their_organisation(village: Village, who, status):
    client, person = village.client(who), village.employments["owner"]
    assert client.get(f"/people/{person}?{JUNE}").status_code == status
    record = f"/people/{person}/statements/{statement_of(village, 'owner')}"
    assert client.get(record).status_code == status


def test_a_record_is_found_only_with_its_own_person(village: Village):
    wrong = f"/people/{village.employments['mate']}/statements/{statement_of(village, 'owner')}"
    assert village.client("hr").get(wrong).status_code == 404
    assert village.client("hr").get("/people/999999").status_code == 404


def test_hr_follows_a_person_to_the_statement_as_it_stands_in_the_log(village: Village):
    client, person = village.client("hr"), village.employments["mate"]
    text = client.get(f"/people/{person}?{JUNE}").text
    assert "Due soon" in text
    record = f"/people/{person}/statements/{statement_of(village, 'mate')}"
    assert record in text
    assert statement_of(village, "mate") in client.get(record).text


def test_the_day_before_a_completion_shows_what_was_known_of_it_then(village: Village):
    client, person = village.client("hr"), village.employments["owner"]
    before = client.get(f"/people/{person}?as_at=2025-04-30").text
    assert "Completed on 1 May 2025" not in before
    after = client.get(f"/people/{person}?as_at[day]=1&as_at[month]=May&as_at[year]=2025").text
    assert "Completed on 1 May 2025" in after


@pytest.mark.parametrize(
    "query",
    ["as_at=nonsense", "as_at=2026-02-30", "as_at[day]=31&as_at[month]=6&as_at[year]=2026", "as_at=0001-01-01",
     "as_at[day]=1&as_at[month]=&as_at[year]=2026", "as_at[day]=²&as_at[month]=1&as_at[year]=2026", "as_at=9999-12-31"],
)  # fmt: skip
def test_a_day_that_cannot_be_is_said_beside_its_field(village: Village, query):
    answer = village.client("hr").get(f"/people/{village.employments['owner']}?{query}")
    assert answer.status_code == 422
    assert "<title>Error: " in answer.text
    assert "There is a problem" in answer.text
    assert village.client("hr").get(f"/organisations/QUA/people?{query}").status_code == 422


def test_a_name_with_markup_is_only_a_name(village: Village):
    text = village.client("hr").get(f"/organisations/QUA/people?{JUNE}").text
    assert "<b>Eve</b>" not in text
    assert "&lt;b&gt;Eve&lt;/b&gt;" in text


def test_no_page_uses_a_word_that_blames(village: Village):
    client = village.client("hr")
    for address in ("/", f"/coverage?{JUNE}", f"/people/{village.employments['mate']}?{JUNE}", "/privacy"):
        text = client.get(address).text.lower()
        for word in (
            "non-compliant",
            "non compliant",
            "failed",
            "breach",
            "should",
            "overdue",
            "mandatory training is",
        ):
            assert word not in text, f"{word} in {address}"


# --- The whole record -----------------------------------------------------------------------------------


def record_of(client, employment: int):
    return post(client, f"/people/{employment}/record.json")


def test_my_whole_record_is_what_the_log_has_of_me_to_the_letter(village: Village):
    page = village.client("owner").get("/learning").text
    assert 'href="/learning/record.json"' in page
    answer = village.client("owner").get("/learning/record.json")
    assert answer.mimetype == "application/json"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=my-learning-record-")
    assert answer.headers["Cache-Control"] == "no-store"
    (one,) = json.loads(answer.text)
    assert one["id"] == statement_of(village, "owner")
    with db.transaction(read_only=True) as session:
        kept = next(text for text in reading.everything(session) if one["id"] in text)
    assert answer.data == f"[\n{kept}\n]\n".encode()


@pytest.mark.parametrize(
    "who", ["mate", "stranger", "hr", "administrator", "trainer", "public health", "nobody", None]
)
def test_nobody_else_gets_my_record_as_theirs(village: Village, who: str | None):
    answer = village.client(who).get("/learning/record.json")
    assert statement_of(village, "owner") not in answer.text
    assert answer.status_code == {"mate": 200, "stranger": 200, None: 302}.get(who, 404)


@pytest.mark.parametrize("who", ["mate", "owner", "hr", "hr elsewhere", "local administrator", "trainer"])
def test_only_the_partnerships_administrator_takes_out_somebody_elses_record(village: Village, who: str):
    here = village.employments["owner"]
    assert record_of(village.client(who), here).status_code == 403
    assert "Download the whole record" not in village.client(who).get(f"/people/{here}").text
    admin = village.client("administrator")
    assert "Download the whole record" in admin.get(f"/people/{here}").text
    assert admin.post(f"/people/{here}/record.json").status_code == 400
    answer = record_of(admin, here)
    assert [one["id"] for one in json.loads(answer.text)] == [statement_of(village, "owner")]
    assert record_of(admin, 9_999).status_code == 404
    with db.transaction(read_only=True) as session:
        event = session.exec(select(AuditEvent).where(AuditEvent.action == "record.given_out")).one()
    assert (event.actor, event.detail) == ("administrator@example.org", {"statements": 1})
