"""A person's whole record: every statement about them, void or not, as it stands in the log.

About a person are the statements whose actor or object they are, by any account, address or decision by which they
are known, and those that void or comment on these. Where they only had a part in somebody else's learning, as the
trainer, the record is that other person's.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha1
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col, or_

from lms.errors import NotFound
from lms.rules.statements import own, terms
from lms.rules.statements.actors import identity
from lms.services import audit
from lms.services.audit import Actor
from lms.services.completions.resolving import MATCHED
from lms.services.statements import rows
from lms.tables.completions import Completion
from lms.tables.people import Employment, Person
from lms.tables.statements import ActorMatch, Statement, StatementDecision, StatementTerm


def by_uuid(session: Session, uuid: str, base_url: str) -> list[str]:
    """The whole record of the person with this UUID, as texts in the order of the log.

    :raises NotFound: when there is no such person.
    """
    found = session.execute(
        select(func.coalesce(col(Person.linked_to_id), col(Person.id))).where(
            col(Person.uuid) == uuid.strip().lower()
        )
    ).scalar()
    if found is None:
        raise NotFound(f"There is no person {uuid.strip()[:64]}.")
    return of_person(session, int(found), base_url)


def give_out(session: Session, actor: Actor, person_id: int, base_url: str, *, now: datetime) -> list[str]:
    """Somebody's whole record for somebody else, who is written down in the audit trail."""
    found = of_person(session, person_id, base_url)
    uuid = session.get_one(Person, person_id).uuid
    audit.record(session, actor, "record.given_out", uuid, now=now, statements=len(found))
    return found


def of_person(session: Session, person_id: int, base_url: str) -> list[str]:
    """A person's whole record, that of those who are linked to them included, as texts in the order of the log."""
    people = dict(
        map(
            tuple,
            session.execute(
                select(col(Person.id), col(Person.uuid)).where(
                    or_(col(Person.id) == person_id, col(Person.linked_to_id) == person_id)
                )
            ),
        )
    )
    matched = session.execute(select(col(ActorMatch.term), col(ActorMatch.person_id))).all()
    known = {term for uuid in people.values() for term in _of_account(base_url, uuid)}
    known |= {term for term, person in matched if person in people}
    by_address = _by_address(session, list(people)) - {term for term, _ in matched}
    places = _found_by(session, known) | _decided(session, list(people))
    # An address may have been somebody else's when a statement came.
    places |= _found_by(session, by_address) - _of_others(session, list(people), by_address)
    return _texts(session, sorted(places))


def _of_account(base_url: str, uuid: str) -> set[int]:
    """The terms of a person's account here, whether or not its home page is written with a slash at its end."""
    plain = own.agent(base_url, uuid)["account"]
    slashed = {**plain, "homePage": f"{plain['homePage']}/"}
    return {terms.term(terms.AGENT, identity({"account": one}) or "") for one in (plain, slashed)}


def _by_address(session: Session, person_ids: Sequence[int]) -> set[int]:
    """The terms of work e-mail addresses that these people alone have."""
    theirs = session.execute(
        select(col(Employment.email), col(Employment.email_key)).where(
            col(Employment.person_id).in_(person_ids), col(Employment.email_key).is_not(None)
        )
    ).all()
    shared = set(
        session.execute(
            select(col(Employment.email_key)).where(
                col(Employment.email_key).in_([key for _, key in theirs]),
                col(Employment.person_id).not_in(person_ids),
            )
        ).scalars()
    )
    written = {text for email, key in theirs if key not in shared for text in (email, key) if text}
    agents: list[dict[str, Any]] = [{"mbox": f"mailto:{text}"} for text in written]
    agents += [
        {"mbox_sha1sum": sha1(one["mbox"].encode(), usedforsecurity=False).hexdigest()} for one in agents
    ]
    return {terms.term(terms.AGENT, identity(one) or "") for one in agents}


def _found_by(session: Session, wanted: Iterable[int]) -> set[int]:
    found = session.execute(select(col(StatementTerm.seq)).where(col(StatementTerm.term).in_(list(wanted))))
    return set(found.scalars())


def _decided(session: Session, person_ids: Sequence[int]) -> set[int]:
    """Statements that count for these people, or were found to be theirs when they came."""
    matched = session.execute(
        select(col(StatementDecision.seq)).where(
            col(StatementDecision.decision) == MATCHED, col(StatementDecision.person_id).in_(person_ids)
        )
    )
    found = set(matched.scalars())
    counted = session.execute(
        select(col(Completion.statement_id)).where(col(Completion.person_id).in_(person_ids))
    ).scalars()
    for some in rows.chunks([UUID(one) for one in counted]):
        query = select(col(Statement.seq)).where(col(Statement.statement_id).in_(some))
        found.update(session.execute(query).scalars())
    return found


def _of_others(session: Session, person_ids: Sequence[int], by_address: set[int]) -> set[int]:
    """Statements under these addresses that were found to be somebody else's when they came."""
    matched = session.execute(
        select(col(StatementDecision.seq))
        .join(StatementTerm, col(StatementTerm.seq) == col(StatementDecision.seq))
        .where(
            col(StatementTerm.term).in_(by_address),
            col(StatementDecision.decision) == MATCHED,
            col(StatementDecision.person_id).not_in(person_ids),
        )
    )
    return set(matched.scalars())


def _texts(session: Session, places: Sequence[int]) -> list[str]:
    found: dict[int, str] = {}
    for some in rows.chunks(places):
        query = select(col(Statement.seq), col(Statement.payload)).where(col(Statement.seq).in_(some))
        found.update(map(tuple, session.execute(query)))
    return [found[place] for place in places]
