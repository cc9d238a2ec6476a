"""Keys for machines: which there are, making one with its secret shown this once, trusting and revoking it."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms import clock, db
from lms.errors import Invalid, NotFound
from lms.rules import keys as rules
from lms.rules.access import EVERYTHING, Action
from lms.rules.accounts import Problem
from lms.services import keys, organisations
from lms.services.completions import settling
from lms.web import guard
from lms.web.asked import PAGE, Page, offset, page_number
from lms.web.guard import allow
from lms.web.record.pages import blueprint
from lms.web.record.settling import base_url, trust_of


@blueprint.get("/record/keys")
@allow(Action.ADMINISTER_KEYS)
def key_list() -> str:
    """All keys, newest first."""
    with db.transaction(read_only=True) as session:
        found = keys.listed(session)
    start = offset()
    return render_template(
        "record/keys.html", keys=found[start : start + PAGE], page=Page(page_number(), len(found))
    )


@blueprint.get("/record/keys/new")
@allow(Action.ADMINISTER_KEYS)
def new_key() -> str:
    """The form for a new key."""
    return _form()


@blueprint.post("/record/keys/new")
@allow(Action.ADMINISTER_KEYS)
def make_key() -> ResponseReturnValue:
    """Make it, and show its secret, this once."""
    form = request.form
    problems = _problems()
    if problems:
        return _form(problems), 422
    try:
        with db.transaction() as session:
            made = keys.create(
                session,
                guard.me().actor,
                form.get("name", ""),
                form.getlist("scope"),
                now=clock.now(),
                trusted=form.get("trusted") == "yes",
                organisation=form.get("organisation") or None,
            )
    except Invalid as refusal:
        return _form([Problem("scope", refusal.message)]), 422
    except NotFound as refusal:
        return _form([Problem("organisation", refusal.message)]), 422
    return render_template(
        "record/key_made.html",
        made=made,
        name=form["name"].strip(),
        base_url=base_url(),
        token=rules.token(made.prefix, made.secret),
        record=any(scope != rules.ROSTER for scope in form.getlist("scope")),
        lists_of=form.get("organisation") if rules.ROSTER in form.getlist("scope") else None,
    )


@blueprint.get("/record/keys/<prefix>")
@allow(Action.ADMINISTER_KEYS)
def key(prefix: str) -> str:
    """One key: what it may do, and what can be done with it."""
    with db.transaction(read_only=True) as session:
        found = keys.one(session, prefix)
    return render_template("record/key.html", key=found, scopes=rules.SCOPES)


@blueprint.post("/record/keys/<prefix>/trust")
@allow(Action.ADMINISTER_KEYS)
def trust_key(prefix: str) -> ResponseReturnValue:
    """Let what it writes, and wrote, count as completions, or no longer."""
    trust_of("key", settling.key, prefix)
    return redirect(url_for(".key", prefix=prefix))


@blueprint.post("/record/keys/<prefix>/revoke")
@allow(Action.ADMINISTER_KEYS)
def revoke_key(prefix: str) -> ResponseReturnValue:
    """Let it open nothing any more."""
    with db.transaction() as session:
        keys.revoke(session, guard.me().actor, prefix, now=clock.now())
    flash("The key is revoked. It opens nothing any more; what it wrote stays.")
    return redirect(url_for(".key", prefix=prefix))


def _problems() -> list[Problem]:
    found = []
    name = request.form.get("name", "").strip()
    if not name or len(name) > 100:
        message = "Enter a name of at most 100 characters, such as the system that will use it."
        found.append(Problem("name", message))
    if not request.form.getlist("scope"):
        found.append(Problem("scope", "Choose at least one thing that the key may do."))
    return found


def _form(problems: Sequence[Problem] = ()) -> str:
    with db.transaction(read_only=True) as session:
        places = organisations.within(session, EVERYTHING)
    return render_template(
        "record/key_new.html",
        scopes=rules.SCOPES,
        chosen=request.form.getlist("scope"),
        organisation_choices=[("", "The whole partnership"), *((one.code, one.name) for one in places)],
        problems=problems,
        values=request.form,
    )
