"""Tasks of accreditation."""

from consult.accreditation import queries
from consult.accreditation.service import circulations, reminders
from consult.database import database_now
from consult.extensions import celery
from worker import sweeps


@celery.task(name="worker.accreditation.close_circulations")  # type: ignore[untyped-decorator]
def close_circulations() -> None:
    """Approve what nobody objected to by the date, one circulation after the other."""
    at = database_now()
    due = sweeps.keys(lambda: [circulation.ref for circulation in queries.circulations_due(at=at)])
    sweeps.each("circulations", due, lambda ref: circulations.close_due(at=at, ref=ref))


@celery.task(name="worker.accreditation.remind")  # type: ignore[untyped-decorator]
def remind() -> None:
    """Tell officers what waits longer than was promised; the same once a week."""
    at = database_now()
    due = sweeps.keys(lambda: [process.ref for process in queries.overdue_processes()])
    sweeps.each("reminders", due, lambda ref: reminders.remind(at=at, ref=ref))
