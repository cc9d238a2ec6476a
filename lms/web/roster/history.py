"""Which organisations send lists, the lists of one, and undoing the last."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from lms import clock, db, settings
from lms.rules.access import Action
from lms.rules.dates import in_words
from lms.services import organisations, roster
from lms.services.completions import reconciling
from lms.services.people import applying, doubtful, titles
from lms.services.people.checking import latest_applied
from lms.web import guard
from lms.web.guard import allow
from lms.web.roster.pages import blueprint


@blueprint.get("/role-lists")
@allow(Action.KEEP_ROLE_LISTS)
def lists() -> ResponseReturnValue:
    """The organisations within the scope; where there is one, its lists at once."""
    with db.transaction(read_only=True) as session:
        found = organisations.within(session, guard.scope())
        dates = roster.latest_dates(session)
    if len(found) == 1:
        return redirect(url_for(".of_organisation", code=found[0].code))
    return render_template("roster/organisations.html", organisations=found, dates=dates)


@blueprint.get("/organisations/<code>/role-lists")
@allow(Action.KEEP_ROLE_LISTS)
def of_organisation(code: str) -> str:
    """The lists of an organisation, the newest first, and what they left to decide."""
    with db.transaction(read_only=True) as session:
        organisation = guard.organisation(session, code)
        id_ = organisation.id or 0
        return render_template(
            "roster/lists.html",
            organisation=organisation,
            lists=roster.listed(session, id_),
            last=latest_applied(session, id_),
            waiting=titles.waiting(session, id_, clock.today()),
            pairs=len(doubtful.pairs(session, guard.scope(), limit=21)),
        )


@blueprint.get("/organisations/<code>/role-lists/undo")
@allow(Action.KEEP_ROLE_LISTS)
def undo(code: str) -> str:
    """What undoing the last list means, before it is done."""
    with db.transaction(read_only=True) as session:
        organisation = guard.organisation(session, code)
        last = latest_applied(session, organisation.id or 0)
    return render_template("roster/undo.html", organisation=organisation, last=last)


@blueprint.post("/organisations/<code>/role-lists/undo")
@allow(Action.KEEP_ROLE_LISTS)
def take_back(code: str) -> ResponseReturnValue:
    """Undo the last list as a whole."""
    base_url, now = settings.current().base_url, clock.now()
    with db.transaction() as session:
        organisation = guard.organisation(session, code)
        last, touched = applying.undo(session, organisation.id or 0, actor=guard.me().actor, now=now)
        # Here and not in the service: completions stand downstream of people (house.md: pull, never push).
        reconciling.people_changed(session, sorted(touched), base_url, now)
        day = in_words(last.as_at)
    flash(f"The list of {day} is undone. Everything is as it was before.")
    return redirect(url_for(".of_organisation", code=code))
