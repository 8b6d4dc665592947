"""The demo: its numbers come out of its rows, and loading it twice changes nothing."""

import json

import pytest
from sqlalchemy import func, select

from consult.attendance.models import Attendance
from consult.demo import load
from consult.events.models import Event, EventDay
from consult.extensions import db
from consult.reference.stakeholders import StakeholderCategory
from consult.registration.models import Registration

HELD = {
    "consultation-2019": [96],
    "briefing-2020": [139],
    "annual-2020": [283, 364],
    "quarterly-2021-3": [151],
}


@pytest.fixture
def demo(session):
    said: list[str] = []
    assert load.load(said.append)
    assert len(said) == 6
    return session


def test_the_summaries_are_those_of_the_real_meetings(demo, app):
    runner = app.test_cli_runner()
    for slug, numbers in HELD.items():
        result = runner.invoke(args=["attendance", "summary", slug, "--json"])
        figures = json.loads(result.output)
        assert [day["all"] for day in figures["days"]] == numbers
        # the same a second way, from the raw rows
        people = (
            select(func.count(Attendance.registration_id.distinct()))
            .join(EventDay, EventDay.id == Attendance.day_id)
            .join(Event, Event.id == EventDay.event_id)
            .where(Event.slug == slug)
        )
        assert figures["attended"]["all"] == db.session.scalars(people).one()
        assert sum(row["all"] for row in figures["categories"]) == figures["attended"]["all"]


def test_member_states_came_on_the_second_day_only(demo):
    event = db.session.scalars(select(Event).where(Event.slug == "annual-2020")).one()
    days = (
        select(EventDay.date)
        .join(Attendance, Attendance.day_id == EventDay.id)
        .join(Registration)
        .where(Registration.event_id == event.id, Registration.stakeholder == StakeholderCategory.MEMBER_STATE)
    )
    assert {day.day for day in db.session.scalars(days)} == {16}


def test_every_category_and_region_takes_part(demo):
    assert set(db.session.scalars(select(Registration.stakeholder))) == set(StakeholderCategory)


def test_loading_twice_changes_nothing(demo):
    def rows():
        return {
            name: db.session.scalar(select(func.count()).select_from(table))
            for name, table in db.metadata.tables.items()
        }

    before = rows()
    assert not load.load(lambda _text: None)
    assert rows() == before
