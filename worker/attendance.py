"""Tasks of attendance."""

from consult.attendance import queries
from consult.attendance.models import ImportStatus
from consult.attendance.service import reports, summaries
from consult.database import begin_writing, now
from consult.events.queries import event_with
from consult.extensions import celery, db


@celery.task(name="worker.attendance.compile_summaries")  # type: ignore[untyped-decorator]
def compile_summaries() -> None:
    """Compile every summary that was asked for."""
    begin_writing()
    for summary in queries.requested_summaries():
        summaries.compile_summary(summary, event_with(summary.event_id), at=now())
    db.session.commit()


@celery.task(name="worker.attendance.read_reports")  # type: ignore[untyped-decorator]
def read_reports() -> None:
    """Read the reports that were sent, and count those that were looked at."""
    while _next_report():
        pass


def _next_report() -> bool:
    begin_writing()
    report = reports.claim(at=now())
    db.session.commit()
    if report is None:
        return False
    begin_writing()
    event = event_with(report.event_id)
    step = reports.read if report.status is ImportStatus.REQUESTED else reports.count
    step(report, event, save=_save, at=now)
    db.session.commit()
    return True


def _save() -> None:
    """What is done so far; the next part writes again."""
    db.session.commit()
    begin_writing()
