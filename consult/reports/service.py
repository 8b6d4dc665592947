"""What is done with reports."""

from flask_babel import gettext as _

from consult.accounts.models import User
from consult.attendance.queries import latest_summary
from consult.audit.service import record
from consult.database import locked, now
from consult.errors import InvalidEntry
from consult.events.models import Event
from consult.extensions import db
from consult.reports import queries
from consult.reports.models import Report, ReportStatus


def write(event: Event, *, introduction: str, next_steps: str, hides_small: bool = True, by: User) -> Report:
    """Say what no figure says: an introduction, and what happens next; and whether small numbers are hidden."""
    locked(event)
    report = _of(event)
    report.introduction, report.next_steps, report.hides_small = introduction, next_steps, hides_small
    db.session.flush()
    record("report.written", about=f"report:{report.ref}", by=by, scope=event.scope)
    return report


def publish(event: Event, *, by: User) -> Report:
    """Show the report to the public, among the event's outcomes.

    Raises:
        InvalidEntry: no attendance summary has been compiled yet.
    """
    locked(event)
    if latest_summary(event) is None:
        raise InvalidEntry(_("Compile the attendance summary before you publish the report."))
    report = _of(event)
    report.status, report.published_at = ReportStatus.PUBLISHED, now()
    db.session.flush()
    record("report.published", about=f"report:{report.ref}", by=by, scope=event.scope)
    return report


def unpublish(event: Event, *, by: User) -> Report:
    """Take the report back, to correct it."""
    locked(event)
    report = _of(event)
    report.status = ReportStatus.DRAFT
    db.session.flush()
    record("report.unpublished", about=f"report:{report.ref}", by=by, scope=event.scope)
    return report


def _of(event: Event) -> Report:
    report = queries.report_of(event)
    if report is None:
        report = Report(event=event, status=ReportStatus.DRAFT, hides_small=True)
        db.session.add(report)
    return report
