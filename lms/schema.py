"""The schema's version: which one the database has, which one this program needs, and getting there."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy.exc import OperationalError

import migrations
from lms import db
from lms.errors import Conflict, Unavailable


@cache
def needed() -> str:
    """The version this program was written for."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def present() -> str | None:
    """The version of the database in use; None when it is empty.

    :raises Unavailable: when the database does not answer.
    """
    try:
        with db.engine().connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    except OperationalError as error:
        raise Unavailable(f"The database does not answer: {_short(error)}") from error


def upgrade() -> bool:
    """Bring the database in use up to date; whether there was anything to do. Two at once: one waits.

    :raises Conflict: when the database was made by a newer program, or another upgrade takes very long.
    :raises Unavailable: when the database does not answer.
    """
    try:
        with db.alone("schema", patience=300):
            if present() == needed():
                return False
            command.upgrade(_config(), "head")
            return True
    except OperationalError as error:
        raise Unavailable(f"The database cannot be brought up to date: {_short(error)}") from error
    except CommandError as error:
        raise Conflict(
            "The database was made by a newer Golden Thread than this one. Install the newer one again."
        ) from error


def require() -> None:
    """Let nobody work on a database of another version.

    :raises Unavailable: saying what to do.
    """
    if present() != needed():
        raise Unavailable("The database is empty or of another version. Run: lms init")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__path__[0])).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _short(error: OperationalError) -> str:
    return str(error.orig).strip().partition("\n")[0]
