"""The menu: what stands in it, in order, and for whom."""

from dataclasses import dataclass

from flask import current_app, request, url_for

from lms.rules.access import Action
from lms.web import guard


@dataclass(frozen=True)
class Entry:
    """One line of the menu: shown to whoever may do the action, where the page exists."""

    label: str
    endpoint: str
    action: Action
    about: str


START = "home.home"
ENTRIES = (
    Entry(
        "My learning",
        "standing.mine",
        Action.SEE_OWN_LEARNING,
        "What you need, what you hold, and when it is due again.",
    ),
    Entry("People", "people.lists", Action.SEE_PEOPLE, "Find somebody and see where they stand."),
    Entry(
        "Coverage", "coverage.figures", Action.SEE_COVERAGE, "How many people are trained, by organisation."
    ),
    Entry(
        "Role lists", "roster.lists", Action.KEEP_ROLE_LISTS, "Upload a list and see what it would change."
    ),
    Entry(
        "Training map",
        "training_map.shown",
        Action.SEE_TRAINING_MAP,
        "What is asked of whom, how soon and how often, by version.",
    ),
    Entry(
        "Prior learning",
        "decisions.claims",
        Action.DECIDE_ABOUT_PEOPLE,
        "What people learned elsewhere, to be decided on.",
    ),
    Entry("Sessions", "sessions.upcoming", Action.SEE_SESSIONS, "Plan sessions and keep their registers."),
    Entry(
        "Record",
        "record.lists",
        Action.RECONCILE_STATEMENTS,
        "What arrived and does not count yet, keys, and other stores.",
    ),
    Entry("Accounts", "accounts.lists", Action.ADMINISTER_ACCOUNTS, "Who can sign in, and what for."),
)


@dataclass(frozen=True)
class Item:
    """An entry as this page shows it."""

    label: str
    href: str
    about: str
    current: bool


def items() -> list[Item]:
    """The menu of whoever is signed in."""
    endpoint = request.endpoint or ""
    action = guard.declared(current_app, endpoint)
    # A page belongs to the entry that does the same, else to the one of its noun.
    here = next((entry for entry in ENTRIES if entry.action == action), None) or next(
        (entry for entry in ENTRIES if _noun(entry.endpoint) == _noun(endpoint)), None
    )
    return [
        Item(entry.label, url_for(entry.endpoint), entry.about, entry is here and endpoint != START)
        for entry in ENTRIES
        if entry.endpoint in current_app.view_functions and guard.can(entry.action)
    ]


def _noun(endpoint: str) -> str:
    return endpoint.partition(".")[0]
