"""The house's own form of a role list: what an export holds, written so that reading it again changes nothing."""

from collections.abc import Sequence
from datetime import date

from lms.rules.roster.cells import GUARD
from lms.rules.roster.facts import Field, Status
from lms.rules.roster.meanings import (
    known_as_of,
    name_of_parts,
    name_part,
    reference_for,
    text_for,
    title_for,
    units_for,
)
from lms.rules.roster.names import text_key
from lms.rules.roster.titles import UNIT_SEPARATOR

CAPTIONS = {
    Field.NUMBER: "Employee number",
    Field.REFERENCE: "Post reference",
    Field.FAMILY: "Last name",
    Field.GIVEN: "First name",
    Field.KNOWN_AS: "Known as",
    Field.TITLE: "Job title",
    Field.UNIT: "Unit",
    Field.EMAIL: "Email",
    Field.START: "Start date",
    Field.END: "End date",
    Field.STATUS: "Status",
    Field.CATEGORY: "Bank worker",
    Field.MAIN: "Main post",
    Field.MANAGER: "Line manager number",
}
STATUSES = {Status.IN_POST: "In post", Status.AWAY: "Away"}
# Workbooks count their days from here, and wrongly before.
_FIRST_SURE_DAY = date(1900, 3, 1)


def is_ours(captions: Sequence[str]) -> bool:
    """Whether a list has the captions of an export, which says itself what its columns are."""
    return list(captions) == list(CAPTIONS.values())


def shielded(text: str) -> str:
    """A text that happens to begin like a guarded one, with an apostrophe more for reading to take away."""
    return f"'{text}" if GUARD.match(text) else text


def text_cell(field: Field, text: str | None) -> str:
    """A text as the cell it is read from; blank, which changes nothing, where no cell is read as this text."""
    if not text:
        return ""
    raw = shielded(text)
    if field is Field.TITLE:
        found = title_for(raw)[0]
    elif field is Field.REFERENCE:
        found = reference_for(raw)[0]
    elif field is Field.KNOWN_AS:
        found = known_as_of(raw)[0] or ""
    elif field is Field.UNIT:
        found = UNIT_SEPARATOR.join(units_for(raw)[0])
    else:
        found = text_for(field, raw)[0]
    return text if text_key(found) == text_key(text) else ""


def name_cells(given: str, family: str, known_as: str | None) -> tuple[str, str]:
    """The cells of the last and the first name. ``Lee Unknown`` goes into one, as Unknown alone is read as blank."""
    for last, first in ((family, given), (f"{family}, {given}", ""), (f"{given} {family}", "")):
        name, _, odd = name_of_parts(name_part(shielded(first)), name_part(shielded(last)))
        same = text_key(f"{name.given} {name.family}") == text_key(f"{given} {family}")
        if same and odd != "vacant" and name.known_as in (None, known_as):
            return last, first
    return family, given


def day_cell(day: date | None) -> date | str:
    """A day as a date, or as text where a workbook would count wrongly."""
    if day is None:
        return ""
    return day if day >= _FIRST_SURE_DAY else day.isoformat()
