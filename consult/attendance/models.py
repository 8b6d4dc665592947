"""Attendance, imports, and the summaries compiled from them."""

from datetime import datetime
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from consult.database import Model, to
from consult.events.models import Event, EventDay
from consult.registration.models import Registration
from consult.transitions import Moves
from consult.words import Modality, Word


class Attendance(Model):
    """A registered person was there on a day, in person or online; once however often they came in."""

    __tablename__ = "attendance"
    __table_args__ = (
        UniqueConstraint("registration_id", "day_id", "modality"),
        Index("ix_attendance_day_id_modality", "day_id", "modality"),
    )

    registration_id: Mapped[int] = mapped_column(to("registration.id"))
    day_id: Mapped[int] = mapped_column(to("event_day.id"))
    modality: Mapped[Modality]
    at: Mapped[datetime]

    registration: Mapped[Registration] = relationship(lazy="raise_on_sql")
    day: Mapped[EventDay] = relationship(lazy="raise_on_sql")


class AttendanceImport(Model):
    """One report of a meeting platform, known by its content."""

    __tablename__ = "attendance_import"
    __table_args__ = (UniqueConstraint("day_id", "sha256"),)

    event_id: Mapped[int] = mapped_column(to("event.id"), index=True)
    day_id: Mapped[int] = mapped_column(to("event_day.id"))
    name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    imported_at: Mapped[datetime]
    lines: Mapped[int]
    people: Mapped[int]

    event: Mapped[Event] = relationship(lazy="raise_on_sql")
    day: Mapped[EventDay] = relationship(lazy="raise_on_sql")


class SeenStatus(Word):
    MATCHED = "matched", _l("Matched"), "good"
    UNMATCHED = "unmatched", _l("To settle"), "wait"
    SETTLED = "settled", _l("Settled by hand"), "good"
    DISMISSED = "dismissed", _l("Left out"), "plain"


class SeenOnline(Model):
    """Somebody a platform's report names: one row a person and day, however many lines and files say so.

    `person_key` is the address, or the name as it is compared where the report gives no address.
    """

    __tablename__ = "seen_online"
    __table_args__ = (
        UniqueConstraint("day_id", "person_key"),
        Index("ix_seen_online_event_id_status", "event_id", "status", "id"),
    )
    MOVES: ClassVar[Moves[SeenStatus]] = {
        SeenStatus.MATCHED: frozenset(),
        SeenStatus.UNMATCHED: frozenset({SeenStatus.SETTLED, SeenStatus.DISMISSED}),
        SeenStatus.SETTLED: frozenset({SeenStatus.UNMATCHED}),
        SeenStatus.DISMISSED: frozenset({SeenStatus.UNMATCHED}),
    }

    event_id: Mapped[int] = mapped_column(to("event.id"))
    day_id: Mapped[int] = mapped_column(to("event_day.id"))
    import_id: Mapped[int] = mapped_column(to("attendance_import.id"), index=True)
    registration_id: Mapped[int | None] = mapped_column(to("registration.id"), index=True)
    status: Mapped[SeenStatus]
    line: Mapped[int]
    name: Mapped[str] = mapped_column(String(300))
    email: Mapped[str] = mapped_column(String(254))
    person_key: Mapped[str] = mapped_column(String(300))

    event: Mapped[Event] = relationship(lazy="raise_on_sql")
    day: Mapped[EventDay] = relationship(lazy="raise_on_sql")
    registration: Mapped[Registration | None] = relationship(lazy="raise_on_sql")


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
