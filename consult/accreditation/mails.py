"""Every mail about accreditation: to the focal points of an organisation, to recipients of a list, to officers."""

from collections.abc import Sequence
from datetime import datetime

from consult.accounts.models import User
from consult.accreditation.models import AccreditationProcess, Application, ApplicationStatus, Circulation, Reason
from consult.organisations.queries import focal_points_of
from consult.outbox import service as outbox
from consult.outbox.service import Post

S = ApplicationStatus
LETTER = {S.APPROVED, S.REJECTED, S.REVOKED}


def tell_step(application: Application, *, template: str = "", message: str = "", reason: Reason | None = None) -> None:
    """What has become of the application: received, a question, approved, rejected.

    Args:
        template: another than that of the status, where one status is reached in several ways.
    """
    outbox.post_all(posts(application, application.status, template=template, message=message, reason=reason))


def posts(
    application: Application,
    status: ApplicationStatus,
    *,
    template: str = "",
    message: str = "",
    reason: Reason | None = None,
) -> Sequence[Post]:
    """The mails that tell the focal points of this status, one each: to be sent, or to be looked at beforehand."""
    event = application.event
    return [
        outbox.to_person(
            person,
            template=f"accreditation/{template or status.value}",
            about=f"application:{application.ref}",
            scope=event.scope,
            dedupe_key=f"application:{application.ref}:{len(application.steps)}:{person.ref}",
            reply_to=event.contact,
            attachments=[f"accreditation/letter:{application.ref}"] if status in LETTER else [],
            context={
                "organisation": application.organisation.name,
                "event": event.title,
                "path": f"/events/{event.slug}/accreditation/{application.ref}",
                "number": application.number,
                "message": message,
                "reason": reason.text if reason else "",
            },
        )
        for person in focal_points_of(application.organisation)
    ]


def send_circulation(circulation: Circulation) -> None:
    """To each recipient, the personal link."""
    event = circulation.event
    outbox.post_all(
        [
            Post(
                template="accreditation/circulation",
                to=recipient.email,
                about=f"circulation:{circulation.ref}",
                scope=event.scope,
                dedupe_key=f"circulation:{circulation.ref}:{recipient.ref}",
                reply_to=event.contact,
                context={
                    "name": recipient.name,
                    "event": event.title,
                    "number": len(circulation.items),
                    "until": circulation.until.astimezone(event.zone).strftime("%Y-%m-%d %H:%M"),
                    "zone": event.timezone,
                    "message": circulation.message,
                    "path": f"/circulation/{recipient.key}",
                },
            )
            for recipient in circulation.recipients
        ]
    )


def send_circulation_summary(circulation: Circulation) -> None:
    """To whoever started it: what was approved, what was objected to."""
    person, event = circulation.started_by, circulation.event
    objected = [item.application.number for item in circulation.items if item.objections]
    approved = [
        item.application.number
        for item in circulation.items
        if not item.objections and item.application.status is S.APPROVED
    ]
    undecided = [
        item.application.number
        for item in circulation.items
        if not item.objections and item.application.status is S.IN_REVIEW
    ]
    outbox.post(
        outbox.to_person(
            person,
            template="accreditation/circulation_closed",
            about=f"circulation:{circulation.ref}",
            scope=event.scope,
            dedupe_key=f"circulation:{circulation.ref}:closed",
            context={
                "event": event.title,
                "approved": approved,
                "objected": objected,
                "undecided": undecided,
                "path": f"/workspace/events/{event.slug}/accreditation/circulations/{circulation.ref}",
            },
        )
    )


def remind_officer(process: AccreditationProcess, person: User, *, number: int, at: datetime) -> None:
    """Once a week."""
    event = process.event
    year, week, _day = at.isocalendar()
    outbox.post(
        outbox.to_person(
            person,
            template="accreditation/overdue",
            about=f"event:{event.ref}",
            scope=event.scope,
            dedupe_key=f"accreditation:overdue:{event.ref}:{person.ref}:{year}-{week}",
            context={
                "event": event.title,
                "number": number,
                "days": process.promised_days,
                "path": f"/workspace/events/{event.slug}/accreditation?waits={process.promised_days}",
            },
        )
    )
