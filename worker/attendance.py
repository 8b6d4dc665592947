"""Tasks of attendance."""

from datetime import datetime

from consult.attendance import queries
from consult.attendance.models import ImportStatus
from consult.attendance.service import reports, summaries
from consult.database import begin_writing, database_now
from consult.events.queries import event_with
from consult.extensions import celery, db
from worker import sweeps
from worker.leases import LEASE, Stopped, kept
from worker.shutdown import is_stopping


@celery.task(name="worker.attendance.compile_summaries")  # type: ignore[untyped-decorator]
def compile_summaries() -> None:
    """Compile every summary that was asked for, one after the other."""
    due = sweeps.keys(lambda: [summary.ref for summary in queries.requested_summaries()])
    sweeps.each("summaries", due, _compile)


def _compile(ref: str) -> None:
    for summary in queries.requested_summaries():
        if summary.ref == ref:
            summaries.compile_summary(summary, event_with(summary.event_id), at=database_now())


@celery.task(name="worker.attendance.read_reports")  # type: ignore[untyped-decorator]
def read_reports() -> None:
    """Read the reports that were sent, and count those that were looked at."""
    while not is_stopping() and _next_report():
        pass


def _next_report() -> bool:
    begin_writing()
    report = reports.claim(at=database_now(), lease=LEASE)
    db.session.commit()
    if report is None:
        return False
    ref = report.ref
    begin_writing()
    event = event_with(report.event_id)
    step = reports.read if report.status is ImportStatus.REQUESTED else reports.count
    try:
        with kept(lambda: reports.renew(ref, at=database_now(), lease=LEASE)):
            step(report, event, save=lambda: _save(ref), at=_end_of_lease)
    except Stopped:
        return False
    db.session.commit()
    return True


def _end_of_lease() -> datetime:
    return database_now() + LEASE


def _save(ref: str) -> None:
    """What is done so far; the next part writes again. A worker that is to stop gives it back instead."""
    db.session.commit()
    begin_writing()
    if is_stopping():
        reports.release(ref)
        db.session.commit()
        raise Stopped
