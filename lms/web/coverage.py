"""Coverage: the figures, their files, and for HR the people behind each of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from lms import db
from lms.errors import Invalid, NotFound
from lms.rules.access import Action
from lms.rules.coverage import Counts
from lms.rules.standing import Standing
from lms.services import coverage
from lms.services.coverage import By, CoverageRow, Figures, OrganisationFigures, behind, files, history
from lms.services.coverage.history import Published, Restatement
from lms.services.job_roles import roles
from lms.services.training_map import modules
from lms.tables.organisations import Organisation
from lms.web import guard
from lms.web.asked import Page, as_at, day_of_form, offset, page_number
from lms.web.guard import allow

blueprint = Blueprint("coverage", __name__)

# By these names addresses ask for the people behind a figure: a standing, or several of them together.
FIGURES: Mapping[str, tuple[str, tuple[Standing, ...]]] = {
    "in_scope": ("in scope", tuple(Standing)),
    "counted": ("in scope and not exempt", tuple(one for one in Standing if one is not Standing.EXEMPT)),
    "trained": ("trained", (Standing.IN_DATE, Standing.DUE_SOON)),
    "exempt": ("exempt", (Standing.EXEMPT,)),
    "in_date": ("in date", (Standing.IN_DATE,)),
    "due_soon": ("due soon", (Standing.DUE_SOON,)),
    "not_yet_due": ("not yet due", (Standing.NOT_YET_DUE,)),
    "not_done": ("not done", (Standing.NOT_DONE,)),
    "out_of_date": ("out of date", (Standing.OUT_OF_DATE,)),
}
ORGANISATIONS_A_PAGE = 20


@dataclass(frozen=True)
class Asked:
    """What an address asks for, and how much of it whoever asks may see.

    ``full``: the six counts and the way to the people, for those who may see these people by name; without it
    the three figures that leave an organisation (policy.md). ``published``: as published on the day, not as now
    known.
    """

    organisation: Organisation | None
    ids: frozenset[int] | None
    by: By
    choices: Sequence[By]
    full: bool
    published: bool


@blueprint.get("/coverage")
@allow(Action.SEE_COVERAGE)
def figures() -> ResponseReturnValue:
    """How many people are trained, by organisation and module."""
    day, problems = day_of_form()
    with db.transaction(read_only=True) as session:
        asked = _asked(session)
        then = _published(session, asked, day)
        now = _figures(session, replace(asked, published=False), day)
        found = then.figures if then and asked.published else now
        titles = {one.code: one.title for one in modules.every(session).values()}
        names = roles.names(session)
    page = Page(page_number(), len(found.organisations), ORGANISATIONS_A_PAGE)
    page_text = render_template(
        "coverage/figures.html",
        asked=asked,
        figures=found,
        day=day,
        sections=_sections(found, page, asked),
        page=page,
        then=then,
        restated=_restated(then.figures, now, asked) if then else (),
        organisation_names={one.organisation: one.name for one in now.organisations},
        titles=titles,
        role_names=names,
        problems=problems,
    )
    return page_text, 422 if problems else 200


@blueprint.get("/coverage/modules.csv")
@allow(Action.SEE_COVERAGE)
def modules_file() -> Response:
    """The same figures as a file."""
    with db.transaction(read_only=True) as session:
        asked = _asked(session)
        text = files.modules(_figures(session, asked, as_at()), leaving=not asked.full)
    return _file(text, f"coverage-by-{asked.by}", asked)


@blueprint.get("/coverage/staff.csv")
@allow(Action.SEE_COVERAGE)
def staff_file() -> Response:
    """Staff trained of each organisation as a file."""
    with db.transaction(read_only=True) as session:
        asked = _asked(session)
        text = files.staff(_figures(session, asked, as_at()), leaving=not asked.full)
    return _file(text, "staff-trained", asked)


@blueprint.get("/organisations/<code>/coverage/<figure>")
@allow(Action.SEE_PEOPLE)
def people(code: str, figure: str) -> str:
    """The people whom a figure counts; each leads to their standing, their records and the statements."""
    if figure not in FIGURES:
        raise NotFound("There is no such figure.")
    words, standings = FIGURES[figure]
    module, by, key = request.args.get("module"), _by(list(By)), request.args.get("key", "")
    with db.transaction(read_only=True) as session:
        organisation = guard.organisation(session, code)
        found, total = behind.people(
            session,
            as_at(),
            organisation.id or 0,
            standings,
            module=module,
            by=by,
            key=key,
            offset=offset(),
        )
        known = modules.every(session)
        names = roles.names(session)
    return render_template(
        "coverage/people.html",
        organisation=organisation,
        figure=words,
        people=found,
        page=Page(page_number(), total),
        module=known[module] if module else None,
        part={By.ROLE: names.get(key, key), By.FAMILY: key, By.UNIT: key}.get(by),
        day=as_at(),
    )


def _asked(session: Session) -> Asked:
    reached, named = guard.scope(), guard.scope(Action.SEE_PEOPLE) if guard.can(Action.SEE_PEOPLE) else None
    code = request.args.get("organisation", "")
    organisation = guard.organisation(session, code) if code else None
    ids = frozenset({organisation.id or 0}) if organisation else None
    if ids is None and not reached.everywhere:
        ids = reached.organisation_ids
    full = named is not None and (named.everywhere or (ids is not None and ids <= named.organisation_ids))
    # A breakdown of few people by role says something about each of them, so it stays within the organisation.
    choices = [By.MODULE] + [By.ROLE, By.FAMILY, By.UNIT] * full + [By.PLACE, By.SECTOR] * (ids is None)
    by = _by(choices)
    # Only the figures by module are published.
    published = by is By.MODULE and request.args.get("history") == "published"
    return Asked(organisation, ids, by, choices, full, published)


def _by(choices: Sequence[By]) -> By:
    asked = request.args.get("by", By.MODULE)
    if asked not in choices:
        raise Invalid("These figures cannot be shown in that way. Choose another.")
    return By(asked)


def _published(session: Session, asked: Asked, day: date) -> Published | None:
    if asked.by is not By.MODULE:
        return None
    return history.published(session, day, organisation_ids=asked.ids, partnership=asked.ids is None)


def _restated(then: Figures, now: Figures, asked: Asked) -> Sequence[Restatement]:
    """What differs from what was published, of the figures that whoever asks may see."""

    def seen(counts: Counts | None) -> object:
        if counts is None or asked.full:
            return counts
        return counts.in_scope - counts.exempt, counts.trained

    return [one for one in history.restated(then, now) if seen(one.published) != seen(one.now)]


def _figures(session: Session, asked: Asked, day: date) -> Figures:
    if asked.published:
        found = _published(session, asked, day)
        if found is None:
            raise NotFound("Nothing was published for this day. Choose another, or the figures as now known.")
        return found.figures
    return coverage.figures(
        session, day, organisation_ids=asked.ids, partnership=asked.ids is None, by=asked.by
    )


def _sections(
    found: Figures, page: Page, asked: Asked
) -> list[tuple[OrganisationFigures | None, list[CoverageRow]]]:
    """The partnership on the first page, then the organisations of this one, each with its rows."""
    of: dict[str | None, list[CoverageRow]] = {}
    for row in found.rows:
        of.setdefault(row.organisation, []).append(row)
    shown = found.organisations[page.first_index : page.last_shown]
    sections: list[tuple[OrganisationFigures | None, list[CoverageRow]]] = []
    if None in of and page.number == 1:
        sections.append((None, of[None]))
    if not asked.by.of_partnership_only:
        sections += [(one, of.get(one.organisation, [])) for one in shown]
    return sections


def _file(text: str, name: str, asked: Asked) -> Response:
    where = f"-{asked.organisation.id}" if asked.organisation else ""
    headers = {"Content-Disposition": f'attachment; filename="{name}{where}-{as_at().isoformat()}.csv"'}
    return Response(text, mimetype="text/csv", headers=headers)
