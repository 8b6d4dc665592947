"""Reads for campaigns."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from consult.accounts.models import User
from consult.accreditation.queries import accredited_by
from consult.campaigns.models import Campaign, CampaignStatus, Invitation, InvitationStatus
from consult.errors import NotFound
from consult.events.models import Event, ParticipantCategory
from consult.extensions import db
from consult.organisations.models import Membership, Organisation, OrganisationRole
from consult.organisations.queries import name_key
from consult.outbox.models import Message, MessageStatus
from consult.paging import Page, page


@dataclass(frozen=True)
class Progress:
    """How far a campaign has come: people invited, mails out, answers."""

    people: int
    written: int
    delivered: int
    failed: int
    accepted: int
    declined: int

    @property
    def percent(self) -> int:
        done = self.delivered + self.failed
        return 100 * done // self.people if self.people else 0


def campaign_at(slug: str, ref: str) -> Campaign:
    """A campaign, looked for inside its event only."""
    campaign = db.session.scalar(
        select(Campaign)
        .join(Campaign.event)
        .options(contains_eager(Campaign.event))
        .where(Event.slug == slug, Campaign.ref == ref)
    )
    if campaign is None:
        raise NotFound(_("There is no such campaign."))
    return campaign


def campaigns_of(event: Event) -> Sequence[Campaign]:
    return db.session.scalars(select(Campaign).where(Campaign.event_id == event.id).order_by(Campaign.id.desc())).all()


def people_in(event: Event) -> dict[int, int]:
    """How many people each campaign of the event reaches, by the campaign's number."""
    statement = select(Invitation.campaign_id, func.count()).where(Invitation.event_id == event.id)
    return dict(db.session.execute(statement.group_by(Invitation.campaign_id)).all())


def invitation_by_key(key: str) -> Invitation:
    """The invitation of a personal link, with its event's days and categories."""
    invitation = db.session.scalar(
        select(Invitation)
        .join(Invitation.event)
        .options(
            contains_eager(Invitation.event).options(
                joinedload(Event.series),
                selectinload(Event.days),
                selectinload(Event.categories).selectinload(ParticipantCategory.days),
            ),
            joinedload(Invitation.registration),
        )
        .where(Invitation.key == key)
    )
    if invitation is None:
        raise NotFound(_("This link leads to no invitation. Copy it whole from the mail, or write to the secretariat."))
    return invitation


def organisation_of(invitation: Invitation) -> Organisation | None:
    """The organisation the invited person comes for, if the owner of the invited address belongs to it.

    Of several with this name, none: the person says which by being registered by it.
    """
    is_named = Organisation.id == invitation.organisation_id
    if key := name_key(invitation.organisation_name):
        is_named = or_(is_named, Organisation.name_key == key)
    theirs = (
        select(Organisation)
        .join(Membership, Membership.organisation_id == Organisation.id)
        .join(User, Membership.user_id == User.id)
        .where(User.email == invitation.email, User.confirmed_at.is_not(None), Organisation.merged_into_id.is_(None))
        .where(is_named)
        .limit(2)
    )
    organisations = db.session.scalars(theirs).all()
    return organisations[0] if len(organisations) == 1 else None


def invitations_of(campaign: Campaign, *, after: int | None = None) -> Page[Invitation]:
    return page(select(Invitation).where(Invitation.campaign_id == campaign.id), Invitation, after=after)


def sending() -> Sequence[Campaign]:
    """Campaigns with people still to be written to; a campaign that another worker holds is passed over."""
    running = select(Campaign).where(Campaign.status == CampaignStatus.SENDING).order_by(Campaign.id)
    return db.session.scalars(running.with_for_update(skip_locked=True, of=Campaign)).all()


def campaign_being_sent(ref: str) -> Campaign | None:
    """One of them, locked; None if another worker holds it, or everybody has been written to."""
    one = select(Campaign).where(Campaign.ref == ref, Campaign.status == CampaignStatus.SENDING)
    return db.session.scalar(one.with_for_update(skip_locked=True, of=Campaign))


def next_to_write(campaign: Campaign, *, limit: int) -> Sequence[Invitation]:
    """People this campaign has not written to yet, in a fixed order."""
    waiting = select(Invitation).where(
        Invitation.campaign_id == campaign.id, Invitation.status == InvitationStatus.WAITING
    )
    return db.session.scalars(waiting.order_by(Invitation.id).limit(limit)).all()


def extent(campaign: Campaign) -> tuple[int, int]:
    """How many people are in a campaign, and the number of the last: people are only added, or all taken out."""
    statement = select(func.count(), func.coalesce(func.max(Invitation.id), 0))
    people, last = db.session.execute(statement.where(Invitation.campaign_id == campaign.id)).one()
    return people, last


def progress(campaign: Campaign) -> Progress:
    """Two statements, whatever the number of people."""
    mine = Invitation.campaign_id == campaign.id
    answers = dict(
        db.session.execute(select(Invitation.status, func.count()).where(mine).group_by(Invitation.status)).all()
    )
    mails = (
        select(Message.status, func.count()).where(Message.about == f"campaign:{campaign.ref}").group_by(Message.status)
    )
    sent = dict(db.session.execute(mails).all())
    return Progress(
        people=sum(answers.values()),
        written=sum(answers.values()) - answers.get(InvitationStatus.WAITING, 0),
        delivered=sent.get(MessageStatus.SENT, 0),
        failed=sent.get(MessageStatus.DEAD, 0),
        accepted=answers.get(InvitationStatus.ACCEPTED, 0),
        declined=answers.get(InvitationStatus.DECLINED, 0),
    )


def accredited_focal_points(event: Event) -> Iterator[tuple[User, Organisation]]:
    """The people who act for organisations accredited to the event, by its own process or one that serves it."""
    statement = (
        select(User, Organisation)
        .join(Membership, Membership.user_id == User.id)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(
            Organisation.id.in_(accredited_by(event.id)),
            Membership.role == OrganisationRole.FOCAL_POINT,
        )
        .order_by(User.__table__.c.id)
    )
    yield from db.session.execute(statement)


def invited_addresses(event: Event) -> set[str]:
    """Everybody this event has an invitation for, sent or not."""
    return set(db.session.scalars(select(Invitation.email).where(Invitation.event_id == event.id)))
