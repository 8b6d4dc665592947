"""Reads about the door."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any, Protocol, cast
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Integer, Select, String, and_, bindparam, false, func, null, or_, select, true
from sqlalchemy.orm import contains_eager, joinedload

from consult.accounts.models import User, hashed
from consult.agenda.models import Session, SessionKind
from consult.attendance.models import Attendance, DoorPass, RoomCode, SessionAttendance
from consult.columns import UTCDateTime
from consult.database import now
from consult.errors import NotFound
from consult.events.models import Event, EventDay, ParticipantCategory
from consult.extensions import db
from consult.organisations.queries import name_key
from consult.registration.models import (
    HELD_STATES,
    PlaceStatus,
    Registration,
    RegistrationStatus,
    SessionPlace,
    registration_day,
)
from consult.words import Modality


def day_of(event: Event, day: date | None = None) -> EventDay | None:
    """The event's day of this date; without one, today's in the event's zone, else the nearest."""
    if not event.days:
        return None
    if day is not None:
        return next((each for each in event.days if each.date == day), None)
    today = now().astimezone(event.zone).date()
    return min(event.days, key=lambda each: abs((each.date - today).days))


def attendance_on(registration: Registration, day: EventDay, modality: Modality) -> Attendance | None:
    return db.session.scalar(
        select(Attendance).where(
            Attendance.registration_id == registration.id, Attendance.day_id == day.id, Attendance.modality == modality
        )
    )


def present(registrations: Sequence[Registration], day: EventDay) -> dict[int, Attendance]:
    """Who of these has been checked in at the door on this day, by the registration's number."""
    statement = select(Attendance).where(
        Attendance.registration_id.in_([registration.id for registration in registrations]),
        Attendance.day_id == day.id,
        Attendance.modality == Modality.IN_PERSON,
    )
    return {attendance.registration_id: attendance for attendance in db.session.scalars(statement)}


def arrivals(day: EventDay) -> int:
    """How many have been checked in at the door."""
    statement = select(func.count()).where(Attendance.day_id == day.id, Attendance.modality == Modality.IN_PERSON)
    return db.session.scalars(statement).one()


def expected(event: Event, day: EventDay) -> int:
    """How many confirmed in-person participants take part on this day."""
    statement = select(func.count()).where(
        Registration.event_id == event.id,
        Registration.status == RegistrationStatus.CONFIRMED,
        Registration.modality == Modality.IN_PERSON,
        Registration.days.any(EventDay.id == day.id),
    )
    return db.session.scalars(statement).one()


def has_attended(registration: Registration) -> bool:
    there = select(Attendance.id).where(Attendance.registration_id == registration.id)
    return db.session.scalar(there.limit(1)) is not None


OPENS_BEFORE = timedelta(hours=12)  # a link to the door works from so long before the day begins
CLOSES_AFTER = timedelta(hours=6)  # until so long after it ends


class DoorNotOpen(NotFound):
    """The link is good, and works from `opens` on."""

    def __init__(self, door: "OpenDoor") -> None:
        super().__init__(_("This link to the door does not work yet."))
        self.door = door


@dataclass(frozen=True)
class OpenDoor:
    """A pass that works, as the door needs it at each scan: one row, no objects."""

    id: int
    ref: str
    name: str
    until: datetime
    event_id: int
    day_id: int
    slug: str
    title: str
    timezone: str
    event_ref: str
    date: date
    starts: time
    listed_at: datetime | None

    @property
    def opens(self) -> datetime:
        return datetime.combine(self.date, self.starts, self.zone) - OPENS_BEFORE

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def scope(self) -> str:
        return f"event:{self.event_ref}"


_PASS = (
    select(
        DoorPass.id, DoorPass.ref, DoorPass.name, DoorPass.until, DoorPass.event_id, DoorPass.day_id, Event.slug,
        Event.title, Event.timezone, Event.ref, EventDay.date, EventDay.starts, DoorPass.listed_at,
    )
    .join(Event, Event.id == DoorPass.event_id)
    .join(EventDay, EventDay.id == DoorPass.day_id)
    .where(DoorPass.key_hash == bindparam("key", type_=String), DoorPass.until > bindparam("at", type_=UTCDateTime))
)  # fmt: skip


def pass_with(key: str, *, at: datetime) -> OpenDoor:
    """The pass of a link that works now.

    Raises:
        DoorNotOpen: its day is too far off.
        NotFound: there is none, or it works no longer.
    """
    row = db.session.execute(_PASS, {"key": hashed(key), "at": at}).one_or_none()
    if row is None:
        raise NotFound(_("This link to the door works no longer. Ask the event's team for a new one."))
    found = OpenDoor(*list(row))
    if at < found.opens:
        raise DoorNotOpen(found)
    return found


def passes_made_by(event: Event, person: User, *, at: datetime) -> Sequence[DoorPass]:
    """The links this person has made that still work, or will."""
    theirs = select(DoorPass).join(DoorPass.event).options(contains_eager(DoorPass.event))
    theirs = theirs.where(DoorPass.event_id == event.id, DoorPass.made_by_id == person.id, DoorPass.until > at)
    return db.session.scalars(theirs.order_by(DoorPass.id)).all()


def pass_at(slug: str, ref: str) -> DoorPass:
    """A pass, looked for inside its event only."""
    found = db.session.scalar(
        select(DoorPass)
        .join(DoorPass.event)
        .options(contains_eager(DoorPass.event))
        .where(Event.slug == slug, DoorPass.ref == ref)
    )
    if found is None:
        raise NotFound(_("There is no such link."))
    return found


def passes_of(event: Event, *, at: datetime) -> Sequence[DoorPass]:
    """Those that work now, the latest first."""
    working = select(DoorPass).where(DoorPass.event_id == event.id, DoorPass.until > at)
    return db.session.scalars(working.options(joinedload(DoorPass.day)).order_by(DoorPass.id.desc())).all()


def sessions_on(day_id: int) -> Sequence[Session]:
    """The sessions of a day, as they follow one another."""
    held = select(Session).where(Session.day_id == day_id, Session.kind != SessionKind.BREAK)
    return db.session.scalars(held.order_by(Session.starts, Session.id)).all()


class PersonAtDoor(Protocol):
    """What the door needs to know of one person; `since` and `session_since` are when they were checked in."""

    id: int
    ref: str
    name: str
    badge_code: str
    organisation_name: str
    category: str
    status: str
    modality: str
    is_on_day: bool
    since: datetime | None
    session_id: int | None
    needs_session_place: bool
    has_session_place: bool
    session_since: datetime | None


@cache
def _at_door(*, in_session: bool) -> Select[Any]:
    """Everybody of an event, as `PersonAtDoor`: one statement, no objects. Made once: a door asks it all day."""
    day, event = bindparam("day", type_=Integer), bindparam("event", type_=Integer)
    on_day = (
        select(registration_day.c.day_id)
        .where(registration_day.c.registration_id == Registration.id, registration_day.c.day_id == day)
        .exists()
    )
    columns: list[Any] = [
        Registration.id,
        Registration.ref,
        func.trim(Registration.given_name + " " + Registration.family_name).label("name"),
        Registration.badge_code,
        Registration.organisation_name,
        ParticipantCategory.title.label("category"),
        Registration.status,
        Registration.modality,
        on_day.label("is_on_day"),
        Attendance.at.label("since"),
    ]
    came = and_(
        Attendance.registration_id == Registration.id,
        Attendance.day_id == day,
        Attendance.modality == Modality.IN_PERSON,
    )
    if not in_session:
        columns += [null().label("session_id"), null().label("session_since")]
        columns += [false().label("needs_session_place"), false().label("has_session_place")]
        statement = select(*columns).select_from(Registration)
    else:
        has_place = (
            select(SessionPlace.id)
            .where(
                SessionPlace.session_id == Session.id,
                SessionPlace.registration_id == Registration.id,
                SessionPlace.status == PlaceStatus.CONFIRMED,
            )
            .exists()
        )
        columns += [Session.id.label("session_id"), SessionAttendance.at.label("session_since")]
        columns += [
            Session.capacity_in_person.is_not(None).label("needs_session_place"), has_place.label("has_session_place"),
        ]  # fmt: skip
        was_in = and_(
            SessionAttendance.session_id == Session.id,
            SessionAttendance.registration_id == Registration.id,
            SessionAttendance.modality == Modality.IN_PERSON,
        )
        statement = (
            select(*columns)
            .select_from(Registration)
            .outerjoin(Session, and_(Session.ref == bindparam("session", type_=String), Session.day_id == day))
            .outerjoin(SessionAttendance, was_in)
        )
    return (
        statement.join(ParticipantCategory, ParticipantCategory.id == Registration.category_id)
        .outerjoin(Attendance, came)
        .where(Registration.event_id == event)
    )


def person_at_door(found: OpenDoor, *, code: str, ref: str, session: str) -> PersonAtDoor | None:
    """Whoever has this badge, or else this reference, at the event of the pass. One statement."""
    wanted = Registration.badge_code == code if code else Registration.ref == ref
    statement = _at_door(in_session=bool(session)).where(wanted)
    return cast(PersonAtDoor | None, db.session.execute(statement, _asked(found, session)).one_or_none())


def _asked(found: OpenDoor, session: str) -> dict[str, Any]:
    asked: dict[str, Any] = {"day": found.day_id, "event": found.event_id}
    return {**asked, "session": session} if session else asked


def people_at_door(found: OpenDoor, *, session: str = "", text: str = "") -> Sequence[PersonAtDoor]:
    """Who may come to the door on the day, and who may not and is likely to: everybody who has not given up.

    Args:
        text: parts of a name or an organisation; then only those expected on the day in person, at most 20.
    """
    statement = _at_door(in_session=bool(session)).where(Registration.status.in_(HELD_STATES))
    if text:
        words = [Registration.name_key.like(f"%{word}%") for word in name_key(text).split()]
        is_theirs = func.lower(Registration.organisation_name).like(f"%{text.lower()}%")
        statement = statement.where(or_(and_(true(), *words), is_theirs), *_is_expected(found.day_id)).limit(20)
    found_people = db.session.execute(
        statement.order_by(Registration.name_key, Registration.id), _asked(found, session)
    ).all()
    return cast(Sequence[PersonAtDoor], found_people)


def _is_expected(day_id: int) -> list[ColumnElement[bool]]:
    """Confirmed, in person, on this day."""
    on_day = select(registration_day.c.day_id).where(
        registration_day.c.registration_id == Registration.id, registration_day.c.day_id == day_id
    )
    return [
        Registration.status == RegistrationStatus.CONFIRMED,
        Registration.modality == Modality.IN_PERSON,
        on_day.exists(),
    ]


def days_of(found: OpenDoor, *, registration_id: int | None = None) -> dict[int, tuple[date, ...]]:
    """On which days people take part, by the registration's number: everybody of the event, or one."""
    statement = (
        select(registration_day.c.registration_id, EventDay.date)
        .join(EventDay, EventDay.id == registration_day.c.day_id)
        .where(EventDay.event_id == found.event_id)
        .order_by(EventDay.date)
    )
    if registration_id is not None:
        statement = statement.where(registration_day.c.registration_id == registration_id)
    days: dict[int, tuple[date, ...]] = {}
    for number, day in db.session.execute(statement):
        days[number] = (*days.get(number, ()), day)
    return days


@dataclass(frozen=True)
class Wall:
    """Arrivals of a day: in all, by category (title, arrived, expected), by quarter of an hour (when, how many)."""

    arrived: int
    expected: int
    categories: Sequence[tuple[str, int, int]]
    quarters: Sequence[tuple[str, int]]


def wall(found: OpenDoor) -> Wall:
    """Two statements and the list of arrival times."""
    on_day = Registration.days.any(EventDay.id == found.day_id)
    came = and_(
        Attendance.registration_id == Registration.id,
        Attendance.day_id == found.day_id,
        Attendance.modality == Modality.IN_PERSON,
    )
    is_expected = and_(
        Registration.status == RegistrationStatus.CONFIRMED, Registration.modality == Modality.IN_PERSON, on_day
    )
    statement = (
        select(ParticipantCategory.title, func.count(Attendance.id), func.count().filter(is_expected))
        .select_from(Registration)
        .join(ParticipantCategory, ParticipantCategory.id == Registration.category_id)
        .outerjoin(Attendance, came)
        .where(Registration.event_id == found.event_id)
        .group_by(ParticipantCategory.id, ParticipantCategory.title)
        .order_by(ParticipantCategory.id)
    )
    rows = [(title, arrived, due) for title, arrived, due in db.session.execute(statement) if arrived or due]
    times = db.session.scalars(
        select(Attendance.at)
        .where(Attendance.day_id == found.day_id, Attendance.modality == Modality.IN_PERSON)
        .order_by(Attendance.at)
    )
    quarters = Counter(_quarter(at.astimezone(found.zone)) for at in times)
    return Wall(sum(row[1] for row in rows), sum(row[2] for row in rows), rows, sorted(quarters.items()))


def _quarter(at: datetime) -> str:
    return f"{at.hour:02}:{at.minute // 15 * 15:02}"


def code_with(event_id: int, code: str, *, at: datetime) -> RoomCode | None:
    """The code that is shown now, if it is this one."""
    return db.session.scalar(
        select(RoomCode)
        .where(RoomCode.event_id == event_id, RoomCode.code == code, RoomCode.until > at)
        .options(joinedload(RoomCode.day), joinedload(RoomCode.session))
        .order_by(RoomCode.id.desc())
        .limit(1)
    )


def codes_of(event: Event, *, at: datetime) -> Sequence[RoomCode]:
    """Those that work now, the latest first."""
    shown = select(RoomCode).where(RoomCode.event_id == event.id, RoomCode.until > at)
    options = (joinedload(RoomCode.day), joinedload(RoomCode.session))
    return db.session.scalars(shown.options(*options).order_by(RoomCode.id.desc())).all()


def code_at(slug: str, ref: str) -> RoomCode:
    """A code, looked for inside its event only."""
    found = db.session.scalar(
        select(RoomCode)
        .join(RoomCode.event)
        .options(contains_eager(RoomCode.event))
        .where(Event.slug == slug, RoomCode.ref == ref)
    )
    if found is None:
        raise NotFound(_("There is no such code."))
    return found
