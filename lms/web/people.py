"""An organisation's people: searched, paged, and each a way to where they stand."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms import db
from lms.rules.access import Action
from lms.services import organisations
from lms.services.people import finding
from lms.web import guard
from lms.web.asked import Page, as_at, offset, page_number, search
from lms.web.guard import allow

blueprint = Blueprint("people", __name__)


@blueprint.get("/people")
@allow(Action.SEE_PEOPLE)
def lists() -> ResponseReturnValue:
    """The organisations within the scope; where there is one, its people at once."""
    with db.transaction(read_only=True) as session:
        found = organisations.within(session, guard.scope())
    if len(found) == 1:
        return redirect(url_for(".of_organisation", code=found[0].code))
    return render_template("people/organisations.html", organisations=found)


@blueprint.get("/organisations/<code>/people")
@allow(Action.SEE_PEOPLE)
def of_organisation(code: str) -> str:
    """The people with a post there on a day."""
    day = as_at()
    with db.transaction(read_only=True) as session:
        organisation = guard.organisation(session, code)
        id_, unit = organisation.id or 0, request.args.get("unit", "")
        found, total = finding.listed(session, id_, day, search=search(), unit=unit, offset=offset())
        units = finding.units(session, id_, day)
    return render_template(
        "people/lists.html",
        organisation=organisation,
        people=found,
        page=Page(page_number(), total),
        day=day,
        units=units,
    )
