"""The list as it came, with what is wrong beside each row, or with numbers filled in, to be corrected and sent again."""

from datetime import date
from io import BytesIO
from pathlib import PurePath

from flask import request, send_file
from flask.typing import ResponseReturnValue

from lms import db, spreadsheets
from lms.errors import Invalid
from lms.rules import roster as rules
from lms.rules.access import Action
from lms.rules.roster import copies
from lms.services import roster
from lms.services.people import stored
from lms.web import guard
from lms.web.guard import allow
from lms.web.roster import pages
from lms.web.roster.pages import blueprint

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.post("/organisations/<code>/role-lists/copy")
@allow(Action.KEEP_ROLE_LISTS)
def copy(code: str) -> ResponseReturnValue:
    """A workbook with the rows of the file that this form brings, since none was kept."""
    with db.transaction(read_only=True) as session:
        organisation = guard.organisation(session, code)
        chosen = roster.columns_of(session, organisation.id or 0)
        known = stored.known(session, organisation.id or 0)
    as_at = _day(request.form.get("as_at", ""))
    with pages.upload() as upload:
        reading = rules.read(
            upload.workbook.sheets,
            as_at=as_at,
            columns=chosen,
            known=known,
            sheet=request.form.get("sheet") or None,
        )
        if reading.header_row is None:
            raise Invalid(reading.errors[0].message if reading.errors else "There is nothing to copy.")
        sheet = copies.sheet_of(upload.workbook.sheets, reading)
        fill_in = bool(request.form.get("numbers")) and reading.numbers_to_fill_in
        rows = copies.with_numbers(sheet, reading) if fill_in else copies.with_problems(sheet, reading)
        made = spreadsheets.write_xlsx([(reading.sheet or "List", rows)])
        ending = "with-numbers" if fill_in else "with-problems"
        name = f"{PurePath(upload.filename).stem}-{ending}.xlsx"
    return send_file(BytesIO(made), mimetype=XLSX, as_attachment=True, download_name=name)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid("The date of the list is missing. Upload the list again.") from error
