"""Who may do what with organisations."""

from sqlalchemy import exists, select

from consult.accounts.models import User
from consult.extensions import db
from consult.organisations.models import (
    JoinRequest,
    Membership,
    MembershipInvitation,
    Organisation,
    OrganisationDocument,
    OrganisationRole,
    RecognitionHeld,
)


def is_focal_point(user: User, organisation_id: int | None) -> bool:
    """Whether the person acts for this organisation."""
    return _is(user, organisation_id, OrganisationRole.FOCAL_POINT)


def is_member(user: User, organisation_id: int | None) -> bool:
    """Whether the person belongs to this organisation, as focal point or not."""
    return _is(user, organisation_id, *OrganisationRole)


def _is(user: User, organisation_id: int | None, *roles: OrganisationRole) -> bool:
    mine = exists().where(
        Membership.user_id == user.id, Membership.organisation_id == organisation_id, Membership.role.in_(roles)
    )
    return bool(db.session.scalar(select(mine)))


def can_see(user: User, organisation: Organisation) -> bool:
    """Its people, and the secretariat."""
    return user.is_secretariat or is_member(user, organisation.id)


def can_edit(user: User, organisation: Organisation) -> bool:
    """Its focal points, and the secretariat."""
    return user.is_secretariat or is_focal_point(user, organisation.id)


def can_ask_to_join(_user: User, _organisation: Organisation) -> bool:
    """Whoever is signed in: its name was shown to them because theirs is like it."""
    return True


def can_leave(user: User, organisation: Organisation) -> bool:
    return is_member(user, organisation.id)


def can_edit_member(user: User, member: Membership) -> bool:
    return can_edit(user, member.organisation)


def can_take_back(user: User, invitation: MembershipInvitation) -> bool:
    return can_edit(user, invitation.organisation)


def can_answer(user: User, invitation: MembershipInvitation) -> bool:
    """Whoever has confirmed the address that was invited."""
    return user.email == invitation.email and user.confirmed_at is not None


def can_settle_request(user: User, request: JoinRequest) -> bool:
    return can_edit(user, request.organisation)


def can_read_document(user: User, document: OrganisationDocument) -> bool:
    return can_see(user, document.organisation)


def can_edit_document(user: User, document: OrganisationDocument) -> bool:
    return can_edit(user, document.organisation)


def can_edit_recognition(user: User, held: RecognitionHeld) -> bool:
    return can_edit(user, held.organisation)


def can_settle(user: User, _subject: object) -> bool:
    """What the secretariat confirms, merges and replaces: recognitions, categories, duplicates, focal points."""
    return user.is_secretariat
