"""``lms statements``: the log in and out, and what does not count yet."""

import json
import sys
from pathlib import Path

import click

from lms import clock, db, settings
from lms.cli import reconcile
from lms.cli.completions import read_file
from lms.rules.statements import own
from lms.services import completions
from lms.services.completions import records
from lms.services.statements import Source, exporting
from lms.services.statements.facts import SYSTEM

EXAMPLE = """\b
Examples:
  lms statements export > statements.jsonl
  lms statements export --person 7c0f6cf3-8e1a-4f53-9c7e-2b3f5d1a6e90
"""
_AT_ONCE = 1_000


@click.group("statements")
def command() -> None:
    """The log of statements."""


@command.command("import", epilog="Example: lms statements import statements.jsonl")
@click.argument("file", metavar="FILE.jsonl", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def import_(file: Path, as_json: bool) -> None:
    """Store xAPI statements, one a line: everything or nothing. What is here already is left as it is.

    They are taken as this system's own, so that completions among them count.
    """
    batch = exporting.read(read_file(file).split(b"\n"))
    base_url = settings.current().base_url
    source = Source(own.authority(base_url, SYSTEM), keeps_authority=True)
    new = 0
    with db.transaction() as session:
        for start in range(0, len(batch), _AT_ONCE):
            stored = completions.store(
                session, batch[start : start + _AT_ONCE], source, base_url, clock.now()
            )
            new += sum(one.new for one in stored)
    if as_json:
        click.echo(
            json.dumps({"statements": len(batch), "stored": new, "already": len(batch) - new}, indent=1)
        )
        return
    click.echo(f"{new} stored, {len(batch) - new} were here already.")


@command.command("export", epilog=EXAMPLE)
@click.option("--person", help="Only the record of the person with this UUID.")
def export(person: str | None) -> None:
    """Print all statements, or one person's whole record, one a line in the order of the log."""
    with db.transaction(read_only=True) as session:
        found = (
            map(exporting.line, records.by_uuid(session, person, settings.current().base_url))
            if person
            else exporting.everything(session)
        )
        for line in found:
            sys.stdout.write(line + "\n")


@command.command("void", epilog="Example: lms statements void 7c0f6cf3-8e1a-4f53-9c7e-2b3f5d1a6e90")
@click.argument("ids", metavar="ID...", nargs=-1, required=True, type=click.UUID)
def void(ids: tuple[object, ...]) -> None:
    """Take statements back. They stay in the log, and no longer count."""
    with db.transaction() as session:
        made = completions.void(
            session, [str(one) for one in ids], "command-line", settings.current().base_url, clock.now()
        )
    click.echo(f"{sum(one.new for one in made)} voided, {sum(not one.new for one in made)} were already.")


command.add_command(reconcile.command)
