"""The figures compiled from attendance, and the summaries that keep them."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consult.attendance import queries
from consult.attendance.figures import TABLES, Figures, Row, figures
from consult.attendance.models import Attendance, SessionAttendance
from consult.attendance.service import door
from consult.attendance.service import summaries as service
from consult.extensions import db
from consult.reference.countries import region_of
from consult.reference.stakeholders import Gender, StakeholderCategory
from consult.registration.models import RegistrationStatus
from consult.words import Modality
from tests.factories import (
    NOON,
    CategoryFactory,
    RegistrationFactory,
    SecretariatFactory,
    SessionFactory,
    UserFactory,
    an_event,
)

pytestmark = pytest.mark.usefixtures("session")


@pytest.fixture
def event(session):
    return an_event()


def person(event, **changes):
    return RegistrationFactory(category=event.categories[0], **changes)


def second_way(event, people, came):
    """The figures from the rows, by sets in Python. `came` holds (registration, day, modality)."""
    speakers = {r.id for r in people if r.category.is_for_speakers}
    heard = [each for each in came if each[0].id not in speakers]

    def count(chosen):
        """In person, online, all: each person once."""
        sets = [{r.id for r, _d, m in chosen if m is modality} for modality in Modality]
        return [*map(len, sets), len({r.id for r, _d, _m in chosen})]

    def by(key):
        return {k: count([c for c in heard if key(c[0]) == k]) for k in {key(r) for r, _d, _m in heard}}

    both = {r.id for r, _d, m in heard if m is Modality.IN_PERSON} & {
        r.id for r, _d, m in heard if m is Modality.ONLINE
    }
    mine = [r for r in people if r.id not in speakers]
    confirmed = {r.id for r in mine if r.status is RegistrationStatus.CONFIRMED}
    return {
        "registered": len(mine),
        "confirmed": len(confirmed),
        "no_shows": len(confirmed - {r.id for r, _d, _m in heard}),
        "attended": count(heard),
        "speakers": count([each for each in came if each[0].id in speakers]),
        "both": len(both),
        "days": {d.date.isoformat(): count([c for c in heard if c[1] is d]) for d in event.days},
        "categories": by(lambda r: r.stakeholder.value),
        "regions": by(lambda r: region_of(r.country).value),
        "countries": by(lambda r: r.country),
        "genders": by(lambda r: r.gender.value),
        "organisations": by(lambda r: r.organisation_name),
    }


def as_counted(counted):
    def numbers(row):
        return [row.in_person, row.online, row.all]

    tables = ("days", "categories", "regions", "countries", "genders", "organisations")
    return {
        **{name: getattr(counted, name) for name in ("registered", "confirmed", "no_shows", "both")},
        **{name: numbers(getattr(counted, name)) for name in ("attended", "speakers")},
        **{name: {row.key: numbers(row) for row in getattr(counted, name)} for name in tables},
    }


def test_the_figures_are_those_of_the_rows_counted_a_second_way(event):
    stage = CategoryFactory(event=event, is_for_speakers=True)
    kinds = (StakeholderCategory.MIGRANTS, StakeholderCategory.TRADE_UNION, StakeholderCategory.MEMBER_STATE)
    origins = (("KE", Gender.WOMAN), ("NP", Gender.MAN), ("LB", Gender.NOT_STATED), ("KE", Gender.MAN))
    people = [
        person(event, stakeholder=stakeholder, country=country, gender=gender, organisation_name=f"Org {country}")
        for stakeholder in kinds
        for country, gender in origins
    ]
    people.append(RegistrationFactory(category=stage))
    people.append(person(event, status=RegistrationStatus.WITHDRAWN))
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
    assert as_counted(counted) == second_way(event, people, came)
    assert counted.both > 0
    assert counted.speakers.all == 1
    assert Figures.of(counted.kept()) == counted


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from([StakeholderCategory.MIGRANTS, StakeholderCategory.MEDIA]),
            st.sampled_from(["KE", "NP", "FR"]),
            st.sampled_from(list(Gender)),
            st.sampled_from([RegistrationStatus.CONFIRMED, RegistrationStatus.WITHDRAWN]),
            st.booleans(),
            st.sets(st.tuples(st.integers(0, 1), st.sampled_from(list(Modality)))),
        ),
        max_size=14,
    )
)
def test_any_attendance_adds_up(session, rows):
    """The sum over categories is the total, nobody is counted twice, and no table knows more than the rows."""
    event = an_event()
    stage = CategoryFactory(event=event, is_for_speakers=True)
    people, came = [], []
    for stakeholder, country, gender, status, speaks, days in rows:
        category = stage if speaks else event.categories[0]
        registration = RegistrationFactory(
            category=category, stakeholder=stakeholder, country=country, gender=gender, status=status
        )
        people.append(registration)
        came += [(registration, event.days[day], modality) for day, modality in days]
    db.session.add_all(Attendance(registration=r, day=d, modality=m, at=NOON) for r, d, m in came)
    db.session.flush()
    counted = figures(event)
    assert as_counted(counted) == second_way(event, people, came)
    for table in ("categories", "regions", "countries", "genders", "organisations"):
        assert sum(row.all for row in getattr(counted, table)) == counted.attended.all
    assert counted.attended.all <= sum(row.all for row in counted.days)
    assert counted.attended.all == counted.attended.in_person + counted.attended.online - counted.both
    assert counted.no_shows >= 0
    public = counted.for_publication()
    for table in TABLES:
        hidden = [row for row in getattr(public, table) if row.is_hidden]
        shown = [row for row in getattr(public, table) if not row.is_hidden]
        assert not any(0 < number < 5 for row in shown for number in (row.in_person, row.online, row.all))
        if len(hidden) == 1:
            assert not any(row.all for row in shown), "one hidden number could be told from the total"


def test_who_came_before_is_not_there_for_the_first_time(event):
    earlier = an_event(first_day=date(2026, 3, 1), last_day=date(2026, 3, 2))
    before = person(earlier, email="ana@example.org")
    person(earlier, email="ben@example.org")  # registered, and did not come
    now_there = [person(event, email=email) for email in ("ana@example.org", "ben@example.org", "")]
    rows = [(before, earlier.days[0]), *((each, event.days[0]) for each in now_there)]
    db.session.add_all(Attendance(registration=r, day=d, modality=Modality.ONLINE, at=NOON) for r, d in rows)
    db.session.flush()
    assert figures(event).first_time == Row("first_time", 0, 1, 1), "who left no address is not known to be new"


def test_sessions_are_counted_each(event):
    lab = SessionFactory(event=event, title="Lab")
    both, hall = person(event), person(event)
    rows = [(both, Modality.IN_PERSON), (both, Modality.ONLINE), (hall, Modality.IN_PERSON)]
    db.session.add_all(SessionAttendance(session=lab, registration=r, modality=m, at=NOON) for r, m in rows)
    db.session.flush()
    assert figures(event).sessions == [Row("Lab", 2, 1, 2)]


@pytest.mark.parametrize(
    ("numbers", "hidden"), [([9, 8, 7], []), ([9, 8, 3], [3, 8]), ([9, 4, 3], [4, 3]), ([9, 0, 3], [3, 9]), ([3], [3])]
)
def test_small_numbers_are_hidden_and_cannot_be_told_from_the_total(numbers, hidden):
    rows = [Row(str(number), number, 0, number) for number in numbers]
    none = Row("x", 0, 0, 0)
    figures_ = Figures(registered=9, confirmed=9, confirmed_came=9, attended=none, both=0, first_time=none,
                       speakers=none, countries=rows)  # fmt: skip
    shown = figures_.for_publication().countries
    assert sorted(row.key for row in shown if row.is_hidden) == sorted(map(str, hidden))


def test_the_figures_cost_the_same_for_any_number(event, statements):
    for number in range(9):
        registration = person(event, country=["KE", "NP", "FR"][number % 3])
        door.check_in(registration, event.days[0], by=UserFactory(), at=NOON)
    db.session.flush()
    with statements() as seen:
        figures(event)
    assert len(seen) == 3


def test_an_event_nobody_came_to_has_figures_too(event):
    counted = figures(event)
    assert (counted.attended.all, [row.all for row in counted.days], counted.countries) == (0, [0, 0], [])


def test_a_summary_is_a_snapshot(event):
    by = SecretariatFactory()
    summary = service.compile_summary(service.request_summary(event, by=by, at=NOON), event, at=NOON)
    door.check_in(person(event), event.days[0], by=by, at=NOON)
    assert Figures.of(summary.figures).attended.all == 0
    assert queries.latest_summary(event) is summary


def test_a_summary_that_waits_is_not_asked_for_twice(event):
    by = SecretariatFactory()
    assert service.request_summary(event, by=by, at=NOON) is service.request_summary(event, by=by, at=NOON)
