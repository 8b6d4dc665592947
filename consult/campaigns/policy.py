"""Who may do what with campaigns."""

from consult.accounts.models import User
from consult.campaigns.models import Campaign
from consult.events.models import Event, TeamRole
from consult.events.policy import is_on_team


def can_invite(user: User, event: Event) -> bool:
    return is_on_team(user, event, TeamRole.MANAGER)


def can_edit(user: User, campaign: Campaign) -> bool:
    return can_invite(user, campaign.event)
