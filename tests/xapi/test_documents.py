"""State and profile documents, activities, agents and about over HTTP."""

import json
from hashlib import sha1
from typing import Any

import pytest

from tests import statements as made
from tests.xapi.conftest import Client

AGENT = '{"mbox":"mailto:a@b.example"}'
STATE = ("activities/state", {"activityId": made.COURSE, "agent": AGENT, "stateId": "bookmark"})
ACTIVITY = ("activities/profile", {"activityId": made.COURSE, "profileId": "p"})
PERSON = ("agents/profile", {"agent": AGENT, "profileId": "p"})
EVERY = pytest.mark.parametrize(("path", "query"), [STATE, ACTIVITY, PERSON])
BOTH = pytest.mark.parametrize("version", ["1.0.3", "2.0.0"])
NEW = {"If-None-Match": "*"}


@BOTH
@EVERY
def test_a_document_is_kept_byte_for_byte(
    client: Client, path: str, query: dict[str, str], version: str
) -> None:
    client = client.as_(version)
    content = bytes(range(256))
    assert (
        client.ask("PUT", path, query, data=content, content_type="image/x", headers=NEW).status_code == 204
    )
    answer = client.ask("GET", path, query)
    assert (answer.data, answer.content_type) == (content, "image/x")
    assert answer.headers["ETag"] == f'"{sha1(content).hexdigest()}"'
    assert answer.headers["Last-Modified"].endswith("GMT")
    assert client.ask("DELETE", path, query).status_code == 204
    assert client.ask("GET", path, query).status_code == 404


@EVERY
def test_nothing_is_overwritten_unseen(client: Client, path: str, query: dict[str, str]) -> None:
    client = client.as_("2.0.0")

    def put(content: bytes, **headers: str) -> int:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return client.ask("PUT", path, query, data=content, headers=named).status_code

    assert put(b"1", If_Match='"x"') == 412
    assert put(b"1", If_None_Match="*") == 204
    assert put(b"2", If_None_Match="*") == 412
    assert put(b"2") == 409
    assert put(b"2", If_Match='"other"') == 412
    assert client.ask("GET", path, query).data == b"1"
    tag = client.ask("GET", path, query).headers["ETag"]
    assert put(b"2", If_Match=f'"other", {tag}') == 204
    assert client.ask("DELETE", path, query, headers={"If-Match": tag}).status_code == 412
    assert client.ask("DELETE", path, query, headers={"If-Match": "*"}).status_code == 204


def test_profiles_need_a_header_and_state_in_one_does_not(client: Client) -> None:
    assert client.ask("PUT", *STATE, data=b"1").status_code == 204
    assert client.ask("PUT", *STATE, data=b"2").status_code == 204
    for path, query in (ACTIVITY, PERSON):
        assert client.ask("PUT", path, query, data=b"1").status_code == 400


@EVERY
def test_json_is_merged_one_level_deep_and_nothing_else_is(
    client: Client, path: str, query: dict[str, str]
) -> None:
    def post(content: Any, kind: str = "application/json; charset=utf-8") -> int:
        return client.ask("POST", path, query, data=content, content_type=kind).status_code

    assert post(json.dumps({"a": {"x": 1}, "b": 1})) == 204
    assert post(json.dumps({"a": {"y": 2}, "c": "é"})) == 204
    kept = {"a": {"y": 2}, "b": 1, "c": "é"}
    assert client.ask("GET", path, query).get_json() == kept
    assert post(b"[1]") == 400
    assert post(b"{") == 400
    assert post(b'{"a":1,"a":2}') == 400
    assert post(b"text", "text/plain") == 400
    assert client.ask("GET", path, query).get_json() == kept


def test_only_json_is_merged_into(client: Client) -> None:
    client.ask("PUT", *STATE, data=b"text", content_type="text/plain")
    assert client.ask("POST", *STATE, data=b"{}", content_type="application/json").status_code == 400
    assert client.ask("GET", *STATE).data == b"text"


def test_states_are_listed_and_removed_by_registration(client: Client) -> None:
    path, query = STATE
    registration = "7C0F6CF3-8E1A-4F53-9C7E-2B3F5D1A6E90"
    client.ask("PUT", path, query, data=b"1")
    client.ask("PUT", path, {**query, "registration": registration, "stateId": "other"}, data=b"1")
    assert client.ask("GET", path, {**query, "stateId": "other"}).status_code == 404
    every = {name: value for name, value in query.items() if name != "stateId"}
    assert client.ask("GET", path, every).get_json() == ["bookmark", "other"]
    one = {**every, "registration": registration.lower()}
    assert client.ask("GET", path, one).get_json() == ["other"]
    assert client.ask("GET", path, {**every, "since": "2099-01-01T00:00:00Z"}).get_json() == []
    assert client.ask("DELETE", path, one).status_code == 204
    assert client.ask("GET", path, every).get_json() == ["bookmark"]
    assert client.ask("DELETE", path, every).status_code == 204
    assert client.ask("GET", path, every).get_json() == []


def test_profiles_are_not_removed_by_the_dozen(client: Client) -> None:
    assert client.ask("DELETE", "agents/profile", {"agent": AGENT}).status_code == 400


@EVERY
@pytest.mark.parametrize(
    "change",
    [
        *({"agent": "not json"}, {"agent": '{"objectType":"Group","mbox":"mailto:a@b.example"}'}),
        *({"activityId": "x"}, {"registration": "7"}, {"since": "yesterday"}, {"foo": "1"}, {"stateid": "s"}),
    ],
)
def test_parameters_that_are_wrong_are_refused(
    client: Client, path: str, query: dict[str, str], change: dict[str, str]
) -> None:
    for method in ("GET", "PUT", "POST", "DELETE"):
        assert client.ask(method, path, {**query, **change}, data=b"{}", headers=NEW).status_code == 400


@EVERY
def test_a_parameter_that_is_missing_is_refused(client: Client, path: str, query: dict[str, str]) -> None:
    for name in query:
        fewer = {key: value for key, value in query.items() if key != name}
        assert client.ask("PUT", path, fewer, data=b"{}", headers=NEW).status_code == 400


def test_names_may_be_anything_but_nul(client: Client) -> None:
    query = {**STATE[1], "stateId": "ä/😀 " + "x" * 5_000}
    assert client.ask("PUT", "activities/state", query, data=b"1").status_code == 204
    assert client.ask("GET", "activities/state", query).data == b"1"
    assert client.ask("PUT", "activities/state", {**query, "stateId": "\x00"}, data=b"1").status_code == 400


def test_an_activity_is_given_with_what_is_known_of_it(client: Client) -> None:
    answer = client.ask("GET", "activities", {"activityId": made.COURSE})
    assert answer.get_json() == {"objectType": "Activity", "id": made.COURSE}
    client.post(made.simple())
    answer = client.ask("GET", "activities", {"activityId": made.COURSE})
    assert answer.get_json()["definition"] == {"name": {"en-GB": "ATR Foundation"}}
    assert answer.headers["ETag"].startswith('"')


def test_an_agent_is_given_as_a_person(client: Client) -> None:
    agent = {"name": "Ada", "account": {"homePage": "https://x.example", "name": "7"}}
    answer = client.ask("GET", "agents", {"agent": json.dumps(agent)})
    assert answer.get_json() == {"objectType": "Person", "name": ["Ada"], "account": [agent["account"]]}
    assert client.ask("GET", "agents", {"agent": "{}"}).status_code == 400
    assert client.ask("GET", "agents").status_code == 400


def test_other_methods_are_named_as_such(client: Client) -> None:
    for path in ("about", "agents", "activities"):
        answer = client.ask("POST", path, {"agent": AGENT})
        assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")
