"""What applicants do: begin, save, send, answer, withdraw, and ask once for reconsideration."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO

from flask_babel import gettext as _

from consult.accounts.models import User
from consult.accreditation import queries
from consult.accreditation.models import (
    AccreditationProcess,
    Application,
    ApplicationDocument,
    ApplicationStatus,
    ProfilePart,
    Track,
    TrackRule,
)
from consult.accreditation.service import reviews, tracks
from consult.accreditation.service.steps import took
from consult.accreditation.service.two_people import forget_recommendation, needs_two
from consult.audit.service import record
from consult.database import locked
from consult.errors import ChangedMeanwhile, InvalidEntry, NotAllowed, NotFound, TransitionNotAllowed, WindowClosed
from consult.extensions import db
from consult.files.service import discard, store_document
from consult.organisations.models import Organisation
from consult.organisations.policy import is_focal_point
from consult.questions import service as questions
from consult.questions.models import Question
from consult.transitions import move

DOCUMENTS = 10
_DOCUMENT_PARTS = {ProfilePart.CONSTITUTION, ProfilePart.ANNUAL_REPORT, ProfilePart.FINANCIAL_STATEMENT}


@dataclass(frozen=True)
class Item:
    """One line of the checklist: what is asked, whether it is there, and whose page has it: “profile” or “answers”."""

    label: str
    is_done: bool
    where: str
    message: str = ""


def begin(process: AccreditationProcess, organisation: Organisation, *, by: User, at: datetime) -> Application:
    """Start an application, filled with what was answered last time.

    One that was begun before is gone on with; one that was withdrawn is taken up again.

    Raises:
        WindowClosed: accreditation is not open.
        NotAllowed: the person does not act for this organisation.
    """
    event = process.event
    locked(event)
    if not is_focal_point(by, organisation.id):
        raise NotAllowed(_("You do not act for this organisation."))
    need_open(process, at)
    if application := queries.application_of(event.id, organisation):
        locked(application)
        if application.status is ApplicationStatus.WITHDRAWN:
            move(application, ApplicationStatus.DRAFT)
            application.submitted_at = application.waiting_since = None  # a draft again, which nobody else sees
            record("application.taken_up", about=f"application:{application.ref}", by=by, scope=event.scope)
        return application
    earlier = queries.last_answers(organisation)
    answers = {question.ref: earlier.get(question.text, "") for question in process.question_set.questions}
    application = Application(
        event=event, organisation=organisation, answers={ref: answer for ref, answer in answers.items() if answer},
        saved_at=at, documents=[], steps=[], status=ApplicationStatus.DRAFT,
        track=tracks.track_of(process, organisation),
    )  # fmt: skip
    db.session.add(application)
    db.session.flush()
    record("application.begun", about=f"application:{application.ref}", by=by, scope=event.scope)
    return application


def track_now(process: AccreditationProcess, application: Application) -> Track:
    """The way it goes: for a draft as the profile stands now, since a recognition may have been added or refused."""
    if application.status is ApplicationStatus.DRAFT:
        return tracks.track_of(process, application.organisation)
    return application.track


def asked(process: AccreditationProcess, application: Application) -> Sequence[Question]:
    """The questions this applicant is asked: none of a recognised organisation."""
    return [] if track_now(process, application) is Track.RECOGNISED else process.question_set.questions


def checklist(process: AccreditationProcess, application: Application) -> Sequence[Item]:
    """What is there and what is missing before the application can be sent. A recognised organisation is asked
    nothing but that it applies."""
    if track_now(process, application) is Track.RECOGNISED:
        return []
    organisation = application.organisation
    kinds = {document.kind.value for document in organisation.documents}
    items = []
    for part in ProfilePart:
        if part.value in process.needs:
            done = part.value in kinds if part in _DOCUMENT_PARTS else bool(getattr(organisation, part.value).strip())
            items.append(Item(str(part.label), done, "profile", "" if done else _("Add this to the profile.")))
    listed = asked(process, application)
    wrong = {question.ref: message for question, message in questions.problems(listed, application.answers)}
    for question in questions.shown(listed, application.answers):
        if question.is_required or question.ref in wrong:
            items.append(Item(question.text, question.ref not in wrong, "answers", wrong.get(question.ref, "")))
    return items


def save(
    application: Application, answers: Mapping[str, Any], *, by: User, at: datetime, seen: datetime | None = None
) -> Application:
    """Keep what has been written so far, finished or not.

    Args:
        seen: when what the writer began from was saved; another focal point's words are not overwritten unseen.

    Raises:
        TransitionNotAllowed: the secretariat has it now.
        ChangedMeanwhile: it was saved since `seen`.
    """
    _need_applicant(application)
    if seen is not None and seen != application.saved_at:
        raise ChangedMeanwhile
    application.answers = {**application.answers, **answers}
    application.saved_at = at
    record("application.saved", about=f"application:{application.ref}", by=by, scope=application.event.scope)
    return application


def add_document(
    application: Application, stream: BinaryIO, *, name: str, by: User, question: str = "", field: str = "document"
) -> ApplicationDocument:
    """Add a document, or give the answer to a question that asks for one; it takes the place of an earlier answer.

    Raises:
        InvalidEntry: it is not a document, too large, or one too many.
        TransitionNotAllowed: the secretariat has the application now.
    """
    _need_applicant(application)
    for former in [each for each in application.documents if question and each.question == question]:
        _forget_document(application, former)
    if not question and len([each for each in application.documents if not each.question]) >= DOCUMENTS:
        message = _("An application has at most %(number)s documents. Remove one first.", number=DOCUMENTS)
        raise InvalidEntry(message, field=field)
    document = ApplicationDocument(file=store_document(stream, name=name, field=field), question=question)
    application.documents.append(document)
    db.session.flush()
    if question:
        application.answers = {**application.answers, question: document.file.name}
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
    _forget_document(application, document)
    if document.question:
        application.answers = {ref: text for ref, text in application.answers.items() if ref != document.question}
    db.session.flush()


def _forget_document(application: Application, document: ApplicationDocument) -> None:
    application.documents.remove(document)
    db.session.delete(document)
    db.session.flush()
    discard(document.file)


def submit(
    application: Application, process: AccreditationProcess, *, by: User, at: datetime, message: str = ""
) -> Application:
    """Send the application, or the answer to a request, to the secretariat.

    A request for information can be answered after the window has closed. Where the process says so and one person
    is enough, an organisation whose recognition is verified is accredited at once.

    Raises:
        InvalidEntry: something on the checklist is missing.
        WindowClosed: accreditation is over, and this is not the answer to a request.
        TransitionNotAllowed: it was sent already.
    """
    locked(application)
    answers_request = application.status is ApplicationStatus.INFORMATION_REQUESTED
    if not answers_request:
        need_open(process, at)
        application.track = tracks.track_of(process, application.organisation)
    if missing := [item for item in checklist(process, application) if not item.is_done]:
        raise InvalidEntry(_("This is still missing: %(what)s.", what="; ".join(item.label for item in missing)))
    move(application, ApplicationStatus.IN_REVIEW if answers_request else ApplicationStatus.SUBMITTED)
    forget_recommendation(application)  # it was about what stood here before
    application.is_two_person = needs_two(application)
    application.waiting_since = at
    application.submitted_at = application.submitted_at or at
    application.profile = profile_of(application.organisation)
    took(application, "answered" if answers_request else "submitted", by=by, at=at, message=message, is_applicants=True)
    if not answers_request and is_accredited_at_once(process, application):
        reviews.accredit_at_once(application, at=at)
    return application


def is_accredited_at_once(process: AccreditationProcess, application: Application) -> bool:
    """Whether nobody has to look at it: its recognition is verified, the process says so, two people are not needed
    and nobody has rejected it before."""
    return (
        process.rule is TrackRule.AT_ONCE
        and tracks.is_verified(process, application.organisation)
        and not application.is_two_person
        and application.rejected_by_id is None
    )


def profile_of(organisation: Organisation) -> dict[str, Any]:
    """What an organisation says of itself today, kept with the application it sends."""
    texts = (
        "name",
        "short_name",
        "website",
        "registration_number",
        "description",
        "governing_body",
        "membership",
        "funding",
    )
    return {
        **{name: getattr(organisation, name) for name in texts},
        "country": organisation.country,
        "founding_year": organisation.founding_year,
        "countries_of_work": list(organisation.countries_of_work),
        "documents": [document.file.name for document in organisation.documents],
    }


def withdraw(application: Application, *, by: User, at: datetime) -> Application:
    """Take the application back."""
    locked(application)
    move(application, ApplicationStatus.WITHDRAWN)
    application.waiting_since = None
    took(application, "withdrawn", by=by, at=at, tell=False, is_applicants=True)
    return application


def ask_reconsideration(application: Application, *, message: str, by: User, at: datetime) -> Application:
    """Ask, once, that another officer looks at a rejection again, and say why.

    Raises:
        InvalidEntry: it is not said why.
        TransitionNotAllowed: it was not rejected, it was asked before, or the event is over.
    """
    if not message.strip():
        raise InvalidEntry(_("Say what the decision overlooked."), field="message")
    locked(application)
    if application.reconsideration_asked_at is not None:
        raise TransitionNotAllowed(_("Reconsideration can be asked once, and it was."))
    if not is_reconsiderable(application, at=at):
        raise TransitionNotAllowed(_("Reconsideration can be asked of a rejection, before the event ends."))
    move(application, ApplicationStatus.IN_REVIEW)
    application.rejected_by_id, application.officer_id = application.decided_by_id, None
    application.decided_at = application.decided_by = application.decision_seconds = application.reason = None
    forget_recommendation(application)
    application.reconsideration_asked_at = application.waiting_since = at
    took(application, "reconsideration_asked", by=by, at=at, message=message, is_applicants=True)
    return application


def is_reconsiderable(application: Application, *, at: datetime) -> bool:
    """Whether the applicant may ask now."""
    event = application.event
    is_over = event.last_day is not None and at.astimezone(event.zone).date() > event.last_day
    return (
        application.status is ApplicationStatus.REJECTED
        and application.reconsideration_asked_at is None
        and event.is_live
        and not is_over
    )


def need_open(process: AccreditationProcess, at: datetime) -> None:
    """
    Raises:
        WindowClosed: accreditation is not open now.
    """
    if not process.event.is_live or not process.window.is_open(at):
        raise WindowClosed(_("Accreditation for this event is not open now. What you wrote is kept."))


def _need_applicant(application: Application) -> None:
    locked(application)
    if not application.is_with_applicant:
        raise TransitionNotAllowed(_("The secretariat has this application now; it cannot be changed."))


def review_again(organisation: Organisation, *, former_name: str, at: datetime) -> None:
    """What was accredited is the organisation of the former name and country: what is ahead goes back to the officers.
    What is over stays as it was decided."""
    message = _(
        "The name or the country of the organisation was changed. It was accredited as “%(name)s”. "
        "An officer looks at it again; until then nobody can be registered as accredited.",
        name=former_name,
    )
    for application in queries.accreditations_ahead(organisation, today=at.date()):
        locked(application)
        move(application, ApplicationStatus.IN_REVIEW)
        application.decided_at = application.decided_by = application.decision_seconds = None
        application.waiting_since = at
        forget_recommendation(application)
        took(application, "renamed", by=None, at=at, message=message, tell=False)
