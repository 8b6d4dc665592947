"""A delegation of hundreds is registered in a constant number of statements, by the rules that hold for one."""

import pytest
from sqlalchemy import select

from consult.audit.models import AuditEntry
from consult.extensions import db
from consult.organisations.models import Organisation
from consult.outbox.models import Message
from consult.registration import queries
from consult.registration.models import Registration, RegistrationStatus
from consult.registration.service import registering
from tests.factories import OrganisationFactory, RegistrationFactory, UserFactory, an_event
from tests.registration.test_service import NOON, entry

pytestmark = pytest.mark.usefixtures("session")


def people_of(organisation: Organisation, event, number: int):
    return [entry(event, f"p{n}@example.org", organisation=organisation, given_name=f"P{n}") for n in range(number)]


def test_the_number_of_statements_does_not_grow_with_the_people(statements):
    counted = []
    for number in (20, 200):
        event, organisation, by = an_event(capacity=number // 2), OrganisationFactory(), UserFactory()
        entries = people_of(organisation, event, number)
        for each in entries[: number // 2]:  # half of them are known to the organisation, and get what there is
            RegistrationFactory(event=an_event(), organisation=organisation, email=each.email)
        with statements() as seen:
            assert len(registering.register_all(event, entries, by=by, at=NOON)) == number
            db.session.flush()
        # one row of SQLAlchemy's own on SQLite, which hands each its number; all else is done at once
        counted.append(len([each for each in seen if not each.startswith("INSERT INTO registration (")]))
    assert counted[0] == counted[1] < 30


@pytest.mark.parametrize("room", [1, 3])
def test_places_are_counted_on_while_a_delegation_is_registered(room):
    event, organisation = an_event(capacity=room), OrganisationFactory()
    entries = people_of(organisation, event, 5)
    for each in entries:
        RegistrationFactory(event=an_event(), organisation=organisation, email=each.email)
    registrations = registering.register_all(event, entries, by=UserFactory(), at=NOON)
    statuses = [registration.status for registration in registrations]
    assert statuses == [RegistrationStatus.CONFIRMED] * room + [RegistrationStatus.WAITLISTED] * (5 - room)
    templates = db.session.scalars(select(Message.template).order_by(Message.id)).all()
    assert templates == [f"registration/{status}" for status in statuses], "each is told what they got"
    refs = [f"registration:{registration.ref}" for registration in registrations]
    recorded = select(AuditEntry.about).where(AuditEntry.action == "registration.made").order_by(AuditEntry.id)
    assert db.session.scalars(recorded).all() == refs


def test_the_quota_is_counted_on_and_nobody_stays_when_it_is_used_up():
    event, organisation = an_event(), OrganisationFactory()
    event.categories[0].quota = 3
    with pytest.raises(registering.DelegationRefused) as refused, db.session.begin_nested():
        registering.register_all(event, people_of(organisation, event, 5), by=UserFactory(), at=NOON)
    assert [place for place, _error in refused.value.problems] == [3, 4]
    assert db.session.scalars(select(Registration).where(Registration.event_id == event.id)).all() == []
    assert len(registering.register_all(event, people_of(organisation, event, 3), by=UserFactory(), at=NOON)) == 3
    assert queries.numbers_registered(event.categories, [organisation]).total() == 3
