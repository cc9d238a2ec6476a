"""``lms map``: the training map as a file, and its versions."""

from pathlib import Path

import click

from lms import clock, db
from lms.errors import Conflict, Invalid
from lms.services.training_map import history, matrix, versions
from lms.services.training_map.matrix import Filters

EXAMPLE = """\b
Examples:
  lms map export > training-map.csv
  lms map export training-map.xlsx --organisation FAR-BC
"""


@click.group("map")
def command() -> None:
    """The training map."""


@command.command("export", epilog=EXAMPLE)
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--organisation", default="", help="Draw the matrix of the workbook for this organisation.")
def export(file: Path | None, organisation: str) -> None:
    """Write the newest version as training-map.csv, or as a workbook when FILE ends in .xlsx.

    Loading the CSV again changes nothing. Without FILE it goes to standard output.
    """
    with db.transaction(read_only=True) as session:
        version = versions.newest(session)
        rows = versions.rows_of(version)
        if file is None or file.suffix.lower() == ".csv":
            content = matrix.as_csv(rows).encode()
        elif file.suffix.lower() == ".xlsx":
            drawn = matrix.drawn(session, rows, clock.today(), Filters(organisation=organisation))
            title = f"version {version.number}" if version else "no version yet"
            content = matrix.as_xlsx(drawn, rows, matrix.names(session), title)
        else:
            raise Invalid(
                f"{file} ends in {file.suffix or 'nothing'}. Name a file that ends in .csv or .xlsx."
            )
    if file is None:
        click.echo(content, nl=False)
        return
    if file.exists():
        raise Conflict(f"{file} is there already. Name another file, so that nothing of yours is replaced.")
    try:
        file.write_bytes(content)
    except OSError as error:
        raise Invalid(f"{file} cannot be written: {error.strerror}.") from error
    click.echo(f"{len(rows)} rows are in {file}.", err=True)


@command.command("versions", epilog="Example: lms map versions")
def listed() -> None:
    """Every version: from which day it holds, who published it when, and why."""
    with db.transaction(read_only=True) as session:
        found = history.every(session)
    if not found:
        click.echo("No map has been published yet.")
    for one in found:
        holds = f"from {one.from_day}" if one.from_day else "since always"
        who = one.published_by or "a file, loaded"
        day = f"{one.published_at:%Y-%m-%d}" if one.published_at else ""
        click.echo(f"{one.number:>4}  {holds:<15}  {day}  {who}  {one.title}  {one.note}".rstrip())
