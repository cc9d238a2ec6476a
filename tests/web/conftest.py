"""The village of the web tests, signed in without a password."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

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
def queries_of() -> Callable[[], AbstractContextManager[list[str]]]:
    """``with queries_of() as sent``: the statements sent to the database in the block."""

    @contextmanager
    def listen() -> Iterator[list[str]]:
        sent: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            sent.append(statement)

        engine = db.engine()
        event.listen(engine, "before_cursor_execute", note)
        yield sent
        event.remove(engine, "before_cursor_execute", note)

    return listen
