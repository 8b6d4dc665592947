"""The door, the imports and the summary, through the client."""

import csv
import io

import openpyxl
import pytest

from consult.attendance import queries
from consult.attendance.service import door as doors
from consult.events.models import TeamRole
from consult.events.queries import event_at
from consult.extensions import db
from tests.factories import NOON, RegistrationFactory, SecretariatFactory, TeamMemberFactory, an_event


@pytest.fixture
def event(session):
    return an_event()


@pytest.fixture
def door(event, as_):
    return as_(TeamMemberFactory(event=event, role=TeamRole.DOOR_STAFF).user)


def test_a_scanned_badge_leads_to_the_person_who_is_let_in_once(event, door):
    registration = RegistrationFactory(category=event.categories[0], given_name="Élodie")
    db.session.commit()
    person = door.get(f"/check-in/{registration.badge_code}").location
    assert "Check in" in door.get(person).text
    day = {"day": "2027-03-17"}
    assert door.post(f"{person}/check-in", data=day).location == f"{person}?day=2027-03-17"
    assert "Checked in at" in door.get(f"{person}?day=2027-03-17").text
    door.post(f"{person}/check-in", data=day)
    assert "was checked in already, at" in door.get(f"{person}?day=2027-03-17").text
    door.post(f"{person}/undo", data=day)
    assert "Checked in at" not in door.get(f"{person}?day=2027-03-17").text


def test_a_person_is_found_by_a_part_of_the_name_without_accents(event, door):
    RegistrationFactory(category=event.categories[0], given_name="Élodie", family_name="Łukasik-Nuñez")
    RegistrationFactory(category=event.categories[0], given_name="Ben", status="withdrawn")
    RegistrationFactory(category=an_event().categories[0], given_name="Elodie", family_name="Elsewhere")
    page = door.get(f"/workspace/events/{event.slug}/door?text=elodie+nunez").text
    assert "Łukasik-Nuñez" in page
    assert "Elsewhere" not in page
    assert "Nobody of this name" in door.get(f"/workspace/events/{event.slug}/door?text=ben").text


def test_a_badge_of_another_event_opens_nothing_here(event, door):
    other = RegistrationFactory(category=an_event().categories[0])
    db.session.commit()
    assert door.get(f"/check-in/{other.badge_code}").status_code == 403
    assert door.get(f"/workspace/events/{event.slug}/door/{other.badge_code}").status_code == 404


def test_a_bad_day_is_not_found(event, door):
    for day in ("2027-03-19", "nonsense"):
        assert door.get(f"/workspace/events/{event.slug}/door?day={day}").status_code == 404


def test_the_summary_is_asked_for_compiled_and_exported(event, as_):
    by = SecretariatFactory()
    registration = RegistrationFactory(category=event.categories[0])
    doors.check_in(registration, event.days[0], by=by, at=NOON)
    db.session.commit()
    client, path = as_(by), f"/workspace/events/{event.slug}/attendance/summary"
    assert "No summary has been compiled yet." in client.get(path).text
    assert client.get(f"{path}.csv").status_code == 404
    client.post(path)
    assert "The figures are being compiled." in client.get(path).text
    from worker import attendance as tasks

    tasks.compile_summaries.run()
    assert "people attended, each counted once" in client.get(path).text
    rows = list(csv.reader(io.StringIO(client.get(f"{path}.csv").data.decode("utf-8-sig"))))
    assert ["By country", "Kenya", "1", "0", "1"] in rows
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{path}.xlsx").data))
    assert book.sheetnames == [
        "All days", "By day", "By session", "By category", "By region", "By country", "By gender", "By organisation",
    ]  # fmt: skip
    assert [cell.value for cell in book["By region"][2]] == ["Africa", 1, 0, 1]
    book.close()


def test_a_summary_is_shown_for_publication_compared_drawn_and_set_beside_earlier_meetings(event, as_):
    by = SecretariatFactory()
    from worker import attendance as tasks

    client, path = as_(by), f"/workspace/events/{event.slug}/attendance"
    for _time in range(2):
        doors.check_in(RegistrationFactory(category=event.categories[0]), event.days[0], by=by, at=NOON)
        db.session.commit()
        client.post(f"{path}/summary")
        tasks.compile_summaries.run()
        event = event_at(event.slug)
    assert "fewer than 5" in client.get(f"{path}/summary?public=1").text
    assert "<5" in client.get(f"{path}/summary.csv?public=1").text
    first = queries.summaries_of(event)[-1].ref
    page = client.get(f"{path}/summary?with={first}").text
    assert "+1" in page
    assert client.get(f"{path}/summary?of=NOSUCH22").status_code == 404
    assert client.get(f"{path}/picture.png?table=4").data.startswith(b"\x89PNG")
    assert b"<svg" in client.get(f"{path}/picture.svg").data[:200]
    assert client.get(f"{path}/picture.svg?table=99").status_code == 404
    assert "Annual meeting" in client.get(f"{path}/series").text
