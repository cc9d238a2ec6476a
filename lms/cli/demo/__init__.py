"""``lms demo``: everything at once with example data, on a database of its own."""

import fcntl
import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import click

from lms import clock, db, settings
from lms.cli.coverage import table
from lms.cli.demo.building import SignIn, build
from lms.cli.processes import together
from lms.cli.processes.web import HOST, PORT, free_port
from lms.errors import Unavailable
from lms.schema import upgrading
from lms.services import coverage

MOST_AT_ONCE = 20


@click.command("demo", epilog="Example: lms demo --once")
@click.option("--once", is_flag=True, help="End after the coverage table instead of serving.")
@click.option("--port", default=PORT, show_default=True, type=click.IntRange(1, 65535))
def command(once: bool, port: int) -> None:
    """Run everything at once with example data and nothing else installed, until Ctrl-C.

    Each run starts from a fresh database in var/demo; the configured one is not touched.
    """
    with ExitStack() as stack:
        folder = _own_folder(stack)
        chosen = free_port(HOST, port)
        _adopt(folder, chosen)
        click.echo("Building three example organisations with two years of learning …", err=True)
        upgrading.upgrade()
        sign_ins = build(folder, clock.today(), clock.now())
        with db.transaction(read_only=True) as session:
            click.echo(table(coverage.figures(session, clock.today())))
        if once:
            return
        db.configure(None)
        click.echo()
        if chosen != port:
            click.echo(f"Port {port} is taken, so this is on {chosen}.")
        together.run(HOST, chosen, lambda: _welcome(chosen, folder, sign_ins))


def _welcome(port: int, folder: Path, sign_ins: Sequence[SignIn]) -> None:
    click.echo(f"Golden Thread is at {together.address(HOST, port)}   (Ctrl-C stops it)\n")
    width = max(len(one.email) for one in sign_ins)
    for one in sign_ins:
        click.echo(f"  {one.who:<16} {one.email:<{width}}  {one.password}")
    click.echo(f"\nRole lists to upload, and the mail that goes out, are files in {folder}.")


def _own_folder(stack: ExitStack) -> Path:
    """A folder that no other running demo uses, emptied."""
    for number in range(1, MOST_AT_ONCE + 1):
        folder = settings.folder() / ("demo" if number == 1 else f"demo-{number}")
        folder.mkdir(parents=True, exist_ok=True)
        lock = stack.enter_context((folder / ".running").open("w"))
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        for path in folder.iterdir():
            if path.name != ".running":
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        return folder
    raise Unavailable("Too many demos are running. Stop one with Ctrl-C.")


def _adopt(folder: Path, port: int) -> None:
    """The embedded default in a folder of its own, whatever is configured."""
    settings.adopt({"LMS_VAR": str(folder), "LMS_BASE_URL": f"http://{HOST}:{port}"})
    db.configure(None)
