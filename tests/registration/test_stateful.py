"""Whatever people do in whatever order: nothing is oversold, and nobody on the waiting list is passed."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from consult.errors import DomainError
from consult.events.models import ParticipantCategory
from consult.events.queries import event_at
from consult.events.service import events
from consult.extensions import db
from consult.registration.models import HOLDING, Registration, RegistrationStatus
from consult.registration.queries import registration_with_ref
from consult.registration.service import deciding, people, places
from consult.words import Modality
from tests.factories import NOON, SecretariatFactory, an_event
from tests.registration.test_service import register

S = RegistrationStatus


class Booking(RuleBasedStateMachine):
    """One category with a few places of each kind, offers that last two hours, and a clock that runs."""

    @initialize(hall=st.integers(0, 3), online=st.integers(1, 3), hours=st.sampled_from([0, 2]))
    def announce(self, hall: int, online: int, hours: int) -> None:
        self.event = an_event(capacity=hall + 1)
        self.slug, self.refs = self.event.slug, list[str]()
        self.category.capacity_online = online
        self.event.offer_hours = hours
        self.by = SecretariatFactory()
        self.clock = NOON
        self.everybody: list[Registration] = []
        self.by_hand: set[int] = set()
        self.moved: set[int] = set()  # who changed to this kind of place while it was free

    @property
    def category(self) -> ParticipantCategory:
        return self.event.categories[0]

    def some(self, data: st.DataObject, *statuses: RegistrationStatus) -> Registration | None:
        fitting = [each for each in self.everybody if each.status in statuses]
        return data.draw(st.sampled_from(fitting)) if fitting else None

    def attempt(self, verb) -> None:  # type: ignore[no-untyped-def]
        """A refusal leaves everything as it was."""
        try:
            with db.session.begin_nested():
                verb()
        except DomainError:
            self.event = event_at(self.slug)
            self.everybody = [registration for ref in self.refs if (registration := registration_with_ref(ref))]

    @rule(modality=st.sampled_from(Modality))
    def come(self, modality: Modality) -> None:
        number = len(self.everybody)
        self.attempt(lambda: self.everybody.append(register(self.event, f"p{number}@example.org", modality=modality)))
        self.refs = [each.ref for each in self.everybody]

    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        if person := self.some(data, S.CONFIRMED, S.WAITLISTED, S.OFFERED):
            people.withdraw(person, by=None, at=self.clock)

    @rule(data=st.data())
    def accept(self, data: st.DataObject) -> None:
        if person := self.some(data, S.OFFERED):
            self.attempt(lambda: people.accept_offer(person, by=None, at=self.clock))

    @rule(data=st.data())
    def change_modality(self, data: st.DataObject) -> None:
        if person := self.some(data, S.CONFIRMED):
            other = Modality.ONLINE if person.modality is Modality.IN_PERSON else Modality.IN_PERSON
            self.attempt(lambda: people.change_modality(person, other, by=None, at=self.clock))
            if person.modality is other:
                self.moved.add(person.id)

    @rule(data=st.data(), is_extra=st.booleans())
    def place_by_hand(self, data: st.DataObject, is_extra: bool) -> None:
        if person := self.some(data, S.WAITLISTED, S.OFFERED):
            self.attempt(
                lambda: deciding.place_by_hand(person, reason="R", is_extra=is_extra, by=self.by, at=self.clock)
            )
            if person.status is S.CONFIRMED:
                self.by_hand.add(person.id)

    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        if person := self.some(data, S.CONFIRMED, S.OFFERED):
            deciding.cancel(person, message="M", by=self.by, at=self.clock)

    @rule(hall=st.integers(0, 5), online=st.integers(0, 5))
    def change_capacity(self, hall: int, online: int) -> None:
        wanted = events.CategoryEntry(
            title=self.category.title, capacity_in_person=hall, capacity_online=online, days=list(self.category.days)
        )
        self.attempt(lambda: events.edit_category(self.category, wanted, by=self.by))

    @rule(hours=st.integers(1, 3))
    def time_goes_by(self, hours: int) -> None:
        self.clock += timedelta(hours=hours)
        places.expire_offers(at=self.clock)

    @invariant()
    @precondition(lambda self: hasattr(self, "event"))
    def nothing_is_oversold(self) -> None:
        for modality in Modality:
            given = [each for each in self.everybody if each.modality is modality and each.status in HOLDING]
            assert len(given) <= (self.category.capacity(modality) or 0)

    @invariant()
    @precondition(lambda self: hasattr(self, "event"))
    def nobody_is_passed(self) -> None:
        """While somebody waits, nobody who came later for the same kind of place was given one, unless by hand, or
        before the first began to wait."""
        for modality in Modality:
            waiting = [each for each in self.everybody if each.modality is modality and each.status is S.WAITLISTED]
            if not waiting:
                continue
            first = min(each.id for each in waiting)
            offered = [each for each in self.everybody if each.modality is modality and each.status is S.OFFERED]
            assert all(each.id < first for each in offered), "an offer goes to who has waited longest"
            given = sum(each.modality is modality and each.status in HOLDING for each in self.everybody)
            assert given == self.category.capacity(modality), "no place stays free while somebody waits"
            later = [
                each
                for each in self.everybody
                if each.id > first and each.modality is modality and each.status is S.CONFIRMED
            ]
            assert all(each.id in self.by_hand or each.id in self.moved for each in later)


@pytest.mark.usefixtures("session")
def test_no_order_of_operations_oversells_or_lets_a_later_person_pass():
    health = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
    run_state_machine_as_test(
        Booking, settings=settings(max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=health)
    )
