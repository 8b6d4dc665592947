"""Reads about summaries."""

from collections.abc import Sequence

from sqlalchemy import select

from consult.attendance.models import (
    AttendanceSummary,
    SummaryStatus,
)
from consult.events.models import Event
from consult.extensions import db


def latest_summary(event: Event) -> AttendanceSummary | None:
    """The last one that is compiled."""
    statement = select(AttendanceSummary).where(
        AttendanceSummary.event_id == event.id, AttendanceSummary.status == SummaryStatus.COMPILED
    )
    return db.session.scalar(statement.order_by(AttendanceSummary.id.desc()).limit(1))


def requested_summary(event: Event) -> AttendanceSummary | None:
    """One that the worker has yet to compile."""
    statement = select(AttendanceSummary).where(
        AttendanceSummary.event_id == event.id, AttendanceSummary.status == SummaryStatus.REQUESTED
    )
    return db.session.scalar(statement.limit(1))


def requested_summaries() -> Sequence[AttendanceSummary]:
    statement = (
        select(AttendanceSummary)
        .where(AttendanceSummary.status == SummaryStatus.REQUESTED)
        .order_by(AttendanceSummary.id)
        .with_for_update(skip_locked=True)
    )
    return db.session.scalars(statement).all()
