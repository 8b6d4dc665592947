"""What a report says, gathered from the domains it tells of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from babel.dates import format_date
from babel.lists import format_list
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from sqlalchemy import select

from consult.agenda.queries import PublishedSession, current, published_sessions
from consult.attendance.exports import tables
from consult.attendance.figures import Figures, Row
from consult.attendance.queries import latest_summary
from consult.events.models import Event
from consult.extensions import db
from consult.inputs.models import Call
from consult.inputs.queries import calls_of, received
from consult.reports.models import Report, ReportStatus


@dataclass(frozen=True)
class Contents:
    """A report, ready to be shown or written to a file."""

    event: Event
    report: Report | None
    overview: str
    figures: Figures | None
    compiled_at: datetime | None
    sessions: Sequence[PublishedSession]
    inputs: Sequence[tuple[Call, int]]

    @property
    def tables(self) -> list[tuple[str, str, list[tuple[str, Row]]]]:
        """The tables of attendance, with small numbers hidden unless it was said otherwise; none while no summary is
        compiled."""
        if self.figures is None:
            return []
        is_open = self.report is not None and not self.report.hides_small
        return tables(self.figures if is_open else self.figures.for_publication())


def report_of(event: Event) -> Report | None:
    return db.session.scalar(select(Report).where(Report.event_id == event.id))


def is_published(event: Event) -> bool:
    report = report_of(event)
    return report is not None and report.status is ReportStatus.PUBLISHED


def contents(event: Event) -> Contents:
    """The event's days must be loaded."""
    summary = latest_summary(event)
    figures = Figures.of(summary.figures) if summary else None
    numbers = received(event)
    return Contents(
        event=event,
        report=report_of(event),
        overview=overview(event, figures) if figures else "",
        figures=figures,
        compiled_at=summary.compiled_at if summary else None,
        sessions=published_sessions(current(event)),
        inputs=[(call, numbers.get(call.id, 0)) for call in calls_of(event)],
    )


def overview(event: Event, figures: Figures) -> str:
    """The sentence that opens a report, with its numbers: who came, how, representing whom, from how many countries."""
    if not figures.attended.all:
        return _("No attendance has been recorded for this meeting.")
    sentences = [_who(event, figures)]
    if len(figures.days) > 1:
        each = [_("%(number)s on %(day)s", number=row.all, day=_day(row.key)) for row in figures.days]
        sentences.append(_("There were %(days)s.", days=_and(each)))
    countries, regions = (
        len([row for row in figures.countries if row.key]),
        len([row for row in figures.regions if row.key]),
    )
    places = {
        "countries": ngettext("%(num)d country", "%(num)d countries", countries),
        "regions": ngettext("%(num)d region", "%(num)d regions", regions),
    }
    if organisations := len([row for row in figures.organisations if row.key]):
        bodies = ngettext("%(num)d organisation", "%(num)d organisations", organisations)
        sentences.append(
            _("They represented %(organisations)s from %(countries)s in %(regions)s.", organisations=bodies, **places)
        )
    else:
        sentences.append(_("They came from %(countries)s in %(regions)s.", **places))
    return " ".join(sentences)


def _participants(number: int) -> str:
    return ngettext("%(num)d participant", "%(num)d participants", number)


def _who(event: Event, figures: Figures) -> str:
    attended, words = figures.attended, {"people": _participants(figures.attended.all or 0), "title": event.title}
    if not attended.online:
        return _("%(people)s took part in “%(title)s”, in person.", **words)
    if not attended.in_person:
        return _("%(people)s took part in “%(title)s”, online.", **words)
    words |= {"in_person": str(attended.in_person), "online": str(attended.online), "both": str(figures.both)}
    if figures.both:
        return _(
            "%(people)s took part in “%(title)s”: "
            "%(in_person)s in person and %(online)s online, of whom %(both)s did both.",
            **words,
        )
    return _("%(people)s took part in “%(title)s”: %(in_person)s in person and %(online)s online.", **words)


def _day(key: str) -> str:
    return format_date(date.fromisoformat(key), "d MMMM", locale=get_locale())


def _and(parts: Sequence[str]) -> str:
    return format_list(list(parts), locale=get_locale())
