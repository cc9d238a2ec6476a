"""An organisation's people as a list that can be corrected and sent back."""

from flask import Response

from lms import clock, db
from lms.rules.access import Action
from lms.services.people import exporting
from lms.web import guard
from lms.web.guard import allow
from lms.web.roster.copies import XLSX
from lms.web.roster.pages import blueprint

CSV = "text/csv; charset=utf-8"


@blueprint.get("/organisations/<code>/role-list.xlsx")
@allow(Action.KEEP_ROLE_LISTS)
def as_xlsx(code: str) -> Response:
    """The list as a workbook."""
    return _file(exporting.as_xlsx(_rows(code)), XLSX, f"{code}-role-list.xlsx")


@blueprint.get("/organisations/<code>/role-list.csv")
@allow(Action.KEEP_ROLE_LISTS)
def as_csv(code: str) -> Response:
    """The list as text, for other programs."""
    return _file(exporting.as_csv(_rows(code)), CSV, f"{code}-role-list.csv")


def _rows(code: str) -> list[exporting.Cells]:
    with db.transaction(read_only=True) as session:
        return exporting.rows(session, guard.organisation(session, code), clock.today())


def _file(content: bytes, kind: str, name: str) -> Response:
    made = Response(content, mimetype=kind)
    made.headers.set("Content-Disposition", "attachment", filename=name)
    return made
