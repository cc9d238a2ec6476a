"""Our own commands as real processes, and waiting for what they do."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

PATIENCE = 120.0


class Process:
    """A command in a process group of its own, with what it says in a file."""

    def __init__(self, arguments: list[str], log: Path, environment: dict[str, str] | None = None) -> None:
        self.log = log
        with log.open("ab") as output:
            self.popen = subprocess.Popen(
                [sys.executable, "-m", "lms", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})},
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def says(self, words: str) -> str:
        """Wait until it says something, and give everything it said."""
        eventually(lambda: words in self.said or self.popen.poll() is not None, f"{words!r} in {self.log}")
        assert words in self.said, self.said
        return self.said

    def children(self) -> dict[str, int]:
        """Its children's process numbers by command."""
        found = subprocess.run(
            ["ps", "-o", "pid=,args=", "--ppid", str(self.popen.pid)], capture_output=True, text=True
        )
        pairs = [line.split(None, 1) for line in found.stdout.splitlines()]
        return {args.split(" -m lms ")[1].split()[0]: int(pid) for pid, args in pairs if " -m lms " in args}

    def end(self, how: signal.Signals = signal.SIGINT) -> int:
        """Ask it to stop, as Ctrl-C would, and wait until it has."""
        if self.popen.poll() is None:
            self.popen.send_signal(how)
        try:
            return self.popen.wait(timeout=60)
        finally:
            self.kill()

    def kill(self) -> None:
        """End it and everything it started, at once."""
        with suppress(ProcessLookupError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait()


@contextmanager
def running(arguments: list[str], log: Path, environment: dict[str, str] | None = None) -> Iterator[Process]:
    """A process that is gone when the block ends, however it ends."""
    process = Process(arguments, log, environment)
    try:
        yield process
    finally:
        process.kill()


def eventually(true: Callable[[], bool], what: str, patience: float = PATIENCE) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if true():
            return
        time.sleep(0.1)
    raise AssertionError(f"not within {patience:.0f} seconds: {what}")


def answers(url: str) -> bool:
    """Whether an address answers with success."""
    try:
        with urlopen(url, timeout=5) as response:
            return bool(response.status == 200)
    except (URLError, OSError):
        return False


def alive(pid: int) -> bool:
    """Whether a process is there and not only its name."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
