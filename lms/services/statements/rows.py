"""The rows of the log, written and read in bulk with the driver itself.

No ORM object and no compiled expression here: this is the path that every statement takes, and both would cost
more than the database does. PostgreSQL gets one statement for all rows; SQLite gets the driver's ``executemany``.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from psycopg.errors import UniqueViolation
from sqlalchemy import Connection
from sqlmodel import Session

from lms.services.statements import arrays, libpq
from lms.services.statements.libpq import BIGINTS, INTEGER, JSONB, TEXTS, UUIDS


class Row(NamedTuple):
    """One statement as it goes into the log. ``target``: the id of the statement that is its object.

    A tuple, because a frozen dataclass takes four times as long to make, and there is one for every statement.
    """

    seq: int
    uuid: UUID
    statement_id: str
    payload: str
    value: dict[str, Any]
    terms: set[int]
    target: str | None


@dataclass(frozen=True, slots=True)
class Cursor:
    """The driver's own connection within a session's transaction, and the name of its database.

    ``notes`` are the session's own, and end with it.
    """

    connection: Any
    postgres: bool
    database: str
    notes: dict[Any, Any]

    def run(self, sql: str, values: Sequence[Any] = ()) -> Any:
        """Execute SQL written with question marks as placeholders."""
        if self.postgres:
            return self.connection.execute(sql.replace("?", "%s"), values, prepare=True)
        return self.connection.execute(sql, values)

    def texts(self, sql: str, numbers: Sequence[int]) -> tuple[list[bytes], int]:
        """What ``run`` finds for numbers, in rows of a number and a text: the texts, in UTF-8, and the last number."""
        if self.postgres:
            found = libpq.texts(self.connection, sql, numbers)
            if found is not None:
                return found
        rows = self.run(sql, numbers).fetchall()
        return [text.encode() for _, text in rows], rows[-1][0] if rows else 0

    def many(self, sql: str, values: Iterable[Sequence[Any]]) -> None:
        """Execute SQL for each of many rows."""
        if self.postgres:
            with self.connection.cursor() as opened:
                opened.executemany(sql.replace("?", "%s"), values)
        else:
            self.connection.executemany(sql, values)

    def uuid(self, value: UUID | str) -> Any:
        """A UUID as the database keeps it."""
        made = value if isinstance(value, UUID) else UUID(value)
        return made if self.postgres else made.hex


class Direct(Protocol):
    """The driver's own connection, outside any transaction (``lms.db``)."""

    @property
    def driver(self) -> Any: ...
    @property
    def database(self) -> str: ...
    @property
    def postgres(self) -> bool: ...


# A session, or what a question needs no more than: the connection of ``db.reading`` or of ``db.direct``.
Asking = Session | Connection | Direct


def cursor(session: Asking) -> Cursor:
    """The driver's connection of a session, in its transaction; or one without."""
    if not isinstance(session, Session | Connection):
        return Cursor(session.driver, session.postgres, session.database, {})
    bare = isinstance(session, Connection)
    connection = session if isinstance(session, Connection) else session.connection()
    driver = connection.connection.driver_connection
    postgres = connection.dialect.name == "postgresql"
    return Cursor(driver, postgres, connection.engine.url.database or "", {} if bare else session.info)


_INSERT = """
WITH new AS (
    INSERT INTO statement (seq, statement_id, key_id, store_id, payload)
    SELECT seq, id, %s::int, %s::int, payload
    FROM unnest(%s::bigint[], %s::uuid[], %s::text[]) AS given(seq, id, payload)
    ON CONFLICT (statement_id) DO NOTHING
    RETURNING seq
), found AS (
    INSERT INTO statement_term (term, seq)
    SELECT given.term, given.seq
    FROM unnest(%s::bigint[], %s::bigint[]) AS given(term, seq) JOIN new ON new.seq = given.seq
)
SELECT seq FROM new
"""
# Written in the migrations, because one statement of a function sees what was committed while it waited for another.
_KEEP = "SELECT keep_statements(?, ?, ?, ?, ?, ?, ?, ?)"
_ALONE = libpq.question(_KEEP, (INTEGER, INTEGER, BIGINTS, UUIDS, TEXTS, BIGINTS, BIGINTS, JSONB))
_AROUND = """
SELECT (SELECT array_agg(id) FROM record_store WHERE forwards),
       (SELECT json_object_agg(name, value) FROM setting),
       EXISTS (SELECT FROM statement_ref WHERE target_id = ANY (%s::uuid[]))
"""


@dataclass(frozen=True, slots=True)
class Inserted:
    """The places of rows whose id was not in the log yet, and what concerns them there.

    ``stores`` are sent new statements; ``awaited``: a statement may be here that is about one of these.
    """

    seqs: set[int]
    stores: list[int]
    awaited: bool


def insert(
    cursor: Cursor, made: Sequence[Row], key_id: int | None, store_id: int | None, lock: str
) -> Inserted:
    """Insert rows with their terms, under a lock of PostgreSQL."""
    # In the order of the ids: two batches that share some wait for each other in the same order.
    ordered = sorted(made, key=_uuid)
    if not cursor.postgres:
        return _insert_one_by_one(cursor, ordered, key_id, store_id)
    given = _written(ordered, key_id, store_id)
    ids = given[3]
    # One journey for everything: waiting for an answer costs more than the work does.
    with cursor.connection.pipeline():
        cursor.connection.execute(lock, prepare=True)
        inserted = cursor.connection.execute(_INSERT, given, prepare=True)
        around = cursor.connection.execute(_AROUND, (ids,), prepare=True)
    stores, settings, awaited = around.fetchone()
    cursor.notes["settings"] = settings or {}
    return Inserted({seq for (seq,) in inserted}, stores or [], awaited)


def insert_alone(
    cursor: Cursor, made: Sequence[Row], key_id: int | None, store_id: int | None, verbs: str | None
) -> bool:
    """Insert rows with their terms, as a transaction of its own on PostgreSQL, if nothing else is to be done for them.

    ``verbs`` is the setting, in JSON, by which none of them counts. False, and nothing is there, where it is
    another one now, where others are waiting for one of these, or where one of these is here already.
    """
    key, store, *columns = _written(sorted(made, key=_uuid), key_id, store_id)
    values = [libpq.integer(key), libpq.integer(store), *[column.written for column in columns]]
    found = libpq.ask(cursor.connection, _ALONE, [*values, None if verbs is None else verbs.encode()])
    if found is not None:
        return bool(found.get_value(0, 0) == libpq.TRUE)
    try:
        (kept,) = cursor.run(_KEEP, (key, store, *columns, verbs)).fetchone()
    except UniqueViolation:
        return False
    return bool(kept)


def _written(ordered: Sequence[Row], key_id: int | None, store_id: int | None) -> tuple[Any, ...]:
    """Rows as the columns that PostgreSQL is given."""
    terms: list[int] = []
    places: list[int] = []
    for row in ordered:
        terms += row.terms
        places += [row.seq] * len(row.terms)
    return (
        key_id,
        store_id,
        arrays.numbers([row.seq for row in ordered]),
        arrays.uuids([row.uuid for row in ordered]),
        arrays.texts([row.payload for row in ordered]),
        arrays.numbers(terms),
        arrays.numbers(places),
    )


def _insert_one_by_one(
    cursor: Cursor, made: Sequence[Row], key_id: int | None, store_id: int | None
) -> Inserted:
    known = {uuid for uuid, _, _ in by_id(cursor, [row.uuid for row in made])}
    new = [row for row in made if row.uuid not in known]
    cursor.many(
        "INSERT INTO statement (seq, statement_id, key_id, store_id, payload) VALUES (?, ?, ?, ?, ?)",
        [(row.seq, row.uuid.hex, key_id, store_id, row.payload) for row in new],
    )
    add_terms(cursor, [(term, row.seq) for row in new for term in row.terms])
    stores = [store for (store,) in cursor.run("SELECT id FROM record_store WHERE forwards")]
    return Inserted({row.seq for row in new}, stores, awaited=True)


def _uuid(row: Row) -> int:
    # As the id itself would sort, which compares in Python.
    return row.uuid.int


def add_terms(cursor: Cursor, pairs: Collection[tuple[int, int]]) -> None:
    """Let statements be found by further terms: pairs of term and place."""
    if not pairs:
        return
    if cursor.postgres:
        cursor.run(
            "INSERT INTO statement_term (term, seq) SELECT * FROM unnest(?::bigint[], ?::bigint[]) "
            "ON CONFLICT DO NOTHING",
            ([term for term, _ in pairs], [seq for _, seq in pairs]),
        )
    else:
        cursor.many("INSERT OR IGNORE INTO statement_term (term, seq) VALUES (?, ?)", sorted(pairs))


def by_id(cursor: Cursor, ids: Sequence[UUID]) -> Iterator[tuple[UUID, int, str]]:
    """Those of the ids that are in the log: id, place, text."""
    if cursor.postgres:
        yield from cursor.run(
            "SELECT statement_id, seq, payload FROM statement WHERE statement_id = ANY(?::uuid[])",
            (list(ids),),
        )
        return
    for some in chunks(ids):
        marks = ",".join("?" * len(some))
        for text, seq, payload in cursor.run(
            f"SELECT statement_id, seq, payload FROM statement WHERE statement_id IN ({marks})",  # nosec B608
            [uuid.hex for uuid in some],
        ):
            yield UUID(text), seq, payload


def upsert(
    cursor: Cursor, table: str, columns: Sequence[tuple[str, str]], key: str, values: Sequence[Sequence[Any]]
) -> None:
    """Insert rows, in place of those that have the same ``key``. ``columns``: name and PostgreSQL's type."""
    names = ", ".join(name for name, _ in columns)
    changes = ", ".join(f"{name} = excluded.{name}" for name, _ in columns if name != key)
    end = f"ON CONFLICT ({key}) DO UPDATE SET {changes}"
    if cursor.postgres:
        given = ", ".join(f"%b::{kind}[]" for _, kind in columns)
        sql = f"INSERT INTO {table} ({names}) SELECT * FROM unnest({given}) {end}"  # nosec B608
        cursor.connection.execute(sql, [list(column) for column in zip(*values, strict=True)], prepare=True)
    else:
        marks = ", ".join("?" for _ in columns)
        cursor.many(f"INSERT INTO {table} ({names}) VALUES ({marks}) {end}", values)  # nosec B608


def chunks(values: Sequence[Any], size: int = 500) -> Iterator[Sequence[Any]]:
    """The values by the five hundred, which any SQLite takes as parameters."""
    for start in range(0, len(values), size):
        yield values[start : start + size]
