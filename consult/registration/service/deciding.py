"""What the secretariat does: approve, turn down, place by hand, cancel."""

from collections.abc import Sequence
from datetime import datetime

from flask_babel import gettext as _

from consult.accounts.models import User
from consult.agenda.models import Session
from consult.audit.service import record
from consult.errors import AlreadySo, InvalidEntry, TransitionNotAllowed
from consult.events.models import Event, EventDay
from consult.extensions import db
from consult.letters import service as letters
from consult.letters.models import LetterKind
from consult.registration import mails, queries
from consult.registration.models import HOLDING, Registration, RegistrationStatus
from consult.registration.service import addresses, erasure, places
from consult.transitions import move
from consult.words import Modality

S = RegistrationStatus


def approve(
    registration: Registration,
    *,
    days: Sequence[EventDay] | None = None,
    sessions: Sequence[Session] | None = None,
    message: str = "",
    by: User,
    at: datetime,
) -> Registration:
    """Approve a person who waits for it: for all they asked for, or for some days or sessions only, which they are
    told. Where no place is free, they go on the waiting list.

    Raises:
        TransitionNotAllowed: it was decided meanwhile.
        InvalidEntry: no day is left.
    """
    places.lock(registration)
    if registration.status in {S.CONFIRMED, S.WAITLISTED}:
        raise AlreadySo(_("This is “%(status)s” already.", status=registration.status.label))
    if registration.status is not S.PENDING:
        raise TransitionNotAllowed(_("This is “%(status)s” now. Look at it again.", status=registration.status.label))
    if registration.is_official_open:
        raise TransitionNotAllowed(_("Confirm the official status first, or turn the person down."))
    if days is not None:
        if not days:
            raise InvalidEntry(_("Choose at least one day, or turn the person down."), field="days")
        registration.days_declined = [day.date.isoformat() for day in registration.days if day not in days]
        registration.days[:] = [day for day in registration.days if day in days]
        kept = {day.id for day in registration.days}
        on_days = [each.session for each in registration.sessions if each.session.day_id in kept]
        sessions = [each for each in (on_days if sessions is None else sessions) if each in on_days]
    if sessions is not None:
        places.drop_sessions(registration, list(sessions))
    registration.message = message
    if places.is_free(registration.category, registration.modality):
        places.confirm(registration)
    else:
        move(registration, S.WAITLISTED)
        mails.tell_status(registration)
    _record("registration.approved", registration, by=by, detail=registration.status)
    return registration


def confirm_official(registration: Registration, *, by: User | None, at: datetime) -> Registration:
    """The person does come for the State or the body they named; then they get what everybody gets who registers.

    Args:
        by: None where it follows from the confirmation of their organisation.

    Raises:
        TransitionNotAllowed: there is nothing to confirm.
    """
    places.lock(registration)
    if not registration.is_official_open:
        raise TransitionNotAllowed(_("There is no official status to confirm. Look at it again."))
    registration.official_confirmed_at = at
    _record("registration.official_confirmed", registration, by=by, detail=registration.stakeholder)
    if registration.status is S.PENDING:
        given = places.status_for(
            registration.category, registration.modality, availability=places.availability_of([registration.category])
        )
        if given is S.CONFIRMED:
            places.confirm(registration)
        elif given is S.WAITLISTED:
            move(registration, given)
            mails.tell_status(registration)
    db.session.flush()
    return registration


def decline(registration: Registration, *, message: str, by: User, at: datetime) -> Registration:
    """Turn a person down, in words they read.

    Raises:
        InvalidEntry: the words are missing.
        TransitionNotAllowed: they have a place; or it was decided meanwhile.
    """
    _need_words(message, _("Explain the decision in a sentence. The person reads it."))
    places.lock(registration)
    move(registration, S.DECLINED)
    registration.message = message
    places.release(registration, at=at)
    _record("registration.declined", registration, by=by)
    mails.tell_status(registration)
    return registration


def cancel(registration: Registration, *, message: str, by: User, at: datetime) -> Registration:
    """Take a place back, in words the person reads; it goes to who waits.

    Raises:
        InvalidEntry: the words are missing.
        TransitionNotAllowed: there is none any more.
    """
    _need_words(message, _("Explain the decision in a sentence. The person reads it."))
    places.lock(registration)
    has_agreed = not registration.is_asked
    move(registration, S.CANCELLED)
    registration.offered_until, registration.message = None, message
    letters.end(f"registration:{registration.ref}", at=at)
    _record("registration.cancelled", registration, by=by)
    if has_agreed:
        mails.tell_status(registration, template="taken_back")
        places.release(registration, at=at)
    else:  # who never agreed, or objected, is not written to, and nothing of them stays
        erasure.erase_registration(registration, address="", by=by, at=at)
    return registration


def place_by_hand(registration: Registration, *, reason: str, is_extra: bool, by: User, at: datetime) -> Registration:
    """Give a person a place, past the others who wait. The reason is kept in the record.

    Args:
        is_extra: with one place more than there were, so that nobody loses theirs.

    Raises:
        InvalidEntry: there is no reason, or no place.
        AlreadyRegistered: the person has another registration.
        TransitionNotAllowed: they have a place, or gave it up.
    """
    _need_words(reason, _("Say why. It is kept in the record."), field="reason")
    places.lock(registration)
    category, modality = registration.category, registration.modality
    if registration.status in HOLDING and registration.status is not S.OFFERED:
        raise AlreadySo(_("This person has a place already."))
    known = addresses.read(registration.event, [registration.email])
    addresses.need_free_address(known, registration.email, of=registration)
    if registration.status is not S.OFFERED and queries.places_left(category, modality) == 0:
        if not is_extra:
            message = _("All places are given. Tick that there is one place more, or free one first.")
            raise InvalidEntry(message, field="is_extra")
        if modality is Modality.IN_PERSON:
            category.capacity_in_person = (category.capacity_in_person or 0) + 1
        else:
            category.capacity_online = (category.capacity_online or 0) + 1
        record("category.extra_place", about=f"category:{category.ref}", by=by, scope=registration.event.scope)
        db.session.flush()
    registration.message = ""  # what was said with an earlier no is no longer so
    places.confirm(registration)
    _record("registration.placed", registration, by=by, detail=reason)
    return registration


def cancel_all(event: Event, *, reason: str, at: datetime) -> None:
    """The event is off: nobody has a place any more, and everybody is told why. The event must be locked."""
    for registration in queries.held(event):
        has_agreed = not registration.is_asked
        move(registration, S.CANCELLED)
        registration.offered_until, registration.message = None, reason
        if has_agreed:
            mails.tell_status(registration)
        else:
            erasure.erase_registration(registration, address="", by=None, at=at)
    letters.end_all(event.scope, kind=LetterKind.VISA_SUPPORT, at=at)
    db.session.flush()


def end_visa_letters(event: Event, *, at: datetime) -> None:
    """What the letters say of the event is no longer so; whoever has one is told, and can have another at once."""
    about = letters.end_all(event.scope, kind=LetterKind.VISA_SUPPORT, at=at)
    holders = queries.registrations_named(event, [each.partition(":")[2] for each in about])
    mails.tell_letters_ended([registration for registration in holders if registration.is_confirmed])
    record("letter.ended", about=event.scope, by=None, scope=event.scope, detail=str(len(about)))


def _need_words(text: str, refusal: str, *, field: str = "message") -> None:
    if not text.strip():
        raise InvalidEntry(refusal, field=field)


def _record(action: str, registration: Registration, *, by: User | None, detail: str = "") -> None:
    record(action, about=f"registration:{registration.ref}", by=by, scope=registration.event.scope, detail=detail)
