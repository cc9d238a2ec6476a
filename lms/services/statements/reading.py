"""Statements out of the log (1.0.3 Communication 2.1.3; 9274.1.1 4.1.6.1)."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from sqlmodel import Session

from lms.rules.statements.queries import Query
from lms.services.statements import rows


@dataclass(frozen=True, slots=True)
class Page:
    """Texts of statements, in UTF-8, in the order asked for, and where the next page begins, if there is one."""

    payloads: list[bytes]
    next: int | None = None


def find(session: rows.Asking, query: Query, *, only_key: int | None = None) -> Page:
    """The statements that match and are not void; ``only_key`` narrows them to those that this key brought."""
    sql = _select(tuple(len(some) for some in query.filters), query.ascending, only_key is not None)
    values: list[int] = []
    narrowed = [] if only_key is None else [only_key]
    for chosen in product(*query.filters):
        values += [*chosen, query.lowest, query.highest, *narrowed, query.limit + 1]
    if len(values) > _values_of_one(query, narrowed):
        values.append(query.limit + 1)
    payloads, last = rows.cursor(session).texts(sql, values)
    if len(payloads) > query.limit:
        return Page(payloads[:-1], last)
    return Page(payloads)


def _values_of_one(query: Query, narrowed: list[int]) -> int:
    return len(query.filters) + 3 + len(narrowed)


@lru_cache(maxsize=256)
def _select(shape: tuple[int, ...], ascending: bool, narrowed: bool) -> str:
    """The SELECT for so many filters with so many alternatives each.

    Every combination of alternatives is a range of the index that is read in order and stops early; they meet
    in a union, which also takes out what two of them found.
    """
    direction = "ASC" if ascending else "DESC"
    alternatives = len(list(product(*(range(count) for count in shape))))
    columns = "s.seq, s.payload" if alternatives == 1 else "s.seq"
    joins, first = "statement s", "s"
    if shape:
        first = "t0"
        joins = "statement_term t0"
        for number in range(1, len(shape)):
            joins += f" JOIN statement_term t{number} ON t{number}.seq = t0.seq AND t{number}.term = ?"
        joins += " JOIN statement s ON s.seq = t0.seq"
    one = (
        f"SELECT {columns} FROM {joins} "  # nosec B608
        "LEFT JOIN statement_void v ON v.statement_id = s.statement_id WHERE v.statement_id IS NULL "
        + ("AND t0.term = ? " if shape else "")
        + f"AND {first}.seq >= ? AND {first}.seq <= ? "
        + ("AND s.key_id = ? " if narrowed else "")
        + f"ORDER BY {first}.seq {direction} LIMIT ?"
    )
    if alternatives == 1:
        return one
    union = " UNION ".join([f"SELECT seq FROM ({one}) AS part"] * alternatives)
    return (
        f"SELECT s.seq, s.payload FROM ({union}) AS found JOIN statement s ON s.seq = found.seq "  # nosec B608
        f"ORDER BY s.seq {direction} LIMIT ?"
    )


def one(session: rows.Asking, statement_id: str, *, voided: bool, only_key: int | None = None) -> str | None:
    """The text of one statement, if it is here and void or not as asked."""
    cursor = rows.cursor(session)
    found = cursor.run(
        "SELECT s.payload, s.key_id, v.statement_id IS NOT NULL FROM statement s "
        "LEFT JOIN statement_void v ON v.statement_id = s.statement_id WHERE s.statement_id = ?",
        (cursor.uuid(statement_id),),
    ).fetchone()
    if found is None or bool(found[2]) is not voided or (only_key is not None and found[1] != only_key):
        return None
    return str(found[0])


def everything(session: Session, *, by: int | None = None, at_once: int = 1_000) -> Iterator[str]:
    """Every statement in the order of the log, void ones too; with ``by``, those found by this term."""
    cursor = rows.cursor(session)
    last = -1
    while True:
        if by is None:
            sql = "SELECT seq, payload FROM statement WHERE seq > ? ORDER BY seq LIMIT ?"
            found = cursor.run(sql, (last, at_once)).fetchall()
        else:
            sql = (
                "SELECT s.seq, s.payload FROM statement_term t JOIN statement s ON s.seq = t.seq "
                "WHERE t.term = ? AND t.seq > ? ORDER BY t.seq LIMIT ?"
            )
            found = cursor.run(sql, (by, last, at_once)).fetchall()
        if not found:
            return
        for last, payload in found:  # noqa: B007
            yield payload


def count(session: Session) -> int:
    """How many statements there are."""
    (number,) = rows.cursor(session).run("SELECT count(*) FROM statement").fetchone()
    return int(number)
