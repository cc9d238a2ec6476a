"""An e-learning package: a page on another origin that speaks to the record with a client library of its own."""

import json
import threading
from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest
from click.testing import CliRunner
from playwright.sync_api import Page
from sqlmodel import col, select

from lms import clock, db, settings
from lms.cli import main
from lms.services import keys
from lms.services.audit import COMMAND_LINE
from lms.tables.people import Employment, Person

LIBRARY = Path(__file__).parent / "xapi" / "XAPI.umd.js"
PAGE = """<!doctype html><html lang="en"><title>A package</title><script src="XAPI.umd.js"></script>"""
# Nobody at Quarrelby with this number has completed anything.
NUMBER = "100003"
OPEN = """([endpoint, user, password, version]) => {
    window.record = new XAPI({endpoint: endpoint + "/", auth: XAPI.toBasicAuth(user, password), version});
    window.tell = promise => promise.then(
        answer => ({status: answer.status, headers: {...answer.headers}, data: answer.data}),
        error => ({status: error.response ? error.response.status : 0, data: String(error)}));
}"""
COMPLETED = """([actor, activity]) => tell(record.sendStatement({statement: {
    actor, verb: XAPI.Verbs.COMPLETED, object: {objectType: "Activity", id: activity},
    result: {completion: true, duration: "PT45M"}}}))"""


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder without a word."""

    def log_message(self, *_words: Any) -> None:
        pass


@pytest.fixture
def package(tmp_path: Path) -> Iterator[str]:
    """The address of a package, on an origin of its own."""
    folder = tmp_path / "package"
    folder.mkdir()
    copyfile(LIBRARY, folder / LIBRARY.name)
    (folder / "index.html").write_text(PAGE)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/index.html"
    server.shutdown()
    thread.join(timeout=10)
    server.server_close()


@pytest.fixture
def key(village) -> tuple[str, str]:
    """User and password of a key as a package has it: it writes, reads what it wrote, keeps state, and counts."""
    with db.transaction() as session:
        made = keys.create(
            session,
            COMMAND_LINE,
            "e-learning",
            ["xapi/statements/write", "xapi/statements/read/mine", "xapi/state"],
            now=clock.now(),
            trusted=True,
        )
    return made.prefix, made.secret


def actor() -> dict[str, Any]:
    with db.transaction(read_only=True) as session:
        wanted = select(Person).join(Employment, col(Employment.person_id) == Person.id)
        person = session.exec(wanted.where(Employment.employee_number == NUMBER)).one()
    return {
        "objectType": "Agent",
        "account": {"homePage": settings.current().base_url, "name": person.uuid},
    }


def standing() -> str:
    """Where ``lms standing`` says that they stand on ATR-F."""
    asked = ["standing", "--organisation", "QUA", "--employee", NUMBER, "--json"]
    said = CliRunner().invoke(main, asked)
    assert said.exit_code == 0, said.output
    return next(row["standing"] for row in json.loads(said.stdout) if row["module"] == "ATR-F")


def test_the_client_library_is_what_was_published():
    """@xapi/xapi 3.0.3 from the npm registry, unchanged, MIT; it has axios 1.15.2 in it, MIT too."""
    expected = "c41e67ae411c8145401b4676c70a6620fea3a580cd3d952cd1de058441e24116"
    assert sha256(LIBRARY.read_bytes()).hexdigest() == expected


@pytest.mark.parametrize("version", ["1.0.3", "2.0.0"])
def test_what_a_package_says_on_another_origin_turns_somebody_green_and_voiding_it_turns_them_back(
    page: Page, live_app: str, package: str, key: tuple[str, str], version: str
) -> None:
    assert not package.startswith(live_app)
    assert standing() == "not_done"
    page.goto(package)
    page.evaluate(OPEN, [f"{live_app}/xapi", *key, version])
    said = page.evaluate(COMPLETED, [actor(), "https://x.example/ATR-F"])
    assert said["status"] == 200, said
    assert said["headers"]["x-experience-api-version"] == version
    assert standing() == "in_date"
    (written,) = said["data"]
    kept = page.evaluate("id => tell(record.getStatement({statementId: id}))", written)
    assert kept["data"]["result"]["duration"] == "PT45M"
    assert kept["headers"]["last-modified"].endswith("GMT")
    assert "x-experience-api-consistent-through" in kept["headers"]
    void = page.evaluate(
        "([actor, id]) => tell(record.voidStatement({actor, statementId: id}))", [actor(), written]
    )
    assert void["status"] == 200, void
    assert standing() == "not_done"


def test_a_package_keeps_its_place_and_learns_of_a_conflict(
    page: Page, live_app: str, package: str, key: tuple[str, str]
) -> None:
    page.goto(package)
    page.evaluate(OPEN, [f"{live_app}/xapi", *key, "1.0.3"])
    where = {"activityId": "https://x.example/ATR-F", "stateId": "place", "agent": actor()}
    save = "asked => tell(record.setState(asked))"
    assert page.evaluate(save, {**where, "state": {"slide": 3}})["status"] == 204
    found = page.evaluate("asked => tell(record.getState(asked))", where)
    assert found["data"] == {"slide": 3}
    known = {"etag": found["headers"]["etag"], "matchHeader": "If-Match"}
    assert page.evaluate(save, {**where, **known, "state": {"slide": 4}})["status"] == 204
    assert page.evaluate(save, {**where, **known, "state": {"slide": 9}})["status"] == 412
    assert page.evaluate("asked => tell(record.getState(asked))", where)["data"] == {"slide": 4}
    assert page.evaluate("asked => tell(record.deleteState(asked))", where)["status"] == 204


def test_a_package_with_a_wrong_key_can_read_why_it_was_refused(
    page: Page, live_app: str, package: str, key: tuple[str, str]
) -> None:
    page.goto(package)
    page.evaluate(OPEN, [f"{live_app}/xapi", key[0], "wrong", "1.0.3"])
    assert page.evaluate(COMPLETED, [actor(), "https://x.example/ATR-F"])["status"] == 401
    assert standing() == "not_done"
