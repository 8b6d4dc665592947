"""Who may open the pages that show many domains."""

from consult.accounts.models import User
from consult.accreditation.policy import can_see_queue
from consult.attendance.policy import can_import, can_open_door, can_see_summary
from consult.campaigns.policy import can_invite
from consult.events.models import Event
from consult.events.policy import can_manage, can_open_workspace
from consult.events.queries import is_on_any_team
from consult.inputs.policy import can_read_inputs
from consult.outbox.models import Message
from consult.registration.policy import can_make_follow_ups, can_print, can_see_all, can_see_passports
from consult.reports.policy import can_write

__all__ = [
    "can_import",
    "can_invite",
    "can_make_follow_ups",
    "can_manage",
    "can_open_door",
    "can_open_workspace",
    "can_print",
    "can_read_inputs",
    "can_see_all",
    "can_see_passports",
    "can_see_queue",
    "can_see_summary",
    "can_try_again",
    "can_try_all_again",
    "can_write",
    "has_workspace",
]  # fmt: skip


def has_workspace(user: User) -> bool:
    """Whoever is on the team of any event."""
    return is_on_any_team(user)


def can_try_again(user: User, _message: Message) -> bool:
    """The secretariat looks after what could not be sent."""
    return user.is_secretariat


def can_try_all_again(user: User, _event: Event) -> bool:
    """The same for all messages of an event."""
    return user.is_secretariat
