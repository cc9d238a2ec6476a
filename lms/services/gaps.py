"""Gaps that HR can close: roles without a map, titles without a role, modules without a use, too few sessions."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from sqlalchemy import ColumnElement, Date
from sqlmodel import Session, col, func, or_, select

from lms.rules.gaps import Quarter, Supply, needed_by, quarters, supply
from lms.rules.standing import BY_RANK, DUE_SOON_DAYS, due_by, until
from lms.services.standing import asked as reading
from lms.services.standing.asked import Asked
from lms.services.standing.query import prepare
from lms.services.standing.scope import Scope
from lms.tables.job_roles import JobTitle, JobTitleRole
from lms.tables.organisations import Organisation
from lms.tables.people import Post
from lms.tables.sessions import TrainingSession
from lms.tables.training_map import Equivalence, Module

E_LEARNING = "e-learning"
NEEDS = """
SELECT person_id, module_id, term_id, rank, day, until, starts_on FROM judged WHERE rank > 0
"""


@dataclass(frozen=True, slots=True)
class RoleWithoutMap:
    """A job role of which only everyone's modules are asked, and how many posts have it."""

    code: str
    name: str
    family: str
    posts: int


@dataclass(frozen=True, slots=True)
class TitleWithoutRole:
    """A job title that maps to no role, and how many posts wait for it."""

    organisation: str
    title: str
    posts: int


@dataclass(frozen=True, slots=True)
class UnusedModule:
    """A module that is asked of nobody. ``counts_for`` are modules it stands in for."""

    code: str
    title: str
    counts_for: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ModuleSupply:
    """A module that is asked of people: who becomes due when, and the places there are.

    ``by_e_learning``: it can be done without a session, itself or by what counts for it.
    """

    code: str
    title: str
    by_e_learning: bool
    quarters: Sequence[Supply]

    @property
    def unplanned(self) -> bool:
        """Whether people become due and no session is planned at all."""
        wanted = any(one.due for one in self.quarters)
        return wanted and not self.by_e_learning and not any(one.sessions for one in self.quarters)

    @property
    def short(self) -> int:
        """How many are left without a place in the end."""
        return 0 if self.by_e_learning or not self.quarters else self.quarters[-1].short


@dataclass(frozen=True)
class Gaps:
    """Everything that is missing on a day, for some organisations or everywhere."""

    on: date
    roles: Sequence[RoleWithoutMap]
    titles: Sequence[TitleWithoutRole]
    modules: Sequence[UnusedModule]
    supply: Sequence[ModuleSupply]


def of(session: Session, on: date, *, organisation_ids: frozenset[int] | None = None) -> Gaps:
    """The gaps on a day. Sessions are counted from that day on, those hosted by the organisations asked for."""
    asked = reading.on(session, on)
    return Gaps(
        on=on,
        roles=_roles(session, asked, on, organisation_ids),
        titles=_titles(session, on, organisation_ids),
        modules=_modules(session, asked, on),
        supply=_supply(session, asked, on, organisation_ids),
    )


def _roles(
    session: Session, asked: Asked, on: date, organisation_ids: frozenset[int] | None
) -> list[RoleWithoutMap]:
    query = (
        select(JobTitleRole.job_role_id, func.count())
        .join(Post, col(Post.job_title_id) == JobTitleRole.job_title_id)
        .where(*_current(on, organisation_ids), *_meant(on))
        .group_by(col(JobTitleRole.job_role_id))
    )
    posts = dict(session.exec(query).all())
    special = [term for term in asked.terms.values() if term.who not in ("everyone", "person")]
    mapped = {role for term in special for role in asked.of_roles(term)}
    return [
        RoleWithoutMap(role.code, role.name, role.family, posts.get(role.id, 0))
        for role in sorted(asked.roles.values(), key=lambda one: (-posts.get(one.id, 0), one.name))
        if role.id not in mapped
    ]


def _titles(session: Session, on: date, organisation_ids: frozenset[int] | None) -> list[TitleWithoutRole]:
    mapped = select(JobTitleRole.job_title_id).where(*_meant(on))
    waiting = func.count(col(Post.id))
    query = (
        select(Organisation.code, JobTitle.title, waiting)
        .join(JobTitle, col(JobTitle.organisation_id) == Organisation.id)
        .join(Post, col(Post.job_title_id) == JobTitle.id)
        .where(*_current(on, organisation_ids), col(JobTitle.id).not_in(mapped))
        .group_by(Organisation.code, JobTitle.title)
        .order_by(waiting.desc(), Organisation.code, JobTitle.title)
    )
    return [TitleWithoutRole(*row) for row in session.exec(query)]


def _modules(session: Session, asked: Asked, on: date) -> list[UnusedModule]:
    required = {term.module_id for term in asked.terms.values()} | {
        term.refresher_module_id for term in asked.terms.values()
    }
    stands_in: dict[int, set[str]] = defaultdict(set)
    links = select(Equivalence.module_id, Equivalence.counts_for_id).where(
        or_(col(Equivalence.to_day).is_(None), col(Equivalence.to_day) >= on)
    )
    for module_id, counts_for_id in session.exec(links):
        stands_in[module_id].add(asked.modules[counts_for_id])
    return [
        UnusedModule(code, title, tuple(sorted(stands_in[id_])))
        for id_, code, title in session.exec(
            select(Module.id, Module.code, Module.title).order_by(Module.code)
        )
        if id_ is not None and id_ not in required
    ]


def _supply(
    session: Session, asked: Asked, on: date, organisation_ids: frozenset[int] | None
) -> list[ModuleSupply]:
    ahead = quarters(on)
    due = _due(session, asked, on, organisation_ids, ahead)
    places = _places(session, on, organisation_ids, ahead)
    modules = {one.id: one for one in session.exec(select(Module))}
    found = []
    for id_ in sorted({term.module_id for term in asked.terms.values()}, key=lambda one: asked.modules[one]):
        counts = {link.source for link in asked.links.get(id_, ()) if link.end >= on} | {id_}
        found.append(
            ModuleSupply(
                modules[id_].code,
                modules[id_].title,
                any(modules[one].kind == E_LEARNING for one in counts),
                supply(ahead, due.get(id_, {}), places.get(id_, {})),
            )
        )
    return found


def _due(
    session: Session,
    asked: Asked,
    on: date,
    organisation_ids: frozenset[int] | None,
    ahead: Sequence[Quarter],
) -> Mapping[int, Counter[Quarter]]:
    """How many people need each module in each quarter; each person once, when it is needed first."""

    @cache
    def lasts(term_id: int, day: date) -> date | None:
        return until(asked.terms[term_id], day)

    statement = prepare(session, asked, on, Scope(organisation_ids=organisation_ids), DUE_SOON_DAYS).then(
        NEEDS, day=Date(), until=Date(), starts_on=Date()
    )
    first: dict[tuple[int, int], date] = {}
    for person, module, term_id, rank, day, last, starts_on in session.execute(statement):
        term = asked.terms[term_id]
        if last is None and day is not None and not term.folded:
            last = lasts(term_id, day)
        wanted = needed_by(BY_RANK[rank], due_by(term, starts_on), last)
        if wanted is not None and wanted <= ahead[-1].last:
            first[person, module] = min(wanted, first.get((person, module), wanted))
    found: dict[int, Counter[Quarter]] = defaultdict(Counter)
    for (_, module), wanted in first.items():
        found[module][next(one for one in ahead if wanted <= one.last)] += 1
    return found


def _places(
    session: Session, on: date, organisation_ids: frozenset[int] | None, ahead: Sequence[Quarter]
) -> Mapping[int, Mapping[Quarter, list[int | None]]]:
    query = select(TrainingSession).where(
        TrainingSession.day >= on,
        TrainingSession.day <= ahead[-1].last,
        col(TrainingSession.cancelled_at).is_(None),
    )
    if organisation_ids is not None:
        query = query.where(col(TrainingSession.organisation_id).in_(organisation_ids))
    found: dict[int, dict[Quarter, list[int | None]]] = defaultdict(lambda: defaultdict(list))
    for one in session.exec(query):
        quarter = next(quarter for quarter in ahead if one.day <= quarter.last)
        found[one.module_id][quarter].append(one.capacity)
    return found


def _current(on: date, organisation_ids: frozenset[int] | None) -> list[ColumnElement[bool]]:
    chosen = [col(Post.starts_on) <= on, or_(col(Post.ends_on).is_(None), col(Post.ends_on) >= on)]
    if organisation_ids is not None:
        chosen.append(col(Post.organisation_id).in_(organisation_ids))
    return chosen


def _meant(on: date) -> list[ColumnElement[bool]]:
    return [
        or_(col(JobTitleRole.from_day).is_(None), col(JobTitleRole.from_day) <= on),
        or_(col(JobTitleRole.to_day).is_(None), col(JobTitleRole.to_day) >= on),
    ]
