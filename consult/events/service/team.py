"""Who is on an event's team: named, confirmed by a second person where that is the rule, accepted, removed."""

from flask_babel import gettext as _

from consult.accounts.models import User
from consult.addresses import canonical
from consult.audit.service import record
from consult.database import locked, now
from consult.errors import InvalidEntry, NotAllowed, TransitionNotAllowed
from consult.events import mails, policy, queries
from consult.events.facts import TeamMemberRemoved
from consult.events.models import Event, TeamInvitation, TeamMember, TeamRole
from consult.extensions import db
from consult.facts import announce


def invite_member(event: Event, *, email: str, role: TeamRole, by: User) -> TeamInvitation:
    """Name an address for a part in the event's team, whether it has an account or not.

    The part waits until whoever has confirmed the address accepts it; for the right to read passports a second
    person confirms first, and all managers and the secretariat are told.

    Raises:
        InvalidEntry: this person of the team has the part already, or is named for it; or one names oneself to read
            passports.
    """
    locked(event)
    email = canonical(email)
    if role is TeamRole.VISA_OFFICER and email == by.email:
        raise InvalidEntry(_("Nobody names themselves visa officer. Ask another manager."), field="email")
    if any(member.user.email == email and member.role is role for member in queries.team_of(event)):
        raise InvalidEntry(_("This person has this role already."), field="email")
    if any(each.email == email and each.role is role for each in queries.team_invitations_of(event)):
        raise InvalidEntry(_("This address is named for this role already."), field="email")
    invitation = TeamInvitation(
        event=event, email=email, role=role, named_by=by, named_at=now(), confirmed_by=None, confirmed_at=None
    )
    db.session.add(invitation)
    db.session.flush()
    record("team.named", about=f"team:{invitation.ref}", by=by, scope=event.scope, detail=role)
    if role is TeamRole.VISA_OFFICER:
        mails.tell_visa_officer(event, step="named", who=email, by=by)
    else:
        mails.invite(invitation)
    return invitation


def confirm_member(invitation: TeamInvitation, *, by: User) -> TeamInvitation:
    """The second person agrees that the named one may read passports; then that person is asked.

    Raises:
        NotAllowed: it is who named, who is named, or a manager who may be one of them with another mailbox.
        TransitionNotAllowed: nobody has to confirm it, or somebody has.
    """
    locked(invitation)
    if not invitation.needs_second_person:
        raise TransitionNotAllowed(_("Nobody has to confirm this any more. Look at it again."))
    if not policy.is_second_person(by, invitation):
        message = _(
            "A second person has to confirm this. Ask the secretariat, or a manager whom the secretariat brought in "
            "and not the person who named the visa officer, nor the visa officer."
        )
        raise NotAllowed(message)
    invitation.confirmed_by, invitation.confirmed_at = by, now()
    db.session.flush()
    event = invitation.event
    record("team.confirmed", about=f"team:{invitation.ref}", by=by, scope=event.scope, detail=invitation.role)
    mails.tell_visa_officer(event, step="confirmed", who=invitation.email, by=by)
    mails.invite(invitation)
    return invitation


def accept_role(invitation: TeamInvitation, *, by: User) -> TeamMember:
    """Take the part in the team.

    Raises:
        NotAllowed: a second person has to confirm it, or the person named or confirmed themself with another address.
    """
    locked(invitation)
    event, role = invitation.event, invitation.role
    if invitation.needs_second_person:
        raise NotAllowed(_("A second person has to confirm this first."))
    if role is TeamRole.VISA_OFFICER and by.id in {invitation.named_by_id, invitation.confirmed_by_id}:
        raise NotAllowed(_("Nobody names themselves visa officer. Ask another manager."))
    member = next((each for each in queries.team_of(event) if each.user_id == by.id and each.role is role), None)
    if member is None:
        member = TeamMember(
            event=event, user=by, role=role, since=now(), granted_by_id=invitation.named_by_id,
            confirmed_by_id=invitation.confirmed_by_id,
        )  # fmt: skip
        db.session.add(member)
    db.session.delete(invitation)
    db.session.flush()
    record("team.added", about=f"user:{by.ref}", by=by, scope=event.scope, detail=role)
    if role is TeamRole.VISA_OFFICER:
        mails.tell_visa_officer(event, step="accepted", who=by.name, by=by)
    return member


def decline_role(invitation: TeamInvitation, *, by: User) -> None:
    """Say no to a part in a team."""
    _end_invitation(invitation, "team.declined", by=by)


def take_back_role(invitation: TeamInvitation, *, by: User) -> None:
    """Nobody can accept it any more; one person is enough for this."""
    _end_invitation(invitation, "team.taken_back", by=by)
    if invitation.role is TeamRole.VISA_OFFICER:
        mails.tell_visa_officer(invitation.event, step="removed", who=invitation.email, by=by)


def _end_invitation(invitation: TeamInvitation, action: str, *, by: User) -> None:
    record(action, about=f"team:{invitation.ref}", by=by, scope=invitation.event.scope, detail=invitation.role)
    db.session.delete(invitation)
    db.session.flush()


def remove_member(member: TeamMember, *, by: User) -> None:
    """Take a person's part in the team from them; one person is enough for this. What a manager has named others for
    and nobody has accepted yet goes too: it could be the way back by another mailbox."""
    event, person, role = member.event, member.user, member.role
    record("team.removed", about=f"user:{person.ref}", by=by, scope=event.scope, detail=role)
    db.session.delete(member)
    db.session.flush()
    if role is TeamRole.VISA_OFFICER:
        mails.tell_visa_officer(event, step="removed", who=person.name, by=by)
    if role is TeamRole.MANAGER and not person.is_secretariat:
        for invitation in [each for each in queries.team_invitations_of(event) if each.named_by_id == person.id]:
            take_back_role(invitation, by=by)
    announce(TeamMemberRemoved(event, person, by))
