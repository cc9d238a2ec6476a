"""Other record stores: how it goes with each, noting one, trusting it, trying again and stopping it."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms import clock, db, lrs, queue, settings
from lms.errors import Invalid
from lms.queue import Job
from lms.rules.access import Action
from lms.rules.accounts import Problem
from lms.rules.statements import order
from lms.services.completions import settling
from lms.services.statements import forwarding, stores, unkept
from lms.web import guard
from lms.web.guard import allow
from lms.web.record.pages import blueprint
from lms.web.record.settling import trust_of

SHOWN = 20


@blueprint.get("/record/stores")
@allow(Action.ADMINISTER_STORES)
def store_list() -> str:
    """All stores, with what waits for each and the last error."""
    with db.transaction(read_only=True) as session:
        found = stores.listed(session)
    return render_template("record/stores.html", stores=found, stored_at=order.stored_at)


@blueprint.get("/record/stores/new")
@allow(Action.ADMINISTER_STORES)
def new_store() -> str:
    """The form for another store."""
    return _form()


@blueprint.post("/record/stores/new")
@allow(Action.ADMINISTER_STORES)
def add_store() -> ResponseReturnValue:
    """Note it. Its password is kept encrypted with this system's own key."""
    form = request.form
    problems = [
        Problem(name, message)
        for name, message in (
            ("name", "Enter what the store is called here."),
            ("address", "Enter its address."),
            ("user", "Enter our user name there."),
            ("password", "Enter our password there."),
        )
        if not form.get(name, "").strip()
    ]
    if not problems:
        try:
            with db.transaction() as session:
                store_id = stores.add(
                    session,
                    guard.me().actor,
                    name=form["name"],
                    address=form["address"].strip(),
                    username=form["user"].strip(),
                    sealed=lrs.seal(form["password"], settings.current().secret_key),
                    forwards="forward" in form.getlist("way"),
                    pulls="pull" in form.getlist("way"),
                    trusted=form.get("trusted") == "yes",
                    now=clock.now(),
                )
        except Invalid as refusal:
            problems = [Problem("name", refusal.message)]
    if problems:
        return _form(problems), 422
    flash("The store is noted. A worker sends and fetches every few minutes.")
    return redirect(url_for(".store", store_id=store_id))


@blueprint.get("/record/stores/<int:store_id>")
@allow(Action.ADMINISTER_STORES)
def store(store_id: int) -> str:
    """One store: how it goes, the statements that it refuses, and those of its own that cannot be kept here."""
    return _store(store_id)


@blueprint.post("/record/stores/<int:store_id>/trust")
@allow(Action.ADMINISTER_STORES)
def trust_store(store_id: int) -> ResponseReturnValue:
    """Let what comes from it, and came, count as completions, or no longer."""
    trust_of("store", settling.store, store_id)
    return redirect(url_for(".store", store_id=store_id))


@blueprint.post("/record/stores/<int:store_id>/again")
@allow(Action.ADMINISTER_STORES)
def try_store(store_id: int) -> ResponseReturnValue:
    """Let a worker send and fetch now; what was refused is sent again at once."""
    with db.transaction() as session:
        facts = stores.facts(session, store_id)
        forwarding.at_once(session, store_id)
    for job in [Job.FORWARD_STATEMENTS] * facts.forwards + [Job.PULL_STATEMENTS] * facts.pulls:
        queue.enqueue(job)
    flash("It is tried again in the background. Load this page again in a minute.")
    return redirect(url_for(".store", store_id=store_id))


@blueprint.post("/record/stores/<int:store_id>/change")
@allow(Action.ADMINISTER_STORES)
def change_store(store_id: int) -> ResponseReturnValue:
    """Do something else with it, or sign in there in another way; one that was stopped begins again."""
    form = request.form
    password = form.get("password", "")
    try:
        with db.transaction() as session:
            stores.change(
                session,
                guard.me().actor,
                store_id,
                forwards="forward" in form.getlist("way"),
                pulls="pull" in form.getlist("way"),
                username=form.get("user", "").strip(),
                sealed=lrs.seal(password, settings.current().secret_key) if password else None,
                now=clock.now(),
            )
    except Invalid as refusal:
        field = "user" if form.getlist("way") else "way-forward"
        return _store(store_id, form.getlist("way"), [Problem(field, refusal.message)]), 422
    flash("The store is changed. A worker sends and fetches every few minutes.")
    return redirect(url_for(".store", store_id=store_id))


@blueprint.post("/record/stores/<int:store_id>/stop")
@allow(Action.ADMINISTER_STORES)
def stop_store(store_id: int) -> ResponseReturnValue:
    """Neither send to it nor fetch from it any more."""
    with db.transaction() as session:
        facts = stores.facts(session, store_id)
        stores.stop(session, guard.me().actor, facts.name, now=clock.now())
    flash("The store is stopped. What came from it stays.")
    return redirect(url_for(".store", store_id=store_id))


def _store(store_id: int, ways: Sequence[str] | None = None, problems: Sequence[Problem] = ()) -> str:
    with db.transaction(read_only=True) as session:
        facts = stores.facts(session, store_id)
        failing = forwarding.failing(session, store_id, limit=SHOWN)
        in_vain = unkept.listed(session, store_id, limit=SHOWN)
    done = ["forward"] * facts.forwards + ["pull"] * facts.pulls
    return render_template(
        "record/store.html",
        store=facts,
        failing=failing,
        unkept=in_vain,
        stored_at=order.stored_at,
        ways=done if ways is None else ways,
        problems=problems,
        values={"user": request.form.get("user", facts.username)},
    )


def _form(problems: Sequence[Problem] = ()) -> str:
    return render_template(
        "record/store_new.html",
        ways=request.form.getlist("way"),
        trusted=request.form.get("trusted") == "yes",
        problems=problems,
        values=request.form,
    )
