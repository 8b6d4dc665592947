"""Who may do what with events. Roles in a team are looked at here and nowhere else."""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, select, true
from sqlalchemy import event as happenings
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


def managed_by(user: User) -> ColumnElement[bool]:
    """The events this person manages, as a condition."""
    if user.is_secretariat:
        return true()
    managing = select(TeamMember.event_id).where(TeamMember.user_id == user.id, TeamMember.role == TeamRole.MANAGER)
    return Event.id.in_(managing)


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

    For passports it is asked more than of other things: nobody whom one of the two brought in, not even by others.
    """
    if user.email == invitation.email or user.id == invitation.named_by_id:
        return False
    if user.is_secretariat:
        return True
    event = invitation.event
    namer = db.session.get(User, invitation.named_by_id) if invitation.named_by_id else None
    if namer is None or not holds(user, event, TeamRole.MANAGER) or not are_two_people(namer, user, event):
        return False
    named = db.session.scalar(select(User.__table__.c.id).where(User.__table__.c.email == invitation.email))
    origin = _origin(user.id, *_granters(event))
    return origin is not None and not origin & {namer.id, named}


def are_two_people(first: User, second: User, event: Event) -> bool:
    """Whether these two can stand for two people, where two have to agree.

    Two whom the same manager brought in, directly or by others, do not, nor one and whom they brought in: that could
    be one person with several mailboxes. The secretariat brings in independent people, so who of the team does not
    come from it by people who are still on the team counts as nobody else: whoever takes the one between off the
    team does not become two.
    """
    if first.id == second.id:
        return False
    if first.is_secretariat or second.is_secretariat:
        return True
    granters, secretariat = _granters(event)
    one, other = _origin(first.id, granters, secretariat), _origin(second.id, granters, secretariat)
    return one is not None and other is not None and not (one & other) - secretariat


def _granters(event: Event) -> tuple[dict[int, int | None], set[int]]:
    """Who brought in each manager and accreditation officer (of who is both, who made them manager), and who of those
    who did is of the secretariat."""
    deciding = (TeamRole.ACCREDITATION_OFFICER, TeamRole.MANAGER)
    members = select(TeamMember.user_id, TeamMember.role, TeamMember.granted_by_id).where(
        TeamMember.event_id == event.id, TeamMember.role.in_(deciding)
    )
    rows = sorted(db.session.execute(members), key=lambda row: deciding.index(row.role))
    granters = {row.user_id: row.granted_by_id for row in rows}
    person = User.__table__.c
    secretariat = select(person.id).where(
        person.id.in_({*granters.values()} - {None}), person.role.in_([Role.SECRETARIAT, Role.ADMINISTRATOR])
    )
    return granters, set(db.session.scalars(secretariat))


def _origin(user_id: int, granters: Mapping[int, int | None], secretariat: set[int]) -> set[int] | None:
    """The person, who brought them in, who brought those in, and so on to the secretariat, or None if that is not
    reached."""
    origin = {user_id}
    while user_id not in secretariat:
        granter = granters.get(user_id)
        if granter is None or granter in origin:
            return None
        origin.add(granter)
        user_id = granter
    return origin


def can_open_workspace(user: User, event: Event) -> bool:
    """Anybody on the team: each sees there what their role lets them do."""
    return is_on_team(user, event)
