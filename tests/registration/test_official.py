"""Official status is the secretariat's to confirm: nobody has a place by saying that they are a State."""

import pytest
from sqlalchemy import select

from consult.campaigns import service as campaigns
from consult.errors import InvalidEntry, TransitionNotAllowed
from consult.events.models import Selection, TeamRole
from consult.extensions import db
from consult.organisations.queries import organisation_at
from consult.organisations.service import profiles
from consult.outbox.models import Message
from consult.reference.stakeholders import OFFICIAL, StakeholderCategory
from consult.registration import exports
from consult.registration.models import Registration, RegistrationStatus
from consult.registration.service import deciding, people, registering
from consult.registration.service.details import Person
from consult.words import Modality
from tests.factories import (
    NOON,
    CampaignFactory,
    InvitationFactory,
    OrganisationFactory,
    SecretariatFactory,
    TeamMemberFactory,
    UserFactory,
    an_event,
)
from tests.registration.test_service import entry, register

pytestmark = pytest.mark.usefixtures("session")
S = RegistrationStatus
STATE = StakeholderCategory.MEMBER_STATE


def alone(event, email="ana@example.org", **changes):
    """Somebody without an organisation, who says they come for a ministry."""
    event.categories[0].allows_individuals = True
    given = registering.Entry(
        given_name="Ana", email=email, organisation_name="Ministry of Invention", country="KE",
        category=event.categories[0], modality=Modality.IN_PERSON, **{"stakeholder": STATE, **changes},
    )  # fmt: skip
    return registering.register(event, given, by=UserFactory(email=email), at=NOON)


@pytest.mark.parametrize("stakeholder", sorted(OFFICIAL))
def test_a_person_who_says_they_come_for_a_state_waits_until_it_is_confirmed(stakeholder):
    event = an_event()
    registration = alone(event, stakeholder=stakeholder)
    assert (registration.status, registration.is_official_open) == (S.PENDING, True)
    message = db.session.scalars(select(Message)).one()
    assert (message.template, message.context["official"]) == ("registration/pending", True)
    for decide in (
        lambda: deciding.approve(registration, by=SecretariatFactory(), at=NOON),
        lambda: deciding.place_by_hand(registration, reason="x", is_extra=True, by=SecretariatFactory(), at=NOON),
    ):
        with pytest.raises(TransitionNotAllowed, match="Confirm the official status first"):
            decide()
    assert "(not confirmed)" in "".join(exports.as_csv([registration]))
    deciding.confirm_official(registration, by=SecretariatFactory(), at=NOON)
    assert (registration.status, registration.is_official_open) == (S.CONFIRMED, False)
    with pytest.raises(TransitionNotAllowed):
        deciding.confirm_official(registration, by=SecretariatFactory(), at=NOON)


def test_other_stakeholders_have_their_place_at_once():
    assert alone(an_event(), stakeholder=StakeholderCategory.MEDIA).status is S.CONFIRMED


def test_an_invitee_does_not_become_a_state_by_saying_so():
    event, known = an_event(), OrganisationFactory()
    invitation = InvitationFactory(
        campaign=CampaignFactory(event=event), organisation=known, email="ana@example.org", status="sent"
    )
    given = entry(event, organisation=known, stakeholder=STATE)
    assert campaigns.accept(invitation, given, at=NOON).status is S.PENDING


def test_delegates_of_a_state_that_is_not_confirmed_wait_for_it_and_then_have_their_places():
    event = an_event(capacity=1)
    state = OrganisationFactory(category=STATE)
    first, second = (register(event, f"{name}@example.org", organisation=state) for name in "ab")
    assert [first.status, second.status] == [S.PENDING, S.PENDING]
    profiles.confirm_category(state, by=SecretariatFactory())
    assert [first.status, second.status] == [S.CONFIRMED, S.WAITLISTED]
    third = register(an_event(), "c@example.org", organisation=state)
    assert third.status is S.CONFIRMED
    elsewhere = register(an_event(), "d@example.org", organisation=state, country="FR")
    assert elsewhere.status is S.PENDING, "confirmed for another country"


def test_confirming_the_status_gives_no_place_that_is_to_be_approved_or_is_taken():
    event = an_event()
    event.categories[0].selection = Selection.APPROVAL
    registration = alone(event)
    deciding.confirm_official(registration, by=SecretariatFactory(), at=NOON)
    assert registration.status is S.PENDING
    deciding.approve(registration, by=SecretariatFactory(), at=NOON)
    assert registration.status is S.CONFIRMED
    full = an_event(capacity=1)
    waiting, _other = alone(full, "w@example.org"), register(full, "b@example.org")
    deciding.confirm_official(waiting, by=SecretariatFactory(), at=NOON)
    assert waiting.status is S.WAITLISTED


def test_a_state_that_takes_another_name_is_to_be_confirmed_again():
    state = OrganisationFactory(category=STATE, category_confirmed_at=NOON)
    db.session.commit()
    state = organisation_at(state.ref)
    same = profiles.Entry(name=state.name, category=STATE, country="KE", description="More.")
    profiles.edit(state, same, by=UserFactory())
    assert not state.is_category_open
    for changes in ({"name": "Another State"}, {"country": "FR"}):
        values = {"name": state.name, "category": STATE, "country": state.country, **changes}
        profiles.edit(state, profiles.Entry(**values), by=UserFactory())
        assert state.is_category_open
        state.category_confirmed_at = NOON


def test_the_status_of_one_person_does_not_go_over_to_another():
    event, known = an_event(), OrganisationFactory()
    registration = register(event, organisation=known, stakeholder=STATE)
    deciding.confirm_official(registration, by=SecretariatFactory(), at=NOON)
    with pytest.raises(InvalidEntry, match="for this person only"):
        people.substitute(registration, Person(given_name="B", email="b@example.org"), by=UserFactory(), at=NOON)
    state = OrganisationFactory(category=STATE, category_confirmed_at=NOON)
    delegate = register(event, "c@example.org", organisation=state)
    people.substitute(delegate, Person(given_name="D", email="d@example.org"), by=UserFactory(), at=NOON)
    assert delegate.status is S.CONFIRMED


def test_the_pages_say_that_it_waits_and_a_manager_confirms_it(as_, client):
    event = an_event()
    registration = alone(event)
    manager = TeamMemberFactory(event=event, role=TeamRole.MANAGER).user
    db.session.commit()
    number, key, ref = registration.id, registration.access_key, registration.ref
    assert "Official status is not confirmed yet" in client.get(f"/registrations/{key}").text
    desk, path = as_(manager), f"/workspace/events/{event.slug}/registrations"
    assert "Official status not confirmed" in desk.get(path).text
    page = desk.get(f"{path}/{ref}").text
    assert "Confirm the official status" in page
    assert "Approve…" not in page
    desk.post(f"{path}/{ref}/official-status")
    assert db.session.get(Registration, number).status is S.CONFIRMED
