"""The blueprint of the role lists' pages, and the file that a form brings."""

import shutil
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Blueprint, request

from lms import spreadsheets, uploads
from lms.errors import Invalid
from lms.rules.accounts import Problem
from lms.spreadsheets import Workbook

blueprint = Blueprint("roster", __name__)

# A list of so many rows is checked and applied while its page loads; a longer one is the workers' business.
AT_ONCE = 2_000
# So much of a file travels inside the page that asks about it, so that it need not be chosen twice. The page is
# not kept by the browser, and nothing of the file is kept here.
CARRIED = 2 * 1024 * 1024
NO_FILE = "Select a role list"


@dataclass(frozen=True)
class Upload:
    """An uploaded file, open for reading, and what of it can travel on inside a page."""

    workbook: Workbook
    filename: str
    carried: str


@contextmanager
def upload(field: str = "file") -> Iterator[Upload]:
    """The file of the form: chosen now, or carried along from the page before. It is gone when the block ends.

    :raises Invalid: with a problem at the field, when there is none or it cannot be read as a list.
    """
    with TemporaryDirectory(dir=uploads.folder(), prefix="upload-") as folder:
        path = Path(folder) / "list"
        filename = _received(path, field)
        if not filename:
            raise Invalid("There is no file.", [Problem(field, NO_FILE)])
        try:
            workbook = spreadsheets.read(path, filename)
        except Invalid as refusal:
            raise Invalid(refusal.message, [Problem(field, refusal.message)]) from refusal
        small = path.stat().st_size <= CARRIED
        yield Upload(workbook, filename, b64encode(path.read_bytes()).decode() if small else "")


def _received(path: Path, field: str) -> str:
    """Write the form's file to a path; its name, or nothing where there is no file."""
    chosen = request.files.get(field)
    if chosen is not None and chosen.filename:
        with path.open("wb") as file:
            shutil.copyfileobj(chosen.stream, file, 1024 * 1024)
        return uploads.name_of(chosen.filename)
    carried = request.form.get("carried", "")
    if not carried:
        return ""
    try:
        path.write_bytes(b64decode(carried, validate=True))
    except NotBase64 as error:
        raise Invalid("The file was damaged on its way.", [Problem(field, NO_FILE)]) from error
    return uploads.name_of(request.form.get("carried_name", "")) or "list"
