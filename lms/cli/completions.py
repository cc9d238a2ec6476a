"""``lms completions``: historic completions, recorded as statements."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from lms import clock, db, settings
from lms.cli import documents
from lms.errors import Invalid
from lms.rules.completions.file import COLUMNS
from lms.rules.reference_files import Problem
from lms.services.completions import importing

EXAMPLE = """\b
Example:
  lms completions import completions.csv
"""


@click.group("completions")
def command() -> None:
    """Historic completions."""


@command.command("import", epilog=EXAMPLE)
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def import_(file: Path, as_json: bool) -> None:
    """Record the completions of a CSV file as statements: everything or nothing.

    Reading the same file again changes nothing. The people have to be in a role list already.
    """
    content = read_file(file)
    try:
        with db.transaction() as session:
            made = importing.load(
                session,
                content,
                settings.current().base_url,
                now=clock.now(),
                today=clock.today(),
                file=file.name,
            )
    except Invalid as error:
        if as_json:
            errors = [_plain(one) for one in error.problems if isinstance(one, Problem)]
            documents.show({"recorded": 0, "errors": errors})
        raise
    if as_json:
        click.echo(json.dumps({**asdict(made), "errors": []}, indent=1))
        return
    click.echo(
        f"{made.recorded} recorded, {made.already} recorded before, {made.counted} counted as completions."
    )
    if made.failed:
        click.echo(f"{made.failed} were not passed and do not count.")


def read_file(file: Path) -> bytes:
    """The bytes of a file that somebody named.

    :raises Invalid: saying what is wrong with it.
    """
    if file.is_dir():
        raise Invalid(f"{file} is a folder. Name a file with the columns {', '.join(COLUMNS)}.")
    try:
        return file.read_bytes()
    except FileNotFoundError as error:
        raise Invalid(f"There is no file {file}.") from error
    except OSError as error:
        raise Invalid(f"{file} cannot be read: {error.strerror}.") from error


def _plain(problem: Problem) -> dict[str, object]:
    return {
        "row": problem.row,
        "column": problem.column,
        "value": problem.value,
        "message": problem.message,
    }
