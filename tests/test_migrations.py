"""Migrations: they make what the models say, up and down, with rows in the tables, on both databases."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade
from sqlalchemy import func, inspect, select

from consult import create_app
from consult.demo.load import load
from consult.events.models import Event
from consult.extensions import db, limiter
from tests.conftest import config_for, database_url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def empty(request, tmp_path):
    app = create_app(config_for(database_url(request.param, tmp_path, "migrations"), tmp_path))
    limiter.enabled = False
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def test_migrations_make_what_the_models_say(empty):
    upgrade("migrations")
    with db.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), db.metadata) == []


def test_every_migration_goes_down_and_up_with_rows_in_the_tables(empty):
    upgrade("migrations")
    load(lambda _text: None)
    assert db.session.scalar(select(func.count()).select_from(Event)) == 5
    db.session.remove()
    downgrade("migrations", revision="base")
    assert inspect(db.engine).get_table_names() == ["alembic_version"]
    upgrade("migrations")
    assert "event" in inspect(db.engine).get_table_names()
