"""Uploading a list: the file and what is said about it, and the page to correct its columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from lms import clock, db, queue
from lms.errors import Invalid, Unavailable
from lms.queue import Job
from lms.rules import roster as rules
from lms.rules.access import Action
from lms.rules.accounts import Problem
from lms.rules.dates import read_day
from lms.rules.roster import Field, Reading
from lms.rules.roster.dates import of_list
from lms.rules.roster.preview import Preview, decided, preview
from lms.rules.roster.problems import OF_COLUMNS
from lms.services import audit, roster
from lms.services.coverage import effect
from lms.services.people import stored
from lms.services.people.checking import latest_applied
from lms.tables.organisations import Organisation
from lms.web import guard
from lms.web.guard import allow
from lms.web.roster import pages
from lms.web.roster.pages import Upload, blueprint

ALL, UNIT, NOTHING = "all", "unit", "nothing"
FIELDS = {
    Field.NUMBER: "Employee number",
    Field.REFERENCE: "Assignment or post number",
    Field.NAME: "Whole name",
    Field.GIVEN: "First name",
    Field.FAMILY: "Last name",
    Field.KNOWN_AS: "Known as",
    Field.TITLE: "Job title",
    Field.UNIT: "Unit, team or department",
    Field.EMAIL: "Work e-mail address",
    Field.START: "Start date",
    Field.END: "End date",
    Field.STATUS: "Status",
    Field.CATEGORY: "Kind of contract",
    Field.MAIN: "Main post, yes or no",
    Field.MANAGER: "Manager’s employee number",
}
COLUMN_MISSING = "column_missing"
UNKNOWN_CAPTIONS = (
    "What the captions of this list mean is not known. Choose below which column is the employee number, which the "
    "name and which the job title."
)


@dataclass(frozen=True)
class Said:
    """What the form says about the list."""

    as_at: date
    covers: str | None
    sheet: str | None
    # Whether something else is said about the sheet than is remembered, which need not be in this file.
    new_sheet: bool


@blueprint.get("/organisations/<code>/role-lists/new")
@allow(Action.KEEP_ROLE_LISTS)
def new(code: str) -> str:
    """The form for a list. What the last one covered is the likely answer for this one."""
    today = clock.today()
    with db.transaction(read_only=True) as session:
        organisation = guard.organisation(session, code)
        last = latest_applied(session, organisation.id or 0)
        usual = roster.columns_of(session, organisation.id or 0).get(rules.SHEET)
    covers = (last.options or {}).get("covers") if last else None
    values = {
        "as_at[day]": str(today.day),
        "as_at[month]": str(today.month),
        "as_at[year]": str(today.year),
        "covers": "" if last is None else _choice(covers),
        "unit": covers.removeprefix("unit=") if covers and covers.startswith("unit=") else "",
        "sheet": usual or "",
    }
    return _form(organisation, values=values)


@blueprint.post("/organisations/<code>/role-lists/new")
@allow(Action.KEEP_ROLE_LISTS)
def create(code: str) -> ResponseReturnValue:
    """Read the list, keep its mapped columns, and have it checked."""
    with db.transaction(read_only=True) as session:
        organisation = guard.organisation(session, code)
        chosen = roster.columns_of(session, organisation.id or 0)
        known = stored.known(session, organisation.id or 0)
    try:
        said = _said(usual=chosen.get(rules.SHEET))
        if said.new_sheet:
            chosen.pop(rules.SHEET, None)
        with pages.upload() as upload:
            reading = _reading(upload, said, chosen, known)
            if request.form.get("columns"):
                return _columns(organisation, upload, said, chosen)
            if any(problem.code in OF_COLUMNS for problem in reading.errors) and _has_captions(
                upload, said, reading
            ):
                return _columns(organisation, upload, said, chosen, reading.errors), 422
            return _kept(organisation, upload, said, reading)
    except Invalid as refusal:
        return _form(organisation, _at_a_field(refusal), request.form), 422


@blueprint.post("/organisations/<code>/role-lists/columns")
@allow(Action.KEEP_ROLE_LISTS)
def correct_columns(code: str) -> ResponseReturnValue:
    """Remember which column is which for this organisation, and check the list with that."""
    with db.transaction(read_only=True) as session:
        organisation = guard.organisation(session, code)
        known = stored.known(session, organisation.id or 0)
    try:
        said = _said()
        with pages.upload() as upload:
            if request.form.get("look"):
                return _columns(organisation, upload, said, {})
            wanted = _wanted()
            chosen = decided(upload.workbook.sheets, wanted, as_at=said.as_at, sheet_wanted=said.sheet)
            reading = _reading(upload, said, chosen, known)
            problems = [
                *_twice(wanted),
                *(problem for problem in reading.errors if problem.code in OF_COLUMNS),
            ]
            if problems:
                return _columns(organisation, upload, said, chosen, problems), 422
            with db.transaction() as session:
                usual = roster.columns_of(session, organisation.id or 0).get(rules.SHEET)
                _remember(session, organisation.id or 0, chosen | ({rules.SHEET: usual} if usual else {}))
            return _kept(organisation, upload, said, reading)
    except Invalid as refusal:
        return _form(organisation, _at_a_field(refusal), request.form), 422


def _reading(
    upload: Upload, said: Said, chosen: Mapping[str, str | None], known: rules.KnownOrganisation
) -> Reading:
    """What the list says.

    :raises Invalid: at its field, when the sheet that was named is not there.
    """
    reading = rules.read(
        upload.workbook.sheets, as_at=said.as_at, columns=chosen, known=known, sheet=said.sheet
    )
    if missing := [problem for problem in reading.errors if problem.code == "sheet_missing"]:
        raise Invalid(missing[0].message, [Problem("sheet", missing[0].message)])
    return reading


def _has_captions(upload: Upload, said: Said, reading: Reading) -> bool:
    """Whether there is a row of captions, or one that looks like it, so that somebody can say what they mean."""
    return bool(
        reading.header_row or preview(upload.workbook.sheets, as_at=said.as_at, wanted=said.sheet) is not None
    )


def _kept(organisation: Organisation, upload: Upload, said: Said, reading: Reading) -> ResponseReturnValue:
    """Keep what was read and check it: at once where it is short, else by a worker."""
    short = reading.row_count <= pages.AT_ONCE
    with db.transaction() as session:
        if said.new_sheet and len(reading.sheets) > 1:
            _remember_sheet(session, organisation.id or 0, said.sheet)
        made = roster.keep(
            session,
            organisation.id or 0,
            reading,
            filename=upload.filename,
            options={"covers": said.covers},
            account_id=guard.me().account_id,
            now=clock.now(),
        )
        if short:
            effect.check(session, made.id or 0)
    if not short:
        ask_workers(Job.CHECK_ROLE_LIST, made.id or 0)
    elif made.state == roster.REFUSED:
        # Answered without a redirect, so that the copy with the problems can be made from the file at hand.
        page = render_template(
            "roster/refused.html", organisation=organisation, list=made, report=made.report, upload=upload
        )
        return page, 422
    return redirect(url_for(".one", role_list_id=made.id))


def ask_workers(job: Job, role_list_id: int) -> None:
    """Hand a list to the workers; where the queue is away, the sweeper does it later and the page says so."""
    try:
        queue.enqueue(job, role_list_id)
    except Unavailable as refusal:
        flash(refusal.message)


def _said(usual: str | None = None) -> Said:
    """The date of the list and what it covers.

    :raises Invalid: with everything that is missing or wrong.
    """
    form, problems = request.form, []
    as_at = read_day(*(form.get(f"as_at[{part}]", "") for part in ("day", "month", "year")))
    if as_at is None:
        problems.append(Problem("as_at-day", "Enter the date of the list, for example 30 6 2026"))
    else:
        try:
            of_list(as_at, clock.today())
        except Invalid as refusal:
            problems.append(Problem("as_at-day", refusal.message))
    covers, unit = form.get("covers"), " ".join(form.get("unit", "").split())
    if covers not in (ALL, UNIT, NOTHING):
        problems.append(Problem("covers", "Select what the list covers"))
    elif covers == UNIT and not unit:
        problems.append(Problem("unit", "Enter the name of the unit, as the list writes it"))
    if problems or as_at is None:
        if not request.files.get("file") and not form.get("carried"):
            problems.insert(0, Problem("file", pages.NO_FILE))
        raise Invalid("Something is missing.", problems)
    sheet = " ".join(form.get("sheet", "").split())
    new = "sheet" in form and sheet != (usual or "")
    return Said(
        as_at, {ALL: "all", UNIT: f"unit={unit}"}.get(covers or ""), sheet if sheet and new else None, new
    )


def _choice(covers: str | None) -> str:
    return {None: NOTHING, "all": ALL}.get(covers, UNIT)


def _form(
    organisation: Organisation,
    problems: Sequence[Problem] = (),
    values: Mapping[str, str] | None = None,
) -> str:
    return render_template(
        "roster/new.html", organisation=organisation, problems=problems, values=values or {}
    )


def _columns(
    organisation: Organisation,
    upload: Upload,
    said: Said,
    chosen: Mapping[str, str | None],
    problems: Sequence[Any] = (),
) -> str:
    there = _there(upload, said, chosen)
    shown = preview(upload.workbook.sheets, as_at=said.as_at, chosen=there, wanted=said.sheet)
    if shown is None:
        sentence = "No row of captions such as Employee number, Last name and Job title was found in the file"
        raise Invalid(sentence, [Problem("file", sentence)])
    codes = {getattr(problem, "code", "") for problem in problems}
    return render_template(
        "roster/columns.html",
        organisation=organisation,
        upload=upload,
        stated=said,
        sheets=[sheet.name for sheet in upload.workbook.sheets if sheet.visible],
        covers=_choice(said.covers),
        unit=(said.covers or "").removeprefix("unit="),
        preview=shown,
        fields=FIELDS,
        problems=_at_the_top(problems, organisation),
        without_numbers="no_number_column" in codes and COLUMN_MISSING not in codes,
    )


def _at_a_field(refusal: Invalid) -> Sequence[Problem]:
    """What is wrong with the form. What shows only when the rows are read is wrong with the file."""
    return refusal.problems or [Problem("file", refusal.message)]


def _at_the_top(problems: Sequence[Any], organisation: Organisation) -> list[Problem]:
    """Problems of the list as those of the form: the list is here, so nothing has to be added to it nor sent again."""
    missing = [problem for problem in problems if getattr(problem, "code", "") == COLUMN_MISSING]
    if missing:
        # That there are no names or numbers then follows from it, and is said again if it is so.
        return [
            Problem("columns", _forgotten(missing, organisation)),
            *(one for one in problems if isinstance(one, Problem)),
        ]
    return [
        problem
        if isinstance(problem, Problem)
        else Problem("columns", UNKNOWN_CAPTIONS if problem.code == "no_header" else problem.message)
        for problem in problems
    ]


def _forgotten(missing: Sequence[Any], organisation: Organisation) -> str:
    """One sentence for all captions that are remembered and are not in this list."""
    captions = [f"“{problem.value}”" for problem in missing]
    what = " or ".join(filter(None, (", ".join(captions[:-1]), captions[-1])))
    return (
        f"Lists of {organisation.name} were read by other captions before, and this one has no {what}. "
        "See below which column is which, and correct what is wrong."
    )


def _there(upload: Upload, said: Said, chosen: Mapping[str, str | None]) -> dict[str, str | None]:
    """What was decided, but for captions that this file does not have."""
    shown: Preview | None = preview(upload.workbook.sheets, as_at=said.as_at, wanted=said.sheet)
    captions = {column.caption for column in shown.columns} if shown else set()
    return {
        field: caption
        for field, caption in chosen.items()
        if field == rules.SHEET or caption is None or set(caption.split("|")) <= captions
    }


def _wanted() -> dict[str, Field | None]:
    """The captions with their fields, as the form has them."""
    wanted: dict[str, Field | None] = {}
    for name, caption in request.form.items():
        start, _, number = name.partition("-")
        if start == "caption":
            chosen = request.form.get(f"field-{number}", "")
            wanted[caption] = Field(chosen) if chosen in list(Field) else None
    return wanted


def _twice(wanted: Mapping[str, Field | None]) -> list[Problem]:
    """Two columns for one thing, which only units may be."""
    held: dict[Field, list[str]] = {}
    for caption, field in wanted.items():
        if field is not None and field is not Field.UNIT:
            held.setdefault(field, []).append(caption)
    return [
        Problem("columns", f"{FIELDS[field]} is chosen for {' and '.join(captions)}. Choose one of them")
        for field, captions in held.items()
        if len(captions) > 1
    ]


def _remember_sheet(session: Session, organisation_id: int, sheet: str | None) -> None:
    """Keep which sheet is read, for the lists to come; nothing said forgets it."""
    columns = roster.columns_of(session, organisation_id)
    columns.pop(rules.SHEET, None)
    _remember(session, organisation_id, columns | ({rules.SHEET: sheet} if sheet else {}))


def _remember(session: Session, organisation_id: int, chosen: Mapping[str, str | None]) -> None:
    me, now = guard.me(), clock.now()
    if dict(chosen) != roster.columns_of(session, organisation_id):
        roster.remember_columns(session, organisation_id, chosen, account_id=me.account_id, now=now)
        audit.record(
            session,
            me.actor,
            "role_list.columns",
            f"organisation {organisation_id}",
            now=now,
            organisation_id=organisation_id,
            fields=sorted(chosen),
        )
