"""Who may do what with events. Roles in a team are looked at here and nowhere else."""

from sqlalchemy import exists, select

from consult.accounts.models import User
from consult.events.models import Event, EventStatus, ParticipantCategory, TeamMember, TeamRole
from consult.extensions import db


def is_on_team(user: User, event: Event, *roles: TeamRole) -> bool:
    """The secretariat is on every team; others with one of these roles (with any, if none is named)."""
    if user.is_secretariat:
        return True
    mine = exists().where(TeamMember.user_id == user.id, TeamMember.event_id == event.id)
    if roles:
        mine = mine.where(TeamMember.role.in_(roles))
    return bool(db.session.scalar(select(mine)))


def can_see(user: User | None, event: Event) -> bool:
    """All see what is published, cancelled or archived; a draft only its team."""
    return event.status is not EventStatus.DRAFT or (user is not None and is_on_team(user, event))


def can_manage(user: User, event: Event) -> bool:
    return is_on_team(user, event, TeamRole.MANAGER)


def can_manage_category(user: User, category: ParticipantCategory) -> bool:
    return can_manage(user, category.event)


def can_manage_member(user: User, member: TeamMember) -> bool:
    return can_manage(user, member.event)


def can_open_workspace(user: User, event: Event) -> bool:
    """Anybody on the team: each sees there what their role lets them do."""
    return is_on_team(user, event)
