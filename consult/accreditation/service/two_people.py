"""Who may act on an application: another officer reconsiders a rejection, and two people decide where that is the rule.

Every way to a decision asks here: approving, rejecting, revoking, the end of a circulation, and accrediting at once.
"""

from flask_babel import gettext as _

from consult.accounts.models import User
from consult.accreditation import queries
from consult.accreditation.models import Application, ApplicationStatus
from consult.errors import NotAllowed
from consult.events.policy import are_two_people
from consult.extensions import db


def needs_two(application: Application) -> bool:
    """Whether two people decide this application: its process says so, or said so when it was sent.

    Who turns the rule off decides nothing sooner: what was sent while it held keeps it.
    """
    return application.is_two_person or queries.is_two_person(application.event_id)


def is_second(
    application: Application, outcome: ApplicationStatus, by: User, *, two_needed: bool | None = None
) -> bool:
    """Whether what this person says now decides: always, unless two are needed and nobody else has said the same.

    Somebody else is no officer whom the same manager named: that could be one person with two mailboxes.

    Args:
        two_needed: where it is known already, for lists.
    """
    if two_needed is None:
        two_needed = needs_two(application)
    if not two_needed:
        return True
    if application.recommended is not outcome or application.recommended_by_id in {None, by.id}:
        return False
    first = db.session.get_one(User, application.recommended_by_id)
    return are_two_people(first, by, application.event)


def has_rejected(application: Application, person: User) -> bool:
    """Whether this person rejected the application that is being reconsidered, or recommended that."""
    return person.id in {application.rejected_by_id, application.rejection_recommended_by_id}


def need_other_officer(application: Application, person: User) -> None:
    """
    Raises:
        NotAllowed: whoever rejected it, or recommended that, does not act on it again.
    """
    if has_rejected(application, person):
        raise NotAllowed(_("You rejected this application. Another officer looks at it again."))


def forget_recommendation(application: Application) -> None:
    """What was recommended was about something that is no more: an earlier version, or a decision that was made."""
    application.recommended = application.recommended_by = application.recommended_by_id = None
    application.recommended_reason = application.recommended_reason_id = None
    application.recommended_message = ""
