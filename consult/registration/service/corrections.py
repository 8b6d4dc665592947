"""Correct what is known of a person; another address holds once its mailbox has agreed."""

from dataclasses import replace
from datetime import datetime, timedelta

from flask_babel import gettext as _

from consult.accounts.models import User, hashed
from consult.addresses import canonical
from consult.audit.service import record
from consult.database import new_secret
from consult.errors import NotFound
from consult.events.queries import questions_of
from consult.extensions import db
from consult.letters import service as letters
from consult.outbox import service as outbox
from consult.reference.stakeholders import OFFICIAL
from consult.registration import mails, policy, queries
from consult.registration.models import Registration, Visibility
from consult.registration.service import addresses, passports, places, registering
from consult.registration.service.details import Person, check_answers, describe, keep_answers
from consult.registration.service.people import is_of_official_organisation, need_held

CONFIRM_WITHIN = timedelta(days=3)


def correct(registration: Registration, person: Person, *, by: User | None, at: datetime) -> Registration:
    """Change what is known of the person; the place stays. Another address holds once it is confirmed there, for
    nobody but the event's team is told whether somebody is registered with it.

    Args:
        by: who corrects it; None is the person, by their personal link.

    Raises:
        TransitionNotAllowed: the registration is given up.
        AlreadyRegistered: somebody else is registered with the address, as the team is told; or the organisation has
            registered it, as its focal points are told.
        NotToBeRegistered: the owner of the address does not want it, as the team is told.
        InvalidEntry: an answer is missing.
    """
    places.lock(registration)
    need_held(registration)
    email, former_email, former_name = canonical(person.email), registration.email, registration.name
    is_own = by is None or policy.is_the_person(by, registration)
    may_know = by is not None and policy.can_see_all(by, registration.event)
    is_moved = email != former_email
    known = addresses.read(registration.event, [email], [registration.organisation])
    if is_moved and may_know:
        addresses.need_available(known, email, of=registration)
    elif is_moved and not is_own:
        addresses.need_not_registered_by(known, email, registration.organisation)
    moves_now = is_moved and (may_know or registration.is_asked)
    person = replace(person, email=former_email)
    check_answers(
        questions_of(registration.category), replace(person, answers={**registration.answers, **person.answers})
    )
    describe(registration, person)
    keep_answers(registration, person)
    if registration.name != former_name:
        _rename(registration, is_own=is_own, may_know=may_know, at=at)
    if moves_now:
        _move_to(registration, email, is_own=is_own)
    elif is_moved:
        _ask_address(registration, email, is_own=is_own, at=at)
    _record("registration.corrected", registration, by=by)
    return registration


def _rename(registration: Registration, *, is_own: bool, may_know: bool, at: datetime) -> None:
    """What was said of the former name is not said of another one: the letter, and a status that was the person's."""
    letters.end(f"registration:{registration.ref}", at=at)
    if registration.stakeholder in OFFICIAL and not may_know and not is_of_official_organisation(registration):
        registration.official_confirmed_at = None
    if not is_own and not registration.is_asked:
        registration.visibility = Visibility.NO  # the choice was made for another name
        mails.tell_corrected(registration)


def _move_to(registration: Registration, email: str, *, is_own: bool) -> None:
    """Who has the mail to the old address is not the person any more, and is told.

    What the person entered for themself alone does not follow to a mailbox that others named.
    """
    outbox.forget(f"registration:{registration.ref}")  # what still waits has the link and the badge
    if not registration.is_asked:
        mails.tell_moved(registration)
    registration.email, registration.access_key = email, new_secret()
    registration.new_email, registration.new_email_hash = "", None
    if not is_own:
        registration.visibility = Visibility.NO
        passports.forget(registration)
        queries.erase_follow_up_answers(registration)
    db.session.flush()
    if registration.is_asked:
        registering.ask(registration)
    else:
        mails.tell_status(registration)


def _ask_address(registration: Registration, email: str, *, is_own: bool, at: datetime) -> None:
    """Mail the address, unless somebody else is registered with it or its owner objected: then nothing is sent.

    The key says who asked, and when; only its hash is kept, so that nobody can write another.
    """
    key = f"{'own' if is_own else 'others'}.{int(at.timestamp())}.{new_secret()}"
    registration.new_email, registration.new_email_hash = email, hashed(key)
    db.session.flush()
    known = addresses.read(registration.event, [email])
    has_objected = not is_own and addresses.has_objected(known, email)
    if email not in known.holders and not has_objected:
        mails.ask_address(registration, to=email, key=key)


def follow_account(person: User, former: str, *, is_proven: bool, at: datetime) -> None:
    """The account has another address: what the person is registered for and is not over has it too, unless they are
    registered there with it already. What others only asked them for stays at the address that was asked.

    Args:
        is_proven: both mailboxes agreed.
    """
    for registration in queries.registrations_ahead(former, today=at.date()):
        places.lock(registration)
        if person.email not in addresses.read(registration.event, [person.email]).holders:
            _move_to(registration, person.email, is_own=is_proven)
            _record("registration.address_followed", registration, by=person)


def of_new_address(key: str, *, at: datetime) -> Registration:
    """The registration that is to have another address.

    Raises:
        NotFound: the key is none, was used, or is older than three days.
    """
    registration = queries.registration_of_new_email(hashed(key))
    _asker, _dot, rest = key.partition(".")
    asked_at = rest.partition(".")[0]
    if not asked_at.isdecimal() or at.timestamp() - int(asked_at) > CONFIRM_WITHIN.total_seconds():
        raise NotFound(_("This link has ended. Enter the new address again."))
    return registration


def confirm_address(key: str, *, at: datetime) -> Registration:
    """Whoever owns the new mailbox says yes; the registration has the address from now on.

    Raises:
        NotFound: the key is none, was used, or is older than three days.
        AlreadyRegistered: they have registered with it meanwhile.
    """
    registration = of_new_address(key, at=at)
    places.lock(registration)
    need_held(registration)
    known = addresses.read(registration.event, [registration.new_email])
    addresses.need_free_address(known, registration.new_email, of=registration)
    _move_to(registration, registration.new_email, is_own=key.startswith("own."))
    _record("registration.address_confirmed", registration, by=None)
    return registration


def _record(action: str, registration: Registration, *, by: User | None) -> None:
    record(action, about=f"registration:{registration.ref}", by=by, scope=registration.event.scope)
