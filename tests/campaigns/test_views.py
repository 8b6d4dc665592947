"""Pages of invitations, through the client."""

import io

import pytest
from sqlalchemy import select

from consult.campaigns import service
from consult.campaigns.models import Campaign, CampaignStatus, Invitation
from consult.extensions import db
from consult.registration.models import Registration
from consult.registration.service import people
from consult.registration.service.registering import Person
from tests.campaigns.test_service import entry
from tests.factories import (
    NOON,
    CampaignFactory,
    FocalPointFactory,
    InvitationFactory,
    OrganisationFactory,
    SecretariatFactory,
    an_event,
)


@pytest.fixture
def campaign(session):
    return CampaignFactory(event=an_event())


def test_a_list_with_a_bad_row_shows_its_line_and_adds_the_others(as_, campaign):
    path = f"/workspace/events/{campaign.event.slug}/invitations/{campaign.ref}/list"
    content = "name\temail\nAna\tana@example.org\n\tnobody\n".encode("utf-16")
    page = as_(SecretariatFactory()).post(path, data={"people": (io.BytesIO(content), "list.csv")})
    assert "Line 3: The name is missing." in page.text
    assert db.session.scalars(select(Invitation.email)).all() == ["ana@example.org"]


def test_a_file_that_is_no_list_is_refused_beside_the_field(as_, campaign):
    path = f"/workspace/events/{campaign.event.slug}/invitations/{campaign.ref}/list"
    response = as_(SecretariatFactory()).post(path, data={"people": (io.BytesIO(b"\x89PNG\x00\x00"), "list.csv")})
    assert response.status_code == 422
    assert "This is not a CSV file" in response.text


def test_the_personal_link_opens_a_registration_that_is_filled_in(client, campaign):
    organisation = OrganisationFactory(name="Casa do Migrante", country="BR")
    invitation = InvitationFactory(campaign=campaign, name="Ana Sow", status="sent", organisation=organisation)
    FocalPointFactory(organisation=organisation, user__email=invitation.email)
    db.session.commit()
    category = campaign.event.categories[0].ref
    page = client.get(f"/invitations/{invitation.key}/accept").text
    for value in ("Ana", "Sow", invitation.email, "Casa do Migrante"):
        assert f'value="{value}"' in page
    assert '<option selected value="BR">' in page
    form = {
        "given_name": "Ana", "family_name": "Sow", "email": invitation.email, "organisation_name": "Casa do Migrante",
        "stakeholder": "civil-society", "country": "BR", "gender": "woman", "category": category, "modality": "online",
    }  # fmt: skip
    response = client.post(f"/invitations/{invitation.key}/accept", data=form)
    made = db.session.scalars(select(Registration)).one()
    assert response.location == f"/registrations/{made.access_key}"
    page = client.get(response.location).text
    assert "https://meet.example/secret" in page
    assert "See your registration" in client.get(f"/invitations/{invitation.key}").text


def test_the_link_to_join_is_on_no_public_page(client, campaign):
    for path in ("", "/agenda", "/inputs", "/registrations", "/agenda.ics"):
        assert "meet.example/secret" not in client.get(f"/events/{campaign.event.slug}{path}").text


def test_declining_is_said_on_the_page(client, campaign):
    invitation = InvitationFactory(campaign=campaign, status="sent")
    db.session.commit()
    assert client.post(f"/invitations/{invitation.key}/decline").location == f"/invitations/{invitation.key}"
    page = client.get(f"/invitations/{invitation.key}").text
    assert "Declined" in page
    assert "Accept and register" in page


def test_a_mistyped_link_says_what_to_do(client, session):
    response = client.get("/invitations/mistyped")
    assert response.status_code == 404
    assert "Copy it whole from the mail" in response.text


def test_a_campaign_is_not_found_under_another_event(as_, campaign):
    other = an_event()
    path = f"/workspace/events/{other.slug}/invitations/{campaign.ref}"
    assert as_(SecretariatFactory()).get(path).status_code == 404


def test_what_was_looked_at_is_what_is_sent(as_, campaign):
    InvitationFactory(campaign=campaign)
    db.session.commit()
    desk, path = as_(SecretariatFactory()), f"/workspace/events/{campaign.event.slug}/invitations/{campaign.ref}"
    number = campaign.id

    def send(page):
        """Send with the seal of this page; whether it went."""
        seal = page.split('name="preview" value="')[1].split('"')[0]
        answer = desk.post(f"{path}/send", data={"preview": seal})
        assert answer.status_code == 302 or "not what you were shown before" in answer.text
        return db.session.get(Campaign, number).status is CampaignStatus.SENDING

    page = desk.get(path).text
    desk.post(f"{path}/edit", data={"subject": "Other", "message": "Words."})
    assert not send(page), "the words are others"
    page = desk.get(path).text
    desk.post(f"{path}/list", data={"people": (io.BytesIO(b"name,email\nAna,ana@example.org"), "list.csv")})
    assert not send(page), "somebody was added"
    assert send(desk.get(path).text)


def test_the_link_opens_nothing_of_who_came_after_the_invited_person(client, campaign):
    invitation = InvitationFactory(campaign=campaign, status="sent")
    registration = service.accept(invitation, entry(campaign.event), at=NOON)
    manager = SecretariatFactory()
    people.substitute(registration, Person(given_name="Ben", email="new@example.org"), by=manager, at=NOON)
    db.session.commit()
    page = client.get(f"/invitations/{invitation.key}").text
    assert registration.access_key not in page
    assert "Accept and register" in page
    assert client.post(f"/invitations/{invitation.key}/decline").status_code == 302
    assert registration.is_confirmed, "declining is about the invitation only"


def test_the_link_does_not_follow_the_registration_to_another_address(client, campaign):
    invitation = InvitationFactory(campaign=campaign, status="sent")
    registration = service.accept(invitation, entry(campaign.event), at=NOON)
    registration.email = "moved@example.org"
    db.session.commit()
    assert registration.access_key not in client.get(f"/invitations/{invitation.key}").text
