"""Meetings: what, when, where, and who may come."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, String, Table, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from consult.accounts.models import User
from consult.database import Model, to
from consult.questions.models import QuestionSet
from consult.reference.stakeholders import StakeholderCategory
from consult.transitions import Moves
from consult.words import Modality, Word


class EventKind(Word):
    ANNUAL_MEETING = "annual_meeting", _l("Annual meeting")
    QUARTERLY_MEETING = "quarterly_meeting", _l("Quarterly meeting")
    BRIEFING = "briefing", _l("Briefing")
    CONSULTATION = "consultation", _l("Consultation")
    HEARING = "hearing", _l("Hearing")
    OTHER = "other", _l("Other meeting")


class EventModality(Word):
    IN_PERSON = "in_person", _l("In person")
    ONLINE = "online", _l("Online")
    HYBRID = "hybrid", _l("In person and online")


class EventStatus(Word):
    DRAFT = "draft", _l("Draft"), "plain"
    PUBLISHED = "published", _l("Published"), "good"
    CANCELLED = "cancelled", _l("Cancelled"), "bad"
    ARCHIVED = "archived", _l("Archived"), "plain"


class WindowState(Word):
    """Where the clock stands: derived, never stored."""

    UNSET = "unset", _l("not planned"), "plain"
    NOT_YET = "not_yet", _l("not yet open"), "plain"
    OPEN = "open", _l("open"), "good"
    CLOSED = "closed", _l("closed"), "plain"


class TeamRole(Word):
    MANAGER = "manager", _l("Event manager")
    ACCREDITATION_OFFICER = "accreditation_officer", _l("Accreditation officer")
    RAPPORTEUR = "rapporteur", _l("Rapporteur")
    DOOR_STAFF = "door_staff", _l("Door staff")
    VISA_OFFICER = "visa_officer", _l("Visa officer")


class Selection(Word):
    """How the places of a category are given."""

    FIRST_COME = "first_come", _l("First come, first served")
    APPROVAL = "approval", _l("The secretariat approves each person")


class Colour(Word):
    """The colour of a category's badges; white can be read on each (contrast above 4.5)."""

    TEAL = "teal", _l("Teal")
    BLUE = "blue", _l("Blue")
    GREEN = "green", _l("Green")
    BROWN = "brown", _l("Brown")
    RED = "red", _l("Red")
    PURPLE = "purple", _l("Purple")
    GREY = "grey", _l("Grey")


@dataclass(frozen=True)
class Window:
    """From when until when something may be done: instants, `closes` itself is too late."""

    opens: datetime | None
    closes: datetime | None

    def state(self, at: datetime) -> WindowState:
        if self.opens is None or self.closes is None:
            return WindowState.UNSET
        if at < self.opens:
            return WindowState.NOT_YET
        return WindowState.OPEN if at < self.closes else WindowState.CLOSED

    def is_open(self, at: datetime) -> bool:
        return self.state(at) is WindowState.OPEN


class Series(Model):
    """Meetings that follow one another: the annual meetings, the briefings."""

    __tablename__ = "series"

    slug: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[str] = mapped_column(String(200))


def _in_order(name: str) -> CheckConstraint:
    return CheckConstraint(f"{name}_opens_at < {name}_closes_at", name=f"{name}_window")


class Event(Model):
    """A meeting.

    A freed place is offered to the first who waits for `offer_hours` hours (0: it is given at once); passport
    data for visa letters is erased on `passports_until`, or a month after the last day.
    """

    __tablename__ = "event"
    __table_args__ = (
        _in_order("registration"),
        _in_order("inputs"),
        CheckConstraint("offer_hours >= 0", name="offer_hours"),
        Index("ix_event_status_last_day", "status", "last_day"),
    )
    MOVES: ClassVar[Moves[EventStatus]] = {
        EventStatus.DRAFT: frozenset({EventStatus.PUBLISHED}),
        EventStatus.PUBLISHED: frozenset({EventStatus.CANCELLED, EventStatus.ARCHIVED}),
        EventStatus.CANCELLED: frozenset({EventStatus.ARCHIVED}),
        EventStatus.ARCHIVED: frozenset({EventStatus.PUBLISHED}),
    }

    slug: Mapped[str] = mapped_column(String(80), unique=True)
    series_id: Mapped[int] = mapped_column(to("series.id"), index=True)
    title: Mapped[str] = mapped_column(String(300))
    summary: Mapped[str] = mapped_column(Text, default="")
    kind: Mapped[EventKind]
    modality: Mapped[EventModality]
    status: Mapped[EventStatus] = mapped_column(default=EventStatus.DRAFT)
    venue_name: Mapped[str] = mapped_column(String(200), default="")
    venue_room: Mapped[str] = mapped_column(String(100), default="")
    venue_address: Mapped[str] = mapped_column(String(300), default="")
    online_platform: Mapped[str] = mapped_column(String(100), default="")
    join_link: Mapped[str] = mapped_column(String(500), default="")
    timezone: Mapped[str] = mapped_column(String(40))
    contact: Mapped[str] = mapped_column(String(254), default="")
    registration_opens_at: Mapped[datetime | None]
    registration_closes_at: Mapped[datetime | None]
    inputs_opens_at: Mapped[datetime | None]
    inputs_closes_at: Mapped[datetime | None]
    offer_hours: Mapped[int] = mapped_column(default=48)
    passports_until: Mapped[date | None]
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    cancel_reason: Mapped[str] = mapped_column(Text, default="")
    first_day: Mapped[date | None]
    last_day: Mapped[date | None]

    series: Mapped[Series] = relationship(lazy="raise_on_sql")
    days: Mapped[list["EventDay"]] = relationship(
        back_populates="event", order_by="EventDay.date", cascade="all, delete-orphan", lazy="raise_on_sql"
    )
    categories: Mapped[list["ParticipantCategory"]] = relationship(
        back_populates="event", order_by="ParticipantCategory.id", lazy="raise_on_sql"
    )

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def modalities(self) -> list[Modality]:
        """The ways in which one can take part."""
        offered = {
            EventModality.IN_PERSON: [Modality.IN_PERSON],
            EventModality.ONLINE: [Modality.ONLINE],
            EventModality.HYBRID: [Modality.IN_PERSON, Modality.ONLINE],
        }
        return offered[self.modality]

    @property
    def registration_window(self) -> Window:
        return Window(self.registration_opens_at, self.registration_closes_at)

    @property
    def inputs_window(self) -> Window:
        return Window(self.inputs_opens_at, self.inputs_closes_at)

    @property
    def erases_passports_on(self) -> date | None:
        return self.passports_until or (self.last_day + timedelta(days=30) if self.last_day else None)

    @property
    def scope(self) -> str:
        """How the audit trail and the outbox name what belongs to this event."""
        return f"event:{self.ref}"

    @property
    def is_live(self) -> bool:
        """Published, so that people may act: apply, register, write."""
        return self.status is EventStatus.PUBLISHED


class EventDay(Model):
    """A day of an event; the times are local to the event's zone."""

    __tablename__ = "event_day"
    __table_args__ = (
        UniqueConstraint("event_id", "date"),
        CheckConstraint("starts < ends", name="times"),
    )

    event_id: Mapped[int] = mapped_column(to("event.id", ondelete="CASCADE"))
    date: Mapped[date]
    starts: Mapped[time]
    ends: Mapped[time]

    event: Mapped[Event] = relationship(back_populates="days", lazy="raise_on_sql")

    def instants(self, event: Event) -> tuple[datetime, datetime]:
        """When the day begins and ends, in the event's zone."""
        return datetime.combine(self.date, self.starts, event.zone), datetime.combine(self.date, self.ends, event.zone)


category_day = Table(
    "participant_category_day",
    Model.metadata,
    Column("category_id", ForeignKey("participant_category.id", ondelete="CASCADE"), primary_key=True),
    Column("day_id", ForeignKey("event_day.id", ondelete="CASCADE"), primary_key=True),
)


class ParticipantCategory(Model):
    """Who may come: on which days, how many in each modality, and whether only after accreditation.

    A capacity of None is no limit, of 0 not offered; `quota` is how many people one organisation may register.
    """

    __tablename__ = "participant_category"
    __table_args__ = (
        UniqueConstraint("event_id", "title"),
        CheckConstraint("capacity_in_person >= 0 AND capacity_online >= 0", name="capacity"),
        CheckConstraint("quota > 0", name="quota"),
    )

    event_id: Mapped[int] = mapped_column(to("event.id"))
    title: Mapped[str] = mapped_column(String(120))
    stakeholders: Mapped[list[str]] = mapped_column(default=list)
    requires_accreditation: Mapped[bool] = mapped_column(default=False)
    capacity_in_person: Mapped[int | None]
    capacity_online: Mapped[int | None]
    quota: Mapped[int | None]
    selection: Mapped[Selection] = mapped_column(default=Selection.FIRST_COME)
    allows_individuals: Mapped[bool] = mapped_column(default=False)
    is_for_speakers: Mapped[bool] = mapped_column(default=False)
    colour: Mapped[Colour] = mapped_column(default=Colour.TEAL)
    question_set_id: Mapped[int] = mapped_column(to("question_set.id"), unique=True)

    event: Mapped[Event] = relationship(back_populates="categories", lazy="raise_on_sql")
    question_set: Mapped[QuestionSet] = relationship(lazy="raise_on_sql")
    days: Mapped[list[EventDay]] = relationship(secondary=category_day, order_by=EventDay.date, lazy="raise_on_sql")

    def capacity(self, modality: Modality) -> int | None:
        return self.capacity_in_person if modality is Modality.IN_PERSON else self.capacity_online

    def offers(self, modality: Modality) -> bool:
        return self.capacity(modality) != 0

    def is_for(self, stakeholder: StakeholderCategory) -> bool:
        """Whether this stakeholder category takes part under it; an empty list means all."""
        return not self.stakeholders or stakeholder.value in self.stakeholders


class TeamInvitation(Model):
    """A role in the team that an address is named for. It takes effect when whoever has confirmed the address accepts.

    The right to read passports needs a second person, `confirmed_by`, before the person is asked.
    """

    __tablename__ = "team_invitation"
    __table_args__ = (UniqueConstraint("event_id", "email", "role"),)

    event_id: Mapped[int] = mapped_column(to("event.id"))
    email: Mapped[str] = mapped_column(String(254), index=True)
    role: Mapped[TeamRole]
    named_by_id: Mapped[int | None] = mapped_column(to("user.id", ondelete="SET NULL"))
    named_at: Mapped[datetime]
    confirmed_by_id: Mapped[int | None] = mapped_column(to("user.id", ondelete="SET NULL"))
    confirmed_at: Mapped[datetime | None]

    event: Mapped[Event] = relationship(lazy="raise_on_sql")
    named_by: Mapped[User | None] = relationship(foreign_keys=[named_by_id], lazy="raise_on_sql")
    confirmed_by: Mapped[User | None] = relationship(foreign_keys=[confirmed_by_id], lazy="raise_on_sql")

    @property
    def needs_second_person(self) -> bool:
        """Whether somebody else has to confirm it before the person is asked."""
        return self.role is TeamRole.VISA_OFFICER and self.confirmed_at is None


class TeamMember(Model):
    """What a person is for one event."""

    __tablename__ = "team_member"
    __table_args__ = (UniqueConstraint("event_id", "user_id", "role"),)

    event_id: Mapped[int] = mapped_column(to("event.id"))
    user_id: Mapped[int] = mapped_column(to("user.id"), index=True)
    role: Mapped[TeamRole]
    since: Mapped[datetime]
    granted_by_id: Mapped[int | None] = mapped_column(to("user.id"))
    confirmed_by_id: Mapped[int | None] = mapped_column(to("user.id", ondelete="SET NULL"))

    event: Mapped[Event] = relationship(lazy="raise_on_sql")
    user: Mapped[User] = relationship(foreign_keys=[user_id], lazy="raise_on_sql")
    granted_by: Mapped[User | None] = relationship(foreign_keys=[granted_by_id], lazy="raise_on_sql")
    confirmed_by: Mapped[User | None] = relationship(foreign_keys=[confirmed_by_id], lazy="raise_on_sql")
