"""Registrations as files."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from flask_babel import gettext as _

from consult.reference import countries
from consult.reference.languages import SpokenLanguage
from consult.registration.models import FollowUp, FollowUpAnswer, Registration
from consult.spreadsheets import Sheet, csv_lines, xlsx
from consult.texts import one_line


def _titles() -> list[str]:
    return [
        _("Reference"),
        _("Given name"),
        _("Family name"),
        _("E-mail"),
        _("Function"),
        _("Organisation"),
        _("Stakeholder category"),
        _("Country"),
        _("Region"),
        _("Gender"),
        _("Registered as"),
        _("Takes part"),
        _("Days"),
        _("Languages"),
        _("What the person needs to take part"),
        _("What the person does not eat"),
        _("Visa letter"),
        _("Status"),
        _("Registered at (UTC)"),
    ]


def _row(registration: Registration) -> list[Any]:
    return [
        registration.ref,
        registration.given_name,
        registration.family_name,
        registration.email,
        registration.function,
        registration.organisation_name,
        _stakeholder(registration),
        countries.name(registration.country),
        str(registration.region.label) if registration.region else "",
        str(registration.gender.label),
        registration.category.title,
        str(registration.modality.label),
        ", ".join(day.date.isoformat() for day in registration.days),
        ", ".join(str(SpokenLanguage(language).label) for language in registration.languages),
        registration.access_needs,
        registration.dietary_needs,
        _("yes") if registration.wants_visa_letter else "",
        str(registration.status.label),
        registration.registered_at.strftime("%Y-%m-%d %H:%M"),
    ]


def _stakeholder(registration: Registration) -> str:
    label = str(registration.stakeholder.label)
    return _("%(category)s (not confirmed)", category=label) if registration.is_official_open else label


def as_csv(registrations: Iterable[Registration]) -> Iterator[str]:
    return csv_lines(_titles(), map(_row, registrations))


def as_xlsx(registrations: Iterable[Registration]) -> bytes:
    return xlsx([Sheet(_("Registrations"), _titles(), map(_row, registrations))])


def delegation_template(guide: Sequence[tuple[str, str]]) -> bytes:
    """The spreadsheet in which a delegation is filled in: a sheet for the people, and one that explains the columns."""
    people = Sheet(_("People"), [title for title, _what in guide], [])
    return xlsx([people, Sheet(_("Columns"), [_("Column"), _("What it takes")], guide)])


def participants(people: Iterable[Registration]) -> bytes:
    """The list of participants; who may be on it is for the caller to say."""
    titles = [_("Registered as"), _("Organisation"), _("Name"), _("Function"), _("Country")]
    rows = (
        [
            one_line(each.category.title), one_line(each.organisation_name), each.name, one_line(each.function),
            countries.name(each.country),
        ]
        for each in people
    )  # fmt: skip
    return xlsx([Sheet(_("Participants"), titles, rows)])


def follow_up_csv(follow_up: FollowUp, answers: Iterable[FollowUpAnswer]) -> Iterator[str]:
    """What was answered to a form, one participant a line."""
    asked = follow_up.question_set.questions
    titles = [_("Name"), _("E-mail"), _("Organisation"), _("Answered at (UTC)"), *(each.text for each in asked)]
    rows = (
        [
            given.registration.name, given.registration.email, given.registration.organisation_name,
            given.answered_at.strftime("%Y-%m-%d %H:%M"), *(each.said(given.answers) for each in asked),
        ]
        for given in answers
    )  # fmt: skip
    return csv_lines(titles, rows)
