"""Who belongs to an organisation: invitations, requests, roles, hand-over, and what the secretariat does when a
focal point is lost."""

from collections.abc import Sequence

from flask_babel import gettext as _
from sqlalchemy import select

from consult.accounts.models import User
from consult.accounts.queries import person_with
from consult.addresses import canonical
from consult.audit.service import record
from consult.database import locked, now
from consult.errors import InvalidEntry, TransitionNotAllowed
from consult.extensions import db
from consult.organisations import mails, queries
from consult.organisations.models import (
    InvitationStatus,
    JoinRequest,
    Membership,
    MembershipInvitation,
    Organisation,
    OrganisationRole,
)


def invite(organisation: Organisation, *, email: str, role: OrganisationRole, by: User) -> MembershipInvitation:
    """Invite an address by mail, whether it has an account or not; invited again, it is written to again.

    Raises:
        InvalidEntry: whoever has this address belongs to the organisation already.
    """
    locked(organisation)
    email = canonical(email)
    if any(member.user.email == email for member in queries.members_of(organisation)):
        raise InvalidEntry(_("This person belongs to the organisation already."), field="email")
    invitation = _invitation(organisation, email)
    if invitation is None:
        invitation = MembershipInvitation(
            organisation=organisation, email=email, role=role, invited_by=by, invited_at=now()
        )
        db.session.add(invitation)
    else:
        invitation.role, invitation.status = role, InvitationStatus.OPEN
        invitation.invited_by, invitation.invited_at = by, now()
    db.session.flush()
    mails.invite(invitation)
    record("organisation.invited", about=f"organisation:{organisation.ref}", by=by, detail=role)
    return invitation


def accept(invitation: MembershipInvitation, *, by: User) -> Membership:
    """Join, as the invitation says.

    Raises:
        TransitionNotAllowed: it was taken back or answered meanwhile.
    """
    _answer(invitation, InvitationStatus.ACCEPTED)
    return _grant(invitation.organisation, by, invitation.role, by=invitation.invited_by)


def decline(invitation: MembershipInvitation, *, by: User) -> None:
    """Say no to an invitation.

    Raises:
        TransitionNotAllowed: it was taken back or answered meanwhile.
    """
    _answer(invitation, InvitationStatus.DECLINED)
    record("organisation.invitation_declined", about=f"organisation:{invitation.organisation.ref}", by=by)


def take_back(invitation: MembershipInvitation, *, by: User) -> None:
    """Nobody can accept it any more.

    Raises:
        TransitionNotAllowed: it was answered meanwhile.
    """
    _answer(invitation, InvitationStatus.CANCELLED)
    record("organisation.invitation_taken_back", about=f"organisation:{invitation.organisation.ref}", by=by)


def ask_to_join(organisation: Organisation, *, message: str, by: User) -> JoinRequest:
    """Tell the focal points, and the secretariat, that one belongs to an organisation that has a profile.

    Raises:
        InvalidEntry: one belongs to it already, or has asked and waits.
    """
    locked(organisation)
    if any(member.user_id == by.id for member in queries.members_of(organisation)):
        raise InvalidEntry(_("You belong to this organisation already."))
    request = db.session.scalar(
        select(JoinRequest).where(JoinRequest.organisation_id == organisation.id, JoinRequest.user_id == by.id)
    )
    if request is None:
        request = JoinRequest(organisation=organisation, user=by, status=InvitationStatus.DECLINED)
        db.session.add(request)
    elif request.status is InvitationStatus.OPEN:
        raise InvalidEntry(_("You have asked already. You hear by mail as soon as there is an answer."))
    request.message, request.asked_at, request.status = message, now(), InvitationStatus.OPEN
    db.session.flush()
    request.organisation, request.user = organisation, by
    mails.tell_request(request)
    record("organisation.asked_to_join", about=f"organisation:{organisation.ref}", by=by)
    return request


def accept_request(request: JoinRequest, *, role: OrganisationRole, by: User) -> Membership:
    """Let somebody in who asked.

    Raises:
        TransitionNotAllowed: it was answered meanwhile.
    """
    _answer(request, InvitationStatus.ACCEPTED)
    return _grant(request.organisation, request.user, role, by=by)


def refuse_request(request: JoinRequest, *, by: User) -> None:
    """Say no to somebody who asked to join.

    Raises:
        TransitionNotAllowed: it was answered meanwhile.
    """
    _answer(request, InvitationStatus.DECLINED)
    mails.tell_request_refused(request)
    record("organisation.request_refused", about=f"user:{request.user.ref}", by=by, detail=request.organisation.ref)


def change_role(member: Membership, role: OrganisationRole, *, by: User) -> Membership:
    """Make a member focal point, or a focal point member.

    Raises:
        TransitionNotAllowed: the organisation would have no focal point.
    """
    locked(member.organisation)
    locked(member)
    if role is not OrganisationRole.FOCAL_POINT:
        _need_another(member, by)
        _take_back_invitations(member, by=by)
    member.role, member.granted_by, member.since = role, by, now()
    record("organisation.role_granted", about=f"user:{member.user.ref}", by=by, detail=_detail(member))
    mails.tell_role(member)
    db.session.flush()
    return member


def remove(member: Membership, *, by: User) -> None:
    """Take a person out of an organisation; also how one leaves.

    Raises:
        TransitionNotAllowed: the organisation would have no focal point.
    """
    locked(member.organisation)
    _need_another(member, by)
    record("organisation.removed", about=f"user:{member.user.ref}", by=by, detail=member.organisation.ref)
    if member.user_id != by.id:
        mails.tell_removed(member.organisation, member.user)
    _take_back_invitations(member, by=by)
    db.session.delete(member)
    db.session.flush()


def leave(member: Membership, *, by: User) -> None:
    """Leave for good, with one's account.

    Raises:
        TransitionNotAllowed: the organisation would have no focal point, whoever it is.
    """
    locked(member.organisation)
    others = [each for each in queries.focal_points_of(member.organisation) if each.id != member.user_id]
    if not others and member.role is OrganisationRole.FOCAL_POINT:
        message = _(
            "You are the only focal point of %(organisation)s. Hand over to somebody else first, or write to the "
            "secretariat.",
            organisation=member.organisation.name,
        )
        raise TransitionNotAllowed(message)
    _take_back_invitations(member, by=by)
    record("organisation.removed", about=f"user:{member.user.ref}", by=by, detail=member.organisation.ref)
    db.session.delete(member)
    db.session.flush()


def replace_focal_points(
    organisation: Organisation, *, email: str, checks: str, leaving: Sequence[Membership], by: User
) -> MembershipInvitation | Membership:
    """The secretariat gives a lost organisation a new focal point, after checks that it writes down.

    Somebody with an account becomes focal point at once, another address is invited; `leaving` lose their part.

    Raises:
        InvalidEntry: it is not said what was checked.
    """
    if not checks.strip():
        raise InvalidEntry(_("Say how you made sure who this is. It is kept in the record."), field="checks")
    locked(organisation)
    for member in leaving:
        mails.tell_removed(organisation, member.user)
        record("organisation.removed", about=f"user:{member.user.ref}", by=by, detail=organisation.ref)
        _take_back_invitations(member, by=by)
        db.session.delete(member)
    db.session.flush()
    record("organisation.focal_point_replaced", about=f"organisation:{organisation.ref}", by=by, detail=checks)
    person = person_with(email)
    if person is None or person.confirmed_at is None:
        return invite(organisation, email=email, role=OrganisationRole.FOCAL_POINT, by=by)
    return _grant(organisation, person, OrganisationRole.FOCAL_POINT, by=by)


def _grant(organisation: Organisation, person: User, role: OrganisationRole, *, by: User) -> Membership:
    locked(organisation)
    member = next((each for each in queries.members_of(organisation) if each.user_id == person.id), None)
    if member is None:
        member = Membership(organisation=organisation, user=person)
        db.session.add(member)
    member.role, member.since, member.granted_by = role, now(), by
    db.session.flush()
    member.organisation, member.user = organisation, person
    record("organisation.role_granted", about=f"user:{person.ref}", by=by, detail=_detail(member))
    mails.tell_role(member)
    return member


def _detail(member: Membership) -> str:
    return f"{member.role}, {member.organisation.name}"


def _answer(asked: MembershipInvitation | JoinRequest, answer: InvitationStatus) -> None:
    locked(asked)
    if asked.status is not InvitationStatus.OPEN:
        raise TransitionNotAllowed(_("This was answered meanwhile: %(status)s.", status=asked.status.label))
    asked.status = answer


def _invitation(organisation: Organisation, email: str) -> MembershipInvitation | None:
    return db.session.scalar(
        select(MembershipInvitation).where(
            MembershipInvitation.organisation_id == organisation.id, MembershipInvitation.email == email
        )
    )


def _take_back_invitations(member: Membership, *, by: User) -> None:
    """Who acts for the organisation no longer has invited others in its name; one of them may be a second mailbox."""
    for invitation in queries.invitations_of(member.organisation):
        if invitation.invited_by_id == member.user_id:
            invitation.organisation = member.organisation
            take_back(invitation, by=by)


def _need_another(member: Membership, by: User) -> None:
    others = [each for each in queries.focal_points_of(member.organisation) if each.id != member.user_id]
    if not others and member.role is OrganisationRole.FOCAL_POINT and not by.is_secretariat:
        raise TransitionNotAllowed(
            _("An organisation needs a focal point. Hand over to somebody else first, or write to the secretariat.")
        )
