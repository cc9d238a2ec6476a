"""What the pages of the training map share: the blueprint, what an address asks to be shown, and the words."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask import Blueprint, request

from lms import clock
from lms.rules.access import Action, Scope
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


def organisation_ids(reached: Scope) -> frozenset[int] | None:
    """The organisations within a scope; None is all of them."""
    return None if reached.everywhere else reached.organisation_ids
