"""The database: the engine, the only place that commits, and doing a thing alone."""

import fcntl
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from zlib import crc32

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, Engine, PoolProxiedConnection, event, text
from sqlalchemy.exc import DBAPIError, DisconnectionError, OperationalError, ProgrammingError
from sqlmodel import Session, create_engine

from lms import settings
from lms.errors import Conflict, Unavailable

AWAY = "The database is busy or away. Try again in a moment."
NO_SCHEMA = "The database is empty or of another version. Run: lms init"
DRIVERS_OWN = (psycopg.OperationalError, sqlite3.OperationalError)
# A connection that rested for longer, in seconds, is asked whether it is still there before it is used.
RESTED = 5.0

_configured: dict[str, str] = {}
# Connections of ``direct`` that nobody uses, and since when.
_resting: deque[tuple[Any, float]] = deque()


def configure(url: str | None) -> None:
    """Use this database from now on, or the one of the settings when None. Closes the engine in use."""
    while _resting:
        _resting.pop()[0].close()
    if _configured or engine.cache_info().currsize:
        engine().dispose()
    engine.cache_clear()
    _readers.cache_clear()
    _configured.clear()
    if url is not None:
        _configured["url"] = url


def url() -> str:
    """The address of the database in use."""
    return _configured.get("url") or settings.current().database_url


@cache
def engine() -> Engine:
    """The engine of this process."""
    return connect(url())


def forget_connections() -> None:
    """After a fork: leave the connections of the process we came from alone, and open our own."""
    _resting.clear()
    if engine.cache_info().currsize:
        engine().dispose(close=False)


def connect(address: str) -> Engine:
    """A new engine with this house's manners on either database."""
    if address.startswith("sqlite"):
        path = address.removeprefix("sqlite:///")
        if path and path != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        made = create_engine(address, connect_args={"timeout": 30}, pool_size=8, max_overflow=24)
        event.listen(made, "connect", _prepare_sqlite)
        event.listen(made, "begin", _begin_sqlite)
        return made
    made = create_engine(address, pool_size=8, max_overflow=24)
    event.listen(made, "checkin", _note_rest)
    event.listen(made, "checkout", _wake)
    return made


@contextmanager
def transaction(*, read_only: bool = False) -> Iterator[Session]:
    """A session that commits when the block ends and rolls back when it raises.

    ``read_only`` takes no write lock on SQLite and leaves nothing behind; PostgreSQL refuses to write in it.

    :raises Unavailable: when the database does not answer, or has no schema yet.
    """
    with Session(engine(), expire_on_commit=False) as session:
        try:
            if read_only:
                session.connection(execution_options=_for_reading())
            yield session
            if read_only:
                # What was read stays readable after the block; a rollback would expire it.
                session.expunge_all()
                _leave(session)
            else:
                session.commit()
        except (OperationalError, ProgrammingError) as error:
            session.rollback()
            if "no such table" in str(error.orig) or getattr(error.orig, "sqlstate", "") == "42P01":
                raise Unavailable(NO_SCHEMA) from error
            if error.statement is None or error.connection_invalidated or "locked" in str(error.orig):
                raise Unavailable(AWAY) from error
            raise
        except DRIVERS_OWN as error:
            # From code that uses the driver itself; the connection may be gone.
            session.invalidate()
            raise Unavailable(AWAY) from error


def _for_reading() -> dict[str, bool]:
    on_postgres = engine().dialect.name == "postgresql"
    return {"postgresql_readonly": True} if on_postgres else {"lms_read_only": True}


def _leave(session: Session) -> None:
    """End what only read. The driver forgets its prepared statements on a rollback, and planning them again
    costs more than a short question, so PostgreSQL, which has seen to it that nothing was written, commits."""
    if engine().dialect.name == "postgresql":
        session.commit()
    else:
        session.rollback()


@contextmanager
def reading() -> Iterator[Connection]:
    """A bare connection for questions that each stand alone; never write on it.

    There is no session around it, and on PostgreSQL no transaction, whose beginning and end cost as much as a
    short question.

    :raises Unavailable: when the database does not answer.
    """
    try:
        with _readers().connect() as connection:
            yield connection
    except (OperationalError, *DRIVERS_OWN) as error:
        raise Unavailable(AWAY) from error


@dataclass(frozen=True, slots=True)
class Direct:
    """The driver's own connection, which database it is on, and whether that is PostgreSQL."""

    driver: Any
    database: str
    postgres: bool


@contextmanager
def direct() -> Iterator[Direct]:
    """The driver's own connection, where each statement is a transaction of its own, over when it is answered.

    For what takes one statement: sessions, and even bare connections, cost more than a short one does.

    :raises Unavailable: when the database does not answer.
    """
    chosen = engine()
    if chosen.dialect.name != "postgresql":
        pooled = _out_of_the_pool(chosen)
        try:
            yield Direct(pooled.driver_connection, chosen.url.database or "", postgres=False)
        except DRIVERS_OWN as error:
            raise Unavailable(AWAY) from error
        finally:
            pooled.close()
        return
    driver = _by_itself(chosen)
    try:
        yield Direct(driver, chosen.url.database or "", postgres=True)
    except DRIVERS_OWN as error:
        driver.close()
        raise Unavailable(AWAY) from error
    finally:
        # Something may still be under way; nobody else gets such a connection.
        if driver.pgconn.transaction_status == TransactionStatus.IDLE:
            _resting.append((driver, time.monotonic()))
        else:
            driver.close()


def _by_itself(chosen: Engine) -> Any:
    """A connection that commits by itself. These are out of the pool, whose way out and in costs as much as a
    short question; the one that was used last is taken first, and there are never more than threads."""
    while _resting:
        try:
            driver, since = _resting.pop()
        except IndexError:
            # Another thread was quicker.
            break
        if time.monotonic() - since < RESTED or _answers(driver):
            return driver
    pooled = _out_of_the_pool(chosen)
    driver: Any = pooled.driver_connection
    pooled.detach()
    driver.autocommit = True
    return driver


def _out_of_the_pool(chosen: Engine) -> PoolProxiedConnection:
    try:
        return chosen.raw_connection()
    except (OperationalError, *DRIVERS_OWN) as error:
        raise Unavailable(AWAY) from error


def _answers(driver: Any) -> bool:
    try:
        driver.execute("SELECT 1")
    except psycopg.Error:
        driver.close()
        return False
    return True


@cache
def _readers() -> Engine:
    options = (
        {"lms_read_only": True} if engine().dialect.name == "sqlite" else {"isolation_level": "AUTOCOMMIT"}
    )
    return engine().execution_options(**options)


@contextmanager
def alone(name: str, *, patience: float = 0) -> Iterator[None]:
    """Whoever else asks for the same name on this database waits, or is refused, until the block ends.

    The lock belongs to the process: it is gone when the process is, however it ended, so nothing is ever
    stuck. ``patience`` is how many seconds to wait.

    :raises Conflict: when somebody else is still at it.
    """
    deadline = time.monotonic() + patience
    with _file_lock(name) if engine().dialect.name == "sqlite" else _server_lock(name) as taken:
        while not taken():
            if time.monotonic() >= deadline:
                raise Conflict(
                    "Another process is doing the same at this moment. Try again when it is through."
                )
            time.sleep(0.1)
        yield


@contextmanager
def _file_lock(name: str) -> Iterator[Callable[[], bool]]:
    path = engine().url.database
    if not path or path == ":memory:":
        yield lambda: True
        return
    with open(f"{path}.{name}.lock", "w") as file:

        def taken() -> bool:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

        yield taken


@contextmanager
def _server_lock(name: str) -> Iterator[Callable[[], bool]]:
    key = crc32(f"golden-thread {name}".encode())
    try:
        connection = engine().connect().execution_options(isolation_level="AUTOCOMMIT")
    except OperationalError as error:
        raise Unavailable(AWAY) from error
    # Taken out of the pool, so that the lock ends with the connection even where unlocking cannot be said.
    connection.detach()
    with connection:
        try:
            yield lambda: bool(connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}))
        finally:
            with suppress(DBAPIError):
                connection.execute(text("SELECT pg_advisory_unlock_all()"))


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own BEGIN is deferred and upgrades half way through, which loses to other writers
    # ("database is locked" for one in five with four writers), so SQLAlchemy sends ours instead.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA busy_timeout = 30000")
    cursor.execute("PRAGMA cache_size = -65536")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    deferred = connection.get_execution_options().get("lms_read_only", False)
    connection.exec_driver_sql("BEGIN" if deferred else "BEGIN IMMEDIATE")


def _note_rest(_connection: Any, record: Any) -> None:
    record.info["rests since"] = time.monotonic()


def _wake(connection: Any, record: Any, _proxy: Any) -> None:
    """Ask a connection that rested whether it is still there; a busy one is not asked, which halves its journeys."""
    if time.monotonic() - record.info.get("rests since", 0.0) < RESTED:
        return
    try:
        connection.execute("SELECT 1")
        connection.commit()
    except psycopg.Error as error:
        raise DisconnectionError from error
