"""Other record stores: ours on one side, ours in another process with another database on the other."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from click.testing import CliRunner

from lms import clock, db, lrs, settings
from lms.cli import main
from lms.errors import Invalid
from lms.rules.statements import batches, forwarding
from lms.rules.statements.versions import Version
from lms.services import completions
from lms.services.audit import COMMAND_LINE
from lms.services.statements import Source, reading, stores
from tests import statements as made
from tests.conftest import ROOT, migrate
from workers import statements

SERVER = """
import sys
from werkzeug.serving import make_server
from lms import settings
from lms.app import create_app
server = make_server("127.0.0.1", 0, create_app(settings.current()), threaded=True)
print(server.server_port, flush=True)
server.serve_forever()
"""
KEY = """
from lms import clock, db
from lms.services import audit, keys
with db.transaction() as session:
    made = keys.create(session, audit.COMMAND_LINE, "test", ["xapi/all"], now=clock.now())
print(made.prefix, made.secret)
"""
SOURCE = Source({"mbox": "mailto:ours@example.org"})


@dataclass
class Other:
    """The other store: its address, and a key for it."""

    address: str
    user: str
    password: str

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        return httpx.request(
            method,
            f"{self.address}/{path}",
            auth=(self.user, self.password),
            headers={"X-Experience-API-Version": "2.0.0"},
            **more,
        )

    def ids(self) -> list[str]:
        found = self.ask("GET", "statements", params={"ascending": "true"}).json()
        return [one["id"] for one in found["statements"]]


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Other]:
    folder: Path = tmp_path_factory.mktemp("other")
    url = f"sqlite:///{folder / 'other.sqlite3'}"
    migrate(url)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("LMS_")},
        "LMS_DATABASE_URL": url,
        "LMS_VAR": str(folder),
        "LMS_SECRET_KEY": "o" * 40,
    }
    user, secret = subprocess.check_output(
        [sys.executable, "-c", KEY], env=environment, cwd=ROOT, text=True
    ).split()
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER],
        env=environment,
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    port = process.stdout.readline().strip()
    yield Other(f"http://127.0.0.1:{port}/xapi", user, secret)
    process.kill()
    process.wait()


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lrs, "PATIENCE", 5.0)


def note(other: Other, **more: Any) -> int:
    given = {"forwards": False, "pulls": False, "trusted": False, **more}
    with db.transaction() as session:
        return stores.add(
            session,
            COMMAND_LINE,
            name=str(given.pop("name", "other")),
            address=str(given.pop("address", other.address)),
            username=other.user,
            sealed=lrs.seal(other.password, settings.current().secret_key),
            now=clock.now(),
            **given,
        )


def put(*values: dict[str, Any], attachments: dict[str, bytes] | None = None) -> list[str]:
    with db.transaction() as session:
        batch = batches.read(json.dumps(values), Version.TWO)
        stored = completions.store(session, batch, SOURCE, "https://lms.example", clock.now(), attachments)
    return [one.statement_id for one in stored]


def facts(store_id: int) -> stores.StoreFacts:
    with db.transaction(read_only=True) as session:
        return next(one for one in stores.listed(session) if one.store_id == store_id)


def new(**changes: Any) -> dict[str, Any]:
    return made.simple(id=str(uuid4()), **changes)


def test_statements_are_sent_with_their_bytes_and_attachments(database: str, other: Other) -> None:
    earlier = put(new())
    store_id = note(other, forwards=True)
    odd = f'{{"id":"{uuid4()}","actor":{{"mbox":"mailto:a@b.example"}},"verb":{{"id":"x:y"}},"object":{{"id":"x:z"}},"result":{{"score":{{"raw":1.50e0}},"duration":"PT24M"}}}}'
    with db.transaction() as session:
        completions.store(session, batches.read(odd, Version.TWO), SOURCE, "https://l.example", clock.now())
    data = b"\x00data\r\n"
    sent = put(new(attachments=[made.attachment(data)]), attachments={sha256(data).hexdigest(): data})
    assert facts(store_id).waiting == 2
    assert statements.forward(store_id) == statements.Moved(statements=2)
    assert facts(store_id).waiting == 0
    assert set(sent) <= set(other.ids())
    assert not set(earlier) & set(other.ids())
    assert (
        '"raw":1.50e0' in other.ask("GET", "statements", params={"statementId": json.loads(odd)["id"]}).text
    )
    found = other.ask("GET", "statements", params={"statementId": sent[0], "attachments": "true"})
    assert data in found.content
    assert statements.forward(store_id) == statements.Moved()


def test_a_store_that_is_away_is_tried_again_and_says_why(database: str, other: Other) -> None:
    store_id = note(other, forwards=True, address="http://127.0.0.1:1/xapi")
    put(new())
    moved = statements.forward(store_id)
    assert moved.error is not None
    assert "does not answer" in moved.error
    found = facts(store_id)
    assert (found.waiting, found.error) == (1, moved.error)
    with db.transaction() as session:
        stores.one(session, store_id).address = other.address
    assert statements.forward(store_id).statements == 1
    assert facts(store_id).error is None


def test_a_store_that_was_stopped_is_sent_what_is_new_and_fetched_from_where_that_ended(
    database: str, other: Other
) -> None:
    first = new()
    other.ask("POST", "statements", json=[first])
    store_id = note(other, forwards=True, pulls=True)
    statements.pull(store_id)
    waiting = put(new())
    with db.transaction() as session:
        stores.stop(session, COMMAND_LINE, "other", now=clock.now())
    assert facts(store_id).waiting == 0
    meanwhile, theirs = put(new()), new()
    other.ask("POST", "statements", json=[theirs])
    with db.transaction() as session:
        stores.change(session, COMMAND_LINE, store_id, forwards=True, pulls=True, now=clock.now())
    later = put(new())
    assert statements.forward(store_id) == statements.Moved(statements=1)
    assert set(later) <= set(other.ids())
    assert not {*waiting, *meanwhile} & set(other.ids())
    # Its own new one; ours is here already.
    assert statements.pull(store_id) == statements.Moved(statements=1)
    with db.transaction(read_only=True) as session:
        assert reading.one(session, theirs["id"], voided=False)


def test_with_a_new_password_a_store_answers_again(database: str, other: Other) -> None:
    store_id = note(other, forwards=True)
    put(new())
    key = settings.current().secret_key
    with db.transaction() as session:
        wrong = lrs.seal("long ago", key)
        stores.change(
            session, COMMAND_LINE, store_id, forwards=True, pulls=False, sealed=wrong, now=clock.now()
        )
    assert statements.forward(store_id).error
    right = lrs.seal(other.password, key)
    with db.transaction() as session:
        stores.change(
            session, COMMAND_LINE, store_id, forwards=True, pulls=False, sealed=right, now=clock.now()
        )
    assert statements.forward(store_id) == statements.Moved(statements=1)


def test_one_that_is_refused_holds_back_only_that_persons_later_ones(
    database: str, other: Other, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken, equal = new(), new()
    other.ask("POST", "statements", json=[taken, equal])
    store_id = note(other, forwards=True)
    ada, grace = {"mbox": "mailto:ada@example.org"}, {"mbox": "mailto:grace@example.org"}
    # Ours says something else under an id that the other store has already.
    later = new(actor=ada)
    put({**new(actor=ada), "id": taken["id"], "verb": {"id": "x:other"}}, later)
    others = put(new(actor=grace), new(actor=grace))
    assert statements.forward(store_id) == statements.Moved(statements=2, refused=1)
    assert set(others) <= set(other.ids())
    assert later["id"] not in other.ids()
    found = facts(store_id)
    assert (found.waiting, found.failing) == (2, 1)
    assert statements.forward(store_id) == statements.Moved()
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + timedelta(minutes=2))
    assert statements.forward(store_id) == statements.Moved(refused=1)


def test_what_is_refused_is_listed_on_the_command_line_and_sent_again_at_once(
    database: str, other: Other
) -> None:
    taken = new()
    other.ask("POST", "statements", json=taken)
    note(other, forwards=True)
    put({**taken, "verb": {"id": "x:other"}})

    def said(*words: str) -> str:
        result = CliRunner().invoke(main, ["stores", *words])
        assert result.exit_code == 0, result.output
        return result.output

    assert "refused nothing" in said("refused", "other")
    assert "0 statements sent, 1 refused" in said("forward", "other")
    assert "1 refused. To see which, and why: lms stores refused other" in said("list")
    line = said("refused", "other")
    assert line.startswith(taken["id"])
    assert "sent once, again 2" in line
    assert "409: A statement with the id" in line
    # The worker would wait for its time.
    assert "0 statements sent, 1 refused" in said("forward", "other")
    (one,) = json.loads(said("refused", "other", "--json"))
    assert one["attempts"] == 2


def test_attempts_become_rarer_and_never_end() -> None:
    now = datetime(2026, 6, 30, tzinfo=UTC)
    waits = [forwarding.next_try(attempts, now) - now for attempts in range(1, 40)]
    assert waits[:3] == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(hours=12)


def test_statements_are_fetched_page_by_page_and_only_once(
    database: str, other: Other, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lrs, "PAGE", 3)
    data = b"certificate"
    body = [new() for _ in range(7)]
    assert other.ask("POST", "statements", json=body).status_code == 200
    store_id = note(other, pulls=True)
    before = len(other.ids())
    moved = statements.pull(store_id)
    assert moved.error is None
    assert moved.statements == before
    time.sleep(0.6)
    assert statements.pull(store_id).statements == 0
    another = new(attachments=[made.attachment(data, fileUrl="https://example.org/c")])
    other.ask("POST", "statements", json=another)
    time.sleep(0.6)
    assert statements.pull(store_id).statements == 1
    with db.transaction(read_only=True) as session:
        assert reading.count(session) == before + 1
        assert reading.one(session, another["id"], voided=False)


def test_what_is_fetched_and_cannot_be_kept_stays_in_sight_once(
    database: str, other: Other, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lrs, "PAGE", 2)
    clashing = [new() for _ in range(3)]
    put(*({**one, "verb": {"id": "x:other"}} for one in clashing))
    assert other.ask("POST", "statements", json=[*clashing, *(new() for _ in range(4))]).status_code == 200
    store_id = note(other, pulls=True)

    def said(*words: str) -> str:
        result = CliRunner().invoke(main, ["stores", *words])
        assert result.exit_code == 0, result.output
        return result.output

    assert "Everything that other sent is kept." in said("unkept", "other")
    time.sleep(0.6)
    moved = statements.pull(store_id)
    assert (moved.refused, moved.error) == (3, None)
    time.sleep(0.6)
    other.ask("POST", "statements", json=new())
    time.sleep(0.6)
    assert statements.pull(store_id) == statements.Moved(statements=1)
    assert facts(store_id).unkept == 3
    assert "3 of its own cannot be kept here" in said("list")
    lines = said("unkept", "other").splitlines()
    assert {line.partition(",")[0] for line in lines} == {one["id"] for one in clashing}
    assert all("is here already and says something else" in line for line in lines)
    listed = json.loads(said("unkept", "other", "--json"))
    assert {json.loads(one["text"])["id"] for one in listed} == {one["id"] for one in clashing}
    # Should the place where fetching goes on be lost, they come again.
    with db.transaction() as session:
        stores.one(session, store_id).since = None
    assert statements.pull(store_id).refused == 3
    assert facts(store_id).unkept == 3


def test_what_is_fetched_is_not_sent_back(database: str, other: Other) -> None:
    other.ask("POST", "statements", json=new())
    store_id = note(other, pulls=True, forwards=True)
    assert statements.pull(store_id).statements > 0
    assert facts(store_id).waiting == 0


def test_fetching_goes_on_where_it_was_interrupted(
    database: str, other: Other, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lrs, "PAGE", 2)
    other.ask("POST", "statements", json=[new() for _ in range(5)])
    store_id = note(other, pulls=True)
    pages = statements._pages(store_id)
    assert next(pages).stored == 2
    pages.close()
    with db.transaction() as session:
        stores.one(session, store_id).address = "http://127.0.0.1:1/xapi"
    assert statements.pull(store_id).error is not None
    with db.transaction() as session:
        stores.one(session, store_id).address = other.address
    assert statements.pull(store_id).statements == len(other.ids()) - 2
    with db.transaction(read_only=True) as session:
        assert reading.count(session) == len(other.ids())
    assert facts(store_id).error is None


def test_a_password_is_kept_encrypted(database: str, other: Other) -> None:
    sealed = lrs.seal("secret", "k" * 32)
    assert "secret" not in sealed
    assert lrs.unseal(sealed, "k" * 32) == "secret"
    with pytest.raises(Invalid, match="LMS_SECRET_KEY"):
        lrs.unseal(sealed, "x" * 32)


@pytest.mark.parametrize("address", ["ftp://x", "x", "http://", "https://" + "x" * 600])
def test_an_address_that_is_none_is_refused(database: str, other: Other, address: str) -> None:
    with pytest.raises(Invalid, match="address"):
        note(other, forwards=True, address=address)
