"""Who attends cannot be asked: an address that is free, registered, invited or has objected looks the same."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from consult.audit.models import AuditEntry
from consult.campaigns.models import Invitation
from consult.database import now
from consult.errors import TransitionNotAllowed
from consult.events.queries import event_at
from consult.extensions import db
from consult.organisations.models import OrganisationRole
from consult.organisations.queries import organisation_at
from consult.outbox.models import Message
from consult.registration import queries
from consult.registration.models import Registration, RegistrationStatus
from consult.registration.service import corrections, deciding, erasure, people, registering
from consult.registration.service.addresses import AlreadyRegistered
from consult.registration.service.details import Person
from tests.factories import (
    NOON,
    CampaignFactory,
    FocalPointFactory,
    InvitationFactory,
    RegistrationFactory,
    UserFactory,
    an_event,
)
from tests.registration.test_pages import a_sheet, ana
from tests.registration.test_pages import people as rows
from tests.registration.test_service import entry, register

pytestmark = pytest.mark.usefixtures("session")
S = RegistrationStatus
ADDRESSES = ("free", "registered", "waiting", "invited", "objected", "account")


@pytest.fixture
def event(session):
    """An event at which each of the addresses is known in another way."""
    event = an_event()
    RegistrationFactory(category=event.categories[0], email="registered@example.org")
    RegistrationFactory(category=event.categories[0], email="waiting@example.org", status=S.PENDING)
    InvitationFactory(campaign=CampaignFactory(event=event), email="invited@example.org")
    erasure.object_to(register(event, "objected@example.org"), at=NOON)
    UserFactory(email="account@example.org")
    db.session.commit()
    return event


def mails_to(address):
    found = select(Message.template).where(Message.to == address)
    return [template.split("/")[1] for template in db.session.scalars(found.order_by(Message.id))]


def key_of(address):
    found = select(Message).where(Message.to == address, Message.template == "registration/asked")
    return db.session.scalars(found.order_by(Message.id.desc())).first().context["path"].rsplit("/", 1)[1]


def test_a_form_answers_the_same_for_every_address(as_, event):
    point = FocalPointFactory()
    client, path, organisation = as_(point.user), f"/events/{event.slug}/registrations", point.organisation.ref
    seen = {}
    for who in ADDRESSES:
        data = rows(ana(email=f"{who}@example.org", given_name="Ana"), organisation=organisation)
        answer = client.post(f"{path}/new", data=data)
        made = db.session.scalars(select(Registration).order_by(Registration.id.desc())).first()
        page = client.get(answer.location).text.replace(made.ref, "REF").replace(f"{who}@", "who@")
        seen[who] = (answer.status_code, page)
    assert len(set(seen.values())) == 1
    listed = client.get(path).text
    assert listed.count("Waits for the person") == len(ADDRESSES)


def test_a_spreadsheet_answers_the_same_for_every_address(as_, event):
    import io

    point = FocalPointFactory()
    client, path, ref = as_(point.user), f"/events/{event.slug}/registrations", point.user.ref
    lines = [["Ana", f"{who}@example.org", "In person", "", "", ""] for who in ADDRESSES]
    data = {"organisation": point.organisation.ref, "file": (io.BytesIO(a_sheet(*lines)), "people.xlsx")}
    page = client.post(f"{path}/new/spreadsheet", data=data, follow_redirects=True).text
    assert "6 people have been entered." in page
    assert page.count("Waits for the person") == len(ADDRESSES)
    asked = select(AuditEntry).where(AuditEntry.action == "registration.asked", AuditEntry.actor == ref)
    assert len(db.session.scalars(asked).all()) == len(ADDRESSES), "each is in the record"


def test_only_the_person_is_told_what_is_behind_it(event):
    for who in ADDRESSES:
        registering.register(event, entry(event, f"{who}@example.org"), by=UserFactory(), at=NOON)
    assert [mails_to(f"{who}@example.org") for who in ADDRESSES] == [
        ["asked"], ["asked"], ["asked"], ["asked"], [], ["asked"],
    ]  # fmt: skip
    told = {m.to: m.context["is_registered"] for m in db.session.scalars(select(Message)) if "asked" in m.template}
    assert [told.get(f"{who}@example.org") for who in ADDRESSES] == [False, True, True, False, None, False]


def test_the_person_agrees_by_a_button_and_gets_what_there_is(client, session):
    event = an_event(capacity=1)
    first, second = (
        registering.register(event, entry(event, f"{n}@example.org"), by=UserFactory(), at=NOON) for n in "ab"
    )
    numbers = first.id, second.id
    db.session.commit()
    assert queries.places_left(event.categories[0], first.modality) == 1, "who has not agreed holds no place"
    for name in "ba":
        page = client.get(f"/registrations/{key_of(f'{name}@example.org')}").text
        assert "Nothing happens until you agree." in page
    assert db.session.get(Registration, numbers[0]).is_asked, "looking changes nothing"
    for name in "ba":
        client.post(f"/registrations/{key_of(f'{name}@example.org')}/answer")
    statuses = [db.session.get(Registration, number).status for number in numbers]
    assert statuses == [S.WAITLISTED, S.CONFIRMED], "in the order in which they agree"
    assert mails_to("b@example.org") == ["asked", "confirmed"]
    assert client.post(f"/registrations/{key_of('b@example.org')}/answer").status_code != 200


def test_who_is_registered_keeps_that_or_changes(client, event):
    mine = db.session.scalars(select(Registration).where(Registration.email == "registered@example.org")).one()
    asked = registering.register(event, entry(event, mine.email), by=UserFactory(), at=NOON)
    numbers = mine.id, asked.id
    db.session.commit()
    page = client.get(f"/registrations/{key_of('registered@example.org')}").text
    assert mine.organisation_name in page
    client.post(f"/registrations/{key_of('registered@example.org')}/answer")
    assert [db.session.get(Registration, number).status for number in numbers] == [S.WITHDRAWN, S.CONFIRMED]
    event = event_at(event.slug)
    third = registering.register(event, entry(event, "registered@example.org"), by=UserFactory(), at=NOON)
    number = third.id
    db.session.commit()
    client.post(f"/registrations/{key_of('registered@example.org')}/withdraw")
    assert [db.session.get(Registration, each).status for each in (numbers[1], number)] == [S.CONFIRMED, S.WITHDRAWN]


def test_nobody_agrees_for_somebody_else(as_, session):
    event, point = an_event(), FocalPointFactory()
    asked = registering.register(
        event, entry(event, "ana@example.org", organisation=point.organisation), by=point.user, at=NOON
    )
    db.session.commit()
    path = f"/events/{event.slug}/registrations/{asked.ref}"
    client = as_(point.user)
    page = client.get(path).text
    assert "14 days" in page
    assert asked.access_key not in page
    assert client.post(f"{path}/answer").status_code == 403


def test_whoever_belongs_to_the_organisation_has_a_place_at_once():
    event, point = an_event(), FocalPointFactory()
    colleague = FocalPointFactory(organisation=point.organisation, role=OrganisationRole.MEMBER).user
    given = entry(event, colleague.email, organisation=point.organisation)
    assert registering.register(event, given, by=point.user, at=NOON).status is S.CONFIRMED
    later = entry(an_event(), colleague.email, organisation=point.organisation)
    assert registering.register(later.category.event, later, by=point.user, at=NOON).status is S.CONFIRMED
    colleague.confirmed_at = None
    stranger = FocalPointFactory(organisation=point.organisation, user=UserFactory(confirmed_at=None)).user
    unproved = entry(an_event(), stranger.email, organisation=point.organisation)
    assert registering.register(unproved.category.event, unproved, by=point.user, at=NOON).is_asked


def test_the_organisation_is_told_what_it_did_itself():
    event, point = an_event(), FocalPointFactory()
    given = entry(event, "ana@example.org", organisation=point.organisation)
    registering.register(event, given, by=point.user, at=NOON)
    with pytest.raises(AlreadyRegistered, match="Your organisation"):
        registering.register(event, given, by=point.user, at=NOON)


def test_what_nobody_answers_is_given_up_and_erased_alike(event):
    asked = [
        registering.register(event, entry(event, f"{who}@example.org"), by=UserFactory(), at=NOON) for who in ADDRESSES
    ]
    assert people.unanswered_refs(at=NOON + timedelta(days=14) - timedelta(seconds=1)) == []
    late = people.unanswered_refs(at=NOON + timedelta(days=14))
    assert len(late) == len(ADDRESSES)
    for ref in late:
        people.give_up_unanswered(ref, at=NOON + timedelta(days=14))
    assert {(each.status, each.name, each.email) for each in asked} == {(S.WITHDRAWN, "–", "")}
    others = select(Registration.status).where(
        Registration.email.in_(["registered@example.org", "waiting@example.org"])
    )
    assert sorted(db.session.scalars(others)) == ["confirmed", "pending"], "what others had stays"
    assert db.session.scalars(select(Invitation.email)).one() == "invited@example.org"
    with pytest.raises(TransitionNotAllowed):
        people.answer(asked[0], by=None, at=NOON)


def test_a_substitution_answers_the_same_for_every_address(as_, event):
    point = FocalPointFactory()
    organisation = point.organisation.ref
    client, seen = as_(point.user), set()
    for who in ADDRESSES:
        place = RegistrationFactory(
            category=event_at(event.slug).categories[0],
            organisation=organisation_at(organisation),
            family_name="X",
            email=f"old{who}@example.org",
        )
        db.session.commit()
        path, number = f"/events/{event.slug}/registrations/{place.ref}", place.id
        answer = client.post(f"{path}/substitute", data=ana(email=f"{who}@example.org"))
        page = client.get(path).text
        seen.add((answer.status_code, "is asked by mail. Until they agree, nothing changes." in page))
        assert db.session.get(Registration, number).email == f"old{who}@example.org"
    assert seen == {(302, True)}


def test_who_agrees_to_come_in_somebodys_place_takes_it(client, session):
    event, point = an_event(capacity=1), FocalPointFactory()
    place = register(event, "old@example.org", organisation=point.organisation)
    code, number = place.badge_code, place.id
    asked = people.substitute(place, Person(given_name="Ben", email="ben@example.org"), by=point.user, at=NOON)
    assert (asked.is_asked, place.email) == (True, "old@example.org")
    db.session.commit()
    key = key_of("ben@example.org")
    assert "Ben" in client.post(f"/registrations/{key}/answer", follow_redirects=True).text
    place = db.session.get(Registration, number)
    assert (place.email, place.name, place.status) == ("ben@example.org", "Ben", S.CONFIRMED)
    assert place.badge_code != code
    assert "substituted" in mails_to("old@example.org")
    assert mails_to("ben@example.org") == ["asked", "confirmed"]
    assert len(db.session.scalars(select(Registration)).all()) == 1


def test_a_corrected_address_answers_the_same_for_every_address(as_, client, event):
    point = FocalPointFactory()
    organisation = point.organisation.ref
    focal, seen = as_(point.user), set()
    for who in ADDRESSES:
        place = RegistrationFactory(
            category=event_at(event.slug).categories[0],
            organisation=organisation_at(organisation),
            email=f"old{who}@example.org",
        )
        db.session.commit()
        ref, slug = place.ref, event.slug
        path = f"/events/{slug}/registrations/{ref}"
        for here, paths in ((focal, path), (client, f"/registrations/{place.access_key}")):
            answer = here.post(f"{paths}/correct", data=ana(email=f"{who}@example.org"))
            page = here.get(paths).text
            seen.add((answer.status_code, "We wrote to the new address" in page))
        assert (
            db.session.scalar(select(Registration.email).where(Registration.ref == place.ref)) != f"{who}@example.org"
        )
    assert seen == {(302, True)}
    assert mails_to("registered@example.org") == []
    assert mails_to("free@example.org")[0] == "new_address"


def test_a_new_address_is_confirmed_by_a_button_at_its_mailbox(client, session):
    place = register(an_event(), "old@example.org")
    corrections.correct(place, Person(given_name="Ana", email="new@example.org"), by=None, at=now())
    former, number = place.access_key, place.id
    db.session.commit()
    message = db.session.scalars(select(Message).where(Message.template == "registration/new_address")).one()
    path = message.context["path"]
    assert "new@example.org" in client.get(path).text
    assert db.session.get(Registration, number).email == "old@example.org", "looking changes nothing"
    client.post(path)
    moved = db.session.get(Registration, number)
    assert (moved.email, moved.new_email) == ("new@example.org", "")
    assert client.get(f"/registrations/{former}").status_code == 404
    assert client.get(path).status_code == 404


def test_an_invitation_registers_the_address_it_was_sent_to(client, event):
    invitation = db.session.scalars(select(Invitation)).one()
    invitation.status = "sent"
    key = invitation.key
    db.session.commit()
    form = ana(email="registered@example.org", stakeholder="media", country="KE", visibility="no")
    assert client.post(f"/invitations/{key}/accept", data=form).status_code == 302
    made = db.session.scalars(select(Registration).order_by(Registration.id.desc())).first()
    assert made.email == "invited@example.org"


def test_whoever_never_agreed_is_not_written_to_and_leaves_nothing_when_others_give_it_up(event):
    point = FocalPointFactory()
    given = entry(event, "ana@example.org", organisation=point.organisation)
    asked = registering.register(event, given, by=point.user, at=NOON)
    people.withdraw(asked, by=point.user, at=NOON)
    assert (asked.status, asked.name, asked.email) == (S.WITHDRAWN, "–", "")
    to_ana = select(Message.template).where(Message.to == "ana@example.org")
    assert "registration/withdrawn" not in db.session.scalars(to_ana).all()
    again = registering.register(event, given, by=point.user, at=NOON)
    deciding.cancel_all(event, reason="Off.", at=NOON)
    assert again.status is S.CANCELLED
    assert db.session.scalars(to_ana).all() == [], "not even the question stays"
