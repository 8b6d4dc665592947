"""Mails about belonging to an organisation."""

from collections.abc import Iterable

from consult.accounts.models import User
from consult.organisations.models import (
    JoinRequest,
    Membership,
    MembershipInvitation,
    Organisation,
    OrganisationRole,
    RecognitionHeld,
)
from consult.organisations.queries import focal_points_of
from consult.outbox import service as outbox
from consult.outbox.service import Post


def invite(invitation: MembershipInvitation, *, again: int = 0) -> None:
    """To an address that may have no account yet: in the language of whoever invites."""
    inviter = invitation.invited_by
    outbox.post(
        Post(
            template="organisations/invitation",
            to=invitation.email,
            about=f"organisation:{invitation.organisation.ref}",
            dedupe_key=f"membership_invitation:{invitation.ref}:{again}:{invitation.invited_at.isoformat()}",
            language=inviter.language or "en",
            context={
                "organisation": invitation.organisation.name,
                "inviter": inviter.name,
                "is_focal_point": invitation.role is OrganisationRole.FOCAL_POINT,
            },
        )
    )


def tell_role(member: Membership) -> None:
    """What the person is in the organisation now."""
    _post(
        "role",
        member.organisation,
        [member.user],
        role=member.role.value,
        path=f"/my/organisations/{member.organisation.ref}",
    )


def tell_removed(organisation: Organisation, person: User) -> None:
    _post("removed", organisation, [person])


def tell_request(request: JoinRequest) -> None:
    """To those who can answer it."""
    people = focal_points_of(request.organisation)
    path = f"/my/organisations/{request.organisation.ref}"
    _post("request", request.organisation, people, person=request.user.name, message=request.message, path=path)


def tell_request_refused(request: JoinRequest) -> None:
    _post("request_refused", request.organisation, [request.user])


def tell_merged(kept: Organisation, gone_name: str) -> None:
    """To all focal points of what is one organisation now."""
    _post("merged", kept, focal_points_of(kept), gone=gone_name, path=f"/my/organisations/{kept.ref}")


def tell_recognition(held: RecognitionHeld, *, message: str = "") -> None:
    """That a claimed recognition was verified, or could not be."""
    organisation = held.organisation
    _post(
        f"recognition_{held.status.value}", organisation, focal_points_of(organisation), kind=str(held.kind.value),
        message=message, path=f"/my/organisations/{organisation.ref}",
    )  # fmt: skip


def _post(template: str, organisation: Organisation, people: Iterable[User], **context: str) -> None:
    told = {"organisation": organisation.name, **context}
    about = f"organisation:{organisation.ref}"
    outbox.post_all(
        [outbox.to_person(each, template=f"organisations/{template}", about=about, context=told) for each in people]
    )
