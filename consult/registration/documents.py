"""The badge: A6, with a QR code that door staff scan."""

import io
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import segno
import typst
from babel.dates import format_date
from flask_babel import force_locale, get_locale
from flask_babel import gettext as _

from consult.addresses import address
from consult.agenda import calendars
from consult.errors import NotFound
from consult.letters import documents as letters
from consult.letters.models import Letter
from consult.outbox.attachments import Attachment, attaches
from consult.reference import countries
from consult.registration import queries
from consult.registration.models import Registration, RegistrationStatus

_TEMPLATE = (Path(__file__).parent / "badge.typ").read_bytes()


def badge(registration: Registration) -> bytes:
    """A PDF of one page, A6."""
    qr = io.BytesIO()
    segno.make(address(f"/check-in/{registration.badge_code}"), error="m").save(qr, kind="svg", border=1)
    with force_locale("en"):
        inputs = {
            "name": registration.name,
            "organisation": registration.organisation_name,
            "country": countries.name(registration.country),
            "category": registration.category.title,
            "modality": str(registration.modality.label),
            "event": registration.event.title,
            "number": registration.ref,
            "qr": qr.getvalue().decode(),
        }
    return typst.compile(_TEMPLATE, sys_inputs=inputs)


@dataclass(frozen=True, kw_only=True)
class Passport:
    """What stands in the passport: used for one letter, kept nowhere."""

    name: str
    nationality: str
    number: str
    born_on: date
    consulate: str


def visa_letter(letter: Letter, registration: Registration, passport: Passport) -> bytes:
    """The letter that supports a visa application, as a PDF."""
    event = registration.event
    days = [day.date for day in registration.days]
    first, last = (format_date(day, "d MMMM y", locale=get_locale() or "en") for day in (min(days), max(days)))
    venue = ", ".join(filter(None, (event.venue_name, event.venue_address)))
    paragraphs = [
        _("To whom it may concern,"),
        _(
            "%(name)s, born on %(born)s, of nationality %(nationality)s, passport number %(number)s, is registered to "
            "take part in person in “%(event)s”, held from %(first)s to %(last)s%(venue)s.",
            name=passport.name,
            born=format_date(passport.born_on, "d MMMM y", locale=get_locale() or "en"),
            nationality=countries.name(passport.nationality),
            number=passport.number,
            event=event.title,
            first=first,
            last=last,
            venue=f" ({venue})" if venue else "",
        ),
        _("The participation is in the name of: %(organisation)s.", organisation=registration.organisation_name or "–"),
        _("We should be grateful if a visa could be issued for this purpose. This letter does not cover any cost."),
    ]
    return letters.pdf(letter, to=passport.consulate, title=_("Visa support letter"), body="\n\n".join(paragraphs))


@attaches("registration/badge")
def attached_badge(ref: str) -> Attachment | None:
    registration = queries.registration_with_ref(ref)
    if registration is None or registration.status is not RegistrationStatus.CONFIRMED:
        return None
    return Attachment(f"badge-{ref}.pdf", "application/pdf", badge(registration))


@attaches("registration/calendar")
def attached_calendar(ref: str) -> Attachment | None:
    registration = queries.registration_with_ref(ref)
    if registration is None or registration.status is not RegistrationStatus.CONFIRMED:
        return None
    return Attachment(f"{registration.event.slug}.ics", "text/calendar", calendar(registration))


def calendar(registration: Registration) -> bytes:
    """The days on which the person takes part."""
    event = registration.event
    return calendars.days(event, only=registration.days, url=address(f"/events/{event.slug}"))


def need_badge(registration: Registration) -> None:
    """
    Raises:
        NotFound: only confirmed places have a badge.
    """
    if registration.status is not RegistrationStatus.CONFIRMED:
        raise NotFound(_("There is a badge once the place is confirmed."))
