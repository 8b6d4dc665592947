"""Registrations: one person's place at one event."""

from datetime import datetime
from typing import ClassVar

from flask_babel import lazy_gettext as _l
from sqlalchemy import Column, ForeignKey, Index, String, Table, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from consult.accounts.models import User
from consult.database import Model, new_secret, to
from consult.events.models import Event, EventDay, ParticipantCategory
from consult.organisations.models import Organisation
from consult.reference.countries import Region, region_of
from consult.reference.stakeholders import Gender, StakeholderCategory
from consult.transitions import Moves
from consult.words import Modality, Word


class RegistrationStatus(Word):
    CONFIRMED = "confirmed", _l("Confirmed"), "good"
    WAITLISTED = "waitlisted", _l("On the waiting list"), "wait"
    WITHDRAWN = "withdrawn", _l("Withdrawn"), "plain"
    CANCELLED = "cancelled", _l("Cancelled with the event"), "bad"


registration_day = Table(
    "registration_day",
    Model.metadata,
    Column("registration_id", ForeignKey("registration.id", ondelete="CASCADE"), primary_key=True),
    Column("day_id", ForeignKey("event_day.id", ondelete="RESTRICT"), primary_key=True, index=True),
)
HELD = text("status IN ('confirmed', 'waitlisted')")


class Registration(Model):
    """What the person and the organisation were at the time stays here, so that figures hold when profiles change.

    `access_key` is the address by which the person reaches the registration without an account;
    `badge_code` is what the badge's QR code leads to, for door staff only.
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
    )
    MOVES: ClassVar[Moves[RegistrationStatus]] = {
        RegistrationStatus.CONFIRMED: frozenset({RegistrationStatus.WITHDRAWN, RegistrationStatus.CANCELLED}),
        RegistrationStatus.WAITLISTED: frozenset(
            {RegistrationStatus.CONFIRMED, RegistrationStatus.WITHDRAWN, RegistrationStatus.CANCELLED}
        ),
        RegistrationStatus.WITHDRAWN: frozenset(),
        RegistrationStatus.CANCELLED: frozenset(),
    }

    event_id: Mapped[int] = mapped_column(to("event.id"))
    category_id: Mapped[int] = mapped_column(to("participant_category.id"))
    organisation_id: Mapped[int | None] = mapped_column(to("organisation.id"), index=True)
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
    country: Mapped[str] = mapped_column(String(2))
    gender: Mapped[Gender]
    registered_at: Mapped[datetime]
    access_key: Mapped[str] = mapped_column(String(40), unique=True, default=new_secret)
    badge_code: Mapped[str] = mapped_column(String(40), unique=True, default=new_secret)

    event: Mapped[Event] = relationship(lazy="raise_on_sql")
    category: Mapped[ParticipantCategory] = relationship(lazy="raise_on_sql")
    organisation: Mapped[Organisation | None] = relationship(lazy="raise_on_sql")
    registered_by: Mapped[User | None] = relationship(lazy="raise_on_sql")
    days: Mapped[list[EventDay]] = relationship(secondary=registration_day, order_by=EventDay.date, lazy="raise_on_sql")

    @property
    def name(self) -> str:
        """As the person writes it: given name, then family name."""
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def region(self) -> Region | None:
        return region_of(self.country)

    @property
    def is_held(self) -> bool:
        """Confirmed or waiting: not given up and not cancelled."""
        return self.status in {RegistrationStatus.CONFIRMED, RegistrationStatus.WAITLISTED}
