"""The record's own application: its addresses, its refusals, and what every answer has."""

from uuid import uuid4

import pytest
from sqlalchemy import text
from werkzeug.test import Client as HttpClient

from lms import db
from lms.xapi.application import ABOUT, RESOURCES
from tests.xapi.conftest import Client

METHODS = ("GET", "HEAD", "PUT", "POST", "DELETE", "PATCH")


@pytest.mark.parametrize("address", RESOURCES)
@pytest.mark.parametrize("method", METHODS)
def test_nothing_but_about_answers_without_a_key(app: HttpClient, address: str, method: str) -> None:
    refused = app.open(f"/xapi{address}", method=method, headers={"X-Experience-API-Version": "1.0.3"})
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize("address", [ABOUT, *RESOURCES])
def test_a_method_that_an_address_does_not_take_is_told_with_those_it_does(
    client: Client, address: str
) -> None:
    refused = client.ask("PATCH", address[1:])
    assert refused.status_code == 405
    allowed = RESOURCES[address].methods if address != ABOUT else ("GET",)
    assert refused.headers["Allow"] == ", ".join((*allowed, "HEAD"))
    assert refused.text == f"This address takes {', '.join(allowed)} only."


@pytest.mark.parametrize("address", ["", "/", "/statement", "/statements/more", "/%00", "/about/x"])
def test_what_is_not_there_says_where_the_resources_are(app: HttpClient, address: str) -> None:
    refused = app.get(f"/xapi{address}")
    assert refused.status_code == 404
    assert refused.text.endswith("The resources of xAPI are under /xapi/.")


@pytest.mark.parametrize("address", ["/xapi//statements", "/xapi/statements/"])
def test_a_slash_too_many_between_two_parts_of_an_address_is_no_matter(client: Client, address: str) -> None:
    assert client.ask("GET", address.removeprefix("/xapi/")).status_code == 200


@pytest.mark.parametrize("address", ["/xapi/about", "/xapi/statements", "/xapi/nowhere"])
def test_every_answer_has_the_headers_of_the_pages_and_asks_for_no_cookie(
    app: HttpClient, client: Client, address: str
) -> None:
    page = app.get("/sign-in").headers
    for answer in (app.get(address), client.ask("GET", address.removeprefix("/xapi/"))):
        ours = answer.headers
        for name in ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Cache-Control"):
            assert ours.getlist(name) == [page[name]]
        assert "Set-Cookie" not in ours
        assert ours.getlist("X-Experience-API-Version")


def test_a_refusal_is_in_the_version_that_the_key_spoke_last(client: Client) -> None:
    client.as_("1.0.3").ask("GET", "statements")
    assert client.as_(None).ask("GET", "statements").headers["X-Experience-API-Version"] == "1.0.3"
    client.as_("2.0.0").ask("GET", "statements")
    assert client.as_("9.9").ask("GET", "statements").headers["X-Experience-API-Version"] == "2.0.0"


@pytest.mark.parametrize(
    ("accepted", "kind", "begins"),
    [
        ("application/json", "application/json", '{"status":404,"error":"There is no such statement."}'),
        ("text/html", "text/html; charset=utf-8", "<!doctype html>"),
        ("*/*", "text/plain; charset=utf-8", "There is no such statement."),
    ],
)
def test_a_refusal_comes_in_the_form_that_is_liked_best(
    client: Client, accepted: str, kind: str, begins: str
) -> None:
    wanted = {"statementId": "7d6dbe77-15a3-4a69-8f41-1f2a9c0a1c11"}
    refused = client.ask("GET", "statements", wanted, headers={"Accept": accepted})
    assert (refused.status_code, refused.content_type) == (404, kind)
    assert refused.text.startswith(begins)


def test_a_fault_of_our_own_is_told_without_its_reason(client: Client) -> None:
    with db.transaction() as session:
        damaged = {"id": uuid4().hex, "payload": "what no release has ever written"}
        session.execute(
            text("INSERT INTO statement (seq, statement_id, payload) VALUES (5, :id, :payload)"), damaged
        )
    answer = client.ask("GET", "statements", headers={"Accept": "application/json"})
    assert answer.status_code == 500
    assert answer.get_json()["error"].startswith("Something went wrong on our side.")
    assert answer.headers["X-Experience-API-Version"] == "1.0.3"
