"""What the map asks on a date, read from the tables into the facts of the rules."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import select as columns_of
from sqlmodel import Session, col, func, or_, select

from lms.rules.dates import FOR_EVER, SINCE_ALWAYS
from lms.rules.standing import Anchor, Shape, Term
from lms.rules.training_map.counting import Link, Placed, counting, cumulative_links
from lms.tables.accounts import Account
from lms.tables.job_roles import Framework, JobRole, Level
from lms.tables.organisations import Organisation, Setting
from lms.tables.training_map import Addition, Equivalence, MapVersion, Module, Requirement, RequirementTerm

DUE_SOON_SETTING = "due_soon_days"
UNMAPPED_ROLE = 0


@dataclass(frozen=True, slots=True)
class Role:
    """A job role as requirements see it."""

    id: int
    code: str
    name: str
    family: str
    level: str | None
    manager: bool


@dataclass(frozen=True)
class Asked:
    """Everything about the map that a standing on one date depends on.

    ``modules`` and ``organisations`` are the codes; ``links`` give for each module needed the modules that count
    for it; ``below`` gives an organisation with everything beneath it.
    """

    terms: Mapping[int, Term]
    roles: Mapping[int, Role]
    modules: Mapping[int, str]
    links: Mapping[int, Sequence[Link]]
    organisations: Mapping[int, str]
    below: Mapping[int, frozenset[int]]

    def applies(self, term: Term, role: Role | None) -> bool:
        """Whether the term asks something of this role; an unmapped post has the everyone-requirements only."""
        if term.who == "everyone":
            return True
        if role is None or term.who == "person":
            return False
        named = {"family": role.family, "role": role.code, "level": role.level}
        return role.manager if term.who == "managers" else named[term.who] == term.value


def on(session: Session, day: date, *, terms: Iterable[Term] | None = None) -> Asked:
    """Read the map in force on a day; ``terms`` puts others in the place of the published ones."""
    chosen = {term.term_id: term for term in (in_force(session, day) if terms is None else terms)}
    modules, levels = _modules(session)
    needed = {term.module_id for term in chosen.values()} | {
        term.refresher_module_id for term in chosen.values() if term.refresher_module_id is not None
    }
    links = counting(needed, _declared(session) + levels)
    codes, parents = _organisations(session)
    return Asked(chosen, _roles(session), modules, links, codes, _below(parents))


def in_force(session: Session, day: date) -> list[Term]:
    """The published terms that cover a day."""
    first = (
        select(
            RequirementTerm.requirement_id,
            func.min(func.coalesce(RequirementTerm.from_day, SINCE_ALWAYS)).label("first"),
        )
        .group_by(col(RequirementTerm.requirement_id))
        .subquery()
    )
    # SQLModel's own select knows of four columns at most.
    rows: Sequence[Any] = session.execute(
        columns_of(RequirementTerm, Requirement, first.c.first, col(MapVersion.number), col(Account.name))
        .join(Requirement, col(Requirement.id) == RequirementTerm.requirement_id)
        .join(first, first.c.requirement_id == Requirement.id)
        .join(MapVersion, col(MapVersion.id) == RequirementTerm.map_version_id, isouter=True)
        .join(Account, col(Account.id) == MapVersion.published_by_id, isouter=True)
        .where(or_(col(RequirementTerm.from_day).is_(None), col(RequirementTerm.from_day) <= day))
        .where(or_(col(RequirementTerm.to_day).is_(None), col(RequirementTerm.to_day) >= day))
        .order_by(col(RequirementTerm.id))
    ).all()
    of_additions = _additions(session) if any(row[1].employment_id for row in rows) else {}
    return [
        replace(
            _term(term, requirement),
            first_applied=_open(first_day),
            version=number,
            decided_by=published_by or of_additions.get(term.id),
        )
        for term, requirement, first_day, number, published_by in rows
    ]


def _additions(session: Session) -> dict[int | None, str | None]:
    """Who decided what is asked of one person alone, by its term."""
    rows = session.exec(
        select(Addition.requirement_term_id, Account.name).join(
            Account, col(Account.id) == Addition.decided_by_id, isouter=True
        )
    )
    return dict(rows.all())


def due_soon_days(session: Session, default: int) -> int:
    """The setting, or the default of policy.md."""
    setting = session.get(Setting, DUE_SOON_SETTING)
    return default if setting is None else int(setting.value)


def _open(day: date | str) -> date | None:
    found = date.fromisoformat(day) if isinstance(day, str) else day
    return None if found == SINCE_ALWAYS else found


def _term(term: RequirementTerm, requirement: Requirement) -> Term:
    fixed = tuple(int(part) for part in term.fixed_day.split("-")) if term.fixed_day else None
    return Term(
        term_id=term.id or 0,
        requirement_id=requirement.id or 0,
        who=requirement.who,
        value=requirement.value,
        organisation_id=requirement.organisation_id,
        module_id=requirement.module_id,
        shape=Shape(term.shape),
        every_months=term.every_months,
        refresher_module_id=term.refresher_module_id,
        minutes=term.minutes,
        days_allowed=term.days_allowed,
        anchor=Anchor(term.anchor),
        fixed_day=(fixed[0], fixed[1]) if fixed else None,
        renewal_window_days=term.renewal_window_days,
        from_day=term.from_day,
        employment_id=requirement.employment_id,
    )


def _roles(session: Session) -> dict[int, Role]:
    columns = (JobRole.code, JobRole.name, JobRole.family, Level.name, JobRole.manager)
    rows = session.execute(select(JobRole.id, *columns).join(Level, isouter=True))  # type: ignore[call-overload]
    return {row[0]: Role(*row) for row in rows}


def _modules(session: Session) -> tuple[dict[int, str], list[Link]]:
    """The code of every module, and what counts for what by cumulative levels."""
    rows: Sequence[Any] = session.execute(
        columns_of(
            col(Module.id),
            col(Module.code),
            col(Level.framework_id),
            col(Level.rank),
            col(Framework.cumulative),
        )
        .join(Level, col(Level.id) == Module.level_id, isouter=True)
        .join(Framework, col(Framework.id) == Level.framework_id, isouter=True)
    ).all()
    placed = [
        Placed(module, framework, rank, cumulative)
        for module, _, framework, rank, cumulative in rows
        if framework is not None
    ]
    return {row[0]: row[1] for row in rows}, cumulative_links(placed)


def _declared(session: Session) -> list[Link]:
    rows = session.execute(
        columns_of(
            col(Equivalence.module_id),
            col(Equivalence.counts_for_id),
            col(Equivalence.from_day),
            col(Equivalence.to_day),
        )
    )
    return [
        Link(module, counts_for, start or SINCE_ALWAYS, end or FOR_EVER)
        for module, counts_for, start, end in rows
    ]


def _organisations(session: Session) -> tuple[dict[int, str], dict[int, int | None]]:
    rows = session.exec(select(Organisation.id, Organisation.code, Organisation.parent_id)).all()
    return (
        {one: code for one, code, _ in rows if one is not None},
        {one: parent for one, _, parent in rows if one is not None},
    )


def _below(parents: Mapping[int, int | None]) -> dict[int, frozenset[int]]:
    below: dict[int, set[int]] = defaultdict(set)
    for organisation in parents:
        above: int | None = organisation
        while above is not None and organisation not in below[above]:
            below[above].add(organisation)
            above = parents.get(above)
    return {organisation: frozenset(found) for organisation, found in below.items()}
