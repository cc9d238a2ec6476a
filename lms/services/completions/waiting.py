"""The reconciliation list as people read it: what statements wait for, how many, since when, and the statements."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from json import loads
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, col

from lms.errors import NotFound
from lms.rules.completions import IN_WORDS, Reason
from lms.rules.statements import order, terms
from lms.rules.statements.actors import identity
from lms.services.statements import rows
from lms.tables.accounts import Key
from lms.tables.statements import Reconciliation, RecordStore, Statement

MISSING = "No statement waits for this any more. It may just have been resolved."


@dataclass(frozen=True, slots=True)
class Item:
    """Statements that wait for the same thing. ``about`` is the actor, the activity, the source or the day.

    ``term`` stands for it in an address, ``since`` is when the first of them was stored.
    """

    reason: Reason
    because: str
    about: str
    statements: int
    first_seq: int
    last_seq: int
    since: datetime
    term: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """One statement of the list, as it stands in the log, and the key or store that it came from."""

    seq: int
    statement_id: str
    stored_at: datetime
    source: str
    payload: str


def listed(
    session: Session,
    *,
    reason: Reason | None = None,
    organisation_id: int | None = None,
    limit: int = 100,
    offset: int = 0,
) -> list[Item]:
    """What statements wait for, the most frequent first; ``organisation_id``: what its own keys brought."""
    wanted = _narrowed(_grouped(), reason, organisation_id)
    wanted = wanted.order_by(func.count().desc(), func.min(col(Reconciliation.seq)))
    found = session.execute(wanted.limit(limit).offset(offset)).all()
    return _items(session, found)


def counted(
    session: Session, *, reason: Reason | None = None, organisation_id: int | None = None
) -> tuple[int, int]:
    """How many things statements wait for, and how many statements."""
    inner = _narrowed(_grouped(), reason, organisation_id).subquery()
    found = session.execute(
        select(func.count(), func.coalesce(func.sum(inner.c.statements), 0)).select_from(inner)
    )
    items, statements = found.one()
    return int(items), int(statements)


def one(session: Session, reason: Reason, term: int) -> Item:
    """What some statements wait for.

    :raises NotFound: when none does any more.
    """
    wanted = _narrowed(_grouped(), reason, None).where(col(Reconciliation.about_term) == term)
    found = _items(session, session.execute(wanted).all())
    if not found:
        raise NotFound(MISSING)
    return found[0]


def about(session: Session, reason: Reason, text: str) -> Item:
    """What some statements wait for, by the actor's identity, the activity's IRI or the day.

    :raises NotFound: when none does.
    """
    return one(session, reason, terms.term("=", text))


def of_text(session: Session, text: str) -> list[Item]:
    """What statements wait for under this name, as the list shows it.

    :raises NotFound: when none does.
    """
    term = terms.term("=", text)
    wanted = _narrowed(_grouped(), None, None).where(col(Reconciliation.about_term) == term)
    found = _items(session, session.execute(wanted).all())
    of_sources = _narrowed(_grouped(), Reason.UNTRUSTED_KEY, None)
    found += [one for one in _items(session, session.execute(of_sources).all()) if one.about == text]
    if not found:
        raise NotFound(f"No statement waits for {text[:200]!r}. See what does: lms statements reconcile")
    return found


def places_of(session: Session, statement_ids: Sequence[str]) -> list[int]:
    """The places of these statements in the log.

    :raises NotFound: naming one that is not there.
    """
    wanted = {UUID(one) for one in statement_ids}
    found: dict[UUID, int] = {}
    for some in rows.chunks(sorted(wanted)):
        query = select(col(Statement.statement_id), col(Statement.seq))
        found.update(map(tuple, session.execute(query.where(col(Statement.statement_id).in_(some)))))
    if missing := sorted(wanted - set(found)):
        raise NotFound(f"There is no statement {missing[0]}.")
    return sorted(found.values())


def statements(session: Session, item: Item, *, limit: int = 20, offset: int = 0) -> list[Waiting]:
    """Statements that wait for this, the oldest first, as they stand in the log."""
    wanted = (
        select(Statement)
        .join(Reconciliation, col(Reconciliation.seq) == col(Statement.seq))
        .where(_same(item))
        .order_by(col(Statement.seq))
    )
    return _read(session, wanted.limit(limit).offset(offset))


def at_places(session: Session, places: Sequence[int]) -> list[Waiting]:
    """The statements at these places in the log."""
    return _read(
        session, select(Statement).where(col(Statement.seq).in_(places)).order_by(col(Statement.seq))
    )


def _read(session: Session, wanted: Any) -> list[Waiting]:
    found = list(session.execute(wanted).scalars())
    sources = _sources(session, [(one.key_id, one.store_id) for one in found])
    return [
        Waiting(
            one.seq,
            str(one.statement_id),
            order.stored_at(one.seq),
            sources[(one.key_id, one.store_id)],
            one.payload,
        )
        for one in found
    ]


def places(session: Session, item: Item) -> list[int]:
    """The places in the log of all statements that wait for this."""
    return list(
        session.execute(
            select(col(Reconciliation.seq)).where(_same(item)).order_by(col(Reconciliation.seq))
        ).scalars()
    )


def of_source(session: Session, source: str) -> int:
    """How many statements wait for ``key 7`` or ``store 7`` to be trusted."""
    wanted = select(func.count()).where(
        col(Reconciliation.reason) == Reason.UNTRUSTED_KEY.value,
        col(Reconciliation.about_term) == terms.term("=", source),
    )
    return int(session.execute(wanted).scalar_one())


def who(session: Session, item: Item) -> str | None:
    """The identity of the actor that statements wait for, from the statement itself; None where it has none."""
    payload = _first(session, item)
    return identity(payload["actor"])


def activity(session: Session, item: Item) -> dict[str, Any]:
    """The activity that statements wait for, as the first of them describes it."""
    found: dict[str, Any] = _first(session, item)["object"]
    return found


def source(session: Session, item: Item) -> tuple[str, int]:
    """``key`` or ``store``, and the number of it, that statements wait for to be trusted."""
    found = session.execute(
        select(col(Statement.key_id), col(Statement.store_id)).where(col(Statement.seq) == item.first_seq)
    ).one()
    return ("key", int(found[0])) if found[0] is not None else ("store", int(found[1]))


def _first(session: Session, item: Item) -> dict[str, Any]:
    (payload,) = (
        rows.cursor(session).run("SELECT payload FROM statement WHERE seq = ?", (item.first_seq,)).fetchone()
    )
    found: dict[str, Any] = loads(payload)
    return found


def _same(item: Item) -> ColumnElement[bool]:
    return (col(Reconciliation.reason) == item.reason.value) & (col(Reconciliation.about_term) == item.term)


def _grouped() -> Any:
    return select(
        col(Reconciliation.reason),
        func.min(col(Reconciliation.about)).label("about"),
        func.count().label("statements"),
        func.min(col(Reconciliation.seq)).label("first"),
        func.max(col(Reconciliation.seq)).label("last"),
        col(Reconciliation.about_term),
    ).group_by(col(Reconciliation.reason), col(Reconciliation.about_term))


def _narrowed(wanted: Any, reason: Reason | None, organisation_id: int | None) -> Any:
    if reason:
        wanted = wanted.where(col(Reconciliation.reason) == reason.value)
    if organisation_id is not None:
        theirs = select(col(Key.id)).where(col(Key.organisation_id) == organisation_id)
        wanted = wanted.join(Statement, col(Statement.seq) == col(Reconciliation.seq)).where(
            col(Statement.key_id).in_(theirs)
        )
    return wanted


def _items(session: Session, found: Sequence[Any]) -> list[Item]:
    sources = _sources(session, [_of_text(row[1]) for row in found if row[0] == Reason.UNTRUSTED_KEY.value])
    return [
        Item(
            reason := Reason(row[0]),
            IN_WORDS[reason],
            sources[_of_text(row[1])] if reason is Reason.UNTRUSTED_KEY else row[1],
            row[2],
            row[3],
            row[4],
            order.stored_at(row[3]),
            row[5],
        )
        for row in found
    ]


def _of_text(about: str) -> tuple[int | None, int | None]:
    """``key 7`` or ``store 7``, as a pair of which one is None."""
    kind, _, number = about.partition(" ")
    return (int(number), None) if kind == "key" else (None, int(number))


def _sources(
    session: Session, wanted: Iterable[tuple[int | None, int | None]]
) -> dict[tuple[int | None, int | None], str]:
    """What the keys and stores are called, asked once for all."""
    pairs = set(wanted)
    found: dict[tuple[int | None, int | None], str] = {
        (key, store): f"key {key}" if key is not None else f"store {store}" if store else "this system"
        for key, store in pairs
    }
    if keys := {key for key, _ in pairs if key is not None}:
        for id_, name, prefix in session.execute(
            select(col(Key.id), col(Key.name), col(Key.prefix)).where(col(Key.id).in_(keys))
        ):
            found |= {pair: f"key {name} ({prefix})" for pair in pairs if pair[0] == id_}
    if stores := {store for key, store in pairs if store is not None and key is None}:
        for id_, name in session.execute(
            select(col(RecordStore.id), col(RecordStore.name)).where(col(RecordStore.id).in_(stores))
        ):
            found |= {pair: f"store {name}" for pair in pairs if pair == (None, id_)}
    return found
