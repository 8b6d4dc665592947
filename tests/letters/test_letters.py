"""Visa support letters, and what a check of a letter tells."""

import pytest
from sqlalchemy import select

from consult.audit.models import AuditEntry
from consult.database import now
from consult.extensions import db
from consult.letters.models import Letter
from consult.letters.service import initials
from consult.registration.models import Passport
from consult.registration.queries import registration_by_key
from consult.registration.service import deciding
from tests.factories import RegistrationFactory, UserFactory, an_event

PASSPORT = {
    "name": "Ana Beatriz Sow", "nationality": "SN", "number": "A00X77123", "born_on": "1990-02-03",
    "consulate": "Consulate of Switzerland in Dakar",
}  # fmt: skip


@pytest.fixture
def place(session):
    event = an_event(title="Annual meeting", venue_name="Palais")
    return RegistrationFactory(
        category=event.categories[0], given_name="Ana", family_name="Sow", email="ana@example.org"
    )


def test_a_visa_letter_is_made_and_the_passport_is_kept_sealed_only(as_, client, place):
    path, personal = f"/events/{place.event.slug}/registrations/{place.ref}", f"/registrations/{place.access_key}"
    ana = as_(UserFactory(email="ana@example.org"))
    assert "Visa support letter" in ana.get(path).text
    assert "Enter the number." in ana.post(f"{path}/visa-letter", data={**PASSPORT, "number": ""}).text
    first = ana.post(f"{path}/visa-letter", data=PASSPORT)
    assert (first.mimetype, first.data[:4]) == ("application/pdf", b"%PDF")
    assert first.headers["Cache-Control"] == "no-store"
    letter = db.session.scalars(select(Letter)).one()
    kept = [*vars(letter).values(), *(entry.detail for entry in db.session.scalars(select(AuditEntry)))]
    kept += vars(db.session.scalars(select(Passport)).one()).values()
    assert not any("A00X77123" in str(value) for value in kept)
    code = letter.code
    page = client.get(f"/letters/{code}").text
    assert "A. S." in page
    assert "Annual meeting" in page
    assert "Ana" not in page
    assert client.post(f"{personal}/visa-letter", data=PASSPORT).mimetype == "application/pdf"
    assert "Not valid" in client.get(f"/letters/{code}").text, "a new letter ends the former one"


def test_a_letter_ends_with_the_place(client, place):
    personal = f"/registrations/{place.access_key}"
    client.post(f"{personal}/visa-letter", data=PASSPORT)
    code = db.session.scalars(select(Letter.code)).one()
    client.post(f"{personal}/withdraw")
    assert "Not valid" in client.get(f"/letters/{code}").text
    assert "Visa support letter" not in client.get(personal).text
    late = client.post(f"{personal}/visa-letter", data=PASSPORT)
    assert late.status_code == 422
    assert "for confirmed places in person" in late.text


def test_a_letter_ends_when_the_event_is_cancelled(client, place):
    client.post(f"/registrations/{place.access_key}/visa-letter", data=PASSPORT)
    code = db.session.scalars(select(Letter.code)).one()
    deciding.cancel_all(registration_by_key(place.access_key).event, reason="Storm.", at=now())
    db.session.commit()
    assert "Not valid" in client.get(f"/letters/{code}").text


@pytest.mark.parametrize("changes", [{"modality": "online"}, {"status": "waitlisted"}])
def test_there_is_none_for_other_places(client, session, changes):
    place = RegistrationFactory(category=an_event().categories[0], **changes)
    answer = client.post(f"/registrations/{place.access_key}/visa-letter", data=PASSPORT)
    assert answer.status_code == 422
    assert db.session.scalars(select(Letter)).all() == []


def test_what_is_typed_cannot_run_in_the_letter(client, place):
    evil = {**PASSPORT, "name": '#read("/etc/passwd") $x$ *b* 收容 ملجأ', "consulate": "\\ #eval()"}
    assert client.post(f"/registrations/{place.access_key}/visa-letter", data=evil).data[:4] == b"%PDF"


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Ana Sow", "A. S."), ("one two three four five six seven", "O. T. T. F. F."), ("", ""), ("éric", "É.")],
)
def test_a_check_shows_initials(name, shown):
    assert initials(name) == shown
