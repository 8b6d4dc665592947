"""The door: at a page of the workspace, and with a device that goes on without the network."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

import pytest
from sqlalchemy import select

from consult.attendance import queries
from consult.attendance.models import Attendance, SessionAttendance, Source
from consult.attendance.service import codes
from consult.attendance.service import door as service
from consult.attendance.service.door import Scan
from consult.audit.models import AuditEntry
from consult.database import now
from consult.errors import InvalidEntry, NotFound, TransitionNotAllowed
from consult.events.models import TeamRole
from consult.events.queries import team_of
from consult.events.service import team
from consult.extensions import db
from consult.reference.stakeholders import StakeholderCategory
from consult.registration.models import PlaceStatus, Registration, RegistrationStatus, SessionPlace
from consult.registration.service import people
from consult.registration.service.details import Person
from consult.registration.service.registering import Entry
from consult.words import Modality
from tests.factories import (
    NOON,
    RegistrationFactory,
    SecretariatFactory,
    SessionFactory,
    TeamMemberFactory,
    UserFactory,
    an_event,
    an_event_today,
)

pytestmark = pytest.mark.usefixtures("session")
MORNING = datetime(2027, 3, 17, 8, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def event(session):
    return an_event()


def person(event, **changes):
    return RegistrationFactory(category=event.categories[0], **changes)


def test_somebody_is_checked_in_once_a_day(event):
    registration, day = person(event), event.days[0]
    service.check_in(registration, day, by=UserFactory(), at=NOON)
    with pytest.raises(service.AlreadyCheckedIn, match="13:00"):
        service.check_in(registration, day, by=UserFactory(), at=NOON)
    service.check_in(registration, event.days[1], by=UserFactory(), at=NOON)


def test_a_check_in_can_be_taken_back(event):
    registration, day = person(event), event.days[0]
    service.check_in(registration, day, by=UserFactory(), at=NOON)
    service.undo_check_in(registration, day, by=UserFactory())
    assert queries.arrivals(day) == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"status": RegistrationStatus.WAITLISTED},
        {"status": RegistrationStatus.WITHDRAWN},
        {"modality": Modality.ONLINE},
    ],
)
def test_who_has_no_place_in_person_is_not_let_in(event, changes):
    with pytest.raises(service.NotExpected):
        service.check_in(person(event, **changes), event.days[0], by=UserFactory(), at=NOON)


def test_who_comes_on_another_day_is_not_let_in(event):
    with pytest.raises(service.NotExpected):
        service.check_in(person(event, days=[event.days[1]]), event.days[0], by=UserFactory(), at=NOON)


@pytest.fixture
def door(event):
    _made, key = service.open_door(event, event.days[0], name="Main entrance", by=SecretariatFactory(), at=MORNING)
    return queries.pass_with(key, at=MORNING)


def scan(door, registration, at=MORNING, **more):
    return service.scan(door, Scan(code=registration.badge_code, at=at, **more), at=MORNING + 60 * MINUTE)


def test_a_badge_is_let_in_and_told_when_it_was_scanned_first(event, door):
    registration = person(event)
    first = scan(door, registration)
    assert (first.is_good, first.is_new, first.name) == (True, True, registration.name)
    again = scan(door, registration, MORNING + MINUTE)
    assert (again.is_good, again.is_new, again.first_at) == (True, False, MORNING)


def test_scans_that_come_late_settle_to_the_earliest(event, door):
    registration = person(event)
    scan(door, registration, MORNING + 5 * MINUTE)
    assert scan(door, registration, MORNING).first_at == MORNING
    assert scan(door, registration, MORNING + 9 * MINUTE).first_at == MORNING
    assert db.session.scalars(select(Attendance.at)).all() == [MORNING]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"status": RegistrationStatus.WAITLISTED}, "On the waiting list"),
        ({"status": RegistrationStatus.CANCELLED}, "Cancelled by the secretariat"),
        ({"modality": Modality.ONLINE}, "Registered to take part online"),
        ({"days": []}, "Does not take part on this day"),
    ],
)
def test_a_no_says_why(event, door, changes, reason):
    verdict = scan(door, person(event, **changes))
    assert (verdict.is_good, verdict.reason) == (False, reason)
    assert db.session.scalars(select(Attendance)).all() == []


def test_a_no_says_on_which_days_the_person_comes(event, door):
    assert scan(door, person(event, days=[event.days[1]])).days == (date(2027, 3, 18),)


@pytest.mark.parametrize(
    "changes", [{"modality": Modality.ONLINE}, {"status": RegistrationStatus.WITHDRAWN}, {"days": []}]
)
def test_of_who_is_not_expected_no_name_is_told(event, door, changes):
    registration = person(event, organisation_name="Casa", **changes)
    by_badge = scan(door, registration)
    by_reference = service.scan(door, Scan(ref=registration.ref, at=MORNING), at=MORNING)
    unknown = service.scan(door, Scan(ref="NOSUCH22", at=MORNING), at=MORNING)
    for verdict in (by_badge, by_reference):
        assert (verdict.name, verdict.organisation, verdict.category) == ("", "", "")
    assert by_reference == replace(unknown, ref=registration.ref), "a reference says nothing of anybody"


def test_a_badge_of_another_event_is_unknown_here(event, door):
    assert not scan(door, person(an_event())).is_good


def test_a_scan_is_undone(event, door):
    registration = person(event)
    scan(door, registration)
    assert scan(door, registration, is_undo=True).is_good
    assert queries.arrivals(event.days[0]) == 0
    assert scan(door, registration, MORNING + MINUTE).is_new


def test_a_device_with_a_wrong_clock_is_not_believed(event, door):
    later = MORNING + timedelta(days=3)
    assert scan(door, person(event), later).first_at == MORNING + 60 * MINUTE
    assert scan(door, person(event), MORNING - timedelta(days=9)).first_at == MORNING + 60 * MINUTE


def test_a_session_with_places_lets_in_who_has_one(event, door):
    lab = SessionFactory(event=event, capacity_in_person=5)
    plenary = SessionFactory(event=event)
    registration, other = person(event), person(event)
    db.session.add(SessionPlace(registration=registration, session=lab, status=PlaceStatus.CONFIRMED))
    db.session.flush()
    assert scan(door, registration, session=lab.ref).is_new
    assert not scan(door, registration, session=lab.ref).is_new
    assert scan(door, other, session=lab.ref).reason == "Has no place in this session"
    assert scan(door, other, session=plenary.ref).is_good
    assert scan(door, other, session="NOSUCH22").reason == "There is no such session on this day"
    assert len(db.session.scalars(select(SessionAttendance)).all()) == 2
    assert queries.arrivals(event.days[0]) == 2, "who is in a session is there on the day"


def test_a_link_works_for_its_day_and_until_it_is_ended(event):
    found, key = service.open_door(event, event.days[0], name="Ana", by=SecretariatFactory(), at=MORNING)
    assert key not in str(vars(found))
    assert queries.pass_with(key, at=MORNING + timedelta(hours=8)).ref == found.ref
    with pytest.raises(NotFound):
        queries.pass_with(key, at=MORNING + timedelta(hours=24))
    service.close_door(found, by=SecretariatFactory(), at=MORNING + MINUTE)
    with pytest.raises(NotFound):
        queries.pass_with(key, at=MORNING + 2 * MINUTE)


def test_who_was_there_is_not_substituted(event, door):
    registration = person(event)
    scan(door, registration)
    with pytest.raises(TransitionNotAllowed, match="has been there already"):
        people.substitute(registration, Person(given_name="Ben", email="b@example.org"), by=UserFactory(), at=MORNING)


def test_a_code_shown_in_the_room_counts_who_enters_it(event):
    online = person(event, modality=Modality.ONLINE)
    session = SessionFactory(event=event)
    by = SecretariatFactory()
    former = codes.show_code(event, event.days[0], session=session, minutes=30, by=by, at=MORNING)
    shown = codes.show_code(event, event.days[0], session=session, minutes=30, by=by, at=MORNING)
    with pytest.raises(InvalidEntry):
        codes.check_in_with(online, former.code, at=MORNING + MINUTE)
    for _twice in range(2):
        codes.check_in_with(online, f" {shown.code.lower()} ", at=MORNING + MINUTE)
    attendance = db.session.scalars(select(Attendance)).one()
    assert (attendance.modality, attendance.source) == (Modality.ONLINE, Source.CODE)
    assert db.session.scalars(select(SessionAttendance.registration_id)).all() == [online.id]
    with pytest.raises(InvalidEntry):
        codes.check_in_with(online, shown.code, at=MORNING + 31 * MINUTE)
    waiting = person(event, status=RegistrationStatus.WAITLISTED, modality=Modality.ONLINE)
    with pytest.raises(TransitionNotAllowed, match="whose place is confirmed"):
        codes.check_in_with(waiting, shown.code, at=MORNING)


def test_a_code_shown_in_the_room_counts_nobody_who_comes_in_person(event):
    shown = codes.show_code(event, event.days[0], session=None, minutes=30, by=SecretariatFactory(), at=MORNING)
    with pytest.raises(TransitionNotAllowed, match="in person"):
        codes.check_in_with(person(event), shown.code, at=MORNING)
    assert db.session.scalars(select(Attendance)).all() == []


@pytest.fixture
def today(session):
    """An event that is held now, and a key to its door."""
    event = an_event_today()
    _found, key = service.open_door(event, event.days[0], name="Gate", by=SecretariatFactory(), at=now())
    db.session.commit()
    return event, key


def test_a_device_gets_those_expected_and_of_all_others_a_reason_without_a_name(client, today):
    event, key = today
    registration = person(event, access_needs="A ramp", email="ana@example.org")
    person(event, status=RegistrationStatus.WITHDRAWN)
    others = [
        person(event, family_name="Online", modality=Modality.ONLINE),
        person(event, family_name="Tomorrow", days=[]),
        person(event, family_name="Waiting", status=RegistrationStatus.WAITLISTED),
    ]
    db.session.commit()
    code, codes_of_others = registration.badge_code, [other.badge_code for other in others]
    answer = client.get(f"/door/{key}/people.json")
    row, *rest = sorted(answer.json["people"], key=len, reverse=True)
    assert set(row) == {"h", "r", "n", "o", "c", "t"}
    assert row["h"] == sha256(code.encode()).hexdigest()[:24]
    assert [set(each) for each in rest] == [{"h", "x"}] * 3
    assert {each["h"] for each in rest} == {sha256(each.encode()).hexdigest()[:24] for each in codes_of_others}
    for private in (code, "ana@example.org", "A ramp", "Online", "Tomorrow", "Waiting", *codes_of_others):
        assert f'{private}"' not in answer.text
    assert "Nobody of this name" in client.get(f"/door/{key}?text=tomorrow").text


def test_in_a_session_with_places_those_are_expected_who_have_one(client, today):
    event, key = today
    lab = SessionFactory(event=event, capacity_in_person=5)
    registration, _other = person(event), person(event)
    db.session.add(SessionPlace(registration=registration, session=lab, status=PlaceStatus.CONFIRMED))
    db.session.commit()
    ref, session = registration.ref, lab.ref
    answer = client.get(f"/door/{key}/people.json?session={session}").json["people"]
    assert [each["r"] for each in answer if "r" in each] == [ref]


def test_the_link_works_from_shortly_before_the_day_and_not_after_it(client, event):
    day = event.days[0]  # 09:30 to 17:30 in Zurich
    found, key = service.open_door(event, day, name="Gate", by=SecretariatFactory(), at=NOON)
    first, last = datetime(2027, 3, 16, 20, 30, tzinfo=UTC), datetime(2027, 3, 17, 22, 30, tzinfo=UTC)
    assert found.until == last
    assert queries.pass_with(key, at=first).ref == found.ref
    with pytest.raises(queries.DoorNotOpen):
        queries.pass_with(key, at=first - MINUTE)
    assert queries.pass_with(key, at=last - MINUTE).ref == found.ref
    with pytest.raises(NotFound):
        queries.pass_with(key, at=last)
    with pytest.raises(InvalidEntry, match="This day is over"):
        service.open_door(event, day, name="Late", by=SecretariatFactory(), at=last)
    person(event, given_name="Zenobia")
    db.session.commit()
    early = client.get(f"/door/{key}?text=zenobia")
    assert early.status_code == 403
    assert "The door is not open yet" in early.text
    assert "Zenobia" not in early.text
    for path in ("people.json", "wall", "walk-in"):
        assert client.get(f"/door/{key}/{path}").status_code == 404
    assert client.post(f"/door/{key}/scans", json={"scans": []}).status_code == 404


def test_reading_the_list_is_in_the_record_once_an_hour(client, today):
    event, key = today
    for _poll in range(3):
        client.get(f"/door/{key}/people.json")
    client.get(f"/door/{key}?text=a")
    entries = select(AuditEntry).where(AuditEntry.action == "door.list_read")
    (entry,) = db.session.scalars(entries).all()
    assert (entry.actor_name, entry.scope) == ("Gate", f"event:{event.ref}")
    found = queries.pass_with(key, at=now())
    assert not service.is_reading_unrecorded(found, at=now())
    assert service.is_reading_unrecorded(found, at=now() + timedelta(hours=1, seconds=1))


def test_no_badge_is_had_through_the_link(client, today):
    event, key = today
    ref = person(event).ref
    db.session.commit()
    assert client.get(f"/door/{key}/people/{ref}/badge.pdf").status_code == 404
    assert "badge.pdf" not in client.get(f"/door/{key}?text=ana").text


def test_a_device_sends_what_it_kept(client, today):
    event, key = today
    registration = person(event)
    db.session.commit()
    code, ref = registration.badge_code, registration.ref
    sent = {
        "scans": [{"code": code, "at": "nonsense"}, {"ref": ref}, {"code": "x"}, "nonsense", {"ref": ref, "undo": True}]
    }
    verdicts = client.post(f"/door/{key}/scans", json=sent).json["verdicts"]
    assert [v["good"] for v in verdicts] == [True, True, False, False, True]
    assert [v["new"] for v in verdicts] == [True, False, False, False, False]
    assert db.session.scalars(select(Attendance)).all() == []
    assert client.post(f"/door/{key}/scans", data="[]").status_code in {302, 400, 422}
    assert client.post("/door/nosuch/scans", json=sent).status_code == 404


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_scan_of_an_impossible_time_undoes_no_other(client, today, at):
    event, key = today
    day, codes_sent = event.days[0], [person(event).badge_code, person(event).badge_code]
    db.session.commit()
    sent = {"scans": [{"code": codes_sent[0]}, {"code": codes_sent[1], "at": at}]}
    verdicts = client.post(f"/door/{key}/scans", json=sent).json["verdicts"]
    assert [verdict["good"] for verdict in verdicts] == [True, True]
    assert queries.arrivals(day) == 2


def test_without_a_script_people_are_found_and_let_in(client, today):
    event, key = today
    ana, ben = person(event, given_name="Élodie"), person(event, given_name="Ben", modality=Modality.ONLINE)
    db.session.commit()
    refs, path = (ana.ref, ben.ref), f"/door/{key}"
    page = client.get(f"{path}?text=elodie").text
    assert "Check in" in page
    assert "is checked in." in client.post(f"{path}/people/{refs[0]}", follow_redirects=True).text
    assert "was checked in already, at" in client.post(f"{path}/people/{refs[0]}", follow_redirects=True).text
    assert "Not expected on this day" in client.post(f"{path}/people/{refs[1]}", follow_redirects=True).text
    assert "taken back" in client.post(f"{path}/people/{refs[0]}", data={"undo": "1"}, follow_redirects=True).text
    assert ">0<" in client.get(f"{path}/wall").text.replace("<b>", ">").replace("</b>", "<")


def test_a_walk_in_is_registered_and_let_in_if_there_is_a_place(client, today):
    event, key = today
    category = event.categories[0]
    category.capacity_in_person = 1
    db.session.commit()
    form = {
        "given_name": "Amal",
        "family_name": "Haddad",
        "category": category.ref,
        "country": "LB",
        "stakeholder": "other",
    }
    day = event.days[0]
    assert client.post(f"/door/{key}/walk-in", data={**form, "given_name": ""}).status_code == 422
    assert client.post(f"/door/{key}/walk-in", data=form).status_code == 302
    assert queries.arrivals(day) == 1
    full = client.post(f"/door/{key}/walk-in", data=form)
    assert (full.status_code, "All places of this category are given." in full.text) == (422, True)


def test_a_link_registers_nobody_for_a_state(client, today):
    event, key = today
    form = {"given_name": "Ivan", "category": event.categories[0].ref, "country": "FR", "stakeholder": "member-state"}
    answer = client.post(f"/door/{key}/walk-in", data=form)
    assert (answer.status_code, "Send this person to the secretariat" in answer.text) == (422, True)
    assert db.session.scalars(select(Registration)).all() == []


def test_a_link_registers_for_its_own_day_only(event, door):
    entry = Entry(
        given_name="Amal", email="", stakeholder=StakeholderCategory.OTHER, country="LB",
        category=event.categories[0], modality=Modality.IN_PERSON,
    )  # fmt: skip
    service.register_at_door(door, event, entry, at=MORNING)
    assert list(queries.days_of(door).values()) == [(event.days[0].date,)]


def test_the_door_costs_the_same_for_any_number(client, today, statements):
    event, key = today
    for _ in range(8):
        person(event)
    ref = person(event).ref
    db.session.commit()
    client.get(f"/door/{key}/people.json")  # the first leaves a record
    with statements() as seen:
        client.get(f"/door/{key}/people.json")
    assert len(seen) == 2, "the pass, the people"
    with statements() as seen:
        client.post(f"/door/{key}/scans", json={"scans": [{"ref": ref}]})
    assert len(seen) == 4, "the pass, the person, the attendance, the record"


def test_links_end_with_the_part_of_who_made_them(event):
    boss = SecretariatFactory()
    both = TeamMemberFactory(event=event, role=TeamRole.MANAGER)
    TeamMemberFactory(event=event, role=TeamRole.DOOR_STAFF, user=both.user)
    _pass, key = service.open_door(event, event.days[0], name="Gate", by=both.user, at=MORNING)
    _other, others_key = service.open_door(event, event.days[0], name="Other gate", by=boss, at=MORNING)
    team.remove_member(both, by=boss)
    assert queries.pass_with(key, at=MORNING), "who made it keeps the door still"
    rest = next(each for each in team_of(event) if each.user_id == both.user.id)
    team.remove_member(rest, by=boss)
    with pytest.raises(NotFound):
        queries.pass_with(key, at=MORNING)
    assert queries.pass_with(others_key, at=MORNING), "links of others go on"
