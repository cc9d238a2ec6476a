"""The embedded queue: a folder of message files, for a worker on the same machine.

Kombu's own folder transport writes into the file that a reader may already take, and copies it across file
systems while reading. A message here appears under its name when it is complete, and is taken by renaming it,
which only one reader can do.
"""

import os
from collections.abc import Iterator
from queue import Empty
from time import time_ns
from typing import Any
from uuid import uuid4

from kombu.transport import filesystem
from kombu.utils.encoding import bytes_to_str, str_to_bytes
from kombu.utils.json import dumps, loads

from lms.errors import Unavailable

WAITING = ".msg"


class Channel(filesystem.Channel):
    """Puts and takes whole files, oldest first."""

    def _put(self, queue: str, payload: Any, **_options: Any) -> None:
        # Wall clock, not the monotonic one: the order survives a restart of the machine.
        name = os.path.join(self.data_folder_out, f"{time_ns():020d}_{uuid4().hex}.{queue}")
        try:
            with open(name + ".part", "wb") as file:
                file.write(str_to_bytes(dumps(payload)))
            os.replace(name + ".part", name + WAITING)
        except OSError as error:
            raise Unavailable(f"The queue's folder cannot be written: {error.strerror}.") from error

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        for name in self._waiting(queue):
            taken = name.removesuffix(WAITING) + ".taken"
            try:
                os.rename(name, taken)
            except FileNotFoundError:
                continue
            with open(taken, "rb") as file:
                content = file.read()
            os.unlink(taken)
            return loads(bytes_to_str(content))
        raise Empty

    def _purge(self, queue: str) -> int:
        purged = 0
        for name in self._waiting(queue):
            try:
                os.unlink(name)
            except FileNotFoundError:
                continue
            purged += 1
        return purged

    def _size(self, queue: str) -> int:
        return sum(1 for _ in self._waiting(queue))

    def _waiting(self, queue: str) -> Iterator[str]:
        ending = f".{queue}{WAITING}"
        with os.scandir(self.data_folder_in) as entries:
            names = sorted(entry.name for entry in entries if entry.name.endswith(ending))
        for name in names:
            if name.partition(".")[2] == ending[1:]:
                yield os.path.join(self.data_folder_in, name)


class Transport(filesystem.Transport):
    """``lms.queue.folder:Transport`` in the queue's configuration."""

    Channel = Channel
