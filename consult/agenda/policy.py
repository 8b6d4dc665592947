"""Who may do what with agendas."""

from consult.accounts.models import User
from consult.agenda.models import Session
from consult.events.models import Event
from consult.events.policy import can_manage


def can_edit(user: User, event: Event) -> bool:
    return can_manage(user, event)


def can_edit_session(user: User, session: Session) -> bool:
    return can_manage(user, session.event)
