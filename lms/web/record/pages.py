"""The reconciliation list, and one thing that statements wait for with the means to resolve it."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import Blueprint, render_template, request
from sqlmodel import Session

from lms import clock, db
from lms.errors import NotFound
from lms.rules.access import EVERYTHING, Action
from lms.rules.accounts import Problem
from lms.rules.completions import Reason
from lms.services import organisations
from lms.services.completions import settling, waiting
from lms.services.completions.waiting import Item
from lms.services.people import finding
from lms.services.training_map import modules
from lms.web import guard
from lms.web.asked import PAGE, Page, offset, page_number, search
from lms.web.guard import allow
from lms.web.words import in_full

blueprint = Blueprint("record", __name__)

HEADINGS = {
    Reason.UNKNOWN_ACTOR: "Unknown actor",
    Reason.AMBIGUOUS_ACTOR: "Address of several people",
    Reason.UNKNOWN_ACTIVITY: "Unknown activity",
    Reason.UNTRUSTED_KEY: "Source not trusted",
    Reason.FUTURE: "Time still to come",
}
STATEMENTS = 20


@blueprint.context_processor
def _for_templates() -> dict[str, Any]:
    return {"headings": HEADINGS, "named": named, "actor_named": actor_named, "reasons": Reason}


@blueprint.get("/record")
@allow(Action.RECONCILE_STATEMENTS)
def lists() -> str:
    """What statements wait for, the most frequent first."""
    wanted = request.args.get("reason", "")
    reason = Reason(wanted) if wanted in set(Reason) else None
    code = request.args.get("organisation", "")
    with db.transaction(read_only=True) as session:
        places = organisations.within(session, guard.scope())
        organisation_id = guard.organisation(session, code).id if code else None
        narrowed: dict[str, Any] = {"reason": reason, "organisation_id": organisation_id}
        found = waiting.listed(session, limit=PAGE, offset=offset(), **narrowed)
        items, statements = waiting.counted(session, **narrowed)
    return render_template(
        "record/lists.html",
        items=found,
        page=Page(page_number(), items),
        statements=statements,
        reason_choices=[("", "Every reason"), *((one.value, words) for one, words in HEADINGS.items())],
        organisation_choices=[("", "Everybody’s keys"), *((one.code, one.name) for one in places)],
        narrowed=bool(reason or code),
        values=request.args,
    )


@blueprint.get("/record/waiting/<reason>/<int(signed=True):term>")
@allow(Action.RECONCILE_STATEMENTS)
def item(reason: str, term: int) -> str:
    """One thing that statements wait for: how many, since when, the statements, and what can be done."""
    return page_of(reason, term)


def page_of(reason: str, term: int, problems: Sequence[Problem] = ()) -> str:
    """The page of one thing that statements wait for."""
    with db.transaction(read_only=True) as session:
        one = found(session, reason, term)
        statements = waiting.statements(session, one, limit=STATEMENTS, offset=_before())
        of_actor = one.reason in settling.OF_ACTORS
        who = waiting.who(session, one) if of_actor else None
        people = finding.search(session, EVERYTHING, search(), day=clock.today()) if who and search() else []
        known = modules.every(session) if one.reason is Reason.UNKNOWN_ACTIVITY else {}
    return render_template(
        "record/item.html",
        item=one,
        of_actor=of_actor,
        recognised=who is not None,
        people=people,
        statements=[(statement, json.loads(statement.payload)) for statement in statements],
        page=Page(page_number(), one.statements, STATEMENTS),
        module_choices=[
            ("", "Choose one"),
            *((module.code, f"{module.title} ({module.code})") for _, module in sorted(known.items())),
        ],
        many=one.statements > settling.AT_ONCE,
        problems=problems,
        values=request.form,
    )


def found(session: Session, reason: str, term: int) -> Item:
    """What an address of this noun is about.

    :raises NotFound: when nothing waits for it any more.
    """
    if reason not in set(Reason):
        raise NotFound(waiting.MISSING)
    return waiting.one(session, Reason(reason), term)


def named(item: Item) -> str:
    """What statements wait for, as people read it."""
    if item.reason is Reason.FUTURE:
        return in_full(date.fromisoformat(item.about))
    return actor_named(item.about) if item.reason in settling.OF_ACTORS else item.about


def actor_named(identity: str) -> str:
    """An actor's identity as people read it; what is none stays as it is."""
    kind, _, rest = identity.partition(" ")
    if kind == "mbox":
        return rest.removeprefix("mailto:")
    if kind == "account":
        home, _, name = rest.partition(" ")
        return f"{name}, an account at {home}"
    if kind == "sha1":
        return f"somebody whose e-mail address has the SHA-1 {rest}"
    return rest if kind == "openid" else identity


def _before() -> int:
    return (page_number() - 1) * STATEMENTS
