"""What is too much: the bounds a role list never reaches and an attack or a damaged file does."""

from collections.abc import Iterator

from lms.errors import Invalid
from lms.spreadsheets.facts import Row

COLUMNS = 1_000
ROWS = 1_048_576
BLANK_ROWS = 100_000
MERGED = 200_000
# Real workbooks unpack to 5 to 60 times their size; deflate's ceiling, which bombs use, is 1,032.
RATIO = 200
SMALL = 32 * 2**20
UNPACKED = 2 * 2**30
LINE = 8 * 2**20


def too_many_columns(name: str) -> Invalid:
    """The refusal of a sheet that reaches to the far right."""
    return Invalid(
        f"{name} has more than {COLUMNS:,} columns. A role list has a few dozen: delete the empty columns to the "
        "right of the list, save the file and upload it again."
    )


def too_many_rows(name: str) -> Invalid:
    """The refusal of more rows than a spreadsheet can have."""
    return Invalid(
        f"{name} has more than {ROWS:,} rows. Split the list into smaller files and upload each of them."
    )


def too_many_blank_rows(name: str, after: int) -> Invalid:
    """The refusal of a sheet that is nearly all blank."""
    return Invalid(
        f"{name} has more than {BLANK_ROWS:,} blank rows after row {after:,}. Delete the empty rows below the "
        "list (select them, then Delete rows), save the file and upload it again."
    )


def too_many_merged(name: str) -> Invalid:
    """The refusal of a sheet in which nearly everything is merged."""
    return Invalid(
        f"{name} has more than {MERGED:,} merged cells. Select the list, choose Unmerge cells, save the file and "
        "upload it again."
    )


def bounded(rows: Iterator[Row], name: str) -> Iterator[Row]:
    """The same rows, stopping where a sheet is too wide, too long or blank for too long.

    :raises Invalid: saying which.
    """
    blank = 0
    for row in rows:
        number, cells = row
        if len(cells) > COLUMNS:
            raise too_many_columns(name)
        if any(cells):
            blank = 0
        else:
            blank += 1
            if blank > BLANK_ROWS:
                raise too_many_blank_rows(name, number - blank)
        if number > ROWS:
            raise too_many_rows(name)
        yield row
