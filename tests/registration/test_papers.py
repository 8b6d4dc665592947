"""What is printed of people: one line each, without control characters, also from rows that were kept long ago."""

import io
import json
import zipfile
from dataclasses import replace

import pytest
from sqlalchemy import select, text, update

from consult.events.service import events
from consult.extensions import db
from consult.outbox.models import Message
from consult.registration import documents, queries
from consult.registration.models import BadgeLayout, Registration, Visibility
from consult.registration.service import corrections, passports, people
from consult.registration.service.details import Person
from tests.factories import NOON, InvitationFactory, RegistrationFactory, SecretariatFactory, UserFactory, an_event
from tests.registration.test_people import DATA
from tests.registration.test_service import register

pytestmark = pytest.mark.usefixtures("session")
UNFIT = "\x00\x01\x0b\x0c\x1f\ufffe\u202e"


def test_whatever_way_a_name_comes_it_is_one_line():
    event = an_event()
    registration = register(event, given_name="Ana\r\n\r\nBea\x0btrix", family_name="S\u202eow", function="A\nB")
    assert (registration.name, registration.function) == ("Ana Bea trix Sow", "A B")
    corrections.correct(registration, Person(given_name="A\nna", email="ana@example.org"), by=None, at=NOON)
    assert registration.given_name == "A na"
    assert (
        RegistrationFactory(category=event.categories[0], organisation_name="One\nTwo").organisation_name == "One Two"
    )


def test_rows_that_hold_control_characters_do_not_stop_the_list_for_everybody(client):
    event = an_event()
    kept = RegistrationFactory(category=event.categories[0], visibility=Visibility.PUBLIC)
    unfit = UNFIT.replace("\x00", "")  # which PostgreSQL cannot keep
    values = dict.fromkeys(("given_name", "family_name", "function", "organisation_name"), f"A{unfit}\nB")
    db.session.execute(update(Registration).where(Registration.id == kept.id).values(**values))
    db.session.commit()
    for kind in ("pdf", "docx", "xlsx"):
        answer = client.get(f"/events/{event.slug}/participants.{kind}")
        assert answer.status_code == 200
        if kind == "docx":
            document = zipfile.ZipFile(io.BytesIO(answer.data)).read("word/document.xml").decode()
            assert "A B A B" in document
    db.session.expire_all()
    kept = db.session.get(Registration, kept.id)
    assert documents.badges([kept], BadgeLayout.SINGLE).startswith(b"%PDF")
    assert kept.name == "A B A B"
    assert not any(sign in json.dumps(documents.grouped([kept]), default=str) for sign in UNFIT)


def kept_of(registration):
    return db.session.execute(
        text("SELECT access_key, badge_code FROM registration WHERE id = :id"), {"id": registration.id}
    ).one()


def test_the_database_alone_holds_no_key_of_a_personal_link(client):
    registration = register(an_event())
    key, code = registration.access_key, registration.badge_code
    assert not {key, code} & set(kept_of(registration))
    assert client.get(f"/registrations/{key}").status_code == 200
    for sealed in kept_of(registration):
        assert client.get(f"/registrations/{sealed}").status_code == 404
    invitation = InvitationFactory()
    assert db.session.scalar(text("SELECT key FROM invitation")) != invitation.key


def test_passports_are_sealed_with_the_newest_key_and_bound_to_their_row(app):
    event = an_event()
    first, second = (register(event, f"{name}@example.org") for name in "ab")
    officer = UserFactory()
    passports.keep(first, DATA, by=None, at=NOON)
    passports.keep(second, DATA, by=None, at=NOON)
    one, two = (queries.passport_at(event.slug, each.ref) for each in (first, second))
    one.sealed, two.sealed = two.sealed, one.sealed
    assert passports.opened(one, by=officer) is None, "it is another row's"
    one.sealed, two.sealed = two.sealed, one.sealed


@pytest.mark.parametrize(
    "changes", [{"title": "Another title"}, {"venue_name": "Another hall"}, {"venue_address": "Elsewhere 1"}]
)
def test_a_visa_letter_ends_when_the_event_is_not_what_it_says(changes):
    event = an_event()
    registration = register(event)
    letter, _passport = people.issue_visa_letter(registration, DATA, by=None, at=NOON)
    texts = {name: getattr(event, name) for name in events.Entry.__dataclass_fields__ if name != "days"}
    days = [events.Day(date=day.date, starts=day.starts, ends=day.ends) for day in event.days]
    entry = events.Entry(**texts, days=days)
    boss = SecretariatFactory()
    events.edit_event(event, replace(entry, summary="Said otherwise."), by=boss)
    assert letter.is_valid, "the letter does not print it"
    events.edit_event(event, replace(entry, **changes), by=boss)
    db.session.refresh(letter)
    assert not letter.is_valid
    told = db.session.scalars(select(Message).where(Message.template == "registration/letter_ended")).all()
    assert [message.to for message in told] == [registration.email]
