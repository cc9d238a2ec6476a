"""What a role list does to coverage, before and after, on the date of the list.

A module's figure is a sum over people, so of a list only those whom it concerns are counted anew.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from itertools import groupby
from operator import attrgetter

from sqlalchemy.sql.selectable import TextualSelect
from sqlmodel import Session

from lms import garbage
from lms.rules.coverage import counted
from lms.rules.roster import Told
from lms.services import standing
from lms.services.people import foreseeing, lists
from lms.services.people.checking import Checked
from lms.services.people.foreseeing import PostToBe
from lms.services.people.lists import Rehearsed
from lms.services.standing import asked as reading
from lms.services.standing.asked import Asked
from lms.services.standing.query import Prepared, prepare, recordset
from lms.tables.roster import RoleList

# Module → rank → people; coverage in per cent by module, None where it is required of nobody.
Ranks = Mapping[int, Counter[int]]
Rates = Mapping[str, float | None]
# What the standing of somebody follows from of whom nothing else is known: role, unmapped, since when, exempt.
Kind = tuple[tuple[int | None, bool, date | None, bool], ...]

# What a person's several standings for a module come to is the greatest rank, as in the figures.
EVERYONE = """
SELECT module_id, rank, 0 AS concerned, COUNT(*) AS people
FROM (SELECT person_id, module_id, MAX(rank) AS rank FROM judged GROUP BY person_id, module_id) one
GROUP BY module_id, rank
"""

# Whoever is concerned is asked for as a set: joined, SQLite takes a list of values for a short one and reads all of it
# again for each of an organisation's people.
PRESENT = """
SELECT module_id, rank, concerned, COUNT(*) AS people
FROM (
    SELECT module_id, MAX(rank) AS rank, CASE WHEN person_id IN ({concerned}) THEN 1 ELSE 0 END AS concerned
    FROM judged GROUP BY person_id, module_id
) one
GROUP BY module_id, rank, concerned
"""

# Below zero somebody stands for everybody who is new and alike.
FORESEEN = """
SELECT module_id, rank, stranger, COUNT(*) AS people
FROM (
    SELECT person_id, module_id, MAX(rank) AS rank, CASE WHEN person_id < 0 THEN person_id ELSE 0 END AS stranger
    FROM judged GROUP BY person_id, module_id
) one
GROUP BY module_id, rank, stranger
"""


@dataclass(frozen=True, slots=True)
class Effect:
    """Coverage of one module in per cent; None where it is required of nobody."""

    module: str
    before: float | None
    after: float | None


def check(session: Session, role_list_id: int) -> RoleList | None:
    """Check a kept list and keep the report with the effect it would have; None where its turn has passed."""
    rehearsed = rehearse(session, role_list_id)
    return lists.keep(session, role_list_id, rehearsed) if rehearsed else None


def rehearse(session: Session, role_list_id: int, *, tell: Told | None = None) -> Rehearsed | None:
    """What a kept list would do, with the effect it would have, reading only; None where its turn has passed."""
    found = lists.check(session, role_list_id, tell=tell)
    if found is None:
        return None
    role_list, checked = found
    report = checked.report()
    if checked.reading.rows:
        if tell is not None:
            tell("Working out coverage", 0, None)
        change = foreseen(session, role_list.organisation_id, checked)
        report["coverage"] = [asdict(one) for one in change]
    return Rehearsed(report, checked.refused)


@garbage.put_off()
def foreseen(session: Session, organisation_id: int, checked: Checked) -> list[Effect]:
    """The effect that applying a checked list would have."""
    on = checked.plan.as_at
    asked = reading.on(session, on)
    to_be = foreseeing.to_be(session, organisation_id, checked)
    before, after = _present(session, asked, organisation_id, on, to_be.concerned)
    if to_be.posts:
        for module, rank, people in _planned(session, asked, organisation_id, on, to_be.posts):
            after[module][rank] += people
    return between(_rates(asked, before), _rates(asked, after))


def now(session: Session, organisation_id: int, on: date) -> Rates:
    """The organisation's coverage of each module as it is stored."""
    asked = reading.on(session, on)
    return _rates(asked, _present(session, asked, organisation_id, on, frozenset())[0])


def applied(session: Session, organisation_id: int, checked: Checked, before: Rates) -> list[Effect]:
    """The effect that applying a checked list had; of one that wrote nothing, nothing is counted again."""
    unchanged = not checked.plan.writes
    return between(before, before if unchanged else now(session, organisation_id, checked.plan.as_at))


def between(before: Rates, after: Rates) -> list[Effect]:
    """Module by module."""
    return [Effect(module, before.get(module), after.get(module)) for module in sorted({*before, *after})]


def _present(
    session: Session, asked: Asked, organisation_id: int, on: date, concerned: Collection[int]
) -> tuple[Ranks, Ranks]:
    """Where people stand now: all of them, and those whom a list does not concern."""
    scope = standing.Scope(organisation_ids=frozenset({organisation_id}))
    prepared = prepare(session, asked, on, scope, asked.due_soon_days)
    everyone: Ranks = defaultdict(Counter)
    others: Ranks = defaultdict(Counter)
    for module, rank, is_concerned, people in session.execute(*_counting(session, prepared, concerned)):
        everyone[module][rank] += people
        if not is_concerned:
            others[module][rank] += people
    return everyone, others


def _counting(
    session: Session, prepared: Prepared, concerned: Collection[int]
) -> tuple[TextualSelect, Mapping[str, str]]:
    """The question and its value; nobody is looked up where a list concerns nobody, as most nights."""
    if not concerned:
        return prepared.then(EVERYONE), {}
    rows = recordset(session.get_bind().dialect.name, "concerned", "person_id int")
    return prepared.then(PRESENT.format(concerned=rows)), {
        "concerned": json.dumps([[one] for one in concerned])
    }


def _planned(
    session: Session, asked: Asked, organisation_id: int, on: date, posts: Sequence[PostToBe]
) -> Iterator[tuple[int, int, int]]:
    """Where those whom a list concerns would stand, as (module, rank, people)."""
    asked_about, times = _alike(
        posts, {on - timedelta(days=term.days_allowed) for term in asked.terms.values()}
    )
    planned = tuple(
        standing.Planned(
            one.number,
            one.employment_id,
            organisation_id,
            one.person_id,
            one.starts_on,
            one.job_role_id,
            one.unmapped,
            one.exempt,
        )
        for one in asked_about
    )
    prepared = prepare(session, asked, on, standing.Scope(planned=planned), asked.due_soon_days)
    for module, rank, stranger, people in session.execute(prepared.then(FORESEEN)):
        yield module, rank, people * times.get(stranger, 1)


def _alike(posts: Iterable[PostToBe], cuts: Iterable[date]) -> tuple[list[PostToBe], Mapping[int, int]]:
    """The posts with one stranger for all who are alike, and for how many each stands.

    Nothing is known of strangers but their posts, so they stand where others stand with the same roles who started
    on the same side of every day that decides what is not yet due. A first list is 100,000 strangers and a few
    hundred kinds of them.
    """
    days = sorted(cuts, reverse=True)
    since: dict[date, date | None] = {}
    kept: list[PostToBe] = []
    known: dict[Kind, int] = {}
    times: Counter[int] = Counter()
    # Whoever is new has their posts one after the other.
    for person_id, group in groupby(posts, key=attrgetter("person_id")):
        if person_id > 0:
            kept += group
            continue
        held = tuple(group)
        for post in held:
            if post.starts_on not in since:
                since[post.starts_on] = next((day for day in days if day <= post.starts_on), None)
        kind = tuple((one.job_role_id, one.unmapped, since[one.starts_on], one.exempt) for one in held)
        first = known.setdefault(kind, person_id)
        if first == person_id:
            kept += held
        times[first] += 1
    return kept, times


def _rates(asked: Asked, ranks: Ranks) -> Rates:
    return {asked.modules[module]: counted(found).coverage for module, found in ranks.items() if found}


__all__ = ["Effect", "applied", "between", "check", "foreseen", "now"]
