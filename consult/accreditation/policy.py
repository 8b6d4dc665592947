"""Who may do what with applications."""

from consult.accounts.models import User
from consult.accreditation.models import Application, ApplicationDocument
from consult.events.models import Event, TeamRole
from consult.events.policy import is_on_team
from consult.organisations.policy import is_focal_point


def can_start(_user: User, event: Event) -> bool:
    """Whoever is signed in; which organisation they may apply for is looked at there."""
    return event.is_live


def is_applicant(user: User, application: Application) -> bool:
    """The organisation's focal points. Nobody else sees a draft."""
    return is_focal_point(user, application.organisation_id)


def can_see_queue(user: User, event: Event) -> bool:
    return is_on_team(user, event, TeamRole.MANAGER, TeamRole.ACCREDITATION_OFFICER)


def can_review(user: User, application: Application) -> bool:
    """The event's accreditation officers, for what was sent to them."""
    return application.submitted_at is not None and can_see_queue(user, application.event)


def can_download(user: User, document: ApplicationDocument) -> bool:
    """Whoever wrote it and whoever reviews it."""
    return is_applicant(user, document.application) or can_review(user, document.application)
