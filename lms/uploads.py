"""A file that was sent to us, for as long as it takes to read it: a private folder, gone when the block ends.

A role list holds more than is kept of it (policy.md, Role lists), so nothing of the file itself stays.
"""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from lms import clock, garbage, settings, spreadsheets
from lms.errors import Invalid, NotFound
from lms.rules import roster
from lms.rules.roster import KnownOrganisation, Problem, Reading

LEFT_BEHIND = timedelta(hours=1)
LONGEST_NAME = 200
PIECE = 1024 * 1024


@dataclass(frozen=True)
class Received:
    """A file as it came, with the digest of its content."""

    path: Path
    digest: str
    size: int


@contextmanager
def received(stream: IO[bytes]) -> Iterator[Received]:
    """Everything that a stream holds, as a file for the length of the block."""
    with TemporaryDirectory(dir=folder(), prefix="upload-") as place:
        path, digest = Path(place) / "list", sha256()
        with path.open("wb") as file:
            while piece := stream.read(PIECE):
                digest.update(piece)
                file.write(piece)
        yield Received(path, digest.hexdigest(), path.stat().st_size)


@garbage.put_off()
def read(
    path: Path,
    filename: str,
    *,
    as_at: date,
    columns: Mapping[str, str | None],
    known: KnownOrganisation,
) -> Reading:
    """What a file says as a role list; one that is no list at all is a reading with that error."""
    try:
        workbook = spreadsheets.read(path, filename)
        return roster.read(workbook.sheets, as_at=as_at, columns=columns, known=known)
    except (Invalid, NotFound) as refusal:
        return unreadable(filename, as_at, refusal.message)


def unreadable(filename: str, as_at: date, reason: str) -> Reading:
    """A file of which nothing could be read, said like every other problem of a list."""
    return Reading(as_at, errors=(Problem(None, None, None, filename, "file_unreadable", reason),))


def name_of(given: str) -> str:
    """The last part of a name, as it can be shown: some programs send the folders too, or bytes that are no letters."""
    last = given.replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in last if letter.isprintable())[-LONGEST_NAME:]


def folder() -> Path:
    """Where files lie while they are read. What a killed process left behind goes with the next one."""
    place = settings.current().var / "uploads"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in place.glob("upload-*"):
        with suppress(FileNotFoundError):
            if clock.now().timestamp() - left.stat().st_mtime > LEFT_BEHIND.total_seconds():
                shutil.rmtree(left, ignore_errors=True)
    return place
