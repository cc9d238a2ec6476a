"""What a role list does to coverage, before and after, on the date of the list."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date

from sqlmodel import Session

from lms.services import standing
from lms.services.coverage import By, Figures, figures
from lms.services.people import lists
from lms.services.people.checking import Checked
from lms.services.people.foreseeing import posts
from lms.tables.roster import RoleList


@dataclass(frozen=True, slots=True)
class Effect:
    """Coverage of one module in per cent; None where it is required of nobody."""

    module: str
    before: float | None
    after: float | None


def check(session: Session, role_list_id: int) -> RoleList | None:
    """Check a kept list and keep the report with the effect it would have; None where its turn has passed."""
    found = lists.check(session, role_list_id)
    if found is None:
        return None
    role_list, checked = found
    if checked.reading.rows:
        change = foreseen(session, role_list.organisation_id, checked)
        role_list.report = {**(role_list.report or {}), "coverage": [asdict(one) for one in change]}
        session.flush()
    return role_list


def foreseen(session: Session, organisation_id: int, checked: Checked) -> list[Effect]:
    """The effect that applying a checked list would have."""
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
        for one in posts(session, organisation_id, checked)
    )
    on = checked.plan.as_at
    before = now(session, organisation_id, on)
    after = figures(
        session,
        on,
        organisation_ids=frozenset({organisation_id}),
        partnership=False,
        by=By.MODULE,
        planned=planned,
    )
    return between(before, after)


def now(session: Session, organisation_id: int, on: date) -> Figures:
    """The organisation's figures as they are stored."""
    return figures(session, on, organisation_ids=frozenset({organisation_id}), partnership=False)


def between(before: Figures, after: Figures) -> list[Effect]:
    """Module by module."""
    one, other = (_rates(found) for found in (before, after))
    return [Effect(module, one.get(module), other.get(module)) for module in _sorted([*one, *other])]


def _rates(found: Figures) -> dict[str, float | None]:
    return {row.module: row.counts.coverage for row in found.rows}


def _sorted(modules: Iterable[str]) -> list[str]:
    return sorted(set(modules))


__all__ = ["Effect", "between", "check", "foreseen", "now"]
