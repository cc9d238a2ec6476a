"""Finding people: whose account this is, an organisation's people by name or number, and one of them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, or_, select

from lms.errors import NotFound
from lms.rules.access import Scope
from lms.rules.people.units import in_unit, rolled_up
from lms.rules.roster.names import folded, text_key
from lms.rules.roster.titles import UNIT_SEPARATOR
from lms.tables.job_roles import JobRole, JobTitleRole
from lms.tables.organisations import Organisation
from lms.tables.people import Employment, Person, Post

MISSING = "There is no such person, or not within your organisation."


@dataclass(frozen=True)
class PostFacts:
    """A post as a page shows it; without a role the title is not mapped, or to none."""

    title: str
    unit: str | None
    role: str | None
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True)
class PersonFacts:
    """Somebody at one organisation."""

    employment_id: int
    person_id: int
    organisation_id: int
    organisation: str
    organisation_name: str
    employee_number: str
    name: str
    posts: tuple[PostFacts, ...] = ()


def of_account(
    session: Session, account_id: int, email: str, organisation_ids: frozenset[int] | None
) -> int | None:
    """The person whose account this is: linked to it, or the only one with this work e-mail address.

    An address that several people share is nobody's (policy.md, Role lists). ``organisation_ids`` are those in
    which the account has rights (None: everywhere): who makes accounts in one organisation could otherwise make
    one with the address of another's person, and read what is theirs.
    """
    linked = session.exec(select(Person).where(Person.account_id == account_id)).first()
    if linked is not None:
        return linked.linked_to_id or linked.id
    found = session.exec(
        select(Employment.person_id, Employment.organisation_id)
        .where(Employment.email_key == email.casefold())
        .distinct()
    ).all()
    here = organisation_ids is None or any(place in organisation_ids for _, place in found)
    if len({person for person, _ in found}) != 1 or not here:
        return None
    person_id = found[0][0]
    taken = session.exec(select(Person.account_id).where(Person.id == person_id)).first()
    return person_id if taken in (None, account_id) else None


def units(session: Session, organisation_id: int, on: date) -> list[str]:
    """The units in which somebody has a post on a day, each after the one above it."""
    query = select(Post.unit).where(Post.organisation_id == organisation_id, *_current(on)).distinct()
    paths = {path for _, path in rolled_up(sorted(unit for unit in session.exec(query) if unit))}
    return sorted(paths, key=lambda path: [text_key(part) for part in path.split(UNIT_SEPARATOR)])


def listed(
    session: Session,
    organisation_id: int,
    on: date,
    *,
    search: str = "",
    unit: str = "",
    limit: int = 50,
    offset: int = 0,
) -> tuple[list[PersonFacts], int]:
    """A page of the people with a post at the organisation on a day, by family name; and how many there are.

    ``unit`` narrows them to one unit and those beneath it.
    """
    held = select(Post.employment_id).where(*_current(on))
    if unit:
        known = session.exec(select(Post.unit).where(Post.organisation_id == organisation_id).distinct())
        held = held.where(col(Post.unit).in_([one for one in known if in_unit(one, unit)]))
    wanted: list[ColumnElement[bool]] = [
        col(Employment.organisation_id) == organisation_id,
        col(Employment.id).in_(held),
    ]
    wanted += [_matches(word) for word in search.split()[:8]]
    total = session.exec(select(func.count()).select_from(Employment).where(*wanted)).one()
    rows = session.exec(
        select(Employment, Organisation)
        .join(Organisation)
        .where(*wanted)
        .order_by(func.lower(Employment.family_name), func.lower(Employment.given_name), col(Employment.id))
        .limit(limit)
        .offset(offset)
    ).all()
    return _people(session, rows, on), total


def search(session: Session, scope: Scope, words: str, *, day: date, limit: int = 20) -> list[PersonFacts]:
    """People within a scope by name or employee number, with a post on the day or to come; with their posts then.

    Nobody for a search without a word in it.
    """
    sought = words.split()[:8]
    if not sought:
        return []
    wanted = [
        col(Employment.id).in_(
            select(Post.employment_id).where(or_(col(Post.ends_on).is_(None), col(Post.ends_on) >= day))
        ),
        *(_matches(word) for word in sought),
    ]
    if not scope.everywhere:
        wanted.append(col(Employment.organisation_id).in_(scope.organisation_ids))
    rows = session.exec(
        select(Employment, Organisation)
        .join(Organisation)
        .where(*wanted)
        .order_by(func.lower(Employment.family_name), func.lower(Employment.given_name), col(Employment.id))
        .limit(limit)
    ).all()
    return _people(session, rows, day)


def one(session: Session, scope: Scope, employment_id: int, on: date) -> PersonFacts:
    """Somebody at one organisation, with the posts of that day.

    :raises NotFound: when there is nobody such within the scope.
    """
    row = session.exec(
        select(Employment, Organisation).join(Organisation).where(Employment.id == employment_id)
    ).first()
    if row is None or not scope.covers(row[0].organisation_id):
        raise NotFound(MISSING)
    return _people(session, [row], on)[0]


def by_number(session: Session, organisation_id: int, number: str) -> str:
    """The UUID of the person with this employee number at an organisation.

    :raises NotFound: when there is nobody such.
    """
    found = session.exec(
        select(Person.uuid)
        .join(Employment, col(Employment.home_person_id) == Person.id)
        .where(Employment.organisation_id == organisation_id, Employment.employee_number == number.strip())
    ).first()
    if found is None:
        raise NotFound(f"There is nobody with the employee number {number[:64]!r} there.")
    return found


def everywhere(session: Session, person_id: int, on: date) -> list[PersonFacts]:
    """One person at every organisation they work for, with the posts of that day."""
    rows = session.exec(
        select(Employment, Organisation)
        .join(Organisation)
        .where(Employment.person_id == person_id)
        .order_by(col(Organisation.name), col(Employment.id))
    ).all()
    return _people(session, rows, on)


def _matches(word: str) -> ColumnElement[bool]:
    """A word of a search is part of a name or begins the employee number."""
    word = word.lower()
    return or_(
        col(Employment.name_key).contains(folded(word) or word, autoescape=True),
        func.lower(Employment.given_name).contains(word, autoescape=True),
        func.lower(Employment.family_name).contains(word, autoescape=True),
        func.lower(col(Employment.known_as)).contains(word, autoescape=True),
        func.lower(Employment.employee_number).startswith(word, autoescape=True),
    )


def _current(on: date) -> tuple[ColumnElement[bool], ...]:
    return (col(Post.starts_on) <= on, or_(col(Post.ends_on).is_(None), col(Post.ends_on) >= on))


def _posts(session: Session, employment_ids: Iterable[int], on: date) -> Mapping[int, tuple[PostFacts, ...]]:
    rows = session.exec(
        select(Post, JobRole.name)
        .join(
            JobTitleRole,
            (col(JobTitleRole.job_title_id) == Post.job_title_id)
            & or_(col(JobTitleRole.from_day).is_(None), col(JobTitleRole.from_day) <= on)
            & or_(col(JobTitleRole.to_day).is_(None), col(JobTitleRole.to_day) >= on),
            isouter=True,
        )
        .join(JobRole, col(JobRole.id) == JobTitleRole.job_role_id, isouter=True)
        .where(col(Post.employment_id).in_(list(employment_ids)), *_current(on))
        .order_by(col(Post.main).desc(), col(Post.id))
    ).all()
    found: dict[int, list[PostFacts]] = defaultdict(list)
    for post, role in rows:
        found[post.employment_id].append(PostFacts(post.title, post.unit, role, post.starts_on, post.ends_on))
    return {employment_id: tuple(posts) for employment_id, posts in found.items()}


def _people(session: Session, rows: Sequence[tuple[Employment, Organisation]], on: date) -> list[PersonFacts]:
    """These people with the posts of that day."""
    posts = _posts(session, [employment.id or 0 for employment, _ in rows], on)
    return [_facts(*row, posts.get(row[0].id or 0, ())) for row in rows]


def _facts(employment: Employment, organisation: Organisation, posts: tuple[PostFacts, ...]) -> PersonFacts:
    return PersonFacts(
        employment_id=employment.id or 0,
        person_id=employment.person_id,
        organisation_id=employment.organisation_id,
        organisation=organisation.code,
        organisation_name=organisation.name,
        employee_number=employment.employee_number,
        name=" ".join(part for part in (employment.given_name, employment.family_name) if part),
        posts=posts,
    )
