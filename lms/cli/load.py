"""``lms load``: the reference files of a folder, in one transaction."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from lms import clock, db, settings
from lms.errors import Invalid
from lms.rules.reference_files import Loaded
from lms.services import reference

PATIENCE = 60.0
EXAMPLE = """\b
Example:
  lms load reference
"""


@click.command("load", epilog=EXAMPLE)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(folder: Path, as_json: bool) -> None:
    """Load any of the reference files found in a folder: everything or nothing.

    levels.csv, competencies.csv, organisations.csv, job-roles.csv, job-titles.csv, modules.csv,
    equivalences.csv, training-map.csv, exemptions.csv, completions.csv. Exemptions and completions name people,
    so load them after the role lists. Loading the same files again changes nothing.
    """
    contents = read_folder(folder)
    with db.alone("reference-files", patience=PATIENCE), db.transaction() as session:
        done = reference.load(session, contents, now=clock.now(), base_url=settings.current().base_url)
    if as_json:
        click.echo(json.dumps([_plain(loaded) for loaded in done], indent=1))
        return
    for loaded in done:
        said = [f"{loaded.added} added", f"{loaded.changed} changed", f"{loaded.unchanged} unchanged"]
        click.echo(f"{loaded.file}: {', '.join([*said, *loaded.notes])}")


def read_folder(folder: Path) -> dict[str, bytes]:
    """The reference files in a folder, by name.

    :raises Invalid: saying what is expected where there is none, and naming CSV files that are not known.
    """
    known = list(reference.NAMES)
    if not folder.is_dir():
        raise Invalid(f"{folder} is not a folder. Give the folder that holds {known[0]} and the like.")
    try:
        contents = {name: (folder / name).read_bytes() for name in known if (folder / name).is_file()}
    except OSError as error:
        raise Invalid(f"{error.filename} cannot be read: {error.strerror}.") from error
    unknown = sorted(path.name for path in folder.glob("*.csv") if path.name not in known)
    if not contents:
        here = f" It holds {', '.join(unknown[:5])}." if unknown else ""
        raise Invalid(f"There is no reference file in {folder}.{here} Expected any of: {', '.join(known)}.")
    for name in unknown:
        click.echo(f"{name} is not a reference file and was not read.", err=True)
    return contents


def _plain(loaded: Loaded) -> dict[str, object]:
    return {name: value for name, value in asdict(loaded).items() if name != "problems"}
