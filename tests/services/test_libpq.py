"""Questions put through libpq itself: what the driver finds, found again, whatever became of the connection."""

from collections.abc import Iterator

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lms import db
from lms.errors import Unavailable
from lms.services.statements import libpq, rows
from lms.services.statements.rows import Cursor

pytestmark = pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
SQL = """
SELECT v, repeat(chr(233), mod(v, ?::bigint)::int) FROM generate_series(?::bigint, ?::bigint) AS v ORDER BY v DESC
"""


@pytest.fixture
def cursor(database: str) -> Iterator[Cursor]:
    with db.direct() as asking:
        yield rows.cursor(asking)


@given(
    st.integers(1, 5_000),
    st.integers(-(2**63), 2**63 - 9).flatmap(lambda n: st.tuples(st.just(n), st.just(n + 7))),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_it_finds_what_the_driver_finds(cursor: Cursor, length: int, ends: tuple[int, int]) -> None:
    found = libpq.texts(cursor.connection, SQL, (length, *ends))
    wanted = cursor.run(SQL, (length, *ends)).fetchall()
    assert found == ([text.encode() for _, text in wanted], ends[0])
    assert len(wanted) == 8


def test_nothing_found_is_no_text_and_no_number(cursor: Cursor) -> None:
    assert libpq.texts(cursor.connection, SQL, (3, 2, 1)) == ([], 0)
    with db.transaction() as session:
        assert rows.cursor(session).texts(SQL, (3, 2, 1)) == ([], 0)


def test_questions_that_were_prepared_and_forgotten_are_answered_all_the_same(cursor: Cursor) -> None:
    wanted = (["éé".encode(), "é".encode()], 1)
    assert cursor.texts(SQL, (3, 1, 2)) == wanted
    cursor.connection.execute("DEALLOCATE ALL")
    assert libpq.texts(cursor.connection, SQL, (3, 1, 2)) is None
    assert libpq.texts(cursor.connection, SQL, (3, 1, 2)) == wanted
    cursor.connection.execute("DEALLOCATE ALL")
    assert cursor.texts(SQL, (3, 1, 2)) == wanted


def test_of_what_cannot_be_answered_the_driver_says_why(cursor: Cursor) -> None:
    with pytest.raises(psycopg.errors.UndefinedTable):
        cursor.texts("SELECT seq, payload FROM nowhere WHERE seq = ?", (1,))
    with pytest.raises(psycopg.errors.DivisionByZero):
        cursor.texts("SELECT 1 / ?, 'x'", (0,))
    assert cursor.texts(SQL, (3, 2, 2)) == (["éé".encode()], 2)


def test_what_is_refused_once_is_answered_the_next_time(cursor: Cursor) -> None:
    divided = "SELECT 8::bigint / ?, 'x'"
    assert libpq.texts(cursor.connection, divided, (0,)) is None
    assert libpq.texts(cursor.connection, divided, (2,)) == ([b"x"], 4)


def test_in_a_transaction_it_sees_what_is_not_committed(database: str) -> None:
    with db.transaction() as session:
        cursor = rows.cursor(session)
        cursor.connection.execute("CREATE TEMPORARY TABLE seen AS SELECT 7::bigint AS seq")
        assert cursor.texts("SELECT seq, 'x' FROM seen WHERE seq > ?", (1,)) == ([b"x"], 7)


def test_a_connection_that_speaks_another_encoding_is_asked_through_the_driver(cursor: Cursor) -> None:
    cursor.connection.execute("SET client_encoding TO latin1")
    assert libpq.texts(cursor.connection, SQL, (3, 2, 2)) is None
    assert cursor.texts(SQL, (3, 2, 2)) == (["éé".encode()], 2)


def test_a_connection_that_is_gone_is_told_as_a_database_that_is_away(database: str) -> None:
    asked = []

    def ask_twice() -> None:
        with db.direct() as asking:
            cursor = rows.cursor(asking)
            asked.append(cursor.texts(SQL, (3, 2, 2)))
            with db.transaction() as other:
                ended = "SELECT pg_terminate_backend(?)"
                rows.cursor(other).run(ended, (asking.driver.info.backend_pid,))
            asked.append(cursor.texts(SQL, (3, 2, 2)))

    with pytest.raises(Unavailable):
        ask_twice()
    with db.direct() as asking:
        asked.append(rows.cursor(asking).texts(SQL, (3, 2, 2)))
    assert asked == [(["éé".encode()], 2)] * 2
