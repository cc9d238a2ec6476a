"""One cell of the matrix: what is asked of whom there, changed in a draft, with the sentence it means."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from lms import clock, db
from lms.errors import Conflict, Invalid
from lms.rules.access import Action
from lms.rules.accounts import Problem
from lms.rules.reference_files import Line
from lms.rules.reference_files import Problem as CellProblem
from lms.rules.training_map import rows as map_rows
from lms.rules.training_map.rows import RequirementRow, cells, read_row
from lms.rules.training_map.sentences import Names, example, sentence, who
from lms.rules.training_map.versions import by_identity, stamp
from lms.services.training_map import drafts, matrix, versions
from lms.tables.training_map import MapVersion
from lms.web import guard
from lms.web.cells import ANCHORS, CAPTIONS, SHAPES, said
from lms.web.guard import allow
from lms.web.training_map.pages import blueprint

FIELDS = tuple(name for name in CAPTIONS if name != "module")
MOST_ROWS = 20


@dataclass(frozen=True)
class Entry:
    """One dated row in the form, and what it means; nothing where it means nothing yet."""

    number: int
    sentence: str
    example: str


@blueprint.get("/training-map/drafts/<int:draft_id>/requirement")
@allow(Action.KEEP_TRAINING_MAP)
def requirement(draft_id: int) -> str:
    """The form for a cell."""
    with db.transaction(read_only=True) as session:
        draft = drafts.by_id(session, draft_id)
        row = _asked(session)
        current = by_identity(versions.rows_of(draft)).get(row.identity, [])
        entries = [cells(one) for one in current]
        return _form(session, draft, row, entries or [cells(row)], seen=stamp(current), new=not current)


@blueprint.post("/training-map/drafts/<int:draft_id>/requirement")
@allow(Action.KEEP_TRAINING_MAP)
def save_requirement(draft_id: int) -> ResponseReturnValue:
    """Save the cell, show what it means, add a row with other dates, or take the requirement out."""
    act = request.form.get("act", "save")
    with db.transaction(read_only=True) as session:
        draft = drafts.by_id(session, draft_id)
        row = _asked(session)
    entries = _entries(row)
    read, problems = _read(entries)
    if act == "add":
        entries.append(cells(row))
    if act in ("add", "check"):
        shown = [_of_form(one) for one in problems] if act == "check" else []
        return _again(draft, row, entries, shown, request.form.get("seen", ""))
    try:
        if problems and act != "remove":
            raise Invalid("The requirement cannot be used like this.", problems)
        with db.transaction() as session:
            drafts.state(
                session,
                draft_id,
                row.identity,
                [] if act == "remove" else read,
                seen=request.form.get("seen", ""),
                scope=guard.scope(),
            )
    except Invalid as refusal:
        found = [_of_form(one) for one in refusal.problems] or [Problem("", refusal.message)]
        return _again(draft, row, entries, found, request.form.get("seen", "")), 422
    except Conflict as refusal:
        return _overtaken(draft_id, row, entries, refusal.message), 409
    flash("Taken out of the draft." if act == "remove" else "Saved in the draft.")
    return redirect(url_for(".draft", draft_id=draft_id, organisation=row.organisation, _anchor="matrix"))


@blueprint.get("/training-map/sentence")
@allow(Action.KEEP_TRAINING_MAP)
def in_words() -> ResponseReturnValue:
    """What a row would mean, for the form to show while somebody types. Says nothing where it means nothing."""
    problems: list[CellProblem] = []
    given = {name: request.args.get(name, "")[:200] for name in map_rows.COLUMNS}
    row = read_row(Line(map_rows.FILE, None, given), problems)
    with db.transaction(read_only=True) as session:
        named = matrix.names(session)
    text = "" if problems else f"{sentence(row, named)} {example(row)}".strip()
    return text, 200, {"Content-Type": "text/plain; charset=utf-8"}


def _asked(session: Session) -> RequirementRow:
    """Whose cell it is: who, where and which module, from the address."""
    given = {name: request.args.get(name, "")[:200] for name in ("who", "value", "organisation", "module")}
    problems: list[CellProblem] = []
    row = read_row(Line(map_rows.FILE, None, given), problems)
    if problems:
        raise Invalid("This address names no requirement. Go back to the map and choose a cell.")
    found, unknown = versions.resolve(session, [row])
    if unknown:
        raise Invalid("The map has nothing like this.", [one.message for one in unknown])
    return found[0]


def _entries(row: RequirementRow) -> list[dict[str, str]]:
    """The rows of the form; one without any entry is left out."""
    base = {name: cells(row)[name] for name in ("who", "value", "organisation", "module")}
    found = []
    for number in range(MOST_ROWS):
        given = {name: request.form.get(f"{name}-{number}", "").strip()[:200] for name in FIELDS}
        if request.form.get(f"shape-{number}") is not None and request.form.get(f"drop-{number}") != "yes":
            found.append({**base, **given})
    return found


def _read(entries: Sequence[Mapping[str, str]]) -> tuple[list[RequirementRow], list[CellProblem]]:
    problems: list[CellProblem] = []
    return [read_row(Line(map_rows.FILE, n, entry), problems) for n, entry in enumerate(entries, 1)], problems


def _of_form(problem: CellProblem) -> Problem:
    """A problem of a row as one of the form: at its field, with the field's name."""
    told = said(problem.column or "", problem.message)
    return Problem(f"{problem.column}-{(problem.row or 1) - 1}" if problem.column in FIELDS else "", told)


def _again(
    draft: MapVersion,
    row: RequirementRow,
    entries: Sequence[Mapping[str, str]],
    problems: Sequence[Problem],
    seen: str,
) -> str:
    with db.transaction(read_only=True) as session:
        return _form(session, draft, row, entries, seen=seen, problems=problems)


def _overtaken(draft_id: int, row: RequirementRow, entries: Sequence[Mapping[str, str]], message: str) -> str:
    """The same form with the same entries, beside what somebody else has made of it meanwhile."""
    with db.transaction(read_only=True) as session:
        draft = drafts.by_id(session, draft_id)
        current = by_identity(versions.rows_of(draft)).get(row.identity, [])
        named = matrix.names(session)
        now = [sentence(one, named) for one in current] or ["Nothing is asked here any more."]
        return _form(
            session, draft, row, entries, seen=stamp(current), problems=[Problem("", message)], meanwhile=now
        )


def _form(
    session: Session,
    draft: MapVersion,
    row: RequirementRow,
    entries: Sequence[Mapping[str, str]],
    *,
    seen: str,
    problems: Sequence[Problem] = (),
    meanwhile: Sequence[str] = (),
    new: bool = False,
) -> str:
    named = matrix.names(session)
    drawn = versions.rows_of(draft)
    return render_template(
        "training_map/requirement.html",
        draft=draft,
        row=row,
        whom=who(row, named),
        module=named.modules[row.module],
        entries=[_entry(number, entry, named) for number, entry in enumerate(entries)],
        values={f"{name}-{n}": entry.get(name, "") for n, entry in enumerate(entries) for name in FIELDS},
        wider=[sentence(one, named) for one in matrix.wider(session, drawn, row, clock.today())],
        modules=[("", "None"), *sorted(named.modules.items(), key=lambda pair: pair[1])],
        shapes=SHAPES,
        anchors=ANCHORS,
        captions=CAPTIONS,
        seen=seen,
        problems=problems,
        meanwhile=meanwhile,
        new=new,
    )


def _entry(number: int, values: Mapping[str, str], named: Names) -> Entry:
    problems: list[CellProblem] = []
    row = read_row(Line(map_rows.FILE, number, values), problems)
    if problems:
        return Entry(number, "", "")
    return Entry(number, sentence(row, named), example(row))
