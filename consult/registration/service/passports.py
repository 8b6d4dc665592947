"""Passport data: for visa letters only, encrypted, seen by visa officers, erased on a date."""

import re
from dataclasses import asdict, replace
from datetime import date, datetime

from flask_babel import gettext as _
from sqlalchemy import delete

from consult.accounts.models import User
from consult.audit.service import record
from consult.errors import InvalidEntry
from consult.extensions import db
from consult.organisations.queries import name_key
from consult.reference import countries
from consult.registration import queries
from consult.registration.models import Passport, PassportData, Registration
from consult.sealing import seal, seal_anew, unseal
from consult.texts import one_line

NUMBER = re.compile(r"[A-Z0-9][A-Z0-9 /.-]{0,18}[A-Z0-9]")
CONSULATE_LENGTH = 120
_IN_CONSULATE = re.compile(r"[\w\s.,'’()&/-]+")  # a name and a place: no address of a site or a mailbox
OLDEST = 120  # years


def checked(passport: PassportData, registration: Registration, *, at: datetime) -> PassportData:
    """What may stand in a letter: one line each, and the name of the person who is registered.

    Raises:
        InvalidEntry: the name is another, or something cannot be; `field` says which.
    """
    passport = replace(
        passport, name=one_line(passport.name), number=one_line(passport.number).upper(),
        consulate=one_line(passport.consulate),
    )  # fmt: skip
    if _folded(passport.name) != _folded(registration.name):
        message = _(
            "The registration is for %(name)s. Correct the name of the registration first, so that it is the name in "
            "the passport. Then ask for the letter.",
            name=registration.name,
        )
        raise InvalidEntry(message, field="name")
    if passport.nationality not in dict(countries.choices()):
        raise InvalidEntry(_("Choose a country."), field="nationality")
    if not NUMBER.fullmatch(passport.number):
        message = _("Enter the number as it stands in the passport: letters A to Z and digits, at most 20.")
        raise InvalidEntry(message, field="number")
    if not at.year - OLDEST < passport.born_on.year or passport.born_on > at.date():
        raise InvalidEntry(_("Enter the date of birth."), field="born_on")
    if len(passport.consulate) > CONSULATE_LENGTH or not _IN_CONSULATE.fullmatch(passport.consulate):
        message = _("Enter only the name and place of the embassy or consulate, at most %(most)s characters.",
                    most=CONSULATE_LENGTH)  # fmt: skip
        raise InvalidEntry(message, field="consulate")
    return passport


def _folded(name: str) -> list[str]:
    """A name as it is compared: passports write capitals without accents, and often the family name first."""
    return sorted(name_key(name).split()) or [name.casefold()]


def keep(registration: Registration, data: PassportData, *, by: User | None, at: datetime) -> Passport:
    """Keep it sealed, in place of what was there."""
    passport = queries.passport_of(registration)
    if passport is None:
        passport = Passport(registration=registration)
        db.session.add(passport)
    about = f"registration:{registration.ref}"
    passport.sealed, passport.given_at = seal({**asdict(data), "born_on": data.born_on.isoformat()}, of=about), at
    db.session.flush()
    record("passport.given", about=about, by=by, scope=registration.event.scope)
    return passport


def opened(passport: Passport, *, by: User) -> PassportData | None:
    """Read it; that it was read, and by whom, is in the record. None if the key it was sealed with is gone."""
    registration = passport.registration
    record("passport.read", about=f"registration:{registration.ref}", by=by, scope=registration.event.scope)
    kept = unseal(passport.sealed, of=f"registration:{registration.ref}")
    return PassportData(**{**kept, "born_on": date.fromisoformat(kept["born_on"])}) if kept else None


def erase(registration: Registration, *, by: User | None) -> None:
    """At the person's wish."""
    forget(registration)
    record("passport.erased", about=f"registration:{registration.ref}", by=by, scope=registration.event.scope)


def forget(registration: Registration) -> None:
    db.session.execute(delete(Passport).where(Passport.registration_id == registration.id))


def erase_due(*, today: date) -> int:
    """Erase what is kept for events whose date for it has come; returns of how many people."""
    erased = 0
    for event in queries.events_with_passports():
        due = event.erases_passports_on
        if due and due <= today:
            number = queries.erase_passports(event)
            record(
                "passport.erased_by_date", about=f"event:{event.ref}", by=None, scope=event.scope, detail=str(number)
            )
            erased += number
    return erased


def reseal() -> tuple[int, int]:
    """Seal all that is kept with the newest key; returns how many were sealed anew, and how many cannot be opened."""
    sealed = lost = 0
    for passport in queries.all_passports():
        again = seal_anew(passport.sealed, of=f"registration:{passport.registration.ref}")
        if again is None:
            lost += 1
        else:
            passport.sealed = again
            sealed += 1
    db.session.flush()
    record("passport.resealed", about="passports", by=None, detail=f"{sealed} sealed, {lost} cannot be opened")
    return sealed, lost
