"""Another system: our app on a fresh database, and keys for it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from werkzeug.test import Client as HttpClient
from werkzeug.test import TestResponse

from lms import clock, db, settings
from lms.app import create_app
from lms.rules import keys as rules
from lms.services import keys
from lms.services.audit import COMMAND_LINE
from tests import feeding
from tests.feeding import Place


@dataclass(frozen=True)
class Client:
    """Sends requests with one token."""

    http: HttpClient
    token: str
    prefix: str

    def ask(self, method: str, path: str, **more: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        return self.http.open(f"/api/v1/{path}", method=method, headers=headers, **more)


@pytest.fixture
def place(database: str) -> Place:
    with db.transaction() as session:
        return feeding.found(session)


@pytest.fixture
def app(place: Place) -> HttpClient:
    return create_app(settings.current()).test_client()


@pytest.fixture
def key(app: HttpClient) -> Callable[..., Client]:
    """Makes a client with a key of these scopes."""

    def make(*scopes: str, organisation: str | None = None) -> Client:
        with db.transaction() as session:
            made = keys.create(
                session, COMMAND_LINE, "test", scopes, now=clock.now(), organisation=organisation
            )
        return Client(app, rules.token(made.prefix, made.secret), made.prefix)

    return make


@pytest.fixture
def client(key: Callable[..., Client]) -> Client:
    """The system of Quarrelby."""
    return key(rules.ROSTER, organisation="QUA")
