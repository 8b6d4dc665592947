"""Codes shown in the room: those who take part online say themselves that they are there."""

import secrets
from datetime import datetime, timedelta

from flask_babel import gettext as _

from consult.accounts.models import User
from consult.agenda.models import Session
from consult.attendance import queries
from consult.attendance.models import Attendance, RoomCode, SessionAttendance, Source
from consult.audit.service import record
from consult.database import insert_new
from consult.errors import InvalidEntry, TransitionNotAllowed
from consult.events.models import Event, EventDay
from consult.extensions import db
from consult.registration.models import Registration, RegistrationStatus
from consult.words import Modality

LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"


def show_code(
    event: Event, day: EventDay, *, session: Session | None, minutes: int, by: User, at: datetime
) -> RoomCode:
    """A new code of six characters; the former ones of the same session (or day) end."""
    for former in queries.codes_of(event, at=at):
        if former.day_id == day.id and former.session_id == (session.id if session else None):
            former.until = at
    code = "".join(secrets.choice(LETTERS) for _ in range(6))
    made = RoomCode(event=event, day=day, session=session, code=code, made_at=at, until=at + timedelta(minutes=minutes))
    db.session.add(made)
    db.session.flush()
    record("code.shown", about=f"code:{made.ref}", by=by, scope=event.scope, detail=day.date.isoformat())
    return made


def end_code(found: RoomCode, *, by: User, at: datetime) -> RoomCode:
    """Nobody can check in with it any more."""
    found.until = min(found.until, at)
    record("code.ended", about=f"code:{found.ref}", by=by, scope=found.event.scope)
    return found


def check_in_with(registration: Registration, code: str, *, at: datetime) -> RoomCode:
    """The person says they are there, with what they see in the room. Twice counts once.

    Raises:
        TransitionNotAllowed: the place is not confirmed, or it is one in person: the door counts those.
        InvalidEntry: it is not the code that is shown now, or it is of a day on which they do not take part.
    """
    if registration.status is not RegistrationStatus.CONFIRMED:
        raise TransitionNotAllowed(_("This is for those whose place is confirmed."))
    if registration.modality is not Modality.ONLINE:
        raise TransitionNotAllowed(_("You are registered in person. Show your badge at the door instead."))
    shown = queries.code_with(registration.event_id, code.strip().upper().replace("-", ""), at=at)
    if shown is None:
        raise InvalidEntry(_("This is not the code that is shown now. Look again: it may have changed."), field="code")
    if shown.day_id not in {day.id for day in registration.days}:
        raise InvalidEntry(_("Your registration is not for this day."), field="code")
    came = {"registration_id": registration.id, "modality": Modality.ONLINE, "at": at}
    day = {**came, "day_id": shown.day_id, "source": Source.CODE}
    insert_new(Attendance, [day], unless=["registration_id", "day_id", "modality"])
    if shown.session_id:
        row = {**came, "session_id": shown.session_id}
        insert_new(SessionAttendance, [row], unless=["session_id", "registration_id", "modality"])
    about = f"registration:{registration.ref}"
    record("attendance.code_entered", about=about, by=None, scope=registration.event.scope, detail=shown.ref)
    return shown
