"""``lms serve``: web, worker and timetable as one, on the configured database."""

from collections.abc import Callable
from urllib.error import URLError
from urllib.request import urlopen

import click

from lms.cli.processes import first
from lms.cli.processes.supervisor import Child, Family
from lms.cli.processes.web import HOST, PORT, require_free


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
    url = f"{address(host, port)}/health/live"
    web = Child("web", ["web", "--host", host, "--port", str(port)], ready=lambda: _answers(url))
    Family([web, Child("worker", ["worker"]), Child("beat", ["beat"])]).run(when_ready)


def address(host: str, port: int) -> str:
    """Where a person on this machine finds it."""
    here = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # nosec B104
    return f"http://{here.get(host, f'[{host}]' if ':' in host else host)}:{port}"


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5):  # nosec B310
            return True
    except (URLError, OSError):
        return False
