"""The secretariat's pages about events, through the client."""

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from consult.events.models import Event, Series
from consult.extensions import db
from tests.factories import SecretariatFactory, SeriesFactory, an_event


def form_of(series, **changes):
    values = {
        "title": "Annual meeting",
        "series": series.slug,
        "kind": "annual_meeting",
        "modality": "hybrid",
        "timezone": "Asia/Kathmandu",
        "summary": "**Come** <script>alert(1)</script> [x](javascript:alert(1))",
        "days-0-date": "2027-03-17",
        "days-0-starts": "09:30",
        "days-0-ends": "17:30",
        "registration_opens_at": "2027-01-01T09:00",
        "registration_closes_at": "2027-03-01T18:00",
    }
    return values | changes


def test_times_are_typed_in_the_events_zone(as_, session):
    response = as_(SecretariatFactory()).post("/workspace/events/new", data=form_of(SeriesFactory()))
    event = db.session.scalars(select(Event)).one()
    assert response.location == f"/workspace/events/{event.slug}/categories"
    assert event.registration_opens_at == datetime(2027, 1, 1, 3, 15, tzinfo=UTC)
    page = as_(SecretariatFactory()).get(f"/workspace/events/{event.slug}/settings").text
    assert 'value="2027-01-01T09:00"' in page


def test_a_summary_can_do_no_harm(as_, client, session):
    as_(SecretariatFactory()).post("/workspace/events/new", data=form_of(SeriesFactory()))
    event = db.session.scalars(select(Event)).one()
    page = as_(SecretariatFactory()).get(f"/events/{event.slug}").text
    assert "<strong>Come</strong>" in page
    assert "<script>alert" not in page
    assert 'href="javascript' not in page


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": " "}, "Enter a title."),
        ({"registration_closes_at": "2026-12-31T09:00"}, "This must be later than the opening."),
        ({"registration_closes_at": ""}, "Give both ends of the window, or neither."),
        ({"days-0-ends": ""}, "Give the day its beginning and its end."),
        ({"days-1-date": "2027-03-17", "days-1-starts": "09:00", "days-1-ends": "10:00"}, "same date"),
        ({"join_link": "javascript:alert(1)"}, "Begin the link with https://"),
        ({"timezone": "Mars/Olympus"}, "Not a valid choice"),
    ],
)
def test_a_mistake_is_said_beside_its_field_and_nothing_is_lost(as_, session, changes, said):
    response = as_(SecretariatFactory()).post("/workspace/events/new", data=form_of(SeriesFactory(), **changes))
    assert response.status_code == 422
    assert said in response.text
    assert 'value="2027-01-01T09:00"' in response.text
    assert db.session.scalar(select(Event)) is None


def test_a_draft_is_not_there_for_strangers(client, session):
    event = an_event(status="draft")
    for path in ("", "/agenda", "/agenda.ics", "/inputs", "/outcomes"):
        assert client.get(f"/events/{event.slug}{path}").status_code == 404
    assert event.title not in client.get("/").text


def test_publishing_too_early_says_what_is_missing(as_, session):
    event = an_event(status="draft")
    db.session.delete(event.categories[0])
    db.session.commit()
    client = as_(SecretariatFactory())
    here = f"/workspace/events/{event.slug}"
    client.post(f"{here}/publish", headers={"Referer": f"http://localhost{here}"})
    assert "Say who may come" in client.get(here).text


def test_a_cancelled_event_says_why(as_, client, session):
    event = an_event()
    as_(SecretariatFactory()).post(f"/workspace/events/{event.slug}/cancel", data={"reason": "The hall is flooded."})
    page = client.get(f"/events/{event.slug}").text
    assert "This event is cancelled." in page
    assert "The hall is flooded." in page


def test_the_record_shows_who_did_what(as_, session):
    event = an_event()
    client = as_(SecretariatFactory(name="Sofía"))
    client.post(f"/workspace/events/{event.slug}/archive")
    page = client.get(f"/workspace/events/{event.slug}/record").text
    assert "event.archived" in page
    assert "Sofía" in page


def test_a_category_is_not_found_under_another_event(as_, session):
    event, other = an_event(), an_event()
    path = f"/workspace/events/{other.slug}/categories/{event.categories[0].ref}"
    assert as_(SecretariatFactory()).get(path).status_code == 404


def test_what_somebody_else_saved_meanwhile_is_not_overwritten_unseen(as_, session):
    as_(SecretariatFactory()).post("/workspace/events/new", data=form_of(SeriesFactory(), summary=""))
    event = db.session.scalars(select(Event)).one()
    path, series = f"/workspace/events/{event.slug}/settings", db.session.get(Series, event.series_id)
    one, two = as_(SecretariatFactory()), as_(SecretariatFactory())
    seen = re.search(r'name="seen"[^>]*value="(\w+)"', one.get(path).text).group(1)
    form = form_of(series, seen=seen)
    assert two.post(path, data=form | {"title": "Theirs"}).status_code == 302
    refused = one.post(path, data=form | {"title": "Mine"})
    assert refused.status_code == 422
    assert "Somebody else has saved this since you opened it." in refused.text
    assert 'value="Mine"' in refused.text
    again = re.search(r'name="seen"[^>]*value="(\w+)"', refused.text).group(1)
    assert one.post(path, data=form | {"title": "Mine", "seen": again}).status_code == 302
    assert db.session.scalars(select(Event.title)).one() == "Mine"
