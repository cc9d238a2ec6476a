"""Fixtures: a fresh migrated database on each engine, real servers, our app really served, a real Chromium.

``database``, and all that stands on it, runs a test once on SQLite and once on PostgreSQL. A test that needs
only one engine asks for ``sqlite_url`` or ``postgres_url``, or narrows the others with
``@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)``.
"""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
import redis
from alembic import command
from alembic.config import Config
from playwright.sync_api import Browser, Page, sync_playwright
from sqlmodel import Session
from werkzeug.serving import make_server

from lms import db, settings
from tests import servers

# How long an example takes says how busy the machine is. Timing belongs in tests/benchmarks.
hypothesis.settings.register_profile(
    "house", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("house")

ROOT = Path(__file__).parent.parent
BROWSER_FIXTURES = {"chromium", "browser", "page"}
CHROMIUM_FLAGS = [
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever opens a browser is a browser test, said or not."""
    for item in items:
        if BROWSER_FIXTURES.intersection(getattr(item, "fixturenames", ())):
            item.add_marker("browser")


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No test sees the machine's own configuration, and none writes into the checkout."""
    for name in [name for name in os.environ if name.startswith("LMS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LMS_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("LMS_SECRET_KEY", "only-for-tests-" + "0" * 32)
    settings.current.cache_clear()
    yield
    settings.current.cache_clear()


# --- Databases ------------------------------------------------------------------------------------------


def migrate(url: str, revision: str = "head") -> None:
    """Bring a database up to a revision of the schema, or down: to ``base``, or by one with ``-1``."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    (command.downgrade if revision in ("base", "-1") else command.upgrade)(config, revision)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a PostgreSQL whose user may create databases."""
    with servers.postgres() as url:
        yield url


@pytest.fixture(scope="session")
def _postgres_template(postgres_server: str) -> Iterator[str]:
    with servers.database(postgres_server) as url:
        migrate(url)
        yield url


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.sqlite3"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def _configure(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], str]]:
    """Points this process, and those it starts, at a database; closes it afterwards."""

    def configure(url: str) -> str:
        monkeypatch.setenv("LMS_DATABASE_URL", url)
        settings.current.cache_clear()
        db.configure(url)
        return url

    yield configure
    db.configure(None)


@pytest.fixture
def sqlite_url(_sqlite_template: Path, tmp_path: Path, _configure: Callable[[str], str]) -> str:
    """The address of a fresh migrated SQLite database, which ``lms.db`` uses during the test."""
    path = tmp_path / "golden-thread.sqlite3"
    shutil.copyfile(_sqlite_template, path)
    return _configure(f"sqlite:///{path}")


@pytest.fixture
def postgres_url(
    postgres_server: str, _postgres_template: str, _configure: Callable[[str], str]
) -> Iterator[str]:
    """The address of a fresh migrated PostgreSQL database, which ``lms.db`` uses during the test."""
    with servers.database(postgres_server, _postgres_template) as url:
        yield _configure(url)
        db.configure(None)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine_name(request: pytest.FixtureRequest) -> str:
    """Which engine this run of the test is on."""
    return str(request.param)


@pytest.fixture
def database(engine_name: str, request: pytest.FixtureRequest) -> str:
    """The address of a fresh migrated database, once on each engine, which ``lms.db`` uses during the test."""
    return str(request.getfixturevalue("sqlite_url" if engine_name == "sqlite" else "postgres_url"))


@pytest.fixture
def empty_database(
    engine_name: str, tmp_path: Path, request: pytest.FixtureRequest, _configure: Callable[[str], str]
) -> Iterator[str]:
    """The address of a database without any table, once on each engine."""
    if engine_name == "sqlite":
        yield _configure(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    else:
        with servers.database(request.getfixturevalue("postgres_server")) as url:
            yield _configure(url)
            db.configure(None)


@pytest.fixture
def session(database: str) -> Iterator[Session]:
    """An open transaction on a fresh database, committed when the test ends well."""
    with db.transaction() as opened:
        yield opened


# --- Other servers --------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def _redis_server() -> Iterator[str]:
    with servers.redis() as url:
        yield url


@pytest.fixture
def redis_url(_redis_server: str) -> str:
    """The address of a real, empty Redis."""
    with redis.Redis.from_url(_redis_server) as client:
        client.flushdb()
    return _redis_server


@pytest.fixture
def smtp() -> Iterator[servers.Mailbox]:
    """A real mail server: ``.url``, the ``.messages`` it got, and the addresses it is to have ``.refused``."""
    with servers.smtp() as mailbox:
        yield mailbox


# --- Pages ----------------------------------------------------------------------------------------------


@pytest.fixture
def live_app(database: str) -> Iterator[str]:
    """The address of our app, really served on the test's database."""
    from lms.app import create_app  # here, so that tests of rules need no web framework

    app = create_app(settings.current())
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(timeout=10)
    server.server_close()


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of an installed Chromium. Fails, and says how to install it, where there is none."""
    return servers.chromium()


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """A headless Chromium. One for each file: Playwright keeps an event loop running while it is open."""
    flags = [*CHROMIUM_FLAGS, "--no-sandbox"] if os.geteuid() == 0 else CHROMIUM_FLAGS
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=flags)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in a browser profile of its own."""
    context = browser.new_context(locale="en-GB", timezone_id="Europe/London")
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()
