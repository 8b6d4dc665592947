"""What every model shares: base class, locks, and how a transaction begins."""

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import structlog
from flask import has_app_context
from sqlalchemy import DateTime, ForeignKey, String, bindparam, case, event, inspect, literal_column, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError, DisconnectionError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolIsEmpty
from sqlalchemy.orm import Mapped, Session, SessionTransaction, mapped_column

from consult.extensions import db

if TYPE_CHECKING:  # mypy cannot see through Flask-SQLAlchemy's generated base
    from consult.extensions import _Base as _Model
else:
    _Model = db.Model

log = structlog.get_logger()
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_ref() -> str:
    """A public name for a row: eight characters nobody confuses; 30^8 of them."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(8))


def new_secret() -> str:
    """For an address that is itself the key: 144 random bits."""
    return secrets.token_urlsafe(18)


def now() -> datetime:
    """This instant. Rules take it as an argument, so that a test can choose it."""
    return datetime.now(UTC)


def database_now() -> datetime:
    """This instant by the database's clock: the one clock that all workers share, for leases and what is due."""
    if db.session.connection().dialect.name == "postgresql":
        clock = literal_column("clock_timestamp()", DateTime(timezone=True))
        return db.session.execute(select(clock)).scalar_one().astimezone(UTC)
    text = literal_column("strftime('%Y-%m-%dT%H:%M:%f', 'now')", String())
    return datetime.fromisoformat(db.session.execute(select(text)).scalar_one()).replace(tzinfo=UTC)


class Model(_Model):
    """A table with a private number and a public reference."""

    __abstract__ = True

    id: Mapped[int] = mapped_column(primary_key=True, sort_order=-2)
    ref: Mapped[str] = mapped_column(String(8), unique=True, default=new_ref, sort_order=-1)


def to(column: str, *, ondelete: str = "RESTRICT") -> ForeignKey:
    """A foreign key; what happens when the other row goes is always said."""
    return ForeignKey(column, ondelete=ondelete)


Row = TypeVar("Row", bound=Model)


def locked(row: Row) -> Row:
    """Read the row again and keep others from changing it until this transaction ends.

    A row that others only point to (a foreign key) may still be pointed to meanwhile. Only its columns are
    read again: what was loaded with it stays loaded.
    """
    db.session.flush()  # or what was changed and not yet written would be read away
    columns = [attribute.key for attribute in inspect(type(row)).column_attrs]
    db.session.refresh(row, columns, with_for_update={"key_share": True})
    return row


def begin_writing() -> None:
    """Say first that this transaction will write, so that SQLite takes its write lock at the start."""
    if not db.session().in_transaction():
        db.session.connection(execution_options={"sqlite_begin": "IMMEDIATE"})


def insert_new(model: type[Model], rows: Sequence[Mapping[str, Any]], *, unless: Sequence[str]) -> None:
    """Insert rows, silently passing over those whose `unless` columns (a unique key) are there already.

    The database decides, so two transactions that insert the same row at once give one row.
    """
    if rows:
        insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
        db.session.execute(insert(model).on_conflict_do_nothing(index_elements=unless), rows)


def upsert(
    model: type[Model], rows: Sequence[Mapping[str, Any]], keys: Sequence[str], *, update: Sequence[str]
) -> None:
    """Insert rows; of those whose key is there already, change the columns of `update`."""
    if rows:
        insert: Any = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
        statement = insert(model)
        changed = {name: statement.excluded[name] for name in update}
        db.session.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed), rows)


def insert_earliest(model: type[Model], row: Mapping[str, Any], *, keys: tuple[str, ...]) -> datetime:
    """Insert a row, or give the one that has these keys the earlier `at` of the two; returns the `at` that holds."""
    statement = _earliest(model, tuple(row), keys, db.engine.dialect.name)
    found: datetime = db.session.execute(statement, dict(row)).scalar_one()
    return found


@cache
def _earliest(model: type[Model], columns: tuple[str, ...], keys: tuple[str, ...], dialect: str) -> Any:
    """Made once: a door asks it all day."""
    table: Any = model.__table__
    insert: Any = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = insert(table).values({name: bindparam(name, type_=table.c[name].type) for name in columns})
    earlier = case((statement.excluded.at < table.c.at, statement.excluded.at), else_=table.c.at)
    return statement.on_conflict_do_update(index_elements=keys, set_={"at": earlier}).returning(table.c.at)


def _use_sqlite_well(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # SQLAlchemy, not the driver, begins transactions
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "busy_timeout=30000", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    kind = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {kind}")


def _connect_soon(_dialect: Any, _record: Any, _arguments: Any, parameters: dict[str, Any]) -> None:
    """A server that does not answer is noticed in seconds, and so is one that the network has lost."""
    for name, value in {"connect_timeout": 3, "keepalives_idle": 30, "tcp_user_timeout": 10_000}.items():
        parameters.setdefault(name, value)


def prepare(engine: Engine) -> None:
    """Called once by `create_app`."""
    event.listen(engine, "commit", _note_commit)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _use_sqlite_well)
        event.listen(engine, "begin", _begin)
    else:
        event.listen(engine, "do_connect", _connect_soon)


class Fault(Enum):
    """Why the database could not do what it was asked, when it is nobody's mistake."""

    AWAY = "away"  # stopped, starting, or out of connections
    BUSY = "busy"  # others were in the way for too long
    FULL = "full"  # its disk


# what PostgreSQL says with a code of its own, by the beginning of the code
_CODES = {
    "08": Fault.AWAY, "57P": Fault.AWAY, "53300": Fault.AWAY, "25006": Fault.AWAY, "40": Fault.BUSY,
    "55P03": Fault.BUSY, "57014": Fault.BUSY, "53100": Fault.FULL,
}  # fmt: skip
# and SQLite by words
_WORDS = {
    "locked": Fault.BUSY, "is full": Fault.FULL, "disk i/o": Fault.FULL, "unable to open": Fault.AWAY,
    "readonly database": Fault.AWAY,
}  # fmt: skip


def fault_of(error: BaseException | None) -> Fault | None:
    """What is wrong with the database; None if it is well, and the error is something else.

    What failed after it, as undoing what is gone already, stands before it in the chain of errors.
    """
    for _depth in range(6):
        if fault := _own_fault(error):
            return fault
        error = error and (error.__cause__ or error.__context__)
    return None


def _own_fault(error: BaseException | None) -> Fault | None:
    if isinstance(error, PoolIsEmpty | DisconnectionError):
        return Fault.AWAY
    if not isinstance(error, DBAPIError):
        return None
    if code := getattr(error.orig, "sqlstate", None):
        return next((fault for start, fault in _CODES.items() if code.startswith(start)), None)
    text = str(error.orig).lower()
    by_words = next((fault for words, fault in _WORDS.items() if words in text), None)
    kind = type(error.orig).__module__.partition(".")[0]
    lost = error.connection_invalidated or (kind == "psycopg" and type(error.orig).__name__ == "OperationalError")
    return by_words or (Fault.AWAY if lost else None)


def wait_for_database(seconds: float) -> bool:
    """Whether the database answers, now or within some seconds."""
    until = time.monotonic() + seconds
    while True:
        try:
            with db.engine.connect() as connection:
                connection.exec_driver_sql("SELECT 1")
        except Exception as error:
            if fault_of(error) is None:
                raise
        else:
            return True
        if time.monotonic() > until:
            return False
        time.sleep(0.2)


def end_session(_error: BaseException | None = None) -> None:
    """At the end of a request or task: give the connection back. What was answered stays so if it is lost by then."""
    try:
        db.session.remove()
    except SQLAlchemyError as error:
        log.warning("a connection was lost when it was given back", error=type(error).__name__)
        with suppress(SQLAlchemyError):
            db.session().invalidate()
        db.session.registry.clear()


class Saved(Enum):
    """What has become of what this request, or this task, has written."""

    NOTHING = "nothing"
    SOME = "some"
    UNKNOWN = "unknown"  # the database was told to commit, and did not answer


def _note_commit(_connection: Connection) -> None:
    if has_app_context():
        db.session.info["commits_begun"] = db.session.info.get("commits_begun", 0) + 1


def saved() -> Saved:
    """What is certain about what was written here so far; asked when something has failed."""
    info = db.session.info
    begun, done = info.get("commits_begun", 0), info.get("commits_done", 0)
    if begun > done:
        return Saved.UNKNOWN
    return Saved.SOME if done else Saved.NOTHING


def forbid_changes(connection: Connection, table: str, *, except_to: Sequence[str]) -> None:
    """Have the database itself refuse to delete rows of a table, or to change them.

    Args:
        except_to: columns that may be changed, so that a person can be forgotten.
    """
    names = [column["name"] for column in inspect(connection).get_columns(table)]
    kept = ", ".join(f'"{name}"' for name in names if name not in except_to)
    for statement in _FORBID[connection.dialect.name]:
        connection.exec_driver_sql(statement.format(table=table, kept=kept))


def allow_changes(connection: Connection, table: str) -> None:
    """Undo `forbid_changes`."""
    for statement in _ALLOW[connection.dialect.name]:
        connection.exec_driver_sql(statement.format(table=table))


_FORBID = {
    "sqlite": (
        "CREATE TRIGGER {table}_keep_rows BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, 'append-only'); END",
        "CREATE TRIGGER {table}_keep_columns BEFORE UPDATE OF {kept} ON {table} "
        "BEGIN SELECT RAISE(ABORT, 'append-only'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'append-only'; END $$",
        "CREATE TRIGGER {table}_keep_rows BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_refuse()",
        "CREATE TRIGGER {table}_keep_columns BEFORE UPDATE OF {kept} ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION {table}_refuse()",
    ),
}
_ALLOW = {
    "sqlite": ("DROP TRIGGER {table}_keep_rows", "DROP TRIGGER {table}_keep_columns"),
    "postgresql": (
        "DROP TRIGGER {table}_keep_rows ON {table}", "DROP TRIGGER {table}_keep_columns ON {table}",
        "DROP FUNCTION {table}_refuse()",
    ),
}  # fmt: skip


def after_commit(call: Callable[[], None]) -> None:
    """Do `call` once when what is being done has been committed, never if it, or its savepoint, is rolled back."""
    _follow("after_commit", call)


def after_rollback(call: Callable[[], None]) -> None:
    """Do `call` once if what is being done, or its savepoint, is rolled back or given up; never if it is committed."""
    _follow("after_rollback", call)


def _follow(kind: str, call: Callable[[], None]) -> None:
    """Note what is to follow, with the innermost transaction (a savepoint) in which it was said."""
    session = db.session()
    calls: list[tuple[SessionTransaction | None, Callable[[], None]]] = session.info.setdefault(kind, [])
    if all(call != known for _within, known in calls):
        calls.append((session.get_nested_transaction() or session.get_transaction(), call))


@event.listens_for(Session, "after_commit")
def _committed(session: Session) -> None:
    """A savepoint that is kept hands what is to follow to what it stands in; a commit does it."""
    if savepoint := session.get_nested_transaction():
        for kind in ("after_commit", "after_rollback"):
            calls = session.info.get(kind, [])
            calls[:] = [(savepoint.parent if within is savepoint else within, call) for within, call in calls]
        return
    if "commits_begun" in session.info:
        session.info["commits_done"] = session.info["commits_begun"]
    session.info.pop("after_rollback", None)
    _call_all([call for _within, call in session.info.pop("after_commit", [])])


@event.listens_for(Session, "after_transaction_end")
def _ended(session: Session, transaction: SessionTransaction) -> None:
    """What is still noted with a transaction that ends was not committed."""
    if transaction.parent is not None and not transaction.nested:
        return
    undone = []
    for kind in ("after_commit", "after_rollback"):
        calls = session.info.get(kind, [])
        ending = [each for each in calls if each[0] is transaction or transaction.parent is None]
        calls[:] = [each for each in calls if each not in ending]
        if kind == "after_rollback":
            undone = [call for _within, call in ending]
    _call_all(undone)


def _call_all(calls: Sequence[Callable[[], None]]) -> None:
    for call in calls:
        try:
            call()
        except Exception:  # the database has decided: a broker that is down must not make it look otherwise
            log.exception("what was to follow the transaction failed")
