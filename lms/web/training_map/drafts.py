"""A draft of the map: its matrix, files in and out, its preview, and publishing it."""

from datetime import date

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms import clock, db
from lms.errors import Conflict, Invalid
from lms.rules.access import Action
from lms.rules.reference_files import lines
from lms.rules.training_map import rows as map_rows
from lms.rules.training_map.versions import say
from lms.services.training_map import drafts, matrix, publishing, versions
from lms.web import guard
from lms.web.asked import as_at, day_of
from lms.web.guard import allow
from lms.web.training_map.pages import blueprint, effect, filters, tomorrow
from lms.web.training_map.published import CSV, _file

ALWAYS = "always"


@blueprint.post("/training-map/drafts")
@allow(Action.KEEP_TRAINING_MAP)
def begin() -> ResponseReturnValue:
    """Begin a draft from the map in force."""
    title = " ".join(request.form.get("title", "").split()) or f"Draft of {clock.today():%d.%m.%Y}"
    with db.transaction() as session:
        draft = drafts.begin(session, title=title, actor=guard.me().actor, now=clock.now())
    flash("The draft is begun. Nothing changes until it is published.")
    return redirect(url_for(".draft", draft_id=draft.id))


@blueprint.get("/training-map/drafts/<int:draft_id>")
@allow(Action.KEEP_TRAINING_MAP)
def draft(draft_id: int) -> str:
    """The matrix of a draft, and what it changes."""
    return _page(draft_id)


@blueprint.get("/training-map/drafts/<int:draft_id>/training-map.csv")
@allow(Action.KEEP_TRAINING_MAP)
def draft_csv(draft_id: int) -> Response:
    """The draft as ``training-map.csv``."""
    with db.transaction(read_only=True) as session:
        text = matrix.as_csv(versions.rows_of(drafts.by_id(session, draft_id)))
    return _file(text.encode(), CSV, "training-map.csv")


@blueprint.post("/training-map/drafts/<int:draft_id>/file")
@allow(Action.KEEP_TRAINING_MAP)
def import_file(draft_id: int) -> ResponseReturnValue:
    """Put a ``training-map.csv`` in the place of the draft."""
    upload = request.files.get("file")
    content = upload.read() if upload else b""
    try:
        if not content:
            raise Invalid("Choose a training-map.csv first.", ["Choose a training-map.csv first."])
        found, wrong = lines(map_rows.FILE, content, map_rows.COLUMNS, map_rows.REQUIRED)
        rows, more = map_rows.read(found)
        if wrong or more:
            raise Invalid("The file cannot be used.", [*wrong, *more])
        with db.transaction() as session:
            drafts.replace_all(session, draft_id, rows, revision=_revision(), scope=guard.scope())
    except Invalid as refusal:
        return _page(draft_id, [str(one) for one in refusal.problems] or [refusal.message]), 422
    flash("The draft now says what the file says.")
    return redirect(url_for(".draft", draft_id=draft_id))


@blueprint.post("/training-map/drafts/<int:draft_id>/up-to-date")
@allow(Action.KEEP_TRAINING_MAP)
def bring_up_to_date(draft_id: int) -> ResponseReturnValue:
    """Take what was published since into the draft."""
    with db.transaction() as session:
        merge = drafts.bring_up_to_date(session, draft_id)
        named = matrix.names(session)
    flash("The draft now holds what was published since it was begun.")
    for one in merge.both:
        flash(f"Both changed this, and the draft's words are kept. {say(one, named)}")
    return redirect(url_for(".draft", draft_id=draft_id))


@blueprint.post("/training-map/drafts/<int:draft_id>/discard")
@allow(Action.KEEP_TRAINING_MAP)
def discard(draft_id: int) -> ResponseReturnValue:
    """Throw the draft away."""
    with db.transaction() as session:
        drafts.discard(session, draft_id, scope=guard.scope(), actor=guard.me().actor, now=clock.now())
    flash("The draft is thrown away. The published map is as it was.")
    return redirect(url_for(".shown"))


@blueprint.get("/training-map/drafts/<int:draft_id>/preview")
@allow(Action.KEEP_TRAINING_MAP)
def rehearse(draft_id: int) -> str:
    """What publishing the draft from a day would do, before it does anything."""
    return _preview(draft_id)


@blueprint.post("/training-map/drafts/<int:draft_id>/publish")
@allow(Action.KEEP_TRAINING_MAP)
def publish(draft_id: int) -> ResponseReturnValue:
    """Publish it."""
    try:
        with db.transaction() as session:
            made = publishing.release(
                session,
                draft_id,
                from_day=_start(),
                reason=request.form.get("reason", ""),
                revision=_revision(),
                scope=guard.scope(),
                actor=guard.me().actor,
                now=clock.now(),
            )
            number = made.number
    except (Invalid, Conflict) as refusal:
        problems = list(refusal.problems) if isinstance(refusal, Invalid) else []
        return _preview(draft_id, [str(one) for one in problems] or [refusal.message]), 422
    flash(f"Published as version {number}.")
    return redirect(url_for(".version", number=number))


def _start() -> date | None:
    """The day from which the draft is to hold, tomorrow where none is said; None is since always.

    :raises Invalid: where it is no day.
    """
    return None if request.values.get("when") == ALWAYS else day_of("from", tomorrow())


def _revision() -> int:
    text = request.form.get("revision", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else -1


def _page(draft_id: int, problems: list[str] | None = None) -> str:
    day = as_at()
    with db.transaction(read_only=True) as session:
        one = drafts.by_id(session, draft_id)
        drawn = matrix.drawn(session, versions.rows_of(one), day, filters())
        named = matrix.names(session)
        behind = drafts.behind(session, one)
        changes = [say(each, named) for each in drafts.changes(session, one)]
    return render_template(
        "training_map/draft.html",
        draft=one,
        values=request.args,
        matrix=drawn,
        day=day,
        organisations=named.organisations,
        roles=named.roles,
        changes=changes,
        newer=[say(each, named) for each in behind.newer] if behind else [],
        both=[say(each, named) for each in behind.both] if behind else [],
        problems=problems or [],
    )


def _preview(draft_id: int, problems: list[str] | None = None) -> str:
    try:
        start = _start()
    except Invalid as refusal:
        start, problems = tomorrow(), problems or [refusal.message]
    with db.transaction(read_only=True) as session:
        one = drafts.by_id(session, draft_id)
        foreseen = effect(session, drafts.outcome(session, one, start), start)
        behind = drafts.behind(session, one)
    return render_template(
        "training_map/preview.html",
        draft=one,
        values={
            "from": start.isoformat() if start else "",
            "when": "day" if start else ALWAYS,
            "reason": request.form.get("reason", ""),
        },
        start=start,
        behind=behind,
        **foreseen,
        problems=problems or [],
    )
