"""Registrations as files."""

from collections.abc import Iterable, Iterator
from typing import Any

from flask_babel import gettext as _

from consult.reference import countries
from consult.registration.models import Registration
from consult.spreadsheets import Sheet, csv_lines, xlsx


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
        str(registration.stakeholder.label),
        countries.name(registration.country),
        str(registration.region.label) if registration.region else "",
        str(registration.gender.label),
        registration.category.title,
        str(registration.modality.label),
        ", ".join(day.date.isoformat() for day in registration.days),
        str(registration.status.label),
        registration.registered_at.strftime("%Y-%m-%d %H:%M"),
    ]


def as_csv(registrations: Iterable[Registration]) -> Iterator[str]:
    return csv_lines(_titles(), map(_row, registrations))


def as_xlsx(registrations: Iterable[Registration]) -> bytes:
    return xlsx([Sheet(_("Registrations"), _titles(), map(_row, registrations))])
