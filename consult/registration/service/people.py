"""What the person does, or their focal point: withdraw, accept an offer, agree, send somebody else, get a letter."""

from dataclasses import replace
from datetime import datetime, timedelta

from flask_babel import gettext as _

from consult.accounts.models import User
from consult.addresses import canonical
from consult.audit.service import record
from consult.database import locked
from consult.errors import AlreadySo, InvalidEntry, TransitionNotAllowed
from consult.events.queries import questions_of
from consult.extensions import db
from consult.facts import announce
from consult.letters import service as letters
from consult.letters.models import Letter, LetterKind
from consult.outbox import service as outbox
from consult.reference.stakeholders import OFFICIAL
from consult.registration import mails, policy, queries
from consult.registration.facts import DelegateSubstituted
from consult.registration.models import (
    HELD_STATES,
    PassportData,
    Registration,
    RegistrationStatus,
    SessionPlace,
    Visibility,
)
from consult.registration.service import addresses, erasure, passports, places, registering
from consult.registration.service.details import Person, check_answers, describe, keep_answers
from consult.transitions import move
from consult.words import Modality

S = RegistrationStatus
ANSWER_WITHIN = timedelta(days=14)
PLAIN = (  # what is known of a person, apart from answers
    "given_name", "family_name", "email", "function", "gender", "languages", "access_needs", "dietary_needs",
    "wants_visa_letter", "visibility",
)  # fmt: skip


def withdraw(registration: Registration, *, by: User | None, at: datetime) -> Registration:
    """Give up a place, or an offer of one; it goes to the first on the waiting list, who is told.

    Args:
        by: who did it; None is the person, by their personal link.

    Raises:
        TransitionNotAllowed: it was withdrawn, turned down or cancelled already.
    """
    places.lock(registration)
    if registration.is_asked:  # nobody agreed to it: nobody is written to, and nothing of them stays
        move(registration, S.WITHDRAWN)
        _record("registration.withdrawn", registration, by=by)
        erasure.erase_registration(registration, address="", by=by, at=at)
        return registration
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


def answer(registration: Registration, *, by: User | None, at: datetime) -> Registration:
    """The person agrees to what others registered them for, and gets what there is to give now. Another registration
    they have for the event is withdrawn. Returns the registration they have from now on.

    Raises:
        TransitionNotAllowed: it was answered or withdrawn, the event is off or over; or the place they were to
            take is gone.
    """
    places.lock(registration)
    event = registration.event
    if not registration.is_asked or not event.is_live or at >= places.ends(event):
        raise TransitionNotAllowed(_("This cannot be answered any more. Write to whoever registered you."))
    other = queries.held_by(event, registration.email)
    if other is not None:
        withdraw(queries.registration_at(event.slug, other.ref), by=by, at=at)
    _record("registration.agreed", registration, by=by)
    return _give_place(registration, by=by, at=at)


def _give_place(asked: Registration, *, by: User | None, at: datetime) -> Registration:
    """Whoever was asked has agreed, or need not: they get the place they were entered for, or what there is now."""
    if asked.replaces_id is not None:
        return _take_place(asked, by=by, at=at)
    registering.settle(asked)
    db.session.flush()
    return asked


def _take_place(asked: Registration, *, by: User | None, at: datetime) -> Registration:
    """Who was asked to come in somebody's place comes; the place stays as it is."""
    original = queries.replaced_by(asked)
    places.lock(original)
    if original.status not in HELD_STATES:
        raise TransitionNotAllowed(_("This cannot be answered any more. Write to whoever registered you."))
    person = Person(**{name: getattr(asked, name) for name in PLAIN})
    documents = list(queries.documents_of(asked))
    answers, key, registered_by = dict(asked.answers), asked.access_key, asked.registered_by
    _leave(original, at=at)
    for document in documents:
        document.registration = original
    db.session.flush()
    db.session.delete(asked)
    db.session.flush()
    describe(original, person)
    original.answers, original.access_key, original.registered_by = answers, key, registered_by
    db.session.flush()
    _record("registration.substituted", original, by=by)
    mails.tell_status(original)
    return original


def unanswered_refs(*, at: datetime) -> list[str]:
    """The references of those who were asked and did not answer in time."""
    return [registration.ref for registration in queries.unanswered(at - ANSWER_WITHIN)]


def give_up_unanswered(ref: str, *, at: datetime) -> None:
    """Give up a registration to which nobody agreed in time, and erase what it said. Answered meanwhile, it stays."""
    registration = queries.registration_with_ref(ref)
    if registration is None:
        return
    places.lock(registration)
    if registration.is_asked:
        move(registration, S.WITHDRAWN)
        _record("registration.not_answered", registration, by=None)
        erasure.erase_registration(registration, address="", by=None, at=at)


def substitute(registration: Registration, person: Person, *, by: User, at: datetime) -> Registration:
    """Send somebody else: the place stays, the person, the links and the badge are new. Both people are told.

    Whoever has not agreed to come for the organisation is asked first: until they answer, nothing changes, and what is
    returned is the question to them (`is_asked`).

    Raises:
        TransitionNotAllowed: the registration is given up.
        AlreadyRegistered: the organisation has registered the new person; or others have, as the team is told.
        InvalidEntry: the person has been there already, or an answer is missing.
    """
    places.lock(registration)
    need_held(registration)
    person = replace(person, email=canonical(person.email), visibility=Visibility.NO)
    event, organisation = registration.event, registration.organisation
    if person.email == registration.email:
        raise InvalidEntry(_("This is the same person. Correct their data instead."), field="email")
    if registration.stakeholder in OFFICIAL and not is_of_official_organisation(registration):
        message = _("The official status was confirmed for this person only. Withdraw, and register the other person.")
        raise InvalidEntry(message)
    known, may_know = addresses.read(event, [person.email], [organisation]), policy.can_see_all(by, event)
    if may_know:
        addresses.need_available(known, person.email, of=registration)
    else:
        addresses.need_not_registered_by(known, person.email, organisation)
    check_answers(questions_of(registration.category), person)
    is_own = person.email == by.email.lower()
    needs_answer = not may_know and (
        person.email in known.holders if is_own else addresses.must_be_asked(known, person.email, organisation)
    )
    if registration.is_asked or needs_answer:
        asked = _entered_for(registration, person, by=by, at=at)
        if not needs_answer:
            return _give_place(asked, by=by, at=at)
        registering.ask(asked)
        _record("registration.asked", asked, by=by)
        return asked
    _leave(registration, at=at)
    describe(registration, person)
    keep_answers(registration, person)
    registration.registered_by = by
    db.session.flush()
    _record("registration.substituted", registration, by=by)
    mails.tell_status(registration)
    return registration


def _leave(registration: Registration, *, at: datetime) -> None:
    """The person does not come any more: they are told, and what was theirs alone goes."""
    announce(DelegateSubstituted(registration))
    outbox.forget(f"registration:{registration.ref}")  # what still waits would carry the successor's badge
    mails.tell_substituted(registration)
    erasure.forget_person(registration, at=at)


def _entered_for(original: Registration, person: Person, *, by: User, at: datetime) -> Registration:
    """Enter somebody for a registered person's place; whoever was entered for it earlier is not asked any more."""
    announce(DelegateSubstituted(original))  # who refuses it then refuses it now
    place: Registration | None = original
    sessions: list[SessionPlace] = []
    if original.is_asked:  # nobody has the place yet
        place = queries.replaced_by(original) if original.replaces_id else None
        sessions = [SessionPlace(session=chosen.session) for chosen in original.sessions]
        withdraw(original, by=by, at=at)
    elif earlier := queries.replacement_of(original):
        withdraw(earlier, by=by, at=at)
    asked = Registration(
        event=original.event, category=original.category, organisation=original.organisation,
        organisation_name=original.organisation_name, registered_by=by, stakeholder=original.stakeholder,
        official_confirmed_at=original.official_confirmed_at, country=original.country, modality=original.modality,
        days=list(original.days), sessions=sessions, registered_at=at, status=S.ASKED, answers={}, replaces=place,
        offered_until=None,
    )  # fmt: skip
    describe(asked, person)
    db.session.add(asked)
    db.session.flush()
    keep_answers(asked, person)
    return asked


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
    if not is_coming or registration.is_walk_in or not registration.event.is_live:
        raise TransitionNotAllowed(
            _("There is a visa letter for confirmed places in person that were registered before the event.")
        )
    passport = passports.checked(passport, registration, at=at)
    letter = letters.issue(
        LetterKind.VISA_SUPPORT, about=f"registration:{registration.ref}", name=registration.name,
        event_title=registration.event.title, days=[day.date for day in registration.days],
        scope=registration.event.scope, by=by, at=at,
    )  # fmt: skip
    passports.keep(registration, passport, by=by, at=at)
    return letter, passport


def is_of_official_organisation(registration: Registration) -> bool:
    """Whether the official status is the organisation's, as the secretariat confirmed it: then any delegate has it."""
    organisation = registration.organisation
    return (
        organisation is not None
        and organisation.category is registration.stakeholder
        and not organisation.is_category_open
    )


def need_held(registration: Registration) -> None:
    """
    Raises:
        TransitionNotAllowed: the registration is given up, or was turned down.
    """
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
