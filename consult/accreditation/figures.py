"""How long decisions take: computed from the applications, not kept."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from consult.accreditation import queries
from consult.accreditation.models import AccreditationProcess, Application
from consult.extensions import db

DAY = 86_400


@dataclass(frozen=True)
class ServiceLevel:
    """Days as people count them; `median_days` is None before the first decision."""

    median_days: float | None
    decided: int
    promised_days: int
    overdue: int


def service_level(process: AccreditationProcess, *, at: datetime) -> ServiceLevel:
    """From when an application was first sent to when it was decided; half took less than the median."""
    took = select(Application.decision_seconds).where(
        Application.event_id == process.event_id, Application.decision_seconds.is_not(None)
    )
    number = db.session.scalar(select(func.count()).select_from(took.subquery())) or 0
    middle = took.order_by(Application.decision_seconds).offset((number - 1) // 2).limit(2 - number % 2)
    values = [seconds for seconds in db.session.scalars(middle) if seconds is not None] if number else []
    median = sum(values) / len(values) / DAY if values else None
    late = sum(queries.overdue(process, at=at).values())
    return ServiceLevel(round(median, 1) if median is not None else None, number, process.promised_days, late)
