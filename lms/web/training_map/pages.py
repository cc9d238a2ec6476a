"""What the pages of the training map share: the blueprint, what an address asks to be shown, and the words."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from flask import Blueprint, request
from sqlmodel import Session

from lms import clock
from lms.rules.access import Action, Scope
from lms.rules.training_map.rows import RequirementRow
from lms.rules.training_map.versions import differences, say
from lms.services import preview
from lms.services.training_map import matrix, versions
from lms.services.training_map.matrix import Filters
from lms.web import guard

blueprint = Blueprint("training_map", __name__)


@blueprint.context_processor
def _for_templates() -> dict[str, Any]:
    return {"keeps_map": guard.can(Action.KEEP_TRAINING_MAP), "pairs": _pairs, "named": _named}


def _pairs(words: Iterable[str]) -> list[tuple[str, str]]:
    """Choices whose values are what they are called."""
    return [(word, word) for word in words]


def _named(modules: Iterable[Any]) -> list[tuple[str, str]]:
    """Modules as choices: the code, and the title with it."""
    return [(one.code, f"{one.title} ({one.code})") for one in modules]


def filters() -> Filters:
    """What of the matrix the address asks for."""
    given = request.args
    return Filters(
        organisation=given.get("organisation", "").strip()[:64],
        family=given.get("family", "").strip()[:100],
        kind=given.get("kind", "").strip()[:64],
        search=" ".join(given.get("search", "").split())[:200],
        asked_only=given.get("asked_only") == "yes",
    )


def tomorrow() -> date:
    """The first day that is still to come."""
    today = clock.today()
    return date.fromordinal(today.toordinal() + 1)


def effect(session: Session, rows: Sequence[RequirementRow], start: date | None) -> dict[str, Any]:
    """What these rows would do from a day, or since always: what ``training_map/effect.html`` shows."""
    today, ids = clock.today(), organisation_ids(guard.scope())
    on = max(start, today) if start else today
    named, published = matrix.names(session), versions.rows_of(versions.newest(session))
    return {
        "preview": preview.of(session, rows, on, organisation_ids=ids),
        "people_affected": preview.affected(session, rows, on, organisation_ids=ids)
        if guard.can(Action.SEE_PEOPLE)
        else [],
        "changes": [say(each, named) for each in differences(published, rows)],
    }


def organisation_ids(reached: Scope) -> frozenset[int] | None:
    """The organisations within a scope; None is all of them."""
    return None if reached.everywhere else reached.organisation_ids
