"""Bringing the database to this program's version."""

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy.exc import OperationalError

from lms import db, schema
from lms.errors import Conflict, Unavailable

# Another one may be migrating a large database at this moment; nobody is refused for that.
PATIENCE = 600


def upgrade() -> bool:
    """Bring the database in use up to date; whether there was anything to do. Two at once: one waits.

    :raises Conflict: when the database was made by a newer program, or another upgrade takes very long.
    :raises Unavailable: when the database does not answer.
    """
    try:
        with db.alone("schema", patience=PATIENCE):
            if schema.present() == schema.needed():
                return False
            command.upgrade(configuration(), "head")
            return True
    except OperationalError as error:
        raise Unavailable(f"The database cannot be brought up to date: {schema.reason(error)}") from error
    except CommandError as error:
        raise Conflict(
            "The database was made by a newer Golden Thread than this one. Install the newer one again."
        ) from error


def configuration() -> Config:
    """What Alembic needs to know; the database is the one in use."""
    config = Config()
    config.set_main_option("script_location", str(schema.FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
