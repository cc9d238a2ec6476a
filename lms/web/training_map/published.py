"""The published map: its matrix, its versions and what differs between them, and files of it."""

from collections.abc import Sequence

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from lms import clock, db
from lms.errors import Conflict, Invalid, NotFound
from lms.rules.access import Action
from lms.rules.accounts import Problem
from lms.rules.training_map.versions import differences, say
from lms.services.training_map import drafts, history, matrix, publishing, versions
from lms.tables.training_map import MapVersion
from lms.web import guard
from lms.web.asked import as_at
from lms.web.guard import allow
from lms.web.training_map.pages import blueprint, effect, filters

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/training-map")
@allow(Action.SEE_TRAINING_MAP)
def shown() -> str:
    """The matrix of the map in force on a day."""
    day, chosen = as_at(), filters()
    with db.transaction(read_only=True) as session:
        version = versions.newest(session)
        drawn = matrix.drawn(session, versions.rows_of(version), day, chosen)
        named = matrix.names(session)
        open_drafts = drafts.listed(session) if guard.can(Action.KEEP_TRAINING_MAP) else []
    return render_template(
        "training_map/shown.html",
        version=version,
        values=request.args,
        matrix=drawn,
        day=day,
        organisations=named.organisations,
        drafts=open_drafts,
        keeps=guard.can(Action.KEEP_TRAINING_MAP),
    )


@blueprint.get("/training-map/training-map.csv")
@allow(Action.SEE_TRAINING_MAP)
def as_csv() -> Response:
    """The newest version as ``training-map.csv``."""
    with db.transaction(read_only=True) as session:
        text = matrix.as_csv(versions.rows_of(versions.newest(session)))
    return _file(text.encode(), CSV, "training-map.csv")


@blueprint.get("/training-map/training-map.xlsx")
@allow(Action.SEE_TRAINING_MAP)
def as_xlsx() -> Response:
    """The matrix as it is shown, and every row with its sentence, as a workbook."""
    with db.transaction(read_only=True) as session:
        version = versions.newest(session)
        rows = versions.rows_of(version)
        drawn = matrix.drawn(session, rows, as_at(), filters())
        title = f"version {version.number}" if version else "no version yet"
        content = matrix.as_xlsx(drawn, rows, matrix.names(session), title)
    return _file(content, XLSX, "training-map.xlsx")


@blueprint.get("/training-map/versions")
@allow(Action.SEE_TRAINING_MAP)
def listed() -> str:
    """Every version: when, from which day, by whom and why."""
    with db.transaction(read_only=True) as session:
        found = history.every(session)
    return render_template("training_map/versions.html", versions=found)


@blueprint.get("/training-map/versions/<int:number>")
@allow(Action.SEE_TRAINING_MAP)
def version(number: int) -> str:
    """One version: what it changed, compared with the one before or any other."""
    with db.transaction(read_only=True) as session:
        known = history.every(session)
        one = next((each for each in known if each.number == number), None)
        if one is None:
            raise NotFound("There is no such version of the map.")
        other = request.args.get("with", "")
        against = int(other) if other.isascii() and other.isdecimal() and len(other) < 6 else number - 1
        before, after = versions.numbered(session, against), versions.numbered(session, number)
        named = matrix.names(session)
        changes = [
            say(each, named) for each in differences(versions.rows_of(before), versions.rows_of(after))
        ]
    return render_template(
        "training_map/version.html",
        version=one,
        versions=known,
        against=against,
        changes=changes,
        may_undo=guard.can(Action.KEEP_TRAINING_MAP) and one.number == known[0].number,
    )


@blueprint.get("/training-map/versions/<int:number>/undo")
@allow(Action.KEEP_TRAINING_MAP)
def foresee_undo(number: int) -> str:
    """What taking the newest version back would do, before it does anything."""
    return _undoing(number)


@blueprint.post("/training-map/versions/<int:number>/undo")
@allow(Action.KEEP_TRAINING_MAP)
def undo(number: int) -> ResponseReturnValue:
    """Take the newest version back with another one."""
    try:
        with db.transaction() as session:
            made = publishing.undo(
                session,
                _numbered(session, number).id or 0,
                reason=request.form.get("reason", ""),
                scope=guard.scope(),
                actor=guard.me().actor,
                now=clock.now(),
            )
            new = made.number
    except Invalid as refusal:
        return _undoing(
            number, [str(one) for one in refusal.problems] or [Problem("reason", refusal.message)]
        ), 422
    flash(f"Version {number} is taken back: version {new} says what the one before it said.")
    return redirect(url_for(".version", number=new))


def _numbered(session: Session, number: int) -> MapVersion:
    found = versions.numbered(session, number)
    if found is None:
        raise NotFound("There is no such version of the map.")
    return found


def _undoing(number: int, problems: Sequence[Problem | str] = ()) -> str:
    with db.transaction(read_only=True) as session:
        one = _numbered(session, number)
        if one != versions.newest(session):
            raise Conflict(publishing.NOT_NEWEST)
        foreseen = effect(session, publishing.before(session, one), one.from_day)
    return render_template(
        "training_map/undo.html", version=one, **foreseen, problems=problems, values=request.form
    )


def _file(content: bytes, kind: str, name: str) -> Response:
    return Response(
        content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
