"""Badges, the list of participants, and visa letters."""

import io
import json
from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path

import segno
from babel.dates import format_date
from docx import Document
from flask_babel import force_locale, get_locale
from flask_babel import gettext as _

from consult import bounded, typesetting
from consult.addresses import address
from consult.agenda import calendars
from consult.errors import NotFound
from consult.events.models import Colour, Event
from consult.letters import documents as letters
from consult.letters.models import Letter
from consult.outbox.attachments import Attachment, attaches
from consult.reference import countries
from consult.registration import queries
from consult.registration.models import BadgeLayout, PassportData, Registration, RegistrationStatus
from consult.texts import one_line

_BADGE = (Path(__file__).parent / "badge.typ").read_bytes()
_LIST = (Path(__file__).parent / "participants.typ").read_bytes()
COLOURS = {
    Colour.TEAL: "#0b5d66", Colour.BLUE: "#1d4f91", Colour.GREEN: "#2f6b2f", Colour.BROWN: "#7a4a1c",
    Colour.RED: "#a3232b", Colour.PURPLE: "#5f3a8a", Colour.GREY: "#4a5260",
}  # fmt: skip
STEP = 50  # badges between two words about progress


def badge(registration: Registration) -> bytes:
    """A PDF of one page, A6."""
    return badges([registration], BadgeLayout.SINGLE)


def badges(
    people: Sequence[Registration], layout: BadgeLayout, progress: Callable[[int], None] = lambda _number: None
) -> bytes:
    """The badges of these people as one PDF. Their event and category must be loaded.

    Args:
        progress: is told now and then how many are prepared.
    """
    prepared = []
    with force_locale("en"):
        for number, registration in enumerate(people, 1):
            prepared.append(_drawn(registration))
            if number % STEP == 0:
                progress(number)
    inputs = {"badges": json.dumps(prepared), "layout": layout.value, "title": people[0].event.title}
    limits = bounded.WORKER if len(people) > STEP else bounded.DRAWING
    return typesetting.pdf(_BADGE, inputs, limits=limits)


def _drawn(registration: Registration) -> dict[str, str]:
    qr = io.BytesIO()
    segno.make(address(f"/check-in/{registration.badge_code}"), error="m").save(qr, kind="svg", border=1)
    return {
        "name": registration.name,
        "organisation": one_line(registration.organisation_name),
        "country": countries.name(registration.country),
        "category": registration.category.title,
        "colour": COLOURS[registration.category.colour],
        "event": registration.event.title,
        "number": f"{registration.modality.label} · {registration.ref}",
        "qr": qr.getvalue().decode(),
    }


def grouped(people: Sequence[Registration]) -> list[tuple[str, list[tuple[str, list[Registration]]]]]:
    """People by category, then by organisation, in the order in which they come; the titles fit for any document."""
    return [
        (
            one_line(category),
            [
                (one_line(name), list(members))
                for name, members in groupby(in_category, key=lambda each: each.organisation_name)
            ],
        )
        for category, in_category in groupby(people, key=lambda each: each.category.title)
    ]


def participants_pdf(event: Event, people: Sequence[Registration]) -> bytes:
    """The list of participants, by category and organisation."""
    groups = [
        {
            "category": category,
            "organisations": [
                {"name": name, "people": [[each.name, _beside(each)] for each in members]}
                for name, members in organisations
            ],
        }
        for category, organisations in grouped(people)
    ]
    inputs = {
        "title": _("List of participants"),
        "event": event.title,
        "date": format_date(event.first_day, "d MMMM y", locale=get_locale() or "en") if event.first_day else "",
        "groups": json.dumps(groups),
        "empty": _("Nobody is listed. Each person says whether their name may stand here."),
        "lang": str(get_locale() or "en").split("_", maxsplit=1)[0],
    }
    return typesetting.pdf(_LIST, inputs)


def participants_docx(event: Event, people: Sequence[Registration]) -> bytes:
    """The same, to go on with in a word processor."""
    document = Document()
    document.core_properties.title = _("List of participants")
    document.core_properties.author = ""
    document.add_heading(_("List of participants"), 0)
    document.add_paragraph(one_line(event.title))
    for category, organisations in grouped(people):
        document.add_heading(category, 1)
        for name, members in organisations:
            if name:
                document.add_heading(name, 2)
            for each in members:
                line = document.add_paragraph(style="List Bullet")
                line.add_run(each.name).bold = True
                line.add_run(f", {_beside(each)}")
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _beside(registration: Registration) -> str:
    return ", ".join(filter(None, (one_line(registration.function), countries.name(registration.country))))


def visa_letter(letter: Letter, registration: Registration, passport: PassportData) -> bytes:
    """The letter that supports a visa application, as a PDF. It certifies the registered name."""
    event = registration.event
    days = [day.date for day in registration.days]
    first, last = (format_date(day, "d MMMM y", locale=get_locale() or "en") for day in (min(days), max(days)))
    venue = ", ".join(filter(None, (event.venue_name, event.venue_address)))
    paragraphs = [
        _("To whom it may concern,"),
        _(
            "%(name)s, born on %(born)s, of nationality %(nationality)s, passport number %(number)s, is registered to "
            "take part in person in “%(event)s”, held from %(first)s to %(last)s%(venue)s.",
            name=registration.name,
            born=format_date(passport.born_on, "d MMMM y", locale=get_locale() or "en"),
            nationality=countries.name(passport.nationality),
            number=one_line(passport.number),
            event=event.title,
            first=first,
            last=last,
            venue=f" ({venue})" if venue else "",
        ),
        _(
            "The participation is in the name of: %(organisation)s.",
            organisation=one_line(registration.organisation_name) or "–",
        ),
        _("We should be grateful if a visa could be issued for this purpose. This letter does not cover any cost."),
    ]
    return letters.pdf(
        letter, to=one_line(passport.consulate), title=_("Visa support letter"), body="\n\n".join(paragraphs)
    )


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
