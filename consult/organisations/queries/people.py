"""Who belongs to which organisation."""

from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager, joinedload

from consult.accounts.models import User
from consult.errors import NotFound
from consult.extensions import db
from consult.organisations.models import (
    InvitationStatus,
    JoinRequest,
    Membership,
    MembershipInvitation,
    Organisation,
    OrganisationRole,
)


def acting_for(user: User) -> Select[int]:
    """The numbers of the organisations the person is a focal point of, for a condition."""
    return select(Membership.organisation_id).where(
        Membership.user_id == user.id, Membership.role == OrganisationRole.FOCAL_POINT
    )


def belonging_to(user: User) -> Select[int]:
    """The numbers of the organisations the person belongs to, as focal point or member."""
    return select(Membership.organisation_id).where(Membership.user_id == user.id)


def focal_points_of(organisation: Organisation) -> Sequence[User]:
    people = (
        select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.organisation_id == organisation.id, Membership.role == OrganisationRole.FOCAL_POINT)
    )
    return db.session.scalars(people.order_by(Membership.id)).all()


def members_of(organisation: Organisation) -> Sequence[Membership]:
    """Everybody who belongs to it, focal points first."""
    return db.session.scalars(
        select(Membership)
        .where(Membership.organisation_id == organisation.id)
        .options(joinedload(Membership.user), joinedload(Membership.granted_by))
        .order_by(Membership.role, Membership.id)
    ).all()


def memberships_of(person: User) -> Sequence[Membership]:
    """The person's parts in organisations."""
    parts = select(Membership).where(Membership.user_id == person.id)
    return db.session.scalars(parts.options(joinedload(Membership.organisation), joinedload(Membership.user))).all()


def member_at(ref: str, member: str) -> Membership:
    """A person's part in an organisation, looked for inside it only."""
    found = db.session.scalar(
        select(Membership)
        .join(Membership.organisation)
        .where(Organisation.ref == ref, Membership.ref == member)
        .options(contains_eager(Membership.organisation), joinedload(Membership.user))
    )
    if found is None:
        raise NotFound(_("This person does not belong to the organisation."))
    return found


def invitations_of(organisation: Organisation) -> Sequence[MembershipInvitation]:
    """Addresses that were invited and have not answered."""
    return db.session.scalars(
        select(MembershipInvitation)
        .where(
            MembershipInvitation.organisation_id == organisation.id,
            MembershipInvitation.status == InvitationStatus.OPEN,
        )
        .order_by(MembershipInvitation.id)
    ).all()


def invitations_for(user: User) -> Sequence[MembershipInvitation]:
    """Organisations that have invited the person's confirmed address."""
    if user.confirmed_at is None:
        return []
    return db.session.scalars(
        select(MembershipInvitation)
        .where(MembershipInvitation.email == user.email, MembershipInvitation.status == InvitationStatus.OPEN)
        .options(joinedload(MembershipInvitation.organisation), joinedload(MembershipInvitation.invited_by))
        .order_by(MembershipInvitation.id)
    ).all()


def invitation_at(invitation: str) -> MembershipInvitation:
    found = db.session.scalar(
        select(MembershipInvitation)
        .where(MembershipInvitation.ref == invitation)
        .options(joinedload(MembershipInvitation.organisation), joinedload(MembershipInvitation.invited_by))
    )
    if found is None:
        raise NotFound(_("There is no such invitation."))
    return found


def requests_of(organisation: Organisation) -> Sequence[JoinRequest]:
    """People who ask to join and have no answer yet."""
    return db.session.scalars(
        select(JoinRequest)
        .where(JoinRequest.organisation_id == organisation.id, JoinRequest.status == InvitationStatus.OPEN)
        .options(joinedload(JoinRequest.user))
        .order_by(JoinRequest.id)
    ).all()


def request_at(ref: str, request: str) -> JoinRequest:
    """A request to join, looked for inside its organisation only."""
    found = db.session.scalar(
        select(JoinRequest)
        .join(JoinRequest.organisation)
        .where(Organisation.ref == ref, JoinRequest.ref == request)
        .options(contains_eager(JoinRequest.organisation), joinedload(JoinRequest.user))
    )
    if found is None:
        raise NotFound(_("There is no such request."))
    return found
