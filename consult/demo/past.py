"""The meetings that were held: registrations and attendance, from which the summaries are compiled."""

import random
from datetime import datetime, timedelta

from consult.accounts.models import User
from consult.agenda import service as agenda
from consult.attendance.models import Attendance, AttendanceSummary, SummaryStatus
from consult.attendance.service import summaries
from consult.demo.meetings import Held, Meeting
from consult.demo.people import person, region
from consult.events.models import Event, EventStatus, ParticipantCategory, Series
from consult.events.queries import all_series
from consult.events.service import events
from consult.extensions import db
from consult.organisations.models import Organisation
from consult.organisations.queries import name_key
from consult.reference.stakeholders import StakeholderCategory as C
from consult.registration.models import Registration, RegistrationStatus
from consult.reports import service as reports
from consult.words import Modality

STATES, UN = [C.MEMBER_STATE], [C.UN_ENTITY, C.INTERGOVERNMENTAL]
OTHERS = [category for category in C if category not in {*STATES, *UN}]


def build(meeting: Meeting, organisations: list[Organisation], *, by: User) -> Event:
    """One past meeting with its agenda, people, attendance, summary and published report."""
    event = _event(meeting, by=by)
    _agenda(event, meeting, by=by)
    _people(event, meeting, organisations)
    event.status, event.published_at = EventStatus.PUBLISHED, event.created_at
    summary = AttendanceSummary(event=event, status=SummaryStatus.REQUESTED, requested_at=event.created_at, figures={})
    db.session.add(summary)
    db.session.flush()
    summaries.compile_summary(summary, event, at=_after(event))
    reports.write(event, introduction=meeting.summary, next_steps=meeting.next_steps, by=by)
    reports.publish(event, by=by)
    events.archive(event, by=by)
    return event


def _after(event: Event) -> datetime:
    last = event.days[-1]
    return datetime.combine(last.date, last.ends, event.zone) + timedelta(days=1)


def series_of(title: str, *, by: User) -> Series:
    slug = events.slug_of(title)
    known = {series.slug: series for series in all_series()}
    return known.get(slug) or events.create_series(title, by=by)


def _event(meeting: Meeting, *, by: User) -> Event:
    first = datetime.combine(meeting.days[0].date, meeting.days[0].starts).astimezone()
    name, room, place = meeting.venue
    entry = events.Entry(
        title=meeting.title,
        series=series_of(meeting.series, by=by),
        summary=meeting.summary,
        kind=meeting.kind,
        modality=meeting.modality,
        venue_name=name,
        venue_room=room,
        venue_address=place,
        online_platform=meeting.platform,
        timezone="Europe/Zurich",
        contact="secretariat@network.example",
        registration_opens_at=first - timedelta(days=40),
        registration_closes_at=first - timedelta(days=2),
        days=[events.Day(date=day.date, starts=day.starts, ends=day.ends) for day in meeting.days],
    )
    event = events.create_event(entry, by=by, slug=meeting.slug)
    in_person = None if Modality.IN_PERSON in event.modalities else 0
    online = None if Modality.ONLINE in event.modalities else 0
    for title, stakeholders, days in (
        ("Civil society and other stakeholders", OTHERS, event.days),
        ("United Nations and intergovernmental entities", UN, event.days),
        ("Member States", STATES, event.days[meeting.states_from_day :]),
    ):
        category = events.CategoryEntry(
            title=title, stakeholders=stakeholders, capacity_in_person=in_person, capacity_online=online, days=days
        )
        events.add_category(event, category, by=by)
    return event


def _agenda(event: Event, meeting: Meeting, *, by: User) -> None:
    for talk in meeting.talks:
        entry = agenda.Entry(
            number=talk.number,
            title=talk.title,
            kind=talk.kind,
            day=event.days[talk.day],
            starts=talk.starts,
            ends=talk.ends,
            room=event.venue_room,
            guiding_questions=talk.questions,
            parts=talk.parts,
            speakers=talk.speakers,
        )
        agenda.add_session(event, entry, by=by)
    agenda.publish(event, note="", by=by)


def _people(event: Event, meeting: Meeting, organisations: list[Organisation]) -> None:
    """As many as came to each day, some of them on several, and a tenth more who registered and did not come."""
    chance = random.Random(event.slug)
    modality = event.modalities[0]
    everybody: list[Registration] = []
    before: list[Registration] = []
    for number, held in enumerate(meeting.days):
        wanted = held.in_person + held.online
        returning = before[: int(len(before) * 0.8)]
        newcomers = [
            _registration(event, organisations, chance, modality, len(everybody) + place, number, meeting)
            for place in range(wanted - len(returning))
        ]
        everybody += newcomers
        before = returning + newcomers
        db.session.add_all(before)
        db.session.add_all(
            Attendance(registration=each, day=event.days[number], modality=modality, at=_arrival(event, held, chance))
            for each in before
        )
    absent = len(everybody) // 10
    last = len(meeting.days) - 1
    db.session.add_all(
        _registration(event, organisations, chance, modality, len(everybody) + place, last, meeting)
        for place in range(absent)
    )
    db.session.flush()


def _arrival(event: Event, held: Held, chance: random.Random) -> datetime:
    starts = datetime.combine(held.date, held.starts, event.zone)
    return starts + timedelta(minutes=chance.randint(-25, 20))


def _registration(
    event: Event,
    organisations: list[Organisation],
    chance: random.Random,
    modality: Modality,
    place: int,
    day: int,
    meeting: Meeting,
) -> Registration:
    """Somebody who may come on the day of this number."""
    while True:
        organisation = chance.choice(organisations)
        category = next(each for each in event.categories if each.is_for(organisation.category))
        if event.days[day] in category.days:
            return make(event, organisation, category, chance, modality, place)


def make(
    event: Event,
    organisation: Organisation,
    category: ParticipantCategory,
    chance: random.Random,
    modality: Modality,
    place: int,
    status: RegistrationStatus = RegistrationStatus.CONFIRMED,
) -> Registration:
    who = person(chance, region(organisation))
    opens = event.registration_opens_at
    assert opens
    return Registration(
        event=event,
        category=category,
        organisation=organisation,
        organisation_name=organisation.name,
        status=status,
        modality=modality,
        given_name=who.given_name,
        family_name=who.family_name,
        name_key=name_key(f"{who.given_name} {who.family_name}"),
        email=who.address(place + 1),
        stakeholder=organisation.category,
        country=organisation.country,
        gender=who.gender,
        registered_at=opens + timedelta(minutes=place * 7),
        days=list(category.days),
    )
