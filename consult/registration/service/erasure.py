"""What a person does not want to be known: object to being registered, have everything erased."""

from datetime import datetime

from consult.accounts.models import User
from consult.accounts.queries import person_with
from consult.audit.service import forget_names, record
from consult.database import insert_new, new_secret
from consult.extensions import db
from consult.facts import announce
from consult.files import service as files
from consult.letters import service as letters
from consult.outbox import service as outbox
from consult.reference.stakeholders import Gender
from consult.registration import mails, queries
from consult.registration.facts import PersonErased
from consult.registration.models import DoNotRegister, Registration, RegistrationStatus, Visibility
from consult.registration.service import addresses, passports, places
from consult.registration.service.details import Person, describe
from consult.transitions import move

S = RegistrationStatus


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
        "email_hash": addresses.fingerprint(registration.event, registration.email),
    }  # fmt: skip
    insert_new(DoNotRegister, [row], unless=["event_id", "email_hash"])
    _record("registration.objected", registration, by=None)
    erase(registration, by=None, at=at)
    mails.tell_objection(registration)
    places.release(registration, at=at)


def erase(registration: Registration, *, by: User | None, at: datetime) -> None:
    """Erase everything about the person, whatever the status. What is counted stays: category, country, days,
    attendance. Somebody who still has a place, or waits for one, gives it up first.

    Args:
        by: who did it; None is the person, by their personal link, or the system.
    """
    places.lock(registration)
    if registration.is_held:
        move(registration, S.WITHDRAWN)
        registration.offered_until = None
        places.release(registration, at=at)
    other = queries.held_by(registration.event, registration.email) if registration.email else None
    address = registration.email if other is None else ""
    erase_registration(registration, address=address, by=by, at=at)


def erase_registration(registration: Registration, *, address: str, by: User | None, at: datetime) -> None:
    """What is known of the person under this registration; and under the address, if one is given."""
    about = f"registration:{registration.ref}"
    announce(PersonErased(registration, address))
    outbox.forget(about)
    if address:
        outbox.forget_address(address, scope=registration.event.scope)
    account = person_with(registration.email) if registration.email else None
    names = [registration.name, registration.email, registration.new_email]
    forget_person(registration, at=at)
    letters.forget(about)
    describe(registration, Person(given_name="–", email="", gender=Gender.NOT_STATED, visibility=Visibility.NO))
    if registration.organisation_id is None:
        registration.organisation_name = ""
    _record("registration.erased", registration, by=by)
    db.session.flush()
    forget_names(
        about, names=names, actor=account.ref if account else "", path=f"/registrations/{registration.ref}",
        scope=registration.event.scope,
    )  # fmt: skip


def forget_person(registration: Registration, *, at: datetime) -> None:
    """What is the person's and not the place's: links, badge, letters, passport, files, answers, also to follow-up
    forms, what the secretariat wrote to them, and an address that waits to be confirmed."""
    registration.access_key, registration.badge_code = new_secret(), new_secret()
    registration.answers, registration.message = {}, ""
    registration.new_email, registration.new_email_hash = "", None
    letters.end(f"registration:{registration.ref}", at=at)
    passports.forget(registration)
    queries.erase_follow_up_answers(registration)
    for document in queries.documents_of(registration):
        db.session.delete(document)
        db.session.flush()
        files.discard(document.file)


def _record(action: str, registration: Registration, *, by: User | None) -> None:
    record(action, about=f"registration:{registration.ref}", by=by, scope=registration.event.scope)
