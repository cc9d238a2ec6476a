"""The schema's version: which one the database has, and which one this program needs.

Read without Alembic, which takes a second to load and is needed only for changing it (``upgrading``).
"""

import re
from functools import cache
from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.exc import OperationalError

import migrations
from lms import db
from lms.errors import Unavailable

FOLDER = Path(migrations.__path__[0])


@cache
def needed() -> str:
    """The version this program was written for: the migration that no other one builds on."""
    texts = [path.read_text(encoding="utf-8") for path in (FOLDER / "versions").glob("[0-9]*.py")]
    mine = {found for one in texts for found in re.findall(r'^revision = "(\w+)"', one, re.MULTILINE)}
    built_on = {
        found for one in texts for found in re.findall(r'^down_revision = "(\w+)"', one, re.MULTILINE)
    }
    return max(mine - built_on)


def present() -> str | None:
    """The version of the database in use; None when it is empty.

    :raises Unavailable: when the database does not answer.
    """
    try:
        with db.engine().connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except OperationalError as error:
        raise Unavailable(f"The database does not answer: {reason(error)}") from error


def require() -> None:
    """Let nobody work on a database of another version.

    :raises Unavailable: saying what to do.
    """
    if present() != needed():
        raise Unavailable("The database is empty or of another version. Run: lms init")


def reason(error: OperationalError) -> str:
    """The first line of what the driver said."""
    return str(error.orig).strip().partition("\n")[0]
