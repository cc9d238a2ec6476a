"""The sessions to come and those past, and the walk-ins nobody has found in the role lists yet."""

from flask import render_template, request

from lms import clock, db
from lms.rules.access import Action, Role
from lms.services import sessions
from lms.web import guard
from lms.web.asked import Page, offset, page_number
from lms.web.guard import allow
from lms.web.sessions.pages import blueprint

MINE, ALL = "mine", "all"


@blueprint.get("/sessions")
@allow(Action.SEE_SESSIONS)
def upcoming() -> str:
    """Sessions from today on, soonest first."""
    return _listed(past=False)


@blueprint.get("/sessions/past")
@allow(Action.SEE_SESSIONS)
def past() -> str:
    """Sessions before today, latest first."""
    return _listed(past=True)


@blueprint.get("/sessions/walk-ins")
@allow(Action.KEEP_REGISTERS)
def walk_ins() -> str:
    """Everybody who walked in and is not matched to a role list."""
    with db.transaction(read_only=True) as session:
        waiting = sessions.unmatched(session, guard.scope())
    return render_template("sessions/walk_ins.html", waiting=waiting)


def _listed(*, past: bool) -> str:
    trains = any(grant.role is Role.TRAINER for grant in guard.me().grants)
    whose = request.args.get("whose") or (MINE if trains else ALL)
    mine = guard.me().account_id if whose == MINE else None
    with db.transaction(read_only=True) as session:
        found, total = sessions.listed(
            session, guard.scope(), clock.today(), past=past, trainer_id=mine, offset=offset()
        )
        waiting = (
            len(sessions.unmatched(session, guard.scope(Action.KEEP_REGISTERS)))
            if guard.can(Action.KEEP_REGISTERS)
            else 0
        )
    return render_template(
        "sessions/lists.html",
        sessions=found,
        page=Page(page_number(), total),
        past=past,
        whose=whose,
        waiting=waiting,
        may_plan=guard.can(Action.PLAN_SESSIONS),
        keeps=guard.can(Action.KEEP_REGISTERS),
    )
