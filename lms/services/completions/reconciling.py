"""Decisions on what does not resolve, and projecting anew what they are about. A statement is never changed."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlmodel import Session, col

from lms.errors import Invalid, NotFound
from lms.rules.statements import actors, terms
from lms.services import audit
from lms.services.audit import Actor
from lms.services.completions.projecting import Projected, again
from lms.services.completions.resolving import ACCEPTED, REOPENED, SET_ASIDE
from lms.services.statements import rows
from lms.tables.people import Person
from lms.tables.statements import ActorMatch, StatementDecision


def match_actor(
    session: Session,
    actor: Actor,
    identity: str,
    person_uuid: str,
    base_url: str,
    *,
    now: datetime,
    later: bool = False,
) -> Projected:
    """Decide that an actor of other systems is this person, for all statements, past and to come.

    ``later``: a worker projects them anew.

    :raises Invalid: when the identity is none, as that of a group without an identifier.
    :raises NotFound: when there is no such person.
    """
    if not actors.is_identity(identity):
        raise Invalid(
            "Nobody can be recognised by this. Name an actor as the list does, such as: mbox mailto:ada@example.org"
        )
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
    audit.record(session, actor, "actor.matched", person_uuid, now=now, term=term)
    return Projected() if later else about_actor(session, identity, base_url, now)


def unmatch_actor(session: Session, actor: Actor, term: int, base_url: str, *, now: datetime) -> Projected:
    """Take back that an actor is a person: its statements wait again. ``term`` stands for the identity.

    :raises NotFound: when it is nobody.
    """
    match = session.get(ActorMatch, term)
    if match is None:
        raise NotFound("This actor is matched to nobody. It may just have been taken back.")
    person = session.get_one(Person, match.person_id)
    identity = match.identity
    session.execute(delete(ActorMatch).where(col(ActorMatch.term) == term))
    session.flush()
    audit.record(session, actor, "actor.unmatched", person.uuid, now=now, term=term)
    return about_actor(session, identity, base_url, now)


def about_actor(session: Session, identity: str, base_url: str, now: datetime) -> Projected:
    """Project the statements of one actor anew."""
    cursor = rows.cursor(session)
    term = terms.term(terms.AGENT, identity)
    found = cursor.run("SELECT seq FROM statement_term WHERE term = ? ORDER BY seq", (term,)).fetchall()
    return again(session, [seq for (seq,) in found], base_url, now)


def about_activity(session: Session, iri: str, base_url: str, now: datetime) -> Projected:
    """Project the statements about one activity anew, after a module took or lost it as its own or an alias."""
    return about_activities(session, [iri], base_url, now)


def about_activities(session: Session, iris: Sequence[str], base_url: str, now: datetime) -> Projected:
    """Project the statements about some activities anew, after they came to mean something else."""
    cursor = rows.cursor(session)
    found: list[int] = []
    for some in rows.chunks([terms.term(terms.ACTIVITY, iri) for iri in iris]):
        marks = ",".join("?" * len(some))
        sql = f"SELECT seq FROM statement_term WHERE term IN ({marks})"  # nosec B608
        found += [seq for (seq,) in cursor.run(sql, list(some)).fetchall()]
    return again(session, sorted(set(found)), base_url, now)


def from_key(session: Session, key_id: int, base_url: str, now: datetime) -> Projected:
    """Project what a key wrote anew, after it was trusted or is no longer."""
    found = rows.cursor(session).run("SELECT seq FROM statement WHERE key_id = ?", (key_id,)).fetchall()
    return again(session, [seq for (seq,) in found], base_url, now)


def from_store(session: Session, store_id: int, base_url: str, now: datetime) -> Projected:
    """Project what came from a store anew, after it was trusted or is no longer."""
    found = rows.cursor(session).run("SELECT seq FROM statement WHERE store_id = ?", (store_id,)).fetchall()
    return again(session, [seq for (seq,) in found], base_url, now)


def decide(
    session: Session,
    actor: Actor,
    seqs: Sequence[int],
    decision: str,
    base_url: str,
    *,
    now: datetime,
    later: bool = False,
) -> Projected:
    """Accept statements whose clock is ahead (they count on the day they were stored), set them aside, or take
    either back. ``later``: a worker projects them anew.

    :raises Invalid: for another decision.
    """
    if decision not in (ACCEPTED, SET_ASIDE, REOPENED):
        raise Invalid(f"Decide on {ACCEPTED}, {SET_ASIDE} or {REOPENED}.")
    for seq in seqs:
        session.add(
            StatementDecision(seq=seq, decision=decision, decided_by_id=actor.account_id, decided_at=now)
        )
    session.flush()
    first = {"first_seq": seqs[0]} if seqs else {}
    audit.record(session, actor, f"statement.{decision}", f"{len(seqs)} statements", now=now, **first)
    return Projected() if later else again(session, seqs, base_url, now)


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
