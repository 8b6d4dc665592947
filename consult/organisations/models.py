"""Organisations and the people who speak for them."""

from datetime import datetime

from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from consult.accounts.models import User
from consult.database import Model, to
from consult.reference.countries import Region, region_of
from consult.reference.stakeholders import Recognition, StakeholderCategory


class Organisation(Model):
    """One profile, used for every event."""

    __tablename__ = "organisation"
    __table_args__ = (Index("ix_organisation_name_key", "name_key"),)

    name: Mapped[str] = mapped_column(String(300))
    name_key: Mapped[str] = mapped_column(String(300))
    short_name: Mapped[str] = mapped_column(String(60), default="")
    category: Mapped[StakeholderCategory]
    country: Mapped[str] = mapped_column(String(2))
    website: Mapped[str] = mapped_column(String(300), default="")
    description: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]

    recognitions: Mapped[list["RecognitionHeld"]] = relationship(
        back_populates="organisation", cascade="all, delete-orphan", lazy="raise_on_sql", order_by="RecognitionHeld.id"
    )

    @property
    def region(self) -> Region | None:
        """Follows from the country of seat."""
        return region_of(self.country)


class FocalPoint(Model):
    """A person who acts for an organisation: applies, registers others, sends written input."""

    __tablename__ = "focal_point"
    __table_args__ = (UniqueConstraint("organisation_id", "user_id"),)

    organisation_id: Mapped[int] = mapped_column(to("organisation.id"))
    user_id: Mapped[int] = mapped_column(to("user.id"), index=True)
    since: Mapped[datetime]

    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")
    user: Mapped[User] = relationship(lazy="raise_on_sql")


class RecognitionHeld(Model):
    """What the organisation says it holds; the secretariat verifies it when it reviews an application."""

    __tablename__ = "recognition_held"
    __table_args__ = (UniqueConstraint("organisation_id", "kind"),)

    organisation_id: Mapped[int] = mapped_column(to("organisation.id", ondelete="CASCADE"))
    kind: Mapped[Recognition]

    organisation: Mapped[Organisation] = relationship(back_populates="recognitions", lazy="raise_on_sql")
