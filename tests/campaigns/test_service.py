"""Invitations: lists, answers, batches."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from consult.accreditation.models import ApplicationStatus, ServedEvent
from consult.accreditation.queries import process_of
from consult.campaigns import queries, service
from consult.campaigns.models import CampaignStatus, Invitation, InvitationStatus
from consult.errors import InvalidEntry, TransitionNotAllowed
from consult.extensions import db
from consult.outbox.models import Message
from consult.reference.stakeholders import StakeholderCategory
from consult.registration.models import RegistrationStatus
from consult.registration.service import people, registering
from consult.words import Modality
from tests.factories import (
    NOON,
    CampaignFactory,
    FocalPointFactory,
    InvitationFactory,
    OrganisationFactory,
    SecretariatFactory,
    an_application,
    an_event,
)
from worker import campaigns as tasks

pytestmark = pytest.mark.usefixtures("session")

LIST = """Name;E-mail;Organisation
Ana Sow;ana@example.org;Casa
;nameless@example.org;Casa
Ben;not an address;Casa
ANA SOW;ANA@example.org;Other
Chen 👍;chen@example.org;
"""


@pytest.fixture
def campaign(session):
    return CampaignFactory(event=an_event())


def addresses(campaign):
    statement = select(Invitation.email).where(Invitation.campaign_id == campaign.id).order_by(Invitation.id)
    return db.session.scalars(statement).all()


def test_bad_rows_are_told_with_line_and_reason_and_the_good_ones_go(campaign):
    added = service.add_list(campaign, LIST.encode(), by=SecretariatFactory())
    assert [(row.line, row.reason) for row in added.bad] == [
        (3, "The name is missing."),
        (4, "“not an address” is not an e-mail address."),
    ]
    assert (added.new, added.known) == (2, 1)
    assert addresses(campaign) == ["ana@example.org", "chen@example.org"]


def test_an_address_in_another_spelling_is_the_same_person(campaign):
    rows = "name,email\nAna,ana@bücher.example\nAna,ANA@xn--bcher-kva.example\n"
    added = service.add_list(campaign, rows.encode(), by=SecretariatFactory())
    assert (added.new, added.known) == (1, 1)
    assert addresses(campaign) == ["ana@xn--bcher-kva.example"]


def accept_first(campaign, **changes):
    """The first of the list accepts."""
    service.add_list(campaign, LIST.encode(), by=SecretariatFactory())
    invitation = db.session.scalars(select(Invitation).order_by(Invitation.id)).first()
    invitation.status = InvitationStatus.SENT
    db.session.flush()
    invitation = queries.invitation_by_key(invitation.key)
    return service.accept(invitation, replace(entry(campaign.event), **changes), at=NOON)


def test_a_profile_with_the_name_of_a_row_gets_nobody_by_it(campaign):
    point = FocalPointFactory(organisation=OrganisationFactory(name="CÁSA"))
    registration = accept_first(campaign, organisation=point.organisation, organisation_name="Casa")
    assert (registration.organisation, registration.organisation_name) == (None, "Casa")


def test_who_belongs_to_the_organisation_of_a_row_comes_for_it(campaign):
    member = FocalPointFactory(organisation=OrganisationFactory(name="CÁSA"), user__email="ana@example.org")
    FocalPointFactory(organisation=OrganisationFactory(name="Elsewhere"), user=member.user)
    assert accept_first(campaign).organisation is member.organisation


def test_an_address_that_nobody_confirmed_belongs_to_no_organisation(campaign):
    FocalPointFactory(
        organisation=OrganisationFactory(name="Casa"), user__email="ana@example.org", user__confirmed_at=None
    )
    assert accept_first(campaign).organisation is None


def test_the_name_of_a_confirmed_state_makes_nobody_its_delegate(campaign):
    state = {"stakeholder": StakeholderCategory.MEMBER_STATE, "country": "KE"}
    ministry = OrganisationFactory(name="Casa", category=state["stakeholder"], country="KE", category_confirmed_at=NOON)
    registration = accept_first(campaign, **state, organisation=ministry)
    assert registration.status is RegistrationStatus.PENDING
    assert registration.official_confirmed_at is None


def test_the_same_person_in_two_lists_gets_one_mail(campaign):
    point = FocalPointFactory(user__email="ana@example.org")
    FocalPointFactory(user=point.user, organisation=OrganisationFactory())
    an_application(campaign.event, organisation=point.organisation, status=ApplicationStatus.APPROVED)
    by = SecretariatFactory()
    assert service.add_focal_points(campaign, by=by).new == 1
    assert service.add_list(campaign, LIST.encode(), by=by).new == 1
    other = CampaignFactory(event=campaign.event)
    assert service.add_list(other, LIST.encode(), by=by).new == 0
    service.launch(campaign, by=by, at=NOON)
    tasks.invite.run()
    mailed = db.session.scalars(select(Message.to).order_by(Message.id)).all()
    assert mailed == ["ana@example.org", "chen@example.org"]


def test_focal_points_of_organisations_that_are_not_accredited_are_not_invited(campaign):
    point = FocalPointFactory()
    an_application(campaign.event, organisation=point.organisation, status=ApplicationStatus.REJECTED)
    assert service.add_focal_points(campaign, by=SecretariatFactory()).new == 0


def test_who_is_accredited_by_a_process_that_serves_the_event_is_invited(campaign):
    point, hearing = FocalPointFactory(), an_event()
    process = process_of(hearing)  # held here: what nobody holds may be gone before it is written
    process.served.append(ServedEvent(event=campaign.event))
    an_application(hearing, organisation=point.organisation, status=ApplicationStatus.APPROVED)
    assert service.add_focal_points(campaign, by=SecretariatFactory()).new == 1


def test_everybody_is_written_to_once_in_batches(campaign, monkeypatch):
    InvitationFactory.create_batch(5, campaign=campaign)
    service.launch(campaign, by=SecretariatFactory(), at=NOON)
    db.session.commit()
    monkeypatch.setattr(tasks, "BATCH", 2)
    tasks.invite.run()
    tasks.invite.run()
    assert db.session.scalars(select(func.count()).select_from(Message)).one() == 5
    assert campaign.status is CampaignStatus.SENT
    assert queries.progress(campaign).written == 5


def test_an_empty_campaign_is_not_sent(campaign):
    with pytest.raises(InvalidEntry):
        service.launch(campaign, by=SecretariatFactory(), at=NOON)


def test_a_campaign_is_sent_once(campaign):
    InvitationFactory(campaign=campaign)
    by = SecretariatFactory()
    service.launch(campaign, by=by, at=NOON)
    with pytest.raises(TransitionNotAllowed):
        service.launch(campaign, by=by, at=NOON)
    with pytest.raises(TransitionNotAllowed):
        service.add_list(campaign, LIST.encode(), by=by)


def entry(event, email="guest@example.org"):
    return registering.Entry(
        given_name="Ana", email=email, stakeholder=StakeholderCategory.ACADEMIA, country="KE",
        category=event.categories[0], modality=Modality.ONLINE,
    )  # fmt: skip


def test_accepting_registers_and_the_invitation_remembers_it(campaign):
    invitation = InvitationFactory(campaign=campaign, status=InvitationStatus.SENT)
    made = service.accept(invitation, entry(campaign.event), at=NOON)
    assert (invitation.status, invitation.registration) == (InvitationStatus.ACCEPTED, made)
    with pytest.raises(TransitionNotAllowed):
        service.accept(invitation, entry(campaign.event, "again@example.org"), at=NOON)
    with pytest.raises(TransitionNotAllowed):
        service.decline(invitation, at=NOON)


def test_who_declined_may_still_accept(campaign):
    invitation = InvitationFactory(campaign=campaign, status=InvitationStatus.SENT)
    service.decline(invitation, at=NOON)
    service.accept(invitation, entry(campaign.event), at=NOON)
    assert invitation.status is InvitationStatus.ACCEPTED


def test_who_withdrew_may_accept_again(campaign):
    invitation = InvitationFactory(campaign=campaign, status=InvitationStatus.SENT)
    made = service.accept(invitation, entry(campaign.event), at=NOON)
    people.withdraw(made, by=None, at=NOON)
    assert service.accept(invitation, entry(campaign.event), at=NOON) is not made
