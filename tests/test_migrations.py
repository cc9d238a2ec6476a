"""The numbered migrations: one line of them, up and down on both engines, and equal to the tables."""

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

import migrations
from lms import db
from lms.tables import metadata
from tests.conftest import migrate

FOLDER = Path(migrations.__path__[0])


def scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    return ScriptDirectory.from_config(config)


def tables() -> set[str]:
    return set(inspect(db.engine()).get_table_names())


def differences() -> list[str]:
    """What a new migration would have to do."""
    with db.engine().connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        return [str(difference) for difference in compare_metadata(context, metadata)]


def test_the_migrations_are_one_line() -> None:
    assert len(scripts().get_heads()) == 1


def test_a_migration_is_named_after_its_number() -> None:
    for script in scripts().walk_revisions():
        assert Path(script.path).name.startswith(f"{script.revision}_"), script.path


def test_an_empty_database_comes_up_as_the_tables_say(empty_database: str) -> None:
    migrate(empty_database)
    assert tables() == {*metadata.tables, "alembic_version"}
    assert differences() == []


def test_the_schema_goes_down_to_nothing_and_up_again(empty_database: str) -> None:
    migrate(empty_database)
    migrate(empty_database, "base")
    assert tables() == {"alembic_version"}
    migrate(empty_database)
    assert differences() == []


def test_each_migration_goes_down_and_up_by_itself(empty_database: str) -> None:
    for script in reversed(list(scripts().walk_revisions())):
        migrate(empty_database, script.revision)
        if isinstance(script.down_revision, str):
            migrate(empty_database, "-1")
            migrate(empty_database, script.revision)
    assert differences() == []
