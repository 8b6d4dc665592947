"""What is done with calls for written input and with submissions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from consult.accounts.models import User
from consult.audit.service import record
from consult.database import locked
from consult.errors import AlreadySo, InvalidEntry, NotAllowed, TransitionNotAllowed, WindowClosed
from consult.events.models import Event
from consult.extensions import db
from consult.inputs import mails, policy, queries
from consult.inputs.models import Call, Submission, SubmissionStatus, SubmissionVersion
from consult.organisations.models import Organisation
from consult.organisations.policy import is_focal_point
from consult.questions import service as questions
from consult.questions.models import QuestionSet
from consult.questions.service import Entry as Question
from consult.transitions import move


@dataclass(frozen=True, kw_only=True)
class CallEntry:
    """A call as it is described; `closes_at` is an instant, None for the event's own deadline."""

    title: str
    introduction: str = ""
    closes_at: datetime | None = None
    questions: Sequence[Question] = ()


def create_call(event: Event, entry: CallEntry, *, by: User) -> Call:
    """Put questions to participants.

    Raises:
        InvalidEntry: there is no question.
    """
    call = Call(event=event, question_set=QuestionSet(questions=[]))
    return _describe(call, entry, by=by, action="call.created")


def edit_call(call: Call, entry: CallEntry, *, by: User) -> Call:
    """Change a call. Once somebody has written, questions can be reworded and added, not removed.

    Raises:
        InvalidEntry: there is no question, or one that may have been answered would go.
    """
    kept = {question.ref for question in entry.questions}
    goes = [question for question in call.question_set.questions if question.ref not in kept]
    if goes and queries.is_answered(call):
        message = _("People have begun to write, so no question can be removed. You can reword it.")
        raise InvalidEntry(message, field="questions")
    return _describe(call, entry, by=by, action="call.changed")


def _describe(call: Call, entry: CallEntry, *, by: User, action: str) -> Call:
    if not entry.questions:
        raise InvalidEntry(_("Ask at least one question."), field="questions")
    call.title, call.introduction, call.closes_at = entry.title, entry.introduction, entry.closes_at
    questions.replace(call.question_set, entry.questions)
    db.session.add(call)
    db.session.flush()
    record(action, about=f"call:{call.ref}", by=by, scope=call.event.scope, detail=entry.title)
    return call


def begin(call: Call, *, organisation: Organisation | None, by: User, at: datetime) -> Submission:
    """Start writing to a call, for an organisation or for oneself; a draft that was begun is gone on with.

    Raises:
        WindowClosed: the call is not open.
        NotAllowed: the person does not act for this organisation.
    """
    locked(call)
    if organisation and not is_focal_point(by, organisation.id):
        raise NotAllowed(_("You do not act for this organisation."))
    _need_open(call, at)
    if draft := queries.draft_of(by, call, organisation.id if organisation else None):
        return draft
    submission = Submission(
        call=call,
        author=by,
        organisation=organisation,
        saved_at=at,
        answers={},
        versions=[],
        status=SubmissionStatus.DRAFT,
    )
    db.session.add(submission)
    db.session.flush()
    record("submission.begun", about=f"submission:{submission.ref}", by=by, scope=call.event.scope)
    return submission


def save(submission: Submission, answers: Mapping[str, str], *, by: User, at: datetime) -> Submission:
    """Keep what has been written so far; what was sent before stays as it is.

    Raises:
        NotAllowed: the person is not an author, or acts for the organisation no longer.
        WindowClosed: the deadline has passed.
    """
    locked(submission)
    _need_author(submission, by)
    _need_alive(submission)
    _need_open(submission.call, at)
    submission.answers, submission.saved_at = dict(answers), at
    record("submission.saved", about=f"submission:{submission.ref}", by=by, scope=submission.call.event.scope)
    return submission


def submit(submission: Submission, answers: Mapping[str, str], *, by: User, at: datetime) -> Submission:
    """Send it, or send it again amended: a new version, with a receipt by mail. Earlier versions are kept.

    Raises:
        NotAllowed: the person is not an author, or acts for the organisation no longer.
        WindowClosed: the deadline has passed.
        InvalidEntry: an answer is missing or too long.
        AlreadySo: it was sent, and nothing has changed since.
    """
    locked(submission)
    _need_author(submission, by)
    _need_alive(submission)
    _need_open(submission.call, at)
    questions.check(submission.call.question_set.questions, answers)
    if submission.versions and submission.versions[-1].answers == dict(answers):
        raise AlreadySo(_("We have this already: nothing has changed since you last sent it."))
    move(submission, SubmissionStatus.SUBMITTED)
    submission.answers, submission.saved_at, submission.submitted_at = dict(answers), at, at
    version = SubmissionVersion(number=len(submission.versions) + 1, submitted_at=at, answers=dict(answers))
    submission.versions.append(version)
    db.session.flush()
    event = submission.call.event
    about = f"submission:{submission.ref}"
    record("submission.sent", about=about, by=by, scope=event.scope, detail=f"version {version.number}")
    mails.send_receipt(submission, by=by)
    return submission


def withdraw(submission: Submission, *, by: User, at: datetime) -> Submission:
    """Take a submission back, until the deadline. It no longer counts, and the secretariat no longer reads it.

    Raises:
        NotAllowed: the person is not an author, or acts for the organisation no longer.
        WindowClosed: the deadline has passed.
        TransitionNotAllowed: it was withdrawn already.
    """
    locked(submission)
    _need_author(submission, by)
    _need_open(submission.call, at)
    move(submission, SubmissionStatus.WITHDRAWN)
    db.session.flush()
    record("submission.withdrawn", about=f"submission:{submission.ref}", by=by, scope=submission.call.event.scope)
    if submission.submitted_at:
        mails.send_receipt(submission, by=by)
    return submission


def _need_author(submission: Submission, person: User) -> None:
    if not policy.is_author(person, submission):
        raise NotAllowed(_("You do not act for this organisation."))


def _need_alive(submission: Submission) -> None:
    if submission.status is SubmissionStatus.WITHDRAWN:
        raise TransitionNotAllowed(_("This was withdrawn. Begin a new one if you want to write again."))


def _need_open(call: Call, at: datetime) -> None:
    if not call.event.is_live or not call.window.is_open(at):
        raise WindowClosed(
            _(
                "This call is not open now, so nothing can be sent. What you typed is still on this page: copy it, "
                "and write to the secretariat if it matters."
            )
        )
