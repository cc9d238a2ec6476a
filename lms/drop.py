"""A folder in which another system leaves files, by sftp or a share: one folder below it for each organisation.

    DIR/QUA-NHS/                 files are left here, under a name that is hidden or ends in .part until they are whole
    DIR/QUA-NHS/.taken/          those in hand: nobody else's, and found again after a crash
    DIR/QUA-NHS/done/            applied, with a report beside each
    DIR/QUA-NHS/refused/         not applied, with a report that says why

Whoever fills the folder may put anything there, links to other places included. Everything is opened from the folder
that is held open, and no link is ever followed.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from lms.rules.feed import passed_over

TAKEN, DONE, REFUSED = ".taken", "done", "refused"
REPORT = ".report.json"
LONGEST = 180
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


@dataclass(frozen=True, slots=True)
class Look:
    """A file as it looked at one moment. One that is still growing looks different the next time."""

    name: str
    inode: int
    size: int
    changed: int

    @property
    def modified(self) -> float:
        """When it was last written, in seconds since 1970."""
        return self.changed / 1e9


@dataclass(frozen=True)
class Inbox:
    """One organisation's folder, held open."""

    code: str
    folder: int

    def waiting(self) -> list[Look]:
        """The files that may be lists, whole or not."""
        return [one for one in _files(self.folder) if not passed_over(one.name)]

    def taken(self) -> list[Look]:
        """The files in hand, which somebody was about to finish."""
        with self._below(TAKEN) as folder:
            return _files(folder)

    def take(self, look: Look) -> bool:
        """Put a file in hand, if it still looks as it did."""
        if look not in _files(self.folder):
            return False
        with self._below(TAKEN) as folder:
            os.rename(look.name, look.name, src_dir_fd=self.folder, dst_dir_fd=folder)
        return True

    @contextmanager
    def opened(self, look: Look) -> Iterator[IO[bytes]]:
        """A file in hand, to be read.

        :raises OSError: when it cannot be.
        """
        with self._below(TAKEN) as folder:
            handle = os.open(look.name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
            with os.fdopen(handle, "rb") as file:
                yield file

    def finish(self, look: Look, where: str, number: int, name: str, report: bytes) -> str:
        """Lay a file in hand aside under its list's number, with a report beside it; give the name it has there.

        The same again does nothing.
        """
        final = f"{number}-{_short(name)}"
        with self._below(TAKEN) as taken, self._below(where) as folder:
            draft = f".{final}{REPORT}"
            with suppress(FileNotFoundError):
                os.unlink(draft, dir_fd=folder)
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640, dir_fd=folder)
            with os.fdopen(handle, "wb") as file:
                file.write(report)
            os.rename(draft, final + REPORT, src_dir_fd=folder, dst_dir_fd=folder)
            os.rename(look.name, final, src_dir_fd=taken, dst_dir_fd=folder)
            # How long it is kept counts from now, whenever it was written.
            with suppress(OSError):
                os.utime(final, dir_fd=folder, follow_symlinks=False)
        return f"{where}/{final}"

    def clear(self, before: float) -> None:
        """Remove what was laid aside before a moment: a list holds more about people than anybody needs twice."""
        for where in (DONE, REFUSED):
            with self._below(where) as folder:
                for one in _files(folder):
                    if one.modified < before:
                        with suppress(FileNotFoundError):
                            os.unlink(one.name, dir_fd=folder)

    @contextmanager
    def _below(self, name: str) -> Iterator[int]:
        with suppress(FileExistsError):
            os.mkdir(name, 0o770, dir_fd=self.folder)
        folder = os.open(name, _FOLDER, dir_fd=self.folder)
        try:
            yield folder
        finally:
            os.close(folder)


def folders(root: Path) -> list[str]:
    """The names of the folders for organisations; links are none."""
    with os.scandir(root) as entries:
        return sorted(
            entry.name
            for entry in entries
            if entry.is_dir(follow_symlinks=False) and not entry.name.startswith(".")
        )


@contextmanager
def opened(root: Path, code: str) -> Iterator[Inbox]:
    """An organisation's folder.

    :raises OSError: when it cannot be used.
    """
    above = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        folder = os.open(code, _FOLDER, dir_fd=above)
    finally:
        os.close(above)
    try:
        yield Inbox(code, folder)
    finally:
        os.close(folder)


def _files(folder: int) -> list[Look]:
    found = []
    for name in sorted(os.listdir(folder)):
        with suppress(FileNotFoundError):
            here = os.stat(name, dir_fd=folder, follow_symlinks=False)
            if stat.S_ISREG(here.st_mode):
                found.append(Look(name, here.st_ino, here.st_size, here.st_mtime_ns))
    return found


def _short(name: str) -> str:
    """A name that fits with what is put around it; its end tells what kind of file it is."""
    return os.fsencode(name)[-LONGEST:].decode(errors="ignore")
