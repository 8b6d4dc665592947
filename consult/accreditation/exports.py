"""Applications as a file."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from consult.accreditation.models import Application
from consult.reference import countries
from consult.spreadsheets import csv_lines


def as_csv(applications: Iterable[Application]) -> Iterator[str]:
    """One line an application, as it stands in the queue."""
    titles = [
        _("Number"), _("Organisation"), _("Category"), _("Country"), _("Region"), _("Recognitions"), _("Way"),
        _("Status"), _("Officer"), _("Sent at (UTC)"), _("Decided at (UTC)"), _("Reason"),
    ]  # fmt: skip
    return csv_lines(titles, map(_row, applications))


def _row(application: Application) -> list[Any]:
    organisation = application.organisation
    return [
        application.number,
        organisation.name,
        str(organisation.category.label),
        countries.name(organisation.country),
        str(organisation.region.label) if organisation.region else "",
        ", ".join(f"{held.kind.label} ({held.status.label})" for held in organisation.recognitions),
        str(application.track.label),
        str(application.status.label),
        application.officer.name if application.officer else "",
        _time(application.submitted_at),
        _time(application.decided_at),
        application.reason.text if application.reason else "",
    ]


def _time(instant: datetime | None) -> str:
    return instant.strftime("%Y-%m-%d %H:%M") if instant else ""
