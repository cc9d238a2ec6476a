"""What the map asks on a date, read from the tables into the facts of the rules."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from sqlmodel import Session

from lms.rules.dates import FOR_EVER, SINCE_ALWAYS
from lms.rules.standing import DUE_SOON_DAYS, Anchor, Shape, Term
from lms.rules.training_map.counting import Link, Placed, counting, cumulative_links
from lms.services.standing.facts import MAP, read
from lms.services.standing.scope import EVERYONE, Scope

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
    for it; ``parents`` give the organisation above each; ``due_soon_days`` is the setting.
    """

    terms: Mapping[int, Term]
    roles: Mapping[int, Role]
    modules: Mapping[int, str]
    links: Mapping[int, Sequence[Link]]
    organisations: Mapping[int, str]
    parents: Mapping[int, int | None]
    due_soon_days: int

    def of_roles(self, term: Term) -> Sequence[int]:
        """The job roles of which the term asks something; 0 is the unmapped, who have the everyone-requirements only."""
        return self._named.get((term.who, "" if term.who in ("everyone", "managers") else term.value), ())

    @cached_property
    def below(self) -> Mapping[int, frozenset[int]]:
        """An organisation with everything beneath it."""
        below: dict[int, set[int]] = defaultdict(set)
        for organisation in self.parents:
            above: int | None = organisation
            while above is not None and organisation not in below[above]:
                below[above].add(organisation)
                above = self.parents.get(above)
        return {organisation: frozenset(found) for organisation, found in below.items()}

    @cached_property
    def _named(self) -> Mapping[tuple[str, str], Sequence[int]]:
        """The job roles under each way of naming them, so that a map of thousands of rows is read once."""
        named: dict[tuple[str, str], list[int]] = defaultdict(list, {("everyone", ""): [UNMAPPED_ROLE]})
        for role in self.roles.values():
            ways = [("everyone", ""), ("family", role.family), ("role", role.code)]
            ways += [("level", role.level)] if role.level is not None else []
            ways += [("managers", "")] if role.manager else []
            for way in ways:
                named[way].append(role.id)
        return named


def on(session: Session, day: date, scope: Scope = EVERYONE, *, terms: Iterable[Term] | None = None) -> Asked:
    """Read the map in force on a day, of it what may ask something of the scope.

    ``terms`` puts others in the place of the published ones.
    """
    facts = read(session, day, MAP if terms is not None else ("terms", *MAP), scope)
    chosen = {term.term_id: term for term in (_terms(facts["terms"]) if terms is None else terms)}
    needed = {term.module_id for term in chosen.values()} | {
        term.refresher_module_id for term in chosen.values() if term.refresher_module_id is not None
    }
    return Asked(
        terms=chosen,
        roles={row["id"]: Role(**row | {"manager": bool(row["manager"])}) for row in facts["roles"]},
        modules={row["id"]: row["code"] for row in facts["modules"]},
        links=counting(needed, _links(facts["equivalences"]) + _levels(facts["modules"])),
        organisations={row["id"]: row["code"] for row in facts["organisations"]},
        parents={row["id"]: row["parent"] for row in facts["organisations"]},
        due_soon_days=_due_soon_days(facts["settings"]),
    )


def in_force(session: Session, day: date) -> list[Term]:
    """The published terms that cover a day."""
    return _terms(read(session, day, ("terms",))["terms"])


def _due_soon_days(settings: Iterable[Mapping[str, str]]) -> int:
    """The setting, or the default of policy.md."""
    told = {row["name"]: row["json"] for row in settings}
    return int(json.loads(told[DUE_SOON_SETTING])) if DUE_SOON_SETTING in told else DUE_SOON_DAYS


def _terms(rows: Iterable[dict[str, Any]]) -> list[Term]:
    return [_term(row) for row in sorted(rows, key=lambda row: int(row["term_id"]))]


def _term(row: dict[str, Any]) -> Term:
    month, _, number = (row["fixed_day"] or "").partition("-")
    return Term(
        **row
        | {
            "shape": Shape(row["shape"]),
            "anchor": Anchor(row["anchor"]),
            "fixed_day": (int(month), int(number)) if month else None,
            "from_day": _day(row["from_day"]),
            "first_applied": _day(row["first_applied"]),
        }
    )


def _links(rows: Iterable[Mapping[str, Any]]) -> list[Link]:
    return [
        Link(
            row["module"], row["counts_for"], _day(row["start"]) or SINCE_ALWAYS, _day(row["end"]) or FOR_EVER
        )
        for row in rows
    ]


def _levels(rows: Iterable[Mapping[str, Any]]) -> list[Link]:
    """What counts for what by cumulative levels."""
    return cumulative_links(
        Placed(row["id"], row["framework"], row["rank"], bool(row["cumulative"]))
        for row in rows
        if row["framework"] is not None
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
