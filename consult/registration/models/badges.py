"""Badges printed in numbers."""

from datetime import datetime
from typing import ClassVar

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from consult.database import Model, to
from consult.events.models import Event, ParticipantCategory
from consult.files.models import StoredFile
from consult.transitions import Moves
from consult.words import Word


class BadgeLayout(Word):
    SHEETS = "sheets", _l("A4 sheets of four, with cut marks")
    SINGLE = "single", _l("A6, one badge a page")


class BadgeRunStatus(Word):
    REQUESTED = "requested", _l("Being made"), "wait"
    READY = "ready", _l("Ready"), "good"
    FAILED = "failed", _l("Could not be made"), "bad"


class BadgeRun(Model):
    """The badges of an event, or of one category of it, as one PDF that the worker makes; `done` of `total` so far.

    A worker that makes it has it until `claimed_until`, which it puts off as long as it lives; then another may.
    `attempts` counts workers that began it and did not end. It holds names, so it is erased after a week.
    """

    __tablename__ = "badge_run"
    __table_args__ = (Index("ix_badge_run_event_id", "event_id", "id"), Index("ix_badge_run_status", "status", "id"))
    MOVES: ClassVar[Moves[BadgeRunStatus]] = {
        BadgeRunStatus.REQUESTED: frozenset({BadgeRunStatus.READY, BadgeRunStatus.FAILED}),
        BadgeRunStatus.READY: frozenset(),
        BadgeRunStatus.FAILED: frozenset(),
    }

    event_id: Mapped[int] = mapped_column(to("event.id"))
    category_id: Mapped[int | None] = mapped_column(to("participant_category.id", ondelete="CASCADE"))
    layout: Mapped[BadgeLayout]
    status: Mapped[BadgeRunStatus] = mapped_column(default=BadgeRunStatus.REQUESTED)
    requested_at: Mapped[datetime]
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    claimed_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    file_id: Mapped[int | None] = mapped_column(to("stored_file.id"))

    event: Mapped[Event] = relationship(lazy="raise_on_sql")
    category: Mapped[ParticipantCategory | None] = relationship(lazy="raise_on_sql")
    file: Mapped[StoredFile | None] = relationship(lazy="raise_on_sql")

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 0
