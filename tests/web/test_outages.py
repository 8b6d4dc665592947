"""What people see, and what is saved, when the database or the disk fails under a request."""

import io
import time
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, func, select, text

from consult import create_app
from consult.accounts.models import Device, Role, User, hashed
from consult.database import new_secret, now
from consult.extensions import db, limiter
from consult.organisations.models import Organisation, OrganisationDocument
from consult.web import replay
from tests.conftest import config_for, database_url

ORGANISATION = {"name": "Casa", "category": "civil-society", "country": "KE", "description": ""}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def own(request, tmp_path):
    """An application with a database of its own, outside any transaction of a test."""
    app = create_app(config_for(database_url(request.param, tmp_path, "outages"), tmp_path))
    limiter.enabled = False
    with app.app_context():
        db.create_all()
        db.session.add(User(email="ana@example.org", name="Ana", fs_uniquifier=new_secret(), role=Role.PERSON))
        db.session.commit()
        db.session.remove()
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def postgresql(own):
    with own.app_context():
        if db.engine.dialect.name != "postgresql":
            pytest.skip("a server can be restarted, a file cannot")
    return own


def end_connections(app):
    """As a restarting server does."""
    with app.app_context():
        url = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    name = url.rsplit("/", 1)[1]
    with psycopg.connect(url.rsplit("/", 1)[0] + "/postgres", autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])


class Restart:
    """Ends every connection, some times, when a statement that begins like this is about to be made."""

    def __init__(self, app, *, at, times=1):
        self.app, self.at, self.left = app, at, times
        with app.app_context():
            event.listen(db.engine, "before_cursor_execute", self.before)
            event.listen(db.engine, "commit", self.commit)

    def before(self, _connection, _cursor, statement, *_):
        if self.left and statement.startswith(self.at):
            self.left -= 1
            end_connections(self.app)

    def commit(self, _connection):
        if self.left and self.at == "COMMIT":
            self.left -= 1
            end_connections(self.app)


def signed_in(app):
    """A client that itself asks no database."""
    with app.app_context():
        user, key, at = db.session.scalars(select(User)).one(), new_secret(), now()
        lasts = {"signed_in_at": at, "seen_at": at, "ends_at": at + timedelta(hours=1), "idle_minutes": 60}
        db.session.add(Device(user_id=user.id, key_hash=hashed(key), browser="", **lasts))
        db.session.commit()
        number = user.fs_uniquifier
    client = FlaskClient(app, app.response_class)
    with client.session_transaction() as session:
        session.update(_user_id=number, _fresh=True, device=key, seen=time.time(), fs_paa=time.time())
    return client


def number_of_organisations(app):
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(Organisation))


def test_what_failed_before_the_commit_is_done_again_unseen(postgresql):
    client = signed_in(postgresql)
    restart = Restart(postgresql, at="INSERT INTO organisation")
    answer = client.post("/my/organisations/new", data=ORGANISATION)
    assert (answer.status_code, restart.left) == (302, 0)
    assert number_of_organisations(postgresql) == 1


def test_what_was_answered_stays_so_when_the_connection_is_lost_afterwards(postgresql):
    client, left = signed_in(postgresql), ["once"]

    @postgresql.teardown_appcontext
    def restart(_error):
        if left:
            left.pop()
            db.session.execute(text("SELECT 1"))
            end_connections(postgresql)

    assert client.get("/").status_code == 200
    assert not left


def test_reading_is_done_again_unseen(postgresql):
    client = signed_in(postgresql)
    restart = Restart(postgresql, at="SELECT event")
    assert client.get("/").status_code == 200
    assert restart.left == 0


def test_a_commit_without_an_answer_is_not_repeated_and_nobody_is_told_it_failed(postgresql):
    client = signed_in(postgresql)
    Restart(postgresql, at="COMMIT")
    answer = client.post("/my/organisations/new", data=ORGANISATION)
    assert answer.status_code == 503
    assert "We cannot say whether what you sent was saved." in answer.text
    assert number_of_organisations(postgresql) == 0


def test_a_restart_that_goes_on_gets_a_page_that_says_what_is_so(postgresql):
    client = signed_in(postgresql)
    Restart(postgresql, at="INSERT INTO organisation", times=9)
    answer = client.post("/my/organisations/new", data=ORGANISATION)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert "What you sent was not saved." in answer.text
    assert "We cannot reach our records" in answer.text


def test_an_upload_is_sent_on_whole_when_it_is_done_again(postgresql, monkeypatch):
    monkeypatch.setattr(replay, "IN_MEMORY", 100_000)
    client = signed_in(postgresql)
    client.post("/my/organisations/new", data=ORGANISATION)
    with postgresql.app_context():
        ref = db.session.scalars(select(Organisation.ref)).one()
    content = b"%PDF-1.7\n" + b"x" * 300_000
    Restart(postgresql, at="INSERT INTO stored_file")
    data = {"document-document": (io.BytesIO(content), "statutes.pdf"), "document-kind": "constitution"}
    answer = client.post(f"/my/organisations/{ref}/documents", data=data, buffered=True)
    assert answer.status_code == 302
    with postgresql.app_context():
        assert db.session.scalars(text("SELECT size FROM stored_file")).all() == [len(content)]


@contextmanager
def gone(app, folder):
    """While the database can be reached by nobody."""
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
        url = db.engine.url
    if url.drivername == "sqlite":
        for path in folder.glob("outages.db*"):
            path.rename(folder / f"away-{path.name}")
        (folder / "outages.db").mkdir()
        yield
        (folder / "outages.db").rmdir()
        for path in folder.glob("away-*"):
            path.rename(folder / path.name.removeprefix("away-"))
        return
    server = url.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'ALTER DATABASE "{url.database}" ALLOW_CONNECTIONS false')
        yield
        admin.execute(f'ALTER DATABASE "{url.database}" ALLOW_CONNECTIONS true')


READING = [("GET", path, "Nothing that was saved before is lost.") for path in ("/", "/my", "/nowhere")]
WRITING = [("POST", "/my/organisations/new", "What you sent was not saved.")]


@pytest.mark.parametrize(("method", "path", "saved"), READING + WRITING)
def test_a_database_that_is_gone_leaves_no_bare_error(own, tmp_path, monkeypatch, *, method, path, saved):
    """Nor for who is signed in."""
    monkeypatch.setattr(replay, "PATIENCE", 0.1)
    client = signed_in(own)
    with gone(own, tmp_path):
        answer = client.open(path, method=method)
        assert answer.status_code == 503
        assert "We cannot reach our records" in answer.text
        assert saved in answer.text
        assert answer.headers["Retry-After"] == "30"
        assert answer.text.count("<h1>") == 1
        assert client.get("/health").status_code == 503
    assert client.get("/my").status_code == 200


@pytest.fixture
def sqlite(own):
    with own.app_context():
        if db.engine.dialect.name != "sqlite":
            pytest.skip("the drill fills a disk under PostgreSQL, which lets writers write")
        db.session.remove()
    return own


def test_a_full_disk_is_said_and_nothing_is_half_saved(sqlite):
    client = signed_in(sqlite)
    with sqlite.app_context():
        pages = db.session.execute(text("PRAGMA page_count")).scalar_one()
        db.session.remove()
        db.engine.dispose()
        event.listen(db.engine, "connect", lambda raw, _: raw.execute(f"PRAGMA max_page_count={pages}"))
    number = 0
    while (answer := client.post("/my/organisations/new", data=ORGANISATION | {"name": f"C{new_secret()}"})).location:
        number += 1
    assert (answer.status_code, number_of_organisations(sqlite)) == (507, number)
    assert "There is no room left" in answer.text
    assert "What you sent was not saved." in answer.text


def test_a_store_without_room_is_said(own, tmp_path):
    client = signed_in(own)
    ref = client.post("/my/organisations/new", data=ORGANISATION).location.rsplit("/", 1)[1]
    (tmp_path / "file").write_text("no folder")
    own.config["FILES_URL"] = f"file://{tmp_path}/file/below"
    data = {"document-document": (io.BytesIO(b"%PDF-1.7\nx"), "statutes.pdf"), "document-kind": "constitution"}
    answer = client.post(f"/my/organisations/{ref}/documents", data=data)
    assert answer.status_code == 422, "the form is shown again, with what was typed"
    assert "The server cannot keep files now, so nothing was saved." in answer.text
    with own.app_context():
        assert db.session.scalars(select(OrganisationDocument)).all() == []


def test_a_database_that_others_keep_is_said(sqlite):
    client = signed_in(sqlite)
    with sqlite.app_context():
        db.engine.dispose()
        event.listen(db.engine, "connect", lambda raw, _: raw.execute("PRAGMA busy_timeout=50"))
        with db.engine.connect().execution_options(sqlite_begin="IMMEDIATE") as writer:
            writer.execute(text("SELECT 1"))
            answer = client.post("/my/organisations/new", data=ORGANISATION)
    assert answer.status_code == 503
    assert "We are very busy" in answer.text
    assert "What you sent was not saved." in answer.text
