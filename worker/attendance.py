"""Tasks of attendance."""

from consult.attendance import queries, service
from consult.database import begin_writing, now
from consult.events.queries import event_with
from consult.extensions import celery, db


@celery.task(name="worker.attendance.compile_summaries")  # type: ignore[untyped-decorator]
def compile_summaries() -> None:
    """Compile every summary that was asked for."""
    begin_writing()
    for summary in queries.requested_summaries():
        service.compile_summary(summary, event_with(summary.event_id), at=now())
    db.session.commit()
