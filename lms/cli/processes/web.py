"""``lms web``: the web server."""

import gc
import os
import socket
from contextlib import closing
from typing import Any

import click
from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.workers.base import Worker

from lms import db, schema, settings
from lms.app import create_app
from lms.cli.processes.supervisor import end_with_supervisor
from lms.errors import Unavailable

HOST, PORT = "127.0.0.1", 8000
# A batch of a hundred statements has some thousands of parts, and none of them is garbage before it is answered.
GARBAGE = 10_000


class Server(BaseApplication):
    """Gunicorn with our settings instead of its files and options."""

    def __init__(self, options: dict[str, Any], chosen: settings.Settings) -> None:
        self.options, self.chosen = options, chosen
        super().__init__()

    def load_config(self) -> None:
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        # This is a fork of the process that checked the schema, and must not speak on its connection.
        db.forget_connections()
        return create_app(self.chosen)


@click.command("web", epilog="Example: lms web --host 0.0.0.0 --port 8000")
@click.option("--host", default=HOST, show_default=True, help="The address to listen on.")
@click.option("--port", default=PORT, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", type=click.IntRange(1, 64), help="Processes; as many as there are processors.")
@click.option("--threads", default=8, show_default=True, type=click.IntRange(1, 64), help="In each process.")
@click.option("--beside", is_flag=True, hidden=True)
def command(host: str, port: int, workers: int | None, threads: int, beside: bool) -> None:
    """Serve the pages and the interfaces."""
    chosen = settings.current()
    schema.require()
    require_free(host, port)
    if beside:
        end_with_supervisor()
    options = {
        "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
        "workers": workers or (1 if chosen.embedded else min(os.cpu_count() or 1, 8)),
        "worker_class": "gthread",
        "threads": threads,
        # A list of 300 MB takes its time over a slow line; a thread waits, the process goes on.
        "timeout": 120,
        "graceful_timeout": 15,
        "keepalive": 5,
        "max_requests": 1_000_000,
        "max_requests_jitter": 2_000,
        "control_socket_disable": True,
        "forwarded_allow_ips": "*" if chosen.proxies else "127.0.0.1,::1",
        # Ctrl-C reaches the whole group; that its workers are told too is no news.
        "loglevel": "error" if beside else "warning",
        "proc_name": "golden-thread",
        "post_worker_init": _settle,
    }
    Server(options, chosen).run()


def _settle(_worker: Worker) -> None:
    """Leave what was loaded to start with out of every later search for garbage.

    It stays as long as the process does, and going through all of it took a quarter of the time of a large batch.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE, 20, 20)


def require_free(host: str, port: int) -> None:
    """Say in time, and in a sentence, that an address is taken.

    :raises Unavailable: when nobody can listen there.
    """
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with closing(socket.socket(family)) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        raise Unavailable(
            f"Nothing can listen on {host}, port {port}: {error.strerror}. Choose another with --port."
        ) from error


def free_port(host: str, wanted: int) -> int:
    """The port wanted, or the next one that is free."""
    for port in range(wanted, min(wanted + 100, 65536)):
        try:
            require_free(host, port)
        except Unavailable:
            continue
        return port
    raise Unavailable(f"No port from {wanted} to {wanted + 99} is free. Choose another with --port.")
