"""The effect of a map before it is published: standing, coverage and reminders under the one map and the other."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from lms.rules.coverage import Counts, counted
from lms.rules.preview import HAPPENINGS, Effect, happenings
from lms.rules.standing import BY_RANK, Standing
from lms.rules.training_map.rows import RequirementRow
from lms.rules.training_map.versions import differences
from lms.services.preview.terms import of_rows
from lms.services.reminders import due as reminding
from lms.services.reminders import log
from lms.services.standing import asked as reading
from lms.services.standing.asked import Asked
from lms.services.standing.query import prepare
from lms.services.standing.scope import Scope
from lms.services.training_map.modules import ids_by_code
from lms.services.training_map.versions import PERSON, newest, rows_of
from lms.tables.organisations import Organisation
from lms.tables.people import Employment

__all__ = [
    "HAPPENINGS",
    "Affected",
    "Effect",
    "ModuleEffect",
    "OrganisationEffect",
    "Preview",
    "affected",
    "of",
]

# A person's worst standing for a module at an organisation is the greatest rank, exempt being the least.
WORST = """
SELECT organisation_id, person_id, module_id, MAX(rank) AS rank FROM judged
GROUP BY organisation_id, person_id, module_id
"""
Whose = tuple[int, int, int]
"""An organisation, a person and a module."""
People = dict[str, set[int]]
"""The people to whom each thing happens."""


@dataclass(frozen=True, slots=True)
class OrganisationEffect:
    """What happens at one organisation; ``reminds`` is whether it has switched reminders on."""

    organisation_id: int
    code: str
    name: str
    effect: Effect
    reminds: bool


@dataclass(frozen=True, slots=True)
class ModuleEffect:
    """What happens to the figures of one module over all the organisations asked for."""

    module: str
    before: Counts
    after: Counts


@dataclass(frozen=True)
class Preview:
    """The effect on a day: in all, each person once; by organisation; by module."""

    on: date
    due_soon_days: int
    total: Effect
    organisations: Sequence[OrganisationEffect]
    modules: Sequence[ModuleEffect]


@dataclass(frozen=True, slots=True)
class Affected:
    """One person to whom something happens, for those who may see names."""

    organisation: str
    employee_number: str
    person: str
    module: str
    before: Standing | None
    after: Standing | None


def of(
    session: Session,
    rows: Sequence[RequirementRow],
    on: date,
    *,
    organisation_ids: frozenset[int] | None = None,
    due_soon_days: int | None = None,
) -> Preview:
    """What these rows, published, would do on a day, everywhere or to some organisations. Nothing is changed.

    Only the modules whose requirements differ are looked at, under both maps.
    """
    before, after = _maps(session, rows, on)
    days = before.due_soon_days if due_soon_days is None else due_soon_days
    scope = Scope(organisation_ids=organisation_ids)
    was, becomes = _standings(session, before, on, scope, days), _standings(session, after, on, scope, days)
    organisations = _organisations(session, organisation_ids)
    on_now = reminding.switched_on(session, on) & organisations.keys()
    reminded = _reminded(session, before, after, on, on_now)
    would_be = _reminded(session, before, after, on, frozenset(organisations) - on_now)
    happening = _happening(was, becomes)
    for one, person, module in becomes:
        if (person, module) in (reminded if one in on_now else would_be):
            happening[one]["messages"].add(person)
    total: People = defaultdict(set)
    for found in happening.values():
        for what, people in found.items():
            total[what] |= people
    total["messages"] = {person for person, _ in reminded}
    return Preview(
        on=on,
        due_soon_days=days,
        total=_effect(total),
        organisations=[
            OrganisationEffect(id_, one.code, one.name, _effect(happening[id_]), id_ in on_now)
            for id_, one in organisations.items()
        ],
        modules=_modules(after, was, becomes),
    )


def affected(
    session: Session,
    rows: Sequence[RequirementRow],
    on: date,
    *,
    organisation_ids: frozenset[int] | None,
    due_soon_days: int | None = None,
    at_most: int = 500,
) -> list[Affected]:
    """The people whose standing would change on a day, by name, the first few hundred of them."""
    before, after = _maps(session, rows, on)
    days = before.due_soon_days if due_soon_days is None else due_soon_days
    scope = Scope(organisation_ids=organisation_ids)
    was, becomes = _standings(session, before, on, scope, days), _standings(session, after, on, scope, days)
    changed = sorted(one for one in was.keys() | becomes.keys() if was.get(one) != becomes.get(one))[:at_most]
    organisations = _organisations(session, organisation_ids)
    employments = {
        (one.organisation_id, one.person_id): one
        for one in session.exec(
            select(Employment).where(col(Employment.person_id).in_({person for _, person, _ in changed}))
        )
    }
    found = []
    for one in changed:
        employment = employments[one[0], one[1]]
        found.append(
            Affected(
                organisations[one[0]].code,
                employment.employee_number,
                f"{employment.given_name} {employment.family_name}".strip(),
                after.modules[one[2]],
                _standing(was.get(one)),
                _standing(becomes.get(one)),
            )
        )
    return found


def _maps(session: Session, rows: Sequence[RequirementRow], on: date) -> tuple[Asked, Asked]:
    """What is asked on the day under the published map and under these rows, of the modules that differ."""
    modules = ids_by_code(session)
    published = rows_of(newest(session))
    touched = {
        modules[row.module]
        for difference in differences(published, rows)
        for row in (*difference.before, *difference.after)
    }
    now = [term for term in reading.in_force(session, on) if term.module_id in touched]
    then = [term for term in of_rows(session, rows, on) if term.module_id in touched]
    additions = [term for term in now if term.who == PERSON]
    return reading.on(session, on, terms=now), reading.on(session, on, terms=[*then, *additions])


def _standings(
    session: Session, asked: Asked, on: date, scope: Scope, due_soon_days: int
) -> dict[Whose, int]:
    if not asked.terms:
        return {}
    statement = prepare(session, asked, on, scope, due_soon_days).then(WORST)
    return {(one, person, module): rank for one, person, module, rank in session.execute(statement)}


def _happening(was: Mapping[Whose, int], becomes: Mapping[Whose, int]) -> dict[int, People]:
    """For each organisation the people to whom each thing happens."""
    found: dict[int, People] = defaultdict(lambda: defaultdict(set))
    for one in was.keys() | becomes.keys():
        before, after = was.get(one), becomes.get(one)
        if before != after:
            organisation, person, _ = one
            for what in happenings(_standing(before), _standing(after)):
                found[organisation][what].add(person)
    return found


def _standing(rank: int | None) -> Standing | None:
    return None if rank is None else BY_RANK[rank]


def _effect(people: People) -> Effect:
    """Each person once for each thing that happens."""
    return Effect(**{what: len(found) for what, found in people.items()})


def _organisations(session: Session, ids: frozenset[int] | None) -> dict[int, Organisation]:
    query = select(Organisation).order_by(col(Organisation.name), col(Organisation.id))
    if ids is not None:
        query = query.where(col(Organisation.id).in_(ids))
    return {one.id: one for one in session.exec(query) if one.id is not None}


def _reminded(
    session: Session, before: Asked, after: Asked, on: date, organisation_ids: frozenset[int]
) -> set[tuple[int, int]]:
    """The people, and for which module, who have a step due under the new map alone that was never sent."""
    known = {(one.person_id, one.key) for one in reminding.due(session, on, organisation_ids, asked=before)}
    new = [
        one
        for one in reminding.due(session, on, organisation_ids, asked=after)
        if (one.person_id, one.key) not in known
    ]
    said = log.said(session, {one.requirement_id for one in new})
    return {(one.person_id, one.module_id) for one in new if not said.has(one)}


def _modules(asked: Asked, was: Mapping[Whose, int], becomes: Mapping[Whose, int]) -> list[ModuleEffect]:
    before, after = _counts(was), _counts(becomes)
    return sorted(
        (
            ModuleEffect(asked.modules[module], before.get(module, Counts()), after.get(module, Counts()))
            for module in before.keys() | after.keys()
        ),
        key=lambda one: one.module,
    )


def _counts(ranks: Mapping[Whose, int]) -> dict[int, Counts]:
    """Each person once, by the worst standing over the organisations."""
    worst: dict[tuple[int, int], int] = {}
    for (_, person, module), rank in ranks.items():
        worst[person, module] = max(rank, worst.get((person, module), rank))
    by_module: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for (_, module), rank in worst.items():
        by_module[module][rank] += 1
    return {module: counted(found) for module, found in by_module.items()}
