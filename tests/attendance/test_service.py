"""Check-in, imports, and the figures compiled from them."""

from collections import Counter

import pytest
from sqlalchemy import select

from consult.attendance import queries, service
from consult.attendance.figures import Figures, figures
from consult.attendance.models import Attendance, SeenOnline, SeenStatus
from consult.errors import InvalidEntry, TransitionNotAllowed
from consult.extensions import db
from consult.reference.countries import region_of
from consult.reference.stakeholders import Gender, StakeholderCategory
from consult.registration.models import RegistrationStatus
from consult.words import Modality
from tests.factories import NOON, RegistrationFactory, SecretariatFactory, UserFactory, an_event

pytestmark = pytest.mark.usefixtures("session")


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


REPORT = (
    "Name (Original Name),User Email,Join Time\n"
    "Somebody,ana@example.org,15:00\n"
    "Somebody,ana@example.org,15:30\n"
    "BEN  Ñandú,,15:01\n"
    "Unknown Guest,guest@nowhere.example,15:02\n"
    "Twin Name,,15:03\n"
    ",,\n"
)


def import_report(event, text=REPORT, day=0):
    return service.import_report(event, event.days[day], text.encode(), name="zoom.csv", by=UserFactory(), at=NOON)


@pytest.fixture
def people(event):
    return {
        "ana": person(event, email="ana@example.org"),
        "ben": person(event, given_name="Ben", family_name="Nandu", modality=Modality.ONLINE),
        "twins": [person(event, given_name="Twin", family_name="Name") for _ in range(2)],
    }


def test_a_report_is_matched_by_address_then_by_a_name_only_one_has(event, people):
    outcome = import_report(event)
    assert (outcome.matched, outcome.to_settle, outcome.report.people) == (2, 2, 4)
    came = set(db.session.scalars(select(Attendance.registration_id)))
    assert came == {people["ana"].id, people["ben"].id}
    open_ = db.session.scalars(
        select(SeenOnline).where(SeenOnline.status == SeenStatus.UNMATCHED).order_by(SeenOnline.line)
    )
    assert [(seen.line, seen.name) for seen in open_] == [(5, "Unknown Guest"), (6, "Twin Name")]


def test_the_same_file_twice_changes_nothing(event, people):
    import_report(event)
    before = rows()
    assert import_report(event).is_repeat
    assert rows() == before


def test_an_overlapping_file_adds_only_who_is_new(event, people):
    import_report(event)
    later = REPORT + "New Person,new@nowhere.example,16:00\n"
    import_report(event, later)
    assert Counter(seen.status for seen in db.session.scalars(select(SeenOnline))) == {
        SeenStatus.MATCHED: 2,
        SeenStatus.UNMATCHED: 3,
    }
    assert len(db.session.scalars(select(Attendance)).all()) == 2


def rows():
    tables = (SeenOnline.__table__, Attendance.__table__)
    return [db.session.execute(select(table).order_by(table.c.id)).all() for table in tables]


def test_who_was_not_matched_is_settled_by_hand_and_back(event, people):
    import_report(event)
    seen = db.session.scalars(select(SeenOnline).where(SeenOnline.name == "Twin Name")).one()
    twin = people["twins"][1]
    assert set(queries.likely(seen)) == set(people["twins"])
    service.settle(seen, twin, by=UserFactory(), at=NOON)
    assert queries.attendance_on(twin, event.days[0], Modality.ONLINE)
    with pytest.raises(TransitionNotAllowed):
        service.settle(seen, people["twins"][0], by=UserFactory(), at=NOON)
    service.reopen(seen, by=UserFactory())
    assert queries.attendance_on(twin, event.days[0], Modality.ONLINE) is None


def test_undoing_leaves_the_attendance_that_another_line_shows(event, people):
    import_report(event)
    seen = db.session.scalars(select(SeenOnline).where(SeenOnline.name == "Unknown Guest")).one()
    service.settle(seen, people["ana"], by=UserFactory(), at=NOON)
    service.reopen(seen, by=UserFactory())
    assert queries.attendance_on(people["ana"], event.days[0], Modality.ONLINE)


def test_nobody_is_settled_with_a_registration_of_another_event(event, people):
    import_report(event)
    seen = db.session.scalars(select(SeenOnline).where(SeenOnline.name == "Twin Name")).one()
    with pytest.raises(service.NotExpected):
        service.settle(seen, person(an_event()), by=UserFactory(), at=NOON)


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "Name,Email\n,\n"])
def test_a_file_that_names_nobody_changes_nothing(event, text):
    with pytest.raises(InvalidEntry):
        import_report(event, text)
    assert queries.imports_of(event) == []


def test_the_figures_are_those_of_the_rows_counted_a_second_way(event):
    people = [
        person(event, stakeholder=stakeholder, country=country, gender=gender)
        for stakeholder in (
            StakeholderCategory.MIGRANTS,
            StakeholderCategory.TRADE_UNION,
            StakeholderCategory.MEMBER_STATE,
        )
        for country, gender in (("KE", Gender.WOMAN), ("NP", Gender.MAN), ("LB", Gender.NOT_STATED), ("KE", Gender.MAN))
    ]
    person(an_event())  # of another event
    came = [
        (registration, day, modality)
        for number, registration in enumerate(people)
        for day in event.days
        for modality in Modality
        if (number * 7 + day.date.day + len(modality)) % 3 == 0
    ]
    db.session.add_all(Attendance(registration=r, day=d, modality=m, at=NOON) for r, d, m in came)
    db.session.flush()
    counted = figures(event)

    def count(chosen):
        """In person, online, all: each person once."""
        sets = [{r.id for r, _d, m in chosen if m is modality} for modality in Modality]
        return [*map(len, sets), len({r.id for r, _d, _m in chosen})]

    def numbers(rows):
        return {row.key: [row.in_person, row.online, row.all] for row in rows}

    def second_way(key):
        return {k: count([c for c in came if key(c[0]) == k]) for k in {key(r) for r, _d, _m in came}}

    assert [counted.attended.in_person, counted.attended.online, counted.attended.all] == count(came)
    assert counted.registered == len(people)
    assert numbers(counted.days) == {d.date.isoformat(): count([c for c in came if c[1] is d]) for d in event.days}
    assert numbers(counted.categories) == second_way(lambda r: r.stakeholder.value)
    assert numbers(counted.regions) == second_way(lambda r: region_of(r.country).value)
    assert numbers(counted.countries) == second_way(lambda r: r.country)
    assert numbers(counted.genders) == second_way(lambda r: r.gender.value)
    both = {r.id for r, _d, m in came if m is Modality.IN_PERSON} & {r.id for r, _d, m in came if m is Modality.ONLINE}
    assert counted.both == len(both) > 0
    assert Figures.of(counted.kept()) == counted


def test_the_figures_cost_the_same_for_any_number(event, statements):
    for number in range(9):
        registration = person(event, country=["KE", "NP", "FR"][number % 3])
        service.check_in(registration, event.days[0], by=UserFactory(), at=NOON)
    db.session.flush()
    with statements() as seen:
        figures(event)
    assert len(seen) == 6


def test_an_event_nobody_came_to_has_figures_too(event):
    counted = figures(event)
    assert (counted.attended.all, [row.all for row in counted.days], counted.countries) == (0, [0, 0], [])


def test_a_summary_is_a_snapshot(event):
    by = SecretariatFactory()
    summary = service.compile_summary(service.request_summary(event, by=by, at=NOON), event, at=NOON)
    service.check_in(person(event), event.days[0], by=by, at=NOON)
    assert Figures.of(summary.figures).attended.all == 0
    assert queries.latest_summary(event) is summary


def test_a_summary_that_waits_is_not_asked_for_twice(event):
    by = SecretariatFactory()
    assert service.request_summary(event, by=by, at=NOON) is service.request_summary(event, by=by, at=NOON)
