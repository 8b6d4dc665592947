"""A language is there as soon as its catalogue is; one that is written from right to left turns the pages round."""

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from consult import create_app
from consult.extensions import db, limiter
from tests.conftest import config_for


@pytest.fixture
def arabic(tmp_path):
    catalog = Catalog(locale="ar")
    catalog.add("Calendar of meetings", "جدول الاجتماعات")
    folder = tmp_path / "translations" / "ar" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "messages.mo").open("wb") as file:
        write_mo(file, catalog)
    extra = {"BABEL_TRANSLATION_DIRECTORIES": str(tmp_path / "translations")}
    app = create_app(config_for(f"sqlite:///{tmp_path / 'ar.db'}", tmp_path, extra=extra))
    limiter.enabled = False
    with app.app_context():
        db.create_all()
    yield app.test_client()
    with app.app_context():
        db.engine.dispose()


def test_the_browsers_language_is_spoken_and_the_page_turned_round(arabic):
    page = arabic.get("/", headers={"Accept-Language": "ar-EG, en;q=0.5"}).text
    assert '<html lang="ar" dir="rtl"' in page
    assert "bootstrap.rtl.min.css" in page
    assert "<h1>جدول الاجتماعات</h1>" in page


def test_a_language_the_site_does_not_speak_is_answered_in_english(arabic):
    page = arabic.get("/", headers={"Accept-Language": "zu"}).text
    assert '<html lang="en" dir="ltr"' in page
    assert "Calendar of meetings" in page
