"""One application, and those of one organisation or person."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from consult.accounts.models import User
from consult.accreditation.models import (
    AccreditationProcess,
    Application,
    ApplicationDocument,
    ApplicationStatus,
    CriterionCheck,
    ReviewNote,
    ServedEvent,
)
from consult.accreditation.queries.processes import accredited_by, questions_of
from consult.errors import NotFound
from consult.events.models import Event
from consult.extensions import db
from consult.organisations.models import Organisation, OrganisationDocument, RecognitionHeld
from consult.organisations.queries import belonging_to


def application_at(slug: str, ref: str) -> Application:
    """An application with all that belongs to it, looked for inside its event only."""
    application = db.session.scalar(
        select(Application)
        .join(Application.event)
        .options(
            contains_eager(Application.event),
            joinedload(Application.organisation).options(
                selectinload(Organisation.recognitions),
                selectinload(Organisation.names),
                selectinload(Organisation.documents).joinedload(OrganisationDocument.file),
            ),
            joinedload(Application.decided_by),
            joinedload(Application.recommended_by),
            joinedload(Application.officer),
            joinedload(Application.reason),
            joinedload(Application.recommended_reason),
            selectinload(Application.documents).joinedload(ApplicationDocument.file),
            selectinload(Application.steps),
        )
        .where(Event.slug == slug, Application.ref == ref)
    )
    if application is None:
        raise NotFound(_("There is no such application."))
    return application


def application_with(ref: str) -> Application | None:
    """The application of this reference, for a letter."""
    return db.session.scalar(
        select(Application)
        .where(Application.ref == ref)
        .options(joinedload(Application.event), joinedload(Application.organisation), selectinload(Application.steps))
    )


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


def profile_document_at(slug: str, ref: str, document: str) -> tuple[Application, OrganisationDocument]:
    """A document of the profile of the organisation that applies, looked for inside its application only."""
    application = application_at(slug, ref)
    for each in application.organisation.documents:
        if each.ref == document:
            return application, each
    raise NotFound(_("There is no such document."))


def recognition_at(slug: str, ref: str, recognition: str) -> tuple[Application, RecognitionHeld]:
    """A recognition of the organisation that applies, looked for inside its application only."""
    application = application_at(slug, ref)
    for held in application.organisation.recognitions:
        if held.ref == recognition:
            return application, held
    raise NotFound(_("There is no such recognition."))


def application_of(event_id: int, organisation: Organisation) -> Application | None:
    """The organisation's application to the process of this event."""
    return db.session.scalar(
        select(Application).where(
            Application.event_id == event_id,
            Application.organisation_id == organisation.id,
            Application.duplicate_of_id.is_(None),
        )
    )


def applications_by(user: User, *, event_id: int | None = None) -> Sequence[Application]:
    """Applications of the organisations the person belongs to, newest first."""
    statement = (
        select(Application)
        .where(Application.organisation_id.in_(belonging_to(user)), Application.duplicate_of_id.is_(None))
        .options(joinedload(Application.event), joinedload(Application.organisation))
        .order_by(Application.id.desc())
    )
    if event_id:
        statement = statement.where(Application.event_id == event_id)
    return db.session.scalars(statement).all()


def last_answers(organisation: Organisation) -> Mapping[str, Any]:
    """What the organisation answered last time, by the text of the question; files are asked for again."""
    last = db.session.scalar(
        select(Application)
        .where(Application.organisation_id == organisation.id, Application.submitted_at.is_not(None))
        .order_by(Application.submitted_at.desc(), Application.id.desc())
    )
    if last is None:
        return {}
    files = {document.question for document in _documents_of(last)}
    return {
        question.text: last.answers.get(question.ref, "")
        for question in questions_of(last.event_id)
        if question.ref not in files
    }


def _documents_of(application: Application) -> Sequence[ApplicationDocument]:
    return db.session.scalars(
        select(ApplicationDocument).where(ApplicationDocument.application_id == application.id)
    ).all()


def is_accredited(event: Event, organisation: Organisation | None) -> bool:
    """Whether this organisation is accredited to the event, by its own process or one that serves it."""
    return organisation is not None and bool(accredited_among(event, [organisation]))


def accredited_among(event: Event, organisations: Sequence[Organisation]) -> set[int]:
    """The numbers of those of them that are accredited to the event."""
    numbers = [organisation.id for organisation in organisations]
    return set(db.session.scalars(accredited_by(event.id).where(Application.organisation_id.in_(numbers))))


def accreditations_ahead(organisation: Organisation, *, today: date) -> Sequence[Application]:
    """What the organisation is accredited by to events that are not over, with event and steps."""
    serves = (
        select(AccreditationProcess.event_id)
        .outerjoin(ServedEvent, ServedEvent.process_id == AccreditationProcess.id)
        .join(Event, or_(Event.id == AccreditationProcess.event_id, Event.id == ServedEvent.event_id))
        .where(or_(Event.last_day.is_(None), Event.last_day >= today))
    )
    approved = select(Application).where(
        Application.organisation_id == organisation.id,
        Application.status == ApplicationStatus.APPROVED,
        Application.event_id.in_(serves),
    )
    options = (joinedload(Application.event), joinedload(Application.decided_by), selectinload(Application.steps))
    return db.session.scalars(approved.options(*options).order_by(Application.id)).all()


def earlier_applications(application: Application) -> Sequence[Application]:
    """What the same organisation sent to other processes, and duplicates of this one, newest first."""
    return db.session.scalars(
        select(Application)
        .where(
            Application.organisation_id == application.organisation_id,
            Application.id != application.id,
            Application.submitted_at.is_not(None),
        )
        .options(joinedload(Application.event), joinedload(Application.reason))
        .order_by(Application.id.desc())
        .limit(20)
    ).all()


def notes_of(application: Application) -> Sequence[ReviewNote]:
    """What officers told each other, oldest first."""
    return db.session.scalars(
        select(ReviewNote)
        .where(ReviewNote.application_id == application.id)
        .options(joinedload(ReviewNote.author))
        .order_by(ReviewNote.id)
    ).all()


def checks_of(application: Application) -> dict[int, CriterionCheck]:
    """What was found about each criterion, by the criterion's number."""
    found = db.session.scalars(
        select(CriterionCheck)
        .where(CriterionCheck.application_id == application.id)
        .options(joinedload(CriterionCheck.by))
    )
    return {check.criterion_id: check for check in found}
