"""What can be wrong with a role list: the code, whether it stops the list, and the sentence that says what to do.

Errors and warnings are those of policy.md, Role lists. Codes are stable: people script against them (contract.md).
"""

from typing import Any

from lms.rules.roster.cells import shown
from lms.rules.roster.facts import Problem

# What goes wrong because a column was not understood.
OF_COLUMNS = frozenset(
    {
        "no_header",
        "no_name_column",
        "no_number_column",
        "no_title_column",
        "column_missing",
        "field_unknown",
        "duplicate_header",
    }
)

ERRORS = {
    "no_header": (
        "No row of captions was found in the first {limit} rows. The list needs one row with captions such as "
        "Employee number, Last name, First name, Job title, Email and Start date. Add it, or say which column is "
        "which, and upload the list again."
    ),
    "sheet_hidden": (
        "No sheet that can be seen has a row of captions, but the hidden sheet “{hidden}” has. Show it and save the file "
        "again, or name it: on the page as the name of the sheet, or with --sheet."
    ),
    "sheet_missing": "There is no sheet called “{sheet}”. The file has: {sheets}. Name one of them.",
    "above_captions": (
        "This row stands above the captions, which are in row {header}, and looks like somebody. Move the captions above "
        "everybody, or delete the row."
    ),
    "no_people": "There are captions and nobody below them. Check that the right sheet was exported, and upload it again.",
    "no_name_column": "No column holds names. Add one, or say which column is the name.",
    "no_number_column": (
        "The list has no column with employee numbers, and its e-mail addresses cannot stand in for them because "
        "{reason}. Use the copy in which numbers are filled in, and keep those numbers in every later list."
    ),
    "duplicate_header": "This caption stands over two columns, so it is not clear which one to read. Rename or delete one.",
    "column_missing": (
        "The columns kept for this organisation name “{caption}” for {field}, and this list has no such caption. Write "
        "it as before, or upload the list on the page and say there which column is which."
    ),
    "field_unknown": "“{field}” is not something a column can mean. Use one of: {fields}.",
    "no_number": "There is no employee number. Enter it; if the row is not about a person, delete the row.",
    "number_scientific": (
        "The employee number was turned into scientific notation and digits are lost. Format the column as text, "
        "enter the number in full and save the list again."
    ),
    "number_unreadable": "This is not an employee number. Enter the number as text.",
    "number_too_long": "This is too long for an employee number, or its last digits were lost. Format the column as text and enter it again.",
    "no_name": "There is no name. Enter it; if the post is vacant, write VACANT as the name.",
    "number_two_names": (
        "The employee number {number} belongs to {other} in row {row}, and to a different name here. Correct the "
        "number, or write the name the same way in both rows."
    ),
    "rows_contradict": "Row {row} says something different about the same post {reference}. Keep the right row and delete the other.",
    "date_impossible": "This date does not exist. Correct it.",
    "date_unreadable": "This is not a date. Write it as 31/03/2024 or 31 March 2024.",
    "date_american": (
        "This date is written month first, or stands among dates that are, so day and month cannot be told apart. "
        "Write it as 31/03/2024 or 31 March 2024."
    ),
    "end_before_start": "The end date is before the start date {start}. Correct one of them.",
    "nul_bytes": "The cell holds NUL bytes, which no name or title does: the file is damaged. Export the list again.",
    "cannot_clear": "CLEAR empties a field, and this one cannot be empty. Enter the value, or leave the cell blank to keep what is stored.",
    "row_shifted": (
        "The row has more cells than there are captions, so a separator probably stands inside a text without "
        "quotation marks and the cells have moved. Correct the row or export the list again."
    ),
}
WARNINGS = {
    "number_repaired": "Read as {number}.",
    "number_zeros_restored": "Leading zeros were lost; read as {number}{because}.",
    "number_regrouped": "The blanks in the number are written differently; read as {number}{because}.",
    "reference_scientific": (
        "The reference was turned into scientific notation and digits are lost. It is left out; format the column as "
        "text and save the list again."
    ),
    "running_number": (
        "The numbers run 1, 2, 3 … down the list. If they only count the rows, they will point to other people next "
        "time: use employee numbers instead."
    ),
    "date_old": "This date is before 1940. It is used as it stands; correct it if it is a slip.",
    "date_far": "This date is far ahead. It is used as it stands; correct it if it is a slip.",
    "spreadsheet_error": "The cell shows a spreadsheet error instead of a value. It is read as blank; repair the formula.",
    "no_title": "There is no job title. The person counts for what everyone needs; enter the title if there is one.",
    "no_title_column": "No column holds job titles, so nobody can be matched to a job role. Add one, or say which column it is.",
    "name_status": (
        "What stands in brackets beside the name is not read or kept, and the person counts as in post. If it says that they are away or "
        "have left, say so in a column Status."
    ),
    "manager_by_name": (
        "{count} a manager by name, as this one does. People are found by their employee numbers alone, so these managers are not "
        "known. Add a column with the manager's employee number."
    ),
    "email_malformed": "This is not an e-mail address. It is left out, so no reminder can be sent; correct it.",
    "email_several": "There are several addresses in the cell. The first, {email}, is used.",
    "emails_differ": "The rows of employee number {number} have different e-mail addresses. {email} is used.",
    "cell_long": "The cell is very long. Only its beginning is kept.",
    "markup": "The cell holds HTML. It is kept as plain text.",
    "formula": "The cell looks like a formula. It is kept as plain text and never run.",
    "garbled": "Some letters look garbled, as happens when a file is saved in another encoding. Check them, or save the list as CSV UTF-8.",
    "control_characters": "The cell holds control characters. They are left out.",
    "status_unknown": (
        "The status in this row is not known here. It is not kept, and the person is counted as in post; if they are not, write Away or "
        "Left."
    ),
    "cells_merged": (
        "{count} merged with those below, as this one. What stands there is read for every row that it covers; if that is not meant, "
        "unmerge the cells and fill in each row."
    ),
    "row_repeated": "The row says the same as row {row}. It is counted once.",
    "row_joined": (
        "The row says of a post what row {row} says, with cells left blank in one of the two. They are counted as one post; if they are "
        "two, write an assignment number or a unit in each."
    ),
    "post_without_person": "The row has a job title and neither a number nor a name. It is counted as a vacant post.",
    "line_left_out": "This line was not read as a person. If it is about one, give it a number and a name.",
    "caption_repeated": "This caption stands over several columns. None of them is read.",
    "sheet_not_read": "The sheet “{other}” looks like a list of people as well. Only “{sheet}” was read; choose the other one by its name if that is the list.",
}
_WORDS = ERRORS | WARNINGS


def problem(
    code: str, sheet: str | None, row: int | None, column: str | None, value: Any = "", /, **words: Any
) -> Problem:
    """The problem with its sentence; ``words`` fill the gaps in it."""
    return Problem(
        sheet, row, column, shown(value), code, _WORDS[code].format_map(words) if words else _WORDS[code]
    )


def is_error(code: str) -> bool:
    """Whether this stops the list rather than only being said."""
    return code in ERRORS
