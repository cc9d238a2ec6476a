"""Statements about statements: which void which, and what a reference is found by.

A statement whose object is another one is also found by what that one is found by, and so on (1.0.3 Communication
2.1.3, Filter Conditions for StatementRefs). Its terms are copied when both are here, in whichever order they came.
"""

from collections.abc import Sequence
from json import loads
from uuid import UUID

from lms.errors import Forbidden, Invalid
from lms.rules.statements import terms, voiding
from lms.services.statements import rows
from lms.services.statements.rows import Cursor, Row

_LOCK = 0x5741
# By what a statement itself is found, and the id of the one that it is about.
_Held = tuple[set[int], str | None]


def lock(made: Sequence[Row]) -> str:
    """Lets a statement about another one wait for those who are writing, and them for it, as SQL.

    Else the two could arrive together and each miss the other. Most statements share the lock.
    """
    alone = any(row.target for row in made)
    return f"SELECT {'pg_advisory_xact_lock' if alone else 'pg_advisory_xact_lock_shared'}({_LOCK})"


def follow(cursor: Cursor, new: Sequence[Row], *, awaited: bool, only_of_key: int | None = None) -> None:
    """Note what new statements void and refer to, and let references be found by what they are about.

    ``awaited``: others may be here already that are about one of them. ``only_of_key``: they may void only what
    this key wrote.

    :raises Invalid: when one would void a statement that voids.
    :raises Forbidden: when one would void what another wrote.
    """
    about = [row for row in new if row.target]
    if about:
        _note(cursor, about, only_of_key)
    waiting = _waiting(cursor, [row.uuid for row in new]) if awaited or about else []
    if about or waiting:
        _link(cursor, new, about, waiting)


def _note(cursor: Cursor, about: Sequence[Row], only_of_key: int | None) -> None:
    voids = {UUID(target): row for row in about if (target := voiding.voids(row.value))}
    if voids:
        for _, seq, payload in rows.by_id(cursor, list(voids)):
            if voiding.voids(loads(payload)):
                raise Invalid(voiding.REFUSED)
            if only_of_key is not None and _key_of(cursor, seq) != only_of_key:
                raise Forbidden(voiding.NOT_YOURS)
        cursor.many(
            "INSERT INTO statement_void (statement_id, seq) VALUES (?, ?) ON CONFLICT DO NOTHING",
            [(cursor.uuid(target), row.seq) for target, row in voids.items()],
        )
        # One that voids is never void, though somebody named it before it came (Data 2.3.2).
        cursor.many(
            "DELETE FROM statement_void WHERE statement_id = ?",
            [(cursor.uuid(row.uuid),) for row in voids.values()],
        )
    cursor.many(
        "INSERT INTO statement_ref (target_id, seq, linked) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        [(cursor.uuid(row.target or ""), row.seq, False) for row in about],
    )


def _key_of(cursor: Cursor, seq: int) -> int | None:
    (key_id,) = cursor.run("SELECT key_id FROM statement WHERE seq = ?", (seq,)).fetchone()
    return key_id if key_id is None else int(key_id)


def _waiting(cursor: Cursor, ids: Sequence[UUID]) -> list[tuple[UUID, int]]:
    """References to these statements: the id of the one referred to, and the place of the one referring."""
    found: list[tuple[UUID, int]] = []
    if cursor.postgres:
        found += cursor.run(
            "SELECT target_id, seq FROM statement_ref WHERE target_id = ANY(?::uuid[])", (list(ids),)
        ).fetchall()
        return found
    for some in rows.chunks(ids):
        marks = ",".join("?" * len(some))
        found += [
            (UUID(text), seq)
            for text, seq in cursor.run(
                f"SELECT target_id, seq FROM statement_ref WHERE target_id IN ({marks})",  # nosec B608
                [uuid.hex for uuid in some],
            )
        ]
    return found


def _link(
    cursor: Cursor, new: Sequence[Row], about: Sequence[Row], waiting: Sequence[tuple[UUID, int]]
) -> None:
    known = {row.uuid: row.terms for row in new}
    held: dict[UUID, _Held | None] = {row.uuid: (row.terms, row.target) for row in new}
    inherited = {row.uuid: _below(cursor, row, held) for row in about}
    pairs = {(term, row.seq) for row in about for term in inherited[row.uuid]}
    linked = {(UUID(row.target), row.seq) for row in about if inherited[row.uuid] and row.target}
    todo = [(target, seq, known[target] | inherited.get(target, set())) for target, seq in waiting]
    seen = {seq for _, seq in waiting}
    while todo:
        target, seq, found = todo.pop()
        linked.add((target, seq))
        pairs |= {(term, seq) for term in found}
        (own,) = cursor.run("SELECT statement_id FROM statement WHERE seq = ?", (seq,)).fetchone()
        own = own if cursor.postgres else UUID(own)
        for above, above_seq in _waiting(cursor, [own]):
            if above_seq not in seen:
                seen.add(above_seq)
                todo.append((above, above_seq, found))
    rows.add_terms(cursor, pairs)
    cursor.many(
        "UPDATE statement_ref SET linked = ? WHERE target_id = ? AND seq = ?",
        [(True, cursor.uuid(target), seq) for target, seq in linked],
    )


def _below(cursor: Cursor, row: Row, held: dict[UUID, _Held | None]) -> set[int]:
    """What the statements below a reference are found by, down to one that is no reference or not here.

    Each is looked up once for a whole batch, and joins ``held``; None is one that is not here.
    """
    found: set[int] = set()
    seen = {row.uuid}
    target = row.target
    while target and UUID(target) not in seen:
        uuid = UUID(target)
        seen.add(uuid)
        if uuid not in held:
            held[uuid] = _held(cursor, uuid)
        below = held[uuid]
        if below is None:
            break
        own, target = below
        found |= own
    return found


def _held(cursor: Cursor, uuid: UUID) -> _Held | None:
    here = next(rows.by_id(cursor, [uuid]), None)
    if here is None:
        return None
    value = loads(here[2])
    return terms.of(value, value["authority"]), voiding.targets(value)
