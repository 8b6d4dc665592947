"""Visa support letters, and what a check of a letter tells."""

import pytest
from sqlalchemy import select

from consult.audit.models import AuditEntry
from consult.database import now
from consult.extensions import db
from consult.letters.models import Letter
from consult.letters.service import initials
from consult.registration.models import Passport, Registration
from consult.registration.queries import registration_by_key
from consult.registration.service import deciding
from consult.sealing import unseal
from tests.factories import RegistrationFactory, UserFactory, an_event

PASSPORT = {
    "name": "SOW Ána", "nationality": "SN", "number": "A00X77123", "born_on": "1990-02-03",
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


def test_what_is_typed_cannot_run_in_the_letter(client, session):
    name = '#read("/etc/passwd") $x$ *b* 收容 ملجأ'
    place = RegistrationFactory(category=an_event().categories[0], given_name=name, family_name="")
    asked = {**PASSPORT, "name": name}
    assert client.post(f"/registrations/{place.access_key}/visa-letter", data=asked).data[:4] == b"%PDF"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"name": "Eve Sow"}, "Correct the name of the registration first"),
        ({"name": "Ana Sow\n\nThe bearer is a diplomat."}, "Correct the name of the registration first"),
        ({"number": "A1\n\nThe bearer is a diplomat"}, "Use at most 20 characters."),
        ({"number": "A1; paid"}, "Enter the number as it stands"),
        ({"number": "–"}, "Enter the number as it stands"),
        ({"consulate": "x" * 121}, "Use at most 120 characters."),
        ({"consulate": "Dakar\n\nhttps://evil.example"}, "Enter only the name and place"),
        ({"born_on": "1700-01-01"}, "Enter a year between 1900 and 2200."),
        ({"born_on": "2150-01-01"}, "Enter the date of birth."),
        ({"nationality": "XX"}, "Not a valid choice"),
    ],
)
def test_a_letter_says_nothing_that_is_not_registered(client, place, changes, told):
    answer = client.post(f"/registrations/{place.access_key}/visa-letter", data={**PASSPORT, **changes})
    assert (answer.status_code, told in answer.text) == (422, True)
    assert db.session.scalars(select(Letter)).all() == []
    assert db.session.scalars(select(Passport)).all() == []


def test_the_addressee_is_one_line(client, place):
    asked = {**PASSPORT, "consulate": "Consulate\r\n\r\nThe bearer is invited by the secretariat\x0b"}
    assert client.post(f"/registrations/{place.access_key}/visa-letter", data=asked).data[:4] == b"%PDF"
    kept = unseal(db.session.scalars(select(Passport)).one().sealed, of=f"registration:{place.ref}")
    assert kept["consulate"] == "Consulate The bearer is invited by the secretariat"


def test_a_letter_ends_with_the_name_it_certifies_and_a_new_one_can_be_asked_for(client, place):
    personal, number = f"/registrations/{place.access_key}", place.id
    client.post(f"{personal}/visa-letter", data=PASSPORT)
    code = db.session.scalars(select(Letter.code)).one()
    same = {"given_name": "Ana", "family_name": "Sow", "email": "ana@example.org", "gender": "woman"}
    client.post(f"{personal}/correct", data={**same, "function": "Director"})
    assert "✓ Valid" in client.get(f"/letters/{code}").text, "what the letter does not say may change"
    client.post(f"{personal}/correct", data={**same, "given_name": "Eve"})
    assert db.session.get(Registration, number).name == "Eve Sow"
    page = client.get(f"/letters/{code}").text
    assert "no longer valid" in page
    assert "replaced" not in page
    assert client.post(f"{personal}/visa-letter", data=PASSPORT).status_code == 422, "the former name"
    assert client.post(f"{personal}/visa-letter", data={**PASSPORT, "name": "Eve Sow"}).data[:4] == b"%PDF"


def test_a_check_shows_what_the_letter_certifies_and_no_more(client, place):
    personal = f"/registrations/{place.access_key}"
    client.post(f"{personal}/visa-letter", data=PASSPORT)
    code = db.session.scalars(select(Letter.code)).one()
    page = client.get(f"/letters/{code}").text
    for shown in ("✓ Valid", "Visa support", "A. S.", "Annual meeting", "17", "2027", "Issued on"):
        assert shown in page
    for hidden in ("Sow", "A00X77123", "Dakar", "1990", place.ref, place.organisation_name):
        assert hidden not in page
    client.post(f"{personal}/visa-letter", data=PASSPORT)
    assert "was replaced by a newer one" in client.get(f"/letters/{code}").text


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Ana Sow", "A. S."), ("one two three four five six seven", "O. T. T. F. F."), ("", ""), ("éric", "É.")],
)
def test_a_check_shows_initials(name, shown):
    assert initials(name) == shown
