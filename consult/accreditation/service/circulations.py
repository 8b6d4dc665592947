"""Applicants' names go to named recipients, on a no-objection basis, until a date."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from consult.accounts.models import User
from consult.accreditation import mails, queries
from consult.accreditation.models import (
    Application,
    ApplicationStatus,
    CirculatedApplication,
    Circulation,
    CirculationRecipient,
    Objection,
    Track,
)
from consult.accreditation.service import reviews
from consult.accreditation.service.steps import took
from consult.accreditation.service.two_people import need_other_officer
from consult.audit.service import record
from consult.database import locked
from consult.errors import AlreadySo, InvalidEntry, WindowClosed
from consult.events.models import Event
from consult.extensions import db
from consult.transitions import move

S = ApplicationStatus


@dataclass(frozen=True, kw_only=True)
class Recipient:
    name: str
    email: str


def start(
    event: Event,
    applications: Sequence[Application],
    *,
    recipients: Sequence[Recipient],
    until: datetime,
    message: str,
    by: User,
    at: datetime,
) -> Circulation:
    """Send the list to each recipient by a personal link. Who sends it stands behind what its end approves.

    Raises:
        InvalidEntry: nobody is to receive it, the date is not in the future, or an application is not for it.
        NotAllowed: who rejected one of them does not act on it again.
    """
    if not recipients:
        raise InvalidEntry(_("Name at least one recipient."), field="recipients")
    if until <= at:
        raise InvalidEntry(_("Choose a date in the future."), field="until")
    circulation = Circulation(
        event=event, until=until, message=message, started_at=at, started_by=by, items=[],
        recipients=[CirculationRecipient(name=each.name, email=each.email) for each in dict.fromkeys(recipients)],
    )  # fmt: skip
    db.session.add(circulation)
    for application in applications:
        locked(application)
        if application.track is Track.RECOGNISED or application.status not in {S.SUBMITTED, S.IN_REVIEW}:
            raise InvalidEntry(
                _("%(number)s is “%(status)s” and cannot be circulated.", number=application.number,
                  status=application.status.label)
            )  # fmt: skip
        need_other_officer(application, by)
        if application.status is S.SUBMITTED:
            move(application, S.IN_REVIEW)
        move(application, S.CIRCULATED)
        application.officer_id = application.officer_id or by.id
        application.waiting_since = None
        circulation.items.append(CirculatedApplication(application=application, objections=[]))
        took(application, "circulated", by=by, at=at, tell=False)
    db.session.flush()
    record("circulation.started", about=f"circulation:{circulation.ref}", by=by, scope=event.scope)
    mails.send_circulation(circulation)
    return circulation


def object_to(item: CirculatedApplication, recipient: CirculationRecipient, *, reason: str, at: datetime) -> Objection:
    """A recipient objects: the application goes back to its officer at once.

    Raises:
        InvalidEntry: no reason is given.
        WindowClosed: the date has passed.
        TransitionNotAllowed: this recipient has objected already.
    """
    if not reason.strip():
        raise InvalidEntry(_("Give a reason. Only the secretariat reads it."), field="reason")
    circulation = item.circulation
    locked(circulation)
    if circulation.closed_at or circulation.until <= at:
        raise WindowClosed(_("The date for objections has passed."))
    db.session.refresh(item, ["objections"])  # a second click may have been quicker than this lock
    if any(each.recipient_id == recipient.id for each in item.objections):
        raise AlreadySo(_("You have objected to this organisation already."))
    objection = Objection(item=item, recipient=recipient, reason=reason, at=at)
    db.session.add(objection)
    db.session.flush()
    application = locked(item.application)
    if application.status is S.CIRCULATED:
        move(application, S.IN_REVIEW)
        application.waiting_since = at
        took(application, "objected", by=None, at=at, tell=False)
    record("circulation.objected", about=f"circulation:{circulation.ref}", by=None, scope=circulation.event.scope)
    return objection


def close(circulation: Circulation, *, at: datetime) -> Circulation:
    """The date has passed: what nobody objected to is approved, and whoever started it gets a summary.

    Where two people are needed, it is approved only if somebody other than who started the circulation has
    recommended it; if not, the circulation is the first of the two. Done once, however many workers try.
    """
    locked(circulation)
    if circulation.closed_at is not None or circulation.until > at:
        return circulation
    circulation.closed_at = at
    for item in circulation.items:
        application = locked(item.application)
        if application.status is S.CIRCULATED and not item.objections:
            reviews.approve_unopposed(application, by=circulation.started_by, at=at)
    db.session.flush()
    record("circulation.closed", about=f"circulation:{circulation.ref}", by=None, scope=circulation.event.scope)
    mails.send_circulation_summary(circulation)
    return circulation


def close_due(*, at: datetime, ref: str | None = None) -> int:
    """Close every circulation whose date has passed, or the one of this reference; returns how many."""
    due = [each for each in queries.circulations_due(at=at) if ref in {None, each.ref}]
    for circulation in due:
        close(circulation, at=at)
    return len(due)
