"""Approval, offers, quotas, sessions, placing by hand."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from consult.agenda import service as agenda
from consult.audit.models import AuditEntry
from consult.errors import InvalidEntry, TransitionNotAllowed
from consult.events.models import Selection
from consult.events.service import events
from consult.extensions import db
from consult.outbox.delivery import text_of
from consult.outbox.models import Message
from consult.registration import queries
from consult.registration.models import PlaceStatus, RegistrationStatus
from consult.registration.service import deciding, people, places
from consult.words import Modality
from tests.factories import NOON, OrganisationFactory, SecretariatFactory, SessionFactory, UserFactory, an_event
from tests.registration.test_service import register

pytestmark = pytest.mark.usefixtures("session")
S = RegistrationStatus
HOUR = timedelta(hours=1)


def an_offering_event(capacity=1, hours=48):
    event = an_event(capacity=capacity)
    event.offer_hours = hours
    return event


def an_approving_event(**changes):
    event = an_event(**changes)
    event.categories[0].selection = Selection.APPROVAL
    return event


def last_mail(registration):
    statement = select(Message).where(Message.about == f"registration:{registration.ref}").order_by(Message.id.desc())
    message = db.session.scalars(statement).first()
    return message.template.removeprefix("registration/"), text_of(message.template, message.context, "en")[1]


def test_a_freed_place_is_offered_in_order_until_a_time():
    event = an_offering_event()
    first, second, third = (register(event, f"{n}@example.org") for n in "abc")
    people.withdraw(first, by=None, at=NOON)
    assert [each.status for each in (second, third)] == [S.OFFERED, S.WAITLISTED]
    assert second.offered_until == NOON + timedelta(hours=48)
    kind, text = last_mail(second)
    assert kind == "offered"
    assert "22 November 2026, 13:00 Zurich time" in text
    assert register(event, "late@example.org").status is S.WAITLISTED, "an offered place is nobody else's"
    people.accept_offer(second, by=None, at=NOON + HOUR)
    assert (second.status, second.offered_until) == (S.CONFIRMED, None)


def test_an_offer_that_nobody_takes_goes_to_the_next():
    event = an_offering_event(hours=2)
    first, second, third = (register(event, f"{n}@example.org") for n in "abc")
    people.withdraw(first, by=None, at=NOON)
    assert places.expire_offers(at=NOON + HOUR) == 0
    assert places.expire_offers(at=NOON + 2 * HOUR) == 1
    assert [each.status for each in (second, third)] == [S.WITHDRAWN, S.OFFERED]
    assert last_mail(second)[0] == "expired"
    with pytest.raises(TransitionNotAllowed):
        people.accept_offer(second, by=None, at=NOON + 3 * HOUR)


def test_an_offer_is_not_taken_after_its_time_even_before_the_sweep():
    event = an_offering_event(hours=2)
    first, second = (register(event, f"{n}@example.org") for n in "ab")
    people.withdraw(first, by=None, at=NOON)
    with pytest.raises(TransitionNotAllowed, match="has ended"):
        people.accept_offer(second, by=None, at=NOON + 2 * HOUR)


def test_just_before_the_event_a_place_is_given_without_asking():
    event = an_offering_event()
    first, second = (register(event, f"{n}@example.org") for n in "ab")
    begins = event.days[0].instants(event)[0]
    people.withdraw(first, by=None, at=begins + HOUR)
    assert second.status is S.CONFIRMED


def test_an_offer_that_is_declined_goes_on_at_once():
    event = an_offering_event()
    first, second, third = (register(event, f"{n}@example.org") for n in "abc")
    people.withdraw(first, by=None, at=NOON)
    people.withdraw(second, by=None, at=NOON)
    assert third.status is S.OFFERED


def test_in_a_category_with_approval_everybody_waits_for_it():
    event = an_approving_event(capacity=1)
    one, two = register(event, "a@example.org"), register(event, "b@example.org")
    assert {one.status, two.status} == {S.PENDING}
    by = SecretariatFactory()
    deciding.approve(one, by=by, at=NOON)
    deciding.approve(two, by=by, at=NOON)
    assert (one.status, two.status) == (S.CONFIRMED, S.WAITLISTED)
    with pytest.raises(TransitionNotAllowed):
        deciding.approve(one, by=by, at=NOON)


def test_an_approval_for_some_days_and_sessions_says_so():
    event = an_approving_event()
    forum = SessionFactory(event=event, day=event.days[0], title="Forum", capacity_in_person=5)
    lab = SessionFactory(event=event, day=event.days[0], title="Lab", capacity_in_person=5)
    registration = register(event, sessions=[forum, lab])
    deciding.approve(registration, days=[event.days[0]], sessions=[lab], by=SecretariatFactory(), at=NOON)
    assert registration.days == [event.days[0]]
    assert registration.days_declined == ["2027-03-18"]
    assert {place.session.title: place.status for place in registration.sessions} == {
        "Forum": PlaceStatus.DECLINED, "Lab": PlaceStatus.CONFIRMED,
    }  # fmt: skip
    text = last_mail(registration)[1]
    for said in (
        "for these days only: 17 March 2027",
        "could not get: 18 March 2027",
        "no place in these sessions: Forum",
    ):
        assert said in text
    with pytest.raises(InvalidEntry):
        deciding.approve(register(event, "b@example.org"), days=[], by=SecretariatFactory(), at=NOON)


def test_a_person_is_turned_down_with_words_and_may_be_placed_later():
    event, by = an_approving_event(), SecretariatFactory()
    registration = register(event)
    with pytest.raises(InvalidEntry):
        deciding.decline(registration, message=" ", by=by, at=NOON)
    deciding.decline(registration, message="The room is too small.", by=by, at=NOON)
    assert last_mail(registration)[0] == "declined"
    assert "The room is too small." in last_mail(registration)[1]
    deciding.place_by_hand(registration, reason="A speaker asked for her.", is_extra=False, by=by, at=NOON)
    assert registration.status is S.CONFIRMED
    assert "The room is too small." not in last_mail(registration)[1]
    detail = select(AuditEntry.detail).where(AuditEntry.action == "registration.placed")
    assert db.session.scalars(detail).one() == "A speaker asked for her."


def test_placing_by_hand_never_gives_more_places_than_there_are():
    event, by = an_event(capacity=1), SecretariatFactory()
    register(event, "a@example.org")
    waiting = register(event, "b@example.org")
    with pytest.raises(InvalidEntry, match="one place more"):
        deciding.place_by_hand(waiting, reason="Minister", is_extra=False, by=by, at=NOON)
    deciding.place_by_hand(waiting, reason="Minister", is_extra=True, by=by, at=NOON)
    category = event.categories[0]
    assert (waiting.status, category.capacity_in_person) == (S.CONFIRMED, 2)
    assert queries.taken(category, Modality.IN_PERSON) == 2


def test_a_cancelled_place_goes_to_who_waits_and_is_told_with_words():
    event = an_event(capacity=1)
    first, second = register(event, "a@example.org"), register(event, "b@example.org")
    deciding.cancel(first, message="You asked us to.", by=SecretariatFactory(), at=NOON)
    assert (first.status, second.status) == (S.CANCELLED, S.CONFIRMED)
    assert last_mail(first)[0] == "taken_back"


def test_an_organisation_has_its_quota_in_each_category():
    event, organisation = an_event(), OrganisationFactory()
    event.categories[0].quota = 2
    first = register(event, "a@example.org", organisation=organisation)
    register(event, "b@example.org", organisation=organisation)
    with pytest.raises(InvalidEntry, match="2 people"):
        register(event, "c@example.org", organisation=organisation)
    register(event, "d@example.org")
    people.withdraw(first, by=None, at=NOON)
    assert register(event, "c@example.org", organisation=organisation).status is S.CONFIRMED


def test_there_are_never_fewer_places_than_are_given():
    event = an_event(capacity=3)
    for name in "ab":
        register(event, f"{name}@example.org")
    category = event.categories[0]
    fewer = events.CategoryEntry(title=category.title, capacity_in_person=1)
    with pytest.raises(InvalidEntry, match="2 places are given") as refused:
        events.edit_category(category, fewer, by=SecretariatFactory())
    assert refused.value.field == "capacity_in_person"


def test_a_session_has_its_own_places_and_waiting_list():
    event = an_event()
    lab = SessionFactory(event=event, title="Lab", capacity_in_person=1)
    first, second, third = (register(event, f"{n}@example.org", sessions=[lab]) for n in "abc")
    assert [each.sessions[0].status.value for each in (first, second, third)] == [
        "confirmed",
        "waitlisted",
        "waitlisted",
    ]
    people.withdraw(first, by=None, at=NOON)
    assert [each.sessions[0].status.value for each in (second, third)] == ["confirmed", "waitlisted"]
    assert last_mail(second)[0] == "session"
    more = agenda.Entry(title="Lab", kind=lab.kind, day=lab.day, starts=lab.starts, ends=lab.ends, capacity_in_person=2)
    agenda.edit_session(lab, more, by=SecretariatFactory())
    assert third.sessions[0].status is PlaceStatus.CONFIRMED
    with pytest.raises(InvalidEntry, match="2 places are given"):
        agenda.edit_session(lab, agenda.Entry(**{**vars(more), "capacity_in_person": 1}), by=SecretariatFactory())


def test_a_session_that_was_chosen_is_not_taken_off_the_agenda():
    event = an_event()
    lab = SessionFactory(event=event, capacity_in_person=1)
    register(event, sessions=[lab])
    with pytest.raises(InvalidEntry):
        agenda.remove_session(lab, by=SecretariatFactory())


def test_a_session_of_another_event_or_day_is_refused():
    event = an_event()
    foreign = SessionFactory(event=an_event(), capacity_in_person=1)
    second_day = SessionFactory(event=event, day=event.days[1], capacity_in_person=1)
    for session, days in ((foreign, []), (second_day, [event.days[0]])):
        with pytest.raises(InvalidEntry) as refused:
            register(event, sessions=[session], days=days)
        assert refused.value.field == "sessions"


def test_the_way_of_taking_part_changes_where_there_is_room():
    event = an_event(capacity=1)
    event.categories[0].capacity_online = 1
    hall, waiting = register(event, "a@example.org"), register(event, "b@example.org")
    online = register(event, "c@example.org", modality=Modality.ONLINE)
    with pytest.raises(InvalidEntry):
        people.change_modality(online, Modality.IN_PERSON, by=UserFactory(), at=NOON)
    people.withdraw(online, by=None, at=NOON)
    people.change_modality(hall, Modality.ONLINE, by=UserFactory(), at=NOON)
    assert (hall.modality, waiting.status) == (Modality.ONLINE, S.CONFIRMED)
    with pytest.raises(TransitionNotAllowed):
        people.change_modality(hall, Modality.ONLINE, by=UserFactory(), at=NOON)
