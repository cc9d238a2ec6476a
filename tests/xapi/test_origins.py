"""Pages of other origins may use the record with a key, and with nothing else."""

import pytest
from werkzeug.test import Client as HttpClient

from tests import statements as made
from tests.xapi.conftest import Client

PAGE = "https://packages.example"
ASKS = {
    "Origin": PAGE,
    "Access-Control-Request-Method": "PUT",
    "Access-Control-Request-Headers": "authorization,content-type,x-experience-api-version",
}
ADDRESSES = [
    *("statements", "activities/state", "activities/profile", "agents/profile", "activities", "agents"),
    *("about", "nowhere", "statements?statementId=a&statementId=b"),
]


def listed(text: str | None) -> set[str]:
    return {part.strip().lower() for part in (text or "").split(",")}


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_browser_may_ask_first_without_a_key(app: HttpClient, address: str) -> None:
    answer = app.open(f"/xapi/{address}", method="OPTIONS", headers=ASKS)
    assert (answer.status_code, answer.data) == (204, b"")
    head = answer.headers
    assert head["Access-Control-Allow-Origin"] == "*"
    assert listed(head["Access-Control-Allow-Methods"]) == {"get", "head", "put", "post", "delete"}
    wanted = {"authorization", "content-type", "x-experience-api-version", "if-match", "if-none-match"}
    assert wanted <= listed(head["Access-Control-Allow-Headers"])


def test_answers_can_be_read_with_the_headers_that_a_client_needs(client: Client) -> None:
    assert client.post(made.simple()).status_code == 200
    answer = client.ask("GET", "statements", headers={"Origin": PAGE})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    wanted = {
        *("etag", "last-modified", "x-experience-api-version", "x-experience-api-consistent-through"),
    }
    assert wanted <= listed(answer.headers["Access-Control-Expose-Headers"])


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE"])
def test_a_refusal_can_be_read_too(app: HttpClient, client: Client, method: str) -> None:
    refused = app.open("/xapi/statements", method=method, headers={"Origin": PAGE})
    assert (refused.status_code, refused.headers["Access-Control-Allow-Origin"]) == (401, "*")
    wrong = client.ask(method, "statements?x=1", data=b"{", headers={"Origin": PAGE})
    assert wrong.status_code in (400, 405)
    assert wrong.headers["Access-Control-Allow-Origin"] == "*"


def test_no_cookie_is_set_or_wanted_and_no_origin_may_use_the_browsers_own_credentials(
    app: HttpClient, client: Client
) -> None:
    answers = [
        app.open("/xapi/statements", method="OPTIONS", headers=ASKS),
        client.ask("GET", "statements", headers={"Origin": PAGE}),
        app.get("/xapi/about", headers={"Origin": PAGE}),
    ]
    for answer in answers:
        assert "Set-Cookie" not in answer.headers
        assert "Access-Control-Allow-Credentials" not in answer.headers


def test_only_the_record_can_be_read_from_elsewhere(app: HttpClient) -> None:
    for address in ("/sign-in", "/health/live", "/"):
        assert "Access-Control-Allow-Origin" not in app.get(address, headers={"Origin": PAGE}).headers


def test_without_a_page_of_another_origin_nothing_is_said_about_them(client: Client) -> None:
    assert not [
        name for name, _ in client.ask("GET", "statements").headers if name.startswith("Access-Control")
    ]
    plain = client.ask("OPTIONS", "statements")
    assert (plain.status_code, plain.headers["Allow"]) == (204, "GET, HEAD, PUT, POST, DELETE, OPTIONS")
