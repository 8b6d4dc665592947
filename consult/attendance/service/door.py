"""The door: let people in, at a page of the workspace or with a device that keeps the people of the day.

A device goes on without the network and sends its scans later, so the same scan may come twice and scans of two doors
may come in any order: each person is there once, since the earliest.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, cast

from flask_babel import gettext as _
from sqlalchemy import delete, or_, update

from consult.accounts.models import User, hashed
from consult.attendance import queries
from consult.attendance.models import Attendance, DoorPass, SessionAttendance, Source
from consult.attendance.queries import OpenDoor
from consult.audit.service import record, record_row
from consult.database import Model, insert_earliest, locked, new_secret
from consult.errors import DomainError, InvalidEntry
from consult.events.models import Event, EventDay
from consult.extensions import db
from consult.reference.stakeholders import OFFICIAL
from consult.registration.models import Registration, RegistrationStatus
from consult.registration.service.registering import Entry, register_walk_in
from consult.words import Modality

RECORDED_EVERY = timedelta(hours=1)


class AlreadyCheckedIn(DomainError):
    """This person was checked in on this day before."""


class NotExpected(DomainError):
    """This person has no place on this day."""


def check_in(registration: Registration, day: EventDay, *, by: User, at: datetime) -> Attendance:
    """Let a person in at the door. Two doors at once give one attendance; the second is told.

    Raises:
        NotExpected: the place is not confirmed, or not for this day.
        AlreadyCheckedIn: the message says when.
    """
    locked(registration)
    if reason := why_not(registration.status, registration.modality, is_on_day=day in registration.days):
        raise NotExpected(reason)
    if earlier := queries.attendance_on(registration, day, Modality.IN_PERSON):
        time = earlier.at.astimezone(registration.event.zone).strftime("%H:%M")
        raise AlreadyCheckedIn(_("This person was checked in already, at %(time)s.", time=time))
    attendance = Attendance(registration=registration, day=day, modality=Modality.IN_PERSON, at=at)
    db.session.add(attendance)
    db.session.flush()
    _record("attendance.checked_in", registration, by=by, detail=day.date.isoformat())
    return attendance


def undo_check_in(registration: Registration, day: EventDay, *, by: User) -> None:
    """Take back a check-in that was a mistake."""
    locked(registration)
    if attendance := queries.attendance_on(registration, day, Modality.IN_PERSON):
        db.session.delete(attendance)
        db.session.flush()
        _record("attendance.check_in_undone", registration, by=by, detail=day.date.isoformat())


def _record(action: str, registration: Registration, *, by: User, detail: str) -> None:
    scope = registration.event.scope
    record(action, about=f"registration:{registration.ref}", by=by, scope=scope, detail=detail)


def open_door(event: Event, day: EventDay, *, name: str, by: User, at: datetime) -> tuple[DoorPass, str]:
    """A link by which somebody keeps the door on this day; returns the pass and the key, which is kept nowhere.

    It works from shortly before the day begins until shortly after it has ended.

    Args:
        name: who is to use it, as the record is to say.

    Raises:
        InvalidEntry: the day is over.
    """
    key = new_secret()
    until = day.instants(event)[1] + queries.CLOSES_AFTER
    if until <= at:
        raise InvalidEntry(_("This day is over."))
    made = DoorPass(
        event=event, day=day, key_hash=hashed(key), name=name, made_by=by, made_at=at, until=until
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    record("door.opened", about=f"door:{made.ref}", by=by, scope=event.scope, detail=f"{name}, {day.date}")
    return made, key


def is_reading_unrecorded(found: OpenDoor, *, at: datetime) -> bool:
    """Whether it is to be recorded that the people of the day are read: once an hour for each link."""
    return found.listed_at is None or found.listed_at + RECORDED_EVERY <= at


def record_reading(found: OpenDoor, *, at: datetime) -> None:
    """That the people of the day are read with this link is in the record."""
    due = or_(DoorPass.listed_at.is_(None), DoorPass.listed_at <= at - RECORDED_EVERY)
    noted = db.session.execute(update(DoorPass).where(DoorPass.id == found.id, due).values(listed_at=at))
    if cast(Any, noted).rowcount:
        record("door.list_read", about=f"door:{found.ref}", by=found, scope=found.scope, detail=found.date.isoformat())


def close_door(found: DoorPass, *, by: User, at: datetime) -> DoorPass:
    """The link works no longer; devices that use it forget the people they hold."""
    found.until = min(found.until, at)
    record("door.closed", about=f"door:{found.ref}", by=by, scope=found.event.scope, detail=found.name)
    db.session.flush()
    return found


def close_doors_of(event: Event, person: User, *, by: User, at: datetime) -> None:
    """Links that the person has made work no longer: they keep no door of this event now."""
    for door in queries.passes_made_by(event, person, at=at):
        close_door(door, by=by, at=at)


@dataclass(frozen=True, kw_only=True)
class Scan:
    """A badge that was scanned, or a person who was chosen by name.

    Args:
        code: what the badge says; or else `ref`, the registration's reference.
        at: when, by the clock of the device.
        session: the reference of a session; none for the day.
        is_undo: the check-in was a mistake.
    """

    code: str = ""
    ref: str = ""
    at: datetime
    session: str = ""
    is_undo: bool = False


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether the person may go in. `first_at` is when they were checked in first, `is_new` whether it was now; `days`
    are said with a no, so that the person knows when to come."""

    is_good: bool
    reason: str = ""
    name: str = ""
    organisation: str = ""
    category: str = ""
    ref: str = ""
    days: Sequence[date] = ()
    first_at: datetime | None = None
    is_new: bool = False


def scan(found: OpenDoor, given: Scan, *, at: datetime) -> Verdict:
    """Let in whoever has a confirmed place in person on the day of the pass (and in the session, if one is named).

    Of all others no name is told: as in what devices keep, a badge gets the reason, and a reference nothing.
    """
    person = queries.person_at_door(found, code=given.code, ref=given.ref, session=given.session)
    if person is None or _absence(person):
        return _refuse(found, given, person)
    about: dict[str, Any] = {
        "name": person.name, "organisation": person.organisation_name, "category": person.category, "ref": person.ref,
    }  # fmt: skip
    if reason := refusal(person, session=given.session):
        return Verdict(is_good=False, reason=reason, **about)
    came = {"registration_id": person.id, "modality": Modality.IN_PERSON, "at": _believable(found, given.at, at)}
    subject = f"registration:{person.ref}"
    if given.is_undo:
        _take_back(person, found, given.session)
        record_row("attendance.check_in_undone", about=subject, by=found, scope=found.scope)
        return Verdict(is_good=True, **about)
    on_day = {**came, "day_id": found.day_id, "source": Source.DOOR}
    first = _note(Attendance, on_day, ("registration_id", "day_id", "modality"), known=person.since)
    is_new = person.since is None
    if given.session:
        in_session = {**came, "session_id": person.session_id}
        keys = ("session_id", "registration_id", "modality")
        first = _note(SessionAttendance, in_session, keys, known=person.session_since)
        is_new = person.session_since is None
    if is_new:
        action = "attendance.session_checked_in" if given.session else "attendance.checked_in"
        record_row(action, about=subject, by=found, scope=found.scope, detail=found.date.isoformat())
    return Verdict(is_good=True, first_at=first, is_new=is_new, **about)


def _refuse(found: OpenDoor, given: Scan, person: queries.PersonAtDoor | None) -> Verdict:
    """What is said of somebody who is not expected on the day; with a badge in hand, they hear when to come."""
    if not given.code:
        return Verdict(is_good=False, reason=_("Not expected on this day"), ref=given.ref)
    if person is None:
        return Verdict(is_good=False, reason=_("This badge is not of this event, or it was replaced."))
    days = queries.days_of(found, registration_id=person.id).get(person.id, ())
    return Verdict(is_good=False, reason=_absence(person), ref=person.ref, days=days)


def register_at_door(found: OpenDoor, event: Event, entry: Entry, *, at: datetime) -> Verdict:
    """Register somebody who is not registered, for the day of the link only, and let them in.

    A link needs no account and may lie on a lost phone: nobody becomes a State's delegate by it.

    Raises:
        InvalidEntry: the person comes for a State or the like, or there is no place for them.
        AlreadyRegistered: the address has a registration.
    """
    if entry.stakeholder in OFFICIAL:
        message = _(
            "Delegates of States and of international organisations are registered by the secretariat. "
            "Send this person to the secretariat's desk."
        )
        raise InvalidEntry(message, field="stakeholder")
    days = [next(day for day in event.days if day.id == found.day_id)]
    registration = register_walk_in(event, replace(entry, days=days), by=found, at=at)
    verdict = scan(found, Scan(ref=registration.ref, at=at), at=at)
    if not verdict.is_good:
        raise InvalidEntry(verdict.reason, field="category")
    return verdict


def why_not(status: str, modality: str, *, is_on_day: bool) -> str:
    """Why somebody may not go in on a day; empty if they may."""
    if status != RegistrationStatus.CONFIRMED:
        return str(RegistrationStatus(status).label)
    if modality != Modality.IN_PERSON:
        return _("Registered to take part online")
    return "" if is_on_day else _("Does not take part on this day")


def refusal(person: queries.PersonAtDoor, *, session: str = "") -> str:
    """Why a person is not let in; empty if they are. Also what devices are told beforehand."""
    if reason := _absence(person):
        return reason
    if session and person.session_id is None:
        return _("There is no such session on this day")
    if session and person.needs_session_place and not person.has_session_place:
        return _("Has no place in this session")
    return ""


def _absence(person: queries.PersonAtDoor) -> str:
    """Why somebody is not expected on the day of the pass; empty if they are."""
    return why_not(person.status, person.modality, is_on_day=person.is_on_day)


def _note(model: type[Model], row: dict[str, Any], keys: tuple[str, ...], *, known: datetime | None) -> datetime:
    """Insert, or keep the earlier of two times; the time that holds now. Another door may be doing the same."""
    at: datetime = row["at"]
    return known if known is not None and known <= at else insert_earliest(model, row, keys=keys)


def _believable(found: OpenDoor, said: datetime, at: datetime) -> datetime:
    """A device's clock may be wrong: not later than now, and on the day of the pass or else now."""
    local = said.astimezone(found.zone)
    return said if said <= at and local.date() == found.date else at


def _take_back(person: queries.PersonAtDoor, found: OpenDoor, session: str) -> None:
    if session:
        theirs = (
            SessionAttendance.session_id == person.session_id,
            SessionAttendance.registration_id == person.id,
            SessionAttendance.modality == Modality.IN_PERSON,
        )
        db.session.execute(delete(SessionAttendance).where(*theirs))
        return
    db.session.execute(
        delete(Attendance).where(
            Attendance.registration_id == person.id,
            Attendance.day_id == found.day_id,
            Attendance.modality == Modality.IN_PERSON,
        )
    )
