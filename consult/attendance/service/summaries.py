"""Attendance summaries: asked for, compiled by the worker, kept."""

from datetime import datetime

from consult.accounts.models import User
from consult.attendance import queries
from consult.attendance.figures import figures
from consult.attendance.models import AttendanceSummary, SummaryStatus
from consult.audit.service import record
from consult.database import after_commit, locked
from consult.events.models import Event
from consult.extensions import celery, db
from consult.transitions import move


def request_summary(event: Event, *, by: User, at: datetime) -> AttendanceSummary:
    """Have the attendance summary compiled; the worker does it. One that is waiting is not asked for again."""
    locked(event)
    if waiting := queries.requested_summary(event):
        after_commit(wake)
        return waiting
    summary = AttendanceSummary(event=event, requested_at=at, status=SummaryStatus.REQUESTED, figures={})
    db.session.add(summary)
    db.session.flush()
    record("summary.requested", about=f"summary:{summary.ref}", by=by, scope=event.scope)
    after_commit(wake)
    return summary


def wake() -> None:
    """Tell a worker there is something to compile; without a broker, the next sweep finds it."""
    celery.send_task("worker.attendance.compile_summaries", retry=False, ignore_result=True)


def compile_summary(summary: AttendanceSummary, event: Event, *, at: datetime) -> AttendanceSummary:
    """Count and keep the figures. The event's days must be loaded."""
    move(summary, SummaryStatus.COMPILED)
    summary.figures, summary.compiled_at = figures(event).kept(), at
    record("summary.compiled", about=f"summary:{summary.ref}", by=None, scope=event.scope)
    return summary
