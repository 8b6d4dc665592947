"""The agenda: worked on, published, read by calendar programs."""

from datetime import UTC, datetime, time

import pytest
from icalendar import Calendar

from consult.agenda import queries, service
from consult.agenda.models import SessionKind, SpeakerRole
from consult.errors import InvalidEntry
from tests.factories import SecretariatFactory, an_event


@pytest.fixture
def event(session):
    return an_event()


def entry(event, **changes):
    values = {
        "title": "Opening, with guests; and more",
        "number": "I",
        "kind": SessionKind.OPENING,
        "day": event.days[0],
        "starts": time(9, 30),
        "ends": time(10),
        "guiding_questions": ["Where to begin?"],
        "speakers": [service.SpeakerEntry(function="Coordinator", role=SpeakerRole.KEYNOTE)],
    }
    return service.Entry(**{**values, **changes})


def publish(event, note=""):
    return service.publish(event, note=note, by=SecretariatFactory())


def test_a_session_ends_after_it_begins(event):
    with pytest.raises(InvalidEntry) as refused:
        service.add_session(event, entry(event, ends=time(9)), by=SecretariatFactory())
    assert refused.value.field == "ends"


def test_the_public_sees_a_revision_until_the_next(event):
    by = SecretariatFactory()
    held = service.add_session(event, entry(event), by=by)
    publish(event)
    service.edit_session(held, entry(event, title="Welcome"), by=by)
    (seen,) = queries.published_sessions(queries.current(event))
    assert seen.title == "Opening, with guests; and more"
    assert publish(event).number == 2
    (seen,) = queries.published_sessions(queries.current(event))
    assert (seen.title, seen.speakers[0].function, seen.guiding_questions) == (
        "Welcome",
        "Coordinator",
        ["Where to begin?"],
    )


def test_a_removed_session_stays_in_the_revision_that_had_it(event):
    by = SecretariatFactory()
    held = service.add_session(event, entry(event), by=by)
    service.add_session(event, entry(event, title="Second", starts=time(11), ends=time(12)), by=by)
    first = publish(event)
    service.remove_session(held, by=by)
    publish(event)
    assert [len(queries.published_sessions(r)) for r in (first, queries.current(event))] == [2, 1]


def test_an_empty_agenda_is_not_published(event):
    with pytest.raises(InvalidEntry):
        publish(event)


def test_a_calendar_program_reads_the_sessions(event, client):
    held = service.add_session(event, entry(event), by=SecretariatFactory())
    publish(event)
    publish(event)
    calendar = Calendar.from_ical(client.get(f"/events/{event.slug}/agenda.ics").data)
    (session,) = calendar.walk("VEVENT")
    assert session.decoded("dtstart").astimezone(UTC) == datetime(2027, 3, 17, 8, 30, tzinfo=UTC)
    assert str(session["summary"]) == "Opening, with guests; and more"
    assert session["sequence"] == 2
    assert [str(zone["tzid"]) for zone in calendar.walk("VTIMEZONE")] == ["Europe/Zurich"]
    one = Calendar.from_ical(client.get(f"/events/{event.slug}/agenda/{held.ref}.ics").data)
    assert one.walk("VEVENT")[0]["uid"] == session["uid"]


def test_before_the_agenda_the_calendar_has_the_days(event, client):
    calendar = Calendar.from_ical(client.get(f"/events/{event.slug}/agenda.ics").data)
    assert [entry.decoded("dtstart").day for entry in calendar.walk("VEVENT")] == [17, 18]


def test_a_session_is_added_through_its_page(event, as_, client):
    form = {
        "title": "Priorities",
        "kind": "plenary",
        "day": event.days[1].ref,
        "starts": "10:00",
        "ends": "12:30",
        "guiding_questions": "First?\n\n Second? ",
        "parts": "",
        "speakers-0-name": "Ana",
        "speakers-0-function": "Coordinator",
        "speakers-0-role": "panellist",
        "speakers-1-name": "",
        "speakers-1-function": "",
        "speakers-1-role": "panellist",
    }
    path = f"/workspace/events/{event.slug}/agenda"
    browser = as_(SecretariatFactory())
    assert browser.post(f"{path}/sessions/new", data=form).location == path
    assert "The agenda has not been published yet." in client.get(f"/events/{event.slug}/agenda").text
    assert browser.post(path, data={"note": "First programme."}).location == path
    page = client.get(f"/events/{event.slug}/agenda").text
    assert all(words in page for words in ("Priorities", "First?", "Second?", "Ana, Coordinator", "First programme."))
