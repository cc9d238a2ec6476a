"""A line manager's monthly digest of their own team: counts, never names."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, or_, select

from lms.rules.standing import BY_RANK, RANK, Standing, worst
from lms.services.standing import asked as reading
from lms.services.standing.asked import Asked
from lms.services.standing.query import prepare
from lms.services.standing.scope import Scope
from lms.tables.people import Employment, Post
from lms.tables.reminders import Message
from lms.tables.training_map import Module

OF_INTEREST = (Standing.DUE_SOON, Standing.OUT_OF_DATE, Standing.NOT_DONE)

STANDINGS = f"""
SELECT j.post_id, j.person_id, j.module_id, j.rank
FROM judged j WHERE j.rank IN ({", ".join(str(RANK[standing]) for standing in OF_INTEREST)})
"""  # nosec B608


@dataclass(frozen=True, slots=True)
class Report:
    """A post of somebody's team: whose it is, and who manages it."""

    manager_id: int
    person_id: int
    organisation_id: int


@dataclass(frozen=True, slots=True)
class TeamModule:
    """How many people of a team stand where on one module."""

    title: str
    due_soon: int
    out_of_date: int
    not_done: int


@dataclass(frozen=True, slots=True)
class Team:
    """A team on a day: how many people, and the modules on which something is to be done."""

    people: int
    modules: tuple[TeamModule, ...]


def managers_due(session: Session, today: date, organisation_ids: frozenset[int]) -> list[int]:
    """The line managers who have had no digest this month, and in whose teams something is to be done."""
    had = set(session.exec(select(Message.person_id).where(Message.month == today.replace(day=1))))
    reports = _reports(session, today, organisation_ids)
    waiting = {post: one for post, one in reports.items() if one.manager_id not in had}
    if not waiting:
        return []
    asked = reading.on(session, today)
    places = frozenset(one.organisation_id for one in waiting.values())
    rows = _standings(session, today, asked, places, waiting)
    return sorted({waiting[post_id].manager_id for post_id, _, _, _ in rows})


def digest(session: Session, today: date, organisation_ids: frozenset[int], manager_id: int) -> Team | None:
    """What a line manager is told of the team; None when there is nothing to do, or no team."""
    reports = _reports(session, today, organisation_ids, manager_id)
    if not reports:
        return None
    asked = reading.on(session, today)
    places = frozenset(one.organisation_id for one in reports.values())
    standings: dict[int, dict[int, list[Standing]]] = defaultdict(lambda: defaultdict(list))
    for _, person_id, module_id, rank in _standings(session, today, asked, places, reports):
        standings[module_id][person_id].append(BY_RANK[rank])
    titles = dict(
        session.exec(select(Module.id, Module.title).where(col(Module.id).in_(set(standings)))).all()
    )
    modules = []
    for module_id, people in standings.items():
        count = Counter(worst(found) for found in people.values())
        modules.append(
            TeamModule(
                titles[module_id],
                count[Standing.DUE_SOON],
                count[Standing.OUT_OF_DATE],
                count[Standing.NOT_DONE],
            )
        )
    if not modules:
        return None
    return Team(
        len({one.person_id for one in reports.values()}), tuple(sorted(modules, key=lambda one: one.title))
    )


def _reports(
    session: Session, today: date, organisation_ids: frozenset[int], manager_id: int | None = None
) -> dict[int, Report]:
    """The posts that name a manager who is there today, by post. Nobody is in their own team."""
    manager, manager_post = aliased(Employment), aliased(Post)
    theirs = aliased(Employment)
    wanted = (
        select(Post.id, manager.person_id, theirs.person_id, Post.organisation_id)
        .join(theirs, col(theirs.id) == Post.employment_id)
        .join(
            manager,
            (col(manager.organisation_id) == Post.organisation_id)
            & (col(manager.employee_number) == Post.manager_number),
        )
        .join(manager_post, col(manager_post.employment_id) == manager.id)
        .where(col(Post.organisation_id).in_(organisation_ids), manager.person_id != theirs.person_id)
        .where(Post.starts_on <= today, or_(col(Post.ends_on).is_(None), col(Post.ends_on) >= today))
        .where(manager_post.starts_on <= today)
        .where(or_(col(manager_post.ends_on).is_(None), col(manager_post.ends_on) >= today))
    )
    if manager_id is not None:
        wanted = wanted.where(manager.person_id == manager_id)
    return {
        post_id: Report(manager_person, person, organisation)
        for post_id, manager_person, person, organisation in session.exec(wanted)
        if post_id is not None
    }


def _standings(
    session: Session, today: date, asked: Asked, places: frozenset[int], posts: Collection[int]
) -> Iterable[tuple[int, int, int, int]]:
    scope = Scope(organisation_ids=places)
    statement = prepare(session, asked, today, scope, asked.due_soon_days).then(STANDINGS)
    for post_id, person_id, module_id, rank in session.execute(statement):
        if post_id in posts:
            yield post_id, person_id, module_id, rank
