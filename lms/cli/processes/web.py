"""``lms web``: the web server."""

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager

import click

from lms import schema, settings
from lms.cli.processes import server
from lms.cli.processes.supervisor import end_with_supervisor
from lms.errors import Unavailable

HOST, PORT = "127.0.0.1", 8000


@click.command("web", epilog="Example: lms web --host 0.0.0.0 --port 8000")
@click.option("--host", default=HOST, show_default=True, help="The address to listen on.")
@click.option("--port", default=PORT, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", type=click.IntRange(1, 64), help="Processes; as many as there are processors.")
@click.option("--threads", default=4, show_default=True, type=click.IntRange(1, 64), help="In each process.")
@click.option("--beside", is_flag=True, hidden=True)
def command(host: str, port: int, workers: int | None, threads: int, beside: bool) -> None:
    """Serve the pages and the interfaces."""
    chosen = settings.current()
    schema.require()
    with claimed(host, port) as address:
        if beside:
            end_with_supervisor()
        server.run(
            chosen,
            host=address,
            port=port,
            workers=workers or (1 if chosen.embedded else min(os.cpu_count() or 1, 8)),
            threads=threads,
        )


@contextmanager
def claimed(host: str, port: int) -> Iterator[str]:
    """Hold an address for the length of the block, for our own processes alone; its number, where it has a name.

    :raises Unavailable: when nobody can listen there.
    """
    with closing(_bound(host, port)) as claim:
        address: str = claim.getsockname()[0]
        if sys.platform == "linux":
            # There each process has a socket of its own at the same port, which a second server could join too.
            # Nobody joins one that was taken without saying so, and ours do once it is said.
            claim.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
            claim.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        else:
            claim.close()
        yield address


def require_free(host: str, port: int) -> None:
    """Say in time, and in a sentence, that an address is taken.

    :raises Unavailable: when nobody can listen there.
    """
    _bound(host, port).close()


def _bound(host: str, port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise Unavailable(
            f"Nothing can listen on {host}, port {port}: {error.strerror}. Choose another with --port."
        ) from error
    return bound


def free_port(host: str, wanted: int) -> int:
    """The port wanted, or the next one that is free."""
    for port in range(wanted, min(wanted + 100, 65536)):
        try:
            require_free(host, port)
        except Unavailable:
            continue
        return port
    raise Unavailable(f"No port from {wanted} to {wanted + 99} is free. Choose another with --port.")
