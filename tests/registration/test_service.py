"""What registration does, on a real database."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from consult.errors import InvalidEntry, TransitionNotAllowed, WindowClosed
from consult.events.models import ParticipantCategory
from consult.events.service import events
from consult.extensions import db
from consult.outbox.models import Message
from consult.reference.stakeholders import StakeholderCategory
from consult.registration import queries
from consult.registration.models import RegistrationStatus
from consult.registration.service import addresses, people, registering
from consult.words import Modality
from tests.factories import (
    FAR,
    NOON,
    OrganisationFactory,
    RegistrationFactory,
    SecretariatFactory,
    UserFactory,
    an_application,
    an_event,
)

pytestmark = pytest.mark.usefixtures("session")


def entry(event, email="ana@example.org", **changes):
    organisation = changes.pop("organisation", None) or OrganisationFactory()
    values = {
        "given_name": "Ana", "family_name": "Sow", "email": email, "organisation": organisation,
        "stakeholder": organisation.category, "country": "KE", "category": event.categories[0],
        "modality": Modality.IN_PERSON,
    }  # fmt: skip
    return registering.Entry(**{**values, **changes})


def register(event, email="ana@example.org", at=NOON, **changes):
    """As others register somebody who agrees at once."""
    registration = registering.register(event, entry(event, email, **changes), by=UserFactory(), at=at)
    if registration.is_asked:
        registration = people.answer(registration, by=None, at=at)
        db.session.execute(delete(Message).where(Message.template == "registration/asked"))
    return registration


def test_a_free_place_is_given_and_told_with_badge_and_calendar():
    registration = register(an_event(capacity=1))
    assert registration.status is RegistrationStatus.CONFIRMED
    message = db.session.scalars(select(Message)).one()
    assert (message.to, message.template) == ("ana@example.org", "registration/confirmed")
    assert message.attachments == [
        f"registration/calendar:{registration.ref}",
        f"registration/badge:{registration.ref}",
    ]


def test_a_full_category_puts_people_on_the_waiting_list():
    event = an_event(capacity=1)
    register(event)
    assert register(event, "ben@example.org").status is RegistrationStatus.WAITLISTED


def test_each_modality_has_its_own_places():
    event = an_event(capacity=1)
    register(event)
    online = register(event, "ben@example.org", modality=Modality.ONLINE)
    assert online.status is RegistrationStatus.CONFIRMED


def test_a_withdrawn_place_goes_to_the_first_who_waits_and_is_told():
    event = an_event(capacity=1)
    first, second, third = (register(event, f"{n}@example.org") for n in "abc")
    people.withdraw(first, by=UserFactory(), at=NOON)
    assert [r.status.value for r in (first, second, third)] == ["withdrawn", "confirmed", "waitlisted"]
    told = [(m.to, m.template) for m in db.session.scalars(select(Message).order_by(Message.id))][-2:]
    assert told == [("a@example.org", "registration/withdrawn"), ("b@example.org", "registration/confirmed")]


def test_somebody_who_waits_and_withdraws_frees_no_place():
    event = an_event(capacity=1)
    _first, second, third = (register(event, f"{n}@example.org") for n in "abc")
    people.withdraw(second, by=None, at=NOON)
    assert third.status is RegistrationStatus.WAITLISTED


def test_places_are_counted_with_the_capacity_as_it_is_under_the_lock():
    """Somebody else committed a smaller capacity after this transaction had read the category."""
    event = an_event(capacity=5)
    smaller = update(ParticipantCategory).values(capacity_in_person=1)
    db.session.execute(smaller, execution_options={"synchronize_session": False})
    assert register(event).status is RegistrationStatus.CONFIRMED
    assert register(event, "ben@example.org").status is RegistrationStatus.WAITLISTED


def test_more_places_move_the_waiting_list():
    event = an_event(capacity=1)
    people = [register(event, f"{n}@example.org") for n in "abcd"]
    category = event.categories[0]
    more = events.CategoryEntry(title=category.title, capacity_in_person=3, capacity_online=None)
    events.edit_category(category, more, by=SecretariatFactory())
    assert [r.status.value for r in people] == ["confirmed"] * 3 + ["waitlisted"]


def test_somebody_who_withdrew_may_register_again():
    event = an_event()
    people.withdraw(register(event), by=None, at=NOON)
    assert register(event).status is RegistrationStatus.CONFIRMED


def test_the_same_address_is_registered_once_however_it_is_written():
    event = an_event()
    registration = register(event)
    with pytest.raises(addresses.AlreadyRegistered) as refused:
        register(event, " ANA@example.org ", organisation=registration.organisation)
    assert refused.value.field == "email"
    with pytest.raises(addresses.AlreadyRegistered):
        registering.register(event, entry(event), by=UserFactory(email="ana@example.org"), at=NOON)


@pytest.mark.parametrize("late", [timedelta(0), timedelta(seconds=1)])
def test_nobody_registers_once_the_window_has_closed(late):
    with pytest.raises(WindowClosed):
        register(an_event(), at=FAR + late)


def test_nobody_registers_for_a_draft():
    with pytest.raises(WindowClosed):
        register(an_event(status="draft"))


def test_only_accredited_organisations_register_where_that_is_required():
    event, organisation = an_event(requires_accreditation=True), OrganisationFactory()
    with pytest.raises(InvalidEntry) as refused:
        register(event, organisation=organisation)
    assert refused.value.field == "category"
    an_application(event, organisation=organisation, status="approved")
    assert register(event, organisation=organisation).status is RegistrationStatus.CONFIRMED


def test_accreditation_to_another_event_is_none_here():
    organisation = OrganisationFactory()
    an_application(an_event(), organisation=organisation, status="approved")
    with pytest.raises(InvalidEntry):
        register(an_event(requires_accreditation=True), organisation=organisation)


def test_a_category_is_only_for_its_stakeholders():
    event = an_event(stakeholders=["member-state"])
    with pytest.raises(InvalidEntry):
        register(event)
    state = OrganisationFactory(category=StakeholderCategory.MEMBER_STATE)
    with pytest.raises(InvalidEntry, match="has not confirmed yet"):
        register(event, organisation=state)
    state.category_confirmed_at = NOON
    assert register(event, organisation=state).stakeholder is StakeholderCategory.MEMBER_STATE


def test_a_category_takes_part_on_its_days_only():
    event = an_event()
    category = event.categories[0]
    category.days[:] = [event.days[1]]
    with pytest.raises(InvalidEntry) as refused:
        register(event, days=[event.days[0]])
    assert refused.value.field == "days"
    assert register(event).days == [event.days[1]]


def test_a_modality_that_is_not_offered_is_refused():
    with pytest.raises(InvalidEntry):
        register(an_event(modality="online"))


def test_a_withdrawn_registration_cannot_be_withdrawn_again():
    registration = RegistrationFactory(status=RegistrationStatus.WITHDRAWN)
    with pytest.raises(TransitionNotAllowed):
        people.withdraw(registration, by=UserFactory(), at=NOON)


def test_those_registered_are_told_that_an_event_is_cancelled_and_why():
    event = an_event(capacity=1)
    one, two = register(event, "a@example.org"), register(event, "b@example.org")
    events.cancel(event, reason="The hall is flooded.", by=SecretariatFactory())
    assert {one.status.value, two.status.value} == {"cancelled"}
    told = {
        (m.to, m.context["reason"])
        for m in db.session.scalars(select(Message))
        if m.template == "registration/cancelled"
    }
    assert told == {(one.email, "The hall is flooded."), (two.email, "The hall is flooded.")}


def test_the_position_on_the_waiting_list_is_the_order_of_arrival():
    event = an_event(capacity=1)
    people = [register(event, f"{n}@example.org") for n in "abcd"]
    assert [queries.waiting_position(r) for r in people[1:]] == [1, 2, 3]
