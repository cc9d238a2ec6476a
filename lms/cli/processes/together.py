"""``lms serve``: web, worker and timetable as one, on the configured database."""

import time
from collections.abc import Callable
from urllib.error import URLError
from urllib.request import urlopen

import click

from lms.cli.processes import first
from lms.cli.processes.supervisor import Child, Family
from lms.cli.processes.web import HOST, PORT, require_free

START_SECONDS = 60.0


@click.command("serve", epilog="Example: lms serve --port 8080")
@click.option("--host", default=HOST, show_default=True, help="The address to listen on.")
@click.option("--port", default=PORT, show_default=True, type=click.IntRange(1, 65535))
def command(host: str, port: int) -> None:
    """Run everything at once: web, worker and timetable, until Ctrl-C."""
    require_free(host, port)
    for line in first.prepare():
        click.echo(line)
    run(host, port, lambda: click.echo(f"Golden Thread is at {address(host, port)}   (Ctrl-C stops it)"))


def run(host: str, port: int, when_ready: Callable[[], None]) -> None:
    """Keep the three processes running until somebody asks to stop."""
    web = Child("web", ["web", "--host", host, "--port", str(port)])
    family = Family([web, Child("worker", ["worker"]), Child("beat", ["beat"])])

    def started() -> None:
        if _answers(family, f"{address(host, port)}/health/live"):
            when_ready()

    family.run(started)


def address(host: str, port: int) -> str:
    """Where a person on this machine finds it."""
    return f"http://{'127.0.0.1' if host in ('0.0.0.0', '::') else host}:{port}"  # nosec B104  (compared only)


def _answers(family: Family, url: str) -> bool:
    """Wait until the pages answer, however busy the machine is; False when it is all ending first."""
    patience = time.monotonic() + START_SECONDS
    while not family.ending.wait(0.1):
        try:
            with urlopen(url, timeout=5):  # nosec B310  (our own address)
                return True
        except (URLError, OSError):
            if time.monotonic() > patience:
                click.echo("The pages take longer than usual to start. Still waiting …", err=True)
                patience = time.monotonic() + START_SECONDS
    return False
