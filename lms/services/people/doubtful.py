"""People at two organisations who may be the same, and those who were linked: for somebody to decide.

What is certain links itself (``linking``); anything less comes here and is never merged by guess (policy.md, Role
lists).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Subquery, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from lms.errors import NotFound
from lms.rules.access import Scope
from lms.services import audit
from lms.services.audit import Actor
from lms.services.people import linking
from lms.services.people.linking import BY_HAND
from lms.tables.organisations import Organisation
from lms.tables.people import Employment, PersonLink

SAME_ADDRESS, SAME_NAME = "same_address", "same_name"
MISSING = "There is no such pair of people to decide on, or it has been decided. Reload the page to see which there are."
# More people than this behind one address: a shared mailbox, which says nothing about anybody.
MAILBOX = 3


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
    """Two people who were linked, how, and when."""

    link_id: int
    people: tuple[Side, ...]
    basis: str
    decided_at: datetime


def pairs(session: Session, scope: Scope, *, limit: int = 100) -> list[Pair]:
    """Pairs to decide on, with at least one side within the scope: the same address first, then the same name.

    The same name counts only where nobody else in either organisation has it, and no two addresses speak against it.
    """
    one, other = aliased(Employment), aliased(Employment)
    apart = (
        col(one.organisation_id) < col(other.organisation_id),
        col(one.person_id) != col(other.person_id),
        ~_decided(one, other),
        *_reaches(scope, one, other),
    )
    held = _holders()
    by_address = (
        select(one, other)
        .join(other, col(one.email_key) == col(other.email_key))
        .join(held, held.c.key == col(one.email_key))
        .where(*apart, held.c.holders <= MAILBOX)
        .order_by(col(one.name_key), col(one.id), col(other.id))
        .limit(limit)
    )
    found = [(SAME_ADDRESS, *row) for row in session.execute(by_address).all()]
    if len(found) < limit:
        mine, theirs = _only_ones(), _only_ones()
        by_name = (
            select(one, other)
            .join(other, col(one.name_key) == col(other.name_key))
            .join(
                mine, (mine.c.organisation_id == col(one.organisation_id)) & (mine.c.key == col(one.name_key))
            )
            .join(
                theirs,
                (theirs.c.organisation_id == col(other.organisation_id))
                & (theirs.c.key == col(other.name_key)),
            )
            .where(
                *apart,
                col(one.name_key) != "",
                or_(col(one.email_key).is_(None), col(other.email_key).is_(None)),
            )
            .order_by(col(one.name_key), col(one.id), col(other.id))
            .limit(limit - len(found))
        )
        found += [(SAME_NAME, *row) for row in session.execute(by_name).all()]
    names = _organisations(session)
    return [
        Pair(_side(first, scope, names), _side(second, scope, names), why) for why, first, second in found
    ]


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

    :raises NotFound: when it is not a pair of the queue.
    """
    one, other = _pair(session, scope, employment_id, other_id)
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
    query = select(PersonLink).where(col(PersonLink.undone_at).is_(None))
    if not scope.everywhere:
        mine = select(col(Employment.home_person_id)).where(
            col(Employment.organisation_id).in_(scope.organisation_ids)
        )
        query = query.where(or_(col(PersonLink.person_id).in_(mine), col(PersonLink.linked_to_id).in_(mine)))
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
        )
        for one in links
    ]


def unlink(session: Session, scope: Scope, actor: Actor, link_id: int, *, now: datetime) -> frozenset[int]:
    """Take a link apart. Returns the persons whose completions have to be followed.

    :raises NotFound: when there is no such link within the scope.
    """
    if link_id not in {one.link_id for one in linked(session, scope, limit=100_000)}:
        raise NotFound("There is no such link, or not within your organisation.")
    touched = linking.unlink(session, link_id, now=now)
    audit.record(session, actor, "people.unlinked", f"link {link_id}", now=now)
    return touched


def _pair(session: Session, scope: Scope, employment_id: int, other_id: int) -> tuple[Employment, Employment]:
    one, other = session.get(Employment, employment_id), session.get(Employment, other_id)
    if one is None or other is None:
        raise NotFound(MISSING)
    both = scope.covers(one.organisation_id) and scope.covers(other.organisation_id)
    wanted = {employment_id, other_id}
    if not both and not any(
        {pair.one.employment_id, pair.other.employment_id} == wanted
        for pair in pairs(session, scope, limit=100_000)
    ):
        raise NotFound(MISSING)
    return one, other


def _decided(one: type[Employment], other: type[Employment]) -> ColumnElement[bool]:
    """Whether somebody has said what these two are, or taken them apart."""
    first, second = col(one.home_person_id), col(other.home_person_id)
    return (
        select(col(PersonLink.id))
        .where(
            or_(
                (col(PersonLink.person_id) == first) & (col(PersonLink.linked_to_id) == second),
                (col(PersonLink.person_id) == second) & (col(PersonLink.linked_to_id) == first),
            )
        )
        .exists()
    )


def _reaches(scope: Scope, one: type[Employment], other: type[Employment]) -> Sequence[ColumnElement[bool]]:
    if scope.everywhere:
        return ()
    ids = scope.organisation_ids
    return (or_(col(one.organisation_id).in_(ids), col(other.organisation_id).in_(ids)),)


def _holders() -> Subquery:
    """How many employments there are behind each address that has more than one."""
    key = col(Employment.email_key)
    return (
        select(key.label("key"), func.count().label("holders"))
        .where(key.is_not(None))
        .group_by(key)
        .having(func.count() > 1)
        .subquery()
    )


def _only_ones() -> Subquery:
    """Names that one person alone has in an organisation."""
    organisation, key = col(Employment.organisation_id), col(Employment.name_key)
    return (
        select(organisation.label("organisation_id"), key.label("key"))
        .group_by(organisation, key)
        .having(func.count() == 1)
        .subquery()
    )


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
