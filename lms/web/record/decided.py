"""What was decided about statements that did not resolve, and taking it back."""

import json

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms import clock, db
from lms.errors import Invalid
from lms.rules.access import Action
from lms.services.completions import decided, reconciling, waiting
from lms.services.completions.projecting import Projected
from lms.services.training_map import aliases
from lms.web import guard
from lms.web.asked import PAGE, Page, offset, page_number
from lms.web.guard import allow
from lms.web.record.pages import STATEMENTS as SHOWN
from lms.web.record.pages import blueprint
from lms.web.record.settling import base_url

ACTORS, ACTIVITIES, STATEMENTS = "actors", "activities", "statements"
KINDS = ((ACTORS, "Actors"), (ACTIVITIES, "Activities"), (STATEMENTS, "Statements"))


@blueprint.get("/record/decided")
@allow(Action.RECONCILE_STATEMENTS)
def decisions() -> str:
    """Actors matched to people, activities pointed at modules, and statements accepted or set aside."""
    asked = request.args.get("of", ACTORS)
    kind = asked if asked in dict(KINDS) else ACTORS
    read = {ACTORS: decided.matches, ACTIVITIES: aliases.listed, STATEMENTS: decided.acts}[kind]
    with db.transaction(read_only=True) as session:
        found, total = read(session, limit=PAGE, offset=offset())
    return render_template(
        "record/decided.html", found=found, page=Page(page_number(), total), kind=kind, kinds=KINDS
    )


@blueprint.get("/record/decided/<int:act_id>")
@allow(Action.RECONCILE_STATEMENTS)
def act(act_id: int) -> str:
    """The statements that were accepted or set aside together."""
    with db.transaction(read_only=True) as session:
        one, places = decided.one(session, act_id)
        start = (page_number() - 1) * SHOWN
        found = waiting.at_places(session, places[start : start + SHOWN])
    return render_template(
        "record/act.html",
        act=one,
        kind=STATEMENTS,
        statements=[(statement, json.loads(statement.payload)) for statement in found],
        page=Page(page_number(), len(places), SHOWN),
    )


@blueprint.post("/record/decided")
@allow(Action.RECONCILE_STATEMENTS)
def take_back() -> ResponseReturnValue:
    """Let an actor, an activity or statements be as if nothing had been decided."""
    kind, number = request.form.get("of", ""), _number(request.form.get("number", ""))
    # An actor has the number of its term, 64 bits with a sign; the others that of a row.
    lowest, highest = (-(2**63), 2**63 - 1) if kind == ACTORS else (0, 2**31 - 1)
    if kind not in dict(KINDS) or number is None or not lowest <= number <= highest:
        raise Invalid("Choose what is to be taken back.")
    actor, now = guard.me().actor, clock.now()
    with db.transaction() as session:
        if kind == ACTORS:
            made = reconciling.unmatch_actor(session, actor, number, base_url(), now=now)
        elif kind == ACTIVITIES:
            iri = aliases.take_back(session, number, actor=actor, now=now)
            made = reconciling.about_activity(session, iri, base_url(), now)
        else:
            made = decided.take_back(session, actor, number, base_url(), now=now)
    flash(_said(made))
    return redirect(url_for(".decisions", of=kind))


def _number(text: str) -> int | None:
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdecimal() and len(digits) < 20 else None


def _said(made: Projected) -> str:
    waits = "1 statement waits" if made.open == 1 else f"{made.open:,} statements wait"
    counts = "1 counts" if made.counted == 1 else f"{made.counted:,} count"
    return f"It is taken back: {waits} again, {counts}."
