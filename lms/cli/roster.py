"""``lms roster``: role lists checked, applied and undone."""

import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click
from sqlmodel import Session

from lms import clock, db, garbage, settings, spreadsheets
from lms.cli import export, report, watch
from lms.cli.covers import covers
from lms.cli.days import DAY
from lms.cli.progress import bar
from lms.errors import Invalid, NotFound
from lms.rules import roster as reading
from lms.rules.roster import Problem, Reading, Told, copies
from lms.rules.roster.dates import of_list
from lms.services import audit, organisations, roster
from lms.services.completions import reconciling
from lms.services.coverage import effect
from lms.services.job_roles import roles
from lms.services.people import applying, checking, stored
from lms.services.people.checking import Checked, Options


def options(command: Callable[..., None]) -> Callable[..., None]:
    """What check and apply both take."""
    decorators = [
        click.argument("file", type=click.Path(path_type=Path)),
        click.option("--organisation", "code", required=True, help="The organisation's code."),
        click.option("--as-at", type=DAY, help="The date of the list, as 2026-06-30; today without it."),
        click.option(
            "--covers",
            callback=covers,
            help="all, or unit=NAME: who is missing there has left. Without it nobody has.",
        ),
        click.option("--accept-leavers", is_flag=True, help="Yes, that many have left."),
        click.option("--accept-joiners", is_flag=True, help="Yes, that many have joined."),
        click.option(
            "--only-good-rows", is_flag=True, help="Apply the rows without errors and leave the others."
        ),
        click.option(
            "--columns",
            type=click.Path(path_type=Path),
            help='A JSON file that says which column is which: {"number": "Staff No", "title": "Post"}.',
        ),
        click.option(
            "--sheet", help="The sheet to read, by name; without it the one that looks like a list."
        ),
        click.option(
            "--copy",
            type=click.Path(path_type=Path),
            help="Where to write a copy of a refused list, with numbers filled in or what is wrong beside each row.",
        ),
        click.option("--json", "as_json", is_flag=True, help="Print one JSON document."),
    ]
    for decorator in reversed(decorators):
        command = decorator(command)
    return command


@click.group("roster")
def command() -> None:
    """Role lists: check one, apply it, undo it, watch a folder for them."""


command.add_command(watch.command)
command.add_command(export.command)


@command.command(
    "check",
    epilog="Example: lms roster check staff.xlsx --organisation QUA-NHS --as-at 2026-06-30 --covers all",
)
@options
def check(
    file: Path,
    code: str,
    as_at: datetime | None,
    columns: Path | None,
    sheet: str | None,
    copy: Path | None,
    as_json: bool,
    **chosen: Any,
) -> None:
    """Say everything a role list would do. Writes nothing."""
    with db.transaction(read_only=True) as session, bar() as tell:
        organisation_id = organisations.by_code(session, code).id or 0
        found = _read(session, file, organisation_id, as_at, columns, sheet, tell)
        checked = checking.check(session, organisation_id, found, Options(**chosen), tell=tell)
        _tell(tell, "Coverage")
        foreseen = effect.foreseen(session, organisation_id, checked) if not _unreadable(checked) else []
        names = roles.names(session)
    report.show(checked, foreseen, names, as_json=as_json, applied=False)
    if checked.errors and not checked.applicable:
        _give_back(file, found, copy)
        raise Refused("The list has errors. Nothing was written.", checked, as_json=as_json)


@command.command(
    "apply",
    epilog="Example: lms roster apply staff.xlsx --organisation QUA-NHS --as-at 2026-06-30 --covers all",
)
@options
def apply(
    file: Path,
    code: str,
    as_at: datetime | None,
    columns: Path | None,
    sheet: str | None,
    copy: Path | None,
    as_json: bool,
    **chosen: Any,
) -> None:
    """Check a role list and apply it: everything, or nothing."""
    base_url, now = settings.current().base_url, clock.now()
    with db.transaction() as session:
        organisation_id = organisations.by_code(session, code).id or 0
        applying.lock(session, organisation_id)
        names = roles.names(session)
        with bar() as tell:
            found = _read(session, file, organisation_id, as_at, columns, sheet, tell)
            checked = checking.check(session, organisation_id, found, Options(**chosen), tell=tell)
        if not checked.applicable:
            stopped = not checked.refused
            message = "The list was not applied, and nothing was changed."
            report.show(checked, [], names, as_json=as_json, applied=False, stopped=stopped)
            beside = file.with_name(f"{file.stem}-with-numbers.xlsx") if found.numbers_to_fill_in else None
            _give_back(file, found, copy or beside)
            raise Refused(message, checked, as_json=as_json)
        with bar() as tell:
            _tell(tell, "Writing")
            before = effect.now(session, organisation_id, found.as_at)
            applied = applying.apply(
                session, organisation_id, checked, actor=audit.COMMAND_LINE, now=now, filename=file.name
            )
            reconciling.people_changed(session, sorted(applied.touched), base_url, now)
            change = effect.applied(session, organisation_id, checked, before)
    report.show(applied.checked, change, names, as_json=as_json, applied=True)


@command.command("undo", epilog="Example: lms roster undo --organisation QUA-NHS")
@click.option("--organisation", "code", required=True, help="The organisation's code.")
def undo(code: str) -> None:
    """Take the last applied list back as a whole."""
    base_url, now = settings.current().base_url, clock.now()
    with db.transaction() as session:
        organisation_id = organisations.by_code(session, code).id or 0
        last, touched = applying.undo(session, organisation_id, actor=audit.COMMAND_LINE, now=now)
        reconciling.people_changed(session, sorted(touched), base_url, now)
    click.echo(f"The list of {last.as_at.isoformat()} is undone: everything is as it was before.")


class Refused(Invalid):
    """A list that was not taken; with ``--json`` the reasons are in the document already."""

    def __init__(self, message: str, checked: Checked, *, as_json: bool) -> None:
        reasons = checked.errors if checked.refused else checked.brakes
        super().__init__(message, () if as_json else reasons)


@garbage.put_off()
def _read(
    session: Session,
    file: Path,
    organisation_id: int,
    as_at: datetime | None,
    columns: Path | None,
    sheet: str | None,
    tell: Told | None,
) -> Reading:
    chosen = _columns(columns) if columns else roster.columns_of(session, organisation_id)
    day: date = as_at.date() if as_at else clock.today()
    try:
        of_list(day, clock.today())
    except Invalid as error:
        return Reading(day, errors=(Problem(None, None, None, day.isoformat(), "list_date", error.message),))
    try:
        workbook = spreadsheets.read(file)
        known = stored.known(session, organisation_id)
        return reading.read(workbook.sheets, as_at=day, columns=chosen, known=known, sheet=sheet, tell=tell)
    except (Invalid, NotFound) as error:
        # Said like every other problem of a list, so that a script finds it in the document.
        return Reading(day, errors=(Problem(None, None, None, file.name, "file_unreadable", error.message),))


def _give_back(file: Path, found: Reading, copy: Path | None) -> None:
    """Writes the copy of a refused list under a name that is free, and says where."""
    if found.sheet is None or found.header_row is None:
        return
    if copy is None:
        if found.numbers_to_fill_in:
            click.echo("Add --copy FILE.xlsx for a copy with numbers filled in.", err=True)
        return
    sheet = copies.sheet_of(spreadsheets.read(file).sheets, found)
    rows = (copies.with_numbers if found.numbers_to_fill_in else copies.with_problems)(sheet, found)
    content = spreadsheets.write_xlsx([(found.sheet, rows)])
    try:
        with copy.open("xb") as made:
            made.write(content)
    except OSError as error:
        click.echo(
            f"No copy: {copy} cannot be written ({error.strerror}). Name a new file with --copy.", err=True
        )
        return
    click.echo(f"A copy is in {copy}.", err=True)


def _tell(tell: Told | None, phase: str) -> None:
    if tell is not None:
        tell(phase, 0, None)


def _columns(path: Path) -> dict[str, str | None]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise Invalid(f"{path} is not JSON. Write an object such as " + '{"number": "Staff No"}.') from error
    if not isinstance(found, dict) or not all(
        value is None or isinstance(value, str) for value in found.values()
    ):
        raise Invalid(
            f"{path} holds something else than fields and captions, such as " + '{"number": "Staff No"}.'
        )
    return found


def _unreadable(checked: Checked) -> bool:
    return not checked.reading.rows
