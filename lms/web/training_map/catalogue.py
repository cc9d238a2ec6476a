"""Modules and what counts for what, frameworks, and the gaps in the map."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from lms import clock, db
from lms.errors import Conflict, Forbidden, Invalid
from lms.rules.access import Action
from lms.rules.accounts import Problem
from lms.rules.reference_files import Line
from lms.rules.training_map.modules import EQUIVALENCES_FILE, EquivalenceRow
from lms.services import gaps as gap_service
from lms.services import organisations
from lms.services.job_roles import frameworks as framework_service
from lms.services.training_map import equivalences, modules
from lms.services.training_map import roles as role_service
from lms.web import guard
from lms.web.asked import as_at, day_of
from lms.web.guard import allow
from lms.web.training_map.pages import blueprint, organisation_ids

PARTNERSHIPS = "What counts for what is decided for the whole partnership. Ask its administrator."


@blueprint.get("/training-map/modules")
@allow(Action.SEE_TRAINING_MAP)
def catalogue() -> str:
    """Every module, and the others whose completions count for it."""
    return _page()


@blueprint.post("/training-map/equivalences")
@allow(Action.KEEP_TRAINING_MAP)
def declare() -> ResponseReturnValue:
    """Let one module count for another."""
    try:
        _of_the_partnership()
        row = EquivalenceRow(
            Line(EQUIVALENCES_FILE, None, {}),
            request.form.get("module", ""),
            request.form.get("counts_for", ""),
            day_of("from"),
            day_of("to"),
        )
        if row.start and row.end and row.end < row.start:
            raise Invalid("The last day lies before the first.", ["The last day lies before the first."])
        with db.transaction() as session:
            equivalences.declare(session, row, actor=guard.me().actor, now=clock.now())
    except (Invalid, Conflict) as refusal:
        found = [str(one) for one in refusal.problems] if isinstance(refusal, Invalid) else []
        return _page([Problem("module", one) for one in found or [refusal.message]]), 422
    flash(f"{row.module} counts for {row.counts_for}.")
    return redirect(url_for(".catalogue"))


@blueprint.post("/training-map/equivalences/<int:equivalence_id>/end")
@allow(Action.KEEP_TRAINING_MAP)
def end(equivalence_id: int) -> ResponseReturnValue:
    """Let it end. What was completed until then goes on counting."""
    try:
        _of_the_partnership()
        last = day_of("last_day", clock.today())
        with db.transaction() as session:
            equivalences.end(
                session, equivalence_id, last or clock.today(), actor=guard.me().actor, now=clock.now()
            )
    except Invalid as refusal:
        return _page([Problem("", refusal.message)]), 422
    flash("It ends. What was completed until then goes on counting.")
    return redirect(url_for(".catalogue"))


@blueprint.get("/training-map/frameworks")
@allow(Action.SEE_TRAINING_MAP)
def frameworks() -> str:
    """Practice levels, what people at each can do, and which roles sit where."""
    with db.transaction(read_only=True) as session:
        found = framework_service.every(session)
    return render_template("training_map/frameworks.html", frameworks=found)


@blueprint.get("/training-map/roles")
@allow(Action.SEE_TRAINING_MAP)
def roles() -> str:
    """Every job role, by family."""
    return _roles()


def _roles(problems: Sequence[Problem] = ()) -> str:
    with db.transaction(read_only=True) as session:
        found = framework_service.roles(session)
    return render_template("training_map/roles.html", roles=found, keeps=_keeps_all(), problems=problems)


@blueprint.post("/training-map/roles/remove")
@allow(Action.KEEP_TRAINING_MAP)
def remove_role() -> ResponseReturnValue:
    """Take a job role away, if nothing uses it."""
    _of_the_partnership()
    code = request.form.get("code", "")
    try:
        with db.transaction() as session:
            role_service.remove(session, code, actor=guard.me().actor, now=clock.now())
    except Conflict as refusal:
        return _roles([Problem("", refusal.message)]), 409
    flash(f"The role {code} is taken away.")
    return redirect(url_for(".roles"))


@blueprint.get("/training-map/gaps")
@allow(Action.KEEP_TRAINING_MAP)
def gaps() -> str:
    """What is missing: roles without a map, titles without a role, modules without a use, too few places."""
    day = as_at()
    with db.transaction(read_only=True) as session:
        reached = guard.scope()
        found = gap_service.of(session, day, organisation_ids=organisation_ids(reached))
        places = [one.name for one in organisations.within(session, reached)]
    return render_template(
        "training_map/gaps.html",
        gaps=found,
        day=day,
        everywhere=reached.everywhere,
        places=places,
        maps_titles=guard.can(Action.MAP_JOB_TITLES),
    )


def _keeps_all() -> bool:
    return guard.can(Action.KEEP_TRAINING_MAP) and guard.scope(Action.KEEP_TRAINING_MAP).everywhere


def _of_the_partnership() -> None:
    if not guard.scope().everywhere:
        raise Forbidden(PARTNERSHIPS)


def _page(problems: list[Problem] | None = None) -> str:
    with db.transaction(read_only=True) as session:
        titles = modules.every(session)
        declared = equivalences.declared(session)
        counted = equivalences.counted(session)
    return render_template(
        "training_map/modules.html",
        modules=sorted(titles.values(), key=lambda one: one.code),
        declared=declared,
        counted=counted,
        today=clock.today(),
        keeps=_keeps_all(),
        problems=problems or [],
        values=request.form,
    )
