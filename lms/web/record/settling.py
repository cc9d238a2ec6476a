"""Resolving what waits: each decision for all statements that wait for the same thing, and looking at all again."""

from collections.abc import Callable

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from lms import clock, db, queue, settings
from lms.errors import Conflict, Invalid
from lms.queue import Job
from lms.rules.access import EVERYTHING, Action
from lms.rules.accounts import Problem
from lms.services.completions import settling
from lms.services.completions.resolving import ACCEPTED, SET_ASIDE
from lms.services.completions.settling import Settled
from lms.services.completions.waiting import Item
from lms.services.people import finding
from lms.web import guard
from lms.web.guard import allow
from lms.web.record.pages import blueprint, found, page_of

Act = Callable[[Session, Item], Settled]
LATER = "There are many, so they are looked at in the background. Load this page again in a few minutes."


@blueprint.post("/record/waiting/<reason>/<int(signed=True):term>/person")
@allow(Action.RECONCILE_STATEMENTS)
def person(reason: str, term: int) -> ResponseReturnValue:
    """The actor is this person."""

    def act(session: Session, item: Item) -> Settled:
        number = request.form.get("employment", "")
        if not (number.isascii() and number.isdecimal() and len(number) < 10):
            raise Invalid(
                "Nothing was changed.", [Problem("search", "Search for the person and choose one.")]
            )
        facts = finding.one(session, EVERYTHING, int(number), clock.today())
        uuid = finding.by_number(session, facts.organisation_id, facts.employee_number)
        return settling.person(session, guard.me().actor, item, uuid, base_url(), now=clock.now())

    return _settle(reason, term, act)


@blueprint.post("/record/waiting/<reason>/<int(signed=True):term>/module")
@allow(Action.RECONCILE_STATEMENTS)
def module(reason: str, term: int) -> ResponseReturnValue:
    """The activity means this module."""

    def act(session: Session, item: Item) -> Settled:
        code = request.form.get("module", "")
        if not code:
            raise Invalid("Nothing was changed.", [Problem("module", "Choose the module that it means.")])
        return settling.module(session, guard.me().actor, item, code, base_url(), now=clock.now())

    return _settle(reason, term, act)


@blueprint.post("/record/waiting/<reason>/<int(signed=True):term>/trust")
@allow(Action.RECONCILE_STATEMENTS)
def trust(reason: str, term: int) -> ResponseReturnValue:
    """The key or store may make completions."""
    return _settle(
        reason,
        term,
        lambda session, item: settling.trust(session, guard.me().actor, item, base_url(), now=clock.now()),
    )


@blueprint.post("/record/waiting/<reason>/<int(signed=True):term>/decide")
@allow(Action.RECONCILE_STATEMENTS)
def decide(reason: str, term: int) -> ResponseReturnValue:
    """Accept what waits, or set it aside: all of it, or the one statement named."""
    chosen, only = request.form.get("decision", ""), request.form.get("only", "")
    decision = chosen if chosen in (ACCEPTED, SET_ASIDE) else ""
    place = int(only) if only.isascii() and only.isdecimal() and len(only) < 20 else 0

    def act(session: Session, item: Item) -> Settled:
        return settling.decide(
            session,
            guard.me().actor,
            item,
            decision,
            base_url(),
            now=clock.now(),
            only=place if only else None,
        )

    return _settle(reason, term, act, aside=decision == SET_ASIDE, single=bool(only))


@blueprint.post("/record/again")
@allow(Action.RECONCILE_STATEMENTS)
def again() -> ResponseReturnValue:
    """Let a worker look at the whole list again, because people or modules may have come."""
    queue.enqueue(Job.RETRY_STATEMENTS)
    flash("Everything that waits is looked at again in the background. Load this page again in a minute.")
    return redirect(url_for(".lists"))


def base_url() -> str:
    """The address of this system, by which its own accounts are known."""
    return settings.current().base_url


def trust_of(what: str, settle: Callable[..., Settled], which: str | int) -> None:
    """Let what a key or a store writes, and wrote, count as completions, or no longer, as the form says.

    What takes long is left to a worker.
    """
    trusted = request.form.get("trusted") == "yes"
    with db.transaction() as session:
        settled = settle(session, guard.me().actor, which, base_url(), trusted=trusted, now=clock.now())
    if settled.later:
        queue.enqueue(Job.RETRY_STATEMENTS)
    number = settled.counted
    counts = "1 of its statements counts" if number == 1 else f"{number:,} of its statements count"
    said = f"The {what} is {'trusted' if trusted else 'not trusted any more'}."
    flash(f"{said} {LATER}" if settled.later else f"{said} {counts} now.")


def _settle(
    reason: str, term: int, act: Act, *, aside: bool = False, single: bool = False
) -> ResponseReturnValue:
    try:
        with db.transaction() as session:
            item = found(session, reason, term)
            settled = act(session, item)
    except (Invalid, Conflict) as refusal:
        told = refusal.problems if isinstance(refusal, Invalid) else ()
        problems = [one for one in told if isinstance(one, Problem)]
        return page_of(reason, term, problems or [Problem("", refusal.message)]), 422
    if settled.later:
        queue.enqueue(Job.RETRY_STATEMENTS)
    flash(_said(settled, 1 if single else item.statements, aside=aside))
    if single and item.statements > 1:
        return redirect(url_for(".item", reason=reason, term=term))
    return redirect(url_for(".lists"))


def _said(settled: Settled, statements: int, *, aside: bool) -> str:
    what = "1 statement" if statements == 1 else f"{statements:,} statements"
    if settled.later:
        return f"It is decided for {what}. {LATER}"
    if aside:
        return f"{what} set aside. What was decided can be taken back."
    if settled.open:
        rest = "1 waits" if settled.open == 1 else f"{settled.open:,} wait"
        return f"{settled.counted:,} of {what} count now, {rest} for something else."
    return f"{what} {'counts' if statements == 1 else 'count'} now. What was decided can be taken back."
