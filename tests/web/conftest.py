"""The village of the web tests, signed in without a password."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event

from lms import db, settings
from lms.app import create_app
from tests.web import village as building
from tests.web.village import Village


@pytest.fixture(autouse=True)
def _cheap_hashes() -> Iterator[None]:
    """Real hashes with little memory: a cast of ten signs up in every village."""
    with building.cheap_hashes():
        yield


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application, made once: compiling its templates takes longer than most tests. It keeps no database."""
    return _make(tmp_path_factory.mktemp("app"))


@pytest.fixture
def own_app(tmp_path: Path, sqlite_url: str) -> Flask:
    """An application for a test that changes it."""
    return _make(tmp_path)


def _make(folder: Path) -> Flask:
    made = create_app(settings.load({"LMS_VAR": str(folder), "LMS_SECRET_KEY": "only-for-tests-" + "0" * 32}))
    made.config["TESTING"] = True
    return made


@pytest.fixture(scope="session")
def _village_template(
    app: Flask, _sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Village]:
    path = tmp_path_factory.mktemp("village") / "village.sqlite3"
    shutil.copyfile(_sqlite_template, path)
    with building.cheap_hashes():
        db.configure(f"sqlite:///{path}")
        village = building.build(app)
        db.configure(None)
    return path, village


@pytest.fixture
def village(
    _village_template: tuple[Path, Village], tmp_path: Path, _configure: Callable[[str], str]
) -> Village:
    """The village on SQLite; what the database says twice is tested below the pages."""
    path, made = _village_template
    _configure(f"sqlite:///{shutil.copyfile(path, tmp_path / 'village.sqlite3')}")
    return made


@pytest.fixture
def village_on_each(app: Flask, database: str) -> Village:
    """The village on each engine."""
    return building.build(app)


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
