"""Reads about registrations: one, lists, counts."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from consult.accounts.models import User
from consult.agenda.models import Session
from consult.errors import InvalidEntry, NotFound
from consult.events.models import Event, ParticipantCategory
from consult.extensions import db
from consult.organisations.models import Membership, Organisation
from consult.organisations.queries import acting_for, name_key
from consult.paging import Page, each, page
from consult.registration.models import (
    HELD_STATES,
    OPEN_STATES,
    DoNotRegister,
    Registration,
    RegistrationStatus,
    SessionPlace,
)


def whole(*conditions: ColumnElement[bool]) -> Select[Registration]:
    """Registrations with their event, category, days and sessions, and who registered them."""
    return (
        select(Registration)
        .join(Registration.event)
        .options(
            contains_eager(Registration.event).selectinload(Event.days),
            joinedload(Registration.category).selectinload(ParticipantCategory.days),
            joinedload(Registration.registered_by),
            joinedload(Registration.organisation),
            selectinload(Registration.days),
            selectinload(Registration.sessions).joinedload(SessionPlace.session).joinedload(Session.day),
        )
        .where(*conditions)
    )


def with_open_official_status(organisation: Organisation) -> Sequence[Registration]:
    """Those who come for this organisation, and wait for it to be confirmed that it is a State or such a body."""
    statement = whole(
        Registration.organisation_id == organisation.id,
        Registration.stakeholder == organisation.category,
        Registration.country == organisation.country,
        Registration.official_confirmed_at.is_(None),
        Registration.status == RegistrationStatus.PENDING,
    )
    return db.session.scalars(statement.order_by(Registration.event_id, Registration.id)).all()


def _one(*conditions: ColumnElement[bool]) -> Registration:
    registration = db.session.scalar(whole(*conditions))
    if registration is None:
        raise NotFound(_("There is no such registration."))
    return registration


def registration_at(slug: str, ref: str) -> Registration:
    """The registration of this address: looked for inside its event only."""
    return _one(Event.slug == slug, Registration.ref == ref)


def registrations_ahead(email: str, *, today: date) -> Sequence[Registration]:
    """The places the owner of the address has, or waits for, at events that are not over, in the order of locks."""
    statement = whole(
        Registration.email == email,
        Registration.status.in_(HELD_STATES),
        or_(Event.last_day.is_(None), Event.last_day >= today),
    )
    return db.session.scalars(statement.order_by(Registration.event_id, Registration.id)).all()


def registrations_named(event: Event, refs: Collection[str]) -> Sequence[Registration]:
    """Those with these references."""
    return db.session.scalars(whole(Registration.event_id == event.id, Registration.ref.in_(refs))).all()


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
    return db.session.scalar(whole(Registration.ref == ref))


def held_by(event: Event, email: str) -> Registration | None:
    """The registration this address has for the event: a place, or one it waits for."""
    return db.session.scalar(
        select(Registration).where(
            Registration.event_id == event.id,
            Registration.email == email,
            Registration.status.in_(HELD_STATES),
        )
    )


def holders(event: Event, emails: Sequence[str]) -> dict[str, int]:
    """The same of many: the registration's number by the address, of those that have one."""
    holding = select(Registration.email, Registration.id).where(
        Registration.event_id == event.id, Registration.email.in_(emails), Registration.status.in_(HELD_STATES)
    )
    return dict(db.session.execute(holding).all())


def registered_by(organisations: Collection[Organisation], event: Event, emails: Sequence[str]) -> set[tuple[int, str]]:
    """(organisation, address) of the registrations that these have for them, also those that wait for an answer."""
    statement = select(Registration.organisation_id, Registration.email).where(
        Registration.event_id == event.id,
        Registration.email.in_(emails),
        Registration.organisation_id.in_([organisation.id for organisation in organisations]),
        Registration.status.in_(OPEN_STATES),
    )
    return {(number, email) for number, email in db.session.execute(statement) if number}


def known_to(organisations: Collection[Organisation], emails: Sequence[str]) -> set[tuple[int, str]]:
    """(organisation, address) of who has agreed to be the organisation's: a member, or registered for it once."""
    numbers = [organisation.id for organisation in organisations]
    members = (
        select(Membership.organisation_id, User.email)
        .join(Membership.user)
        .where(Membership.organisation_id.in_(numbers), User.email.in_(emails), User.confirmed_at.is_not(None))
    )
    earlier = select(Registration.organisation_id, Registration.email).where(
        Registration.organisation_id.in_(numbers),
        Registration.email.in_(emails),
        Registration.status == RegistrationStatus.CONFIRMED,
        Registration.is_walk_in.is_(False),
    )
    return {
        (number, email) for statement in (members, earlier) for number, email in db.session.execute(statement) if number
    }


def replacement_of(registration: Registration) -> Registration | None:
    """Who is asked to come in this person's place."""
    statement = whole(Registration.replaces_id == registration.id, Registration.status == RegistrationStatus.ASKED)
    return db.session.scalar(statement)


def replaced_by(asked: Registration) -> Registration:
    """Whose place the person is asked to take."""
    return _one(Registration.id == asked.replaces_id)


def registration_of_new_email(key_hash: str) -> Registration:
    """The registration whose new address is confirmed with this key."""
    return _one(Registration.new_email_hash == key_hash)


def unanswered(at: datetime) -> Sequence[Registration]:
    """Those who were asked before `at` and have not answered."""
    statement = whole(Registration.status == RegistrationStatus.ASKED, Registration.registered_at <= at)
    return db.session.scalars(statement.order_by(Registration.event_id, Registration.id)).all()


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
    statement = whole(
        Registration.event_id == event.id,
        Registration.status == RegistrationStatus.CONFIRMED,
        or_(and_(*words), func.lower(Registration.organisation_name).like(f"%{text.lower()}%")),
    )
    return db.session.scalars(statement.order_by(Registration.name_key, Registration.id).limit(limit)).all()


def held(event: Event) -> Sequence[Registration]:
    """All that have a place, or wait for one or for an answer."""
    return db.session.scalars(whole(Registration.event_id == event.id, Registration.status.in_(OPEN_STATES))).all()


def numbers_registered(
    categories: Sequence[ParticipantCategory], organisations: Sequence[Organisation]
) -> Counter[tuple[int, int]]:
    """How many people organisations have registered in categories, by both numbers: what quotas are about."""
    theirs = (
        select(Registration.category_id, Registration.organisation_id, func.count())
        .where(
            Registration.organisation_id.in_([organisation.id for organisation in organisations]),
            Registration.category_id.in_([category.id for category in categories]),
            Registration.status.in_(OPEN_STATES),
            Registration.replaces_id.is_(None),
        )
        .group_by(Registration.category_id, Registration.organisation_id)
    )
    return Counter({(category, number): count for category, number, count in db.session.execute(theirs) if number})


def chosen_at(event: Event, refs: Sequence[str]) -> Sequence[Registration]:
    """The registrations that were ticked, looked for inside their event only.

    Raises:
        InvalidEntry: none of them is there.
    """
    statement = whole(Registration.event_id == event.id, Registration.ref.in_(refs)).order_by(Registration.id)
    found = db.session.scalars(statement).all()
    if not found:
        raise InvalidEntry(_("Tick at least one person first."))
    return found


def objections(event: Event, email_hashes: Sequence[str]) -> set[str]:
    """Those of the addresses, as fingerprints, whose owners do not want to be registered by others."""
    known = select(DoNotRegister.email_hash).where(
        DoNotRegister.event_id == event.id, DoNotRegister.email_hash.in_(email_hashes)
    )
    return set(db.session.scalars(known))
