"""The record over HTTP beside the bare database, in one run: the same rows, the same indexes, psycopg without HTTP.

The server is ``lms web`` as it is started in production; the clients, the server and PostgreSQL share the machine.
SQLite has its own lines. LMS_BENCHMARK_STATEMENTS says how far the log is grown (500,000 unless told; 5,000,000 for
the whole). Beside each rate stands how many times it is that of the best open store, measured on two cores.
"""

import json
import os
import socket
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from secrets import randbits
from statistics import median
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import make_url

from lms import clock, db
from lms.rules.statements import batches, order, own, strict_json, terms, whole
from lms.rules.statements.versions import Version
from lms.services import completions, keys
from lms.services.audit import COMMAND_LINE
from lms.services.statements import Source, reading, writing
from tests import servers
from tests.conftest import ROOT, migrate

pytestmark = pytest.mark.benchmark

# By turns, because a machine is not as fast in one minute as in the next.
SECONDS, TURNS = 2.0, 5
AGENTS = 1_000
# Statements a second in batches and one by one, and requests for 50: the highest of each.
BEST_BATCHES, BEST_SINGLE, BEST_READS = 1_240, 290, 35
GROWN = int(os.environ.get("LMS_BENCHMARK_STATEMENTS", "500000"))
HOME = "http://127.0.0.1:8000"
PLAIN = """
WITH new AS (
    INSERT INTO statement (seq, statement_id, key_id, store_id, payload)
    SELECT s, i, 1, NULL, p FROM unnest(%b::bigint[], %b::uuid[], %b::text[]) AS g(s, i, p)
)
INSERT INTO statement_term (term, seq) SELECT * FROM unnest(%b::bigint[], %b::bigint[])
"""


def statement(number: int) -> dict[str, Any]:
    """About 1.2 kB: what an e-learning package sends."""
    return {
        "id": str(uuid4()),
        "actor": {"objectType": "Agent", "account": {"homePage": HOME, "name": f"agent-{number % AGENTS}"}},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/experienced", "display": {"en-GB": "experienced"}},
        "object": {
            "objectType": "Activity",
            "id": "https://learning.example/activities/atr-f",
            "definition": {
                "type": own.MODULE_TYPE,
                "name": {"en-GB": "ATR Foundation (example)"},
                "description": {"en-GB": "Talks about childhood adversity in general terms."},
            },
        },
        "result": {"completion": True, "success": True, "duration": "PT3H", "score": {"scaled": 0.9}},
        "timestamp": "2026-06-01T10:00:00.000Z",
        "context": {
            "registration": str(uuid4()),
            "instructor": {"objectType": "Agent", "account": {"homePage": HOME, "name": "trainer-7"}},
            "contextActivities": {
                "parent": [
                    {"id": "https://learning.example/sessions/77", "definition": {"type": own.SESSION_TYPE}}
                ],
                "category": [own.profile(HOME)],
            },
        },
    }


# --- Clients --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Lap:
    """How many were done in a second by all clients together, and how long the slowest twentieth took, in ms."""

    rate: float
    p95: float


# Given a client's number, what it does again and again.
Work = Callable[..., Callable[[], None]]


def lap(clients: int, work: Work, *given: Any) -> Lap:
    """Let so many processes work for some seconds."""
    context = get_context("fork")
    answers = context.Queue()
    processes = [
        context.Process(target=_run, args=(answers, work, number, given), daemon=True)
        for number in range(clients)
    ]
    for process in processes:
        process.start()
    found = [answers.get(timeout=120) for _ in processes]
    for process in processes:
        process.join()
    took = sorted(one for _, times in found for one in times)
    return Lap(sum(len(times) / spent for spent, times in found), took[int(len(took) * 0.95)] * 1000)


def _run(answers: Any, work: Work, number: int, given: tuple[Any, ...]) -> None:
    act = work(number, *given)
    act()
    times = []
    start = now = time.perf_counter()
    while now - start < SECONDS:
        act()
        done = time.perf_counter()
        times.append(done - now)
        now = done
    answers.put((now - start, times))


class Line:
    """A kept connection to the server, with as little around it as there can be."""

    def __init__(self, port: int, authorization: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.head = (
            f" HTTP/1.1\r\nHost: x\r\nAuthorization: {authorization}\r\nX-Experience-API-Version: 1.0.3\r\n"
        ).encode()
        # One place for what arrives: a new one of this size for every piece would be the dearest part of a client.
        self.room = memoryview(bytearray(1 << 18))

    def ask(self, target: bytes, body: bytes = b"") -> bytes:
        length = (
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            if body
            else b"\r\n"
        )
        self.socket.sendall(target + self.head + length + body)
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._more()
        head, _, content = data.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), data[:500]
        wanted = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        parts, held = [content], len(content)
        while held < wanted:
            parts.append(self._more())
            held += len(parts[-1])
        return b"".join(parts)

    def _more(self) -> bytes:
        count = self.socket.recv_into(self.room)
        assert count, "the server closed the connection"
        return bytes(self.room[:count])


@dataclass(frozen=True)
class Server:
    """A running record store: its port, a key for it, and its database."""

    port: int
    authorization: str
    url: str
    prefix: str


def posting(number: int, server: Server, size: int) -> Callable[[], None]:
    line = Line(server.port, server.authorization)
    text = json.dumps([{**statement(number * 7 + place), "id": f"{place:08x}-ID"} for place in range(size)])
    turn = iter(range(randbits(46), 1 << 48))

    def act() -> None:
        rest = f"{number:04x}-4000-8000-{next(turn):012x}"
        line.ask(b"POST /xapi/statements", text.replace("-ID", "-" + rest).encode())

    return act


def fetching(number: int, server: Server) -> Callable[[], None]:
    line = Line(server.port, server.authorization)
    turn = iter(range(number * 37, 10**9))

    def act() -> None:
        agent = quote(json.dumps({"account": {"homePage": HOME, "name": f"agent-{next(turn) % AGENTS}"}}))
        line.ask(f"GET /xapi/statements?limit=50&agent={agent}".encode())

    return act


def writing_bare(number: int, server: Server, size: int) -> Callable[[], None]:
    """The same rows straight into the tables, made beforehand."""
    connection = psycopg.connect(plain(server.url))
    batch = batches.read(json.dumps([statement(number + place) for place in range(size)]), Version.ONE)
    authority = {**own.authority(HOME, server.prefix), "name": "benchmark"}
    made = writing._rows(batch, order.numbers(0, 0, datetime.now(UTC), size), Source(authority, key_id=1))
    payloads = [row.payload for row in made]
    counts = [len(row.terms) for row in made]
    found = [term for row in made for term in row.terms]
    # Far from every place that the server gives, and apart for each client.
    start = (1 << 62) + (randbits(30) * 64 + number) * 10**7

    def act() -> None:
        nonlocal start
        seqs = list(range(start, start + size))
        start += size
        places = [seq for seq, count in zip(seqs, counts, strict=True) for _ in range(count)]
        ids = [uuid4() for _ in seqs]
        connection.execute(PLAIN, (seqs, ids, payloads, found, places), prepare=True)
        connection.commit()

    return act


def fetching_bare(number: int, server: Server) -> Callable[[], None]:
    connection = psycopg.connect(plain(server.url), autocommit=True)
    sql = reading._select((1,), False, False).replace("?", "%s")
    turn = iter(range(number * 37, 10**9))

    def act() -> None:
        term = terms.term(terms.AGENT, f"account {HOME} agent-{next(turn) % AGENTS}")
        found = connection.execute(sql, (term, 0, order.LAST, 51), prepare=True).fetchall()
        assert len(found) == 51

    return act


def plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


# --- Servers --------------------------------------------------------------------------------------------


@contextmanager
def serving(url: str, folder: Path) -> Iterator[Server]:
    """Our web server on this database."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    db.configure(url)
    with db.transaction() as session:
        key = keys.create(session, COMMAND_LINE, "benchmark", ["xapi/all"], now=clock.now(), trusted=True)
    db.configure(None)
    environment = {
        **os.environ,
        "LMS_DATABASE_URL": url,
        "LMS_SECRET_KEY": "b" * 40,
        "LMS_VAR": str(folder),
        "LMS_REDIS_URL": "redis://127.0.0.1:1",
    }
    command = "import sys; from lms.cli import main; sys.argv[0] = 'lms'; main()"
    process = subprocess.Popen(
        [sys.executable, "-c", command, "web", "--port", str(port)],
        env=environment,
        cwd=ROOT,
    )
    authorization = "Basic " + b64encode(f"{key.prefix}:{key.secret}".encode()).decode()
    server = Server(port, authorization, url, key.prefix)
    try:
        _await(server)
        yield server
    finally:
        process.terminate()
        process.wait()


def _await(server: Server) -> None:
    for _ in range(240):
        try:
            Line(server.port, server.authorization).ask(b"GET /xapi/statements?limit=1")
            return
        except (OSError, AssertionError):
            time.sleep(0.25)
    raise TimeoutError("the server did not start")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on a PostgreSQL that keeps what it says it keeps, with 100,000 statements in it."""
    with (
        servers.postgres(durable=True, shared_buffers="2GB", max_wal_size="4GB") as postgres,
        servers.database(postgres) as url,
    ):
        migrate(url, "heads")
        grow(url, 100_000)
        with psycopg.connect(plain(url), autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
        with serving(url, tmp_path_factory.mktemp("web")) as running:
            yield running


def grow(url: str, upto: int, at_once: int = 1_000) -> float:
    """Bring the log to this many statements; what one of the last tenth cost, in seconds."""
    db.configure(url)
    source = Source(own.authority(HOME, "growth"), key_id=1)
    with db.transaction(read_only=True) as session:
        there = reading.count(session)
    spent = 0.0
    first = upto - (upto - there) // 10
    for start in range(there, upto, at_once):
        batch = batches.read(json.dumps([statement(start + place) for place in range(at_once)]), Version.ONE)
        begin = time.perf_counter()
        with db.transaction() as session:
            completions.store(session, batch, source, HOME, clock.now())
        if start >= first:
            spent += time.perf_counter() - begin
    db.configure(None)
    return spent / max(upto - first, 1)


# --- What is held ---------------------------------------------------------------------------------------


def by_turns(clients: int, bare: Work, ours: Work, *given: Any) -> tuple[Lap, Lap]:
    """The middle lap of each."""
    laps = [(lap(clients, bare, *given), lap(clients, ours, *given)) for _ in range(TURNS)]
    return _middle([one for one, _ in laps]), _middle([one for _, one in laps])


def _middle(laps: list[Lap]) -> Lap:
    return Lap(median(one.rate for one in laps), median(one.p95 for one in laps))


def say(what: str, bare: Lap, ours: Lap, best: int, size: int = 1) -> float:
    ratio = ours.rate / bare.rate
    print(
        f"\n{what}: {ours.rate * size:,.0f}/s over HTTP, {bare.rate * size:,.0f}/s bare = {ratio:.2f}; "
        f"p95 {ours.p95:.1f} ms; {ours.rate * size / best:.1f} times the best open store"
    )
    return ratio


def test_batches_of_100_reach_half_the_bare_insert(server: Server) -> None:
    bare, ours = by_turns(4, writing_bare, posting, server, 100)
    assert say("statements in batches of 100", bare, ours, BEST_BATCHES, 100) >= 0.5


def test_single_statements_reach_a_quarter_of_bare_transactions(server: Server) -> None:
    bare, ours = by_turns(8, writing_bare, posting, server, 1)
    assert say("single statements at concurrency 8", bare, ours, BEST_SINGLE) >= 0.25
    assert ours.p95 < 25


def test_an_agents_last_50_reach_four_tenths_of_the_bare_select(server: Server) -> None:
    bare, ours = by_turns(8, fetching_bare, fetching, server)
    assert say("an agent's last 50 of 100,000", bare, ours, BEST_READS) >= 0.4


def test_paging_through_everything_reaches_three_tenths_of_the_bare_select(server: Server) -> None:
    line = Line(server.port, server.authorization)
    target, count, start = "/xapi/statements?ascending=true", 0, time.perf_counter()
    while target:
        page = line.ask(b"GET " + target.encode())
        count += page.count(b'"stored":')
        target = page[page.rindex(b'"more":"') + 8 : -2].decode()
    ours = count / (time.perf_counter() - start)
    with psycopg.connect(plain(server.url), autocommit=True) as connection:
        sql = reading._select((), True, False).replace("?", "%s")
        last, again, start = 0, 0, time.perf_counter()
        while True:
            found = connection.execute(sql, (last, order.LAST, 500), prepare=True).fetchall()
            if not found:
                break
            again, last = again + len(found), found[-1][0] + 1
        bare = again / (time.perf_counter() - start)
    print(f"\npaging through {count:,}: {ours:,.0f}/s over HTTP, {bare:,.0f}/s bare = {ours / bare:.2f}")
    assert count == again
    assert ours >= 0.3 * bare


def test_a_statement_costs_the_same_however_many_there_are() -> None:
    with (
        servers.postgres(durable=True, shared_buffers="2GB", max_wal_size="8GB") as postgres,
        servers.database(postgres) as url,
    ):
        migrate(url, "heads")
        early = grow(url, 100_000)
        late = grow(url, GROWN)
    print(
        f"\none of 100,000: {early * 1e6:.0f} µs; one of {GROWN:,}: {late * 1e6:.0f} µs = {late / early:.2f}"
    )
    assert late <= 1.3 * early


def test_on_sqlite_batches_and_single_statements_are_kept(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'benchmark.sqlite3'}"
    migrate(url, "heads")
    with serving(url, tmp_path) as running:
        batches_ = lap(4, posting, running, 100)
        single = lap(4, posting, running, 1)
    print(
        f"\nSQLite: {batches_.rate * 100:,.0f} statements/s in batches of 100, "
        f"{single.rate:,.0f}/s single, p95 {single.p95:.1f} ms"
    )
    assert batches_.rate * 100 >= 1_000


def test_a_rebuild_proves_equality_at_a_steady_pace(tmp_path: Path) -> None:
    count = min(GROWN, 1_000_000)
    with servers.postgres() as postgres, servers.database(postgres) as url:
        migrate(url, "heads")
        db.configure(url)
        source = Source(own.authority(HOME, "growth"))
        verb = {"id": "http://adlnet.gov/expapi/verbs/completed"}
        for start in range(0, count, 1_000):
            values = [{**statement(start + place), "verb": verb} for place in range(1_000)]
            with db.transaction() as session:
                completions.store(
                    session, batches.read(json.dumps(values), Version.ONE), source, HOME, clock.now()
                )
        begin = time.perf_counter()
        with db.transaction() as session:
            made = completions.rebuild(session, HOME, clock.now())
        spent = time.perf_counter() - begin
        db.configure(None)
    print(f"\nrebuild of {count:,}: {spent:.1f} s, {count / spent:,.0f} statements/s")
    assert made.unchanged
    assert made.open == count


def test_a_core_validates_20_000_statements_a_second() -> None:
    texts = json.dumps([statement(number) for number in range(5_000)])
    values = [value for value, _, _ in strict_json.elements(texts)]

    def best(act: Callable[[], object]) -> float:
        spent = []
        for _ in range(5):
            start = time.process_time()
            act()
            spent.append(time.process_time() - start)
        return min(spent)

    bare = best(lambda: json.loads(texts))
    read = best(lambda: list(strict_json.elements(texts)))
    valid = best(lambda: [whole.statement(value, Version.ONE) for value in values])
    print(
        f"\none core: json.loads {5_000 / bare:,.0f}/s, read strictly {5_000 / read:,.0f}/s, "
        f"validated {5_000 / valid:,.0f}/s"
    )
    assert 5_000 / valid >= 20_000
