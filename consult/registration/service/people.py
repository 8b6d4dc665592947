"""What the person does, or their focal point: withdraw, accept an offer, correct, send somebody else, object."""

from dataclasses import replace
from datetime import datetime, timedelta

from flask_babel import gettext as _

from consult.accounts.models import User, hashed
from consult.audit.service import record
from consult.database import locked, new_secret
from consult.errors import AlreadySo, InvalidEntry, TransitionNotAllowed
from consult.events.models import Event
from consult.events.queries import questions_of
from consult.extensions import db
from consult.facts import announce
from consult.letters import service as letters
from consult.letters.models import Letter, LetterKind
from consult.reference.stakeholders import OFFICIAL
from consult.registration import mails, policy, queries
from consult.registration.facts import DelegateSubstituted
from consult.registration.models import (
    HELD_STATES,
    PassportData,
    Registration,
    RegistrationStatus,
    Visibility,
)
from consult.registration.service import addresses, erasure, passports, places, registering
from consult.registration.service.registering import (
    Person,
    check_answers,
    describe,
    keep_answers,
)
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
    by_others = by is not None and by.email.lower() != registration.email
    if registration.is_asked and by_others:  # nobody agreed to it: nobody is written to, and nothing of them stays
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
    if registration.replaces_id is not None:
        return _take_place(registration, by=by, at=at)
    registering.settle(registration)
    db.session.flush()
    return registration


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


def correct(registration: Registration, person: Person, *, by: User | None, at: datetime) -> Registration:
    """Change what is known of the person; the place stays. Another address holds once it is confirmed there, for
    nobody but the event's team is told whether somebody is registered with it.

    Raises:
        TransitionNotAllowed: the registration is given up.
        AlreadyRegistered: somebody else is registered with the address, as the team is told.
        InvalidEntry: an answer is missing.
    """
    places.lock(registration)
    _need_held(registration)
    email, former_email, former_name = person.email.strip().lower(), registration.email, registration.name
    is_moved, may_know = email != former_email, _may_know(registration.event, by)
    if is_moved and may_know:
        addresses.need_free_address(addresses.read(registration.event, [email]), email, of=registration)
    elif is_moved:
        organisation = registration.organisation
        known = addresses.read(registration.event, [email], [organisation])
        addresses.need_not_registered_by(known, email, organisation)
    moves_now = is_moved and (may_know or registration.is_asked)
    person = replace(person, email=email if moves_now else former_email)
    check_answers(
        questions_of(registration.category), replace(person, answers={**registration.answers, **person.answers})
    )
    describe(registration, person)
    if registration.name != former_name:  # a letter certifies a name: with another it is another letter
        letters.end(f"registration:{registration.ref}", at=at)
    keep_answers(registration, person)
    if moves_now:
        _move_to(registration, email)
    elif is_moved:
        _ask_address(registration, email, by=by)
    _record("registration.corrected", registration, by=by)
    return registration


def _may_know(event: Event, by: User | None) -> bool:
    """The event's managers know who is registered."""
    return by is not None and policy.can_see_all(by, event)


def _move_to(registration: Registration, email: str) -> None:
    """Who has the mail to the old address is not the person any more."""
    registration.email, registration.access_key = email, new_secret()
    registration.new_email, registration.new_email_hash = "", None
    db.session.flush()
    if registration.is_asked:
        registering.ask(registration)
    else:
        mails.tell_status(registration)


def _ask_address(registration: Registration, email: str, *, by: User | None) -> None:
    """Mail the address, unless somebody else is registered with it or its owner objected: then nothing is sent."""
    key, event = new_secret(), registration.event
    registration.new_email, registration.new_email_hash = email, hashed(key)
    db.session.flush()
    is_own = by is None or by.email == registration.email
    known = addresses.read(event, [email])
    has_objected = not is_own and addresses.has_objected(known, email)
    if email not in known.holders and not has_objected:
        mails.ask_address(registration, to=email, key=key)


def confirm_address(key: str, *, at: datetime) -> Registration:
    """Whoever owns the new mailbox says yes; the registration has the address from now on.

    Raises:
        NotFound: the key is none, or was used.
        AlreadyRegistered: they have registered with it meanwhile.
    """
    registration = queries.registration_of_new_email(hashed(key))
    places.lock(registration)
    _need_held(registration)
    known = addresses.read(registration.event, [registration.new_email])
    addresses.need_free_address(known, registration.new_email, of=registration)
    _move_to(registration, registration.new_email)
    _record("registration.address_confirmed", registration, by=None)
    return registration


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
    _need_held(registration)
    person = replace(person, email=person.email.strip().lower(), visibility=Visibility.NO)
    event, organisation = registration.event, registration.organisation
    if person.email == registration.email:
        raise InvalidEntry(_("This is the same person. Correct their data instead."), field="email")
    if registration.stakeholder in OFFICIAL and not is_of_official_organisation(registration):
        message = _("The official status was confirmed for this person only. Withdraw, and register the other person.")
        raise InvalidEntry(message)
    known = addresses.read(event, [person.email], [organisation])
    if _may_know(event, by):
        addresses.need_free_address(known, person.email, of=registration)
    else:
        addresses.need_not_registered_by(known, person.email, organisation)
    check_answers(questions_of(registration.category), person)
    is_own = person.email == by.email.lower()
    if not _may_know(event, by) and (
        addresses.must_be_asked(known, person.email, organisation) if not is_own else person.email in known.holders
    ):
        return _ask_to_come(registration, person, by=by, at=at)
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
    mails.tell_substituted(registration)
    erasure.forget_person(registration, at=at)


def _ask_to_come(original: Registration, person: Person, *, by: User, at: datetime) -> Registration:
    """Ask somebody to come in a registered person's place; an earlier question about the same place ends."""
    announce(DelegateSubstituted(original))  # who refuses it then refuses it now
    if original.is_asked:  # nobody has the place yet: the question goes to somebody else
        withdraw(original, by=by, at=at)
    elif earlier := queries.replacement_of(original):
        withdraw(earlier, by=by, at=at)
    asked = Registration(
        event=original.event, category=original.category, organisation=original.organisation,
        organisation_name=original.organisation_name, registered_by=by, stakeholder=original.stakeholder,
        official_confirmed_at=original.official_confirmed_at, country=original.country, modality=original.modality,
        days=list(original.days), sessions=[], registered_at=at, status=S.ASKED, answers={},
        replaces=None if original.status is S.WITHDRAWN else original,
    )  # fmt: skip
    describe(asked, person)
    db.session.add(asked)
    db.session.flush()
    keep_answers(asked, person)
    registering.ask(asked)
    _record("registration.asked", asked, by=by)
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
