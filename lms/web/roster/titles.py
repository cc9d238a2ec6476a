"""The job titles of an organisation: those that wait for a role, confirmed in bulk, and those that are settled."""

from collections.abc import Sequence
from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from lms import clock, db
from lms.errors import Invalid
from lms.rules.access import Action
from lms.rules.accounts import Problem
from lms.services import audit, job_roles, organisations
from lms.services.job_roles import listing
from lms.services.people import titles
from lms.tables.organisations import Organisation
from lms.web import guard
from lms.web.asked import Page, day_of, offset, page_number, within
from lms.web.guard import allow
from lms.web.roster.pages import blueprint

AT_A_TIME = 50
LATER, NO_ROLE = "", "-"
FROM_A_DAY = "day"
NO_DAY = "Enter the day from which these titles mean something else, or choose the beginning."


@blueprint.get("/job-titles")
@allow(Action.MAP_JOB_TITLES)
def title_queues() -> ResponseReturnValue:
    """The organisations within the scope and how many titles wait in each."""
    today = clock.today()
    with db.transaction(read_only=True) as session:
        found = organisations.within(session, guard.scope())
        waiting = titles.counts(session, today)
    if len(found) == 1:
        return redirect(url_for(".job_titles", code=found[0].code))
    return render_template("roster/title_queues.html", organisations=found, waiting=waiting)


@blueprint.get("/organisations/<code>/job-titles")
@allow(Action.MAP_JOB_TITLES)
def job_titles(code: str) -> str:
    """Titles that wait, most people first, each with the roles it may mean."""
    return _waiting(code)


def _waiting(code: str, problems: Sequence[Problem] = ()) -> str:
    with db.transaction(read_only=True) as session:
        organisation = guard.organisation(session, code)
        waiting = titles.waiting(session, organisation.id or 0, clock.today())
        shown = waiting[:AT_A_TIME]
        found = job_roles.suggestions(session, [one.title for one in shown])
        return render_template(
            "roster/titles.html",
            organisation=organisation,
            titles=list(zip(shown, found, strict=True)),
            total=len(waiting),
            people=sum(one.people for one in waiting),
            roles=listing.by_family(session),
            values=request.form,
            problems=problems,
        )


@blueprint.get("/organisations/<code>/job-titles/settled")
@allow(Action.MAP_JOB_TITLES)
def settled_titles(code: str) -> str:
    """Titles that map to a role, or to none on purpose; each can be changed."""
    return _settled(code)


def _settled(code: str, problems: Sequence[Problem] = ()) -> str:
    with db.transaction(read_only=True) as session:
        organisation = guard.organisation(session, code)
        settled = titles.settled(session, organisation.id or 0, clock.today())
        return render_template(
            "roster/settled.html",
            organisation=organisation,
            titles=settled[offset() : offset() + AT_A_TIME],
            page=Page(page_number(), len(settled), AT_A_TIME),
            roles=listing.by_family(session),
            values=request.form,
            problems=problems,
        )


@blueprint.post("/organisations/<code>/job-titles")
@allow(Action.MAP_JOB_TITLES)
def confirm_titles(code: str) -> ResponseReturnValue:
    """Confirm every title for which something was chosen, since always or from a day; the others wait on."""
    try:
        start = _start()
    except Invalid as refusal:
        return (_settled if request.form.get("settled") else _waiting)(code, refusal.problems), 422
    with db.transaction() as session:
        organisation = guard.organisation(session, code)
        chosen = _chosen(session)
        wanted = {title for ids in chosen.values() for title in ids}
        titles.check_own(session, organisation.id or 0, wanted)
        for role_id, ids in chosen.items():
            job_roles.confirm(
                session, ids, role_id, account_id=guard.me().account_id, now=clock.now(), from_day=start
            )
        if wanted:
            _note(session, organisation, len(wanted), start)
    number = len(wanted)
    flash(
        f"{number} job {'title is' if number == 1 else 'titles are'} settled for {organisation.name}, "
        "and remembered for its next lists."
        if number
        else "Nothing was chosen, so nothing is settled."
    )
    page = ".settled_titles" if request.form.get("settled") else ".job_titles"
    return redirect(url_for(page, code=code))


def _chosen(session: Session) -> dict[int | None, list[int]]:
    """Title ids by role. A role chosen from the whole list goes before a suggestion that stands selected."""
    chosen: dict[int | None, list[int]] = {}
    ids = job_roles.ids_by_code(session)
    titles_asked = {name.partition("-")[2] for name in request.form if name.startswith(("role-", "other-"))}
    for number in titles_asked:
        answer = request.form.get(f"other-{number}") or request.form.get(f"role-{number}", LATER)
        if not (number.isascii() and number.isdecimal() and len(number) <= 9) or answer == LATER:
            continue
        if answer == NO_ROLE:
            chosen.setdefault(None, []).append(int(number))
        elif answer in ids:
            chosen.setdefault(ids[answer], []).append(int(number))
    return chosen


def _start() -> date | None:
    """The day from which the titles mean what was chosen; None is since always.

    :raises Invalid: where a day was meant and none is given, or none that can be used.
    """
    if request.form.get("when") != FROM_A_DAY:
        return None
    start = day_of("from")
    if start is None:
        raise Invalid(NO_DAY, [Problem("from", NO_DAY)])
    return within(start, "from")


def _note(session: Session, organisation: Organisation, number: int, start: date | None) -> None:
    audit.record(
        session,
        guard.me().actor,
        "job_titles.confirmed",
        organisation.code,
        now=clock.now(),
        organisation_id=organisation.id,
        titles=number,
        from_day=start.isoformat() if start else None,
    )


__all__: Sequence[str] = ["confirm_titles", "job_titles", "settled_titles", "title_queues"]
