"""``lms worker`` and ``lms beat``: the work in the background, and its timetable."""

import logging
import os
import sys
import warnings

import click
from celery.apps.beat import Beat
from celery.exceptions import SecurityWarning

from lms import queue, schema, settings
from lms.cli.processes.supervisor import end_with_supervisor


@click.command("worker", epilog="Example: lms worker --concurrency 4")
@click.option(
    "--concurrency", type=click.IntRange(1, 64), help="Jobs at once; as many as there are processors."
)
@click.option("--beside", is_flag=True, hidden=True)
def worker(concurrency: int | None, beside: bool) -> None:
    """Do the jobs of the queue."""
    schema.require()
    _prepare(beside=beside)
    chosen = settings.current()
    made = queue.configure(chosen).Worker(
        # One process is enough for one machine's folder, and writers on SQLite take turns anyway.
        pool_cls="solo" if chosen.embedded else "prefork",
        concurrency=1 if chosen.embedded else concurrency or min(os.cpu_count() or 1, 8),
        loglevel=logging.WARNING,
        quiet=True,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=chosen.embedded,
    )
    made.start()
    sys.exit(made.exitcode)


@click.command("beat", epilog="Example: lms beat")
@click.option("--beside", is_flag=True, hidden=True)
def beat(beside: bool) -> None:
    """Keep the timetable. With Redis a second one takes over when the first is gone."""
    schema.require()
    _prepare(beside=beside)
    Beat(app=queue.configure(settings.current()), loglevel=logging.WARNING, quiet=True).run()


def _prepare(*, beside: bool) -> None:
    # Whoever runs this as root knows it; nothing but JSON is ever read from the queue.
    warnings.filterwarnings("ignore", category=SecurityWarning)
    if beside:
        end_with_supervisor()
