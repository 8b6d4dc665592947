"""Follow-up forms: made by the secretariat, sent by the worker, answered by confirmed participants."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from consult.accounts.models import User
from consult.audit.service import record
from consult.database import after_commit, locked
from consult.errors import InvalidEntry, TransitionNotAllowed, WindowClosed
from consult.events.models import Event
from consult.extensions import celery, db
from consult.questions import service as questions
from consult.questions.models import QuestionSet
from consult.registration import mails, queries
from consult.registration.models import FollowUp, FollowUpAnswer, FollowUpStatus, Registration, RegistrationStatus
from consult.transitions import move


@dataclass(frozen=True, kw_only=True)
class FollowUpEntry:
    """A follow-up form as it is described; `closes_at` carries a zone."""

    title: str
    introduction: str = ""
    closes_at: datetime
    questions: Sequence[questions.Entry]


def create(event: Event, entry: FollowUpEntry, *, by: User) -> FollowUp:
    """Begin a form; nobody gets it yet.

    Raises:
        InvalidEntry: it asks nothing.
    """
    follow_up = FollowUp(event=event, question_set=QuestionSet(questions=[]), status=FollowUpStatus.DRAFT)
    return _describe(follow_up, entry, by=by, action="follow_up.created")


def edit(follow_up: FollowUp, entry: FollowUpEntry, *, by: User) -> FollowUp:
    """Change a form that was not sent.

    Raises:
        TransitionNotAllowed: it was sent.
        InvalidEntry: it asks nothing.
    """
    locked(follow_up)
    if follow_up.status is not FollowUpStatus.DRAFT:
        raise TransitionNotAllowed(_("This form was sent, so it stays as it is. Make another one."))
    return _describe(follow_up, entry, by=by, action="follow_up.changed")


def _describe(follow_up: FollowUp, entry: FollowUpEntry, *, by: User, action: str) -> FollowUp:
    if not entry.questions:
        raise InvalidEntry(_("Ask at least one question."), field="questions")
    follow_up.title, follow_up.introduction, follow_up.closes_at = entry.title, entry.introduction, entry.closes_at
    questions.replace(follow_up.question_set, entry.questions)
    db.session.add(follow_up)
    db.session.flush()
    record(action, about=f"follow_up:{follow_up.ref}", by=by, scope=follow_up.event.scope, detail=entry.title)
    return follow_up


def send(follow_up: FollowUp, *, by: User, at: datetime) -> FollowUp:
    """Write to everybody whose place is confirmed; the worker does it.

    Raises:
        InvalidEntry: it closes before anybody could answer.
        TransitionNotAllowed: it was sent already.
    """
    locked(follow_up)
    if follow_up.closes_at <= at:
        raise InvalidEntry(_("The form closes before it is sent. Give people time to answer."))
    move(follow_up, FollowUpStatus.SENDING)
    record("follow_up.sent", about=f"follow_up:{follow_up.ref}", by=by, scope=follow_up.event.scope)
    after_commit(wake)
    return follow_up


def wake() -> None:
    """Tell a worker that a form is to be sent; without a broker, the next sweep finds it."""
    celery.send_task("worker.registration.send_follow_ups", retry=False, ignore_result=True)


def send_next(follow_up: FollowUp, *, limit: int) -> bool:
    """Write to the next `limit` people; False when everybody was written to. The mark moves with the messages."""
    people = queries.confirmed_after(follow_up.event_id, follow_up.sent_to_id, limit=limit)
    mails.send_follow_up(follow_up, people)
    if people:
        follow_up.sent_to_id = people[-1].id
    if len(people) < limit:
        move(follow_up, FollowUpStatus.SENT)
        return False
    return True


def answer(
    follow_up: FollowUp, registration: Registration, answers: Mapping[str, Any], *, at: datetime
) -> FollowUpAnswer:
    """Keep what a participant answered; a second answer takes the place of the first.

    Raises:
        WindowClosed: it is not sent yet, or closed.
        TransitionNotAllowed: the place is not confirmed.
        InvalidEntry: an answer is missing.
    """
    locked(registration)
    if follow_up.status is FollowUpStatus.DRAFT or at >= follow_up.closes_at:
        raise WindowClosed(_("This form is closed."))
    if registration.status is not RegistrationStatus.CONFIRMED or registration.event_id != follow_up.event_id:
        raise TransitionNotAllowed(_("This form is for those whose place is confirmed."))
    questions.check(follow_up.question_set.questions, answers)
    given = queries.answer_of(follow_up, registration)
    if given is None:
        given = FollowUpAnswer(follow_up=follow_up, registration=registration)
        db.session.add(given)
    given.answers, given.answered_at = dict(answers), at
    db.session.flush()
    about = f"registration:{registration.ref}"
    record("follow_up.answered", about=about, by=None, scope=registration.event.scope, detail=follow_up.ref)
    return given
