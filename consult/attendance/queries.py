"""Reads about attendance."""

from collections.abc import Sequence
from datetime import date

from flask_babel import gettext as _
from rapidfuzz import fuzz, process
from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager, joinedload

from consult.attendance.models import (
    Attendance,
    AttendanceImport,
    AttendanceSummary,
    SeenOnline,
    SeenStatus,
    SummaryStatus,
)
from consult.database import now
from consult.errors import NotFound
from consult.events.models import Event, EventDay
from consult.extensions import db
from consult.organisations.queries import name_key
from consult.paging import Page, page
from consult.registration.models import Registration, RegistrationStatus
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


def imports_of(event: Event) -> Sequence[AttendanceImport]:
    """The latest first."""
    statement = select(AttendanceImport).where(AttendanceImport.event_id == event.id)
    return db.session.scalars(
        statement.options(joinedload(AttendanceImport.day)).order_by(AttendanceImport.id.desc())
    ).all()


def import_with(day: EventDay, sha256: str) -> AttendanceImport | None:
    return db.session.scalar(
        select(AttendanceImport).where(AttendanceImport.day_id == day.id, AttendanceImport.sha256 == sha256)
    )


def seen_at(slug: str, ref: str) -> SeenOnline:
    """Somebody seen online, looked for inside their event only."""
    seen = db.session.scalar(
        select(SeenOnline)
        .join(SeenOnline.event)
        .options(
            contains_eager(SeenOnline.event).selectinload(Event.days),
            joinedload(SeenOnline.day),
            joinedload(SeenOnline.registration),
        )
        .where(Event.slug == slug, SeenOnline.ref == ref)
    )
    if seen is None:
        raise NotFound(_("There is nobody of this address in the reports."))
    return seen


def seen_online(event: Event, *, status: SeenStatus, after: int | None = None) -> Page[SeenOnline]:
    statement = (
        select(SeenOnline)
        .where(SeenOnline.event_id == event.id, SeenOnline.status == status)
        .options(joinedload(SeenOnline.day), joinedload(SeenOnline.registration))
    )
    return page(statement, SeenOnline, after=after)


def seen_counts(event: Event) -> dict[SeenStatus, int]:
    statement = (
        select(SeenOnline.status, func.count()).where(SeenOnline.event_id == event.id).group_by(SeenOnline.status)
    )
    found = dict(db.session.execute(statement).all())
    return {status: found.get(status, 0) for status in SeenStatus}


def likely(seen: SeenOnline, *, limit: int = 5) -> Sequence[Registration]:
    """Confirmed registrations whose names are most like the name in the report, the likeliest first."""
    statement = select(Registration.id, Registration.name_key).where(
        Registration.event_id == seen.event_id, Registration.status == RegistrationStatus.CONFIRMED
    )
    names = dict(db.session.execute(statement).all())
    best = process.extract(name_key(seen.name), names, scorer=fuzz.token_sort_ratio, limit=limit, score_cutoff=50)
    numbers = [number for _name, _score, number in best]
    found = {each.id: each for each in db.session.scalars(select(Registration).where(Registration.id.in_(numbers)))}
    return [found[number] for number in numbers]


def confirmed_people(event: Event) -> Sequence[tuple[int, str, str]]:
    """(number, address, name as it is compared) of everybody confirmed: what reports are matched with."""
    statement = select(Registration.id, Registration.email, Registration.name_key).where(
        Registration.event_id == event.id, Registration.status == RegistrationStatus.CONFIRMED
    )
    return [(number, email, key) for number, email, key in db.session.execute(statement)]


def latest_summary(event: Event) -> AttendanceSummary | None:
    """The last one that is compiled."""
    statement = select(AttendanceSummary).where(
        AttendanceSummary.event_id == event.id, AttendanceSummary.status == SummaryStatus.COMPILED
    )
    return db.session.scalar(statement.order_by(AttendanceSummary.id.desc()).limit(1))


def requested_summary(event: Event) -> AttendanceSummary | None:
    """One that the worker has yet to compile."""
    statement = select(AttendanceSummary).where(
        AttendanceSummary.event_id == event.id, AttendanceSummary.status == SummaryStatus.REQUESTED
    )
    return db.session.scalar(statement.limit(1))


def requested_summaries() -> Sequence[AttendanceSummary]:
    statement = (
        select(AttendanceSummary)
        .where(AttendanceSummary.status == SummaryStatus.REQUESTED)
        .order_by(AttendanceSummary.id)
        .with_for_update(skip_locked=True)
    )
    return db.session.scalars(statement).all()


def is_seen(registration_id: int, day_id: int) -> bool:
    """Whether any report names this registration on this day."""
    statement = select(SeenOnline.id).where(SeenOnline.registration_id == registration_id, SeenOnline.day_id == day_id)
    return db.session.scalar(statement.limit(1)) is not None
