"""Places and the waiting list.

Who counts places holds the lock on the event's row, so that two at once count one after the other. A place that was
given, or is offered, is nobody else's; the waiting list moves in the order in which people came, and nobody who
comes later passes those who wait.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from flask_babel import gettext as _

from consult.agenda.models import Session
from consult.audit.service import record
from consult.database import locked
from consult.errors import TransitionNotAllowed
from consult.events.models import Event, ParticipantCategory, Selection
from consult.extensions import db
from consult.registration import mails, queries
from consult.registration.models import PlaceStatus, Registration, RegistrationStatus
from consult.transitions import move
from consult.words import Modality

S = RegistrationStatus


def lock(registration: Registration) -> None:
    """The event first, where whoever counts places waits; then the capacity, and the registration as they are now."""
    locked(registration.event)
    locked(registration.category)
    locked(registration)


class Availability:
    """The places of categories, or of sessions: counted once, and counted on while they are given.

    Args:
        counted: (given, waiting) by the number of the category or session, and modality. The event must be locked.
    """

    def __init__(self, counted: Mapping[tuple[int, Modality], tuple[int, int]]) -> None:
        self._counted = dict(counted)

    def is_free(self, place: ParticipantCategory | Session, modality: Modality) -> bool:
        """Whether there is a place for which nobody waits."""
        capacity = place.capacity(modality)
        taken, waiting = self._counted.get((place.id, modality), (0, 0))
        return capacity is None or (taken < capacity and not waiting)

    def take(self, place: ParticipantCategory | Session, modality: Modality) -> None:
        """One more has a place."""
        taken, waiting = self._counted.get((place.id, modality), (0, 0))
        self._counted[place.id, modality] = (taken + 1, waiting)

    def queue(self, place: ParticipantCategory | Session, modality: Modality) -> None:
        """One more waits for a place."""
        taken, waiting = self._counted.get((place.id, modality), (0, 0))
        self._counted[place.id, modality] = (taken, waiting + 1)


def availability_of(categories: Sequence[ParticipantCategory]) -> Availability:
    return Availability(queries.places_of(categories))


def availability_of_sessions(event: Event) -> Availability:
    return Availability(queries.session_places(event))


def status_for(category: ParticipantCategory, modality: Modality, *, availability: Availability) -> RegistrationStatus:
    """What somebody who registers now gets."""
    if category.selection is Selection.APPROVAL:
        return S.PENDING
    return S.CONFIRMED if availability.is_free(category, modality) else S.WAITLISTED


def is_free(category: ParticipantCategory, modality: Modality) -> bool:
    """Whether there is a place for which nobody waits. The event must be locked."""
    return availability_of([category]).is_free(category, modality)


def confirm(registration: Registration, *, message: str = "") -> None:
    """Give the place, and those of the chosen sessions that have places left. The event must be locked.

    Raises:
        TransitionNotAllowed: the person says they come for a State or an intergovernmental body, and nobody has
            confirmed it.
    """
    db.session.flush()
    give_place(registration, sessions=availability_of_sessions(registration.event))
    registration.message = message or registration.message
    db.session.flush()
    mails.tell_status(registration)


def give_place(registration: Registration, *, sessions: Availability) -> None:
    """The same without a mail, for whoever gives many places at once.

    Raises:
        TransitionNotAllowed: as above.
    """
    if registration.is_official_open:
        raise TransitionNotAllowed(_("Confirm the official status first, or turn the person down."))
    move(registration, S.CONFIRMED)
    registration.offered_until = None
    for place in registration.sessions:
        if place.status is PlaceStatus.ASKED and sessions.is_free(place.session, registration.modality):
            move(place, PlaceStatus.CONFIRMED)
            sessions.take(place.session, registration.modality)
        elif place.status is PlaceStatus.ASKED:
            move(place, PlaceStatus.WAITLISTED)
            sessions.queue(place.session, registration.modality)


def fill(category: ParticipantCategory, modality: Modality, *, at: datetime) -> None:
    """Offer free places to those who wait, in order. The event must be locked."""
    event = category.event
    if not event.is_live or at >= ends(event):
        return
    locked(category)
    left = queries.places_left(category, modality)
    for registration in queries.waiting(category, modality, limit=1_000_000 if left is None else left):
        _offer(registration, at=at)
    db.session.flush()


def _offer(registration: Registration, *, at: datetime) -> None:
    """With an end before the event begins; when there is no time to ask, the place is given at once."""
    event = registration.event
    until = min(at + timedelta(hours=event.offer_hours), begins(event))
    if until <= at:
        confirm(registration)
        action = "registration.moved_up"
    else:
        move(registration, S.OFFERED)
        registration.offered_until = until
        action = "registration.offered"
        mails.tell_status(registration)
    record(action, about=f"registration:{registration.ref}", by=None, scope=event.scope)


def expire_offers(*, at: datetime) -> int:
    """End the offers that nobody took in time, and offer the places to the next; returns how many ended."""
    return sum(expire_offers_of(number, at=at) for number in queries.events_with_ended_offers(at))


def expire_offers_of(number: int, *, at: datetime) -> int:
    """The same for one event, by its number."""
    event, ended = locked(queries.event_of_offers(number)), 0
    for registration in queries.ended_offers(event, at):
        move(registration, S.WITHDRAWN)
        registration.offered_until = None
        db.session.flush()
        record("registration.offer_ended", about=f"registration:{registration.ref}", by=None, scope=event.scope)
        mails.tell_status(registration, template="expired")
        release(registration, at=at)
        ended += 1
    return ended


def release(registration: Registration, *, at: datetime) -> None:
    """The registration holds nothing any more: its place and those of its sessions go to who waits."""
    freed = [place.session for place in registration.sessions if place.status is PlaceStatus.CONFIRMED]
    registration.sessions.clear()
    db.session.flush()
    for session in freed:
        fill_session(session, registration.modality)
    fill(registration.category, registration.modality, at=at)


def fill_session(session: Session, modality: Modality) -> None:
    """Give a session's free places to those who wait for them, in order, and tell them. The event must be locked."""
    locked(session)
    left = queries.session_places_left(session, modality)
    for place in queries.waiting_for_session(session, modality, limit=1_000_000 if left is None else left):
        move(place, PlaceStatus.CONFIRMED)
        db.session.flush()
        mails.tell_session(place)


def drop_sessions(registration: Registration, kept: list[Session]) -> None:
    """Turn down the sessions that were asked for and are not among these."""
    for place in registration.sessions:
        if place.session not in kept and place.status is PlaceStatus.ASKED:
            move(place, PlaceStatus.DECLINED)


def begins(event: Event) -> datetime:
    return event.days[0].instants(event)[0]


def ends(event: Event) -> datetime:
    return event.days[-1].instants(event)[1]
