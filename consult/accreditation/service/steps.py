"""What every change of an application leaves behind: a step the applicant reads, an audit entry, a mail."""

from datetime import datetime

from consult.accounts.models import User
from consult.accreditation import mails
from consult.accreditation.models import Application, ApplicationStatus, ApplicationStep, Reason
from consult.audit.service import record
from consult.extensions import db


def took(
    application: Application,
    action: str,
    *,
    by: User | None,
    at: datetime,
    message: str = "",
    reason: Reason | None = None,
    is_applicants: bool = False,
    tell: bool = True,
) -> None:
    """Note a step. Its steps must be loaded.

    Args:
        by: None for the worker.
        is_applicants: the applicant did it.
        tell: whether the focal points get a mail about the status the application has now.
    """
    application.steps.append(
        ApplicationStep(
            at=at, status=application.status, message=message, reason=reason.text if reason else "",
            is_applicants=is_applicants,
        )
    )  # fmt: skip
    db.session.flush()
    about, scope = f"application:{application.ref}", application.event.scope
    record(f"application.{action}", about=about, by=by, scope=scope, detail=reason.text if reason else "")
    if tell:
        template = action if application.status is ApplicationStatus.IN_REVIEW else ""
        mails.tell_step(application, template=template, message=message, reason=reason)
