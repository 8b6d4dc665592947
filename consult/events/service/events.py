"""Describe, publish and cancel events, their series and their categories."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from consult.accounts.models import User
from consult.audit.service import record
from consult.database import locked, new_ref, now
from consult.errors import InvalidEntry
from consult.events import queries
from consult.events.facts import CategoryChanged, EventCancelled, EventCreated, EventMoved
from consult.events.models import (
    Colour,
    Event,
    EventDay,
    EventKind,
    EventModality,
    EventStatus,
    ParticipantCategory,
    Selection,
    Series,
)
from consult.extensions import db
from consult.facts import announce
from consult.questions import service as questions
from consult.questions.models import QuestionSet
from consult.questions.service import Entry as Question
from consult.reference.stakeholders import StakeholderCategory
from consult.transitions import move


@dataclass(frozen=True, kw_only=True)
class Day:
    """A day, its times local to the event's zone."""

    date: date
    starts: time
    ends: time


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An event as it is described. The instants of windows carry a zone."""

    title: str
    series: Series
    summary: str = ""
    kind: EventKind
    modality: EventModality
    venue_name: str = ""
    venue_room: str = ""
    venue_address: str = ""
    online_platform: str = ""
    join_link: str = ""
    timezone: str
    contact: str = ""
    registration_opens_at: datetime | None = None
    registration_closes_at: datetime | None = None
    inputs_opens_at: datetime | None = None
    inputs_closes_at: datetime | None = None
    offer_hours: int = 48
    passports_until: date | None = None
    days: Sequence[Day] = ()


@dataclass(frozen=True, kw_only=True)
class CategoryEntry:
    """A participant category as it is described; a capacity of None is no limit, 0 is not offered.

    Args:
        quota: how many people one organisation may register under it; None is no limit.
        questions: what it asks of each person; None leaves what it asks as it is.
    """

    title: str
    stakeholders: Sequence[StakeholderCategory] = ()
    requires_accreditation: bool = False
    capacity_in_person: int | None = None
    capacity_online: int | None = None
    quota: int | None = None
    selection: Selection = Selection.FIRST_COME
    allows_individuals: bool = False
    is_for_speakers: bool = False
    colour: Colour = Colour.TEAL
    questions: Sequence[Question] | None = None
    days: Sequence[EventDay] = field(default_factory=list)


def slug_of(title: str) -> str:
    """“Second annual meeting, 2020” → “second-annual-meeting-2020”."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:70].strip("-") or f"event-{new_ref().lower()}"


def create_series(title: str, *, by: User) -> Series:
    """Begin a series of meetings.

    Raises:
        InvalidEntry: there is one of this title.
    """
    slug = slug_of(title)
    if any(series.slug == slug for series in queries.all_series()):
        raise InvalidEntry(_("There is a series of this title already."), field="title")
    series = Series(title=title, slug=slug)
    db.session.add(series)
    db.session.flush()
    record("series.created", about=f"series:{series.ref}", by=by)
    return series


def create_event(entry: Entry, *, by: User, slug: str = "") -> Event:
    """Describe a new event. It is a draft: only its team sees it until it is published.

    Raises:
        InvalidEntry: a window ends before it begins, or two days have one date.
    """
    slug = slug or slug_of(entry.title)
    if not queries.is_slug_free(slug):
        slug = f"{slug}-{new_ref().lower()[:4]}"
    event = Event(slug=slug, created_at=now(), days=[], categories=[], status=EventStatus.DRAFT)
    _fill(event, entry)
    db.session.add(event)
    db.session.flush()
    record("event.created", about=event.scope, by=by, scope=event.scope)
    announce(EventCreated(event))
    return event


def edit_event(event: Event, entry: Entry, *, by: User) -> Event:
    """Change what an event says of itself.

    Raises:
        InvalidEntry: as for a new one, or a day that is taken out is in use.
    """
    locked(event)
    printed = _printed(event)
    try:
        with db.session.begin_nested():
            _fill(event, entry)
            db.session.flush()
    except IntegrityError as error:
        message = _("A day that you took out has sessions, registrations or attendance. Move those first.")
        raise InvalidEntry(message, field="days") from error
    record("event.changed", about=event.scope, by=by, scope=event.scope)
    if _printed(event) != printed:
        announce(EventMoved(event))
    return event


def _printed(event: Event) -> tuple[object, ...]:
    """What stands in letters about the event."""
    return event.title, event.venue_name, event.venue_address, event.first_day, event.last_day


def _fill(event: Event, entry: Entry) -> None:
    for name in ("registration", "inputs"):
        opens, closes = getattr(entry, f"{name}_opens_at"), getattr(entry, f"{name}_closes_at")
        if (opens is None) != (closes is None):
            missing = "closes" if opens else "opens"
            raise InvalidEntry(_("Give both ends of the window, or neither."), field=f"{name}_{missing}_at")
        if opens and closes and opens >= closes:
            raise InvalidEntry(_("This must be later than the opening."), field=f"{name}_closes_at")
    dates = [day.date for day in entry.days]
    if len(dates) != len(set(dates)):
        raise InvalidEntry(_("Two of the days have the same date."), field="days")
    if any(day.starts >= day.ends for day in entry.days):
        raise InvalidEntry(_("A day must end later than it begins."), field="days")
    for name in Entry.__dataclass_fields__:
        if name != "days":
            setattr(event, name, getattr(entry, name))
    known = {day.date: day for day in event.days}
    kept = []
    for wanted in sorted(entry.days, key=lambda day: day.date):
        day = known.get(wanted.date) or EventDay(date=wanted.date)
        day.starts, day.ends = wanted.starts, wanted.ends
        kept.append(day)
    event.days[:] = kept
    event.first_day, event.last_day = (kept[0].date, kept[-1].date) if kept else (None, None)


_PLAIN = (
    "title", "requires_accreditation", "capacity_in_person", "capacity_online", "quota", "selection",
    "allows_individuals", "is_for_speakers", "colour",
)  # fmt: skip


def add_category(event: Event, entry: CategoryEntry, *, by: User) -> ParticipantCategory:
    """Say that a kind of participant may come.

    Raises:
        InvalidEntry: the event has one of this title.
    """
    return _describe(event, None, entry, by=by, action="category.added")


def edit_category(category: ParticipantCategory, entry: CategoryEntry, *, by: User) -> ParticipantCategory:
    """Change who may come.

    Raises:
        InvalidEntry: the event has another category of this title, or more places are given than there would be.
    """
    locked(category.event)
    locked(category)
    _describe(category.event, category, entry, by=by, action="category.changed")
    announce(CategoryChanged(category))
    return category


def _describe(
    event: Event, category: ParticipantCategory | None, entry: CategoryEntry, *, by: User, action: str
) -> ParticipantCategory:
    try:
        with db.session.begin_nested():
            category = category or ParticipantCategory(event=event, days=[], question_set=QuestionSet(questions=[]))
            for name in _PLAIN:
                setattr(category, name, getattr(entry, name))
            category.stakeholders = [each.value for each in entry.stakeholders]
            category.days[:] = list(entry.days) or list(event.days)
            db.session.add(category)
            db.session.flush()
            if entry.questions is not None:
                questions.replace(category.question_set, entry.questions)
    except IntegrityError as error:
        raise InvalidEntry(_("The event has a category of this title already."), field="title") from error
    record(action, about=f"category:{category.ref}", by=by, scope=event.scope, detail=entry.title)
    return category


def remove_category(category: ParticipantCategory, *, by: User) -> None:
    """Take a category out, as long as nobody registered under it.

    Raises:
        InvalidEntry: somebody did.
    """
    about, scope = f"category:{category.ref}", category.event.scope
    record("category.removed", about=about, by=by, scope=scope, detail=category.title)
    try:
        with db.session.begin_nested():
            db.session.delete(category)
            db.session.flush()
            db.session.delete(category.question_set)
            db.session.flush()
    except IntegrityError as error:
        raise InvalidEntry(_("People have registered under this category, so it stays.")) from error


def publish(event: Event, *, by: User) -> Event:
    """Show the event to the public.

    Raises:
        InvalidEntry: it has no day or no participant category yet.
        TransitionNotAllowed: it is cancelled, or published already.
    """
    locked(event)
    if not event.days:
        raise InvalidEntry(_("Give the event at least one day before you publish it."))
    if not event.categories:
        raise InvalidEntry(_("Say who may come, with at least one participant category, before you publish the event."))
    move(event, EventStatus.PUBLISHED)
    event.published_at = event.published_at or now()
    record("event.published", about=event.scope, by=by, scope=event.scope)
    return event


def cancel(event: Event, *, reason: str, by: User) -> Event:
    """Call the event off. All who had a place are told, with the reason.

    Raises:
        TransitionNotAllowed: it was never published, or is cancelled already.
    """
    locked(event)
    move(event, EventStatus.CANCELLED)
    event.cancel_reason = reason
    record("event.cancelled", about=event.scope, by=by, scope=event.scope, detail=reason)
    announce(EventCancelled(event, reason))
    return event


def archive(event: Event, *, by: User) -> Event:
    """Put the event among those that are over; it can still be read."""
    locked(event)
    move(event, EventStatus.ARCHIVED)
    record("event.archived", about=event.scope, by=by, scope=event.scope)
    return event
