"""Activities as the statements define them (``rules/statements/definitions``)."""

import json
import marshal
from collections.abc import Collection, Sequence
from typing import Any

from lms.rules.statements import definitions, formats, terms
from lms.services.statements import rows
from lms.services.statements.rows import Cursor

# What this process has seen in the database already, so that the same definition in every statement of a course
# is not looked up each time. An entry is made only once another transaction wrote it, so a rollback loses nothing.
# Only short ones are, so that nobody fills the memory with long ones.
_KNOWN_AT_MOST, _SHORT = 20_000, 4_000
_known: dict[tuple[str, str], bytes] = {}
_LOCK, _LOCKS = 0x5742, 64


def learn(cursor: Cursor, statements: Sequence[dict[str, Any]]) -> None:
    """Add what statements define to the definitions of their activities."""
    brought: dict[int, tuple[str, dict[str, Any]]] = {}
    for value in statements:
        for iri, definition in formats.definitions(value):
            if _known.get((cursor.database, iri)) == _print(definition):
                continue
            term = terms.term(terms.ACTIVITY, iri)
            earlier = brought.get(term)
            brought[term] = (iri, definitions.merged(earlier[1], definition) if earlier else definition)
    if not brought:
        return
    held = _held(cursor, sorted(brought))
    if cursor.postgres and any(
        definitions.merged(held.get(term, {}), definition) != held.get(term)
        for term, (_, definition) in brought.items()
    ):
        _alone(cursor, brought)
        held = _held(cursor, sorted(brought))
    written: set[int] = cursor.notes.setdefault("definitions written", set())
    changed = []
    for term, (iri, definition) in sorted(brought.items()):
        before = held.get(term)
        after = definitions.merged(before or {}, definition)
        if after == before and term not in written:
            _remember(cursor.database, iri, definition)
        elif after != before:
            _known.pop((cursor.database, iri), None)
            written.add(term)
            changed.append((term, iri, json.dumps(after, ensure_ascii=True)))
    if changed:
        cursor.many(
            "INSERT INTO activity (term, iri, definition) VALUES (?, ?, ?) "
            "ON CONFLICT (term) DO UPDATE SET definition = excluded.definition",
            changed,
        )


def _alone(cursor: Cursor, brought: Collection[int]) -> None:
    """Wait for whoever else adds to these definitions; there may be no rows to lock yet.

    A lock for each of many would be more than PostgreSQL has room for, so they share a few, in order.
    """
    cursor.run(
        "SELECT pg_advisory_xact_lock(?::int, one) FROM unnest(?::int[]) AS one",
        (_LOCK, sorted({term % _LOCKS for term in brought})),
    )


def known(cursor: Cursor, statements: Sequence[dict[str, Any]]) -> bool:
    """Whether everything that statements define is in the database already, as far as this process knows."""
    database = cursor.database
    for value in statements:
        for iri, definition in formats.definitions(value):
            if _known.get((database, iri)) != _print(definition):
                return False
    return True


def _remember(database: str, iri: str, definition: dict[str, Any]) -> None:
    seen = _print(definition)
    if len(iri) + len(seen) > _SHORT:
        return
    if len(_known) >= _KNOWN_AT_MOST:
        _known.clear()
    _known[database, iri] = seen


def _print(definition: dict[str, Any]) -> bytes:
    # Version 2 writes equal values equally; later ones abbreviate what is the same object.
    return marshal.dumps(definition, 2)


def of(session: rows.Asking, iris: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The definitions of activities, by IRI; those without one are left out."""
    wanted = {terms.term(terms.ACTIVITY, iri): iri for iri in iris}
    held = _held(rows.cursor(session), sorted(wanted))
    return {wanted[term]: definition for term, definition in held.items()}


def _held(cursor: Cursor, wanted: Sequence[int]) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for some in rows.chunks(wanted):
        marks = ",".join("?" * len(some))
        for term, text in cursor.run(
            f"SELECT term, definition FROM activity WHERE term IN ({marks})",  # nosec B608
            list(some),
        ):
            found[term] = json.loads(text)
    return found
