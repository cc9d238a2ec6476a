"""The pages of the record: what waits is resolved and taken back, keys are made, other stores are seen."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import select
from werkzeug.test import TestResponse

from lms import clock, db, lrs, settings
from lms.rules.completions import Reason
from lms.services import keys
from lms.services.audit import COMMAND_LINE
from lms.services.completions import waiting
from lms.services.statements import forwarding, reading, stores, unkept
from lms.tables.audit import AuditEvent
from lms.tables.people import Employment, Person
from lms.xapi import guard
from tests import statements as made
from tests.web.test_training_map import post
from tests.web.village import BASE_URL, Village

ATR = "https://x.example/ATR-F"
STRANGER = {"mbox": "mailto:dev@home.example"}
PAGES = [
    "/record",
    "/record/decided",
    "/record/keys",
    "/record/keys/new",
    "/record/stores",
    "/record/stores/new",
]


class Package:
    """Another system, which writes statements with a key."""

    def __init__(self, village: Village, *, trusted: bool = True, organisation: str | None = None) -> None:
        guard._known.clear()
        with db.transaction() as session:
            self.key = keys.create(
                session,
                COMMAND_LINE,
                "e-learning",
                ["xapi/statements/write"],
                now=clock.now(),
                trusted=trusted,
                organisation=organisation,
            )
        self.client = village.app.test_client()

    def say(self, *statements: dict[str, Any]) -> TestResponse:
        answer = self.client.post(
            "/xapi/statements",
            json=list(statements),
            auth=(self.key.prefix, self.key.secret),
            headers={"X-Experience-API-Version": "1.0.3"},
        )
        assert answer.status_code == 200, answer.text
        return answer


def statement(actor: dict[str, Any] = STRANGER, activity: str = ATR, **changes: Any) -> dict[str, Any]:
    return made.simple(id=str(uuid4()), actor=actor, object={"id": activity}, **changes)


def item() -> waiting.Item:
    with db.transaction(read_only=True) as session:
        (found,) = waiting.listed(session)
    return found


def address(one: waiting.Item) -> str:
    return f"/record/waiting/{one.reason.value}/{one.term}"


def employment(number: str) -> Employment:
    with db.transaction(read_only=True) as session:
        return session.exec(select(Employment).where(Employment.employee_number == number)).one()


def person_of(number: str) -> dict[str, Any]:
    with db.transaction(read_only=True) as session:
        uuid = session.get_one(Person, employment(number).person_id).uuid
    return {"account": {"homePage": BASE_URL, "name": uuid}}


def log() -> list[str]:
    with db.transaction(read_only=True) as session:
        return list(reading.everything(session))


def audited(action: str) -> list[AuditEvent]:
    with db.transaction(read_only=True) as session:
        return list(session.exec(select(AuditEvent).where(AuditEvent.action == action)))


def standing(village: Village, number: str = "100003") -> str:
    """The first standing on somebody's page, as HR reads it: that on ATR-F."""
    page = village.client("hr").get(f"/people/{employment(number).id}").text
    return re.search(r'nhsuk-tag--\w+">([^<]+)<', page[page.index('id="ATR-F"') :])[1]


def following(client, answer: TestResponse) -> str:
    assert answer.status_code == 302, answer.text
    return client.get(answer.location).text


def test_a_statement_of_an_unknown_actor_is_matched_turns_them_green_and_is_taken_back(village: Village):
    Package(village).say(statement())
    before, admin = log(), village.client("administrator")
    assert standing(village) == "Not done"
    page = admin.get("/record").text
    assert "dev@home.example" in page
    assert "Unknown actor" in page
    href = re.search(r'href="(/record/waiting/[^"]+)"', page)[1]
    page = admin.get(href, query_string={"search": "Patel"}).text
    assert "1 statement waits for this" in page
    assert "<details" in page
    assert "mailto:dev@home.example" in page
    chosen = re.search(r'name="employment" value="(\d+)"', page)[1]
    page = following(admin, post(admin, f"{href}/person", {"employment": chosen}))
    assert "1 statement counts now" in page
    assert "Nothing waits" in page
    assert standing(village) == "In date"

    page = admin.get("/record/decided").text
    assert "Dev Patel-Smith, QUA 100003" in page
    assert "administrator@example.org" in page
    number = re.search(r'name="number" value="(-?\d+)"', page)[1]
    page = following(admin, post(admin, "/record/decided", {"of": "actors", "number": number}))
    assert "1 statement waits again" in page
    assert standing(village) == "Not done"
    assert item().about == "mbox mailto:dev@home.example"
    assert log() == before
    assert len(audited("actor.matched")) == len(audited("actor.unmatched")) == 1
    assert audited("actor.matched")[0].actor == "administrator@example.org"


def test_47_statements_of_one_actor_are_resolved_by_one_click(village: Village):
    Package(village).say(*(statement() for _ in range(47)))
    admin = village.client("administrator")
    page = admin.get(address(item())).text
    assert "47 statements wait for this" in page
    assert page.count("<details") == 20
    assert admin.get(address(item()), query_string={"page": 3}).text.count("<details") == 7
    chosen = {"employment": str(employment("100003").id)}
    assert "47 statements count now" in following(admin, post(admin, f"{address(item())}/person", chosen))


def test_an_activity_is_pointed_at_a_module_on_the_page(village: Village):
    Package(village).say(statement(person_of("100003"), "https://lms.example.org/course/7"))
    admin, here = village.client("administrator"), address(item())
    assert "Choose the module" in post(admin, f"{here}/module", {"module": ""}).text
    assert post(admin, f"{here}/module", {"module": "NONE"}).status_code == 404
    following(admin, post(admin, f"{here}/module", {"module": "ATR-F"}))
    assert standing(village) == "In date"
    page = admin.get("/record/decided?of=activities").text
    assert "https://lms.example.org/course/7" in page
    number = re.search(r'name="number" value="(\d+)"', page)[1]
    following(admin, post(admin, "/record/decided", {"of": "activities", "number": number}))
    assert standing(village) == "Not done"
    assert post(admin, "/record/decided", {"of": "activities", "number": number}).status_code == 404


def test_a_key_is_trusted_where_its_statements_wait_and_distrusted_on_its_own_page(village: Village):
    package = Package(village, trusted=False)
    package.say(statement(person_of("100003")))
    admin = village.client("administrator")
    assert item().reason is Reason.UNTRUSTED_KEY
    assert "e-learning" in admin.get("/record").text
    following(admin, post(admin, f"{address(item())}/trust"))
    assert standing(village) == "In date"
    here = f"/record/keys/{package.key.prefix}"
    assert "What it writes counts" in admin.get(here).text
    page = following(admin, post(admin, f"{here}/trust", {"trusted": "no"}))
    assert "not trusted any more. 0 of its statements count now" in page
    assert standing(village) == "Not done"
    page = following(admin, post(admin, f"{here}/trust", {"trusted": "yes"}))
    assert "1 of its statements counts now" in page


def test_a_clock_ahead_is_accepted_and_what_is_not_ours_is_set_aside(village: Village):
    ahead = (datetime.now(UTC) + timedelta(days=40)).isoformat()
    Package(village).say(
        statement(person_of("100003"), timestamp=ahead), statement(person_of("100004"), timestamp=ahead)
    )
    admin, here = village.client("administrator"), address(item())
    only = re.search(r'name="only" value="(\d+)"', admin.get(here).text)[1]
    page = following(admin, post(admin, f"{here}/decide", {"decision": "set_aside", "only": only}))
    assert "1 statement set aside" in page
    assert "1 statement waits for this" in page
    assert post(admin, f"{here}/decide", {"decision": "dance"}).status_code == 422
    assert post(admin, f"{here}/decide", {"decision": "accepted", "only": "1"}).status_code == 422
    following(admin, post(admin, f"{here}/decide", {"decision": "accepted"}))
    assert (standing(village), standing(village, "100004")) == ("Not done", "In date")
    page = admin.get("/record/decided?of=statements").text
    assert "Count on the day of storing" in page
    acts = [admin.get(href).text for href in re.findall(r'href="(/record/decided/\d+)"', page)]
    assert [one.count("<details") for one in acts] == [1, 1]
    assert "Set aside" in acts[1]
    assert ahead[:10] in acts[1]
    assert admin.get("/record/decided/999").status_code == 404
    for number in re.findall(r'name="number" value="(\d+)"', page):
        following(admin, post(admin, "/record/decided", {"of": "statements", "number": number}))
    assert item().statements == 2


def test_what_was_resolved_by_somebody_else_meanwhile_is_said_calmly(village: Village):
    Package(village).say(statement())
    admin, here = village.client("administrator"), address(item())
    post(admin, f"{here}/decide", {"decision": "set_aside"})
    for answer in (admin.get(here), post(admin, f"{here}/person", {"employment": "1"})):
        assert answer.status_code == 404
        assert "It may just have been resolved" in answer.text
    assert admin.get("/record/waiting/boredom/7").status_code == 404
    assert post(admin, "/record/decided", {"of": "x", "number": "1"}).status_code == 422
    for number in ("one", "", "-", "9" * 19, "-" + "9" * 19, "9" * 30):
        for of in ("actors", "activities", "statements"):
            assert post(admin, "/record/decided", {"of": of, "number": number}).status_code == 422
    assert post(admin, "/record/decided", {"of": "actors", "number": "-7"}).status_code == 404


def test_a_person_has_to_be_chosen_and_a_group_cannot_be_anybody(village: Village):
    Package(village).say(statement({"objectType": "Group", "member": [STRANGER]}))
    admin, here = village.client("administrator"), address(item())
    assert "nothing to be recognised by" in admin.get(here).text
    refused = post(admin, f"{here}/person", {"employment": str(employment("100003").id)})
    assert refused.status_code == 422
    assert "Search for the person" in post(admin, f"{here}/person").text
    assert post(admin, f"{here}/person", {"employment": "99999"}).status_code == 404


def test_the_list_is_narrowed_and_paged(village: Village):
    Package(village, organisation="FAR").say(
        *(statement({"mbox": f"mailto:p{number}@home.example"}) for number in range(60))
    )
    Package(village).say(statement(person_of("100003"), "https://lms.example.org/course/7"))
    admin = village.client("administrator")
    page = admin.get("/record").text
    assert "61 statements" in page
    assert "Showing 1 to 50 of 61 things" in page
    assert admin.get("/record?page=2").text.count("/record/waiting/") == 11
    assert "course/7" not in admin.get("/record?organisation=FAR").text
    assert "60 statements" in admin.get("/record?organisation=FAR&reason=unknown_actor").text
    assert "Nothing waits for this" in admin.get("/record?organisation=FAR&reason=future").text
    assert admin.get("/record?organisation=NOWHERE").status_code == 404
    assert admin.get("/record?reason=boredom").status_code == 200


def test_the_whole_list_is_looked_at_again_by_a_worker(village: Village):
    admin = village.client("administrator")
    Package(village).say(statement())
    assert "looked at again" in following(admin, post(admin, "/record/again"))
    assert list(settings.current().var.glob("queue/*")), "nothing was handed to the workers"


def test_a_form_without_its_token_changes_nothing(village: Village):
    Package(village).say(statement())
    admin, here = village.client("administrator"), address(item())
    for target in (
        f"{here}/decide",
        f"{here}/person",
        "/record/decided",
        "/record/keys/new",
        "/record/stores/new",
    ):
        assert admin.post(target, data={"decision": "set_aside", "employment": "1"}).status_code == 400
    assert item().statements == 1


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    "who", ["local administrator", "hr", "trainer", "public health", "owner", "hr elsewhere"]
)
def test_only_an_administrator_of_the_whole_partnership_comes_here(village: Village, who: str, page: str):
    client = village.client(who)
    assert client.get(page).status_code == 403
    assert 'href="/record"' not in client.get("/").text
    assert village.client("administrator").get(page).status_code == 200


@pytest.mark.parametrize("who", ["local administrator", "hr", "owner"])
def test_nobody_else_decides_anything(village: Village, who: str):
    package = Package(village)
    package.say(statement())
    client, here = village.client(who), address(item())
    forms = [
        *(f"{here}/{act}" for act in ("person", "module", "trust", "decide")),
        *("/record/again", "/record/decided", "/record/keys/new", "/record/stores/new"),
        *(f"/record/keys/{package.key.prefix}/{act}" for act in ("trust", "revoke")),
        *(f"/record/stores/1/{act}" for act in ("trust", "again", "change", "stop")),
    ]
    for form in forms:
        answer = post(client, form, {"decision": "set_aside", "trusted": "no", "employment": "1"})
        assert answer.status_code == 403, form
    assert item().statements == 1


# --- Keys -----------------------------------------------------------------------------------------------


def test_a_key_is_made_its_secret_shown_once_and_it_opens_the_record_until_it_is_revoked(village: Village):
    admin = village.client("administrator")
    form = {
        "name": "E-learning",
        "organisation": "QUA",
        "scope": ["xapi/statements/write", "xapi/statements/read/mine"],
        "trusted": "yes",
    }
    answer = post(admin, "/record/keys/new", form)
    user, secret, token = re.findall(r'gt-secret">([^<]+)<', answer.text)
    assert token == f"{user}.{secret}"
    assert answer.headers["Cache-Control"] == "no-store"
    guard._known.clear()
    head = {"X-Experience-API-Version": "1.0.3"}
    machine = village.app.test_client()
    assert machine.get("/xapi/statements", auth=(user, secret), headers=head).status_code == 200
    for page in ("/record/keys", f"/record/keys/{user}"):
        assert user in admin.get(page).text
        assert secret not in admin.get(page).text
    (event,) = audited("key.created")
    assert (event.subject, event.actor) == (user, "administrator@example.org")
    assert "is revoked" in following(admin, post(admin, f"/record/keys/{user}/revoke"))
    guard._known.clear()
    assert machine.get("/xapi/statements", auth=(user, secret), headers=head).status_code == 401
    assert "Revoke this key" not in admin.get(f"/record/keys/{user}").text
    assert admin.get("/record/keys/gtnothing").status_code == 404
    assert post(admin, "/record/keys/gtnothing/revoke").status_code == 404


def test_a_key_for_role_lists_is_told_where_to_send_them(village: Village):
    form = {"name": "HR by night", "organisation": "QUA", "scope": "roster"}
    page = post(village.client("administrator"), "/record/keys/new", form).text
    assert "/api/v1/organisations/QUA/role-lists" in page
    assert "/xapi/" not in page


def test_a_key_needs_a_name_and_something_that_it_may_do(village: Village):
    admin = village.client("administrator")
    answer = post(admin, "/record/keys/new", {"name": " "})
    assert answer.status_code == 422
    assert 'href="#name"' in answer.text
    assert 'href="#scope"' in answer.text
    wrong = post(admin, "/record/keys/new", {"name": "A key of mine", "scope": "everything"})
    assert wrong.status_code == 422
    assert "There is no scope" in wrong.text
    assert 'value="A key of mine"' in wrong.text
    alone = post(admin, "/record/keys/new", {"name": "Lists", "scope": "roster"})
    assert (alone.status_code, "is of one organisation" in alone.text) == (422, True)
    elsewhere = {"name": "x", "scope": "xapi/all", "organisation": "NOWHERE"}
    assert post(admin, "/record/keys/new", elsewhere).status_code == 422
    assert audited("key.created") == []


# --- Other stores ---------------------------------------------------------------------------------------


def test_a_store_is_noted_trusted_and_stopped_and_its_password_never_shown(village: Village):
    admin = village.client("administrator")
    form = {
        "name": "Leeds",
        "address": "https://lrs.example.org/xapi",
        "user": "golden",
        "password": "walnut-kettle",
        "way": ["forward", "pull"],
    }
    page = following(admin, post(admin, "/record/stores/new", form))
    assert "https://lrs.example.org/xapi" in page
    assert "walnut-kettle" not in page
    with db.transaction(read_only=True) as session:
        kept = stores.by_name(session, "Leeds")
    assert lrs.unseal(kept.secret, settings.current().secret_key) == "walnut-kettle"
    here = f"/record/stores/{kept.id}"
    assert "store is trusted. 0 of its" in following(admin, post(admin, f"{here}/trust", {"trusted": "yes"}))
    assert "What comes from there counts" in admin.get(here).text
    assert "not trusted any more" in following(admin, post(admin, f"{here}/trust", {"trusted": "no"}))
    assert "tried again" in following(admin, post(admin, f"{here}/again"))
    assert "Stopped" in following(admin, post(admin, f"{here}/stop"))
    assert "stopped" in admin.get("/record/stores").text
    assert [len(audited(f"store.{act}")) for act in ("added", "trusted", "distrusted", "stopped")] == [1] * 4
    assert admin.get("/record/stores/99").status_code == 404


def test_a_store_that_was_stopped_begins_again_with_another_password(village: Village):
    admin = village.client("administrator")
    form = {
        "name": "Leeds",
        "address": "https://x.example",
        "user": "us",
        "password": "old",
        "way": ["forward"],
    }
    post(admin, "/record/stores/new", form)
    with db.transaction(read_only=True) as session:
        here = f"/record/stores/{stores.by_name(session, 'Leeds').id}"
    post(admin, f"{here}/stop")
    assert "Begin again" in admin.get(here).text
    nothing = post(admin, f"{here}/change", {"user": "walnut"})
    assert nothing.status_code == 422
    assert "Say whether statements are sent" in nothing.text
    assert 'value="walnut"' in nothing.text
    assert "Stopped" in admin.get(here).text
    page = following(
        admin, post(admin, f"{here}/change", {"way": ["pull"], "user": "we", "password": "new-kettle"})
    )
    assert "Its statements are fetched" in page
    assert "new-kettle" not in page
    post(admin, f"{here}/change", {"way": ["pull", "forward"], "user": "we", "password": ""})
    with db.transaction(read_only=True) as session:
        kept = stores.by_name(session, "Leeds")
    assert (kept.forwards, kept.pulls, kept.username) == (True, True, "we")
    assert lrs.unseal(kept.secret, settings.current().secret_key) == "new-kettle"
    assert [one.detail["new_password"] for one in audited("store.changed")] == [True, False]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"name": ""}, "Enter what the store is called"),
        ({"address": "ftp://x"}, "is not the address of a store"),
        ({"address": "http://[x"}, "is not the address of a store"),
        ({"user": "u" * 300}, "at most 200 characters"),
        ({"password": ""}, "Enter our password"),
        ({"way": []}, "Say whether statements are sent"),
    ],
)
def test_a_store_that_cannot_be_one_is_told_and_what_was_typed_stays(village: Village, changes, told):
    form = {"name": "Leeds", "address": "https://x.example", "user": "u", "password": "p", "way": ["pull"]}
    answer = post(village.client("administrator"), "/record/stores/new", form | changes)
    assert answer.status_code == 422
    assert told in answer.text.replace("&#39;", "'")
    assert 'value="p"' not in answer.text


def test_what_a_store_refuses_is_seen_with_its_age_and_what_it_said(village: Village):
    admin, now = village.client("administrator"), clock.now()
    with db.transaction() as session:
        store_id = stores.add(
            session,
            COMMAND_LINE,
            name="Leeds",
            address="https://lrs.example.org",
            username="u",
            sealed="",
            forwards=True,
            pulls=False,
            trusted=False,
            now=now,
        )
    Package(village).say(statement(), statement())
    with db.transaction() as session:
        parcel = forwarding.due(session, store_id, now + timedelta(minutes=1))
        forwarding.refused(session, store_id, parcel.seqs[0], "400: <b>no</b> such verb", now)
        unkept.note(session, store_id, [('{"id":"x-1"}', "<i>says</i> something else")] * 2, now)
        unkept.note(session, store_id, [("[", "is no JSON")], now)
    page = admin.get("/record/stores").text
    assert "1 refused, 2 not kept here" in page
    with db.transaction() as session:
        stores.failed(session, store_id, "The store does not answer.", now)
    page = admin.get("/record/stores").text
    assert "The store does not answer." in page
    page = admin.get(f"/record/stores/{store_id}").text
    assert "400: &lt;b&gt;no&lt;/b&gt; such verb" in page
    assert json.loads(parcel.payloads[0])["id"] in page
    assert "&lt;i&gt;says&lt;/i&gt; something else" in page
    assert "x-1" in page
    assert "without an id" in page
    with db.transaction(read_only=True) as session:
        facts = stores.facts(session, store_id)
        assert (facts.waiting, facts.failing) == (2, 1)
        assert forwarding.due(session, store_id, clock.now()) is None
    post(admin, f"/record/stores/{store_id}/again")
    with db.transaction(read_only=True) as session:
        again = forwarding.due(session, store_id, clock.now())
    assert again
    assert again.seqs == parcel.seqs
