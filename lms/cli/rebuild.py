"""``lms rebuild``: every projection anew, and the proof that nothing changed."""

import json
from dataclasses import asdict

import click

from lms import clock, db, settings
from lms.services import completions


@click.command("rebuild", epilog="Example: lms rebuild")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(as_json: bool) -> None:
    """Empty completions and the reconciliation list, derive them from the statements, and say what changed.

    Nothing should change. Something does after people, modules or trust changed while no worker was running.
    """
    with db.transaction() as session:
        made = completions.rebuild(session, settings.current().base_url, clock.now())
    if as_json:
        click.echo(json.dumps({**asdict(made), "unchanged": made.unchanged}, indent=1))
        return
    click.echo(f"{made.completions} completions and {made.open} open statements derived.")
    if made.unchanged:
        click.echo("Nothing changed.")
        return
    click.echo(f"Completions: {made.completions_added} added, {made.completions_removed} removed.")
    click.echo(f"Reconciliation list: {made.open_added} added, {made.open_removed} removed.")
