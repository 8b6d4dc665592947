"""What the person does, or their focal point: withdraw, accept an offer, correct, send somebody else, object."""

from dataclasses import replace
from datetime import datetime

from flask_babel import gettext as _

from consult.accounts.models import User
from consult.audit.service import record
from consult.database import insert_new, locked, new_secret
from consult.errors import AlreadySo, InvalidEntry, TransitionNotAllowed
from consult.events.queries import questions_of
from consult.extensions import db
from consult.facts import announce
from consult.files import service as files
from consult.letters import service as letters
from consult.letters.models import Letter, LetterKind
from consult.outbox import service as outbox
from consult.reference.stakeholders import OFFICIAL, Gender
from consult.registration import mails, queries
from consult.registration.facts import DelegateSubstituted, PersonErased
from consult.registration.models import DoNotRegister, PassportData, Registration, RegistrationStatus, Visibility
from consult.registration.service import passports, places
from consult.registration.service.registering import (
    Person,
    check_answers,
    describe,
    fingerprint,
    keep_answers,
    need_free_address,
    need_no_objection,
)
from consult.transitions import move
from consult.words import Modality

S = RegistrationStatus


def withdraw(registration: Registration, *, by: User | None, at: datetime) -> Registration:
    """Give up a place, or an offer of one; it goes to the first on the waiting list, who is told.

    Args:
        by: who did it; None is the person, by their personal link.

    Raises:
        TransitionNotAllowed: it was withdrawn, turned down or cancelled already.
    """
    places.lock(registration)
    move(registration, S.WITHDRAWN)
    registration.offered_until = None
    db.session.flush()
    _record("registration.withdrawn", registration, by=by)
    mails.tell_status(registration)
    letters.end(f"registration:{registration.ref}", at=at)
    places.release(registration, at=at)
    return registration


def accept_offer(registration: Registration, *, by: User | None, at: datetime) -> Registration:
    """Take the place that is offered.

    Raises:
        TransitionNotAllowed: there is no offer, or it has ended.
    """
    places.lock(registration)
    if registration.status is S.CONFIRMED:
        raise AlreadySo(_("The place is confirmed already."))
    if registration.offered_until is None or registration.offered_until <= at:
        raise TransitionNotAllowed(_("This offer has ended. The place went to the next person on the waiting list."))
    places.confirm(registration)
    _record("registration.offer_accepted", registration, by=by)
    return registration


def correct(registration: Registration, person: Person, *, by: User | None, at: datetime) -> Registration:
    """Change what is known of the person; the place stays.

    Raises:
        TransitionNotAllowed: the registration is given up.
        AlreadyRegistered: somebody else is registered with the address.
        InvalidEntry: an answer is missing.
    """
    places.lock(registration)
    _need_held(registration)
    person = replace(person, email=person.email.strip().lower())
    need_free_address(registration.event, person.email, of=registration)
    need_no_objection(registration.event, person.email, by)
    check_answers(
        questions_of(registration.category), replace(person, answers={**registration.answers, **person.answers})
    )
    is_moved = person.email != registration.email
    former_name = registration.name
    describe(registration, person)
    if registration.name != former_name:  # a letter certifies a name: with another it is another letter
        letters.end(f"registration:{registration.ref}", at=at)
    keep_answers(registration, person)
    if is_moved:
        registration.access_key = new_secret()  # who has the mail to the old address is not the person
        mails.tell_status(registration)
    _record("registration.corrected", registration, by=by)
    return registration


def substitute(registration: Registration, person: Person, *, by: User, at: datetime) -> Registration:
    """Send somebody else: the place stays, the person, the links and the badge are new. Both people are told.

    Raises:
        TransitionNotAllowed: the registration is given up.
        AlreadyRegistered: the new person is registered.
        InvalidEntry: the person has been there already, or an answer is missing.
    """
    places.lock(registration)
    _need_held(registration)
    person = replace(person, email=person.email.strip().lower(), visibility=Visibility.NO)
    if person.email == registration.email:
        raise InvalidEntry(_("This is the same person. Correct their data instead."), field="email")
    if registration.stakeholder in OFFICIAL and not is_of_official_organisation(registration):
        message = _("The official status was confirmed for this person only. Withdraw, and register the other person.")
        raise InvalidEntry(message)
    need_free_address(registration.event, person.email, of=registration)
    need_no_objection(registration.event, person.email, by)
    check_answers(questions_of(registration.category), person)
    announce(DelegateSubstituted(registration))
    mails.tell_substituted(registration)
    _forget_person(registration, at=at)
    describe(registration, person)
    keep_answers(registration, person)
    registration.registered_by = by
    db.session.flush()
    _record("registration.substituted", registration, by=by)
    mails.tell_status(registration)
    return registration


def change_modality(registration: Registration, modality: Modality, *, by: User | None, at: datetime) -> Registration:
    """Take part in the other way, if it has room and nobody waits for it; the former place goes to who waits.

    Raises:
        TransitionNotAllowed: there is no confirmed place.
        InvalidEntry: the other is not offered, or full.
    """
    places.lock(registration)
    category, was = registration.category, registration.modality
    if registration.status is not S.CONFIRMED or modality is was:
        raise TransitionNotAllowed(_("Only a confirmed place can be changed to the other way of taking part."))
    if modality not in registration.event.modalities or not category.offers(modality):
        raise InvalidEntry(_("This category has no places of this kind."), field="modality")
    if not places.is_free(category, modality):
        raise InvalidEntry(_("There is no free place of this kind. The place you have stays yours."), field="modality")
    _need_no_sessions(registration)
    registration.modality = modality
    db.session.flush()
    letters.end(f"registration:{registration.ref}", at=at)
    _record("registration.modality_changed", registration, by=by, detail=modality)
    mails.tell_status(registration)
    places.fill(category, was, at=at)
    return registration


def object_to(registration: Registration, *, at: datetime) -> None:
    """The person does not want to be registered: the place is given up, what is known of them is erased, and nobody
    else can register this address for the event. Who registered them is told that they objected.

    Raises:
        TransitionNotAllowed: the registration was given up already.
    """
    places.lock(registration)
    move(registration, S.WITHDRAWN)
    registration.offered_until = None
    row = {
        "event_id": registration.event_id, "made_at": at,
        "email_hash": fingerprint(registration.event, registration.email),
    }  # fmt: skip
    insert_new(DoNotRegister, [row], unless=["event_id", "email_hash"])
    announce(PersonErased(registration))
    outbox.forget(f"registration:{registration.ref}")
    mails.tell_objection(registration)
    _forget_person(registration, at=at)
    describe(registration, Person(given_name="–", email="", gender=Gender.NOT_STATED, visibility=Visibility.NO))
    registration.answers = {}
    _record("registration.objected", registration, by=None)
    places.release(registration, at=at)


def issue_visa_letter(
    registration: Registration, passport: PassportData, *, by: User | None, at: datetime
) -> tuple[Letter, PassportData]:
    """A letter that supports a visa application, for who has a confirmed place in person. What stands in the passport
    is kept sealed, and returned as it is printed; the name that is printed is the registered one.

    Raises:
        TransitionNotAllowed: there is no such place, or the event is off.
        InvalidEntry: the passport has another name than the registration, or something in it cannot be.
    """
    locked(registration)
    is_coming = registration.status is S.CONFIRMED and registration.modality is Modality.IN_PERSON
    if not is_coming or not registration.event.is_live:
        raise TransitionNotAllowed(_("There is a visa letter for confirmed places in person."))
    passport = passports.checked(passport, registration, at=at)
    letter = letters.issue(
        LetterKind.VISA_SUPPORT, about=f"registration:{registration.ref}", name=registration.name,
        event_title=registration.event.title, days=[day.date for day in registration.days],
        scope=registration.event.scope, by=by, at=at,
    )  # fmt: skip
    passports.keep(registration, passport, by=by, at=at)
    return letter, passport


def _forget_person(registration: Registration, *, at: datetime) -> None:
    """What was the former person's alone: links, badge, letters, passport, files, answers."""
    registration.access_key, registration.badge_code = new_secret(), new_secret()
    registration.answers = {}
    letters.end(f"registration:{registration.ref}", at=at)
    passports.forget(registration)
    for document in queries.documents_of(registration):
        db.session.delete(document)
        db.session.flush()
        files.discard(document.file)


def is_of_official_organisation(registration: Registration) -> bool:
    """Whether the official status is the organisation's, as the secretariat confirmed it: then any delegate has it."""
    organisation = registration.organisation
    return (
        organisation is not None
        and organisation.category is registration.stakeholder
        and not organisation.is_category_open
    )


def _need_held(registration: Registration) -> None:
    if not registration.is_held:
        raise TransitionNotAllowed(_("This is “%(status)s” now. Look at it again.", status=registration.status.label))


def _need_no_sessions(registration: Registration) -> None:
    if registration.sessions:
        raise InvalidEntry(
            _("This registration has places in sessions for one way of taking part. Write to the secretariat."),
            field="modality",
        )


def _record(action: str, registration: Registration, *, by: User | None, detail: str = "") -> None:
    record(action, about=f"registration:{registration.ref}", by=by, scope=registration.event.scope, detail=detail)
