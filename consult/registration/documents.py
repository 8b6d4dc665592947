"""The badge: A6, with a QR code that door staff scan."""

import io
from pathlib import Path

import segno
import typst
from flask_babel import force_locale
from flask_babel import gettext as _

from consult.addresses import address
from consult.agenda import calendars
from consult.errors import NotFound
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
