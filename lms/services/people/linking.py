"""The same person at two employers: links that are found or decided, and taken apart again.

Across organisations people are matched only by the same work e-mail address, held by nobody else in either list,
together with the same name, or by a link that a person makes (policy.md, Role lists).
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Integer, Select, String, exists, func, sql, update
from sqlalchemy.orm import aliased
from sqlalchemy.types import TypeEngine
from sqlmodel import Session, col, or_, select

from lms.errors import Conflict, NotFound
from lms.rules.roster.names import name_key
from lms.tables.people import Employment, Person, PersonLink

BY_EMAIL, BY_HAND = "email", "person"


def link_by_email(
    session: Session,
    employment_ids: Sequence[int],
    role_list_id: int | None,
    organisation_id: int,
    now: datetime,
) -> frozenset[int]:
    """Link these employments to those elsewhere with the same address and name. Returns the persons touched."""
    here, there = aliased(Employment), aliased(Employment)
    pairs = session.execute(
        select(here.home_person_id, there.home_person_id)
        .join(there, col(there.email_key) == col(here.email_key))
        .where(col(here.id).in_(given(session, employment_ids, Integer())))
        .where(col(here.organisation_id) == organisation_id)
        # Compared as expressions, or SQLite may look among everybody of the name, or of the other organisations.
        .where(col(there.name_key).concat("") == col(here.name_key))
        .where(col(there.organisation_id) + 0 != organisation_id)
        .where(col(here.person_id) != col(there.person_id))
        .where(_alone(here), _alone(there))
    ).all()
    decided = _decided(session, {person for pair in pairs for person in pair})
    touched: set[int] = set()
    for pair in sorted({(min(pair), max(pair)) for pair in pairs}):
        # What a person took apart is not put together again.
        if pair not in decided:
            session.add(
                PersonLink(
                    person_id=pair[1],
                    linked_to_id=pair[0],
                    basis=BY_EMAIL,
                    decided_at=now,
                    role_list_id=role_list_id,
                )
            )
            touched |= set(pair)
    session.flush()
    return settle(session, touched)


def _alone(held: type[Employment]) -> ColumnElement[bool]:
    """Whether nobody else in the same organisation has the address; by its index, as counting all addresses of a
    large list took minutes.
    """
    other = aliased(Employment)
    return ~exists().where(
        col(other.email_key) == col(held.email_key),
        # Plus 0, or SQLite takes the index of the organisation and walks through everybody in it.
        col(other.organisation_id) + 0 == col(held.organisation_id),
        col(other.id) != col(held.id),
    )


def given(session: Session, values: Iterable[int | str], kind: TypeEngine[Any]) -> Select[Any]:
    """The values as a subquery: one value to bind, however many there are of them."""
    if session.get_bind().dialect.name == "postgresql":
        return sql.select(func.unnest(sql.cast(list(values), ARRAY(kind))))
    return sql.select(func.json_each(json.dumps(list(values))).table_valued("value").c.value)


def foreseen(
    session: Session, organisation_id: int, people: Mapping[str, Mapping[str, Any]]
) -> dict[str, int]:
    """Whom ``link_by_email`` would link of people to be: the person counted, by the number given with each."""
    times = Counter(values["email"] for values in people.values())
    wanted = {values["email"]: number for number, values in people.items() if values["email"]}
    elsewhere: dict[tuple[str, int], list[tuple[str, int]]] = {}
    for address, where, name, person in session.exec(
        select(
            Employment.email_key, Employment.organisation_id, Employment.name_key, Employment.person_id
        ).where(col(Employment.email_key).in_(given(session, wanted, String())))
    ):
        elsewhere.setdefault((address or "", where), []).append((name, person))
    found: dict[str, int] = {}
    for (email, where), held in elsewhere.items():
        alone_here = times[email] == 1 and (email, organisation_id) not in elsewhere
        if where != organisation_id and len(held) == 1 and alone_here:
            name, person = held[0]
            new = people[wanted[email]]
            if name == name_key(new["given_name"], new["family_name"]):
                found[wanted[email]] = person
    return found


def link(
    session: Session, person_id: int, other_id: int, *, account_id: int | None, now: datetime
) -> frozenset[int]:
    """Say that two persons are the same. Returns the persons whose completions have to be followed.

    :raises Conflict: when they are linked already.
    """
    first, second = sorted((person_id, other_id))
    if first == second or _root(session, first) == _root(session, second):
        raise Conflict("These are linked as one person already.")
    session.add(
        PersonLink(
            person_id=second, linked_to_id=first, basis=BY_HAND, decided_by_id=account_id, decided_at=now
        )
    )
    session.flush()
    return settle(session, {first, second})


def unlink(session: Session, link_id: int, *, now: datetime) -> frozenset[int]:
    """Take a link apart. Each employment goes back to the person it came with.

    :raises NotFound: when there is no such link in force.
    """
    found = session.get(PersonLink, link_id)
    if found is None or found.undone_at is not None:
        raise NotFound("There is no such link, or it has been taken apart already.")
    found.undone_at = now
    session.add(found)
    session.flush()
    return settle(session, {found.person_id, found.linked_to_id})


def undo_list(session: Session, role_list_id: int, now: datetime) -> frozenset[int]:
    """Remove the links that a list brought; as the list is undone, nobody has decided anything."""
    links = session.exec(select(PersonLink).where(PersonLink.role_list_id == role_list_id)).all()
    persons = {person for one in links for person in (one.person_id, one.linked_to_id)}
    for one in links:
        session.delete(one)
    session.flush()
    return settle(session, persons)


def settle(session: Session, person_ids: Iterable[int]) -> frozenset[int]:
    """Bring persons and employments in line with the links in force: everybody of one group counts as its first."""
    members, links = _group(session, set(person_ids))
    root = {person: person for person in members}

    def found(person: int) -> int:
        while root[person] != person:
            person = root[person]
        return person

    for one, other in links:
        first, second = sorted((found(one), found(other)))
        root[second] = first
    for person in members:
        first = found(person)
        session.execute(
            update(Person)
            .where(col(Person.id) == person)
            .values(linked_to_id=None if first == person else first)
        )
        session.execute(
            update(Employment).where(col(Employment.home_person_id) == person).values(person_id=first)
        )
    session.flush()
    session.expire_all()
    return frozenset(members)


def _group(session: Session, persons: set[int]) -> tuple[set[int], list[tuple[int, int]]]:
    """Everybody connected with these persons, by links in force or by having been counted together until now."""
    known: set[int] = set()
    links: set[tuple[int, int]] = set()
    while persons - known:
        asked = persons - known
        known |= asked
        rows = session.exec(
            select(PersonLink.person_id, PersonLink.linked_to_id)
            .where(col(PersonLink.undone_at).is_(None))
            .where(or_(col(PersonLink.person_id).in_(asked), col(PersonLink.linked_to_id).in_(asked)))
        ).all()
        links |= {(one, other) for one, other in rows}
        persons |= {person for row in rows for person in row}
        together = session.exec(
            select(Person.id, Person.linked_to_id).where(
                or_(col(Person.id).in_(asked), col(Person.linked_to_id).in_(asked))
            )
        ).all()
        persons |= {person for row in together for person in row if person is not None}
    return known, sorted(links)


def _decided(session: Session, persons: set[int]) -> set[tuple[int, int]]:
    rows = session.exec(
        select(PersonLink.linked_to_id, PersonLink.person_id).where(col(PersonLink.person_id).in_(persons))
    ).all()
    return {(min(row), max(row)) for row in rows}


def _root(session: Session, person_id: int) -> int:
    found = session.get(Person, person_id)
    if found is None:
        raise NotFound("There is no such person.")
    return found.linked_to_id or person_id
