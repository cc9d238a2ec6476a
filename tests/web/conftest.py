"""The village of the web tests, signed in without a password."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import event

from lms import db, settings
from lms.app import create_app
from lms.services.accounts import administration, signing_in
from tests.web import village as building
from tests.web.village import Village


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real hashes with little memory: a cast of ten signs up in every test."""
    monkeypatch.setattr(signing_in, "HASHER", building.CHEAP)
    monkeypatch.setattr(administration, "HASHER", building.CHEAP)
    signing_in._nobodys_hash.cache_clear()


@pytest.fixture
def app(sqlite_url: str) -> Flask:
    """The application on a fresh SQLite database."""
    made = create_app(settings.current())
    made.config["TESTING"] = True
    return made


@pytest.fixture
def village(app: Flask) -> Village:
    """The village on SQLite; what the database says twice is tested below the pages."""
    return building.build(app)


@pytest.fixture
def village_on_each(database: str) -> Village:
    """The village on each engine."""
    made = create_app(settings.current())
    made.config["TESTING"] = True
    return building.build(made)


@pytest.fixture
def count_queries() -> Iterator[Callable[[], int]]:
    """How many statements were sent to the database since it was last asked."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    def count() -> int:
        found = len(sent)
        sent.clear()
        return found

    event.listen(db.engine(), "before_cursor_execute", note)
    yield count
    event.remove(db.engine(), "before_cursor_execute", note)
