"""Who may do what with registrations."""

from sqlalchemy import exists, select

from consult.accounts.models import User
from consult.events.models import Event, TeamRole
from consult.events.policy import can_see, is_on_team
from consult.extensions import db
from consult.organisations.models import FocalPoint
from consult.organisations.policy import is_focal_point
from consult.registration.models import Registration


def can_register(user: User, event: Event) -> bool:
    """Focal points may open the form; whether the window is open is told there."""
    acts = exists().where(FocalPoint.user_id == user.id)
    return can_see(user, event) and bool(db.session.scalar(select(acts)))


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
