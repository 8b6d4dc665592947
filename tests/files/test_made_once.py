"""Costly files for everybody: made once for what they say, and limited."""

from pathlib import Path

import pytest

from consult.extensions import db
from consult.files import service
from consult.registration.models import Visibility
from consult.web.limits import class_of
from tests.factories import RegistrationFactory, an_event


@pytest.mark.parametrize("suffix", ["docx", "pdf", "xlsx"])
def test_the_list_of_participants_is_made_anew_only_when_it_says_something_else(app, client, session, suffix):
    event = an_event()
    RegistrationFactory(category=event.categories[0], visibility=Visibility.PUBLIC, family_name="Sow")
    other = RegistrationFactory(category=event.categories[0], visibility=Visibility.NO)
    db.session.commit()
    path = f"/events/{event.slug}/participants.{suffix}"
    first = client.get(path)
    assert (first.status_code, client.get(path).data) == (200, first.data), "the very same file"
    other.function = "Nurse"
    db.session.commit()
    assert client.get(path).data == first.data, "who is not on the list changes nothing"
    other.visibility = Visibility.PUBLIC
    db.session.commit()
    assert client.get(path).data != first.data


def test_a_file_is_made_once_for_each_content(app, session):
    made = []

    def make():
        made.append(1)
        return b"content"

    for _turn in range(3):
        assert service.made_once("a.pdf", ["x", 1], make) == b"content"
    assert len(made) == 1
    service.made_once("a.pdf", ["x", 2], make)
    service.made_once("b.pdf", ["x", 1], make)
    assert len(made) == 3


def test_a_full_disk_does_not_keep_readers_from_their_file(app, session, monkeypatch, tmp_path):
    monkeypatch.setitem(app.config, "FILES_URL", "file:///proc/nowhere")
    assert service.made_once("a.pdf", "full", lambda: b"content") == b"content"
    assert not Path("/proc/nowhere").exists()


COSTLY = {
    "agenda.calendar", "agenda.session_calendar", "circulations.list_pdf", "circulations.list_xlsx",
    "registration_list.as_docx", "registration_list.as_pdf", "registration_list.as_xlsx", "reports.download",
}  # fmt: skip


@pytest.mark.parametrize("endpoint", sorted(COSTLY))
def test_what_everybody_can_have_made_is_limited(app, endpoint):
    assert class_of(app, endpoint) == "costly"
