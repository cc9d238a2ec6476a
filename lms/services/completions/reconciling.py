"""The reconciliation list: what would count if it were known, and the decisions that let it count."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import Session, col

from lms.errors import Invalid, NotFound
from lms.rules.completions import IN_WORDS, Reason
from lms.rules.statements import order, terms
from lms.services import audit
from lms.services.audit import Actor
from lms.services.completions.projecting import Projected, again
from lms.services.completions.resolving import ACCEPTED, SET_ASIDE
from lms.services.statements import rows
from lms.tables.accounts import Key
from lms.tables.people import Person
from lms.tables.statements import ActorMatch, Reconciliation, RecordStore, StatementDecision


@dataclass(frozen=True, slots=True)
class Item:
    """Statements that wait for the same thing. ``about`` is the actor, the activity, the source or the day."""

    reason: Reason
    because: str
    about: str
    statements: int
    first_seq: int
    last_seq: int
    since: datetime


def listed(
    session: Session, *, reason: Reason | None = None, limit: int = 100, offset: int = 0
) -> list[Item]:
    """What statements wait for, the most frequent first."""
    wanted = (
        select(
            col(Reconciliation.reason),
            func.min(col(Reconciliation.about)),
            func.count(),
            func.min(col(Reconciliation.seq)),
            func.max(col(Reconciliation.seq)),
        )
        .group_by(col(Reconciliation.reason), col(Reconciliation.about_term))
        .order_by(func.count().desc(), func.min(col(Reconciliation.seq)))
        .limit(limit)
        .offset(offset)
    )
    if reason:
        wanted = wanted.where(col(Reconciliation.reason) == reason.value)
    return [
        Item(
            Reason(found[0]),
            IN_WORDS[Reason(found[0])],
            _named(session, Reason(found[0]), found[1]),
            found[2],
            found[3],
            found[4],
            order.stored_at(found[3]),
        )
        for found in session.execute(wanted)
    ]


def _named(session: Session, reason: Reason, about: str) -> str:
    if reason is not Reason.UNTRUSTED_KEY:
        return about
    kind, _, number = about.partition(" ")
    if kind == "key":
        found = session.execute(
            select(col(Key.name), col(Key.prefix)).where(col(Key.id) == int(number))
        ).first()
        return f"key {found[0]} ({found[1]})" if found else about
    name = session.execute(select(col(RecordStore.name)).where(col(RecordStore.id) == int(number))).scalar()
    return f"store {name}" if name else about


def match_actor(
    session: Session, actor: Actor, identity: str, person_uuid: str, base_url: str, *, now: datetime
) -> Projected:
    """Decide that an actor of other systems is this person, for all statements, past and to come.

    :raises NotFound: when there is no such person.
    """
    person = session.execute(select(col(Person.id)).where(col(Person.uuid) == person_uuid.lower())).scalar()
    if person is None:
        raise NotFound(f"There is no person {person_uuid}.")
    term = terms.term(terms.AGENT, identity)
    session.merge(
        ActorMatch(
            term=term, identity=identity, person_id=person, decided_by_id=actor.account_id, decided_at=now
        )
    )
    session.flush()
    audit.record(session, actor, "actor.matched", person_uuid, now=now)
    return about_actor(session, identity, base_url, now)


def about_actor(session: Session, identity: str, base_url: str, now: datetime) -> Projected:
    """Project the statements of one actor anew."""
    cursor = rows.cursor(session)
    term = terms.term(terms.AGENT, identity)
    found = cursor.run("SELECT seq FROM statement_term WHERE term = ? ORDER BY seq", (term,)).fetchall()
    return again(session, [seq for (seq,) in found], base_url, now)


def about_activity(session: Session, iri: str, base_url: str, now: datetime) -> Projected:
    """Project the statements about one activity anew, after a module took or lost it as its own or an alias."""
    cursor = rows.cursor(session)
    term = terms.term(terms.ACTIVITY, iri)
    found = cursor.run("SELECT seq FROM statement_term WHERE term = ? ORDER BY seq", (term,)).fetchall()
    return again(session, [seq for (seq,) in found], base_url, now)


def from_key(session: Session, key_id: int, base_url: str, now: datetime) -> Projected:
    """Project what a key wrote anew, after it was trusted or is no longer."""
    found = rows.cursor(session).run("SELECT seq FROM statement WHERE key_id = ?", (key_id,)).fetchall()
    return again(session, [seq for (seq,) in found], base_url, now)


def decide(
    session: Session, actor: Actor, seqs: Sequence[int], decision: str, base_url: str, *, now: datetime
) -> Projected:
    """Accept statements whose clock is ahead (they count on the day they were stored), or set statements aside.

    :raises Invalid: for another decision.
    """
    if decision not in (ACCEPTED, SET_ASIDE):
        raise Invalid(f"Decide on {ACCEPTED} or {SET_ASIDE}.")
    for seq in seqs:
        session.add(
            StatementDecision(seq=seq, decision=decision, decided_by_id=actor.account_id, decided_at=now)
        )
    session.flush()
    audit.record(session, actor, f"statement.{decision}", f"{len(seqs)} statements", now=now)
    return again(session, seqs, base_url, now)


def retry(session: Session, base_url: str, now: datetime) -> Projected:
    """Look at the whole list again, because people, modules or addresses may have come.

    Also at completions whose person has been linked to another since: they follow the link.
    """
    cursor = rows.cursor(session)
    waiting = [seq for (seq,) in cursor.run("SELECT seq FROM reconciliation ORDER BY seq").fetchall()]
    linked = session.execute(select(col(Person.id)).where(col(Person.linked_to_id).is_not(None))).scalars()
    moved = of_people(session, list(linked))
    return again(session, sorted({*waiting, *moved}), base_url, now)


def of_people(session: Session, person_ids: Sequence[int]) -> list[int]:
    """The places of the statements whose completions stand with these people."""
    cursor = rows.cursor(session)
    found: list[int] = []
    same = (
        "s.statement_id = c.statement_id::uuid"
        if cursor.postgres
        else "s.statement_id = replace(c.statement_id, '-', '')"
    )
    for some in rows.chunks(person_ids):
        marks = ",".join("?" * len(some))
        found += [
            seq
            for (seq,) in cursor.run(
                f"SELECT s.seq FROM completion c JOIN statement s ON {same} WHERE c.person_id IN ({marks})",  # nosec B608
                list(some),
            )
        ]
    return found


def people_changed(session: Session, person_ids: Sequence[int], base_url: str, now: datetime) -> Projected:
    """Project the completions of people anew, after they were linked or taken apart. Name both sides of the link."""
    return again(session, sorted(set(of_people(session, person_ids))), base_url, now)
