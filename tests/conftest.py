"""A real database, each test in a transaction that is rolled back; a client that checks every page.

Every test that uses a database runs on SQLite, and again on PostgreSQL where `make test` has started one.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_login import FlaskLoginClient
from sqlalchemy import event
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from consult import create_app
from consult.accounts.models import Device, User, hashed
from consult.config import Config
from consult.database import new_secret, now
from consult.extensions import db, limiter

POSTGRESQL = os.environ.get("TEST_POSTGRESQL_URL")
IN_CI = os.environ.get("CI") == "true"
PASSPORT_KEY = "a2V5IG9mIDMyIGJ5dGVzIGZvciB0ZXN0cyBvbmx5ISE="
SECRET = "a secret for tests that nobody needs to guess"
# `worker` makes its application from the environment when it is imported
os.environ.update(
    SECRET_KEY=SECRET, PASSPORT_KEY=PASSPORT_KEY, CONSULT_DATA_DIR=tempfile.mkdtemp(prefix="consult-tests-")
)


def new_database(name: str) -> str:
    """A fresh PostgreSQL database of this name on the throwaway server."""
    assert POSTGRESQL
    with psycopg.connect(POSTGRESQL.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
    return POSTGRESQL.rsplit("/", 1)[0] + f"/{name}"


def database_url(kind: str, folder: Path, name: str) -> str:
    if kind == "sqlite":
        return f"sqlite:///{folder / f'{name}.db'}"
    if not POSTGRESQL:
        if IN_CI:
            pytest.fail("PostgreSQL was not started")
        pytest.skip("no PostgreSQL: `make test` starts one")
    return new_database(f"{name}_{os.environ.get('PYTEST_XDIST_WORKER', 'one')}")


def config_for(url: str, folder: Path, **changes: object) -> Config:
    values: dict[str, object] = {
        "SECRET_KEY": SECRET,
        "SQLALCHEMY_DATABASE_URI": url,
        "MAIL_URL": f"file://{folder / 'mail'}",
        "DATA_DIR": folder,
        "FILES_URL": f"file://{folder / 'files'}",
        "BASE_URL": "http://localhost",
        "WTF_CSRF_ENABLED": False,
        "RATELIMIT_ENABLED": False,
        "TESTING": True,
        "extra": {
            "SECURITY_LOGOUT_CSRF": False,
            "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": {"argon2__rounds": 1, "argon2__memory_cost": 32},
        },
    }
    return Config(**{**values, **changes})  # type: ignore[arg-type]


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp(request.param)
    app = create_app(config_for(database_url(request.param, folder, "unit"), folder))
    with app.app_context():
        db.create_all()
    limiter.enabled = False
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """All of a test happens on one connection: what it commits are savepoints, and the end undoes them."""
    with app.app_context():
        engine = db.engine
        with engine.connect() as connection:
            outer = connection.begin()
            db.engines[None] = connection  # type: ignore[assignment]  # Flask-SQLAlchemy's sessions ignore `bind`
            db.session.configure(join_transaction_mode="create_savepoint")
            try:
                yield db.session()
            finally:
                db.session.remove()
                db.engines[None] = engine
                outer.rollback()


@contextmanager
def _statements() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: object, _cur: object, statement: str, *_: object) -> None:
        if "SAVEPOINT" not in statement:
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


@pytest.fixture
def statements(session: Session) -> Callable[[], AbstractContextManager[list[str]]]:
    return _statements


class _Page(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.h1 = 0
        self.inline: list[str] = []
        self.labels: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.h1 += tag == "h1"
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.inline += [name for name in values if name == "style" or name.startswith("on")]
        if (tag == "script" and "src" not in values) or tag == "style":
            self.inline.append(tag)


class CheckingClient(FlaskLoginClient):  # type: ignore[misc]
    """Every request of every test also shows: nothing was left uncommitted, and the page is a proper one."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Somebody who is signed in is so at a device, with a password typed just now."""
        user = kwargs.get("user")
        super().__init__(*args, **kwargs)
        if user:
            key = new_secret()
            at = now()
            db.session.add(
                Device(
                    user_id=user.id,
                    key_hash=hashed(key),
                    browser="Firefox, Linux",
                    signed_in_at=at,
                    seen_at=at,
                    ends_at=at + timedelta(hours=1),
                    idle_minutes=60,
                )
            )
            db.session.commit()
            with self.session_transaction() as session:
                session["device"], session["seen"], session["fs_paa"] = key, time.time(), time.time()

    def open(self, *args: object, **kwargs: object) -> TestResponse:
        db.session.flush()
        kwargs.setdefault("buffered", True)  # a streamed answer is read while its context is there
        with self.application.app_context():  # its own session and `g`, as in production
            response = super().open(*args, **kwargs)
            assert not db.session().info.get("flushed"), (
                f"{response.request.method} {response.request.path} changed rows and did not commit"
            )
        db.session.expire_all()
        assert "Content-Security-Policy" in response.headers
        if (
            response.mimetype == "text/html"
            and response.data
            and not response.content_encoding
            and not response.location
        ):
            page = _Page(response.text)
            assert page.h1 == 1, "a page has one h1"
            assert len(page.ids) == len(set(page.ids)), "ids are unique"
            assert not page.inline, "the content security policy forbids inline script and style"
        return response


@event.listens_for(Session, "after_flush")
def _flushed(session: Session, _context: object) -> None:
    session.info["flushed"] = True


@event.listens_for(Session, "after_commit")
@event.listens_for(Session, "after_rollback")
def _settled(session: Session) -> None:
    session.info.pop("flushed", None)


@pytest.fixture
def as_(app: Flask, session: Session) -> Callable[[User], FlaskClient]:
    """A client at which this person is signed in."""
    app.test_client_class = CheckingClient
    return lambda user: app.test_client(user=user)


@pytest.fixture
def client(app: Flask, session: Session) -> FlaskClient:
    """A client at which nobody is signed in."""
    app.test_client_class = CheckingClient
    return app.test_client()
