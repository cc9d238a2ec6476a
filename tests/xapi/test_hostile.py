"""Whatever arrives is answered, never with a 500; what is refused leaves nothing; what is acknowledged stays."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from base64 import b64encode
from collections.abc import Callable
from datetime import date
from http.client import HTTPConnection, HTTPException
from typing import Any
from uuid import UUID, uuid5

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select
from werkzeug.test import Client as HttpClient

from lms import clock, db
from lms import settings as house_settings
from lms.rules.completions import Reason
from lms.rules.standing import Standing
from lms.services import completions, keys, standing
from lms.services.audit import COMMAND_LINE
from lms.services.completions import reconciling, waiting
from lms.services.completions.resolving import ACCEPTED
from lms.services.statements import reading
from lms.tables.completions import Completion
from lms.tables.job_roles import JobTitle
from lms.tables.organisations import Organisation
from lms.tables.people import Employment, Person, Post
from lms.tables.training_map import MapVersion, Module, Requirement, RequirementTerm
from tests import statements as made
from tests.conftest import ROOT
from tests.xapi.conftest import Client

EASY = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
names = st.sampled_from(
    [
        *("statementId", "voidedStatementId", "agent", "verb", "activity", "registration", "since", "until"),
        *("limit", "format", "attachments", "ascending", "related_agents", "related_activities", "from"),
        *("activityId", "stateId", "profileId", "method", "content", "x"),
    ]
)
odd = st.text(max_size=40) | st.sampled_from(
    [
        *(
            "true",
            "0",
            "-1",
            "9" * 30,
            "2026-06-30T00:00:00Z",
            "0001-01-01T00:00:00+14:00",
            "https://x.example/",
        ),
        *(
            '{"mbox":"mailto:a@b.example"}',
            '{"account":{"homePage":"x:y","name":"\\u0000"}}',
            "[]",
            "canonical",
        ),
        *("7c0f6cf3-8e1a-4f53-9c7e-2b3f5d1a6e90", "\ud800", "\x00", "%00", "null"),
    ]
)
headers = st.dictionaries(
    st.sampled_from(["Accept-Language", "Accept", "If-Match", "If-None-Match", "Content-Type", "Range"]),
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40),
    max_size=3,
)
paths = st.sampled_from(
    [
        *("statements", "activities", "activities/state", "activities/profile", "agents", "agents/profile"),
        *("about", "", "statements/x", "%00"),
    ]
)


def storable(query: dict[str, str]) -> dict[str, str]:
    """A client cannot send half a character."""
    return {name: value.encode("utf-8", "replace").decode() for name, value in query.items()}


@EASY
@given(statement=made.broken(), version=st.sampled_from(["1.0.3", "2.0.0"]))
def test_a_broken_statement_is_stored_or_refused(client: Client, statement: Any, version: str) -> None:
    one = client.as_(version)
    before = {found["id"] for found in one.find(limit=500)}
    answer = one.ask("POST", "statements", data=json.dumps(statement), content_type="application/json")
    assert answer.status_code in (200, 400, 409, 413), answer.text
    stored = set(answer.get_json()) if answer.status_code == 200 else set()
    assert {found["id"] for found in one.find(limit=500)} == before | stored


@EASY
@given(
    body=st.binary(max_size=200),
    kind=st.sampled_from(["application/json", "multipart/mixed; boundary=a", ""]),
)
def test_bytes_are_refused(client: Client, body: bytes, kind: str) -> None:
    for method in ("PUT", "POST"):
        answer = client.ask(method, "statements", data=b"--a\r\n" + body + b"\r\n--a--", content_type=kind)
        assert answer.status_code == 400


@EASY
@given(
    method=st.sampled_from(["GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "OPTIONS"]),
    path=paths,
    query=st.dictionaries(names, odd, max_size=4),
    more=headers,
    body=st.binary(max_size=40) | st.just(b"{}"),
    version=st.sampled_from(["1.0.3", "2.0.0", None]),
)
def test_any_request_is_answered_without_a_500(
    client: Client,
    method: str,
    path: str,
    query: dict[str, str],
    more: dict[str, str],
    body: bytes,
    version: str | None,
) -> None:
    answer = client.as_(version).ask(method, path, storable(query), headers=more, data=body)
    assert answer.status_code < 500, answer.text


@EASY
@given(
    form=st.dictionaries(
        names | st.sampled_from(["Authorization", "X-Experience-API-Version"]), odd, max_size=4
    )
)
def test_any_form_is_answered_without_a_500(client: Client, form: dict[str, str]) -> None:
    for method in ("GET", "PUT", "POST", "DELETE"):
        for path in ("statements", "activities/state"):
            answer = client.ask("POST", f"{path}?method={method}", data=storable(form))
            assert answer.status_code < 500, answer.text


EDGES = [
    *("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00Z", "0001-01-01T00:00:59-14:00", "0001-01-02T00:00Z"),
    *("9999-12-31T23:59:59-14:00", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59+14:00"),
    *("9999-12-31T23:59:60Z", "9999-12-31T23:59:59.9999999Z", "99991231T235959-1400", "0000-01-01T00:00:00Z"),
]


@pytest.fixture
def ada(app: HttpClient) -> str:
    """The UUID of a person who has to have completed the course of the statements, afresh every year."""
    uuid = "7c0f6cf3-8e1a-4f53-9c7e-2b3f5d1a6e90"
    with db.transaction() as session:
        organisation = Organisation(code="QUA", name="Quarrelby")
        person = Person(uuid=uuid)
        module = Module(code="ATR-F", title="ATR Foundation", activity_iri=made.COURSE)
        version = MapVersion(number=1, state="published", rows=[], created_at=clock.now())
        session.add_all([organisation, person, module, version])
        session.flush()
        employment = Employment(
            organisation_id=organisation.id or 0,
            employee_number="1",
            person_id=person.id or 0,
            home_person_id=person.id or 0,
            email="ada@example.org",
            email_key="ada@example.org",
        )
        asked = Requirement(identity="everyone|||ATR-F", who="everyone", value="", module_id=module.id or 0)
        session.add_all([employment, asked])
        session.flush()
        title = JobTitle(organisation_id=organisation.id or 0, key="nurse", title="Nurse")
        session.add(title)
        session.flush()
        session.add_all(
            [
                Post(
                    employment_id=employment.id or 0,
                    organisation_id=organisation.id or 0,
                    title="Nurse",
                    job_title_id=title.id or 0,
                    starts_on=date(2020, 1, 1),
                ),
                RequirementTerm(
                    requirement_id=asked.id or 0,
                    shape="refreshed",
                    every_months=12,
                    anchor="keep_anniversary",
                    map_version_id=version.id,
                ),
            ]
        )
    return uuid


@pytest.mark.parametrize("version", ["1.0.3", "2.0.0"])
def test_the_ends_of_the_calendar_are_stored_or_refused_and_everything_after_survives_them(
    client: Client, ada: str, version: str
) -> None:
    one = client.as_(version)
    refused, here = [], 0
    for edge in EDGES:
        answer = one.post(made.simple(timestamp=edge))
        assert answer.status_code in (200, 400), (edge, answer.text)
        refused += [edge] if answer.status_code == 400 else []
        here += answer.status_code == 200
        within = {"objectType": "SubStatement", **made.simple(timestamp=edge)}
        nested = one.post(made.simple(verb={"id": made.ADL + "planned"}, object=within))
        assert nested.status_code == answer.status_code
        for name in ("since", "until"):
            found = one.ask("GET", "statements", {name: edge})
            assert found.status_code in (200, 400), (edge, found.text)
            state = {"activityId": made.COURSE, "agent": '{"mbox":"mailto:ada@example.org"}', "since": edge}
            assert one.ask("GET", "activities/state", state).status_code in (200, 400)
    # What lies outside of the years 1 to 9999 in UTC cannot be written as a day at all.
    assert {"0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"} <= set(refused)
    assert here >= 4
    base = house_settings.current().base_url
    with db.transaction() as session:
        ahead = [item.first_seq for item in waiting.listed(session, reason=Reason.FUTURE)]
        assert ahead
        reconciling.decide(session, COMMAND_LINE, ahead, ACCEPTED, base, now=clock.now())
        reconciling.retry(session, base, clock.now())
        days = {one.completed_on for one in session.exec(select(Completion))}
        assert min(days) == date(1, 1, 1)
        assert completions.rebuild(session, base, clock.now()).unchanged
        for day in (date(1990, 1, 1), clock.today(), date(2099, 12, 31)):
            list(standing.people(session, day))
        (row,) = standing.people(session, clock.today())
        assert row.standing in (Standing.IN_DATE, Standing.OUT_OF_DATE)


# --- A real server --------------------------------------------------------------------------------------

SPACE = UUID("0f7c1a52-9a4e-4f0e-8f3e-5f1f1d7c9b11")
BATCH = 20


def place(batch: int, number: int) -> str:
    return str(uuid5(SPACE, f"{batch} {number}"))


@pytest.fixture
def serve(database: str) -> Callable[[int], subprocess.Popen[bytes]]:
    def start(port: int) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-c", f"from lms.cli import main; main(args=['web', '--port', '{port}'])"],
            cwd=ROOT,
            env={**os.environ, "LMS_REDIS_URL": "redis://127.0.0.1:1"},
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        for _ in range(600):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                return process
            except OSError:
                time.sleep(0.1)
        raise TimeoutError("the server did not start")

    return start


def free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def authorization() -> dict[str, str]:
    with db.transaction() as session:
        key = keys.create(session, COMMAND_LINE, "hostile", ["xapi/all"], now=clock.now())
    token = b64encode(f"{key.prefix}:{key.secret}".encode()).decode()
    return {
        "Authorization": f"Basic {token}",
        "X-Experience-API-Version": "1.0.3",
        "Content-Type": "application/json",
    }


@pytest.mark.conformance
def test_kill_9_loses_nothing_acknowledged_and_halves_no_batch(
    serve: Callable[[int], subprocess.Popen[bytes]],
) -> None:
    port, head = free(), authorization()
    process = serve(port)
    acknowledged: set[int] = set()
    sent: set[int] = set()
    turn = iter(range(10**9))
    lock = threading.Lock()

    def post() -> None:
        while True:
            with lock:
                batch = next(turn)
                sent.add(batch)
            body = [made.simple(id=place(batch, number)) for number in range(BATCH)]
            try:
                line = HTTPConnection("127.0.0.1", port, timeout=20)
                line.request("POST", "/xapi/statements", json.dumps(body), head)
                if line.getresponse().status != 200:
                    return
            except (OSError, HTTPException):
                return
            with lock:
                acknowledged.add(batch)

    threads = [threading.Thread(target=post) for _ in range(6)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 60
    while len(acknowledged) < 25 and time.monotonic() < deadline:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for thread in threads:
        thread.join()
    assert len(acknowledged) >= 25
    with db.transaction(read_only=True) as session:
        there = {json.loads(payload)["id"] for payload in reading.everything(session)}
    for batch in sent:
        held = sum(place(batch, number) in there for number in range(BATCH))
        assert held in (0, BATCH)
        assert held == BATCH or batch not in acknowledged


@pytest.mark.conformance
@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_bodies_that_are_cut_short_chunked_or_too_long_are_answered(
    serve: Callable[[int], subprocess.Popen[bytes]],
) -> None:
    port, head = free(), authorization()
    process = serve(port)
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    body = json.dumps(made.simple()).encode()

    def ask(start: str, more: str, content: bytes, *, hang_up: bool = False) -> bytes:
        with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
            line.sendall(
                f"{start} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{lines}{more}\r\n".encode() + content
            )
            if hang_up:
                line.shutdown(socket.SHUT_WR)
            answer = b""
            try:
                while more_ := line.recv(65_536):
                    answer += more_
            except ConnectionResetError:
                pass
            return answer

    post = "POST /xapi/statements"
    try:
        cut = ask(post, f"Content-Length: {len(body)}\r\n", body[:-20], hang_up=True)
        assert cut[:12] in (b"", b"HTTP/1.1 400")
        chunks = f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"
        assert ask(post, "Transfer-Encoding: chunked\r\n", chunks).startswith(b"HTTP/1.1 200")
        assert ask(post, "", b"").startswith(b"HTTP/1.1 400")
        assert ask(post, f"Content-Length: {10**12}\r\n", b"[").startswith(b"HTTP/1.1 413")
        gone = ask("HEAD /xapi/statements", "", b"")
        assert gone.endswith(b"\r\n\r\n")
        assert gone.startswith(b"HTTP/1.1 200")
        with db.transaction(read_only=True) as session:
            assert reading.count(session) == 1
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
