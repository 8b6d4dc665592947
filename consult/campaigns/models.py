"""A campaign is one message to many; an invitation is one person's, and there is one a person and event."""

from datetime import datetime
from typing import ClassVar

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from consult.database import Model, new_secret, to
from consult.events.models import Event
from consult.organisations.models import Organisation
from consult.registration.models import Registration
from consult.sealing import SealedKey
from consult.transitions import Moves
from consult.words import Word


class CampaignStatus(Word):
    DRAFT = "draft", _l("Draft"), "plain"
    SENDING = "sending", _l("Being sent"), "wait"
    SENT = "sent", _l("Sent"), "good"


class Campaign(Model):
    __tablename__ = "campaign"
    __table_args__ = (Index("ix_campaign_status", "status"),)
    MOVES: ClassVar[Moves[CampaignStatus]] = {
        CampaignStatus.DRAFT: frozenset({CampaignStatus.SENDING}),
        CampaignStatus.SENDING: frozenset({CampaignStatus.SENT}),
        CampaignStatus.SENT: frozenset(),
    }

    event_id: Mapped[int] = mapped_column(to("event.id"), index=True)
    status: Mapped[CampaignStatus] = mapped_column(default=CampaignStatus.DRAFT)
    subject: Mapped[str] = mapped_column(String(200))
    message: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]

    event: Mapped[Event] = relationship(lazy="raise_on_sql")


class InvitationStatus(Word):
    WAITING = "waiting", _l("Not sent yet"), "plain"
    SENT = "sent", _l("Invited"), "wait"
    ACCEPTED = "accepted", _l("Accepted"), "good"
    DECLINED = "declined", _l("Declined"), "plain"


class Invitation(Model):
    """`key` is the personal link: whoever has it is the person.

    `registration` is the one they accepted with; somebody else may have it since.
    """

    __tablename__ = "invitation"
    __table_args__ = (
        UniqueConstraint("event_id", "email"),
        Index("ix_invitation_campaign_id", "campaign_id", "status", "id"),
    )
    MOVES: ClassVar[Moves[InvitationStatus]] = {
        InvitationStatus.WAITING: frozenset({InvitationStatus.SENT}),
        InvitationStatus.SENT: frozenset({InvitationStatus.ACCEPTED, InvitationStatus.DECLINED}),
        InvitationStatus.ACCEPTED: frozenset({InvitationStatus.DECLINED}),
        InvitationStatus.DECLINED: frozenset({InvitationStatus.ACCEPTED}),
    }

    campaign_id: Mapped[int] = mapped_column(to("campaign.id"))
    event_id: Mapped[int] = mapped_column(to("event.id"))
    organisation_id: Mapped[int | None] = mapped_column(to("organisation.id"), index=True)
    registration_id: Mapped[int | None] = mapped_column(to("registration.id"), index=True)
    status: Mapped[InvitationStatus] = mapped_column(default=InvitationStatus.WAITING)
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254))
    organisation_name: Mapped[str] = mapped_column(String(300), default="")
    key: Mapped[str] = mapped_column(SealedKey, unique=True, default=new_secret)
    answered_at: Mapped[datetime | None]

    campaign: Mapped[Campaign] = relationship(lazy="raise_on_sql")
    event: Mapped[Event] = relationship(lazy="raise_on_sql")
    organisation: Mapped[Organisation | None] = relationship(lazy="raise_on_sql")
    registration: Mapped[Registration | None] = relationship(lazy="raise_on_sql")

    @property
    def own_registration(self) -> Registration | None:
        """The registration while it is the invited person's: after a substitution, or under another address, this
        link must open nothing of whoever has it now."""
        registration = self.registration
        is_own = registration is not None and registration.is_held and registration.email == self.email
        return registration if is_own else None
