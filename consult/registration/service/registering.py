"""Register people: one, or a delegation as a whole."""

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime

from flask_babel import gettext as _

from consult.accounts.models import User
from consult.accreditation.queries import accredited_among
from consult.addresses import canonical
from consult.agenda.models import Session
from consult.audit.service import Actor, record, record_all
from consult.database import locked
from consult.errors import DomainError, InvalidEntry, WindowClosed
from consult.events.models import Event, EventDay, ParticipantCategory
from consult.events.queries import questions_of
from consult.extensions import db
from consult.organisations.models import Organisation
from consult.questions.models import Question, QuestionKind
from consult.reference.stakeholders import OFFICIAL, StakeholderCategory
from consult.registration import mails, queries
from consult.registration.models import Registration, RegistrationStatus, SessionPlace
from consult.registration.service import addresses, places
from consult.registration.service.details import Person, Uploads, attach, check_answers, describe, store_uploads
from consult.transitions import move
from consult.words import Modality

PEOPLE = 500  # in one delegation


@dataclass(frozen=True, kw_only=True)
class Entry(Person):
    """One person to be registered: what the forms and the spreadsheets bring. Without days, all of the category."""

    organisation: Organisation | None = None
    organisation_name: str = ""
    stakeholder: StakeholderCategory
    country: str
    category: ParticipantCategory
    modality: Modality
    days: Sequence[EventDay] = ()
    sessions: Sequence[Session] = ()


class DelegationRefused(DomainError):
    """Nobody was registered; `problems` says why: (place in the delegation from 0, what was wrong)."""

    def __init__(self, problems: Sequence[tuple[int, DomainError]]) -> None:
        super().__init__(_("Nobody has been registered yet. Correct what is marked, and send it again."))
        self.problems = problems


def register(event: Event, entry: Entry, *, by: User | None, at: datetime) -> Registration:
    """Give a person a place, the next one on the waiting list, or a place in the queue of those to be approved.

    Args:
        by: who registers; None for a person who was invited by a link.

    Raises:
        WindowClosed: registration is not open.
        AlreadyRegistered: the person registers and has a registration; or the organisation has registered the
            address. That others have is told to the person only.
        InvalidEntry: the category is not for this organisation, on these days or in this modality; its quota is
            used up; or an answer is missing.
    """
    asked = {entry.category.id: questions_of(entry.category)}
    try:
        return _register_all(event, [entry], asked, by=by, at=at)[0]
    except DelegationRefused as refused:
        raise refused.problems[0][1] from refused


def register_all(
    event: Event, entries: Sequence[Entry], *, files_later: bool = False, by: User, at: datetime
) -> list[Registration]:
    """Register a delegation as a whole: all of it, in order, or nobody.

    Args:
        files_later: questions for files may stay open (a spreadsheet cannot carry any); each person's page asks for
            them.

    Raises:
        WindowClosed: registration is not open.
        DelegationRefused: somebody could not be registered.
    """
    asked = {category.id: questions_of(category) for category in _categories(entries)}
    if files_later:
        asked = {number: [q for q in all_ if q.kind is not QuestionKind.FILE] for number, all_ in asked.items()}
    registrations = _register_all(event, entries, asked, by=by, at=at)
    record(
        "registration.delegation", about=f"event:{event.ref}", by=by, scope=event.scope, detail=str(len(registrations)),
    )  # fmt: skip
    return registrations


def register_walk_in(event: Event, entry: Entry, *, by: Actor, at: datetime) -> Registration:
    """Register somebody who stands at the door: at once or not at all, whatever the window says.

    Raises:
        AlreadyRegistered: the address has a registration.
        NotToBeRegistered: its owner does not want to be registered by others.
        InvalidEntry: all places are given, or the category is not for them.
    """
    locked(event)
    locked(entry.category)
    if not places.is_free(entry.category, entry.modality):
        raise InvalidEntry(_("All places of this category are given."), field="category")
    addresses.need_available(addresses.read(event, [entry.email]), entry.email)
    accredited = accredited_among(event, [entry.organisation] if entry.organisation else [])
    registration = _new(event, entry, accredited, by=None, at=at)
    db.session.add(registration)
    db.session.flush()
    registration.is_walk_in = True
    move(registration, RegistrationStatus.PENDING)
    registration.official_confirmed_at = at  # whoever keeps the door looked at it
    places.confirm(registration)
    record("registration.walk_in", about=f"registration:{registration.ref}", by=by, scope=event.scope)
    return registration


def _need_open(event: Event, at: datetime) -> None:
    if not event.is_live or not event.registration_window.is_open(at):
        raise WindowClosed(_("Registration for this event is not open now."))


@dataclass(frozen=True, kw_only=True)
class _Picture:
    """What decides about the people of one delegation: read once under the event's lock, and counted on."""

    event: Event
    known: addresses.Addresses
    availability: places.Availability
    sessions: places.Availability
    accredited: Set[int]  # numbers of organisations
    quotas: Counter[tuple[int, int]]  # how many people stand for (category, organisation)

    def count(self, registration: Registration) -> None:
        """The next ones are decided as if this one were written."""
        self.known.add(registration)
        if registration.organisation is not None:
            self.quotas[registration.category.id, registration.organisation.id] += 1


def _read_picture(event: Event, entries: Sequence[Entry]) -> _Picture:
    organisations = list({e.organisation.id: e.organisation for e in entries if e.organisation}.values())
    categories = _categories(entries)
    return _Picture(
        event=event,
        known=addresses.read(event, [entry.email for entry in entries], organisations),
        availability=places.availability_of(categories),
        sessions=places.availability_of_sessions(event),
        accredited=accredited_among(event, organisations),
        quotas=queries.numbers_registered(categories, organisations),
    )


def _categories(entries: Sequence[Entry]) -> list[ParticipantCategory]:
    """In the order in which they are locked."""
    return sorted({entry.category.id: entry.category for entry in entries}.values(), key=lambda category: category.id)


def _register_all(
    event: Event,
    entries: Sequence[Entry],
    asked: Mapping[int, Sequence[Question]],
    *,
    by: User | None,
    at: datetime,
) -> list[Registration]:
    """Look at everybody, then write all of them at once, or nobody.

    Args:
        asked: the questions by the category's number.
    """
    locked(event)
    _need_open(event, at)
    for category in _categories(entries):
        locked(category)
    entries = [replace(entry, email=canonical(entry.email)) for entry in entries]
    picture = _read_picture(event, entries)
    registrations, uploads, problems = [], [], []
    for place, entry in enumerate(entries):
        try:
            registration = _decide(picture, entry, asked[entry.category.id], by=by, at=at)
            uploads.append(store_uploads(entry))
        except DomainError as error:
            problems.append((place, error))
        else:
            registrations.append(registration)
            picture.count(registration)
    if problems:
        raise DelegationRefused(problems)
    _write(picture, registrations, uploads, by=by)
    return registrations


def _decide(
    picture: _Picture, entry: Entry, asked: Sequence[Question], *, by: User | None, at: datetime
) -> Registration:
    """The row with what the person gets, not yet written."""
    is_person = by is None or by.email.lower() == entry.email
    if is_person:
        addresses.need_free_address(picture.known, entry.email)
    else:
        addresses.need_not_registered_by(picture.known, entry.email, entry.organisation)
    _need_organisation(entry, by)
    _need_quota(entry, picture.quotas)
    check_answers(asked, entry)
    registration = _new(picture.event, entry, picture.accredited, by=by, at=at)
    if is_person or not addresses.must_be_asked(picture.known, entry.email, entry.organisation):
        _settle(registration, availability=picture.availability, sessions=picture.sessions)
    return registration


def _write(
    picture: _Picture, registrations: Sequence[Registration], uploads: Sequence[Uploads], *, by: User | None
) -> None:
    """Rows, records and mails, each kind at once."""
    db.session.add_all(registrations)
    db.session.flush()
    known, scope = picture.known, picture.event.scope
    for registration, stored in zip(registrations, uploads, strict=True):
        attach(registration, stored)
    records = [
        ("registration.asked", f"registration:{registration.ref}", "")
        if registration.is_asked
        else ("registration.made", f"registration:{registration.ref}", registration.status)
        for registration in registrations
    ]
    record_all(records, by=by, scope=scope)
    asked = [
        (registration, registration.email in known.holders)
        for registration in registrations
        if registration.is_asked and not addresses.has_objected(known, registration.email)
    ]
    mails.tell_registered([each for each in registrations if not each.is_asked], asked=asked)
    db.session.flush()


def settle(registration: Registration) -> None:
    """Give what there is to give now: a place, one on the waiting list, or in the queue of those to be approved."""
    availability, sessions = (
        places.availability_of([registration.category]),
        places.availability_of_sessions(registration.event),
    )
    _settle(registration, availability=availability, sessions=sessions)
    db.session.flush()
    mails.tell_status(registration)


def _settle(registration: Registration, *, availability: places.Availability, sessions: places.Availability) -> None:
    category, modality = registration.category, registration.modality
    status = places.status_for(category, modality, availability=availability)
    if registration.is_official_open:
        status = RegistrationStatus.PENDING  # nobody gets a place by saying that they are a State
    move(registration, RegistrationStatus.PENDING)
    if status is RegistrationStatus.CONFIRMED:
        places.give_place(registration, sessions=sessions)
        availability.take(category, modality)
    elif status is RegistrationStatus.WAITLISTED:
        move(registration, status)
        availability.queue(category, modality)


def ask(registration: Registration) -> None:
    """Mail the person who was registered by others, unless they have objected: then nothing is sent."""
    known = addresses.read(registration.event, [registration.email])
    if not addresses.has_objected(known, registration.email):
        mails.ask(registration, is_registered=registration.email in known.holders)


def _new(event: Event, entry: Entry, accredited: Set[int], *, by: User | None, at: datetime) -> Registration:
    """The row, before it is decided what the person gets, and not yet written."""
    days = _check_category(event, entry, accredited)
    sessions = _check_sessions(event, entry, days)
    registration = Registration(
        event=event,
        category=entry.category,
        organisation=entry.organisation,
        organisation_name=entry.organisation.name if entry.organisation else entry.organisation_name,
        registered_by=by,
        stakeholder=entry.stakeholder,
        official_confirmed_at=at if _is_confirmed_official(entry) else None,
        country=entry.country,
        modality=entry.modality,
        days=days,
        sessions=[SessionPlace(session=session) for session in sessions],
        registered_at=at,
        status=RegistrationStatus.ASKED,  # under which an address may stand more than once
        answers=dict(entry.answers),
        offered_until=None,
    )
    describe(registration, entry)
    return registration


def _is_confirmed_official(entry: Entry) -> bool:
    """Whether the secretariat has confirmed that the organisation is the State or the body the person comes for."""
    organisation = entry.organisation
    return (
        organisation is not None
        and organisation.category is entry.stakeholder
        and organisation.country == entry.country
        and not organisation.is_category_open
    )


def _check_category(event: Event, entry: Entry, accredited: Set[int]) -> list[EventDay]:
    """The days the person takes part; raises InvalidEntry where the category is not for them."""
    category = entry.category
    if category not in event.categories or not category.is_for(entry.stakeholder):
        raise InvalidEntry(_("This category is not for this organisation."), field="category")
    theirs = entry.organisation
    if category.stakeholders and entry.stakeholder in OFFICIAL and theirs is not None and theirs.is_category_open:
        message = _("The secretariat has not confirmed yet that your organisation is what it says. Write to it.")
        raise InvalidEntry(message, field="category")
    if category.requires_accreditation and (theirs is None or theirs.id not in accredited):
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


def _check_sessions(event: Event, entry: Entry, days: Sequence[EventDay]) -> list[Session]:
    for session in entry.sessions:
        if session.event_id != event.id or session.capacity(entry.modality) == 0:
            raise InvalidEntry(_("“%(title)s” has no places of this kind.", title=session.title), field="sessions")
        if session.day_id not in {day.id for day in days}:
            message = _("“%(title)s” is on a day that was not chosen.", title=session.title)
            raise InvalidEntry(message, field="sessions")
    return list(entry.sessions)


def _need_organisation(entry: Entry, by: User | None) -> None:
    """Who was invited by name needs none; who registers without being asked, only where the category says so."""
    if by is not None and entry.organisation is None and not entry.category.allows_individuals:
        raise InvalidEntry(_("This category is for organisations: ask yours to register you."), field="category")


def _need_quota(entry: Entry, quotas: Mapping[tuple[int, int], int]) -> None:
    quota = entry.category.quota
    if quota and entry.organisation and quotas[entry.category.id, entry.organisation.id] >= quota:
        message = _(
            "Each organisation may register %(quota)s people in this category; yours has done so. "
            "Withdraw one, or name another person in their place.",
            quota=quota,
        )
        raise InvalidEntry(message, field="category")
