"""Granian with our settings: what it runs, how it ends, and what it leaves to whoever uses it.

Everything that a process of it gets has to be picklable, because where Python does not fork it is sent there.
"""

import gc
import logging
import multiprocessing
import os
import signal
import threading
import time
from functools import partial
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels

from lms import db, settings
from lms.app import create_app
from lms.cli.processes import gateway
from lms.cli.processes.gateway import Application
from lms.errors import Unavailable
from lms.settings import Settings

# Of one process, idle ones included; those beyond wait. Few systems let a process open more than a thousand files.
CONNECTIONS = 800
# What is under way may take so long to end, in seconds.
GRACE = 15
ENDING = frozenset((signal.SIGINT, signal.SIGTERM))
# A batch of a hundred statements has some thousands of parts, and none of them is garbage before it is answered.
GARBAGE = 10_000
LOGGING = {
    "formatters": {"plain": {"format": "%(message)s"}},
    "handlers": {
        name: {"class": "logging.StreamHandler", "formatter": "plain", "stream": "ext://sys.stderr"}
        for name in ("console", "access")
    },
}


def run(chosen: Settings, *, host: str, port: int, workers: int, threads: int) -> None:
    """Serve until somebody asks to stop; a process that dies is replaced.

    :raises Unavailable: when processes die as soon as they are started.
    """
    server = Granian(
        "lms.app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        workers=workers,
        blocking_threads=threads,
        # A thread that comes and goes would be another one to each library that keeps something for it.
        blocking_threads_idle_timeout=600,
        backpressure=CONNECTIONS,
        # It warns of more threads than processors, but ours wait for the database most of their time.
        log_level=LogLevels.error,
        log_dictconfig=LOGGING,
        respawn_failed_workers=True,
        workers_kill_timeout=GRACE,
    )
    # A service manager's signal reaches the whole group; that its processes end as well is no news then.
    logging.getLogger("_granian").addFilter(lambda _record: not server.interrupt_signal)
    _hear_signals()
    try:
        server.serve(target_loader=partial(load, chosen), wrap_loader=False)
    except SystemExit as ended:
        if not server.interrupt_signal:
            raise Unavailable(
                "The web server gave up, because its processes ended as soon as they were started. "
                "The reason stands above, or in the journal of the machine. On the server: lms doctor."
            ) from ended


def load(chosen: Settings) -> Application:
    """The application, in a process of its own."""
    for one in ENDING:
        # Until Granian listens to them here; what came along in a fork would only remember them.
        signal.signal(one, signal.SIG_DFL)
    _hear_signals()
    _end_with_parent()
    # This may be a fork of the process that checked the schema, and must not speak on its connection.
    db.forget_connections()
    app = gateway.between(create_app(chosen), settings.without(gateway.HEADERS))
    _settle()
    return app


def _settle() -> None:
    """Leave what was loaded to start with out of every later search for garbage.

    It stays as long as the process does, and going through all of it took a quarter of the time of a large batch.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE, 20, 20)


def _hear_signals() -> None:
    """See to it that the main thread, which sleeps while others serve, answers every signal.

    Only it can, but the system hands a signal to any thread, and then nobody would wake it.
    """
    heard, told = os.pipe()
    os.set_blocking(told, False)
    signal.set_wakeup_fd(told, warn_on_full_buffer=False)
    # One that means nothing, to wake the sleeper with.
    signal.signal(signal.SIGUSR1, lambda *_: None)
    sleeper = threading.get_ident()

    def listen() -> None:
        while numbers := os.read(heard, 64):
            if ENDING.intersection(numbers):
                signal.pthread_kill(sleeper, signal.SIGUSR1)

    threading.Thread(target=listen, name="signals", daemon=True).start()


def _end_with_parent() -> None:
    """Stop when the process that started us is gone without a word, so that the port is free again."""
    parent: Any = multiprocessing.parent_process()

    def watch() -> None:
        while os.getppid() == parent.pid:
            time.sleep(0.5)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(GRACE)
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()
