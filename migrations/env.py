"""Runs the migrations on the application's own engine."""

from typing import Any

from alembic import context
from flask import current_app

from consult.columns import UTCDateTime

db = current_app.extensions["migrate"].db


def render_item(kind: str, item: Any, _context: Any) -> Any:
    """A migration names no type of ours: it must still run when the code has moved on."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UTCDateTime) else False


def skip_empty(_context: Any, _revision: Any, directives: list[Any]) -> None:
    if getattr(context.config.cmd_opts, "autogenerate", False) and directives[0].upgrade_ops.is_empty():
        directives[:] = []


def check_foreign_keys(connection: Any, *, on: bool) -> None:
    """SQLite changes a table by making it anew: its rows must not be deleted from those that point to them.

    Raises:
        RuntimeError: after the migrations a row points to nothing.
    """
    if connection.dialect.name != "sqlite":
        return
    driver = connection.connection.dbapi_connection  # a pragma inside a transaction would do nothing
    if on and driver.execute("PRAGMA foreign_key_check").fetchall():
        raise RuntimeError("A migration left rows that point to nothing.")
    driver.execute(f"PRAGMA foreign_keys={'ON' if on else 'OFF'}")


with db.engine.connect() as connection:
    check_foreign_keys(connection, on=False)
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        render_item=render_item,
        process_revision_directives=skip_empty,
        **current_app.extensions["migrate"].configure_args,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
    check_foreign_keys(connection, on=True)
