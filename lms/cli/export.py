"""``lms roster export``: an organisation's people as a list that can be corrected and sent back."""

import sys
from pathlib import Path

import click

from lms import clock, db
from lms.errors import Conflict, Invalid
from lms.services import organisations
from lms.services.people import exporting

WRITERS = {"csv": exporting.as_csv, "xlsx": exporting.as_xlsx}
EXAMPLE = """\b
Examples:
  lms roster export --organisation QUA-NHS -o staff.xlsx
  lms roster export --organisation QUA-NHS --format csv > staff.csv
"""


@click.command("export", epilog=EXAMPLE)
@click.option("--organisation", "code", required=True, help="The organisation's code.")
@click.option(
    "--format", "form", type=click.Choice(sorted(WRITERS)), help="As FILE ends, else csv without it."
)
@click.option(
    "--output",
    "-o",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file to write; standard output without it.",
)
def command(code: str, form: str | None, file: Path | None) -> None:
    """Write the people of an organisation as a role list.

    Everybody with a post on the date of the last list or later, with all that is stored of them. Applying the list
    again changes nothing.
    """
    write = WRITERS[form or _form_of(file)]
    with db.transaction(read_only=True) as session:
        rows = exporting.rows(session, organisations.by_code(session, code), clock.today())
    content = write(rows)
    if file is None:
        if form == "xlsx" and sys.stdout.isatty():
            raise Invalid("A workbook is nothing to look at here. Name a file with -o FILE.xlsx.")
        click.echo(content, nl=False)
        return
    try:
        with file.open("xb") as made:
            made.write(content)
    except FileExistsError as error:
        message = f"{file} is there already. Name another file, so that nothing of yours is replaced."
        raise Conflict(message) from error
    except OSError as error:
        raise Invalid(f"{file} cannot be written: {error.strerror}.") from error
    number = len(rows) - 1
    click.echo(f"{number:,} {'row is' if number == 1 else 'rows are'} in {file}.", err=True)


def _form_of(file: Path | None) -> str:
    ending = file.suffix.lower().removeprefix(".") if file else "csv"
    if ending not in WRITERS:
        raise Invalid(
            f"{file} ends in {file.suffix if file and file.suffix else 'nothing'}. Name a file that ends in .xlsx "
            "or .csv, or say --format."
        )
    return ending
