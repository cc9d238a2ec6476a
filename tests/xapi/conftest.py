"""A client of the record: our app on a fresh database, and keys for it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import Client as HttpClient
from werkzeug.test import TestResponse

from lms import clock, db, settings
from lms.app import create_app
from lms.services import keys
from lms.services.audit import COMMAND_LINE
from lms.xapi import guard


class Client:
    """Sends requests in one version with one key."""

    def __init__(self, http: HttpClient, version: str | None, auth: tuple[str, str] | None) -> None:
        self.http, self.version, self.auth = http, version, auth

    def as_(self, version: str | None) -> "Client":
        return Client(self.http, version, self.auth)

    def ask(self, method: str, path: str, query: dict[str, Any] | None = None, **more: Any) -> TestResponse:
        headers = dict(more.pop("headers", {}))
        if self.version is not None:
            headers.setdefault("X-Experience-API-Version", self.version)
        return self.http.open(
            f"/xapi/{path}", method=method, query_string=query, headers=headers, auth=self.auth, **more
        )

    def post(self, *statements: dict[str, Any]) -> TestResponse:
        body = statements[0] if len(statements) == 1 else list(statements)
        return self.ask("POST", "statements", data=json.dumps(body), content_type="application/json")

    def find(self, **query: Any) -> list[dict[str, Any]]:
        answer = self.ask("GET", "statements", query)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.get_json()["statements"]
        return found


@pytest.fixture
def app(database: str) -> HttpClient:
    guard._known.clear()
    return create_app(settings.current()).test_client()


@pytest.fixture
def key(app: HttpClient) -> Callable[..., Client]:
    """Makes a client with a key of these scopes."""

    def make(*scopes: str, version: str = "1.0.3", trusted: bool = False) -> Client:
        with db.transaction() as session:
            made = keys.create(session, COMMAND_LINE, "test", scopes, now=clock.now(), trusted=trusted)
        return Client(app, version, (made.prefix, made.secret))

    return make


@pytest.fixture
def client(key: Callable[..., Client]) -> Client:
    """A client that may do everything."""
    return key("xapi/all", trusted=True)
