"""The ``lms`` command: one file per noun, each with commands that open a transaction and call one service.

A file is loaded when its command is asked for: ``lms standing`` needs no web server and no queue.
"""

import sys
from importlib import import_module
from typing import Any

import click

from lms.errors import GoldenThreadError, Invalid

PROBLEMS_SHOWN = 50

# Where each command is, and its line in the list.
COMMANDS: dict[str, tuple[str, str]] = {
    "beat": ("processes.background:beat", "Keep the timetable."),
    "completions": ("completions:command", "Historic completions."),
    "coverage": ("coverage:command", "Print coverage: how many people stand where on each module."),
    "demo": ("demo:command", "Run everything at once with example data."),
    "doctor": ("doctor:command", "Check that everything works, and say what to do."),
    "examples": ("examples:command", "Starting points for a training map, to copy and change."),
    "init": ("processes.first:command", "Create or upgrade the schema, and the first administrator."),
    "keys": ("keys:command", "Keys with which other systems write and read the record."),
    "load": ("load:command", "Load any of the reference files found in a folder: everything or nothing."),
    "map": ("map:command", "The training map as a file, and its versions."),
    "rebuild": ("rebuild:command", "Empty and derive anew what the statements say, and prove it equal."),
    "remind": ("reminders:remind", "Send today's reminders, or say what would go."),
    "reminders": ("reminders:group", "Switch an organisation's reminders on or off."),
    "roster": ("roster:command", "Role lists: rehearse, apply, undo, watch a folder."),
    "serve": ("processes.together:command", "Run everything at once: web, worker and timetable."),
    "standing": ("standing:command", "Say where each person stands, and why."),
    "statements": ("statements:command", "The log of statements."),
    "stores": ("stores:command", "Other record stores."),
    "web": ("processes.web:command", "Serve the pages and the interfaces."),
    "worker": ("processes.background:worker", "Do the jobs of the queue."),
}


class Door(click.Group):
    """Finds commands when they are asked for, and turns a refusal into its sentences and exit code 1."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*COMMANDS, *super().list_commands(ctx)})

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return super().get_command(ctx, name)
        module, _, attribute = COMMANDS[name][0].partition(":")
        found: click.Command = getattr(import_module(f"lms.cli.{module}"), attribute)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in sorted(COMMANDS)])

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
