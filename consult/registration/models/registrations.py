"""Registrations: one person's place at one event."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, String, Table, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from consult.accounts.models import User
from consult.agenda.models import Session
from consult.database import Model, new_secret, to
from consult.events.models import Event, EventDay, ParticipantCategory
from consult.files.models import StoredFile
from consult.organisations.models import Organisation
from consult.reference.countries import Region, region_of
from consult.reference.stakeholders import OFFICIAL, Gender, StakeholderCategory
from consult.sealing import SealedKey
from consult.texts import many_lines, one_line
from consult.transitions import Moves
from consult.words import Modality, Word


class RegistrationStatus(Word):
    ASKED = "asked", _l("Waits for the person's answer"), "wait"
    PENDING = "pending", _l("Waits for approval"), "wait"
    CONFIRMED = "confirmed", _l("Confirmed"), "good"
    WAITLISTED = "waitlisted", _l("On the waiting list"), "wait"
    OFFERED = "offered", _l("A place is offered"), "wait"
    DECLINED = "declined", _l("Not approved"), "bad"
    WITHDRAWN = "withdrawn", _l("Withdrawn"), "plain"
    CANCELLED = "cancelled", _l("Cancelled by the secretariat"), "bad"


class Visibility(Word):
    """Where a person's name may stand; the choice is theirs."""

    PUBLIC = "public", _l("On the public list of participants")
    PARTICIPANTS = "participants", _l("On the list that participants see")
    NO = "no", _l("On no list")


S = RegistrationStatus
HOLDING = (S.CONFIRMED, S.OFFERED)  # has a place, which nobody else can get
HELD_STATES = (S.PENDING, S.CONFIRMED, S.WAITLISTED, S.OFFERED)  # neither given up nor turned down
OPEN_STATES = (S.ASKED, *HELD_STATES)
registration_day = Table(
    "registration_day",
    Model.metadata,
    Column("registration_id", ForeignKey("registration.id", ondelete="CASCADE"), primary_key=True),
    Column("day_id", ForeignKey("event_day.id", ondelete="RESTRICT"), primary_key=True, index=True),
)
HELD = text("status IN ('pending', 'confirmed', 'waitlisted', 'offered') AND email <> ''")
OFFER = text("status = 'offered'")


class Registration(Model):
    """What the person and the organisation were at the time stays here, so that figures hold when profiles change.

    `access_key` is the address by which the person reaches the registration without an account;
    `badge_code` is what the badge's QR code leads to, for door staff only. `days` are those the person takes part
    on (while it waits for approval: asks for); `days_declined` are ISO dates that were asked for and not given.
    `official_confirmed_at` is when it was confirmed that the person comes for a State or an intergovernmental body.
    `replaces` is the registration whose place the person is asked to take; `new_email` is an address that waits until
    it is confirmed there. `message` is what the secretariat said with its decision. Who was registered at the door may
    have no address.
    """

    __tablename__ = "registration"
    __table_args__ = (
        Index(
            "uq_registration_event_id_email_held",
            "event_id",
            "email",
            unique=True,
            sqlite_where=HELD,
            postgresql_where=HELD,
        ),
        Index("ix_registration_places", "category_id", "modality", "status", "id"),
        Index("ix_registration_event_id_status", "event_id", "status", "id"),
        Index("ix_registration_event_id_name_key", "event_id", "name_key"),
        Index("ix_registration_offers", "offered_until", sqlite_where=OFFER, postgresql_where=OFFER),
        Index("ix_registration_quota", "organisation_id", "category_id", "status"),
        CheckConstraint("(status = 'offered') = (offered_until IS NOT NULL)", name="offer"),
    )
    MOVES: ClassVar[Moves[RegistrationStatus]] = {
        S.ASKED: frozenset({S.PENDING, S.WITHDRAWN, S.CANCELLED}),
        S.PENDING: frozenset({S.CONFIRMED, S.WAITLISTED, S.DECLINED, S.WITHDRAWN, S.CANCELLED}),
        S.CONFIRMED: frozenset({S.WITHDRAWN, S.CANCELLED}),
        S.WAITLISTED: frozenset({S.OFFERED, S.CONFIRMED, S.DECLINED, S.WITHDRAWN, S.CANCELLED}),
        S.OFFERED: frozenset({S.CONFIRMED, S.WITHDRAWN, S.CANCELLED}),
        S.DECLINED: frozenset({S.CONFIRMED}),
        S.WITHDRAWN: frozenset(),
        S.CANCELLED: frozenset(),
    }

    event_id: Mapped[int] = mapped_column(to("event.id"))
    category_id: Mapped[int] = mapped_column(to("participant_category.id"))
    organisation_id: Mapped[int | None] = mapped_column(to("organisation.id"))
    registered_by_id: Mapped[int | None] = mapped_column(to("user.id"))
    status: Mapped[RegistrationStatus]
    modality: Mapped[Modality]
    given_name: Mapped[str] = mapped_column(String(100), default="")
    family_name: Mapped[str] = mapped_column(String(100), default="")
    name_key: Mapped[str] = mapped_column(String(201))
    email: Mapped[str] = mapped_column(String(254), index=True)
    function: Mapped[str] = mapped_column(String(200), default="")
    organisation_name: Mapped[str] = mapped_column(String(300), default="")
    stakeholder: Mapped[StakeholderCategory]
    official_confirmed_at: Mapped[datetime | None]
    country: Mapped[str] = mapped_column(String(2))
    gender: Mapped[Gender]
    languages: Mapped[list[str]] = mapped_column(default=list)
    access_needs: Mapped[str] = mapped_column(Text, default="")
    dietary_needs: Mapped[str] = mapped_column(Text, default="")
    wants_visa_letter: Mapped[bool] = mapped_column(default=False)
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    visibility: Mapped[Visibility] = mapped_column(default=Visibility.NO)
    is_walk_in: Mapped[bool] = mapped_column(default=False)
    days_declined: Mapped[list[str]] = mapped_column(default=list)
    message: Mapped[str] = mapped_column(Text, default="")
    offered_until: Mapped[datetime | None]
    registered_at: Mapped[datetime]
    replaces_id: Mapped[int | None] = mapped_column(to("registration.id", ondelete="CASCADE"), index=True)
    new_email: Mapped[str] = mapped_column(String(254), default="")
    new_email_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    access_key: Mapped[str] = mapped_column(SealedKey, unique=True, default=new_secret)
    badge_code: Mapped[str] = mapped_column(SealedKey, unique=True, default=new_secret)

    event: Mapped[Event] = relationship(lazy="raise_on_sql")
    replaces: Mapped["Registration | None"] = relationship(remote_side="Registration.id", lazy="raise_on_sql")
    category: Mapped[ParticipantCategory] = relationship(lazy="raise_on_sql")
    organisation: Mapped[Organisation | None] = relationship(lazy="raise_on_sql")
    registered_by: Mapped[User | None] = relationship(lazy="raise_on_sql")
    days: Mapped[list[EventDay]] = relationship(secondary=registration_day, order_by=EventDay.date, lazy="raise_on_sql")

    sessions: Mapped[list["SessionPlace"]] = relationship(
        back_populates="registration", order_by="SessionPlace.id", cascade="all, delete-orphan", lazy="raise_on_sql"
    )

    @validates("given_name", "family_name", "function", "organisation_name", "dietary_needs")
    def _keep_one_line(self, _key: str, text: str) -> str:
        """Whatever way it came: what is printed has one line and no control characters."""
        return one_line(text)

    @validates("access_needs", "message")
    def _keep_lines(self, _key: str, text: str) -> str:
        return many_lines(text)

    @property
    def name(self) -> str:
        """As the person writes it: given name, then family name. Cleaned again: older rows may hold anything."""
        return one_line(f"{self.given_name} {self.family_name}")

    @property
    def region(self) -> Region | None:
        return region_of(self.country)

    @property
    def is_confirmed(self) -> bool:
        return self.status is RegistrationStatus.CONFIRMED

    @property
    def is_held(self) -> bool:
        """Has a place, or waits for one or for an answer: neither given up nor turned down."""
        return self.status in OPEN_STATES

    @property
    def is_asked(self) -> bool:
        return self.status is RegistrationStatus.ASKED

    @property
    def is_official_open(self) -> bool:
        """The person says they come for a State or an intergovernmental body, and nobody has confirmed it yet."""
        return self.stakeholder in OFFICIAL and self.official_confirmed_at is None

    @property
    def is_partial(self) -> bool:
        """Whether less was given than was asked for. The sessions must be loaded."""
        return bool(self.days_declined) or any(each.status is PlaceStatus.DECLINED for each in self.sessions)


class PlaceStatus(Word):
    ASKED = "asked", _l("Asked for"), "wait"
    CONFIRMED = "confirmed", _l("Confirmed"), "good"
    WAITLISTED = "waitlisted", _l("On the waiting list"), "wait"
    DECLINED = "declined", _l("Not given"), "bad"


class SessionPlace(Model):
    """A session that a person chose; it is asked for until the registration is confirmed."""

    __tablename__ = "session_place"
    __table_args__ = (
        UniqueConstraint("registration_id", "session_id"),
        Index("ix_session_place_session_id", "session_id", "status", "id"),
    )
    MOVES: ClassVar[Moves[PlaceStatus]] = {
        PlaceStatus.ASKED: frozenset({PlaceStatus.CONFIRMED, PlaceStatus.WAITLISTED, PlaceStatus.DECLINED}),
        PlaceStatus.WAITLISTED: frozenset({PlaceStatus.CONFIRMED, PlaceStatus.DECLINED}),
        PlaceStatus.CONFIRMED: frozenset(),
        PlaceStatus.DECLINED: frozenset(),
    }

    registration_id: Mapped[int] = mapped_column(to("registration.id", ondelete="CASCADE"))
    session_id: Mapped[int] = mapped_column(to("session.id"))
    status: Mapped[PlaceStatus] = mapped_column(default=PlaceStatus.ASKED)

    registration: Mapped[Registration] = relationship(back_populates="sessions", lazy="raise_on_sql")
    session: Mapped[Session] = relationship(lazy="raise_on_sql")


class RegistrationDocument(Model):
    """A file that answers a question of the category."""

    __tablename__ = "registration_document"
    __table_args__ = (UniqueConstraint("registration_id", "question"),)

    registration_id: Mapped[int] = mapped_column(to("registration.id", ondelete="CASCADE"))
    question: Mapped[str] = mapped_column(String(8))
    file_id: Mapped[int] = mapped_column(to("stored_file.id"))

    registration: Mapped[Registration] = relationship(lazy="raise_on_sql")
    file: Mapped[StoredFile] = relationship(lazy="raise_on_sql")


@dataclass(frozen=True, kw_only=True)
class PassportData:
    """What stands in the passport, and whom the letter is for."""

    name: str
    nationality: str
    number: str
    born_on: date
    consulate: str


class Passport(Model):
    """What a visa letter needs, encrypted; erased on the event's date for it."""

    __tablename__ = "passport"

    registration_id: Mapped[int] = mapped_column(to("registration.id", ondelete="CASCADE"), unique=True)
    sealed: Mapped[str] = mapped_column(Text)
    given_at: Mapped[datetime]

    registration: Mapped[Registration] = relationship(lazy="raise_on_sql")


class DoNotRegister(Model):
    """A person does not want to be registered for this event by others; the address is kept as a fingerprint only."""

    __tablename__ = "do_not_register"
    __table_args__ = (UniqueConstraint("event_id", "email_hash"),)

    event_id: Mapped[int] = mapped_column(to("event.id"))
    email_hash: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]
