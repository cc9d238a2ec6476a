"""The numbered migrations: one line of them, up and down on both engines, and equal to the tables."""

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

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


def test_activities_that_were_pointed_at_a_module_before_are_told_from_those_of_a_file(
    empty_database: str,
) -> None:
    migrate(empty_database, "0062")
    when = "'2026-01-01 00:00:00+00:00', 'a', 'module.pointed_at', 'A'"
    rows = (
        "module (id, code, title, kind, activity_iri, content_note) VALUES (1, 'A', 'A', '', 'x:a', '')",
        "module_alias (module_id, alias) VALUES (1, 'x:pointed'), (1, 'x:of-a-file')",
        f"audit_event (at, actor, action, subject, detail) VALUES ({when}, :pointed), ({when}, :gone)",
    )
    with db.engine().begin() as connection:
        for row in rows:
            acts = {"pointed": '{"activity": "x:pointed"}', "gone": '{"activity": "x:gone"}'}
            connection.execute(text(f"INSERT INTO {row}"), acts if ":pointed)" in row else {})
    migrate(empty_database)
    with db.engine().begin() as connection:
        found = connection.execute(text("SELECT alias, pointed FROM module_alias")).all()
    assert {alias: bool(pointed) for alias, pointed in found} == {"x:pointed": True, "x:of-a-file": False}
