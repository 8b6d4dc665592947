"""Who may do what with events. Roles in a team are looked at here and nowhere else."""

from collections.abc import Mapping

from sqlalchemy import event as happenings
from sqlalchemy import select
from sqlalchemy.orm import Session, SessionTransaction

from consult.accounts.models import Role, User
from consult.events.models import (
    Event,
    EventStatus,
    ParticipantCategory,
    TeamInvitation,
    TeamMember,
    TeamRole,
)
from consult.extensions import db


def is_on_team(user: User, event: Event, *roles: TeamRole) -> bool:
    """The secretariat is on every team; others with one of these roles (with any, if none is named)."""
    if user.is_secretariat:
        return True
    held = _roles_of(user, event)
    return bool(held & set(roles)) if roles else bool(held)


def holds(user: User, event: Event, role: TeamRole) -> bool:
    """Whether the person was given this very role; being of the secretariat is not enough."""
    return role in _roles_of(user, event)


def _roles_of(user: User, event: Event) -> set[TeamRole]:
    """Read once for each person and event of a transaction: a page asks many policies about the same two."""
    known: dict[tuple[int, int], set[TeamRole]] = db.session.info.setdefault("team_roles", {})
    key = (user.id, event.id)
    if key not in known:
        mine = select(TeamMember.role).where(TeamMember.user_id == user.id, TeamMember.event_id == event.id)
        known[key] = set(db.session.scalars(mine))
    return known[key]


@happenings.listens_for(Session, "after_transaction_end")
def _forget_roles(session: Session, _transaction: SessionTransaction) -> None:
    session.info.pop("team_roles", None)


def needs_second_factor(user: User) -> bool:
    """Whose roles open other people's data: the secretariat, and events' managers, accreditation and visa officers."""
    if user.is_secretariat:
        return True
    sensitive = select(TeamMember.id).where(
        TeamMember.user_id == user.id,
        TeamMember.role.in_([TeamRole.MANAGER, TeamRole.ACCREDITATION_OFFICER, TeamRole.VISA_OFFICER]),
    )
    return db.session.scalar(sensitive.limit(1)) is not None


def can_see(user: User | None, event: Event) -> bool:
    """All see what is published, cancelled or archived; a draft only its team."""
    return event.status is not EventStatus.DRAFT or (user is not None and is_on_team(user, event))


def can_manage(user: User, event: Event) -> bool:
    return is_on_team(user, event, TeamRole.MANAGER)


def can_manage_category(user: User, category: ParticipantCategory) -> bool:
    return can_manage(user, category.event)


def can_manage_member(user: User, member: TeamMember) -> bool:
    return can_manage(user, member.event)


def can_take_back(user: User, invitation: TeamInvitation) -> bool:
    return can_manage(user, invitation.event)


def can_confirm(user: User, invitation: TeamInvitation) -> bool:
    """Managers, and the secretariat; the service function sees to it that it is another person."""
    return can_manage(user, invitation.event)


def can_answer(user: User, invitation: TeamInvitation) -> bool:
    """Whoever has confirmed the address that was named, once nobody else has to agree."""
    is_asked = user.email == invitation.email and user.confirmed_at is not None
    return is_asked and not invitation.needs_second_person


def is_second_person(user: User, invitation: TeamInvitation) -> bool:
    """Whether the person counts as another one than who named, and who is named.

    Managers whom the same manager brought in, directly or by others, do not, nor one and whom they brought in: that
    could be one person with several mailboxes. The secretariat brings in independent people.
    """
    if user.email == invitation.email or user.id == invitation.named_by_id:
        return False
    if user.is_secretariat:
        return True
    granters, secretariat = _granters(invitation)
    if user.id not in granters:
        return False
    own, namers = _chain(user.id, granters), _chain(invitation.named_by_id, granters)
    named = select(User.__table__.c.id).where(User.__table__.c.email == invitation.email)
    return not own & {invitation.named_by_id, db.session.scalar(named)} and not (own & namers) - secretariat


def _granters(invitation: TeamInvitation) -> tuple[dict[int, int | None], set[int]]:
    """Who brought in each manager of the event, and who of all those is of the secretariat."""
    managers = select(TeamMember.user_id, TeamMember.granted_by_id).where(
        TeamMember.event_id == invitation.event_id, TeamMember.role == TeamRole.MANAGER
    )
    granters = {row.user_id: row.granted_by_id for row in db.session.execute(managers)}
    person = User.__table__.c
    secretariat = select(person.id).where(
        person.id.in_({*granters.values()} - {None}), person.role.in_([Role.SECRETARIAT, Role.ADMINISTRATOR])
    )
    return granters, set(db.session.scalars(secretariat))


def _chain(user_id: int | None, granters: Mapping[int, int | None]) -> set[int]:
    """The person, who brought them in, who brought those in, and so on."""
    chain: set[int] = set()
    while user_id is not None and user_id not in chain:
        chain.add(user_id)
        user_id = granters.get(user_id)
    return chain


def can_open_workspace(user: User, event: Event) -> bool:
    """Anybody on the team: each sees there what their role lets them do."""
    return is_on_team(user, event)
