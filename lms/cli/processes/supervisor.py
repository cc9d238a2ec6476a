"""Several processes as one: started together, started again after a crash, stopped together.

A child ends when the supervisor does, however that happened: each reads its standard input, which closes.
"""

import os
import signal
import subprocess  # nosec B404
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FrameType

import click

STARTING_SECONDS = 120.0
STOPPING_SECONDS = 20.0
STEADY_SECONDS = 60.0
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
BESIDE = "--beside"


@dataclass
class Child:
    """One of our own commands as a process beside us."""

    name: str
    arguments: Sequence[str]
    ready: Callable[[], bool] | None = None
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = FIRST_PAUSE
    again_at: float = 0.0

    def start(self) -> None:
        """Start it, with a pipe as its life line."""
        command = [sys.executable, "-m", "lms", *self.arguments, BESIDE]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE)  # nosec B603
        self.started = time.monotonic()

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None


@dataclass
class Family:
    """The processes that belong together."""

    children: list[Child]
    ending: threading.Event = field(default_factory=threading.Event)

    def run(self, when_ready: Callable[[], None]) -> None:
        """Keep everybody running until somebody asks us to stop; then stop everybody.

        One that says when it is ready has the machine to itself until then.
        """
        before = {one: signal.signal(one, self._asked_to_stop) for one in (signal.SIGINT, signal.SIGTERM)}
        try:
            ready = True
            for child in self.children:
                child.start()
                ready = self._wait_for(child) and ready
            if ready:
                when_ready()
            while not self.ending.wait(0.2):
                for child in self.children:
                    self._look_after(child)
        finally:
            self._stop()
            for one, handler in before.items():
                signal.signal(one, handler)

    def _asked_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self.ending.set()

    def _wait_for(self, child: Child) -> bool:
        deadline = time.monotonic() + STARTING_SECONDS
        while child.ready is not None and not child.ready():
            if not child.alive or time.monotonic() > deadline or self.ending.wait(0.1):
                return False
        return True

    def _look_after(self, child: Child) -> None:
        now = time.monotonic()
        if child.alive:
            if now - child.started > STEADY_SECONDS:
                child.pause = FIRST_PAUSE
        elif child.again_at == 0.0:
            code = child.process.returncode if child.process else "?"
            click.echo(f"The {child.name} process ended ({code}); it is started again.", err=True)
            child.again_at = now + child.pause
            child.pause = min(child.pause * 2, LONGEST_PAUSE)
        elif now >= child.again_at:
            child.again_at = 0.0
            child.start()

    def _stop(self) -> None:
        for child in self.children:
            if child.alive and child.process:
                child.process.terminate()
        deadline = time.monotonic() + STOPPING_SECONDS
        for child in self.children:
            if child.process is None:
                continue
            try:
                child.process.wait(timeout=max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()
            if child.process.stdin:
                child.process.stdin.close()


def end_with_supervisor() -> None:
    """In a child: ask ourselves to stop as soon as the supervisor is gone."""
    threading.Thread(target=_watch, name="life line", daemon=True).start()


def _watch() -> None:
    # Nothing is ever written: reading ends when the other side is closed. Not through sys.stdin, whose lock a
    # waiting reader would hold while the interpreter shuts down.
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
