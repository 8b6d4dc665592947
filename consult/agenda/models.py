"""The agenda as it is worked on (sessions), and as it was published (revisions)."""

from datetime import date, datetime, time
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from consult.database import Model, to
from consult.events.models import Event, EventDay
from consult.words import Modality, Word


class SessionKind(Word):
    PLENARY = "plenary", _l("Plenary")
    PANEL = "panel", _l("Panel")
    BREAKOUT = "breakout", _l("Breakout group")
    DISCUSSION = "discussion", _l("Discussion")
    OPENING = "opening", _l("Opening")
    CLOSING = "closing", _l("Closing")
    BREAK = "break", _l("Break")


class SpeakerRole(Word):
    OPENING = "opening", _l("Opening remarks")
    KEYNOTE = "keynote", _l("Keynote")
    MODERATOR = "moderator", _l("Moderator")
    PANELLIST = "panellist", _l("Panellist")
    RAPPORTEUR = "rapporteur", _l("Rapporteur")


class Session(Model):
    """A part of a day; times are local to the event's zone. `guiding_questions` and `parts` are texts in order.

    With a capacity of None everybody may come; otherwise people choose the session when they register.
    """

    __tablename__ = "session"
    __table_args__ = (
        CheckConstraint("starts < ends", name="times"),
        CheckConstraint("capacity_in_person >= 0 AND capacity_online >= 0", name="capacity"),
    )

    event_id: Mapped[int] = mapped_column(to("event.id"), index=True)
    day_id: Mapped[int] = mapped_column(to("event_day.id"), index=True)
    number: Mapped[str] = mapped_column(String(10), default="")
    title: Mapped[str] = mapped_column(String(300))
    kind: Mapped[SessionKind]
    starts: Mapped[time]
    ends: Mapped[time]
    room: Mapped[str] = mapped_column(String(100), default="")
    description: Mapped[str] = mapped_column(Text, default="")
    guiding_questions: Mapped[list[str]] = mapped_column(default=list)
    parts: Mapped[list[str]] = mapped_column(default=list)
    capacity_in_person: Mapped[int | None]
    capacity_online: Mapped[int | None]

    event: Mapped[Event] = relationship(lazy="raise_on_sql")
    day: Mapped[EventDay] = relationship(lazy="raise_on_sql")
    speakers: Mapped[list["Speaker"]] = relationship(
        back_populates="session", order_by="Speaker.position", cascade="all, delete-orphan", lazy="raise_on_sql"
    )

    @property
    def date(self) -> date:
        return self.day.date

    def capacity(self, modality: Modality) -> int | None:
        return self.capacity_in_person if modality is Modality.IN_PERSON else self.capacity_online

    @property
    def is_chosen(self) -> bool:
        """Whether people choose it when they register."""
        return self.capacity_in_person is not None or self.capacity_online is not None


class Speaker(Model):
    __tablename__ = "speaker"

    session_id: Mapped[int] = mapped_column(to("session.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(200), default="")
    function: Mapped[str] = mapped_column(String(300), default="")
    role: Mapped[SpeakerRole]

    session: Mapped[Session] = relationship(back_populates="speakers", lazy="raise_on_sql")


class AgendaRevision(Model):
    """What the public saw from `published_at` on: a copy that later changes of the sessions do not touch."""

    __tablename__ = "agenda_revision"
    __table_args__ = (UniqueConstraint("event_id", "number"),)

    event_id: Mapped[int] = mapped_column(to("event.id"))
    number: Mapped[int]
    note: Mapped[str] = mapped_column(Text, default="")
    published_at: Mapped[datetime]
    content: Mapped[dict[str, Any]]

    event: Mapped[Event] = relationship(lazy="raise_on_sql")
