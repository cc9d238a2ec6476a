"""``lms examples``: starting points to copy, change and load."""

from importlib.resources import as_file, files
from pathlib import Path
from shutil import copytree

import click

from lms.errors import Conflict

EXAMPLE = """\b
Example:
  lms examples --to my-map
  lms load my-map/practice-levels
"""


@click.command("examples", epilog=EXAMPLE)
@click.option("--to", "folder", type=click.Path(path_type=Path), help="Copy them into this new folder.")
def command(folder: Path | None) -> None:
    """Starting points for frameworks, modules and a training map: made-up examples, not anybody's real list."""
    with as_file(files("lms") / "examples") as source:
        if folder is None:
            click.echo((source / "README.md").read_text(encoding="utf-8").rstrip())
            return
        if folder.exists():
            raise Conflict(
                f"{folder} is there already. Name a new folder, so that nothing of yours is replaced."
            )
        copytree(source, folder)
    click.echo(
        f"Copied to {folder}. Change them, then load each folder in the order that its README.md gives."
    )
