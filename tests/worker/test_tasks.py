"""What beat wakes."""

from datetime import timedelta

from sqlalchemy import select

from consult.accreditation.models import Application, ApplicationStatus
from consult.accreditation.service import circulations
from consult.attendance.models import AttendanceSummary, SummaryStatus
from consult.attendance.service import summaries
from consult.database import now
from consult.events.models import TeamRole
from consult.extensions import celery, db
from consult.outbox.models import Message
from tests.factories import NOON, SecretariatFactory, TeamMemberFactory, an_application, an_event
from worker import accreditation
from worker import attendance as tasks


def test_summaries_that_were_asked_for_are_compiled(session):
    event = an_event()
    summaries.request_summary(event, by=SecretariatFactory(), at=NOON)
    db.session.commit()
    tasks.compile_summaries.run()
    summary = db.session.scalars(select(AttendanceSummary)).one()
    assert (summary.status, summary.figures["registered"]) == (SummaryStatus.COMPILED, 0)


def test_a_circulation_is_closed_when_its_date_has_passed(session):
    event = an_event()
    application = an_application(event)
    to = [circulations.Recipient(name="Mission", email="m@example.org")]
    made = circulations.start(
        event,
        [application],
        recipients=to,
        until=NOON + timedelta(days=1),
        message="",
        by=SecretariatFactory(),
        at=NOON,
    )
    made.until = now() - timedelta(seconds=1)
    db.session.commit()
    accreditation.close_circulations.run()
    db.session.expire_all()
    assert db.session.scalars(select(Application.status)).one() is ApplicationStatus.APPROVED


def test_officers_are_reminded(session):
    event = an_event()
    officer = TeamMemberFactory(event=event, role=TeamRole.ACCREDITATION_OFFICER).user
    an_application(event, waiting_since=now() - timedelta(days=40))
    db.session.commit()
    accreditation.remind.run()
    assert db.session.scalars(select(Message.to)).all() == [officer.email]


def test_beat_wakes_every_task_that_sweeps():
    celery.loader.import_default_modules()
    scheduled = {entry["task"] for entry in celery.conf.beat_schedule.values()}
    assert scheduled == {name for name in celery.tasks if name.startswith("worker.")}
