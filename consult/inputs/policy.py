"""Who may do what with written input."""

from consult.accounts.models import User
from consult.events.models import Event, TeamRole
from consult.events.policy import can_see, is_on_team
from consult.inputs.models import Call, Submission, SubmissionStatus
from consult.organisations.policy import is_focal_point


def can_manage_calls(user: User, event: Event) -> bool:
    return is_on_team(user, event, TeamRole.MANAGER)


def can_manage_call(user: User, call: Call) -> bool:
    return can_manage_calls(user, call.event)


def can_read_inputs(user: User, event: Event) -> bool:
    """Those who sum up what was said."""
    return is_on_team(user, event, TeamRole.MANAGER, TeamRole.RAPPORTEUR)


def can_read_call(user: User, call: Call) -> bool:
    return can_read_inputs(user, call.event)


def can_write(user: User, call: Call) -> bool:
    """Anybody signed in who may see the event; whether the call is open is told on its page."""
    return can_see(user, call.event)


def is_author(user: User, submission: Submission) -> bool:
    """In an organisation's name its focal points of now, whoever wrote it; else who wrote it."""
    if submission.organisation_id is not None:
        return is_focal_point(user, submission.organisation_id)
    return user.id == submission.author_id


def can_read(user: User, submission: Submission) -> bool:
    """The authors always; the secretariat what was sent to it and not withdrawn."""
    if is_author(user, submission):
        return True
    return submission.status is SubmissionStatus.SUBMITTED and can_read_inputs(user, submission.call.event)
