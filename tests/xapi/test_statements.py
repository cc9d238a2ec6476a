"""The statements resource over HTTP."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from sqlmodel import select

from lms import db
from lms.services import keys
from lms.services.audit import COMMAND_LINE
from lms.tables.accounts import Key
from lms.xapi import guard
from tests import statements as made
from tests.xapi.conftest import Client

BOTH = pytest.mark.parametrize("version", ["1.0.3", "2.0.0"])


def new(**changes: Any) -> dict[str, Any]:
    return made.simple(id=str(uuid4()), **changes)


@BOTH
def test_what_is_posted_can_be_fetched(client: Client, version: str) -> None:
    client = client.as_(version)
    one = new()
    answer = client.post(one)
    assert (answer.status_code, answer.get_json()) == (200, [one["id"]])
    answer = client.ask("GET", "statements", {"statementId": one["id"]})
    kept = answer.get_json()
    assert kept["id"] == one["id"]
    assert kept["version"] == {"1.0.3": "1.0.0", "2.0.0": "2.0.0"}[version]
    assert answer.headers["X-Experience-API-Version"] == version
    assert answer.headers["X-Experience-API-Consistent-Through"].endswith("Z")
    assert answer.headers["Last-Modified"].endswith("GMT")


@BOTH
@pytest.mark.parametrize(
    "path", ["statements", "statements?statementId=x", "agents", "activities", "about", "nowhere"]
)
def test_head_is_answered_like_get_without_a_body(client: Client, version: str, path: str) -> None:
    client = client.as_(version)
    head, get = client.ask("HEAD", path), client.ask("GET", path)
    assert head.status_code == get.status_code
    assert head.data == b""
    skipped = ("X-Experience-API-Consistent-Through", "Date")
    assert [one for one in head.headers if one[0] not in skipped] == [
        one for one in get.headers if one[0] not in skipped
    ]


@pytest.mark.parametrize(
    "path", ["statements", "activities/state", "agents/profile", "activities", "nowhere", "about"]
)
def test_every_answer_names_its_version(client: Client, path: str) -> None:
    for method in ("GET", "PUT", "POST", "DELETE", "PATCH"):
        for one in (client, client.as_("2.0.0"), client.as_(None), Client(client.http, "1.0.3", None)):
            assert one.ask(method, path).headers["X-Experience-API-Version"] in ("1.0.3", "2.0.0")


def test_without_a_version_nothing_but_about_answers(client: Client) -> None:
    client.find()
    answer = client.as_(None).ask("GET", "statements")
    assert (answer.status_code, answer.headers["X-Experience-API-Version"]) == (400, "1.0.3")
    client.as_("2.0.0").find()
    answer = client.as_(None).ask("GET", "statements")
    assert (answer.status_code, answer.headers["X-Experience-API-Version"]) == (400, "2.0.0")
    assert client.as_(None).ask("GET", "about").get_json() == {"version": ["1.0.3", "2.0.0"]}


def test_one_bad_statement_refuses_the_batch_by_its_place(client: Client) -> None:
    answer = client.post(new(), new(), new(actor={"mbox": "nobody"}))
    assert answer.status_code == 400
    assert "[2].actor.mbox" in answer.text
    assert client.find() == []


def test_no_statements_are_no_fault_before_others_and_after(client: Client) -> None:
    for _ in range(3):
        answer = client.ask("POST", "statements", data=b"[]", content_type="application/json")
        assert (answer.status_code, answer.get_json()) == (200, [])
        assert client.post(new()).status_code == 200


def test_put_takes_one_statement_and_its_id(client: Client) -> None:
    def put(statement: Any, **query: str) -> int:
        body = json.dumps(statement)
        return client.ask("PUT", "statements", query, data=body, content_type="application/json").status_code

    wanted = str(uuid4())
    assert put(made.simple(), statementId=wanted) == 204
    assert put(made.simple(), statementId=wanted) == 204
    assert put(made.simple(verb={"id": "x:y"}), statementId=wanted) == 409
    assert put(new(), statementId=str(uuid4())) == 400
    assert put([made.simple()], statementId=str(uuid4())) == 400
    assert put(made.simple()) == 400
    assert put(made.simple(), statementid=wanted) == 400
    assert [one["id"] for one in client.find()] == [wanted]


def test_more_leads_through_everything_with_the_same_query(client: Client) -> None:
    client.post(*[new() for _ in range(7)])
    client.post(new(verb={"id": made.ADL + "passed"}))
    answer = client.ask(
        "GET", "statements", {"limit": 3, "verb": made.ADL + "completed", "ascending": "true"}
    )
    seen = []
    while True:
        page = answer.get_json()
        seen += [one["id"] for one in page["statements"]]
        if not page["more"]:
            break
        assert page["more"].startswith("/xapi/statements?")
        answer = client.ask("GET", page["more"].removeprefix("/xapi/"))
    assert len(seen) == len(set(seen)) == 7


@pytest.mark.parametrize(
    "written",
    [
        "",
        "limit=2&agent=%7B%22mbox%22%3A%22mailto%3Aada%40example.org%22%7D",
        'agent={"mbox":"mailto:ada@example.org"}&limit=2',
        "&limit=2&&from=0&ascending=true&",
        "limit=2&%66rom=0&ascending=true",
    ],
)
def test_more_keeps_the_query_however_it_was_written(client: Client, written: str) -> None:
    client.post(*[new() for _ in range(5)])
    path, seen = f"statements?{written}" if written else "statements?limit=2", []
    while path:
        page = client.ask("GET", path).get_json()
        seen += [one["id"] for one in page["statements"]]
        path = page["more"].removeprefix("/xapi/")
        assert not set(path) & set('{" ')
    assert len(seen) == len(set(seen)) == 5


@pytest.mark.parametrize(
    "query",
    [
        *({"foo": "bar"}, {"StatementId": "x"}, {"statementId": "x"}, {"limit": "-1"}, {"limit": "ten"}),
        *(
            {"ascending": "TRUE"},
            {"since": "2026-06-30"},
            {"format": "pretty"},
            {"agent": "{"},
            {"agent": "{}"},
        ),
        *(
            {"verb": "x"},
            {"activity": ""},
            {"registration": "7"},
            {"from": "x"},
            {"agent": '{"objectType":"Group"}'},
        ),
        *({"related_agents": "yes"}, {"statementId": str(uuid4()), "limit": "1"}, {"verb": "x:\x00"}),
        {"statementId": str(uuid4()), "voidedStatementId": str(uuid4())},
    ],
)
def test_a_query_that_is_wrong_is_refused(client: Client, query: dict[str, str]) -> None:
    assert client.ask("GET", "statements", query).status_code == 400


def test_a_parameter_that_is_there_twice_is_refused(client: Client) -> None:
    assert client.ask("GET", "statements?limit=1&limit=2").status_code == 400


def test_formats_are_as_asked_for(client: Client) -> None:
    client.post(
        new(object={"id": made.COURSE, "definition": {"name": {"en": "Foundation", "cy": "Sylfaen"}}})
    )
    (bare,) = client.find(format="ids")
    assert bare["object"] == {"id": made.COURSE}
    answer = client.ask(
        "GET", "statements", {"format": "canonical"}, headers={"Accept-Language": "cy, en;q=0.5"}
    )
    (canonical,) = answer.get_json()["statements"]
    assert canonical["object"]["definition"]["name"] == {"cy": "Sylfaen"}
    (exact,) = client.find()
    assert exact["object"]["definition"]["name"] == {"en": "Foundation", "cy": "Sylfaen"}


def test_the_alternate_form_is_of_one_only(client: Client) -> None:
    wanted = str(uuid4())
    user, secret = client.auth or ("", "")
    form = {
        "statementId": wanted,
        "content": json.dumps(made.simple()),
        "Content-Type": "application/json",
        "X-Experience-API-Version": "1.0.3",
        "Authorization": "Basic " + __import__("base64").b64encode(f"{user}:{secret}".encode()).decode(),
    }
    bare = Client(client.http, None, None)
    assert bare.ask("POST", "statements?method=PUT", data=form).status_code == 204
    found = bare.ask("POST", "statements?method=GET", data={**form, "content": ""} | {"statementId": wanted})
    assert found.get_json()["id"] == wanted
    assert bare.ask("POST", f"statements?method=PUT&statementId={wanted}", data=form).status_code == 400
    assert (
        bare.ask(
            "POST", "statements?method=PUT", data={**form, "X-Experience-API-Version": "2.0.0"}
        ).status_code
        == 400
    )
    without = {name: value for name, value in form.items() if name != "content"}
    assert bare.ask("POST", "statements?method=PUT", data=without).status_code == 400
    assert client.as_("2.0.0").ask("POST", "statements?method=GET", data=form).status_code == 400


def test_headers_that_an_alternate_form_comes_with_count_too(client: Client) -> None:
    form = {"activityId": made.COURSE, "profileId": "p", "content": "{}"}

    def put(content: str, headers: dict[str, str], **fields: str) -> int:
        given = {**form, "content": content, **fields}
        return client.ask("POST", "activities/profile?method=PUT", data=given, headers=headers).status_code

    assert put("{}", {"If-None-Match": "*"}) == 204
    assert put('{"a":1}', {"If-Match": '"another"'}) == 412
    tag = client.ask("GET", "activities/profile", {**form, "content": None}).headers["ETag"]
    assert put('{"a":1}', {"If-Match": '"another"'}, **{"If-Match": tag}) == 204


def test_about_needs_no_version_in_the_alternate_form_either(client: Client) -> None:
    answer = client.as_(None).ask("POST", "about?method=GET", data={"content": ""})
    assert answer.get_json() == {"version": ["1.0.3", "2.0.0"]}


@pytest.mark.parametrize("kind", ["text/plain\r\nX-Other: y", "text/plain\n", "text/\u043f\u043b"])
def test_a_field_that_no_header_could_be_is_refused(client: Client, kind: str) -> None:
    form = {"activityId": made.COURSE, "agent": '{"mbox":"mailto:a@b.example"}', "stateId": "s"}
    sent = {**form, "content": "x", "Content-Type": kind}
    answer = client.ask("POST", "activities/state?method=PUT", data=sent)
    assert (answer.status_code, "Content-Type" in answer.text) == (400, True)
    assert client.ask("GET", "activities/state", form).status_code == 404


def test_a_parameter_that_is_not_utf8_is_refused(client: Client) -> None:
    state = (
        f"activities/state?activityId={made.COURSE}&agent=%7B%22mbox%22:%22mailto:a@b.example%22%7D&stateId="
    )
    assert client.ask("PUT", f"{state}%FF", data=b"1").status_code == 400
    assert client.ask("PUT", f"{state}%25FF", data=b"1").status_code == 204
    assert client.ask("GET", f"{state}%C3%BF").status_code == 404
    sent = {"data": "stateId=%FF", "content_type": "application/x-www-form-urlencoded"}
    assert client.ask("POST", "activities/state?method=GET", **sent).status_code == 400


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", "application/json", 400),
        (b"[", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b'"x"', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, "application/json", 400),
        (json.dumps(made.simple()).encode(), "text/plain", 400),
        (json.dumps(made.simple()).encode(), "application/x-www-form-urlencoded", 400),
        (json.dumps(made.simple()).encode(), "multipart/mixed; boundary=x", 400),
        (json.dumps(made.simple(result={"response": "x" * 1_000_000})).encode(), "application/json", 413),
        (b" " * (33 * 1024 * 1024), "application/json", 413),
    ],
)
def test_a_body_that_cannot_be_used_is_refused_and_nothing_stored(
    client: Client, body: bytes, kind: str, status: int
) -> None:
    answer = client.ask("POST", "statements", data=body, content_type=kind)
    assert answer.status_code == status
    assert "Traceback" not in answer.text
    assert client.find() == []


def test_a_refusal_comes_as_the_asker_likes_it(client: Client) -> None:
    def kind(accept: str) -> str:
        return client.ask("GET", "statements?foo=<b>", headers={"Accept": accept}).content_type

    assert kind("application/json").startswith("application/json")
    assert kind("text/html").startswith("text/html")
    assert kind("*/*").startswith("text/plain")


def test_voiding_over_http(client: Client) -> None:
    one = new()
    client.post(one)
    (voiding,) = client.post(made.voiding(one["id"])).get_json()
    assert client.ask("GET", "statements", {"statementId": one["id"]}).status_code == 404
    assert client.ask("GET", "statements", {"voidedStatementId": one["id"]}).get_json()["id"] == one["id"]
    assert client.post(made.voiding(voiding)).status_code == 400


# --- Keys -----------------------------------------------------------------------------------------------


def test_no_key_a_wrong_key_and_a_revoked_key_open_nothing(client: Client) -> None:
    user, secret = client.auth or ("", "")
    assert Client(client.http, "1.0.3", None).ask("GET", "statements").status_code == 401
    assert Client(client.http, "1.0.3", (user, secret + "x")).ask("GET", "statements").status_code == 401
    assert Client(client.http, "1.0.3", ("nobody\x00", "ü")).ask("GET", "statements").status_code == 401
    for header in ("Bearer x", "Basic", "Basic !!!", "Basic eA==", "Basic /w=="):
        answer = Client(client.http, "1.0.3", None).ask(
            "GET", "statements", headers={"Authorization": header}
        )
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Basic")
    client.find()
    with db.transaction() as session:
        keys.revoke(session, COMMAND_LINE, user, now=__import__("lms.clock").clock.now())
    guard._known.clear()
    assert client.ask("GET", "statements").status_code == 401


def test_the_secret_is_nowhere_in_the_database(client: Client) -> None:
    _, secret = client.auth or ("", "")
    with db.transaction(read_only=True) as session:
        kept = session.exec(select(Key)).one()
    assert secret not in json.dumps(kept.model_dump(), default=str)


def test_a_key_does_what_its_scopes_say(key: Callable[..., Client]) -> None:
    everything, writer, mine = key("xapi/all"), key("xapi/statements/write"), key("xapi/statements/read/mine")
    reader, state = key("xapi/statements/read"), key("xapi/state")
    one = new()
    assert writer.post(one).status_code == 200
    assert writer.ask("GET", "statements").status_code == 403
    assert mine.find() == []
    assert mine.ask("GET", "statements", {"statementId": one["id"]}).status_code == 404
    assert [found["id"] for found in reader.find()] == [one["id"]]
    assert reader.post(new()).status_code == 403
    assert state.ask("GET", "statements").status_code == 403
    query = {"activityId": made.COURSE, "agent": '{"mbox":"mailto:a@b.example"}', "stateId": "s"}
    assert state.ask("PUT", "activities/state", query, data=b"x").status_code == 204
    assert reader.ask("PUT", "activities/state", query, data=b"x").status_code == 403
    assert (
        state.ask("PUT", "activities/profile", {"activityId": made.COURSE, "profileId": "p"}).status_code
        == 403
    )
    assert everything.find()[0]["authority"]["account"]["name"] == (writer.auth or ("",))[0]


def test_a_key_sees_its_own_with_every_filter(key: Callable[..., Client]) -> None:
    both, other = key("xapi/statements/write", "xapi/statements/read/mine"), key("xapi/all")
    one = new()
    both.post(one)
    other.post(new())
    assert [found["id"] for found in both.find(verb=made.ADL + "completed")] == [one["id"]]
    assert [found["id"] for found in both.find()] == [one["id"]]
