"""What is done with applications."""

from collections.abc import Mapping
from datetime import datetime
from typing import BinaryIO

from flask_babel import force_locale
from flask_babel import gettext as _

from consult.accounts.models import User
from consult.accreditation import mails, queries
from consult.accreditation.models import (
    AccreditationProcess,
    Application,
    ApplicationDocument,
    ApplicationStatus,
    ApplicationStep,
    RejectionReason,
)
from consult.audit.service import record
from consult.database import locked
from consult.errors import InvalidEntry, NotAllowed, NotFound, TransitionNotAllowed, WindowClosed
from consult.events.models import Event
from consult.extensions import db
from consult.files.service import store_document
from consult.organisations.models import Organisation
from consult.organisations.policy import is_focal_point
from consult.questions import service as questions
from consult.questions.models import QuestionSet
from consult.reference.stakeholders import ApplicationSection
from consult.transitions import move

DOCUMENTS = 10
WORDS = 400
NEEDED = {ApplicationSection.PURPOSE, ApplicationSection.PROGRAMMES, ApplicationSection.AGENDA}


def prepare(event: Event) -> AccreditationProcess:
    """Give a new event its process, with the sections of ECOSOC resolution 1996/31 as its questions."""
    with force_locale("en"):
        entries = [
            questions.Entry(text=str(section.label), word_limit=WORDS, is_required=section in NEEDED)
            for section in ApplicationSection
        ]
    process = AccreditationProcess(event=event, question_set=questions.replace(QuestionSet(questions=[]), entries))
    db.session.add(process)
    db.session.flush()
    return process


def begin(event: Event, organisation: Organisation, *, by: User, at: datetime) -> Application:
    """Start an application, filled with the profile and with what was answered last time.

    One that was begun before is gone on with; one that was withdrawn is taken up again.

    Raises:
        WindowClosed: accreditation is not open.
        NotAllowed: the person does not act for this organisation.
    """
    locked(event)
    if not is_focal_point(by, organisation.id):
        raise NotAllowed(_("You do not act for this organisation."))
    _need_open(event, at)
    if application := queries.application_of(event, organisation):
        locked(application)
        if application.status is ApplicationStatus.WITHDRAWN:
            move(application, ApplicationStatus.DRAFT)
            application.submitted_at = None  # a draft again, which nobody else sees
            record("application.taken_up", about=f"application:{application.ref}", by=by, scope=event.scope)
        return application
    earlier = queries.latest_answers(organisation)
    answers = {question.ref: earlier.get(question.text, "") for question in queries.questions_of(event.id)}
    first = next(iter(answers), None)
    if first and not answers[first]:
        answers[first] = organisation.description
    application = Application(
        event=event, organisation=organisation, answers=answers, saved_at=at, documents=[], steps=[],
        status=ApplicationStatus.DRAFT,
    )  # fmt: skip
    db.session.add(application)
    db.session.flush()
    record("application.begun", about=f"application:{application.ref}", by=by, scope=event.scope)
    return application


def save(application: Application, answers: Mapping[str, str], *, by: User, at: datetime) -> Application:
    """Keep what has been written so far, finished or not.

    Raises:
        TransitionNotAllowed: the secretariat has it now.
    """
    _need_applicant(application)
    application.answers = {**application.answers, **answers}
    application.saved_at = at
    record("application.saved", about=f"application:{application.ref}", by=by, scope=application.event.scope)
    return application


def add_document(application: Application, stream: BinaryIO, *, name: str, by: User) -> ApplicationDocument:
    """Add a document.

    Raises:
        InvalidEntry: it is not a document, too large, or one too many.
        TransitionNotAllowed: the secretariat has the application now.
    """
    _need_applicant(application)
    if len(application.documents) >= DOCUMENTS:
        message = _("An application has at most %(number)s documents. Remove one first.", number=DOCUMENTS)
        raise InvalidEntry(message, field="document")
    document = ApplicationDocument(file=store_document(stream, name=name, field="document"))
    application.documents.append(document)
    db.session.flush()
    record("application.document_added", about=f"application:{application.ref}", by=by, scope=application.event.scope)
    return document


def remove_document(application: Application, ref: str, *, by: User) -> None:
    """Take the document of this reference out of an application that is with the applicant.

    Raises:
        NotFound: the application has no such document.
        TransitionNotAllowed: the secretariat has the application now.
    """
    _need_applicant(application)
    document = next((each for each in application.documents if each.ref == ref), None)
    if document is None:
        raise NotFound(_("There is no such document."))
    record("application.document_removed", about=f"application:{application.ref}", by=by, scope=application.event.scope)
    application.documents.remove(document)
    db.session.delete(document)
    db.session.flush()


def submit(application: Application, *, by: User, at: datetime) -> Application:
    """Send the application, or the answer to a request, to the secretariat.

    A request for information can be answered after the window has closed.

    Raises:
        InvalidEntry: an answer is missing or too long.
        WindowClosed: accreditation is over, and this is not the answer to a request.
        TransitionNotAllowed: it was sent already.
    """
    locked(application)
    if application.status is not ApplicationStatus.INFORMATION_REQUESTED:
        _need_open(application.event, at)
    questions.check(queries.questions_of(application.event_id), application.answers)
    move(application, ApplicationStatus.SUBMITTED)
    application.submitted_at = at
    _step(application, by=by, action="application.submitted", at=at)
    return application


def withdraw(application: Application, *, by: User, at: datetime) -> Application:
    """Take the application back."""
    locked(application)
    move(application, ApplicationStatus.WITHDRAWN)
    _step(application, by=by, action="application.withdrawn", at=at, tell=False)
    return application


def request_information(application: Application, *, message: str, by: User, at: datetime) -> Application:
    """Ask the applicant for something; the application goes back to them.

    Raises:
        TransitionNotAllowed: it was decided meanwhile.
    """
    _decide(application, ApplicationStatus.INFORMATION_REQUESTED)
    _step(application, by=by, action="application.information_requested", at=at, message=message)
    return application


def approve(application: Application, *, message: str = "", by: User, at: datetime) -> Application:
    """Accredit the organisation to the event.

    Raises:
        TransitionNotAllowed: it was decided meanwhile; the message says by whom.
    """
    _decide(application, ApplicationStatus.APPROVED)
    application.decided_at, application.decided_by = at, by
    _step(application, by=by, action="application.approved", at=at, message=message)
    return application


def reject(application: Application, *, reason: RejectionReason, message: str, by: User, at: datetime) -> Application:
    """Say no, with a reason and in words the applicant reads.

    Raises:
        InvalidEntry: the words are missing.
        TransitionNotAllowed: it was decided meanwhile; the message says by whom.
    """
    if not message.strip():
        raise InvalidEntry(_("Explain the decision in a sentence or two. The applicant reads it."), field="message")
    _decide(application, ApplicationStatus.REJECTED)
    application.decided_at, application.decided_by, application.reason = at, by, reason
    _step(application, by=by, action="application.rejected", at=at, message=message, reason=str(reason.label))
    return application


def _decide(application: Application, status: ApplicationStatus) -> None:
    locked(application)
    if application.decided_at is not None:
        decider = db.session.get(User, application.decided_by_id)
        raise TransitionNotAllowed(
            _(
                "%(name)s has decided this meanwhile: %(status)s.",
                name=decider.name if decider else _("Somebody"),
                status=application.status.label,
            )
        )
    move(application, status)


def _step(
    application: Application,
    *,
    by: User,
    action: str,
    at: datetime,
    message: str = "",
    reason: str = "",
    tell: bool = True,
) -> None:
    application.steps.append(ApplicationStep(at=at, status=application.status, message=message))
    db.session.flush()
    record(action, about=f"application:{application.ref}", by=by, scope=application.event.scope)
    if tell:
        mails.tell_step(application, message=message, reason=reason)


def _need_open(event: Event, at: datetime) -> None:
    if not event.is_live or not event.accreditation_window.is_open(at):
        raise WindowClosed(_("Accreditation for this event is not open now. What you wrote is kept."))


def _need_applicant(application: Application) -> None:
    locked(application)
    if not application.is_with_applicant:
        raise TransitionNotAllowed(_("The secretariat has this application now; it cannot be changed."))
