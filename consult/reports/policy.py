"""Who may do what with reports."""

from consult.accounts.models import User
from consult.events.models import Event, TeamRole
from consult.events.policy import is_on_team


def can_write(user: User, event: Event) -> bool:
    return is_on_team(user, event, TeamRole.MANAGER, TeamRole.RAPPORTEUR)


def can_publish(user: User, event: Event) -> bool:
    return is_on_team(user, event, TeamRole.MANAGER)
