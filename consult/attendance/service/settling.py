"""Who somebody in a report was, where only a person can tell."""

from flask_babel import gettext as _
from sqlalchemy import delete

from consult.accounts.models import User
from consult.attendance import queries
from consult.attendance.models import Attendance, SeenOnline, SeenStatus, Source
from consult.attendance.service.counting import count_again
from consult.attendance.service.door import NotExpected
from consult.audit.service import record
from consult.database import locked
from consult.errors import TransitionNotAllowed
from consult.extensions import db
from consult.registration.models import Registration, RegistrationStatus
from consult.transitions import move
from consult.words import Modality


def settle(seen: SeenOnline, registration: Registration, *, by: User) -> SeenOnline:
    """Say who somebody in a report was; their stays are counted as that person's.

    Raises:
        NotExpected: the registration is of another event, or not confirmed.
        TransitionNotAllowed: it was settled meanwhile.
    """
    locked(seen)
    if registration.event_id != seen.event_id or registration.status is not RegistrationStatus.CONFIRMED:
        raise NotExpected(_("Choose a confirmed registration of this event."), field="registration")
    move(seen, SeenStatus.SETTLED)
    seen.registration_id = registration.id
    db.session.flush()
    count_again(seen.event_id, queries.minimum_of(seen), registration_id=registration.id)
    _record_seen("attendance.settled", seen, by=by, detail=registration.ref)
    return seen


def dismiss(seen: SeenOnline, *, by: User) -> SeenOnline:
    """Leave somebody out: staff, an interpreter, a telephone nobody knows."""
    locked(seen)
    move(seen, SeenStatus.DISMISSED)
    _record_seen("attendance.dismissed", seen, by=by)
    return seen


def reopen(seen: SeenOnline, *, by: User) -> SeenOnline:
    """Take back who somebody was said to be, by hand or by the import."""
    locked(seen)
    was = seen.registration_id
    if seen.status is SeenStatus.UNMATCHED:
        raise TransitionNotAllowed(_("This is to be settled already."))
    move(seen, SeenStatus.UNMATCHED)
    seen.registration_id = None
    db.session.flush()
    if was:
        online = (
            Attendance.registration_id == was,
            Attendance.day_id == seen.day_id,
            Attendance.modality == Modality.ONLINE,
            Attendance.source == Source.REPORT,
        )
        db.session.execute(delete(Attendance).where(*online))
        count_again(seen.event_id, queries.minimum_of(seen), registration_id=was)
    _record_seen("attendance.reopened", seen, by=by)
    return seen


def _record_seen(action: str, seen: SeenOnline, *, by: User, detail: str = "") -> None:
    record(action, about=f"seen:{seen.ref}", by=by, scope=seen.event.scope, detail=detail)
