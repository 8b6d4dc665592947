"""Tasks of accreditation."""

from consult.accreditation.service import circulations, reminders
from consult.database import begin_writing, now
from consult.extensions import celery, db


@celery.task(name="worker.accreditation.close_circulations")  # type: ignore[untyped-decorator]
def close_circulations() -> None:
    """Approve what nobody objected to by the date."""
    begin_writing()
    circulations.close_due(at=now())
    db.session.commit()


@celery.task(name="worker.accreditation.remind")  # type: ignore[untyped-decorator]
def remind() -> None:
    """Tell officers what waits longer than was promised; the same once a week."""
    begin_writing()
    reminders.remind(at=now())
    db.session.commit()
