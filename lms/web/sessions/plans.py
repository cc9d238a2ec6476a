"""Planning a session: made, changed, cancelled, reinstated."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from operator import itemgetter

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from lms import clock, db
from lms.errors import Invalid
from lms.rules import sessions as rules
from lms.rules.access import Action
from lms.rules.accounts import Problem
from lms.rules.dates import read_day
from lms.rules.sessions import Draft
from lms.services import organisations, sessions
from lms.services.sessions import SessionFacts
from lms.services.training_map import modules
from lms.web import guard
from lms.web.guard import allow
from lms.web.sessions.pages import blueprint, recorded


@blueprint.get("/sessions/new")
@allow(Action.PLAN_SESSIONS)
def new() -> str:
    """The form for a new session."""
    mine = {"trainer": str(guard.me().account_id)}
    return _form("sessions/new.html", values=mine)


@blueprint.post("/sessions/new")
@allow(Action.PLAN_SESSIONS)
def create() -> ResponseReturnValue:
    """Make the session and go to it."""
    try:
        with db.transaction() as session:
            draft, trainer_id = _read(session)
            made = sessions.create(
                session,
                guard.scope(),
                guard.me().actor,
                draft,
                trainer_id=trainer_id,
                today=clock.today(),
                now=clock.now(),
            )
    except Invalid as refusal:
        return _form("sessions/new.html", refusal.problems, request.form), 422
    flash("The session is planned.")
    page = ".register" if guard.can(Action.KEEP_REGISTERS) else ".one"
    return redirect(url_for(page, session_id=made))


@blueprint.get("/sessions/<int:session_id>")
@allow(Action.SEE_SESSIONS)
def one(session_id: int) -> str:
    """One session: when, where, by whom, and how its register stands."""
    with db.transaction(read_only=True) as session:
        found = sessions.one(session, guard.scope(), session_id)
    return render_template(
        "sessions/one.html",
        session=found,
        may_plan=guard.can(Action.PLAN_SESSIONS),
        keeps=guard.can(Action.KEEP_REGISTERS),
    )


@blueprint.get("/sessions/<int:session_id>/change")
@allow(Action.PLAN_SESSIONS)
def change(session_id: int) -> str:
    """The form with what is known of the session."""
    with db.transaction(read_only=True) as session:
        found = sessions.one(session, guard.scope(), session_id)
    return _form("sessions/change.html", values=_values(found), one=found)


@blueprint.post("/sessions/<int:session_id>/change")
@allow(Action.PLAN_SESSIONS)
def correct(session_id: int) -> ResponseReturnValue:
    """Correct the session, and the record of those who came."""
    now = clock.now()
    try:
        with db.transaction() as session:
            found = sessions.one(session, guard.scope(), session_id)
            draft, trainer_id = _read(session, found)
            sessions.change(
                session,
                guard.scope(),
                guard.me().actor,
                session_id,
                draft,
                trainer_id=trainer_id,
                today=clock.today(),
                now=now,
            )
            recorded(session, session_id, now)
    except Invalid as refusal:
        return _form("sessions/change.html", refusal.problems, request.form, found), 422
    flash("The session is changed.")
    return redirect(url_for(".one", session_id=session_id))


@blueprint.post("/sessions/<int:session_id>/cancel")
@allow(Action.PLAN_SESSIONS)
def cancel(session_id: int) -> ResponseReturnValue:
    """Cancel it."""
    with db.transaction() as session:
        sessions.cancel(session, guard.scope(), guard.me().actor, session_id, now=clock.now())
    flash("The session is cancelled. Its register is kept.")
    return redirect(url_for(".one", session_id=session_id))


@blueprint.post("/sessions/<int:session_id>/reinstate")
@allow(Action.PLAN_SESSIONS)
def reinstate(session_id: int) -> ResponseReturnValue:
    """Let it take place after all."""
    with db.transaction() as session:
        sessions.reinstate(session, guard.scope(), guard.me().actor, session_id, now=clock.now())
    flash("The session takes place after all.")
    return redirect(url_for(".one", session_id=session_id))


def _read(session: Session, was: SessionFacts | None = None) -> tuple[Draft, int | None]:
    """The draft in the form. Without a length, that of the module."""
    form = request.form
    module = modules.by_code(session, form["module"]) if form.get("module") else None
    organisation = guard.organisation(session, form["organisation"]) if form.get("organisation") else None
    minutes = rules.read_number(form.get("minutes", ""))
    draft = Draft(
        module_id=module.id if module else None,
        organisation_id=organisation.id if organisation else None,
        day=read_day(*(form.get(f"day[{part}]", "") for part in ("day", "month", "year"))),
        starts=rules.read_time(form.get("starts", "")),
        minutes=minutes if minutes is not None or module is None else module.minutes,
        venue=form.get("venue", ""),
        capacity=rules.read_number(form.get("capacity", "")),
        zone=was.zone if was else Draft.zone,
    )
    return draft, rules.read_number(form.get("trainer", ""))


def _values(one: SessionFacts) -> dict[str, str]:
    return {
        "module": one.module_code,
        "organisation": one.organisation_code,
        "day[day]": str(one.day.day),
        "day[month]": str(one.day.month),
        "day[year]": str(one.day.year),
        "starts": f"{one.starts:%H:%M}",
        "minutes": str(one.minutes),
        "venue": one.venue,
        "capacity": str(one.capacity or ""),
        "trainer": str(one.trainer_id or ""),
    }


def _form(
    template: str,
    problems: Sequence[Problem] = (),
    values: Mapping[str, str] | None = None,
    one: SessionFacts | None = None,
) -> str:
    with db.transaction(read_only=True) as session:
        reached = guard.scope()
        hosts = [(each.code, each.name) for each in organisations.within(session, reached)]
        taught = sorted(
            ((each.code, each.title) for each in modules.every(session).values()), key=itemgetter(1)
        )
        trainers = [(str(each.account_id), each.name) for each in sessions.trainers(session, reached)]
    return render_template(
        template,
        session=one,
        organisations=hosts if len(hosts) == 1 else [("", "Choose one"), *hosts],
        modules=[("", "Choose one"), *taught],
        trainers=[("", "Nobody yet"), *trainers],
        # The date has three fields; a link to the problem goes to the first.
        problems=[replace(each, field="day-day") if each.field == "day" else each for each in problems],
        values=values or {},
    )
