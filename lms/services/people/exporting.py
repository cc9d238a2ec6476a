"""The people of an organisation as a role list, to look at, to correct and to send back."""

from collections.abc import Sequence
from datetime import date

from sqlmodel import Session

from lms import spreadsheets
from lms.errors import NotFound
from lms.rules.people import exporting
from lms.rules.people.exporting import Cells
from lms.rules.roster.upload_format import shielded
from lms.services.people import stored
from lms.services.people.checking import latest_applied
from lms.tables.organisations import Organisation

SHEET = "Role list"


def rows(session: Session, organisation: Organisation, today: date) -> list[Cells]:
    """The rows of the list, captions first: everybody with a post on the date of the last list or later.

    :raises NotFound: when no list has been applied.
    """
    id_ = organisation.id or 0
    last = latest_applied(session, id_)
    if last is None:
        raise NotFound(
            f"No role list of {organisation.name} is applied, so there is nothing to export. Apply one first."
        )
    return list(exporting.rows(stored.people(session, id_).values(), min(last.as_at, today)))


def as_csv(listed: Sequence[Cells]) -> bytes:
    """The list as text, with an apostrophe before what a spreadsheet program would run as a formula."""
    return spreadsheets.write_csv(listed).encode()


def as_xlsx(listed: Sequence[Cells]) -> bytes:
    """The list as a workbook in which every text is a text."""
    safe = ([shielded(cell) if isinstance(cell, str) else cell for cell in row] for row in listed)
    return spreadsheets.write_xlsx([(SHEET, safe)])
