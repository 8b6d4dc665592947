"""Reads about places: how many are given, who waits, whose offers have ended."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from consult.agenda.models import Session
from consult.events.models import Event, EventDay, ParticipantCategory
from consult.extensions import db
from consult.registration.models import HOLDING, PlaceStatus, Registration, RegistrationStatus, SessionPlace
from consult.registration.queries.registrations import whole
from consult.words import Modality


def taken(category: ParticipantCategory, modality: Modality) -> int:
    """How many places of this category and modality are given, or offered to somebody."""
    statement = select(func.count()).where(
        Registration.category_id == category.id,
        Registration.modality == modality,
        Registration.status.in_(HOLDING),
    )
    return db.session.scalars(statement).one()


def places_left(category: ParticipantCategory, modality: Modality) -> int | None:
    """How many are free, never less than 0; None where there is no limit."""
    capacity = category.capacity(modality)
    return None if capacity is None else max(0, capacity - taken(category, modality))


def places_of(categories: Sequence[ParticipantCategory]) -> dict[tuple[int, Modality], tuple[int, int]]:
    """(given or offered, waiting) of each of these categories, by its number, and modality; where there are any."""
    statement = (
        select(
            Registration.category_id,
            Registration.modality,
            func.count().filter(Registration.status.in_(HOLDING)),
            func.count().filter(Registration.status == RegistrationStatus.WAITLISTED),
        )
        .where(Registration.category_id.in_([category.id for category in categories]))
        .group_by(Registration.category_id, Registration.modality)
    )
    return {
        (category, modality): (given, waiting) for category, modality, given, waiting in db.session.execute(statement)
    }


def places(event: Event) -> dict[tuple[int, Modality], tuple[int, int]]:
    """(given or offered, waiting) of each category, by its number, and modality of the event."""
    counted = places_of(event.categories)
    return {
        (category.id, modality): counted.get((category.id, modality), (0, 0))
        for category in event.categories
        for modality in event.modalities
    }


def waiting(category: ParticipantCategory, modality: Modality, *, limit: int) -> Sequence[Registration]:
    """The first on the waiting list, in the order in which they came."""
    statement = whole(
        Registration.category_id == category.id,
        Registration.modality == modality,
        Registration.status == RegistrationStatus.WAITLISTED,
    )
    return db.session.scalars(statement.order_by(Registration.id).limit(limit)).all()


def waiting_position(registration: Registration) -> int:
    """1 for the first on the waiting list."""
    ahead = select(func.count()).where(
        Registration.category_id == registration.category_id,
        Registration.modality == registration.modality,
        Registration.status == RegistrationStatus.WAITLISTED,
        Registration.id < registration.id,
    )
    return db.session.scalars(ahead).one() + 1


def events_with_ended_offers(at: datetime) -> Sequence[int]:
    """The numbers of the events that have offers which ended by now."""
    ended = select(Registration.event_id).where(
        Registration.status == RegistrationStatus.OFFERED, Registration.offered_until <= at
    )
    return db.session.scalars(ended.distinct().order_by(Registration.event_id)).all()


def event_of_offers(number: int) -> Event:
    return db.session.scalars(select(Event).where(Event.id == number).options(selectinload(Event.days))).one()


def ended_offers(event: Event, at: datetime) -> Sequence[Registration]:
    ended = whole(
        Registration.event_id == event.id,
        Registration.status == RegistrationStatus.OFFERED,
        Registration.offered_until <= at,
    )
    return db.session.scalars(ended.order_by(Registration.id)).all()


def choosable_sessions(event: Event) -> Sequence[Session]:
    """The sessions that people choose when they register, in the order in which they are held."""
    chosen = (Session.capacity_in_person.is_not(None)) | (Session.capacity_online.is_not(None))
    return db.session.scalars(
        select(Session)
        .join(Session.day)
        .options(contains_eager(Session.day))
        .where(Session.event_id == event.id, chosen)
        .order_by(EventDay.date, Session.starts, Session.id)
    ).all()


def _session_places(session: Session, modality: Modality, status: PlaceStatus) -> list[ColumnElement[bool]]:
    return [
        SessionPlace.session_id == session.id,
        SessionPlace.status == status,
        Registration.modality == modality,
        Registration.status == RegistrationStatus.CONFIRMED,
    ]


def session_places_left(session: Session, modality: Modality) -> int | None:
    """How many places of a session are free; None where there is no limit."""
    capacity = session.capacity(modality)
    if capacity is None:
        return None
    given = select(func.count(SessionPlace.id)).join(SessionPlace.registration)
    return max(
        0, capacity - db.session.scalars(given.where(*_session_places(session, modality, PlaceStatus.CONFIRMED))).one()
    )


def waiting_for_session(session: Session, modality: Modality, *, limit: int) -> Sequence[SessionPlace]:
    """The first who wait for a session, in the order in which they registered."""
    return db.session.scalars(
        select(SessionPlace)
        .join(SessionPlace.registration)
        .join(Registration.event)
        .options(
            contains_eager(SessionPlace.registration).options(
                contains_eager(Registration.event), joinedload(Registration.category)
            ),
            joinedload(SessionPlace.session),
        )
        .where(*_session_places(session, modality, PlaceStatus.WAITLISTED))
        .order_by(SessionPlace.registration_id)
        .limit(limit)
    ).all()


def session_places(event: Event) -> dict[tuple[int, Modality], tuple[int, int]]:
    """(given, waiting) of each session by its number, and modality."""
    statement = (
        select(
            SessionPlace.session_id,
            Registration.modality,
            func.count().filter(SessionPlace.status == PlaceStatus.CONFIRMED),
            func.count().filter(SessionPlace.status == PlaceStatus.WAITLISTED),
        )
        .join(SessionPlace.registration)
        .where(Registration.event_id == event.id, Registration.status == RegistrationStatus.CONFIRMED)
        .group_by(SessionPlace.session_id, Registration.modality)
    )
    return {(number, modality): (given, waiting) for number, modality, given, waiting in db.session.execute(statement)}
