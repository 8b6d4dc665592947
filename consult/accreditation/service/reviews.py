"""What officers do: take up, note, ask, recommend, decide, revoke."""

from collections.abc import Sequence
from datetime import datetime

from flask_babel import gettext as _

from consult.accounts.models import User
from consult.accreditation import queries
from consult.accreditation.models import (
    AccreditationProcess,
    Application,
    ApplicationStatus,
    CriterionCheck,
    Reason,
    ReviewNote,
    Track,
    Verdict,
)
from consult.accreditation.service import tracks
from consult.accreditation.service.steps import took
from consult.accreditation.service.two_people import (
    forget_recommendation,
    has_rejected,
    is_second,
    need_other_officer,
)
from consult.audit.service import record
from consult.database import locked
from consult.errors import AlreadySo, InvalidEntry, TransitionNotAllowed
from consult.events.models import Event
from consult.extensions import db
from consult.letters import service as letters
from consult.letters.models import LetterKind
from consult.organisations.models import RecognitionHeld
from consult.organisations.service import recognitions
from consult.transitions import move

S = ApplicationStatus


def take(application: Application, *, by: User, at: datetime) -> Application:
    """Begin the review oneself.

    Raises:
        TransitionNotAllowed: it is not the officers' turn.
    """
    return assign(application, by, by=by, at=at)


def assign(application: Application, officer: User | None, *, by: User, at: datetime) -> Application:
    """Give an application to an officer (None: to nobody); its review has begun then.

    Raises:
        TransitionNotAllowed: it was decided or withdrawn meanwhile.
        NotAllowed: who rejected it, or recommended that, is not to reconsider it.
    """
    locked(application)
    _need_undecided(application, by)
    if officer:
        need_other_officer(application, officer)
    application.officer = officer
    application.officer_id = officer.id if officer else None
    if officer and application.status is S.SUBMITTED:
        move(application, S.IN_REVIEW)
        took(application, "taken_up", by=by, at=at, tell=False)
    record(
        "application.assigned", about=f"application:{application.ref}", by=by, scope=application.event.scope,
        detail=officer.name if officer else "",
    )  # fmt: skip
    db.session.flush()
    return application


def share_out(event: Event, *, by: User, at: datetime) -> int:
    """Give what has no officer to the event's officers in turn, beginning with who has least; returns how many.

    Raises:
        InvalidEntry: the event has no accreditation officer.
    """
    locked(event)
    officers = queries.officers_of(event)
    if not officers:
        raise InvalidEntry(_("The team has no accreditation officer yet. Add one on the page of the team."))
    load = dict.fromkeys((officer.id for officer in officers), 0) | {
        number: waiting for number, waiting in queries.open_by_officer(event).items() if number is not None
    }
    given = 0
    for application in queries.unassigned(event):
        willing = [officer for officer in officers if not has_rejected(application, officer)]
        if willing:
            officer = min(willing, key=lambda each: load[each.id])
            assign(application, officer, by=by, at=at)
            load[officer.id] += 1
            given += 1
    record("application.shared_out", about=f"event:{event.ref}", by=by, scope=event.scope, detail=str(given))
    return given


def add_note(application: Application, *, text: str, by: User, at: datetime) -> ReviewNote:
    """Tell the other officers something; applicants never see it."""
    note = ReviewNote(application_id=application.id, author=by, at=at, text=text)
    db.session.add(note)
    db.session.flush()
    record("application.noted", about=f"application:{application.ref}", by=by, scope=application.event.scope)
    return note


def check_criteria(
    application: Application, verdicts: dict[int, Verdict], *, by: User, at: datetime
) -> Sequence[CriterionCheck]:
    """Say of each criterion, by its number, whether it is met.

    Raises:
        NotAllowed: who rejected the application does not act on it again.
    """
    locked(application)
    need_other_officer(application, by)
    known = queries.checks_of(application)
    for criterion, verdict in verdicts.items():
        check = known.get(criterion)
        if check is None:
            check = CriterionCheck(application_id=application.id, criterion_id=criterion)
            db.session.add(check)
        elif check.verdict is verdict:
            continue
        check.verdict, check.by, check.at = verdict, by, at
    db.session.flush()
    record("application.checked", about=f"application:{application.ref}", by=by, scope=application.event.scope)
    return list(queries.checks_of(application).values())


def verify_recognition(application: Application, held: RecognitionHeld, *, by: User) -> RecognitionHeld:
    """The secretariat has seen that the organisation holds it.

    Raises:
        NotAllowed: who rejected the application does not act on it again.
    """
    need_other_officer(application, by)
    held.organisation = application.organisation
    about, scope = f"application:{application.ref}", application.event.scope
    record("application.recognition_verified", about=about, by=by, scope=scope, detail=held.kind)
    return recognitions.verify(held, by=by)


def refuse_recognition(
    application: Application,
    process: AccreditationProcess,
    held: RecognitionHeld,
    *,
    message: str,
    by: User,
    at: datetime,
) -> Application:
    """The recognition could not be verified. With none left that counts, the organisation is asked to complete an
    application for special accreditation.

    Raises:
        InvalidEntry: the words are missing.
        TransitionNotAllowed: the application was decided meanwhile.
        NotAllowed: who rejected the application does not act on it again.
    """
    locked(application)
    _need_undecided(application, by)
    need_other_officer(application, by)
    held.organisation = application.organisation
    recognitions.refuse(held, message=message, by=by)
    if tracks.track_of(process, application.organisation) is Track.SPECIAL:
        _take_up(application, by=by)
        application.track = Track.SPECIAL
        move(application, S.INFORMATION_REQUESTED)
        application.waiting_since = None
        took(application, "sent_to_special", by=by, at=at, message=message)
    return application


def request_information(
    application: Application, *, reason: Reason, message: str, by: User, at: datetime
) -> Application:
    """Ask the applicant for something; the application goes back to them.

    Raises:
        InvalidEntry: the words are missing.
        TransitionNotAllowed: it was decided meanwhile; the message says by whom and how.
        NotAllowed: who rejected the application does not act on it again.
    """
    _need_words(message, _("Say what you need from the applicant."))
    locked(application)
    _need_undecided(application, by)
    need_other_officer(application, by)
    _take_up(application, by=by)
    move(application, S.INFORMATION_REQUESTED)
    application.waiting_since = None
    took(application, "information_requested", by=by, at=at, message=message, reason=reason)
    return application


def approve(
    application: Application, process: AccreditationProcess, *, message: str = "", by: User, at: datetime
) -> Application:
    """Accredit the organisation; where two are needed, the first only recommends it.

    Raises:
        TransitionNotAllowed: it was decided meanwhile (the message says by whom and how), or no recognition of a
            recognised organisation is verified.
        NotAllowed: who rejected it is not to reconsider it.
    """
    locked(application)
    _need_undecided(application, by)
    need_other_officer(application, by)
    if application.track is Track.RECOGNISED and not tracks.is_verified(process, application.organisation):
        raise TransitionNotAllowed(_("The secretariat has to verify the recognition first. Write to it if this waits."))
    if not is_second(application, S.APPROVED, by):
        return _recommend(application, S.APPROVED, reason=None, message=message, by=by)
    words = approval_message(application, message)
    _take_up(application, by=by)
    _decide(application, S.APPROVED, by=by, at=at)
    took(application, "approved", by=by, at=at, message=words)
    return application


def approval_message(application: Application, message: str) -> str:
    """What the applicant reads: the message of whoever decides, or else of whoever recommended the approval."""
    return message or (application.recommended_message if application.recommended is S.APPROVED else "")


def accredit_at_once(application: Application, *, at: datetime) -> Application:
    """A verified recognition is enough: nobody has to look at it again."""
    move(application, S.IN_REVIEW)
    _decide(application, S.APPROVED, by=None, at=at)
    took(application, "approved", by=None, at=at)
    return application


def approve_unopposed(application: Application, *, by: User, at: datetime) -> Application:
    """Nobody objected while it was circulated by this person. Where two are needed, and nobody else has recommended
    it before, that is a recommendation; it goes back to its officer, and another decides."""
    if is_second(application, S.APPROVED, by):
        _decide(application, S.APPROVED, by=None, at=at)
        took(application, "approved", by=None, at=at)
        return application
    move(application, S.IN_REVIEW)
    application.waiting_since = at
    took(application, "unopposed", by=None, at=at, tell=False)
    return _recommend(application, S.APPROVED, reason=None, message="", by=by)


def reject(
    application: Application, _process: AccreditationProcess, *, reason: Reason, message: str, by: User, at: datetime
) -> Application:
    """Say no, with a reason and in words the applicant reads; where two are needed, the first only recommends it.

    Raises:
        InvalidEntry: the words are missing.
        TransitionNotAllowed: it was decided meanwhile; the message says by whom and how.
        NotAllowed: who rejected it is not to reconsider it.
    """
    _need_words(message, _("Explain the decision in a sentence or two. The applicant reads it."))
    locked(application)
    _need_undecided(application, by)
    need_other_officer(application, by)
    if not is_second(application, S.REJECTED, by):
        return _recommend(application, S.REJECTED, reason=reason, message=message, by=by)
    _take_up(application, by=by)
    if application.recommended is S.REJECTED and application.recommended_by_id != by.id:
        application.rejection_recommended_by_id = application.recommended_by_id
    _decide(application, S.REJECTED, by=by, at=at)
    application.reason = reason
    took(application, "rejected", by=by, at=at, message=message, reason=reason)
    return application


def revoke(application: Application, *, reason: Reason, message: str, by: User, at: datetime) -> Application:
    """Take an accreditation back; a new letter says so, the old one is void. Registrations stay, for the team.

    Where two are needed, the first only proposes it: nothing changes and nobody is told until another confirms.

    Raises:
        InvalidEntry: the words are missing.
        TransitionNotAllowed: it is not approved.
    """
    _need_words(message, _("Explain the decision in a sentence or two. The applicant reads it."))
    locked(application)
    if application.status is S.APPROVED and not is_second(application, S.REVOKED, by):
        return _recommend(application, S.REVOKED, reason=reason, message=message, by=by)
    move(application, S.REVOKED)
    application.reason = reason
    forget_recommendation(application)
    took(application, "revoked", by=by, at=at, message=message, reason=reason)
    _issue_letter(application, by=by, at=at)
    return application


def keep_accreditation(application: Application, *, by: User) -> Application:
    """Turn down a proposal to revoke.

    Raises:
        TransitionNotAllowed: nobody proposes it, or it was revoked meanwhile.
    """
    locked(application)
    if application.status is not S.APPROVED or application.recommended is not S.REVOKED:
        raise TransitionNotAllowed(_("Nobody proposes to revoke this accreditation now. Look at it again."))
    forget_recommendation(application)
    record("application.kept", about=f"application:{application.ref}", by=by, scope=application.event.scope)
    db.session.flush()
    return application


def _recommend(
    application: Application, outcome: ApplicationStatus, *, reason: Reason | None, message: str, by: User
) -> Application:
    _take_up(application, by=by)
    application.recommended, application.recommended_message = outcome, message
    application.recommended_by, application.recommended_by_id = by, by.id
    application.recommended_reason = reason
    about = f"application:{application.ref}"
    record("application.recommended", about=about, by=by, scope=application.event.scope, detail=outcome)
    db.session.flush()
    return application


def _decide(application: Application, status: ApplicationStatus, *, by: User | None, at: datetime) -> None:
    move(application, status)
    application.decided_at, application.decided_by, application.waiting_since = at, by, None
    application.decided_by_id = by.id if by else None
    application.decision_seconds = int((at - (application.submitted_at or at)).total_seconds())
    application.reason = None
    forget_recommendation(application)
    _issue_letter(application, by=by, at=at)


def issue_letter_again(application: Application, *, by: User, at: datetime) -> None:
    """A new letter about the decision, for the organisation under the name it has now.

    Raises:
        TransitionNotAllowed: nothing is decided.
    """
    locked(application)
    if application.status not in {S.APPROVED, S.REJECTED, S.REVOKED}:
        raise TransitionNotAllowed(_("There is a letter once the application is decided."))
    _issue_letter(application, by=by, at=at)


def end_letter(application: Application, *, at: datetime) -> None:
    """The organisation is called something else now, so the letter is checked as “not valid”."""
    letters.end(f"application:{application.ref}", kind=LetterKind.DECISION, at=at)


def _issue_letter(application: Application, *, by: User | None, at: datetime) -> None:
    event = application.event
    days = [day for day in (event.first_day, event.last_day) if day]
    letters.issue(
        LetterKind.DECISION, about=f"application:{application.ref}", name=application.organisation.name,
        event_title=event.title, days=days, scope=event.scope, by=by, at=at,
    )  # fmt: skip


def _take_up(application: Application, *, by: User) -> None:
    """Whoever acts on what nobody has begun to review, begins it."""
    if application.status is S.SUBMITTED:
        move(application, S.IN_REVIEW)
    if application.officer_id is None:
        application.officer, application.officer_id = by, by.id


def _need_undecided(application: Application, by: User) -> None:
    if application.decided_at is None:
        if application.status not in {S.SUBMITTED, S.IN_REVIEW}:
            raise TransitionNotAllowed(
                _(
                    "This is “%(status)s” now, and not with the officers. Look at it again.",
                    status=application.status.label,
                )
            )
        return
    if application.decided_by_id == by.id:
        raise AlreadySo(_("You have decided this already: %(status)s.", status=application.status.label))
    decider = db.session.get(User, application.decided_by_id) if application.decided_by_id else None
    raise TransitionNotAllowed(
        _(
            "%(name)s has decided this meanwhile: %(status)s.",
            name=decider.name if decider else _("The system"),
            status=application.status.label,
        )
    )


def _need_words(message: str, refusal: str) -> None:
    if not message.strip():
        raise InvalidEntry(refusal, field="message")
