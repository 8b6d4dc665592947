"""The summaries that are compiled and kept."""

from datetime import datetime
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from consult.database import Model, to
from consult.events.models import Event
from consult.transitions import Moves
from consult.words import Word


class SummaryStatus(Word):
    REQUESTED = "requested", _l("Being compiled"), "wait"
    COMPILED = "compiled", _l("Compiled"), "good"


class AttendanceSummary(Model):
    """The figures of an event as they were at `compiled_at`: a snapshot, compiled by the worker."""

    __tablename__ = "attendance_summary"
    __table_args__ = (Index("ix_attendance_summary_event_id", "event_id", "status", "id"),)
    MOVES: ClassVar[Moves[SummaryStatus]] = {
        SummaryStatus.REQUESTED: frozenset({SummaryStatus.COMPILED}),
        SummaryStatus.COMPILED: frozenset(),
    }

    event_id: Mapped[int] = mapped_column(to("event.id"))
    status: Mapped[SummaryStatus] = mapped_column(default=SummaryStatus.REQUESTED)
    requested_at: Mapped[datetime]
    compiled_at: Mapped[datetime | None]
    figures: Mapped[dict[str, Any]] = mapped_column(default=dict)

    event: Mapped[Event] = relationship(lazy="raise_on_sql")
