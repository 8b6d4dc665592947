"""Register people: one, or a delegation as a whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import Any, BinaryIO

from flask_babel import gettext as _

from consult.accounts.models import User
from consult.accreditation.queries import is_accredited
from consult.agenda.models import Session
from consult.audit.service import Actor, record
from consult.database import locked
from consult.errors import DomainError, InvalidEntry, WindowClosed
from consult.events.models import Event, EventDay, ParticipantCategory
from consult.events.queries import questions_of
from consult.extensions import db
from consult.files import service as files
from consult.organisations.models import Organisation
from consult.organisations.queries import name_key
from consult.questions import service as questions
from consult.questions.models import Question, QuestionKind
from consult.reference.stakeholders import OFFICIAL, Gender, StakeholderCategory
from consult.registration import mails, queries
from consult.registration.models import Registration, RegistrationDocument, RegistrationStatus, SessionPlace, Visibility
from consult.registration.service import places
from consult.transitions import move
from consult.words import Modality

PEOPLE = 500  # in one delegation


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who comes, and what they need.

    Args:
        answers: to the category's questions, by their references.
        uploads: (question, name, content) of files that answer questions.
        visibility: None leaves the choice as it is; it is the person's alone.
    """

    given_name: str
    family_name: str = ""
    email: str
    function: str = ""
    gender: Gender = Gender.NOT_STATED
    languages: Sequence[str] = ()
    access_needs: str = ""
    dietary_needs: str = ""
    wants_visa_letter: bool = False
    visibility: Visibility | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)
    uploads: Sequence[tuple[Question, str, BinaryIO]] = ()


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


class AlreadyRegistered(DomainError):
    """This address has a registration for the event."""


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
    locked(event)
    _need_open(event, at)
    return _register(event, entry, questions_of(entry.category), by=by, at=at)


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
    locked(event)
    _need_open(event, at)
    asked = {entry.category.id: questions_of(entry.category) for entry in entries}
    if files_later:
        asked = {number: [q for q in all_ if q.kind is not QuestionKind.FILE] for number, all_ in asked.items()}
    made, problems = [], []
    for place, entry in enumerate(entries):
        try:
            with db.session.begin_nested():
                made.append(_register(event, entry, asked[entry.category.id], by=by, at=at))
        except DomainError as error:
            problems.append((place, error))
    if problems:
        raise DelegationRefused(problems)
    record("registration.delegation", about=f"event:{event.ref}", by=by, scope=event.scope, detail=str(len(made)))
    return made


def register_walk_in(event: Event, entry: Entry, *, by: Actor, at: datetime) -> Registration:
    """Register somebody who stands at the door: at once or not at all, whatever the window says.

    Raises:
        AlreadyRegistered: the address has a registration.
        InvalidEntry: all places are given, or the category is not for them.
    """
    locked(event)
    locked(entry.category)
    if not places.is_free(entry.category, entry.modality):
        raise InvalidEntry(_("All places of this category are given."), field="category")
    need_free_address(event, entry.email)
    registration = _made(event, entry, by=None, at=at)
    registration.is_walk_in = True
    move(registration, RegistrationStatus.PENDING)
    registration.official_confirmed_at = at  # whoever keeps the door looked at it
    places.confirm(registration)
    record("registration.walk_in", about=f"registration:{registration.ref}", by=by, scope=event.scope)
    return registration


def _need_open(event: Event, at: datetime) -> None:
    if not event.is_live or not event.registration_window.is_open(at):
        raise WindowClosed(_("Registration for this event is not open now."))


def _register(event: Event, entry: Entry, asked: Sequence[Question], *, by: User | None, at: datetime) -> Registration:
    locked(entry.category)
    entry = replace(entry, email=entry.email.strip().lower())
    is_person = by is None or by.email.lower() == entry.email
    if is_person:
        need_free_address(event, entry.email)
    else:
        need_not_registered_by(entry.organisation, event, entry.email)
    _need_organisation(entry, by)
    _need_quota(entry)
    check_answers(asked, entry)
    is_asked = not is_person and must_be_asked(event, entry.email, entry.organisation)
    given = places.status_for(entry.category, entry.modality)
    registration = _made(event, entry, by=by, at=at)
    keep_answers(registration, entry)
    if is_asked:
        registration.status = RegistrationStatus.ASKED
        db.session.flush()
        ask(registration)
        record(
            "registration.asked", about=f"registration:{registration.ref}", by=by, scope=event.scope,
        )  # fmt: skip
        return registration
    settle(registration, given)
    record(
        "registration.made", about=f"registration:{registration.ref}", by=by, scope=event.scope,
        detail=registration.status,
    )  # fmt: skip
    return registration


def settle(registration: Registration, given: RegistrationStatus) -> None:
    """Give what there is to give now: a place, one on the waiting list, or in the queue of those to be approved."""
    move(registration, RegistrationStatus.PENDING)
    if registration.is_official_open:
        given = RegistrationStatus.PENDING  # nobody gets a place by saying that they are a State
    if given is RegistrationStatus.CONFIRMED:
        places.confirm(registration)
        return
    if given is RegistrationStatus.WAITLISTED:
        move(registration, given)
    db.session.flush()
    mails.tell_status(registration)


def must_be_asked(event: Event, email: str, organisation: Organisation | None) -> bool:
    """Whether the person is asked first: whoever does not know them, and all where the answer would tell something.

    Somebody else is registered with the address, or its owner has objected: that looks the same from outside as an
    address that nobody knows.
    """
    is_clash = queries.held_by(event, email) is not None or queries.has_objected(event, fingerprint(event, email))
    return is_clash or organisation is None or not queries.is_known_to(organisation, email)


def ask(registration: Registration) -> None:
    """Mail the person who was registered by others, unless they have objected: then nothing is sent."""
    event = registration.event
    if not queries.has_objected(event, fingerprint(event, registration.email)):
        mails.ask(registration, is_registered=queries.held_by(event, registration.email) is not None)


def need_not_registered_by(organisation: Organisation | None, event: Event, email: str) -> None:
    """
    Raises:
        AlreadyRegistered: this very organisation has registered the address.
    """
    if organisation is not None and queries.registered_by_organisation(event, email, organisation):
        message = _("Your organisation has registered a person with this address already.")
        raise AlreadyRegistered(message, field="email")


def _made(event: Event, entry: Entry, *, by: User | None, at: datetime) -> Registration:
    """The row, before it is said what it gets."""
    days = _check_category(event, entry)
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
        answers={},
    )
    describe(registration, entry)
    db.session.add(registration)
    db.session.flush()
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


def describe(registration: Registration, person: Person) -> None:
    """Write what is known of the person into the registration."""
    registration.given_name, registration.family_name = person.given_name, person.family_name
    registration.name_key = name_key(f"{person.given_name} {person.family_name}")
    registration.email, registration.function, registration.gender = person.email, person.function, person.gender
    registration.languages = list(person.languages)
    registration.access_needs, registration.dietary_needs = person.access_needs, person.dietary_needs
    registration.wants_visa_letter = person.wants_visa_letter
    if person.visibility is not None:
        registration.visibility = person.visibility


def check_answers(asked: Sequence[Question], person: Person) -> None:
    """
    Raises:
        InvalidEntry: an answer is missing or wrong; `field` is the question's.
    """
    sent = {question.ref: name for question, name, _content in person.uploads}
    questions.check(asked, {**person.answers, **sent})


def keep_answers(registration: Registration, person: Person) -> None:
    """Keep the answers, and the files among them; a file that is sent takes the place of an earlier one.

    Raises:
        InvalidEntry: a file is no document.
    """
    answers = {**registration.answers, **person.answers}
    for question, name, content in person.uploads:
        file = files.store_document(content, name=name, field=question.field)
        document = queries.document_for(registration, question.ref)
        if document is None:
            db.session.add(RegistrationDocument(registration=registration, question=question.ref, file=file))
        else:
            former, document.file = document.file, file
            db.session.flush()
            files.discard(former)
        answers[question.ref] = file.name
    registration.answers = answers
    db.session.flush()


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


def _need_quota(entry: Entry) -> None:
    quota = entry.category.quota
    if quota and entry.organisation and queries.of_organisation(entry.category, entry.organisation) >= quota:
        message = _(
            "Each organisation may register %(quota)s people in this category; yours has done so. "
            "Withdraw one, or name another person in their place.",
            quota=quota,
        )
        raise InvalidEntry(message, field="category")


def fingerprint(event: Event, email: str) -> str:
    """What is kept of the address of a person who objected."""
    return sha256(f"{event.ref}:{email}".encode()).hexdigest()


def need_free_address(event: Event, email: str, *, of: Registration | None = None) -> None:
    """
    Args:
        of: the registration that may have it.

    Raises:
        AlreadyRegistered: another registration of the event has the address.
    """
    other = queries.held_by(event, email) if email else None
    if other is not None and (of is None or other.id != of.id):
        raise AlreadyRegistered(_("A person with this address is registered already."), field="email")
