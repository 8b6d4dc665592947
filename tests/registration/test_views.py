"""Pages of registration, through the client."""

import csv
import io
import re

import pytest
from icalendar import Calendar
from sqlalchemy import select

from consult.extensions import db
from consult.registration import documents
from consult.registration.models import Registration, RegistrationStatus
from tests.factories import FocalPointFactory, RegistrationFactory, SecretariatFactory, UserFactory, an_event


@pytest.fixture
def point(session):
    return FocalPointFactory()


def form_of(event, point, **changes):
    values = {
        "given_name": "Ana", "family_name": "Sow", "email": "ana@example.org", "gender": "woman",
        "modality": "in_person",
    }  # fmt: skip
    organisation = changes.pop("organisation", point.organisation.ref)
    return {"organisation": organisation, **{f"people-0-{name}": each for name, each in (values | changes).items()}}


def test_a_focal_point_registers_a_colleague(as_, point):
    event = an_event()
    response = as_(point.user).post(f"/events/{event.slug}/registrations/new", data=form_of(event, point))
    registration = db.session.scalars(select(Registration)).one()
    assert response.location == f"/events/{event.slug}/registrations/{registration.ref}"
    assert (registration.event_id, registration.email, registration.country) == (event.id, "ana@example.org", "KE")


def test_what_was_typed_stays_when_a_rule_refuses(as_, point):
    event = an_event()
    RegistrationFactory(category=event.categories[0], email="ana@example.org", organisation=point.organisation)
    response = as_(point.user).post(f"/events/{event.slug}/registrations/new", data=form_of(event, point))
    assert response.status_code == 422
    assert "Your organisation has registered a person with this address already." in response.text
    assert 'value="ana@example.org"' in response.text
    assert 'aria-describedby="people-0-email-help people-0-email-error"' in response.text


@pytest.mark.parametrize(
    "changes", [{"given_name": ""}, {"email": "no"}, {"gender": "X"}, {"modality": ""}, {"days": ["X"]}]
)
def test_what_is_missing_is_said(as_, point, changes):
    event = an_event()
    response = as_(point.user).post(f"/events/{event.slug}/registrations/new", data=form_of(event, point, **changes))
    assert response.status_code == 422
    assert db.session.scalar(select(Registration)) is None


def test_an_organisation_of_somebody_else_cannot_be_named(as_, point):
    event, other = an_event(), FocalPointFactory()
    form = form_of(event, point, organisation=other.organisation.ref)
    assert as_(point.user).post(f"/events/{event.slug}/registrations/new", data=form).status_code == 422
    assert db.session.scalar(select(Registration)) is None


def test_a_nul_in_a_name_harms_nothing(as_, point):
    event = an_event()
    as_(point.user).post(f"/events/{event.slug}/registrations/new", data=form_of(event, point, given_name="A\x00na 👍"))
    assert db.session.scalars(select(Registration)).one().given_name == "Ana 👍"


def test_a_registration_is_not_found_under_another_event(as_, point):
    event, other = an_event(), an_event()
    registration = RegistrationFactory(category=event.categories[0], organisation=point.organisation)
    client = as_(point.user)
    assert client.get(f"/events/{event.slug}/registrations/{registration.ref}").status_code == 200
    assert client.get(f"/events/{other.slug}/registrations/{registration.ref}").status_code == 404


def test_another_organisations_registration_is_not_shown(as_, point):
    registration = RegistrationFactory(category=an_event().categories[0])
    path = f"/events/{registration.event.slug}/registrations/{registration.ref}"
    client = as_(point.user)
    for end in ("", "/badge.pdf"):
        assert client.get(path + end).status_code == 403
    assert client.post(f"{path}/withdraw").status_code == 403


def test_withdrawing_twice_says_so(as_, point):
    registration = RegistrationFactory(category=an_event().categories[0], organisation=point.organisation)
    client = as_(point.user)
    path = f"/events/{registration.event.slug}/registrations/{registration.ref}"
    assert client.post(f"{path}/withdraw").location == path
    client.post(f"{path}/withdraw", headers={"Referer": f"http://localhost{path}"})
    assert "This is “Withdrawn” already." in client.get(path).text


def test_the_person_reaches_the_registration_by_the_link_of_the_mail(client, session):
    registration = RegistrationFactory(category=an_event().categories[0])
    db.session.commit()
    page = client.get(f"/registrations/{registration.access_key}")
    assert registration.name in page.text
    assert (page.headers["Cache-Control"], page.headers["X-Robots-Tag"]) == ("no-store", "noindex")
    badge = client.get(f"/registrations/{registration.access_key}/badge.pdf")
    assert badge.data.startswith(b"%PDF")
    client.post(f"/registrations/{registration.access_key}/withdraw")
    assert db.session.get(Registration, registration.id).status is RegistrationStatus.WITHDRAWN
    assert client.get(f"/registrations/{registration.access_key}/badge.pdf").status_code == 404


@pytest.mark.parametrize("name", ["Ana", "A" * 100, "أمل حداد", "#set page(fill: red)", '"] #pagebreak()'])
def test_a_badge_is_one_page_whatever_the_name(session, name):
    registration = RegistrationFactory(category=an_event().categories[0], given_name=name, family_name="")
    content = documents.badge(registration)
    (box,) = re.findall(rb"/MediaBox\s*\[([\d. ]+)\]", content)
    width, height = (float(size) / 72 * 25.4 for size in box.split()[2:])
    assert (round(width), round(height)) == (105, 148), "one page, A6"


def test_the_calendar_file_has_the_persons_days(session):
    event = an_event()
    registration = RegistrationFactory(category=event.categories[0], days=[event.days[1]])
    (entry,) = Calendar.from_ical(documents.calendar(registration)).walk("VEVENT")
    assert entry.decoded("dtstart").day == 18


def test_the_export_has_every_row_and_keeps_the_filters(as_, session):
    event = an_event()
    for status in ("confirmed", "confirmed", "waitlisted"):
        RegistrationFactory(category=event.categories[0], status=status, given_name="=cmd")
    RegistrationFactory(category=an_event().categories[0])
    client = as_(SecretariatFactory())
    path = f"/workspace/events/{event.slug}/registrations/export"
    rows = list(csv.DictReader(io.StringIO(client.get(f"{path}.csv").data.decode("utf-8-sig"))))
    assert [(row["Given name"], row["Status"]) for row in rows] == [
        ("'=cmd", "Confirmed"), ("'=cmd", "Confirmed"), ("'=cmd", "On the waiting list"),
    ]  # fmt: skip
    waiting = client.get(f"{path}.csv?status=waitlisted").text
    assert waiting.count("\r\n") == 2
    assert client.get(f"{path}.xlsx").data.startswith(b"PK")


@pytest.mark.parametrize("rows", [1, 20])
def test_the_list_costs_the_same_for_any_number(as_, statements, rows):
    event = an_event()
    RegistrationFactory.create_batch(rows, category=event.categories[0])
    client = as_(SecretariatFactory())
    with statements() as seen:
        page = client.get(f"/workspace/events/{event.slug}/registrations").text
    assert page.count('scope="row"') == rows + 2, "and two kinds of places"
    assert len(seen) == 14


def test_pages_follow_one_another_by_key(as_, session):
    event = an_event()
    people = RegistrationFactory.create_batch(53, category=event.categories[0])
    client = as_(SecretariatFactory())
    path = f"/workspace/events/{event.slug}/registrations"
    assert people[49].ref in client.get(path).text
    second = client.get(f"{path}?after={people[49].id}").text
    assert second.count('scope="row"') == 3
    assert client.get(f"{path}?after=nonsense&status=nonsense").status_code == 200


def test_a_participant_sees_their_own_registration(as_, session):
    person = UserFactory(email="ana@example.org")
    registration = RegistrationFactory(category=an_event().categories[0], email="ana@example.org")
    other = RegistrationFactory(category=registration.category)
    page = as_(person).get("/my").text
    assert registration.ref in page
    assert other.ref not in page
