"""People at two organisations who may be one: to be linked or told apart, and links to be taken apart again."""

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms import clock, db, settings
from lms.errors import Conflict
from lms.rules.access import Action
from lms.services.completions import reconciling
from lms.services.people import doubtful
from lms.web import guard
from lms.web.guard import allow
from lms.web.roster.pages import blueprint

AT_A_TIME = 50
APART = "The link is taken apart. Each has their own record again. Below you can link them after all."
LINKED = "They are linked as one person. What either completed counts for both posts."


@blueprint.get("/people-to-link")
@allow(Action.KEEP_ROLE_LISTS)
def people_to_link() -> str:
    """Pairs to decide on, links in force, and who was told apart."""
    with db.transaction(read_only=True) as session:
        pairs = doubtful.pairs(session, guard.scope(), limit=AT_A_TIME)
        linked = doubtful.linked(session, guard.scope(), limit=AT_A_TIME)
        apart = doubtful.apart(session, guard.scope(), limit=AT_A_TIME)
    return render_template("roster/links.html", pairs=pairs, linked=linked, apart=apart, most=AT_A_TIME)


@blueprint.post("/people-to-link")
@allow(Action.KEEP_ROLE_LISTS)
def decide_pair() -> ResponseReturnValue:
    """Say that a pair is one person, or two."""
    one, other = (_number(request.form.get(name, "")) for name in ("one", "other"))
    actor, scope, now = guard.me().actor, guard.scope(), clock.now()
    try:
        with db.transaction() as session:
            if request.form.get("answer") == "same":
                touched = doubtful.same(session, scope, actor, one, other, now=now)
                # Here and not in the service: completions stand downstream of people (house.md: pull, never push).
                reconciling.people_changed(session, sorted(touched), settings.current().base_url, now)
                said = LINKED
            else:
                doubtful.different(session, scope, actor, one, other, now=now)
                said = "They are two people. You will not be asked again; below you can link them after all."
    except Conflict as refusal:
        said = refusal.message
    flash(said)
    return redirect(url_for(".people_to_link"))


@blueprint.post("/people-to-link/<int:link_id>/apart")
@allow(Action.KEEP_ROLE_LISTS)
def take_apart(link_id: int) -> ResponseReturnValue:
    """Take a link apart."""
    return _decide(doubtful.unlink, link_id, APART)


@blueprint.post("/people-to-link/<int:link_id>/together")
@allow(Action.KEEP_ROLE_LISTS)
def link_again(link_id: int) -> ResponseReturnValue:
    """Link two who were told or taken apart after all."""
    return _decide(doubtful.link_again, link_id, LINKED)


def _decide(decide: Callable[..., frozenset[int]], link_id: int, said: str) -> ResponseReturnValue:
    now = clock.now()
    with db.transaction() as session:
        touched = decide(session, guard.scope(), guard.me().actor, link_id, now=now)
        reconciling.people_changed(session, sorted(touched), settings.current().base_url, now)
    flash(said)
    return redirect(url_for(".people_to_link"))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else 0
