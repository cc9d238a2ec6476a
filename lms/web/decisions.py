"""What HR decides about one person: additions to the map, exemptions, prior learning; and one's own claims."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from lms import clock, db, settings
from lms.errors import Conflict, GoldenThreadError, Invalid, NotFound
from lms.rules.access import Action
from lms.rules.accounts import Problem
from lms.rules.people.exemptions import CLASSES
from lms.rules.prior_learning import Claim, State
from lms.rules.reference_files import Line
from lms.rules.reference_files import Problem as CellProblem
from lms.rules.training_map.rows import FILE, RequirementRow, read_row
from lms.services import prior_learning
from lms.services.people import exemptions, finding
from lms.services.training_map import additions, modules
from lms.tables.training_map import Module
from lms.web import guard
from lms.web.cells import said
from lms.web.guard import allow

blueprint = Blueprint("decisions", __name__)

SHAPES = (("once", "Once"), ("refreshed", "Again every so many months"))
NO_CLAIMS = "Your account is not connected to anybody in the role lists, so nothing can be claimed with it."


@blueprint.context_processor
def _for_templates() -> dict[str, Any]:
    return {"problem_at": _problem_at}


def _problem_at(problems: Iterable[Problem], field: str) -> str:
    """What is wrong with a field."""
    return next((one.message for one in problems or () if one.field == field), "")


@blueprint.get("/people/<int:employment_id>/decisions")
@allow(Action.DECIDE_ABOUT_PEOPLE)
def of_person(employment_id: int) -> str:
    """Everything decided about one person, and the forms to decide."""
    return _page(employment_id)


@blueprint.post("/people/<int:employment_id>/additions")
@allow(Action.DECIDE_ABOUT_PEOPLE)
def add(employment_id: int) -> ResponseReturnValue:
    """Ask something of this person on top of the map."""

    def ask(session: Session) -> None:
        reason = request.form.get("reason", "")
        additions.add(session, employment_id, _addition(), reason=reason, **_decided_by())

    return _decided(employment_id, "addition", ask, "It is asked of this person.")


@blueprint.post("/people/<int:employment_id>/exemptions")
@allow(Action.DECIDE_ABOUT_PEOPLE)
def exempt(employment_id: int) -> ResponseReturnValue:
    """Leave this person out of the figures for a while."""

    def leave_out(session: Session) -> None:
        start, kind = _day("from"), request.form.get("class", "")
        if start is None:
            raise Invalid("Enter the first day.", [Problem("from", "Enter the first day.")])
        exemptions.decide(session, employment_id, kind=kind, start=start, end=_day("to"), **_decided_by())

    ends = "It ends by itself" if request.form.get("to", "").strip() else "It holds until somebody ends it"
    return _decided(employment_id, "exemption", leave_out, f"The exemption is recorded. {ends}.")


@blueprint.post("/people/<int:employment_id>/prior-learning")
@allow(Action.DECIDE_ABOUT_PEOPLE)
def claim_for(employment_id: int) -> ResponseReturnValue:
    """Enter a claim for somebody, from what they showed."""
    return _decided(
        employment_id,
        "claim",
        lambda session: _submit(session, employment_id),
        "The claim waits for a decision.",
    )


@blueprint.post("/additions/<int:addition_id>/end")
@allow(Action.DECIDE_ABOUT_PEOPLE)
def end_addition(addition_id: int) -> ResponseReturnValue:
    """Let an addition end."""
    return _ended(additions.end, addition_id)


@blueprint.post("/exemptions/<int:exemption_id>/end")
@allow(Action.DECIDE_ABOUT_PEOPLE)
def end_exemption(exemption_id: int) -> ResponseReturnValue:
    """Give an exemption its last day."""
    return _ended(exemptions.end, exemption_id)


@blueprint.get("/prior-learning")
@allow(Action.DECIDE_ABOUT_PEOPLE)
def claims() -> str:
    """The claims that wait, then those decided."""
    return _claims()


@blueprint.post("/prior-learning/<int:claim_id>")
@allow(Action.DECIDE_ABOUT_PEOPLE)
def decide(claim_id: int) -> ResponseReturnValue:
    """Accept a claim, decline it, or take it back."""
    act, reason = request.form.get("act", ""), request.form.get("reason", "")
    given: dict[str, Any] = {
        "reason": reason,
        "organisation_ids": _organisations(),
        "actor": guard.me().actor,
        "base_url": settings.current().base_url,
        "now": clock.now(),
    }
    try:
        with db.transaction() as session:
            if act == "take_back":
                by = f"account-{guard.me().account_id}"
                made = prior_learning.take_back(session, claim_id, by=by, **given)
            elif act in ("accept", "decline"):
                mine = guard.my_person_id()
                made = prior_learning.decide(
                    session, claim_id, accept=act == "accept", person_id=mine, **given
                )
            else:
                raise Invalid("Choose whether it counts.")
    except Invalid as refusal:
        return _claims([Problem(f"reason-{claim_id}", refusal.message)]), 422
    flash(f"{made.person}, {made.module_title}: {made.state.value}.")
    return redirect(guard.onward(request.form.get("back")))


@blueprint.get("/learning/prior")
@allow(Action.CLAIM_PRIOR_LEARNING)
def mine() -> str:
    """What I learned elsewhere, and what became of my claims."""
    return _mine()


@blueprint.post("/learning/prior")
@allow(Action.CLAIM_PRIOR_LEARNING)
def claim() -> ResponseReturnValue:
    """Claim it."""
    person_id = guard.scope().person_id
    try:
        with db.transaction() as session:
            employed = finding.everywhere(session, person_id, clock.today()) if person_id else []
            wanted = request.form.get("employment", "")
            chosen = next((one for one in employed if str(one.employment_id) == wanted), None)
            if chosen is None:
                raise Invalid(
                    "Choose the employer.", [Problem("employment", "Choose the employer it is for.")]
                )
            _submit(session, chosen.employment_id)
    except (Invalid, Conflict) as refusal:
        return _mine(_told(refusal, "claim")), 422
    flash("Your claim waits for a decision. You see here what becomes of it.")
    return redirect(url_for(".mine"))


def _decided(
    employment_id: int, form: str, decide: Callable[[Session], None], said: str
) -> ResponseReturnValue:
    """Write a decision about somebody within one's scope; what is wrong with it is told at its form."""
    try:
        with db.transaction() as session:
            finding.one(session, guard.scope(), employment_id, clock.today())
            decide(session)
    except (Invalid, Conflict) as refusal:
        return _page(employment_id, _told(refusal, form)), 422
    flash(said)
    return redirect(url_for(".of_person", employment_id=employment_id))


def _ended(end: Callable[..., None], decision_id: int) -> ResponseReturnValue:
    """Give a decision its last day: the one in the form, or today."""
    last_day = _day("last_day") or clock.today()
    with db.transaction() as session:
        end(session, decision_id, last_day, organisation_ids=_organisations(), **_decided_by())
    flash("It ends on that day.")
    return redirect(guard.onward(request.form.get("back")))


def _decided_by() -> dict[str, Any]:
    return {"actor": guard.me().actor, "now": clock.now()}


def _submit(session: Session, employment_id: int) -> None:
    minutes = request.form.get("minutes", "").strip()
    stated = Claim(
        module=request.form.get("module", ""),
        completed_on=_day("completed_on"),
        provider=request.form.get("provider", ""),
        evidence=request.form.get("evidence", ""),
        minutes=(int(minutes) if minutes.isascii() and minutes.isdecimal() and len(minutes) < 7 else 0)
        if minutes
        else None,
    )
    prior_learning.claim(
        session, employment_id, stated, actor=guard.me().actor, today=clock.today(), now=clock.now()
    )


def _addition() -> RequirementRow:
    """The requirement in the form; what it means is checked like any row of the map."""
    names = ("module", "shape", "every_months", "days_allowed")
    given = {name: request.form.get(name, "").strip()[:200] for name in names}
    given |= {"who": "everyone", "from": request.form.get("from", ""), "to": request.form.get("to", "")}
    problems: list[CellProblem] = []
    row = read_row(Line(FILE, None, given), problems)
    if problems:
        found = [Problem(one.column or "", said(one.column or "", one.message)) for one in problems]
        raise Invalid("This cannot be asked.", found)
    return row


def _told(refusal: GoldenThreadError, form: str) -> list[Problem]:
    """The problems of a form, at its fields."""
    found = refusal.problems if isinstance(refusal, Invalid) else ()
    problems = [one for one in found if isinstance(one, Problem)]
    return [Problem(f"{form}-{one.field}", one.message) for one in problems] or [
        Problem(form, refusal.message)
    ]


def _day(name: str) -> date | None:
    """A day of the form; none where it is blank.

    :raises Invalid: at its field when it is no day, for blank would mean something else.
    """
    text = request.form.get(name, "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        said = "This is not a day. Write it like 2026-06-30."
        raise Invalid(said, [Problem(name, said)]) from None


def _organisations() -> frozenset[int] | None:
    reached = guard.scope()
    return None if reached.everywhere else reached.organisation_ids


def _page(employment_id: int, problems: Sequence[Problem] = ()) -> str:
    today = clock.today()
    with db.transaction(read_only=True) as session:
        person = finding.one(session, guard.scope(), employment_id, today)
        return render_template(
            "decisions/of_person.html",
            person=person,
            additions=additions.listed(session, employment_id=employment_id),
            exemptions=exemptions.listed(session, employment_id=employment_id),
            claims=prior_learning.listed(
                session,
                person_id=person.person_id,
                organisation_ids=frozenset({person.organisation_id}),
            ),
            modules=_modules(modules.every(session).values()),
            shapes=SHAPES,
            classes=[(one, one.capitalize()) for one in CLASSES],
            today=today,
            states=State,
            problems=problems,
            values=_values(),
        )


def _claims(problems: Sequence[Problem] = ()) -> str:
    with db.transaction(read_only=True) as session:
        found = prior_learning.listed(session, organisation_ids=_organisations())
    return render_template("decisions/claims.html", claims=found[:200], states=State, problems=problems)


def _mine(problems: Sequence[Problem] = ()) -> str:
    person_id = guard.scope().person_id
    with db.transaction(read_only=True) as session:
        employed = finding.everywhere(session, person_id, clock.today()) if person_id else []
        if not employed or person_id is None:
            raise NotFound(NO_CLAIMS)
        return render_template(
            "decisions/mine.html",
            claims=prior_learning.listed(session, person_id=person_id),
            employers=[(str(one.employment_id), one.organisation_name) for one in employed],
            modules=_modules(modules.every(session).values()),
            problems=problems,
            values=_values(),
        )


def _values() -> dict[str, str]:
    """What was sent, for the form that it came from: the fields of each have its name before them."""
    form = request.form.get("form", "")
    return {f"{form}-{name}": value for name, value in request.form.items()}


def _modules(known: Iterable[Module]) -> list[tuple[str, str]]:
    return sorted(((one.code, f"{one.title} ({one.code})") for one in known), key=lambda pair: pair[1])
