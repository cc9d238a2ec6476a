"""Standing: where a post stands on one requirement on one date (policy.md, Standing)."""

from collections.abc import Iterable
from datetime import date, timedelta

from lms.rules.standing.facts import (
    BY_RANK,
    DUE_SOON_DAYS,
    NEVER,
    RANK,
    WINDOW_DAYS,
    Anchor,
    Held,
    Shape,
    Standing,
    Term,
    Validity,
)
from lms.rules.standing.validity import earliest, of, until

__all__ = [
    "BY_RANK",
    "DUE_SOON_DAYS",
    "NEVER",
    "RANK",
    "WINDOW_DAYS",
    "Anchor",
    "Held",
    "Shape",
    "Standing",
    "Term",
    "Validity",
    "due_by",
    "earliest",
    "judge",
    "of",
    "of_post",
    "until",
    "worst",
]


def of_post(
    term: Term,
    held: Iterable[Held],
    *,
    starts_on: date,
    exempt: bool,
    on: date,
    due_soon_days: int = DUE_SOON_DAYS,
) -> Standing:
    """The standing of a post in scope on ``on``: exempt first, then what is held, then the days allowed."""
    if exempt:
        return Standing.EXEMPT
    return judge(of(term, held, on), due_by(term, starts_on), on, due_soon_days)


def judge(held: Validity, due: date, on: date, due_soon_days: int = DUE_SOON_DAYS) -> Standing:
    """What the validity of the best completion means on a day."""
    if held.completed_on is None:
        return Standing.NOT_DONE if on > due else Standing.NOT_YET_DUE
    if held.until is None or held.until > on + timedelta(days=due_soon_days):
        return Standing.IN_DATE
    return Standing.DUE_SOON if held.until >= on else Standing.OUT_OF_DATE


def due_by(term: Term, starts_on: date) -> date:
    """The later of the day the post came into its role and the day the requirement first applied, plus the days."""
    start = max(starts_on, term.first_applied) if term.first_applied else starts_on
    return start + timedelta(days=term.days_allowed)


def worst(standings: Iterable[Standing]) -> Standing | None:
    """The one that counts for a person with several: exempt ones are left aside unless all are."""
    ranked = [RANK[one] for one in standings]
    return BY_RANK[max(ranked)] if ranked else None
