"""People at two organisations who may be the same, and those who were linked: for somebody to decide.

What is certain links itself (``linking``); anything less comes here and is never merged by guess (policy.md, Role
lists).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations, groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import Mapped, aliased
from sqlmodel import Session, col

from lms.errors import Conflict, NotFound
from lms.rules.access import Scope
from lms.services import audit
from lms.services.audit import Actor
from lms.services.people import linking
from lms.services.people.linking import BY_HAND
from lms.tables.organisations import Organisation
from lms.tables.people import Employment, Person, PersonLink

SAME_ADDRESS, SAME_NAME = "same_address", "same_name"
MISSING = "There is no such pair of people to decide on, or it has been decided. Reload the page to see which there are."
ONE_ALREADY = "These are linked as one person already. Take their link apart, below, if they are two."
# More people than this with one address or name: a shared mailbox, or a name that says nothing about anybody.
SHARED_BY = 3
AT_ONCE = 200
# What the two have in common, in the order in which it is asked about.
KEYS = {SAME_ADDRESS: "email_key", SAME_NAME: "name_key"}
IN_FORCE = col(PersonLink.undone_at).is_(None)
Two = tuple[Employment, Employment]


@dataclass(frozen=True)
class Side:
    """One of the two, as far as whoever decides may see it: outside the scope no number and no address."""

    employment_id: int
    person_id: int
    organisation_id: int
    organisation: str
    name: str
    employee_number: str | None
    email: str | None


@dataclass(frozen=True)
class Pair:
    """Two employments that may be one person's, and why."""

    one: Side
    other: Side
    why: str


@dataclass(frozen=True)
class Linked:
    """Two people who were linked or told apart, how, and when; ``undone_at``: since when they are two."""

    link_id: int
    people: tuple[Side, ...]
    basis: str
    decided_at: datetime
    undone_at: datetime | None


def pairs(session: Session, scope: Scope, *, limit: int = 100) -> list[Pair]:
    """Pairs to decide on, with at least one side within the scope: the same address first, then the same name.

    The same name counts only where nobody else in either organisation has it, and no two addresses speak against it.
    """
    names = _organisations(session)
    found: list[Pair] = []
    for why in KEYS:
        after = ""
        while len(found) < limit and (keys := _shared(session, scope, why, _column(why) > after)):
            after = keys[-1]
            found += [
                Pair(_side(one, scope, names), _side(other, scope, names), why)
                for one, other in _undecided(session, scope, why, keys)
            ]
    return found[:limit]


def same(
    session: Session, scope: Scope, actor: Actor, employment_id: int, other_id: int, *, now: datetime
) -> frozenset[int]:
    """Decide that a pair is one person. Returns the persons whose completions have to be followed.

    :raises NotFound: when it is not a pair of the queue, so that nobody links whom they please; both within the
        scope may be linked always.
    :raises Conflict: when they are linked already.
    """
    one, other = _pair(session, scope, employment_id, other_id)
    touched = linking.link(
        session, one.home_person_id, other.home_person_id, account_id=actor.account_id, now=now
    )
    _note(session, actor, "people.linked", one, other, now)
    return touched


def different(
    session: Session, scope: Scope, actor: Actor, employment_id: int, other_id: int, *, now: datetime
) -> None:
    """Decide that a pair is two people; it is not asked about again.

    :raises NotFound: when it is not a pair of the queue; of two within the scope it may be said always.
    :raises Conflict: when they count as one person, whose link is to be taken apart first.
    """
    one, other = _pair(session, scope, employment_id, other_id)
    if one.person_id == other.person_id:
        raise Conflict(ONE_ALREADY)
    first, second = sorted((one.home_person_id, other.home_person_id))
    session.add(
        PersonLink(
            person_id=second,
            linked_to_id=first,
            basis=BY_HAND,
            decided_by_id=actor.account_id,
            decided_at=now,
            undone_at=now,
        )
    )
    session.flush()
    _note(session, actor, "people.told_apart", one, other, now)


def linked(session: Session, scope: Scope, *, limit: int = 200) -> list[Linked]:
    """Links in force with at least one side within the scope, the latest first."""
    return _links(session, scope, IN_FORCE, limit=limit)


def apart(session: Session, scope: Scope, *, limit: int = 200) -> list[Linked]:
    """Who was told or taken apart and is two people still, with at least one side within the scope; the latest first."""
    return _links(session, scope, _are_two(), limit=limit)


def _links(session: Session, scope: Scope, wanted: ColumnElement[bool], *, limit: int) -> list[Linked]:
    query = _within(scope).where(wanted)
    links = session.execute(query.order_by(col(PersonLink.id).desc()).limit(limit)).scalars().all()
    persons = {person for one in links for person in (one.person_id, one.linked_to_id)}
    names = _organisations(session)
    employments = session.execute(
        select(Employment).where(col(Employment.home_person_id).in_(persons)).order_by(col(Employment.id))
    ).scalars()
    sides: dict[int, list[Side]] = {}
    for employment in employments:
        sides.setdefault(employment.home_person_id, []).append(_side(employment, scope, names))
    return [
        Linked(
            one.id or 0,
            tuple(side for person in (one.linked_to_id, one.person_id) for side in sides.get(person, [])),
            one.basis,
            one.decided_at,
            one.undone_at,
        )
        for one in links
    ]


def unlink(session: Session, scope: Scope, actor: Actor, link_id: int, *, now: datetime) -> frozenset[int]:
    """Take a link apart. Returns the persons whose completions have to be followed.

    :raises NotFound: when there is no such link within the scope.
    """
    if _one(session, scope, link_id, IN_FORCE) is None:
        raise NotFound("There is no such link, or not within your organisation.")
    touched = linking.unlink(session, link_id, now=now)
    audit.record(session, actor, "people.unlinked", f"link {link_id}", now=now)
    return touched


def link_again(
    session: Session, scope: Scope, actor: Actor, link_id: int, *, now: datetime
) -> frozenset[int]:
    """Decide that two who were told or taken apart are one person after all. Returns the persons whose completions
    have to be followed.

    :raises NotFound: when nobody was told apart there within the scope, or they are one person again.
    """
    found = _one(session, scope, link_id, _are_two())
    if found is None:
        raise NotFound("These are one person already, or not within your organisation. Reload the page.")
    touched = linking.link(session, found.person_id, found.linked_to_id, account_id=actor.account_id, now=now)
    audit.record(session, actor, "people.linked", f"link {link_id} again", now=now)
    return touched


def _are_two() -> ColumnElement[bool]:
    """Whether it is the last word on two, who were told or taken apart and do not count as one by way of others."""
    one, other, later = aliased(Person), aliased(Person), aliased(PersonLink)
    decided_since = exists().where(
        col(later.person_id) == col(PersonLink.person_id),
        col(later.linked_to_id) == col(PersonLink.linked_to_id),
        col(later.id) > col(PersonLink.id),
    )
    are_two = exists().where(
        col(one.id) == col(PersonLink.person_id),
        col(other.id) == col(PersonLink.linked_to_id),
        func.coalesce(col(one.linked_to_id), col(one.id))
        != func.coalesce(col(other.linked_to_id), col(other.id)),
    )
    return and_(col(PersonLink.undone_at).is_not(None), ~decided_since, are_two)


def _within(scope: Scope) -> Select[PersonLink]:
    """Decisions with at least one side within the scope."""
    query = select(PersonLink)
    if scope.everywhere:
        return query
    mine = select(col(Employment.home_person_id)).where(
        col(Employment.organisation_id).in_(scope.organisation_ids)
    )
    return query.where(or_(col(PersonLink.person_id).in_(mine), col(PersonLink.linked_to_id).in_(mine)))


def _one(session: Session, scope: Scope, link_id: int, wanted: ColumnElement[bool]) -> PersonLink | None:
    query = _within(scope).where(wanted, col(PersonLink.id) == link_id)
    return session.execute(query).scalar_one_or_none()


def _pair(session: Session, scope: Scope, employment_id: int, other_id: int) -> Two:
    one, other = session.get(Employment, employment_id), session.get(Employment, other_id)
    if one is None or other is None:
        raise NotFound(MISSING)
    both = scope.covers(one.organisation_id) and scope.covers(other.organisation_id)
    if not both and not any(_asked(session, scope, why, one, other) for why in KEYS):
        raise NotFound(MISSING)
    return one, other


def _asked(session: Session, scope: Scope, why: str, one: Employment, other: Employment) -> bool:
    """Whether the two are a pair of the queue for this reason."""
    keys = _shared(session, scope, why, _column(why) == getattr(one, KEYS[why]))
    return any(
        {one.id, other.id} == {two.id for two in pair} for pair in _undecided(session, scope, why, keys)
    )


def _column(why: str) -> Mapped[Any]:
    return col(getattr(Employment, KEYS[why]))


def _shared(session: Session, scope: Scope, why: str, wanted: ColumnElement[bool]) -> Sequence[str]:
    """The first addresses or names among those wanted that a few different people have, at two organisations or more."""
    key = _column(why)
    # First what several have, from the index alone; only of those are the rows looked at.
    several = (
        select(key.label("key"))
        .where(wanted)
        .group_by(key)
        .having(func.count().between(2, SHARED_BY))
        .subquery()
    )
    people, organisations = func.count(), func.count(func.distinct(col(Employment.organisation_id)))
    query = (
        select(key)
        .join(several, several.c.key == key)
        .group_by(key)
        .having(organisations > 1, func.count(func.distinct(col(Employment.person_id))) > 1)
        .order_by(key)
        .limit(AT_ONCE)
    )
    if why == SAME_NAME:
        query = query.having(organisations == people, func.count(col(Employment.email_key)) < people)
    if not scope.everywhere:
        within = case((col(Employment.organisation_id).in_(scope.organisation_ids), 1), else_=0)
        query = query.having(func.sum(within) > 0)
    return session.execute(query).scalars().all()


def _undecided(session: Session, scope: Scope, why: str, keys: Sequence[str]) -> list[Two]:
    """Who has one of these addresses or names, two by two, where there is something to ask."""
    key = _column(why)
    held = session.execute(
        select(Employment).where(key.in_(keys)).order_by(key, col(Employment.id))
    ).scalars()
    candidates = [
        two
        for _, some in groupby(held, attrgetter(KEYS[why]))
        for two in combinations(some, 2)
        if _open(*two, scope, why)
    ]
    decided = _decided(session, candidates)
    return [two for two in candidates if _homes(*two) not in decided]


def _open(one: Employment, other: Employment, scope: Scope, why: str) -> bool:
    """Whether there is something to ask about these two, and this scope may."""
    if one.organisation_id == other.organisation_id or one.person_id == other.person_id:
        return False
    if why == SAME_NAME and one.email_key and other.email_key:
        return False
    return scope.covers(one.organisation_id) or scope.covers(other.organisation_id)


def _homes(one: Employment, other: Employment) -> tuple[int, int]:
    first, second = sorted((one.home_person_id, other.home_person_id))
    return first, second


def _decided(session: Session, candidates: Sequence[Two]) -> set[tuple[int, int]]:
    """The pairs of which somebody has said what they are, or whom somebody took apart."""
    persons = {person for two in candidates for person in _homes(*two)}
    rows = session.execute(
        select(col(PersonLink.linked_to_id), col(PersonLink.person_id)).where(
            col(PersonLink.person_id).in_(persons)
        )
    ).all()
    return {(min(row), max(row)) for row in rows}


def _organisations(session: Session) -> dict[int, str]:
    rows = session.execute(select(col(Organisation.id), col(Organisation.name))).all()
    return {id_: name for id_, name in rows if id_ is not None}


def _side(employment: Employment, scope: Scope, names: dict[int, str]) -> Side:
    within = scope.covers(employment.organisation_id)
    return Side(
        employment_id=employment.id or 0,
        person_id=employment.person_id,
        organisation_id=employment.organisation_id,
        organisation=names.get(employment.organisation_id, ""),
        name=" ".join(part for part in (employment.given_name, employment.family_name) if part),
        employee_number=employment.employee_number if within else None,
        email=employment.email if within else None,
    )


def _note(
    session: Session, actor: Actor, action: str, one: Employment, other: Employment, now: datetime
) -> None:
    audit.record(
        session,
        actor,
        action,
        f"employments {one.id} and {other.id}",
        now=now,
        organisation_id=one.organisation_id,
        other_organisation_id=other.organisation_id,
    )
