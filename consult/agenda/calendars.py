"""The agenda, and single sessions, as calendar files (RFC 5545)."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from icalendar import Calendar
from icalendar import Event as Entry

from consult.agenda.queries import PublishedSession
from consult.database import now
from consult.events.models import Event, EventDay, EventStatus


def agenda(event: Event, sessions: Sequence[PublishedSession], *, revision: int, url: str) -> bytes:
    """A calendar with each session; a later revision replaces the entries of an earlier one."""
    calendar = _calendar(event)
    for session in sessions:
        starts, ends = session.instants(event)
        entry = _entry(event, f"session-{session.ref}", session.title, starts, ends, revision=revision, url=url)
        if session.guiding_questions:
            entry.add("description", "\n".join(session.guiding_questions))
        if session.room or event.venue_name:
            entry.add("location", ", ".join(filter(None, (session.room, event.venue_name))))
        calendar.add_component(entry)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def days(event: Event, *, url: str, only: Sequence[EventDay] | None = None) -> bytes:
    """A calendar with the days of the event, or some of them: for confirmations, and while there is no agenda."""
    calendar = _calendar(event)
    for day in event.days if only is None else only:
        starts, ends = day.instants(event)
        entry = _entry(event, f"day-{day.ref}", event.title, starts, ends, revision=0, url=url)
        where = ", ".join(filter(None, (event.venue_room, event.venue_name, event.venue_address)))
        if where or event.online_platform:
            entry.add("location", where or event.online_platform)
        calendar.add_component(entry)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _calendar(event: Event) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//Consult//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", event.title)
    return calendar


def _entry(event: Event, name: str, title: str, starts: datetime, ends: datetime, *, revision: int, url: str) -> Entry:
    entry = Entry()
    entry.add("uid", f"{name}@{urlsplit(url).hostname}")
    entry.add("dtstamp", now())
    entry.add("sequence", revision)
    entry.add("summary", title)
    entry.add("dtstart", starts)
    entry.add("dtend", ends)
    entry.add("url", url)
    entry.add("status", "CANCELLED" if event.status is EventStatus.CANCELLED else "CONFIRMED")
    return entry
