"""A session's register: one form for the marks, people added by search, walk-ins by name, and each line by itself."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms import clock, db
from lms.errors import Conflict, Invalid, NotFound
from lms.rules import sessions as rules
from lms.rules.access import Action
from lms.rules.accounts import Problem
from lms.rules.sessions import Mark
from lms.services import sessions
from lms.services.people import finding
from lms.services.sessions.marking import NOT_ON_IT
from lms.web import guard
from lms.web.asked import search
from lms.web.guard import allow
from lms.web.sessions.pages import blueprint, recorded

FOUND_AT_MOST = 30


@blueprint.get("/sessions/<int:session_id>/register")
@allow(Action.KEEP_REGISTERS)
def register(session_id: int) -> str:
    """The register, to be marked."""
    return _register(session_id)


@blueprint.post("/sessions/<int:session_id>/register")
@allow(Action.KEEP_REGISTERS)
def save(session_id: int) -> ResponseReturnValue:
    """Save all marks at once."""
    now = clock.now()
    wanted, seen = _marks("mark"), _marks("seen")
    if request.form.get("rest"):
        wanted |= {entry: Mark.ATTENDED for entry, mark in wanted.items() if mark is Mark.BOOKED}
    try:
        with db.transaction() as session:
            changes = sessions.mark(
                session, guard.scope(), guard.me().actor, session_id, wanted, seen=seen, now=now
            )
            recorded(session, session_id, now)
    except Invalid as refusal:
        return _register(session_id, refusal.problems), 422
    flash(f"The register is saved. {_changed(len(changes))}")
    return redirect(url_for(".register", session_id=session_id))


@blueprint.post("/sessions/<int:session_id>/walk-ins")
@allow(Action.KEEP_REGISTERS)
def add_walk_in(session_id: int) -> ResponseReturnValue:
    """Record somebody who walked in, by name, as attended."""
    name = request.form.get("name", "")
    try:
        with db.transaction() as session:
            added = sessions.add_walk_in(
                session,
                guard.scope(),
                guard.me().actor,
                session_id,
                name,
                request.form.get("organisation", ""),
                now=clock.now(),
            )
    except Invalid as refusal:
        return _register(session_id, refusal.problems), 422
    said = "is on the register as attended" if added else "is on the register already"
    flash(f"{' '.join(name.split())} {said}.")
    return redirect(url_for(".register", session_id=session_id) + "#walk-in")


@blueprint.get("/sessions/<int:session_id>/people")
@allow(Action.KEEP_REGISTERS)
def people(session_id: int) -> str:
    """People of the role lists by name or employee number, to be put on the register."""
    with db.transaction(read_only=True) as session:
        shown = sessions.register(session, guard.scope(), session_id)
        found = finding.search(session, guard.scope(), search(), day=shown.session.day, limit=FOUND_AT_MOST)
    there = {entry.employment_id for entry in shown.entries}
    return render_template(
        "sessions/people.html", session=shown.session, found=found, there=there, most=FOUND_AT_MOST
    )


@blueprint.post("/sessions/<int:session_id>/people")
@allow(Action.KEEP_REGISTERS)
def add_people(session_id: int) -> ResponseReturnValue:
    """Put those who were ticked on the register."""
    chosen = [int(text) for text in request.form.getlist("employment") if _is_number(text)]
    with db.transaction() as session:
        added = sessions.add_people(
            session, guard.scope(), guard.me().actor, session_id, chosen, now=clock.now()
        )
    flash(f"{_people(added)} added to the register." if added else "Nobody new was ticked.")
    if request.form.get("on"):
        return redirect(url_for(".people", session_id=session_id))
    return redirect(url_for(".register", session_id=session_id))


@blueprint.get("/sessions/<int:session_id>/register/<int:entry_id>")
@allow(Action.KEEP_REGISTERS)
def line(session_id: int, entry_id: int) -> str:
    """One line of the register: who a walk-in is, and how to take the line off again."""
    with db.transaction(read_only=True) as session:
        shown = sessions.register(session, guard.scope(), session_id)
        entry = next((one for one in shown.entries if one.id == entry_id), None)
        if entry is None:
            raise NotFound(NOT_ON_IT)
        words = search() or (entry.walked_in_as or "" if entry.is_waiting else "")
        found = finding.search(session, guard.scope(), words, day=shown.session.day, limit=FOUND_AT_MOST)
    there = {one.employment_id: one.mark for one in shown.entries}
    return render_template(
        "sessions/line.html",
        session=shown.session,
        entry=entry,
        found=found,
        there=there,
        words=words,
        most=FOUND_AT_MOST,
    )


@blueprint.post("/sessions/<int:session_id>/register/<int:entry_id>/match")
@allow(Action.KEEP_REGISTERS)
def match(session_id: int, entry_id: int) -> ResponseReturnValue:
    """Say who a walk-in is; or, with nobody chosen, that it is not known after all."""
    chosen, now = request.form.get("employment", ""), clock.now()
    back = redirect(url_for(".line", session_id=session_id, entry_id=entry_id))
    try:
        with db.transaction() as session:
            actor, scope = guard.me().actor, guard.scope()
            if _is_number(chosen):
                sessions.match(session, scope, actor, session_id, entry_id, int(chosen), now=now)
            else:
                sessions.unmatch(session, scope, actor, session_id, entry_id, now=now)
            recorded(session, session_id, now)
    except Conflict as refusal:
        flash(refusal.message)
        return back
    flash("The walk-in is matched." if _is_number(chosen) else "The match is taken back.")
    return redirect(url_for(".register", session_id=session_id)) if _is_number(chosen) else back


@blueprint.post("/sessions/<int:session_id>/register/<int:entry_id>/remove")
@allow(Action.KEEP_REGISTERS)
def remove(session_id: int, entry_id: int) -> ResponseReturnValue:
    """Take a line off the register."""
    now = clock.now()
    with db.transaction() as session:
        sessions.remove(session, guard.scope(), guard.me().actor, session_id, entry_id, now=now)
        recorded(session, session_id, now)
    flash("The name is off the register.")
    return redirect(url_for(".register", session_id=session_id))


def _register(session_id: int, problems: Sequence[Problem] = ()) -> str:
    now = clock.now()
    with db.transaction(read_only=True) as session:
        shown = sessions.register(session, guard.scope(), session_id)
    begins = shown.session.starts_at
    return render_template(
        "sessions/register.html",
        register=shown,
        session=shown.session,
        marks=list(Mark),
        chosen=_marks("mark"),
        last=max((one for one in shown.entries if one.mark is not Mark.BOOKED), key=_when, default=None),
        may_mark=rules.may_be_marked(begins, now) and not shown.session.cancelled_at,
        opens=begins - rules.MARKED_BEFORE_START,
        begun=rules.may_be_recorded(begins, now),
        may_plan=guard.can(Action.PLAN_SESSIONS),
        problems=problems,
        values=request.form,
    )


def _when(entry: sessions.Entry) -> object:
    return entry.marked_at


def _marks(field: str) -> dict[int, Mark]:
    """The marks of the form, such as ``mark-17=attended``; what is no mark is passed over."""
    marks = {}
    for name, text in request.form.items():
        start, _, number = name.partition("-")
        if start == field and _is_number(number) and text in list(Mark):
            marks[int(number)] = Mark(text)
    return marks


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 9


def _changed(number: int) -> str:
    if number == 0:
        return "Nothing had changed."
    return "1 mark changed." if number == 1 else f"{number} marks changed."


def _people(number: int) -> str:
    return "1 person was" if number == 1 else f"{number} people were"
