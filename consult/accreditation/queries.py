"""Reads about applications."""

from collections.abc import Iterator, Sequence

from flask_babel import gettext as _
from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from consult.accounts.models import User
from consult.accreditation.models import AccreditationProcess, Application, ApplicationDocument, ApplicationStatus
from consult.errors import NotFound
from consult.events.models import Event
from consult.extensions import db
from consult.organisations.models import Organisation
from consult.organisations.queries import belonging_to, matching
from consult.paging import Page, each, page
from consult.questions.models import Question, QuestionSet


def application_at(slug: str, ref: str) -> Application:
    """An application with all that belongs to it, looked for inside its event only."""
    application = db.session.scalar(
        select(Application)
        .join(Application.event)
        .options(
            contains_eager(Application.event),
            joinedload(Application.organisation).selectinload(Organisation.recognitions),
            joinedload(Application.decided_by),
            selectinload(Application.documents).joinedload(ApplicationDocument.file),
            selectinload(Application.steps),
        )
        .where(Event.slug == slug, Application.ref == ref)
    )
    if application is None:
        raise NotFound(_("There is no such application."))
    return application


def document_at(slug: str, ref: str, document: str) -> ApplicationDocument:
    """A document, looked for inside its application only."""
    found = db.session.scalar(
        select(ApplicationDocument)
        .join(ApplicationDocument.application)
        .join(Application.event)
        .options(
            contains_eager(ApplicationDocument.application).contains_eager(Application.event),
            joinedload(ApplicationDocument.file),
        )
        .where(Event.slug == slug, Application.ref == ref, ApplicationDocument.ref == document)
    )
    if found is None:
        raise NotFound(_("There is no such document."))
    return found


def questions_of(event_id: int) -> Sequence[Question]:
    """What the event's process asks, in order."""
    process = db.session.scalar(
        select(AccreditationProcess)
        .where(AccreditationProcess.event_id == event_id)
        .options(joinedload(AccreditationProcess.question_set).selectinload(QuestionSet.questions))
    )
    return process.question_set.questions if process else []


def application_of(event: Event, organisation: Organisation) -> Application | None:
    return db.session.scalar(
        select(Application).where(Application.event_id == event.id, Application.organisation_id == organisation.id)
    )


def applications_by(user: User, *, event: Event | None = None) -> Sequence[Application]:
    """Applications of the organisations the person acts for, newest first."""
    statement = (
        select(Application)
        .where(Application.organisation_id.in_(belonging_to(user)))
        .options(joinedload(Application.event), joinedload(Application.organisation))
        .order_by(Application.id.desc())
    )
    if event:
        statement = statement.where(Application.event_id == event.id)
    return db.session.scalars(statement).all()


def latest_answers(organisation: Organisation) -> dict[str, str]:
    """What the organisation answered last time, by the text of the question, so that nothing is typed twice."""
    last = db.session.scalar(
        select(Application)
        .where(Application.organisation_id == organisation.id, Application.submitted_at.is_not(None))
        .order_by(Application.id.desc())
        .limit(1)
    )
    if last is None:
        return {}
    return {question.text: last.answers.get(question.ref, "") for question in questions_of(last.event_id)}


def is_accredited(event: Event, organisation: Organisation | None) -> bool:
    """Whether the event has approved this organisation."""
    if organisation is None:
        return False
    approved = exists().where(
        Application.event_id == event.id,
        Application.organisation_id == organisation.id,
        Application.status == ApplicationStatus.APPROVED,
    )
    return bool(db.session.scalar(select(approved)))


def _sent(event: Event, *, status: ApplicationStatus | None, text: str) -> Select[Application]:
    statement = (
        select(Application)
        .join(Application.organisation)
        .where(Application.event_id == event.id, Application.submitted_at.is_not(None))
        .options(contains_eager(Application.organisation).selectinload(Organisation.recognitions))
    )
    if status:
        statement = statement.where(Application.status == status)
    return statement.where(*matching(Application.organisation_id, text))


def queue(
    event: Event, *, status: ApplicationStatus | None = None, text: str = "", after: int | None = None
) -> Page[Application]:
    """What was sent to the secretariat, in the order in which it was begun."""
    return page(_sent(event, status=status, text=text), Application, after=after)


def all_sent(event: Event, *, status: ApplicationStatus | None = None, text: str = "") -> Iterator[Application]:
    """The same, all of it, in batches: for exports."""
    return each(_sent(event, status=status, text=text), Application)


def counts(event: Event) -> dict[ApplicationStatus, int]:
    """How many applications there are of each status; all statuses are there."""
    statement = (
        select(Application.status, func.count()).where(Application.event_id == event.id).group_by(Application.status)
    )
    found = dict(db.session.execute(statement).all())
    return {status: found.get(status, 0) for status in ApplicationStatus}
