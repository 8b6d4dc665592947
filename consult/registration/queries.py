"""Reads about registrations."""

from collections.abc import Iterator, Sequence

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from consult.accounts.models import User
from consult.errors import NotFound
from consult.events.models import Event, ParticipantCategory
from consult.extensions import db
from consult.organisations.queries import acting_for, name_key
from consult.paging import Page, each, page
from consult.registration.models import Registration, RegistrationStatus
from consult.words import Modality


def _whole(*conditions: ColumnElement[bool]) -> Select[Registration]:
    """A registration with its event, category and days."""
    return (
        select(Registration)
        .join(Registration.event)
        .options(
            contains_eager(Registration.event).selectinload(Event.days),
            joinedload(Registration.category),
            selectinload(Registration.days),
        )
        .where(*conditions)
    )


def _one(*conditions: ColumnElement[bool]) -> Registration:
    registration = db.session.scalar(_whole(*conditions))
    if registration is None:
        raise NotFound(_("There is no such registration."))
    return registration


def registration_at(slug: str, ref: str) -> Registration:
    """The registration of this address: looked for inside its event only."""
    return _one(Event.slug == slug, Registration.ref == ref)


def registration_by_key(key: str) -> Registration:
    """The registration that a personal link leads to: whoever has the link is the person."""
    return _one(Registration.access_key == key)


def registration_by_badge(slug: str, code: str) -> Registration:
    """The registration whose badge shows this code, looked for inside its event only."""
    return _one(Event.slug == slug, Registration.badge_code == code)


def registration_of_badge(code: str) -> Registration:
    """The registration whose badge shows this code, whatever its event; the policy asks about that."""
    return _one(Registration.badge_code == code)


def registration_with_ref(ref: str) -> Registration | None:
    """For what is made in the name of a registration when a message leaves."""
    return db.session.scalar(_whole(Registration.ref == ref))


def held_by(event: Event, email: str) -> Registration | None:
    """The registration this address has for the event, if it is confirmed or waiting."""
    return db.session.scalar(
        select(Registration).where(
            Registration.event_id == event.id,
            Registration.email == email,
            Registration.status.in_([RegistrationStatus.CONFIRMED, RegistrationStatus.WAITLISTED]),
        )
    )


def _listed(event: Event, *, status: RegistrationStatus | None, category: str, text: str) -> Select[Registration]:
    statement = select(Registration).where(Registration.event_id == event.id)
    if status:
        statement = statement.where(Registration.status == status)
    if category:
        chosen = select(ParticipantCategory.id).where(ParticipantCategory.ref == category)
        statement = statement.where(Registration.category_id.in_(chosen))
    if text:
        like = f"%{name_key(text)}%"
        wanted = or_(
            Registration.name_key.like(like), func.lower(Registration.organisation_name).like(f"%{text.lower()}%")
        )
        statement = statement.where(wanted)
    return statement.options(joinedload(Registration.category), selectinload(Registration.days))


def registrations_of(
    event: Event,
    *,
    status: RegistrationStatus | None = None,
    category: str = "",
    text: str = "",
    after: int | None = None,
) -> Page[Registration]:
    """An event's registrations in the order in which they came."""
    return page(_listed(event, status=status, category=category, text=text), Registration, after=after)


def all_registrations(
    event: Event, *, status: RegistrationStatus | None = None, category: str = "", text: str = ""
) -> Iterator[Registration]:
    """The same, all of them, in batches: for exports."""
    return each(_listed(event, status=status, category=category, text=text), Registration)


def registrations_for(user: User, *, event: Event | None = None) -> Sequence[Registration]:
    """The person's own, and those of the organisations they act for; the latest first."""
    mine = acting_for(user)
    statement = (
        select(Registration)
        .join(Registration.event)
        .where(or_(Registration.email == user.email.lower(), Registration.organisation_id.in_(mine)))
        .options(contains_eager(Registration.event), joinedload(Registration.category), selectinload(Registration.days))
        .order_by(Registration.id.desc())
        .limit(500)
    )
    if event:
        statement = statement.where(Registration.event_id == event.id)
    return db.session.scalars(statement).all()


def taken(category: ParticipantCategory, modality: Modality) -> int:
    """How many places of this category and modality are given."""
    statement = select(func.count()).where(
        Registration.category_id == category.id,
        Registration.modality == modality,
        Registration.status == RegistrationStatus.CONFIRMED,
    )
    return db.session.scalars(statement).one()


def places_left(category: ParticipantCategory, modality: Modality) -> int | None:
    """How many are free, never less than 0; None where there is no limit."""
    capacity = category.capacity(modality)
    return None if capacity is None else max(0, capacity - taken(category, modality))


def places(event: Event) -> dict[tuple[int, Modality], tuple[int, int]]:
    """(confirmed, waiting) of each category, by its number, and modality of the event."""
    statement = (
        select(
            Registration.category_id,
            Registration.modality,
            func.count().filter(Registration.status == RegistrationStatus.CONFIRMED),
            func.count().filter(Registration.status == RegistrationStatus.WAITLISTED),
        )
        .where(Registration.event_id == event.id)
        .group_by(Registration.category_id, Registration.modality)
    )
    found = {
        (category, modality): (confirmed, waiting)
        for category, modality, confirmed, waiting in db.session.execute(statement)
    }
    return {
        (category.id, modality): found.get((category.id, modality), (0, 0))
        for category in event.categories
        for modality in event.modalities
    }


def waiting(category: ParticipantCategory, modality: Modality, *, limit: int) -> Sequence[Registration]:
    """The first on the waiting list, in the order in which they came."""
    statement = _whole(
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


def counts(event: Event) -> dict[RegistrationStatus, int]:
    """How many registrations there are of each status; all statuses are there."""
    statement = (
        select(Registration.status, func.count()).where(Registration.event_id == event.id).group_by(Registration.status)
    )
    found = dict(db.session.execute(statement).all())
    return {status: found.get(status, 0) for status in RegistrationStatus}


def confirmed_named(event: Event, text: str, *, limit: int = 20) -> Sequence[Registration]:
    """Confirmed people of the event whose name or organisation holds `text`: what door staff look for."""
    key = name_key(text)
    words = [Registration.name_key.like(f"%{word}%") for word in key.split()]
    statement = _whole(
        Registration.event_id == event.id,
        Registration.status == RegistrationStatus.CONFIRMED,
        or_(and_(*words), func.lower(Registration.organisation_name).like(f"%{text.lower()}%")),
    )
    return db.session.scalars(statement.order_by(Registration.name_key, Registration.id).limit(limit)).all()


def held(event: Event) -> Sequence[Registration]:
    """All that are confirmed or waiting."""
    states = [RegistrationStatus.CONFIRMED, RegistrationStatus.WAITLISTED]
    return db.session.scalars(_whole(Registration.event_id == event.id, Registration.status.in_(states))).all()
