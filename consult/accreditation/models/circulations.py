"""Lists of applicants that go to named recipients, who may object until a date."""

from datetime import datetime

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from consult.accounts.models import User
from consult.accreditation.models.applications import Application
from consult.database import Model, new_secret, to
from consult.events.models import Event
from consult.sealing import SealedKey


class Circulation(Model):
    """On a no-objection basis: what nobody objected to by `until` is approved by the worker, once."""

    __tablename__ = "circulation"
    __table_args__ = (Index("ix_circulation_due", "closed_at", "until"),)

    event_id: Mapped[int] = mapped_column(to("event.id"), index=True)
    until: Mapped[datetime]
    message: Mapped[str] = mapped_column(Text, default="")
    started_at: Mapped[datetime]
    started_by_id: Mapped[int] = mapped_column(to("user.id"))
    closed_at: Mapped[datetime | None]

    event: Mapped[Event] = relationship(lazy="raise_on_sql")
    started_by: Mapped[User] = relationship(lazy="raise_on_sql")
    items: Mapped[list["CirculatedApplication"]] = relationship(
        back_populates="circulation", order_by="CirculatedApplication.id", lazy="raise_on_sql"
    )
    recipients: Mapped[list["CirculationRecipient"]] = relationship(
        back_populates="circulation", order_by="CirculationRecipient.id", lazy="raise_on_sql"
    )


class CirculatedApplication(Model):
    __tablename__ = "circulated_application"
    __table_args__ = (UniqueConstraint("circulation_id", "application_id"),)

    circulation_id: Mapped[int] = mapped_column(to("circulation.id", ondelete="CASCADE"))
    application_id: Mapped[int] = mapped_column(to("application.id"), index=True)

    circulation: Mapped[Circulation] = relationship(back_populates="items", lazy="raise_on_sql")
    application: Mapped[Application] = relationship(lazy="raise_on_sql")
    objections: Mapped[list["Objection"]] = relationship(
        back_populates="item", order_by="Objection.id", lazy="raise_on_sql"
    )


class CirculationRecipient(Model):
    """`key` is the personal link: whoever has it is the recipient."""

    __tablename__ = "circulation_recipient"
    __table_args__ = (UniqueConstraint("circulation_id", "email"),)

    circulation_id: Mapped[int] = mapped_column(to("circulation.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254))
    key: Mapped[str] = mapped_column(SealedKey, unique=True, default=new_secret)

    circulation: Mapped[Circulation] = relationship(back_populates="recipients", lazy="raise_on_sql")


class Objection(Model):
    """Why a recipient objects; only the secretariat reads it."""

    __tablename__ = "objection"
    __table_args__ = (UniqueConstraint("item_id", "recipient_id"),)

    item_id: Mapped[int] = mapped_column(to("circulated_application.id", ondelete="CASCADE"))
    recipient_id: Mapped[int] = mapped_column(to("circulation_recipient.id", ondelete="CASCADE"), index=True)
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]

    item: Mapped[CirculatedApplication] = relationship(back_populates="objections", lazy="raise_on_sql")
    recipient: Mapped[CirculationRecipient] = relationship(lazy="raise_on_sql")
