"""Events: described, published, called off."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest

from consult.errors import InvalidEntry, TransitionNotAllowed
from consult.events.models import EventKind, EventModality, EventStatus, WindowState
from consult.events.service import events
from tests.factories import (
    FAR,
    LONG_AGO,
    NOON,
    RegistrationFactory,
    SecretariatFactory,
    SeriesFactory,
    SessionFactory,
    an_event,
)

pytestmark = pytest.mark.usefixtures("session")

DAY = events.Day(date=date(2027, 3, 17), starts=time(9), ends=time(17))


def entry(**changes):
    values = {
        "title": "Quatrième réunion – 2027!", "series": SeriesFactory(), "kind": EventKind.HEARING,
        "modality": EventModality.HYBRID, "timezone": "Africa/Nairobi", "days": [DAY],
    }  # fmt: skip
    return events.Entry(**{**values, **changes})


def create(**changes):
    return events.create_event(entry(**changes), by=SecretariatFactory())


def test_a_new_event_is_a_draft_with_an_address_made_from_its_title():
    event = create()
    assert (event.status, event.slug) == (EventStatus.DRAFT, "quatrieme-reunion-2027")
    assert create().slug.startswith("quatrieme-reunion-2027-")


def test_a_title_without_latin_letters_gets_an_address_too():
    assert create(title="年度会议").slug.startswith("event-")


def test_a_window_has_two_ends_in_order():
    with pytest.raises(InvalidEntry) as refused:
        create(registration_opens_at=NOON)
    assert refused.value.field == "registration_closes_at"
    with pytest.raises(InvalidEntry):
        create(registration_opens_at=FAR, registration_closes_at=LONG_AGO)


def test_days_have_dates_of_their_own_and_end_after_they_begin():
    with pytest.raises(InvalidEntry):
        create(days=[DAY, DAY])
    with pytest.raises(InvalidEntry):
        create(days=[replace(DAY, ends=time(9))])


def test_an_event_is_published_once_it_has_days_and_categories():
    event, by = create(), SecretariatFactory()
    with pytest.raises(InvalidEntry):
        events.publish(event, by=by)
    events.add_category(event, events.CategoryEntry(title="All"), by=by)
    events.publish(event, by=by)
    assert event.status is EventStatus.PUBLISHED
    with pytest.raises(TransitionNotAllowed):
        events.publish(event, by=by)


def test_a_draft_cannot_be_cancelled():
    with pytest.raises(TransitionNotAllowed):
        events.cancel(create(), reason="x", by=SecretariatFactory())


def test_a_day_in_use_is_not_taken_out():
    event = an_event()
    SessionFactory(event=event, day=event.days[1])
    with pytest.raises(InvalidEntry) as refused:
        events.edit_event(event, entry(series=event.series), by=SecretariatFactory())
    assert refused.value.field == "days"


def test_a_day_that_stays_keeps_its_identity():
    event = an_event()
    first = event.days[0].id
    events.edit_event(event, entry(series=event.series), by=SecretariatFactory())
    assert [day.id for day in event.days] == [first]


def test_a_category_somebody_registered_under_stays():
    category = RegistrationFactory(category=an_event().categories[0]).category
    with pytest.raises(InvalidEntry):
        events.remove_category(category, by=SecretariatFactory())


def test_two_categories_do_not_share_a_title():
    event = an_event()
    with pytest.raises(InvalidEntry) as refused:
        events.add_category(event, events.CategoryEntry(title=event.categories[0].title), by=SecretariatFactory())
    assert refused.value.field == "title"


@pytest.mark.parametrize(
    ("at", "state"),
    [
        (datetime(2026, 12, 31, 23, 59, tzinfo=UTC), WindowState.NOT_YET),
        (datetime(2027, 1, 1, tzinfo=UTC), WindowState.OPEN),
        (datetime(2027, 2, 1, tzinfo=UTC), WindowState.CLOSED),
    ],
)
def test_what_the_clock_can_tell_is_derived(at, state):
    event = create(
        registration_opens_at=datetime(2027, 1, 1, tzinfo=UTC), registration_closes_at=datetime(2027, 2, 1, tzinfo=UTC)
    )
    assert event.registration_window.state(at) is state
    assert event.inputs_window.state(at) is WindowState.UNSET
