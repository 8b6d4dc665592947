"""The figures compiled from attendance, and the summaries that keep them."""

import pytest

from consult.attendance import queries
from consult.attendance.figures import Figures, figures
from consult.attendance.models import Attendance
from consult.attendance.service import door
from consult.attendance.service import summaries as service
from consult.extensions import db
from consult.reference.countries import region_of
from consult.reference.stakeholders import Gender, StakeholderCategory
from consult.words import Modality
from tests.factories import NOON, RegistrationFactory, SecretariatFactory, UserFactory, an_event

pytestmark = pytest.mark.usefixtures("session")


@pytest.fixture
def event(session):
    return an_event()


def person(event, **changes):
    return RegistrationFactory(category=event.categories[0], **changes)


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
        door.check_in(registration, event.days[0], by=UserFactory(), at=NOON)
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
    door.check_in(person(event), event.days[0], by=by, at=NOON)
    assert Figures.of(summary.figures).attended.all == 0
    assert queries.latest_summary(event) is summary


def test_a_summary_that_waits_is_not_asked_for_twice(event):
    by = SecretariatFactory()
    assert service.request_summary(event, by=by, at=NOON) is service.request_summary(event, by=by, at=NOON)
