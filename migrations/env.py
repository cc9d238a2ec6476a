"""Runs the numbered migrations on the database in use, or on the one named in ``sqlalchemy.url``."""

from typing import Any

from alembic import context
from sqlmodel import AutoString

from lms import db
from lms.tables import metadata


def render_item(kind: str, item: Any, _context: Any) -> str | bool:
    """Write plain ``sa.String()``, so that a migration needs no SQLModel."""
    if kind == "type" and isinstance(item, AutoString):
        return f"sa.String(length={item.length})" if item.length else "sa.String()"
    if kind == "type" and type(item).__name__ == "UTCDateTime":
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    address = context.config.get_main_option("sqlalchemy.url")
    engine = db.connect(address) if address else db.engine()
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=metadata,
            render_item=render_item,
            render_as_batch=connection.dialect.name == "sqlite",
            compare_type=False,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            if connection.dialect.name == "postgresql":
                # A migration that cannot get its lock gives up, and does not queue every reader behind it.
                connection.exec_driver_sql("SET LOCAL lock_timeout = '10s'")
            context.run_migrations()
    if address:
        engine.dispose()


run()
