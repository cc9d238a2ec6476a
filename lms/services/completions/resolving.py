"""Who and which module a statement is about: looked up for many statements together."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha1
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col

from lms.rules.completions import Candidate, Reason, is_future
from lms.rules.statements import order, own, terms
from lms.rules.statements.actors import identity
from lms.tables.accounts import Key
from lms.tables.people import Employment, Person
from lms.tables.statements import ActorMatch, RecordStore, StatementDecision, StatementVoid
from lms.tables.training_map import Module, ModuleAlias

MATCHED, ACCEPTED, SET_ASIDE = "matched", "accepted", "set_aside"
# Takes back that a statement was accepted or set aside.
REOPENED = "reopened"
_AT_ONCE = 500
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Counted:
    """A statement that counts. ``matched``: the person was found by an e-mail address just now."""

    candidate: Candidate
    person_id: int
    module_id: int
    minutes: int | None
    use_stored_day: bool = False
    matched: bool = False


@dataclass(frozen=True, slots=True)
class Open:
    """A statement that does not count, and why. ``about`` is what it would have to be known by."""

    candidate: Candidate
    reason: Reason
    about: str


def resolve(
    session: Session, candidates: Sequence[Candidate], base_url: str
) -> tuple[list[Counted], list[Open]]:
    """Divide candidates into those that count and those that do not; void ones and those set aside are in neither."""
    if not candidates:
        return [], []
    world = _World(session, candidates, base_url)
    counted: list[Counted] = []
    left: list[Open] = []
    for one in candidates:
        found = world.look_at(one)
        if isinstance(found, Counted):
            counted.append(found)
        elif found is not None:
            left.append(found)
    return counted, left


class _World:
    """What the database knows about the actors, activities and sources of these candidates."""

    def __init__(self, session: Session, candidates: Sequence[Candidate], base_url: str) -> None:
        self.home_page = own.home_page(base_url)
        foreign = [one for one in candidates if not one.ours]
        self.modules = _modules(session, {one.activity for one in candidates})
        self.people = _people(session, {one.account[1].lower() for one in candidates if one.account})
        self.void = _void(session, candidates)
        self.decisions = _decisions(session, candidates)
        self.trusted = _trusted(session, foreign)
        others = [one for one in candidates if self._of_account(one) is None]
        self.matches = _matches(session, others)
        self.emails = _emails(session, others)

    def look_at(self, one: Candidate) -> Counted | Open | None:
        """What becomes of a candidate."""
        decision, chosen = self.decisions.get(one.seq, ("", None))
        if one.statement_id in self.void or decision == SET_ASIDE:
            return None
        if (
            not one.ours
            and ("key", one.key_id) not in self.trusted
            and ("store", one.store_id) not in self.trusted
        ):
            about = f"key {one.key_id}" if one.key_id is not None else f"store {one.store_id}"
            return Open(one, Reason.UNTRUSTED_KEY, about)
        ahead = is_future(one.at, order.stored_at(one.seq))
        if ahead and decision != ACCEPTED:
            return Open(one, Reason.FUTURE, one.day.isoformat())
        module = self.modules.get(one.activity)
        if module is None:
            return Open(one, Reason.UNKNOWN_ACTIVITY, one.activity)
        minutes = one.minutes if one.minutes is not None else module[1]
        person = self._of_account(one)
        if person is not None:
            return Counted(one, person, module[0], minutes, ahead)
        if chosen is not None:
            return Counted(one, chosen, module[0], minutes, ahead)
        return self._by_identity(one, module[0], minutes, ahead)

    def _of_account(self, one: Candidate) -> int | None:
        """The person of an account of this system; our own statements may name an earlier address of it."""
        if one.account and (one.ours or one.account[0].rstrip("/") == self.home_page):
            return self.people.get(one.account[1].lower())
        return None

    def _by_identity(
        self, one: Candidate, module_id: int, minutes: int | None, ahead: bool
    ) -> Counted | Open:
        who = identity(one.actor) or "a group without an identifier"
        match = self.matches.get(terms.term(terms.AGENT, who))
        if match is not None:
            return Counted(one, match, module_id, minutes, ahead)
        people = self.emails.get(one.mbox or one.sha1 or "", frozenset())
        if len(people) == 1:
            return Counted(one, next(iter(people)), module_id, minutes, ahead, matched=True)
        return Open(one, Reason.AMBIGUOUS_ACTOR if people else Reason.UNKNOWN_ACTOR, who)


def _some(values: Iterable[_T], found: Callable[[list[_T]], Iterable[Any]]) -> list[Any]:
    """What a query gives for many values, asked five hundred at a time."""
    wanted = list(values)
    rows: list[Any] = []
    for start in range(0, len(wanted), _AT_ONCE):
        rows += found(wanted[start : start + _AT_ONCE])
    return rows


def _modules(session: Session, iris: set[str]) -> dict[str, tuple[int, int | None]]:
    def ask(some: list[str]) -> list[Any]:
        modules = select(col(Module.activity_iri), col(Module.id), col(Module.minutes)).where(
            col(Module.activity_iri).in_(some)
        )
        aliases = (
            select(col(ModuleAlias.alias), col(Module.id), col(Module.minutes))
            .join(Module, col(Module.id) == col(ModuleAlias.module_id))
            .where(col(ModuleAlias.alias).in_(some))
        )
        return [*session.execute(modules.union_all(aliases))]

    short = [iri for iri in iris if len(iri) <= 500]
    return {iri: (module, minutes) for iri, module, minutes in _some(short, ask)}


def _people(session: Session, uuids: set[str]) -> dict[str, int]:
    def ask(some: list[str]) -> list[Any]:
        counted = func.coalesce(col(Person.linked_to_id), col(Person.id))
        return [*session.execute(select(col(Person.uuid), counted).where(col(Person.uuid).in_(some)))]

    short = [uuid for uuid in uuids if len(uuid) == 36 and uuid.isascii() and uuid.isprintable()]
    return dict(map(tuple, _some(short, ask)))


def _void(session: Session, candidates: Sequence[Candidate]) -> set[str]:
    def ask(some: list[UUID]) -> list[Any]:
        return [
            *session.execute(
                select(col(StatementVoid.statement_id)).where(col(StatementVoid.statement_id).in_(some))
            )
        ]

    return {str(found) for (found,) in _some([UUID(one.statement_id) for one in candidates], ask)}


def _decisions(session: Session, candidates: Sequence[Candidate]) -> dict[int, tuple[str, int | None]]:
    def ask(some: list[int]) -> list[Any]:
        person = func.coalesce(col(Person.linked_to_id), col(Person.id))
        return [
            *session.execute(
                select(col(StatementDecision.seq), col(StatementDecision.decision), person)
                .outerjoin(Person, col(Person.id) == col(StatementDecision.person_id))
                .where(col(StatementDecision.seq).in_(some))
                .order_by(col(StatementDecision.id))
            )
        ]

    found: dict[int, tuple[str, int | None]] = {}
    for seq, decision, person in _some([one.seq for one in candidates], ask):
        before = found.get(seq, ("", None))
        # A match stands beside what was decided, which stands in place of what was decided before.
        found[seq] = (before[0], person) if decision == MATCHED else (decision, before[1])
    return found


def _trusted(session: Session, foreign: Sequence[Candidate]) -> set[tuple[str, int | None]]:
    keys = {one.key_id for one in foreign if one.key_id is not None}
    stores = {one.store_id for one in foreign if one.store_id is not None}
    found: set[tuple[str, int | None]] = set()
    if keys:
        rows = session.execute(select(col(Key.id)).where(col(Key.id).in_(keys), col(Key.trusted)))
        found |= {("key", key) for (key,) in rows}
    if stores:
        rows = session.execute(
            select(col(RecordStore.id)).where(col(RecordStore.id).in_(stores), col(RecordStore.trusted))
        )
        found |= {("store", store) for (store,) in rows}
    return found


def _matches(session: Session, others: Sequence[Candidate]) -> dict[int, int]:
    def ask(some: list[int]) -> list[Any]:
        person = func.coalesce(col(Person.linked_to_id), col(Person.id))
        return [
            *session.execute(
                select(col(ActorMatch.term), person)
                .join(Person, col(Person.id) == col(ActorMatch.person_id))
                .where(col(ActorMatch.term).in_(some))
            )
        ]

    wanted = {terms.term(terms.AGENT, who) for one in others if (who := identity(one.actor))}
    return dict(map(tuple, _some(wanted, ask)))


def _emails(session: Session, others: Sequence[Candidate]) -> dict[str, frozenset[int]]:
    """The people of each e-mail address, and of each SHA-1 of one as a mailto IRI."""
    addresses = {one.mbox.casefold(): one.mbox for one in others if one.mbox and len(one.mbox) <= 254}
    digests = {one.sha1 for one in others if one.sha1}

    def ask(some: list[str]) -> list[Any]:
        return [
            *session.execute(
                select(col(Employment.email_key), col(Employment.person_id))
                .where(col(Employment.email_key).in_(some))
                .distinct()
            )
        ]

    found: dict[str, set[int]] = {}
    for email, person in _some(addresses, ask):
        found.setdefault(addresses[email], set()).add(person)
    if digests:
        everyone = select(col(Employment.email_key), col(Employment.email), col(Employment.person_id)).where(
            col(Employment.email_key).is_not(None)
        )
        for key, email, person in session.execute(everyone):
            for written in {key, email or key, (email or key).lower()}:
                digest = sha1(f"mailto:{written}".encode(), usedforsecurity=False).hexdigest()
                if digest in digests:
                    found.setdefault(digest, set()).add(person)
    return {email: frozenset(people) for email, people in found.items()}
