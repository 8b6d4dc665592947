"""Who was there, how it is known, and by whom it is noted at the door."""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from consult.accounts.models import User
from consult.agenda.models import Session
from consult.database import Model, to
from consult.events.models import Event, EventDay
from consult.registration.models import Registration
from consult.words import Modality, Word


class Source(Word):
    """How it is known that a person was there."""

    DOOR = "door", _l("Door")
    REPORT = "report", _l("Report of the platform")
    CODE = "code", _l("Code shown in the room")


class Attendance(Model):
    """A registered person was there on a day, in person or online; once however often they came in.

    `minutes` is how long they were connected, where a platform's report says it.
    """

    __tablename__ = "attendance"
    __table_args__ = (
        UniqueConstraint("registration_id", "day_id", "modality"),
        Index("ix_attendance_day_id_modality", "day_id", "modality", "at"),
    )

    registration_id: Mapped[int] = mapped_column(to("registration.id"))
    day_id: Mapped[int] = mapped_column(to("event_day.id"))
    modality: Mapped[Modality]
    at: Mapped[datetime]
    source: Mapped[Source] = mapped_column(default=Source.DOOR)
    minutes: Mapped[int | None]

    registration: Mapped[Registration] = relationship(lazy="raise_on_sql")
    day: Mapped[EventDay] = relationship(lazy="raise_on_sql")


class SessionAttendance(Model):
    """A registered person was in a session."""

    __tablename__ = "session_attendance"
    __table_args__ = (UniqueConstraint("session_id", "registration_id", "modality"),)

    session_id: Mapped[int] = mapped_column(to("session.id"))
    registration_id: Mapped[int] = mapped_column(to("registration.id"), index=True)
    modality: Mapped[Modality]
    at: Mapped[datetime]

    session: Mapped[Session] = relationship(lazy="raise_on_sql")
    registration: Mapped[Registration] = relationship(lazy="raise_on_sql")


class DoorPass(Model):
    """A link by which somebody keeps the door on one day, without an account. `name` is who that is.

    `listed_at` is when it was last recorded that the people of the day were read with it.
    """

    __tablename__ = "door_pass"

    event_id: Mapped[int] = mapped_column(to("event.id"), index=True)
    day_id: Mapped[int] = mapped_column(to("event_day.id"), index=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    made_by_id: Mapped[int | None] = mapped_column(to("user.id"))
    made_at: Mapped[datetime]
    until: Mapped[datetime]
    listed_at: Mapped[datetime | None]

    event: Mapped[Event] = relationship(lazy="raise_on_sql")
    day: Mapped[EventDay] = relationship(lazy="raise_on_sql")
    made_by: Mapped[User | None] = relationship(lazy="raise_on_sql")


class RoomCode(Model):
    """A code shown to those who take part online, so that they say themselves that they are there.

    For a session, or with none for the day as a whole.
    """

    __tablename__ = "room_code"
    __table_args__ = (Index("ix_room_code_event_id", "event_id", "code"),)

    event_id: Mapped[int] = mapped_column(to("event.id"))
    day_id: Mapped[int] = mapped_column(to("event_day.id"), index=True)
    session_id: Mapped[int | None] = mapped_column(to("session.id", ondelete="CASCADE"), index=True)
    code: Mapped[str] = mapped_column(String(8))
    made_at: Mapped[datetime]
    until: Mapped[datetime]

    event: Mapped[Event] = relationship(lazy="raise_on_sql")
    day: Mapped[EventDay] = relationship(lazy="raise_on_sql")
    session: Mapped[Session | None] = relationship(lazy="raise_on_sql")
