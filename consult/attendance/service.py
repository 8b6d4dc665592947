"""What is done about attendance: check in, import, settle, compile."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import delete

from consult.accounts.models import User
from consult.attendance import queries
from consult.attendance.figures import figures
from consult.attendance.models import (
    Attendance,
    AttendanceImport,
    AttendanceSummary,
    SeenOnline,
    SeenStatus,
    SummaryStatus,
)
from consult.audit.service import record
from consult.database import after_commit, insert_new, locked
from consult.errors import DomainError, InvalidEntry
from consult.events.models import Event, EventDay
from consult.extensions import celery, db
from consult.organisations.queries import name_key
from consult.registration.models import Registration, RegistrationStatus
from consult.spreadsheets import Line, read
from consult.transitions import move
from consult.words import Modality

EMAILS = ("email", "e-mail", "user email", "email address", "participant id (upn)", "user e-mail", "mail")
NAMES = ("name", "name (original name)", "full name", "participant", "user name", "display name", "name (real name)")
KEY = ["registration_id", "day_id", "modality"]


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
    if registration.status is not RegistrationStatus.CONFIRMED:
        raise NotExpected(_("This registration is not confirmed: %(status)s.", status=registration.status.label))
    if registration.modality is not Modality.IN_PERSON:
        raise NotExpected(
            _("This person is registered to take part online. Ask the event's manager for a place in person.")
        )
    if day not in registration.days:
        raise NotExpected(_("This person does not take part on this day."))
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


@dataclass(frozen=True)
class Outcome:
    """What an import did. `is_repeat`: this very file was imported before, and nothing was changed."""

    report: AttendanceImport
    matched: int
    to_settle: int
    is_repeat: bool


def import_report(event: Event, day: EventDay, content: bytes, *, name: str, by: User, at: datetime) -> Outcome:
    """Take a meeting platform's attendance report (CSV) for one day.

    People are matched by address, then by a name that only one registration has; who is left is for a
    person to settle. Several lines about one person count once, and so does a person in several files.

    Raises:
        InvalidEntry: it is no CSV, has no column of addresses or names, or nobody in it.
    """
    locked(event)
    sha256 = hashlib.sha256(content).hexdigest()
    if earlier := queries.import_with(day, sha256):
        return Outcome(earlier, 0, 0, is_repeat=True)
    lines = list(read(content, required=[(*EMAILS, *NAMES)]))
    people = _people(lines)
    if not people:
        raise InvalidEntry(_("The file names nobody: its columns for name and e-mail are empty."), field="report")
    report = AttendanceImport(
        event=event, day=day, name=name[:200], sha256=sha256, imported_at=at, lines=len(lines), people=len(people)
    )
    db.session.add(report)
    db.session.flush()
    found = _match(event, people)
    rows = [
        {
            "event_id": event.id,
            "day_id": day.id,
            "import_id": report.id,
            "registration_id": found.get(key),
            "status": SeenStatus.MATCHED if key in found else SeenStatus.UNMATCHED,
            "line": line.number,
            "name": line.get(*NAMES)[:300],
            "email": line.get(*EMAILS).lower()[:254],
            "person_key": key,
        }
        for key, line in people.items()
    ]
    insert_new(SeenOnline, rows, unless=["day_id", "person_key"])
    numbers = dict.fromkeys(found.values())
    came = [{"registration_id": n, "day_id": day.id, "modality": Modality.ONLINE, "at": at} for n in numbers]
    insert_new(Attendance, came, unless=KEY)
    record(
        "attendance.imported", about=f"import:{report.ref}", by=by, scope=event.scope, detail=f"{len(people)} people"
    )
    return Outcome(report, len(found), len(people) - len(found), is_repeat=False)


def _people(lines: list[Line]) -> dict[str, Line]:
    """The first line about each person, by address or, without one, by name."""
    people: dict[str, Line] = {}
    for line in lines:
        key = line.get(*EMAILS).lower()[:254] or name_key(line.get(*NAMES))
        if key:
            people.setdefault(key, line)
    return people


def _match(event: Event, people: dict[str, Line]) -> dict[str, int]:
    """The number of the registration of each person who can be told without doubt."""
    known = queries.confirmed_people(event)
    by_email = {email: number for number, email, _name in known}
    by_name: dict[str, int | None] = {}
    for number, _email, name in known:
        by_name[name] = None if name in by_name else number  # a name that two people have tells nobody
    found = {}
    for key, line in people.items():
        if match := by_email.get(key) or by_name.get(name_key(line.get(*NAMES))):
            found[key] = match
    return found


def settle(seen: SeenOnline, registration: Registration, *, by: User, at: datetime) -> SeenOnline:
    """Say who somebody in a report was.

    Raises:
        NotExpected: the registration is of another event, or not confirmed.
        TransitionNotAllowed: it was settled meanwhile.
    """
    locked(seen)
    if registration.event_id != seen.event_id or registration.status is not RegistrationStatus.CONFIRMED:
        raise NotExpected(_("Choose a confirmed registration of this event."), field="registration")
    move(seen, SeenStatus.SETTLED)
    seen.registration_id = registration.id
    came = {"registration_id": registration.id, "day_id": seen.day_id, "modality": Modality.ONLINE, "at": at}
    insert_new(Attendance, [came], unless=KEY)
    db.session.flush()
    _record_seen("attendance.settled", seen, by=by, detail=registration.ref)
    return seen


def dismiss(seen: SeenOnline, *, by: User) -> SeenOnline:
    """Leave somebody out: staff, an interpreter, a telephone nobody knows."""
    locked(seen)
    move(seen, SeenStatus.DISMISSED)
    _record_seen("attendance.dismissed", seen, by=by)
    return seen


def reopen(seen: SeenOnline, *, by: User) -> SeenOnline:
    """Take back what was settled or left out by hand."""
    locked(seen)
    was = seen.registration_id
    move(seen, SeenStatus.UNMATCHED)
    seen.registration_id = None
    db.session.flush()
    if was and not queries.is_seen(was, seen.day_id):
        online = (
            Attendance.registration_id == was,
            Attendance.day_id == seen.day_id,
            Attendance.modality == Modality.ONLINE,
        )
        db.session.execute(delete(Attendance).where(*online))
    _record_seen("attendance.reopened", seen, by=by)
    return seen


def _record_seen(action: str, seen: SeenOnline, *, by: User, detail: str = "") -> None:
    record(action, about=f"seen:{seen.ref}", by=by, scope=seen.event.scope, detail=detail)


def request_summary(event: Event, *, by: User, at: datetime) -> AttendanceSummary:
    """Have the attendance summary compiled; the worker does it. One that is waiting is not asked for again."""
    locked(event)
    if waiting := queries.requested_summary(event):
        after_commit(wake)
        return waiting
    summary = AttendanceSummary(event=event, requested_at=at, status=SummaryStatus.REQUESTED, figures={})
    db.session.add(summary)
    db.session.flush()
    record("summary.requested", about=f"summary:{summary.ref}", by=by, scope=event.scope)
    after_commit(wake)
    return summary


def wake() -> None:
    """Tell a worker there is something to compile; without a broker, the next sweep finds it."""
    celery.send_task("worker.attendance.compile_summaries", retry=False, ignore_result=True)


def compile_summary(summary: AttendanceSummary, event: Event, *, at: datetime) -> AttendanceSummary:
    """Count and keep the figures. The event's days must be loaded."""
    move(summary, SummaryStatus.COMPILED)
    summary.figures, summary.compiled_at = figures(event).kept(), at
    record("summary.compiled", about=f"summary:{summary.ref}", by=None, scope=event.scope)
    return summary
