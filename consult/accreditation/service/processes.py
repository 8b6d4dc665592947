"""Say what a process asks, whom it serves, and for which reasons it says no."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import exists, select
from sqlalchemy.exc import IntegrityError

from consult.accounts.models import User
from consult.accreditation import queries
from consult.accreditation.models import (
    AccreditationProcess,
    Application,
    Criterion,
    ProfilePart,
    Reason,
    ReasonKind,
    ServedEvent,
    TrackRule,
)
from consult.audit.service import record
from consult.database import locked
from consult.errors import InvalidEntry
from consult.events.models import Event
from consult.events.policy import can_manage
from consult.extensions import db
from consult.questions import service as questions
from consult.questions.models import QuestionSet
from consult.questions.service import Entry as Question
from consult.reference.stakeholders import ApplicationSection, Recognition

WORDS = 400
# what the profile does not say already
ASKED = {ApplicationSection.PROGRAMMES: True, ApplicationSection.LEVEL: False, ApplicationSection.AGENDA: True}
NEEDED = [ProfilePart.DESCRIPTION, ProfilePart.GOVERNING_BODY, ProfilePart.MEMBERSHIP, ProfilePart.FUNDING,
          ProfilePart.CONSTITUTION]  # fmt: skip
CRITERIA = (
    "The purpose of the organisation bears on the subject of the event",
    "The organisation exists as described: website, registration, references",
    "Its governing body and sources of funding are stated",
)
REASONS = {
    ReasonKind.REQUEST: (
        "A document is missing or cannot be read", "An answer is unclear", "Please name your sources of funding",
    ),
    ReasonKind.REJECTION: (
        "The organisation's work does not bear on the subject of the event",
        "What was asked for was not provided",
        "The organisation could not be shown to exist as described",
        "The event has no room for more organisations of this kind",
        "Another reason, explained in the message",
    ),
    ReasonKind.REVOCATION: (
        "What the application said turned out not to be so", "The rules of the meeting were broken",
    ),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ProcessEntry:
    """A process as it is described. Instants; an empty window means that no applications are taken."""

    opens_at: datetime | None = None
    closes_at: datetime | None = None
    rule: TrackRule = TrackRule.AFTER_VERIFICATION
    recognitions: Sequence[Recognition] = tuple(Recognition)
    needs: Sequence[ProfilePart] = tuple(NEEDED)
    is_two_person: bool = False
    promised_days: int = 20
    criteria: Sequence[str] = ()
    questions: Sequence[Question] = ()
    serves: Sequence[Event] = ()


def prepare(event: Event) -> AccreditationProcess:
    """Give a new event its process: what ECOSOC resolution 1996/31 asks and the profile does not say already."""
    with force_locale("en"):
        entries = [
            Question(text=str(section.label), word_limit=WORDS, is_required=is_required)
            for section, is_required in ASKED.items()
        ]
    process = AccreditationProcess(
        event=event,
        question_set=questions.replace(QuestionSet(questions=[]), entries),
        needs=[part.value for part in NEEDED],
        criteria=[Criterion(position=place, text=text) for place, text in enumerate(CRITERIA, 1)],
        served=[],
    )
    db.session.add(process)
    db.session.flush()
    offer_reasons()
    return process


def offer_reasons() -> None:
    """A first list of reasons, where there is none yet."""
    if db.session.scalar(select(Reason.id).limit(1)) is None:
        db.session.add_all(Reason(kind=kind, text=text) for kind, texts in REASONS.items() for text in texts)
        db.session.flush()


def configure(process: AccreditationProcess, entry: ProcessEntry, *, by: User) -> AccreditationProcess:
    """Describe a process anew. Once somebody has applied, questions can be reworded and added, not removed.

    Raises:
        InvalidEntry: the window is upside down, a question that may have been answered would go, or an event
            cannot be served, or not by this person.
    """
    locked(process)
    if entry.opens_at and entry.closes_at and entry.opens_at >= entry.closes_at:
        raise InvalidEntry(_("This must be later than the opening."), field="closes_at")
    kept = {question.ref for question in entry.questions}
    goes = [question for question in process.question_set.questions if question.ref not in kept]
    if goes and db.session.scalar(select(exists().where(Application.event_id == process.event_id))):
        message = _("Organisations have begun to apply, so no question can be removed. You can reword it.")
        raise InvalidEntry(message, field="questions")
    process.opens_at, process.closes_at, process.rule = entry.opens_at, entry.closes_at, entry.rule
    process.recognitions = [kind.value for kind in entry.recognitions]
    process.needs = [part.value for part in entry.needs]
    process.is_two_person, process.promised_days = entry.is_two_person, entry.promised_days
    questions.replace(process.question_set, entry.questions)
    known = {criterion.text: criterion for criterion in process.criteria}
    process.criteria[:] = [known.get(text) or Criterion(text=text) for text in dict.fromkeys(entry.criteria)]
    for place, criterion in enumerate(process.criteria, 1):
        criterion.position = place
    _serve(process, entry.serves, by=by)
    record("accreditation.configured", about=f"event:{process.event.ref}", by=by, scope=process.event.scope)
    db.session.flush()
    return process


def _serve(process: AccreditationProcess, events: Sequence[Event], *, by: User) -> None:
    """Whoever serves an event decides who is accredited to it, so only its managers say so, and only they end it."""
    known = {served.event_id: served for served in process.served}
    chosen = {served.event_id: served.event for served in process.served if not can_manage(by, served.event)}
    could = {event.id for event in queries.events_to_serve(process, by)}
    for event in events:
        if event.id not in known and not can_manage(by, event):
            raise InvalidEntry(_("Choose only events that you manage."), field="serves")
        if event.id not in known and event.id not in could:
            raise InvalidEntry(_("“%(title)s” has applications of its own.", title=event.title), field="serves")
        chosen[event.id] = event
    for event in [each for number, each in chosen.items() if number not in known]:
        _record_serving("accreditation.served", process.event, event, by=by)
    for event in [served.event for number, served in known.items() if number not in chosen]:
        _record_serving("accreditation.serving_ended", process.event, event, by=by)
    process.served[:] = [known.get(number) or ServedEvent(event=event) for number, event in chosen.items()]


def _record_serving(action: str, home: Event, event: Event, *, by: User) -> None:
    """In the record of both; by reference, as the team of one may not know the title of the other's draft."""
    for scope, other in ((home.scope, event.scope), (event.scope, home.scope)):
        record(action, about=event.scope, by=by, scope=scope, detail=other)


def add_reason(*, kind: ReasonKind, text: str, by: User) -> Reason:
    """Put a reason on the list; one that was taken off comes back.

    Raises:
        InvalidEntry: it is there already.
    """
    known = db.session.scalar(select(Reason).where(Reason.kind == kind, Reason.text == text))
    if known and known.is_active:
        raise InvalidEntry(_("This reason is on the list already."), field="text")
    reason = known or Reason(kind=kind, text=text)
    reason.is_active = True
    try:
        with db.session.begin_nested():
            db.session.add(reason)
    except IntegrityError as error:
        raise InvalidEntry(_("This reason is on the list already."), field="text") from error
    record("reason.added", about=f"reason:{reason.ref}", by=by, detail=text)
    return reason


def retire_reason(reason: Reason, *, by: User) -> Reason:
    """Take a reason off the list; where it was given, it stays."""
    reason.is_active = False
    record("reason.retired", about=f"reason:{reason.ref}", by=by, detail=reason.text)
    return reason
