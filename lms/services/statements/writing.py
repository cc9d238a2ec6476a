"""Statements into the log: all of a batch or none, the same one again is nothing new, another one is refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from json import dumps, loads
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from sqlmodel import Session

from lms.errors import Conflict
from lms.rules.statements import equality, order, terms, texts, voiding
from lms.rules.statements.attachments import announced
from lms.rules.statements.batches import Incoming
from lms.services.statements import attachments as kept_attachments
from lms.services.statements import definitions, forwarding, places, references, rows


@dataclass(frozen=True, slots=True)
class Source:
    """Where statements come from: a key, another store, or (neither) this system; and who asserts them.

    ``keeps_authority``: the source is trusted to say who asserted a statement before. ``voids_any``: it may void
    what others wrote.
    """

    authority: dict[str, Any]
    key_id: int | None = None
    store_id: int | None = None
    keeps_authority: bool = False
    voids_any: bool = True


class Stored(NamedTuple):
    """A statement that is in the log. ``new``: it was not before."""

    seq: int
    statement_id: str
    value: dict[str, Any]
    key_id: int | None
    store_id: int | None
    new: bool


def store(
    session: Session,
    batch: Sequence[Incoming],
    source: Source,
    now: datetime,
    attachments: Mapping[str, bytes] | None = None,
) -> list[Stored]:
    """Put a validated batch into the log and under everything it is found by.

    ``attachments`` are the data that came with it, by SHA-2. Those of statements that were here before are not kept:
    a statement sent again changes nothing (1.0.3 Communication 2.1.1, 2.1.2).

    :raises Conflict: when a statement with the same id says something else. Nothing is stored then.
    :raises Invalid: when one would void a statement that voids.
    :raises Forbidden: when one would void what another wrote, and the source may not.
    """
    if not batch:
        return []
    cursor = rows.cursor(session)
    seqs = places.take(cursor, now, len(batch))
    made = _rows(batch, seqs, source)
    inserted = rows.insert(cursor, made, source.key_id, source.store_id, references.lock(made))
    new = inserted.seqs
    held = {} if len(new) == len(made) else _existing(cursor, made, new)
    stored = [
        Stored(
            row.seq if row.seq in new else held[row.uuid],
            row.statement_id,
            row.value,
            source.key_id,
            source.store_id,
            row.seq in new,
        )
        for row in made
    ]
    fresh = [row for row in made if row.seq in new]
    if fresh:
        only_of_key = None if source.voids_any else source.key_id
        references.follow(cursor, fresh, awaited=inserted.awaited, only_of_key=only_of_key)
        definitions.learn(cursor, [row.value for row in fresh])
        forwarding.queue(cursor, fresh, [one for one in inserted.stores if one != source.store_id])
    if attachments:
        wanted = {one["sha2"].lower() for row in fresh for one in announced(row.value)}
        kept_attachments.keep(cursor, {sha2: attachments[sha2] for sha2 in wanted & attachments.keys()})
    return stored


def store_alone(
    asking: rows.Asking, batch: Sequence[Incoming], source: Source, verbs: str | None, now: datetime
) -> list[Stored] | None:
    """Put a batch for which nothing else is to be done into the log: one journey, and a transaction of its own.

    That is: none counts by the setting ``verbs``, none is about another statement or awaited by one, what they
    define is known, no other store is sent them, none is here already. None, and nothing is stored, otherwise.
    """
    if not batch:
        return []
    cursor = rows.cursor(asking)
    if not cursor.postgres or not definitions.known(cursor, [one.value for one in batch]):
        return None
    made = _rows(batch, places.take(cursor, now, len(batch)), source)
    if any(row.target for row in made):
        return None
    if not rows.insert_alone(cursor, made, source.key_id, source.store_id, verbs):
        return None
    return [
        Stored(row.seq, row.statement_id, row.value, source.key_id, source.store_id, new=True) for row in made
    ]


def _rows(batch: Sequence[Incoming], seqs: Sequence[int], source: Source) -> list[rows.Row]:
    authority = dumps(source.authority, ensure_ascii=False, separators=(",", ":"))
    moment, stored = -1, ""
    made = []
    for one, seq in zip(batch, seqs, strict=True):
        if seq >> order.SHIFT != moment:
            moment = seq >> order.SHIFT
            stored = f'"{order.text(order.stored_at(seq))}"'
        value = one.value
        assigned = {}
        statement_id = value.get("id")
        if statement_id is None:
            uuid = uuid4()
            statement_id = str(uuid)
            assigned["id"] = f'"{statement_id}"'
        else:
            uuid = UUID(statement_id)
        if "timestamp" not in value:
            assigned["timestamp"] = stored
        assigned["stored"] = stored
        asserted = source.authority
        if source.keeps_authority and "authority" in value:
            asserted = value["authority"]
        else:
            assigned["authority"] = authority
        if "version" not in value:
            assigned["version"] = f'"{one.version.of_statements}"'
        payload = texts.assign(one.text, value, assigned)
        made.append(
            rows.Row(
                seq, uuid, statement_id, payload, value, terms.of(value, asserted), voiding.targets(value)
            )
        )
    return made


def _existing(cursor: Any, made: Sequence[rows.Row], new: set[int]) -> dict[UUID, int]:
    """The places of those that were here before, which have to say the same."""
    wanted = {row.uuid: row for row in made if row.seq not in new}
    found: dict[UUID, int] = {}
    for uuid, seq, payload in rows.by_id(cursor, list(wanted)):
        if not equality.same(wanted[uuid].value, loads(payload)):
            raise Conflict(
                f"A statement with the id {wanted[uuid].statement_id} is here already and says something else. "
                "A statement is never changed: void it, and send the right one with a new id."
            )
        found[uuid] = seq
    return found
