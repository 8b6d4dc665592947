"""What is a person's does not pass to whoever comes in their place, nor to a mailbox that others named."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from consult.accounts.service import addresses as account_addresses
from consult.audit.models import AuditEntry
from consult.database import now
from consult.errors import NotFound
from consult.events.models import Selection, TeamRole
from consult.extensions import db
from consult.outbox.models import Message
from consult.questions.service import Entry as Question
from consult.reference.stakeholders import StakeholderCategory
from consult.registration.models import FollowUpAnswer, Passport, PassportData, RegistrationStatus, Visibility
from consult.registration.service import (
    corrections,
    deciding,
    erasure,
    follow_ups,
    passports,
    people,
    places,
    registering,
)
from consult.registration.service.addresses import AlreadyRegistered, NotToBeRegistered
from consult.registration.service.details import Person
from tests.factories import (
    FAR,
    LONG_AGO,
    NOON,
    FocalPointFactory,
    OrganisationFactory,
    RegistrationFactory,
    SecretariatFactory,
    TeamMemberFactory,
    UserFactory,
    an_event,
)
from tests.registration.test_official import alone
from tests.registration.test_people import DATA
from tests.registration.test_service import entry, register

pytestmark = pytest.mark.usefixtures("session")
S = RegistrationStatus
BEN = Person(given_name="Ben", family_name="Secret", email="ben@example.org", access_needs="wheelchair")


def manager_of(event):
    return TeamMemberFactory(event=event, role=TeamRole.MANAGER).user


def new_address_key():
    message = db.session.scalars(select(Message).where(Message.template == "registration/new_address")).one()
    return message.context["path"].rsplit("/", 1)[1]


def letters_to(address):
    return [m.template.split("/")[1] for m in db.session.scalars(select(Message).where(Message.to == address))]


def test_an_address_that_waits_ends_when_somebody_else_comes():
    event = an_event()
    registration = register(event, "old@example.org")
    corrections.correct(registration, Person(given_name="Old", email="old2@example.org"), by=None, at=now())
    key = new_address_key()
    people.substitute(registration, BEN, by=manager_of(event), at=now())
    with pytest.raises(NotFound):
        corrections.confirm_address(key, at=now())
    assert registration.email == "ben@example.org"


def test_a_link_to_confirm_an_address_ends_after_three_days():
    registration = register(an_event(), "old@example.org")
    corrections.correct(registration, Person(given_name="Old", email="old2@example.org"), by=None, at=now())
    key = new_address_key()
    for moment in (now() + timedelta(days=3, minutes=1), now() + timedelta(days=3650)):
        with pytest.raises(NotFound):
            corrections.confirm_address(key, at=moment)
    assert corrections.confirm_address(key, at=now() + timedelta(days=2)).email == "old2@example.org"


@pytest.mark.parametrize("way", ["substituted", "agreed"])
def test_answers_words_and_waiting_mails_stay_the_former_persons(client, way):
    event = an_event()
    manager, point = manager_of(event), FocalPointFactory()
    event.categories[0].selection = Selection.APPROVAL
    registration = register(event, "old@example.org", organisation=point.organisation)
    deciding.approve(registration, message="Use the back door.", by=manager, at=now())
    form = follow_ups.FollowUpEntry(title="Hotel", closes_at=FAR, questions=[Question(text="Who may be called?")])
    follow_up = follow_ups.create(event, form, by=manager)
    follow_ups.send(follow_up, by=manager, at=now())
    question = follow_up.question_set.questions[0].ref
    follow_ups.answer(follow_up, registration, {question: "My sister, +254 700"}, at=now())
    if way == "substituted":
        people.substitute(registration, BEN, by=manager, at=now())
    else:
        asked = people.substitute(registration, BEN, by=point.user, at=now())
        registration = people.answer(asked, by=None, at=now())
    db.session.commit()
    assert registration.email == "ben@example.org"
    assert "+254 700" not in client.get(f"/registrations/{registration.access_key}/forms/{follow_up.ref}").text
    assert db.session.scalar(select(func.count()).select_from(FollowUpAnswer)) == 0
    sent = db.session.scalars(select(Message)).all()
    assert not [m for m in sent if m.to == "ben@example.org" and "back door" in str(m.context)]
    assert letters_to("old@example.org") == ["substituted"], "what waits would carry the successor's badge"


def test_what_others_named_gets_no_passport_no_answers_and_no_visibility_and_the_former_mailbox_is_told():
    event = an_event()
    registration = RegistrationFactory(
        category=event.categories[0], email="old@example.org", visibility=Visibility.PUBLIC
    )
    data = PassportData(
        name=registration.name, nationality="KE", number="AB12345", born_on=NOON.date(), consulate="Geneva"
    )
    passports.keep(registration, data, by=None, at=now())
    wanted = Person(given_name="Ana", family_name="Sow", email="new@example.org")
    corrections.correct(registration, wanted, by=manager_of(event), at=now())
    assert letters_to("old@example.org") == ["moved"]
    moved = db.session.scalars(select(Message).where(Message.template == "registration/moved")).one()
    assert "new@example.org" not in str(moved.context)
    assert registration.visibility is Visibility.NO
    assert db.session.scalars(select(Passport)).all() == []


def test_the_persons_own_new_address_keeps_what_they_entered():
    registration = RegistrationFactory(
        category=an_event().categories[0], email="old@example.org", visibility=Visibility.PUBLIC
    )
    data = PassportData(
        name=registration.name, nationality="KE", number="AB12345", born_on=NOON.date(), consulate="Geneva"
    )
    passports.keep(registration, data, by=None, at=now())
    corrections.correct(registration, Person(given_name="Ana", email="new@example.org"), by=None, at=now())
    corrections.confirm_address(new_address_key(), at=now())
    assert registration.visibility is Visibility.PUBLIC
    assert len(db.session.scalars(select(Passport)).all()) == 1


def test_a_name_that_others_correct_is_on_no_list_and_the_person_is_told():
    event = an_event()
    registration = RegistrationFactory(
        category=event.categories[0], email="ana@example.org", visibility=Visibility.PUBLIC
    )
    other = Person(given_name="Ben", family_name="Other", email="ana@example.org")
    corrections.correct(registration, other, by=manager_of(event), at=now())
    assert registration.visibility is Visibility.NO
    assert letters_to("ana@example.org") == ["corrected"]


def test_an_official_status_that_was_confirmed_for_a_person_is_not_another_names():
    event = an_event()
    registration = alone(event)
    deciding.confirm_official(registration, by=SecretariatFactory(), at=NOON)
    assert not registration.is_official_open
    corrections.correct(registration, Person(given_name="Somebody", email="ana@example.org"), by=None, at=now())
    assert registration.is_official_open, "the secretariat looks at the new name"
    assert registration.stakeholder is StakeholderCategory.MEMBER_STATE


def test_a_personal_link_does_not_tell_whom_the_organisation_has_registered():
    event, organisation = an_event(), OrganisationFactory()
    register(event, "defender@example.org", organisation=organisation)
    mine = register(event, "spy@example.org", organisation=organisation)
    for address in ("defender@example.org", "nobody@example.org"):
        corrections.correct(mine, Person(given_name="Spy", email=address), by=None, at=now())
        assert mine.new_email == address, "saved the same way for both"
    assert letters_to("defender@example.org") == ["confirmed"], "nobody is asked whether it is theirs"


def test_who_objected_is_registered_by_no_manager_and_at_no_door():
    event = an_event()
    manager = manager_of(event)
    erasure.object_to(register(event, "ben@example.org"), at=now())
    other = register(event, "other@example.org")
    for way in (
        lambda: people.substitute(other, BEN, by=manager, at=now()),
        lambda: corrections.correct(other, BEN, by=manager, at=now()),
        lambda: registering.register_walk_in(event, entry(event, "ben@example.org"), by=manager, at=now()),
    ):
        with pytest.raises(NotToBeRegistered):
            way()
    assert other.email == "other@example.org"
    assert register(event, "ben@example.org").email == "ben@example.org", "they may register themselves"


def test_whoever_comes_themself_in_an_asked_persons_place_gets_it_at_once():
    event, point = an_event(capacity=1), FocalPointFactory()
    asked = registering.register(
        event, entry(event, "ana@example.org", organisation=point.organisation), by=point.user, at=now()
    )
    assert asked.is_asked
    own = Person(given_name="Point", email=point.user.email)
    registration = people.substitute(asked, own, by=point.user, at=now())
    assert (registration.status, registration.email) == (S.CONFIRMED, point.user.email)
    assert (asked.status, asked.email) == (S.WITHDRAWN, ""), "who never agreed leaves nothing"
    assert places.queries.places_left(event.categories[0], registration.modality) == 0


def test_a_question_about_a_place_that_goes_to_somebody_else_keeps_the_place():
    event, point = an_event(capacity=1), FocalPointFactory()
    place = register(event, "ana@example.org", organisation=point.organisation)
    asked = people.substitute(place, BEN, by=point.user, at=now())
    own = Person(given_name="Point", email=point.user.email)
    registration = people.substitute(asked, own, by=point.user, at=now())
    assert registration.id == place.id
    assert (registration.status, registration.email) == (S.CONFIRMED, point.user.email)


@pytest.mark.parametrize("way", ["declined", "cancelled"])
def test_who_never_agreed_leaves_nothing_whoever_ends_it(client, way):
    event, point = an_event(), FocalPointFactory()
    asked = registering.register(
        event, entry(event, "ana@example.org", organisation=point.organisation), by=point.user, at=now()
    )
    key = asked.access_key
    db.session.commit()
    if way == "declined":
        answer = client.post(f"/registrations/{key}/withdraw", follow_redirects=True)
        assert "You have declined. What was entered about you is erased." in answer.text
        db.session.refresh(asked)
    else:
        deciding.cancel(asked, message="Not this time.", by=manager_of(event), at=now())
    assert (asked.name, asked.email) == ("–", "")
    assert letters_to("ana@example.org") == []


def test_erasing_takes_the_name_out_of_what_was_opened(as_):
    event = an_event()
    ana = UserFactory(email="ana@example.org", name="Ana Sow")
    registration = registering.register(event, entry(event, "ana@example.org"), by=ana, at=now())
    db.session.commit()
    client = as_(ana)
    path = f"/events/{event.slug}/registrations/{registration.ref}"
    assert client.get(f"{path}/badge.pdf").status_code == 200
    client.post(f"{path}/erase")
    db.session.expire_all()
    rows = db.session.scalars(select(AuditEntry).where(AuditEntry.scope == event.scope)).all()
    assert {row.action for row in rows} >= {"registration.made", "file.downloaded", "registration.erased"}
    assert not [row.action for row in rows if "Ana" in row.actor_name + row.detail]


def test_no_word_of_whoever_registers_stands_in_the_question():
    event, point = an_event(), FocalPointFactory(user__name="You have been paid, see evil.example")
    person = entry(event, "ana@example.org", organisation=point.organisation, given_name="You have won")
    registering.register(event, person, by=point.user, at=now())
    question = db.session.scalars(select(Message).where(Message.template == "registration/asked")).one()
    from consult.outbox.delivery import compose

    text = str(compose(question))
    assert "You have" not in text
    assert point.organisation.name not in text


def test_two_people_of_an_organisation_cannot_have_one_address():
    event, point = an_event(), FocalPointFactory()
    register(event, "defender@example.org", organisation=point.organisation)
    mine = register(event, "spy@example.org", organisation=point.organisation)
    with pytest.raises(AlreadyRegistered):
        corrections.correct(mine, Person(given_name="Spy", email="defender@example.org"), by=point.user, at=now())


@pytest.mark.parametrize("is_proven", [True, False])
def test_registrations_follow_the_account_to_its_new_address(is_proven):
    first, second, past = an_event(), an_event(), an_event()
    past.last_day = LONG_AGO.date()
    person = UserFactory(email="old@example.org")
    places_ = [register(event, "old@example.org") for event in (first, second, past)]
    register(second, "new@example.org")
    third = an_event()
    asked = registering.register(third, entry(third, "old@example.org"), by=UserFactory(), at=now())
    passports.keep(places_[0], DATA, by=None, at=now())
    key = places_[0].access_key
    if is_proven:
        account_addresses.ask_for_address(person, "new@example.org", at=now())
        links = select(Message.context).where(Message.template.in_(["accounts/address_old", "accounts/address_new"]))
        for context in db.session.scalars(links).all():
            account_addresses.confirm_address(context["path"].rsplit("/", 1)[1], at=now())
    else:
        account_addresses.move_address(person, "new@example.org", checks="Called back.", by=SecretariatFactory())
    assert [place.email for place in places_] == ["new@example.org", "old@example.org", "old@example.org"]
    assert asked.email == "old@example.org", "nobody who asked learns the new address"
    assert places_[0].access_key != key
    assert "moved" in letters_to("old@example.org")
    assert "confirmed" in letters_to("new@example.org")
    assert len(db.session.scalars(select(Passport)).all()) == int(is_proven), "not to a mailbox that others named"
