"""Who may do what with registrations."""

from consult.accounts.models import User
from consult.events.models import Event, TeamRole
from consult.events.policy import can_see, is_on_team
from consult.extensions import db
from consult.organisations.policy import is_focal_point
from consult.organisations.queries import acting_for
from consult.registration.models import Registration


def can_register(user: User, event: Event) -> bool:
    """Focal points may open the form; whether the window is open is told there."""
    return can_see(user, event) and db.session.scalar(acting_for(user).limit(1)) is not None


def can_list_mine(user: User, event: Event) -> bool:
    return can_see(user, event)


def can_see_all(user: User, event: Event) -> bool:
    return is_on_team(user, event, TeamRole.MANAGER)


def can_open(user: User, registration: Registration) -> bool:
    """The person, the focal points of the organisation, and the event's managers."""
    return (
        user.email.lower() == registration.email
        or (registration.organisation_id is not None and is_focal_point(user, registration.organisation_id))
        or can_see_all(user, registration.event)
    )


def can_withdraw(user: User, registration: Registration) -> bool:
    return can_open(user, registration)
