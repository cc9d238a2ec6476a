"""The ``lms`` command: one file per noun, each with commands that open a transaction and call one service."""

import sys
from typing import Any

import click

from lms.cli import completions, coverage, keys, load, rebuild, standing, statements
from lms.errors import GoldenThreadError, Invalid

PROBLEMS_SHOWN = 50


class Door(click.Group):
    """Turns a refusal into its sentences on standard error and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except GoldenThreadError as error:
            click.echo(error.message, err=True)
            if isinstance(error, Invalid):
                for problem in error.problems[:PROBLEMS_SHOWN]:
                    click.echo(f"  {problem}", err=True)
                if len(error.problems) > PROBLEMS_SHOWN:
                    click.echo(f"  … and {len(error.problems) - PROBLEMS_SHOWN} more.", err=True)
            ctx.exit(1)


@click.group(cls=Door, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="golden-thread", prog_name="lms")
def main() -> None:
    """Golden Thread: who needs what, who holds it, who is due again."""
    # Names have accents; a pipe in the C locale would stop at the first one.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8")


COMMANDS: list[click.Command] = [
    completions.command,
    coverage.command,
    keys.command,
    load.command,
    rebuild.command,
    standing.command,
    statements.command,
]

for command in COMMANDS:
    main.add_command(command)
