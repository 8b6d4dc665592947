"""What beat wakes."""

from sqlalchemy import select

from consult.attendance import service
from consult.attendance.models import AttendanceSummary, SummaryStatus
from consult.extensions import celery, db
from tests.factories import NOON, SecretariatFactory, an_event
from worker import attendance as tasks


def test_summaries_that_were_asked_for_are_compiled(session):
    event = an_event()
    service.request_summary(event, by=SecretariatFactory(), at=NOON)
    db.session.commit()
    tasks.compile_summaries.run()
    summary = db.session.scalars(select(AttendanceSummary)).one()
    assert (summary.status, summary.figures["registered"]) == (SummaryStatus.COMPILED, 0)


def test_beat_wakes_every_task_that_sweeps():
    celery.loader.import_default_modules()
    scheduled = {entry["task"] for entry in celery.conf.beat_schedule.values()}
    assert scheduled == {name for name in celery.tasks if name.startswith("worker.")}
