"""Who may do what with registrations."""

from sqlalchemy import select

from consult.accounts.models import User
from consult.events.models import Event, TeamRole
from consult.events.policy import can_see, holds, is_on_team
from consult.extensions import db
from consult.organisations.policy import is_focal_point
from consult.organisations.queries import acting_for
from consult.registration.models import (
    Asked,
    BadgeRun,
    FollowUp,
    Passport,
    Registration,
    RegistrationDocument,
    RegistrationStatus,
    Visibility,
)


def can_register(user: User, event: Event) -> bool:
    """Focal points may open the form; whether the window is open is told there."""
    return can_see(user, event) and db.session.scalar(acting_for(user).limit(1)) is not None


def can_register_self(user: User, event: Event) -> bool:
    """Where a category allows people without an organisation."""
    return can_see(user, event) and any(category.allows_individuals for category in event.categories)


def can_list_mine(user: User, event: Event) -> bool:
    return can_see(user, event)


def can_see_all(user: User, event: Event) -> bool:
    return is_on_team(user, event, TeamRole.MANAGER)


def is_the_person(user: User, registration: Registration) -> bool:
    return user.email.lower() == registration.email


def can_open(user: User, registration: Registration) -> bool:
    """The person, the focal points of the organisation, and the event's managers."""
    return (
        is_the_person(user, registration)
        or (registration.organisation_id is not None and is_focal_point(user, registration.organisation_id))
        or can_see_all(user, registration.event)
    )


def can_answer(user: User, asked: Asked) -> bool:
    """A follow-up form is answered by the participant."""
    return is_the_person(user, asked.registration)


def can_agree(user: User, registration: Registration) -> bool:
    """Only the person agrees to what others registered them for."""
    return is_the_person(user, registration) and user.confirmed_at is not None


def can_erase(user: User, registration: Registration) -> bool:
    """The person, and the event's managers at their wish."""
    return is_the_person(user, registration) or can_see_all(user, registration.event)


def can_withdraw(user: User, registration: Registration) -> bool:
    return can_open(user, registration)


def can_change(user: User, registration: Registration) -> bool:
    """Correct what is known, accept an offer, change how the person takes part."""
    return can_open(user, registration)


def can_substitute(user: User, registration: Registration) -> bool:
    """Who may register for the organisation may send somebody else."""
    return registration.organisation_id is not None and (
        is_focal_point(user, registration.organisation_id) or can_see_all(user, registration.event)
    )


def can_decide(user: User, registration: Registration) -> bool:
    return can_see_all(user, registration.event)


def can_download(user: User, document: RegistrationDocument) -> bool:
    return can_open(user, document.registration)


def can_see_passports(user: User, event: Event) -> bool:
    """Only who was named visa officer of this event; the secretariat as such does not."""
    return holds(user, event, TeamRole.VISA_OFFICER)


def can_see_passport(user: User, passport: Passport) -> bool:
    return can_see_passports(user, passport.registration.event)


def can_print(user: User, event: Event) -> bool:
    return is_on_team(user, event, TeamRole.MANAGER, TeamRole.DOOR_STAFF)


def can_open_badges(user: User, run: BadgeRun) -> bool:
    return can_print(user, run.event)


def can_print_badge(user: User, registration: Registration) -> bool:
    return can_print(user, registration.event)


def can_make_follow_ups(user: User, event: Event) -> bool:
    return can_see_all(user, event)


def can_manage_follow_up(user: User, follow_up: FollowUp) -> bool:
    return can_make_follow_ups(user, follow_up.event)


def is_participant(user: User, event: Event) -> bool:
    """Whether the person has a confirmed place."""
    mine = select(Registration.id).where(
        Registration.event_id == event.id,
        Registration.email == user.email.lower(),
        Registration.status == RegistrationStatus.CONFIRMED,
    )
    return db.session.scalar(mine) is not None


def list_shown_to(user: User | None, event: Event) -> Visibility:
    """Which list of participants somebody sees: participants and the team see more than the public."""
    if user is not None and (is_on_team(user, event) or is_participant(user, event)):
        return Visibility.PARTICIPANTS
    return Visibility.PUBLIC
