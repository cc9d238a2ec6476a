"""Exemptions that a person or a file decided: a dated record, which ends by itself."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, update
from sqlmodel import Session, col, or_, select
from sqlmodel.sql.expression import Select

from lms.errors import Conflict, Invalid, NotFound
from lms.rules.dates import FOR_EVER
from lms.rules.people.exemptions import CLASSES, FILE, ExemptionRow
from lms.rules.reference_files import Loaded, Problem, suggestion
from lms.services import audit
from lms.services.audit import Actor
from lms.tables.accounts import Account
from lms.tables.organisations import Organisation
from lms.tables.people import Employment, Exemption, Post

BY_FILE, BY_PERSON, BY_ROLE_LIST = "file", "person", "role_list"
Place = tuple[int, str, date | None]


def load(
    session: Session, rows: Sequence[ExemptionRow], organisations: Mapping[str, int], *, now: datetime
) -> Loaded:
    """Record the exemptions that are new and bring the ends of the others up to date.

    An exemption that the file no longer holds stays: it is a record. To end one, give it its last day.
    """
    wanted, problems = _wanted(session, rows, organisations)
    known = {
        (one.employment_id, one.kind, one.from_day): one
        for one in session.exec(
            select(Exemption).where(Exemption.source == BY_FILE, col(Exemption.post_id).is_(None))
        )
    }
    new: list[dict[str, Any]] = [
        {
            "employment_id": employment_id,
            "kind": kind,
            "from_day": start,
            "to_day": end,
            "source": BY_FILE,
            "decided_at": now,
        }
        for (employment_id, kind, start), end in wanted.items()
        if (employment_id, kind, start) not in known
    ]
    changes = [
        {"id": known[place].id, "to_day": end, "decided_at": now}
        for place, end in wanted.items()
        if place in known and known[place].to_day != end
    ]
    if new and not problems:
        session.execute(insert(Exemption), new)
    if changes and not problems:
        session.execute(update(Exemption), changes)
        session.expire_all()
    unchanged = len(wanted) - len(new) - len(changes)
    return Loaded(FILE, len(new), len(changes), unchanged, tuple(problems))


def _wanted(
    session: Session, rows: Sequence[ExemptionRow], organisations: Mapping[str, int]
) -> tuple[dict[Place, date | None], list[Problem]]:
    """The ends of the exemptions that a file states, and what is wrong with the others."""
    employments = _employments(
        session, {organisations[one.organisation] for one in rows if one.organisation in organisations}
    )
    wanted: dict[Place, date | None] = {}
    problems: list[Problem] = []
    for row in rows:
        organisation_id = organisations.get(row.organisation)
        if organisation_id is None:
            message = f"there is no organisation with the code '{row.organisation}'."
            guess = suggestion(row.organisation, organisations)
            problems.append(row.line.problem("organisation", message + guess))
        elif (employment_id := employments.get((organisation_id, row.employee_number))) is None:
            message = (
                f"{row.organisation} has nobody with the number '{row.employee_number}'. Apply the role list first, "
                "or correct the number."
            )
            problems.append(row.line.problem("employee_number", message))
        else:
            wanted[employment_id, row.kind, row.start] = row.end
    return wanted, problems


def _employments(session: Session, organisation_ids: Set[int]) -> dict[tuple[int, str], int | None]:
    """Everybody who was ever in the role lists of these organisations, by employee number."""
    found = session.exec(
        select(Employment.organisation_id, Employment.employee_number, Employment.id).where(
            col(Employment.organisation_id).in_(organisation_ids)
        )
    )
    return {(organisation, number): id_ for organisation, number, id_ in found}


@dataclass(frozen=True, slots=True)
class Exempted:
    """One exemption or absence with the names of things; ``post`` where it is of one post alone."""

    exemption_id: int
    organisation: str
    employment_id: int
    employee_number: str
    person: str
    post: str | None
    kind: str
    from_day: date
    to_day: date | None
    source: str
    decided_by: str | None
    decided_at: datetime


def decide(
    session: Session,
    employment_id: int,
    *,
    kind: str,
    start: date,
    end: date | None,
    actor: Actor,
    now: datetime,
) -> int:
    """Record that somebody is not counted from one day to another. It ends by itself after its last day.

    :raises Invalid: when the class is not known, or it would end before it begins.
    :raises Conflict: when the same class covers one of these days already.
    """
    if kind not in CLASSES:
        raise Invalid(f"Choose one of: {', '.join(CLASSES)}.")
    if end is not None and end < start:
        raise Invalid("The last day lies before the first. Correct one of them.")
    same = select(Exemption.id).where(
        Exemption.employment_id == employment_id,
        col(Exemption.post_id).is_(None),
        Exemption.kind == kind,
        Exemption.from_day <= (end or FOR_EVER),
        or_(col(Exemption.to_day).is_(None), col(Exemption.to_day) >= start),
    )
    if session.exec(same).first() is not None:
        raise Conflict("An exemption of this class covers some of these days already. Change that one.")
    made = Exemption(
        employment_id=employment_id,
        kind=kind,
        from_day=start,
        to_day=end,
        source=BY_PERSON,
        decided_by_id=actor.account_id,
        decided_at=now,
    )
    session.add(made)
    session.flush()
    _note(session, actor, "exemption.made", made, session.get_one(Employment, employment_id), now)
    return made.id or 0


def end(
    session: Session,
    exemption_id: int,
    last_day: date,
    *,
    organisation_ids: frozenset[int] | None,
    actor: Actor,
    now: datetime,
) -> None:
    """Give an exemption its last day; the days before stay on record.

    :raises NotFound: when there is none within these organisations.
    :raises Invalid: when it would end before it began, or a role list decides on it.
    """
    found = session.exec(_query(organisation_ids).where(Exemption.id == exemption_id)).one_or_none()
    if found is None:
        raise NotFound("There is no such exemption.")
    exemption, employment, _ = found
    if exemption.source == BY_ROLE_LIST:
        raise Invalid(
            "This absence comes from the role list and ends with the list in which the person is back."
        )
    if last_day < exemption.from_day:
        raise Invalid(f"It began on {exemption.from_day}. Choose that day or a later one.")
    exemption.to_day, exemption.decided_by_id, exemption.decided_at = last_day, actor.account_id, now
    session.add(exemption)
    _note(session, actor, "exemption.ended", exemption, employment, now)


def listed(
    session: Session,
    *,
    organisation_ids: frozenset[int] | None = None,
    employment_id: int | None = None,
    on: date | None = None,
) -> list[Exempted]:
    """Exemptions and absences of some organisations or one employment, those that began last first.

    ``on`` leaves out those that are over by then.
    """
    query = _query(organisation_ids).order_by(col(Exemption.from_day).desc(), col(Exemption.id).desc())
    if employment_id is not None:
        query = query.where(Exemption.employment_id == employment_id)
    if on is not None:
        query = query.where(or_(col(Exemption.to_day).is_(None), col(Exemption.to_day) >= on))
    names = dict(session.exec(select(Account.id, Account.name)).all())
    rows = session.exec(query).all()
    posts = _posts(session, rows)
    return [
        Exempted(
            exemption_id=one.id or 0,
            organisation=organisation.code,
            employment_id=one.employment_id,
            employee_number=employment.employee_number,
            person=f"{employment.given_name} {employment.family_name}".strip(),
            post=posts.get(one.post_id),
            kind=one.kind,
            from_day=one.from_day,
            to_day=one.to_day,
            source=one.source,
            decided_by=names.get(one.decided_by_id),
            decided_at=one.decided_at,
        )
        for one, employment, organisation in rows
    ]


def _note(
    session: Session, actor: Actor, action: str, exemption: Exemption, employment: Employment, now: datetime
) -> None:
    audit.record(
        session,
        actor,
        action,
        f"exemption {exemption.id}",
        now=now,
        organisation_id=employment.organisation_id,
        employment=employment.id,
    )


def _posts(
    session: Session, rows: Sequence[tuple[Exemption, Employment, Organisation]]
) -> Mapping[int | None, str]:
    ids = {one.post_id for one, _, _ in rows if one.post_id is not None}
    return dict(session.exec(select(Post.id, Post.title).where(col(Post.id).in_(ids))).all())


def _query(organisation_ids: frozenset[int] | None) -> Select[Exemption, Employment, Organisation]:
    query = (
        select(Exemption, Employment, Organisation)
        .join(Employment, col(Employment.id) == Exemption.employment_id)
        .join(Organisation, col(Organisation.id) == Employment.organisation_id)
    )
    if organisation_ids is not None:
        query = query.where(col(Employment.organisation_id).in_(organisation_ids))
    return query
