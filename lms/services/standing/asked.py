"""What the map asks on a date, read from the tables into the facts of the rules."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

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

    ``modules`` are the codes; ``links`` give for each module needed the modules that count for it; ``below`` gives an organisation with
    everything beneath it.
    """

    terms: Mapping[int, Term]
    roles: Mapping[int, Role]
    modules: Mapping[int, str]
    links: Mapping[int, Sequence[Link]]
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
    modules = {number: code for number, code in session.exec(select(Module.id, Module.code)) if number}
    needed = {term.module_id for term in chosen.values()} | {
        term.refresher_module_id for term in chosen.values() if term.refresher_module_id is not None
    }
    return Asked(chosen, _roles(session), modules, counting(needed, _links(session)), _below(session))


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
    rows = session.exec(
        select(RequirementTerm, Requirement, first.c.first)
        .join(Requirement, col(Requirement.id) == RequirementTerm.requirement_id)
        .join(first, first.c.requirement_id == Requirement.id)
        .where(or_(col(RequirementTerm.from_day).is_(None), col(RequirementTerm.from_day) <= day))
        .where(or_(col(RequirementTerm.to_day).is_(None), col(RequirementTerm.to_day) >= day))
        .order_by(col(RequirementTerm.id))
    ).all()
    by_version = _versions(session)
    by_addition = _additions(session) if any(one.employment_id for _, one, _ in rows) else {}
    found = []
    for term, requirement, first_day in rows:
        version, decided_by = by_version.get(term.map_version_id, (None, by_addition.get(term.id)))
        found.append(
            replace(
                _term(term, requirement),
                first_applied=_open(first_day),
                version=version,
                decided_by=decided_by,
            )
        )
    return found


def _versions(session: Session) -> dict[int | None, tuple[int | None, str | None]]:
    """The number of each version of the map, and the name of whoever published it."""
    rows = session.exec(
        select(MapVersion.id, MapVersion.number, Account.name)
        .join(Account, col(Account.id) == MapVersion.published_by_id, isouter=True)
        .where(col(MapVersion.number).is_not(None))
    )
    return {id_: (number, name) for id_, number, name in rows}


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


def _links(session: Session) -> list[Link]:
    declared = [
        Link(one.module_id, one.counts_for_id, one.from_day or SINCE_ALWAYS, one.to_day or FOR_EVER)
        for one in session.exec(select(Equivalence))
    ]
    placed = session.exec(
        select(Module.id, Level.framework_id, Level.rank, Framework.cumulative)
        .join(Level, col(Level.id) == Module.level_id)
        .join(Framework, col(Framework.id) == Level.framework_id)
    ).all()
    return declared + cumulative_links(
        Placed(module, framework, rank, cumulative)
        for module, framework, rank, cumulative in placed
        if module
    )


def _below(session: Session) -> dict[int, frozenset[int]]:
    parents = {
        one: parent for one, parent in session.exec(select(Organisation.id, Organisation.parent_id)) if one
    }
    below: dict[int, set[int]] = defaultdict(set)
    for organisation in parents:
        above: int | None = organisation
        while above is not None and organisation not in below[above]:
            below[above].add(organisation)
            above = parents.get(above)
    return {organisation: frozenset(found) for organisation, found in below.items()}
