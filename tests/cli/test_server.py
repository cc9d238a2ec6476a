"""What ``lms web`` makes of lines that break, of odd requests and of the ends of its processes, over real sockets."""

import json
import os
import re
import signal
import socket
import subprocess
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlmodel import func, select

from lms import clock, db, settings
from lms.app import create_app
from lms.cli.processes import gateway
from lms.cli.processes.server import GRACE
from lms.cli.processes.web import require_free
from lms.errors import Unavailable
from lms.rules import keys as rules
from lms.services import accounts, keys
from lms.services.audit import COMMAND_LINE
from lms.services.statements import reading
from lms.tables.statements import Document
from lms.xapi.asked import LONGEST_JSON
from tests import feeding
from tests import statements as made
from tests.feeding import Place, content
from tests.processes import Process, alive, answers, eventually, free_port, running

STATE = urlencode(
    {"activityId": "https://x.example/a", "agent": '{"mbox":"mailto:a@x.example"}', "stateId": "s"}
)
LISTS = "/api/v1/organisations/QUA/role-lists?covers=all&as_at=2024-06-30&filename=staff.csv"
PAGE = "/organisations/QUA/role-lists/new"
CSV = content(50)
BOUNDARY = "5f1c-of-a-form"


@dataclass(frozen=True)
class Web:
    """A running web server."""

    port: int
    process: Process

    def ask(
        self, *pieces: bytes, hang_up: bool = False, at: str = "127.0.0.1", patience: float = 60
    ) -> bytes:
        """Everything that comes back for these bytes, until the other side closes."""
        with socket.create_connection((at, self.port), timeout=patience) as line:
            for piece in pieces:
                line.sendall(piece)
            if hang_up:
                line.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: line.recv(65_536), b""))


@pytest.fixture
def place(database: str) -> Place:
    with db.transaction() as session:
        return feeding.found(session)


@pytest.fixture
def web(database: str, tmp_path: Path) -> Iterator[Web]:
    with serving(tmp_path / "log") as found:
        yield found


@contextmanager
def serving(log: Path, *more: str, host: str = "127.0.0.1", **environment: str) -> Iterator[Web]:
    """A web server for the length of a block."""
    port = free_port()
    with running(["web", "--host", host, "--port", str(port), *more], log, environment) as process:
        url = f"http://{f'[{host}]' if ':' in host else host}:{port}/health/live"
        eventually(lambda: answers(url) or process.popen.poll() is not None, "an answer")
        assert process.popen.poll() is None, process.said
        yield Web(port, process)


def head(start: str, *lines: str) -> bytes:
    return "\r\n".join([f"{start} HTTP/1.1", "Host: x", "Connection: close", *lines, "", ""]).encode()


def status(answer: bytes) -> int:
    """The status of the answer that is not only 100 Continue."""
    found = [int(one) for one in re.findall(rb"HTTP/1\.[01] (\d{3}) ", answer)]
    return found[-1] if found else 0


def chunk(piece: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(piece), piece)


def workers(web: Web) -> list[int]:
    """The processes that answer."""
    found = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(web.process.popen.pid)], capture_output=True, text=True
    )
    return [int(pid) for pid in found.stdout.split()]


# --- What was cut short ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sent:
    """Something that can be sent: the lines of its head, and its content."""

    start: str
    lines: Sequence[str]
    body: bytes

    def with_length(self, body: bytes) -> bytes:
        return head(self.start, *self.lines, f"Content-Length: {len(self.body)}") + body

    def in_chunks(self, body: bytes) -> bytes:
        return head(self.start, *self.lines, "Transfer-Encoding: chunked") + body


@pytest.fixture
def everything(place: Place) -> dict[str, Sent]:
    """One of each kind of content that something is kept of."""
    with db.transaction() as session:
        record = keys.create(session, COMMAND_LINE, "record", ["xapi/all"], now=clock.now())
        feed = keys.create(session, COMMAND_LINE, "feed", [rules.ROSTER], now=clock.now(), organisation="QUA")
    basic = b64encode(f"{record.prefix}:{record.secret}".encode()).decode()
    xapi = (f"Authorization: Basic {basic}", "X-Experience-API-Version: 1.0.3")
    api = (f"Authorization: Bearer {rules.token(feed.prefix, feed.secret)}",)
    cookie, token = signed_in(place.hr)
    part = form({"file": ("staff.csv", CSV)})
    page = form(
        {
            "csrf_token": token,
            **{"as_at[day]": "30", "as_at[month]": "6", "as_at[year]": "2024", "covers": "all"},
            "file": ("staff.csv", CSV),
        }
    )
    of_form = f"Content-Type: multipart/form-data; boundary={BOUNDARY}"
    of_json, of_text = "Content-Type: application/json", "Content-Type: text/plain"
    of_fields = "Content-Type: application/x-www-form-urlencoded"
    statements = json.dumps([made.simple(), made.simple(id="d7f3c3f0-54f3-4c5f-8c59-8a1f7a3f1a01")]).encode()
    state = f"PUT /xapi/activities/state?{STATE}"
    return {
        "statements": Sent("POST /xapi/statements", (*xapi, of_json), statements),
        "statements in a form": Sent(
            "POST /xapi/statements?method=POST",
            (*xapi, of_fields),
            urlencode({"content": statements}).encode(),
        ),
        "document": Sent(state, (*xapi, of_json), b'{"at": "page 3", "score": 12345}'),
        "number": Sent(state, (*xapi, of_json), b"12345678901234567890"),
        "text": Sent(state, (*xapi, of_text), b"page 3 of 12345678901234567890"),
        "list": Sent(f"POST {LISTS}", (*api, "Content-Type: text/csv"), CSV),
        "list as JSON": Sent(f"POST {LISTS}", (*api, of_json), CSV),
        "list in a form": Sent(f"POST {LISTS}", (*api, of_form), part),
        "page": Sent(f"POST {PAGE}", (f"Cookie: {cookie}", of_form), page),
    }


def signed_in(number: int) -> tuple[str, str]:
    """A cookie of somebody, and the token that stands in the forms they get."""
    with db.transaction(read_only=True) as session:
        holder = accounts.holder(session, number)
    assert holder is not None
    client = create_app(settings.current()).test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = f"{number}.{holder.stamp}"
        cookie["_fresh"] = True
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(PAGE).text)
    assert found
    kept = client.get_cookie("golden-thread")
    assert kept is not None
    return f"golden-thread={kept.value}", found[1]


def form(fields: dict[str, Any]) -> bytes:
    pieces = []
    for name, value in fields.items():
        more, data = (
            (f'; filename="{value[0]}"', value[1]) if isinstance(value, tuple) else ("", value.encode())
        )
        pieces.append(
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + data
        )
    return b"\r\n".join([*pieces, f"--{BOUNDARY}--\r\n".encode()])


def kept() -> tuple[int, int, int]:
    """How many statements, documents and role lists there are."""
    with db.transaction(read_only=True) as session:
        documents = session.exec(select(func.count()).select_from(Document)).one()
        return reading.count(session), documents, len(feeding.lists())


def cuts(body: bytes) -> list[bytes]:
    """A body cut in the middle, after a whole row or field, and just before its end."""
    middle = body.find(b"\n", len(body) // 2) + 1 or len(body) // 2
    return [body[: len(body) // 2], body[:middle], body[:-12]]


# What does not show where it ends.
ENDLESS = ("statements in a form", "number", "text", "list", "list as JSON")


@pytest.mark.conformance
def test_of_what_is_cut_short_nothing_is_kept_and_it_is_said(web: Web, everything: dict[str, Sent]) -> None:
    for name, one in everything.items():
        for cut in cuts(one.body):
            answer = web.ask(one.with_length(cut), hang_up=True)
            assert status(answer) == 400, (name, answer)
            # The line ends in the middle of a chunk, between two, or goes on with something that is none.
            endings = (
                b"%x\r\n" % len(one.body) + cut,
                chunk(cut),
                chunk(cut) + b"zz\r\n" + one.body[len(cut) :] + b"\r\n0\r\n\r\n",
            )
            for ending in endings:
                answer = web.ask(one.in_chunks(ending), hang_up=True)
                assert status(answer) in ({411} if name in ENDLESS else {400, 422}), (name, answer)
    assert kept() == (0, 0, 0)
    assert "Traceback" not in web.process.said


@pytest.mark.conformance
def test_what_came_whole_is_kept_with_its_length_and_in_chunks(web: Web, everything: dict[str, Sent]) -> None:
    good = {"statements": 200, "document": 204, "list in a form": 202, "page": 302}
    for name, wanted in good.items():
        one = everything[name]
        halves = chunk(one.body[:20]), chunk(one.body[20:]), b"0\r\n\r\n"
        answer = web.ask(one.in_chunks(b""), *halves)
        assert status(answer) == wanted, (name, answer)
    assert kept() == (2, 1, 2)
    for name, wanted in {"text": 204, "number": 204, "list": 202, "statements in a form": 200}.items():
        assert status(web.ask(everything[name].with_length(everything[name].body))) == wanted, name
    long = everything["list"]
    said = web.ask(long.in_chunks(chunk(long.body) + b"0\r\n\r\n"))
    assert status(said) == 411
    assert "Send the list with its length" in said.decode()
    assert b"Send this document with its length" in web.ask(
        everything["number"].in_chunks(chunk(everything["number"].body) + b"0\r\n\r\n")
    )


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_statements_in_chunks_that_are_too_long_are_not_taken_for_whole(
    web: Web, everything: dict[str, Sent]
) -> None:
    one = everything["statements"]
    longer = chunk(one.body) + chunk(b" " * LONGEST_JSON) + b"0\r\n\r\n"
    assert status(web.ask(one.in_chunks(longer))) == 413
    assert kept() == (0, 0, 0)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_the_reason_of_a_fault_of_our_own_is_in_the_journal_alone(
    web: Web, everything: dict[str, Sent]
) -> None:
    with db.transaction() as session:
        damaged = {"id": uuid4().hex, "payload": "what no release has ever written"}
        session.execute(
            text("INSERT INTO statement (seq, statement_id, payload) VALUES (5, :id, :payload)"), damaged
        )
    answer = web.ask(head("GET /xapi/statements", *everything["statements"].lines[:2]))
    assert status(answer) == 500
    assert b"ValueError" not in answer
    for words in ("The record could not answer GET /xapi/statements", "ValueError"):
        web.process.says(words)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_form_without_a_length_is_not_read(web: Web) -> None:
    of_form = "Content-Type: application/x-www-form-urlencoded"
    body = b"email=a%40x.example&password=kettle"
    answer = web.ask(head("POST /sign-in", of_form, "Transfer-Encoding: chunked"), chunk(body), b"0\r\n\r\n")
    assert status(answer) == 411
    assert "Send it with its length" in answer.decode()


# --- Odd requests ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_odd_requests_are_answered_and_never_with_a_500(web: Web, everything: dict[str, Sent]) -> None:
    one = everything["statements"]
    long = web.ask(head(f"GET /xapi/statements?activity=https://x.example/{'a' * 20_000}", *one.lines[:2]))
    assert (status(long), b'"statements"' in long) == (200, True)
    for broken in (b"zz\r\n", b"-5\r\nhello\r\n", b"ffffffffffffffffff\r\n"):
        assert status(web.ask(one.in_chunks(broken), hang_up=True)) == 400
    there = web.ask(head("GET /xapi/about"))
    gone = web.ask(head("HEAD /xapi/about"))
    assert gone.endswith(b"\r\n\r\n")
    assert re.findall(rb"content-length: \d+", gone) == re.findall(rb"content-length: \d+", there)
    assert gone.count(b"\r\n\r\n") == 1
    for start in ("OPTIONS *", "GET //x/../y", "GET /%00", "GET /%ff", "GET http://other.example/sign-in"):
        assert 200 <= status(web.ask(head(start))) < 500, start
    asked_first = web.ask(
        head(one.start, *one.lines, "Expect: 100-continue", f"Content-Length: {len(one.body)}"), one.body
    )
    assert asked_first.startswith(b"HTTP/1.1 100 ")
    assert status(asked_first) == 200
    assert kept() == (2, 0, 0)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_cookie_that_cannot_be_read_is_said(web: Web) -> None:
    """Browsers send one that another site of the domain has set, with letters beyond ASCII, along with ours."""
    answer = web.ask(head("GET /sign-in")[:-2] + "Cookie: a=1; name=Jürgen\r\n\r\n".encode())
    assert status(answer) == 422
    assert "Delete the cookies of this address" in answer.decode()
    assert status(web.ask(head("GET /sign-in", "Cookie: a=1; name=J%C3%BCrgen"))) == 200


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_nothing_of_the_environment_stands_in_for_a_header(database: str, tmp_path: Path) -> None:
    with serving(
        tmp_path / "log", CONTENT_LENGTH="7", HTTP_COOKIE="", HTTP_TRANSFER_ENCODING="chunked"
    ) as web:
        assert status(web.ask(head("GET /sign-in"))) == 200
        assert status(web.ask(head("POST /sign-in", "Content-Length: 0"))) == 400


def test_the_application_gets_nothing_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, Any] = {}

    def app(request: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        seen.update(request)
        return [b"a", b"b"]

    for name in ("HTTP_HOST", "HTTP_COOKIE", "CONTENT_LENGTH", "LMS_MAIL_URL", "SERVER_NAME"):
        monkeypatch.setenv(name, "of the environment")
    answer = gateway.between(app, settings.without(gateway.HEADERS))
    brought = {"SERVER_NAME": "127.0.0.1", "HTTP_HOST": "right", "wsgi.input_terminated": True}
    assert list(answer({**os.environ, **brought}, lambda *_: None)) == [b"ab"]
    assert seen == {"SERVER_NAME": "127.0.0.1", "HTTP_HOST": "right"}


def test_an_answer_that_breaks_off_is_no_answer() -> None:
    closed = []

    class Answer:
        def __iter__(self) -> Iterator[bytes]:
            yield b"half"
            raise RuntimeError

        def close(self) -> None:
            closed.append(True)

    with pytest.raises(RuntimeError):
        gateway.between(lambda _request, _start: Answer(), ())({}, lambda *_: None)
    assert closed == [True]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_lines_that_say_nothing_keep_nobody_waiting(web: Web) -> None:
    silent = [socket.create_connection(("127.0.0.1", web.port)) for _ in range(300)]
    try:
        # Granian lets go of a silent line after 30 seconds.
        assert status(web.ask(head("GET /health/live"), patience=25)) == 200
    finally:
        for one in silent:
            one.close()


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("hops", "secure"), [("0", False), ("1", True)])
def test_what_a_proxy_says_counts_where_there_is_one(
    database: str, tmp_path: Path, hops: str, secure: bool
) -> None:
    """Over HTTPS a form has to come from a page of ours, which its Referer says."""
    with serving(tmp_path / "log", LMS_PROXIES=hops) as web:
        form_page = web.ask(head("GET /sign-in")).decode()
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', form_page)
        cookie = re.search(r"golden-thread=[^;]+", form_page)
        assert token
        assert cookie
        body = urlencode({"csrf_token": token[1], "email": "a@x.example", "password": "x"}).encode()
        lines = (f"Cookie: {cookie[0]}", "Content-Type: application/x-www-form-urlencoded")
        answer = web.ask(
            head("POST /sign-in", *lines, "X-Forwarded-Proto: https", f"Content-Length: {len(body)}"), body
        )
        assert status(answer) == (400 if secure else 422)


# --- Its processes --------------------------------------------------------------------------------------


@pytest.mark.conformance
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_process_that_is_killed_is_replaced(database: str, tmp_path: Path) -> None:
    with serving(tmp_path / "log", "--workers", "2") as web:
        eventually(lambda: len(workers(web)) == 2, "two processes")
        before = workers(web)
        os.kill(before[0], signal.SIGKILL)
        eventually(lambda: len(set(workers(web)) - set(before)) == 1, "another one")
        eventually(
            lambda: all(answers(f"http://127.0.0.1:{web.port}/health/ready") for _ in range(20)), "answers"
        )
        assert web.process.end(signal.SIGTERM) == 0
        assert not any(alive(pid) for pid in {*before, *workers(web)})
        assert web.process.said == "Unexpected exit from worker-1\n"


@pytest.mark.conformance
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_nobody_is_left_at_the_port_of_a_server_that_was_killed(database: str, tmp_path: Path) -> None:
    with serving(tmp_path / "log", "--workers", "2") as web:
        eventually(lambda: len(workers(web)) == 2, "two processes")
        left = workers(web)
        os.kill(web.process.popen.pid, signal.SIGKILL)
        eventually(lambda: not any(alive(pid) for pid in left), "the end of both", 30)
        eventually(lambda: _free(web.port), "a free port", 10)


def _free(port: int) -> bool:
    try:
        require_free("127.0.0.1", port)
    except Unavailable:
        return False
    return True


@pytest.mark.conformance
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize("everybody", [False, True])
def test_what_is_under_way_is_finished_before_the_end(
    database: str, tmp_path: Path, everything: dict[str, Sent], *, everybody: bool
) -> None:
    """Whether the server alone is asked to stop, or its whole group, as by Ctrl-C or a service manager."""
    one = everything["statements"]
    with serving(tmp_path / "log", "--workers", "2") as web:
        idle = socket.create_connection(("127.0.0.1", web.port))
        idle.sendall(head("GET /health/live").replace(b"Connection: close\r\n", b""))
        assert idle.recv(65_536)
        answered: list[bytes] = []
        line = socket.create_connection(("127.0.0.1", web.port), timeout=60)
        line.sendall(one.with_length(one.body[:50]))
        time.sleep(1)
        (os.killpg if everybody else os.kill)(web.process.popen.pid, signal.SIGINT)
        time.sleep(1)
        line.sendall(one.body[50:])
        answered.append(b"".join(iter(lambda: line.recv(65_536), b"")))
        # Before those are killed that do not hear.
        assert web.process.popen.wait(timeout=GRACE - 2) == 0
        line.close()
        idle.close()
        assert web.process.said == ""
    assert status(answered[0]) == 200
    assert kept() == (2, 0, 0)


@pytest.mark.conformance
def test_a_second_server_at_the_port_is_refused_even_if_both_start_at_once(
    sqlite_url: str, tmp_path: Path
) -> None:
    port = str(free_port())
    with (
        running(["web", "--port", port], tmp_path / "one") as one,
        running(["web", "--port", port], tmp_path / "two") as two,
    ):
        both = (one, two)
        eventually(lambda: any(each.popen.poll() is not None for each in both), "the end of one")
        ended, stays = both if both[0].popen.poll() is not None else both[::-1]
        assert ended.popen.returncode == 1
        assert ended.said == (
            f"Nothing can listen on 127.0.0.1, port {port}: Address already in use. "
            "Choose another with --port.\n"
        )
        eventually(lambda: answers(f"http://127.0.0.1:{port}/health/live"), "an answer of the other")
        assert stays.popen.poll() is None


@pytest.mark.parametrize("host", ["::1", "localhost"])
def test_it_listens_on_addresses_and_names_of_either_kind(sqlite_url: str, tmp_path: Path, host: str) -> None:
    with serving(tmp_path / "log", host=host) as web:
        assert status(web.ask(head("GET /health/ready"), at=host)) == 200
        assert web.process.end(signal.SIGTERM) == 0
        assert web.process.said == ""


@pytest.mark.conformance
def test_processes_that_die_at_once_end_the_server_with_a_sentence(sqlite_url: str, tmp_path: Path) -> None:
    broken = tmp_path / "sitecustomize.py"
    broken.write_text(
        "import multiprocessing.process as process\n"
        "def die(self, *_):\n    raise OSError('no more memory')\n"
        "process.BaseProcess.run = die\n"
    )
    with running(["web", "--port", str(free_port())], tmp_path / "log", {"PYTHONPATH": str(tmp_path)}) as web:
        assert web.popen.wait(timeout=120) == 1
        assert "no more memory" in web.said
        assert web.said.endswith("On the server: lms doctor.\n")


@pytest.mark.conformance
def test_where_python_does_not_fork_it_serves_as_well(sqlite_url: str, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import multiprocessing\nmultiprocessing.set_start_method('spawn')\n"
    )
    with serving(tmp_path / "log", PYTHONPATH=str(tmp_path)) as web:
        assert status(web.ask(head("GET /health/ready"))) == 200
        assert web.process.end(signal.SIGTERM) == 0
        assert web.process.said == ""
