"""What is done with registrations. Capacity is kept by locking the event's row before places are counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from consult.accounts.models import User
from consult.accreditation.queries import is_accredited
from consult.audit.service import record
from consult.database import locked, now
from consult.errors import DomainError, InvalidEntry, TransitionNotAllowed, WindowClosed
from consult.events.models import Event, EventDay, ParticipantCategory
from consult.extensions import db
from consult.letters import service as letters
from consult.letters.models import Letter, LetterKind
from consult.organisations.models import Organisation
from consult.organisations.queries import name_key
from consult.reference.stakeholders import OFFICIAL, Gender, StakeholderCategory
from consult.registration import mails, queries
from consult.registration.models import Registration, RegistrationStatus
from consult.transitions import move
from consult.words import Modality


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One person to be registered: what the forms bring. Without days, all days of the category."""

    given_name: str
    family_name: str = ""
    email: str
    function: str = ""
    organisation: Organisation | None = None
    organisation_name: str = ""
    stakeholder: StakeholderCategory
    country: str
    gender: Gender = Gender.NOT_STATED
    category: ParticipantCategory
    modality: Modality
    days: Sequence[EventDay] = ()


class AlreadyRegistered(DomainError):
    """This address has a registration for this event."""


def register(event: Event, entry: Entry, *, by: User | None, at: datetime) -> Registration:
    """Register a person: a place if one is free, else the waiting list. They are told which.

    The event's days and categories (with their days) must be loaded.

    Raises:
        WindowClosed: registration has not opened, or is over.
        AlreadyRegistered: this address is registered for this event.
        InvalidEntry: the category is not for this person, these days or this modality.
    """
    locked(event)
    locked(entry.category)  # its capacity may have been changed while we waited for the event
    if not event.is_live or not event.registration_window.is_open(at):
        raise WindowClosed(_("Registration for this event is not open now."))
    email = entry.email.strip().lower()
    if queries.held_by(event, email):
        raise AlreadyRegistered(_("A person with this address is registered already."), field="email")
    days = _check_category(event, entry)
    left = queries.places_left(entry.category, entry.modality)
    registration = Registration(
        event=event,
        category=entry.category,
        organisation=entry.organisation,
        organisation_name=entry.organisation.name if entry.organisation else entry.organisation_name,
        registered_by=by,
        given_name=entry.given_name,
        family_name=entry.family_name,
        name_key=name_key(f"{entry.given_name} {entry.family_name}"),
        email=email,
        function=entry.function,
        stakeholder=entry.stakeholder,
        country=entry.country,
        gender=entry.gender,
        modality=entry.modality,
        days=days,
        registered_at=at,
        status=RegistrationStatus.WAITLISTED if left == 0 else RegistrationStatus.CONFIRMED,
    )
    db.session.add(registration)
    db.session.flush()
    record(
        "registration.made",
        about=f"registration:{registration.ref}",
        by=by,
        scope=event.scope,
        detail=registration.status,
    )
    mails.tell_status(registration)
    return registration


def _check_category(event: Event, entry: Entry) -> list[EventDay]:
    """The days the person takes part; raises InvalidEntry where the category is not for them."""
    category = entry.category
    if category not in event.categories or not category.is_for(entry.stakeholder):
        raise InvalidEntry(_("This category is not for this organisation."), field="category")
    theirs = entry.organisation
    if category.stakeholders and entry.stakeholder in OFFICIAL and theirs is not None and theirs.is_category_open:
        message = _("The secretariat has not confirmed yet that your organisation is what it says. Write to it.")
        raise InvalidEntry(message, field="category")
    if category.requires_accreditation and not is_accredited(event, entry.organisation):
        message = _("Only accredited organisations can register in this category. Apply for accreditation first.")
        raise InvalidEntry(message, field="category")
    if entry.modality not in event.modalities or not category.offers(entry.modality):
        raise InvalidEntry(_("This category has no places of this kind."), field="modality")
    days = sorted(entry.days or category.days, key=lambda day: day.date)
    if foreign := [day for day in days if day not in category.days]:
        raise InvalidEntry(
            _("This category does not take part on %(day)s.", day=foreign[0].date.isoformat()), field="days"
        )
    return days


def withdraw(registration: Registration, *, by: User | None) -> Registration:
    """Give up a place; the first on the waiting list gets it, and is told.

    Args:
        by: who did it; None is the person, by their personal link.

    Raises:
        TransitionNotAllowed: it was withdrawn or cancelled already.
    """
    locked(registration.event)
    locked(registration)
    was = move(registration, RegistrationStatus.WITHDRAWN)
    db.session.flush()
    record("registration.withdrawn", about=f"registration:{registration.ref}", by=by, scope=registration.event.scope)
    mails.tell_status(registration)
    letters.end(f"registration:{registration.ref}", at=now())
    if was is RegistrationStatus.CONFIRMED:
        fill_places(registration.category, registration.modality)
    return registration


def fill_places(category: ParticipantCategory, modality: Modality) -> None:
    """Give free places to those who wait, in the order in which they came. The event must be locked."""
    locked(category)
    left = queries.places_left(category, modality)
    for registration in queries.waiting(category, modality, limit=1_000_000 if left is None else left):
        move(registration, RegistrationStatus.CONFIRMED)
        record(
            "registration.moved_up", about=f"registration:{registration.ref}", by=None, scope=registration.event.scope
        )
        mails.tell_status(registration)
    db.session.flush()


def issue_visa_letter(registration: Registration, *, by: User | None, at: datetime) -> Letter:
    """A letter that supports a visa application, for who has a confirmed place in person.

    What stands in the passport is written into the letter and kept nowhere.

    Raises:
        TransitionNotAllowed: there is no such place, or the event is off.
    """
    locked(registration)
    is_coming = registration.status is RegistrationStatus.CONFIRMED and registration.modality is Modality.IN_PERSON
    if not is_coming or not registration.event.is_live:
        raise TransitionNotAllowed(_("There is a visa letter for confirmed places in person."))
    return letters.issue(
        LetterKind.VISA_SUPPORT, about=f"registration:{registration.ref}", name=registration.name,
        event_title=registration.event.title, scope=registration.event.scope, by=by, at=at,
    )  # fmt: skip


def cancel_all(event: Event, *, reason: str) -> None:
    """The event is off: nobody has a place any more, and everybody is told why. The event must be locked."""
    for registration in queries.held(event):
        move(registration, RegistrationStatus.CANCELLED)
        mails.tell_status(registration, reason=reason)
        letters.end(f"registration:{registration.ref}", at=now())
    db.session.flush()
