"""Who may do what with applications."""

from consult.accounts.models import User
from consult.accreditation.models import (
    AccreditationProcess,
    Application,
    ApplicationDocument,
    Circulation,
    Reason,
)
from consult.events.models import Event, TeamRole
from consult.events.policy import can_manage, is_on_team
from consult.organisations.models import OrganisationDocument, RecognitionHeld
from consult.organisations.policy import is_focal_point, is_member


def can_start(_user: User, event: Event) -> bool:
    """Whoever is signed in; which organisation they may apply for is looked at there."""
    return event.is_live


def can_read(user: User, application: Application) -> bool:
    """Whoever belongs to the organisation that applies."""
    return is_member(user, application.organisation_id)


def is_applicant(user: User, application: Application) -> bool:
    """The organisation's focal points."""
    return is_focal_point(user, application.organisation_id)


def can_see_queue(user: User, event: Event) -> bool:
    return is_on_team(user, event, TeamRole.MANAGER, TeamRole.ACCREDITATION_OFFICER)


def can_configure(user: User, process: AccreditationProcess) -> bool:
    return can_manage(user, process.event)


def can_edit_reason(user: User, _reason: Reason) -> bool:
    return user.is_secretariat


def can_review(user: User, application: Application) -> bool:
    """The event's accreditation officers, for what was sent to them."""
    return application.submitted_at is not None and can_see_queue(user, application.event)


def can_settle_recognition(user: User, found: tuple[Application, RecognitionHeld]) -> bool:
    """Only the secretariat: it changes the organisation's profile, and so opens the shorter way to every event."""
    return user.is_secretariat and can_review(user, found[0])


def can_read_profile_document(user: User, found: tuple[Application, OrganisationDocument]) -> bool:
    return can_review(user, found[0])


def can_download(user: User, document: ApplicationDocument) -> bool:
    """Whoever wrote it and whoever reviews it."""
    return can_read(user, document.application) or can_review(user, document.application)


def can_read_letter(user: User, application: Application) -> bool:
    """Whoever may read the application, on either side."""
    return can_read(user, application) or can_review(user, application)


def can_see_circulation(user: User, circulation: Circulation) -> bool:
    return can_see_queue(user, circulation.event)
