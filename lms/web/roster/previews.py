"""One list: what it would do, who is meant, applying it, and what it did."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from lms import clock, db, settings
from lms.errors import NotFound
from lms.queue import Job
from lms.rules.access import Action
from lms.rules.accounts import Problem
from lms.rules.people.plan import Kind
from lms.rules.people.told import told
from lms.services import roster
from lms.services.completions import reconciling
from lms.services.coverage import effect
from lms.services.job_roles import roles
from lms.services.people import checking, lists
from lms.services.people.checking import latest_applied
from lms.services.people.lists import options_of
from lms.tables.organisations import Organisation
from lms.tables.roster import RoleList
from lms.web import guard
from lms.web.asked import PAGE, Page, offset, page_number
from lms.web.guard import allow
from lms.web.roster import pages
from lms.web.roster.pages import blueprint
from lms.web.roster.uploads import FIELDS, ask_workers

# A worker that says nothing for so long may have been stopped in the middle; the sweeper takes its list up again.
QUIET = timedelta(minutes=1)
WORKING = {
    roster.ARRIVED: "Checking the list",
    roster.UPLOADED: "Checking the list",
    roster.APPLYING: "Applying the list",
}
TEMPLATES = {
    roster.CHECKED: "roster/preview.html",
    roster.REFUSED: "roster/refused.html",
    roster.APPLIED: "roster/applied.html",
    roster.UNDONE: "roster/applied.html",
}
BRAKES = {
    "many_leavers": ("accept_leavers", "Yes, {people} left"),
    "many_joiners": ("accept_joiners", "Yes, {people} joined, and this is the right organisation’s list"),
}


@blueprint.get("/role-lists/<int:role_list_id>")
@allow(Action.KEEP_ROLE_LISTS)
def one(role_list_id: int) -> str:
    """A list in whatever state it is."""
    with db.transaction(read_only=True) as session:
        found = _found(session, role_list_id)
        return _page(session, found, _unconfirmed(found, request.args.getlist("confirm")))


@blueprint.get("/role-lists/<int:role_list_id>/people")
@allow(Action.KEEP_ROLE_LISTS)
def people(role_list_id: int) -> str:
    """Everybody who would join, leave, move or change, and what would happen to each."""
    kind = _kind(request.args.get("kind", ""))
    with db.transaction(read_only=True) as session:
        found = _found(session, role_list_id)
        organisation = session.get_one(Organisation, found.organisation_id)
        checked = checking.check(
            session,
            found.organisation_id,
            roster.unpacked(found),
            options_of(found),
            everybody=kind is Kind.UNCHANGED,
        )
        everybody = told(checked.plan, checked.stored, kind)
    shown = everybody[offset() : offset() + PAGE]
    return render_template(
        "roster/people.html",
        organisation=organisation,
        list=found,
        kind=kind,
        people=shown,
        page=Page(page_number(), len(everybody)),
    )


@blueprint.post("/role-lists/<int:role_list_id>/apply")
@allow(Action.KEEP_ROLE_LISTS)
def apply(role_list_id: int) -> ResponseReturnValue:
    """Apply a list as it was shown: at once where it is short, else by a worker."""
    base_url, now = settings.current().base_url, clock.now()
    with db.transaction() as session:
        found = _found(session, role_list_id)
        if missing := [name for name, _, _ in _brakes(found) if not request.form.get(name)]:
            return redirect(url_for(".one", role_list_id=role_list_id, confirm=missing))
        accepted = {name: True for name, _ in BRAKES.values() if request.form.get(name)}
        lists.ask(session, found, replace(options_of(found), **accepted))
        short = ((found.report or {}).get("rows") or 0) <= pages.AT_ONCE
        if short:
            applied = lists.apply(session, role_list_id, actor=guard.me().actor, now=now)
            if applied is not None:
                # Here and not in the service: completions stand downstream of people (house.md: pull, never push).
                reconciling.people_changed(session, sorted(applied.touched), base_url, now)
            elif found.state in (roster.CHECKED, roster.REFUSED):
                # Something overtook it: it is looked at again, with its effect as it is now.
                effect.check(session, role_list_id)
                found.report = {**(found.report or {}), "changed_since": True}
    if not short:
        ask_workers(Job.APPLY_ROLE_LIST, role_list_id)
    return redirect(url_for(".one", role_list_id=role_list_id))


@blueprint.post("/role-lists/<int:role_list_id>/good-rows")
@allow(Action.KEEP_ROLE_LISTS)
def only_good_rows(role_list_id: int) -> ResponseReturnValue:
    """Leave out the rows with errors, and look at what the others would do."""
    with db.transaction() as session:
        found = _found(session, role_list_id)
        lists.leave_out_bad_rows(session, found)
        effect.check(session, role_list_id)
        refused = found.state == roster.REFUSED
    if refused:
        flash("Some errors are not in single rows, so leaving rows out does not help.")
    return redirect(url_for(".one", role_list_id=role_list_id))


def _found(session: Session, role_list_id: int) -> RoleList:
    return roster.one(session, guard.scope(), role_list_id)


def _kind(text: str) -> Kind:
    if text not in list(Kind):
        raise NotFound("There is no such page.")
    return Kind(text)


def _page(session: Session, found: RoleList, problems: list[Problem] | None = None) -> str:
    organisation = session.get_one(Organisation, found.organisation_id)
    if found.state in WORKING:
        progress = roster.progress_of(session, found.id or 0)
        return render_template(
            "roster/working.html",
            organisation=organisation,
            list=found,
            heading=WORKING[found.state],
            progress=progress,
            quiet=progress is not None and progress.noted_at < clock.now() - QUIET,
        )
    last = latest_applied(session, found.organisation_id)
    return render_template(
        TEMPLATES[found.state],
        organisation=organisation,
        list=found,
        report=found.report or {},
        fields={field.value: words for field, words in FIELDS.items()},
        roles=roles.names(session),
        brakes=_brakes(found),
        is_last=last is not None and last.id == found.id,
        problems=problems,
    )


def _brakes(found: RoleList) -> list[tuple[str, str, str]]:
    """What has to be confirmed: the name of the box, its words, and why it is asked."""
    return [
        (name, words.format(people=_people_have(int(warning["value"]))), _without_command(warning["message"]))
        for warning in (found.report or {}).get("warnings", ())
        for code, (name, words) in BRAKES.items()
        if warning["code"] == code
    ]


def _people_have(number: int) -> str:
    return "1 person has" if number == 1 else f"{number:,} people have"


def _without_command(message: str) -> str:
    """The sentence as it stands on a page, where there is a box and no option of a command."""
    return message.replace(" (--accept-leavers)", " below").replace(" (--accept-joiners)", " below")


def _unconfirmed(found: RoleList, missing: Sequence[str]) -> list[Problem]:
    """What somebody who wanted to apply the list has not confirmed."""
    return [
        Problem(name, f"Confirm that this is right: {words[5:]}. Or do not apply the list")
        for name, words, _ in _brakes(found)
        if name in missing and found.state == roster.CHECKED
    ]
