"""Reads about summaries."""

from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import func, select

from consult.attendance.models import (
    AttendanceSummary,
    SummaryStatus,
)
from consult.errors import NotFound
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


def summaries_of(event: Event) -> Sequence[AttendanceSummary]:
    """Every one that was compiled, the latest first."""
    statement = select(AttendanceSummary).where(
        AttendanceSummary.event_id == event.id, AttendanceSummary.status == SummaryStatus.COMPILED
    )
    return db.session.scalars(statement.order_by(AttendanceSummary.id.desc()).limit(100)).all()


def summary_of(event: Event, ref: str) -> AttendanceSummary | None:
    """A compiled one by its reference, else the last."""
    if not ref:
        return latest_summary(event)
    found = db.session.scalar(
        select(AttendanceSummary).where(
            AttendanceSummary.event_id == event.id,
            AttendanceSummary.ref == ref,
            AttendanceSummary.status == SummaryStatus.COMPILED,
        )
    )
    if found is None:
        raise NotFound(_("There is no such summary."))
    return found


def series_summaries(event: Event) -> Sequence[tuple[Event, AttendanceSummary]]:
    """The last summary of this meeting and of those of its series before it, the latest meeting first."""
    last = (
        select(func.max(AttendanceSummary.id))
        .where(AttendanceSummary.event_id == Event.id, AttendanceSummary.status == SummaryStatus.COMPILED)
        .correlate(Event)
        .scalar_subquery()
    )
    statement = (
        select(Event, AttendanceSummary)
        .join(AttendanceSummary, AttendanceSummary.id == last)
        .where(Event.series_id == event.series_id, Event.first_day <= event.first_day)
        .order_by(Event.first_day.desc(), Event.id.desc())
        .limit(12)
    )
    return [(held, summary) for held, summary in db.session.execute(statement)]
