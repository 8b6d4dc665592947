"""Processes, the events they serve, and the reasons."""

from collections.abc import Collection, Sequence
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import Select, and_, exists, or_, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from consult.accounts.models import User
from consult.accreditation.models import (
    AccreditationProcess,
    Application,
    ApplicationStatus,
    Reason,
    ReasonKind,
    ServedEvent,
)
from consult.errors import NotFound
from consult.events.models import Event, EventStatus, Window
from consult.events.policy import managed_by
from consult.extensions import db
from consult.questions.models import Question, QuestionSet


def _whole() -> Select[AccreditationProcess]:
    return select(AccreditationProcess).options(
        joinedload(AccreditationProcess.event).selectinload(Event.days),
        joinedload(AccreditationProcess.question_set).selectinload(QuestionSet.questions),
        selectinload(AccreditationProcess.criteria),
        selectinload(AccreditationProcess.served).joinedload(ServedEvent.event),
    )


def process_of(event: Event) -> AccreditationProcess:
    """The process that accredits to an event: its own, or that of the event whose process serves it."""
    return db.session.scalars(_whole().where(AccreditationProcess.event_id == home_of(event.id))).one()


def window_of(event: Event) -> Window:
    """From when until when the process that accredits to this event takes applications."""
    window = select(AccreditationProcess.opens_at, AccreditationProcess.closes_at)
    return Window(*db.session.execute(window.where(AccreditationProcess.event_id == home_of(event.id))).one())


def home_of(event_id: int) -> int:
    """The number of the event whose process accredits to this event."""
    served = (
        select(AccreditationProcess.event_id)
        .join(ServedEvent, ServedEvent.process_id == AccreditationProcess.id)
        .where(ServedEvent.event_id == event_id)
    )
    return db.session.scalar(served) or event_id


def process_at(slug: str) -> AccreditationProcess:
    """The process of this event itself, with its questions and criteria."""
    process = db.session.scalar(_whole().join(AccreditationProcess.event).where(Event.slug == slug))
    if process is None:
        raise NotFound(_("There is no such event."))
    return process


def process_with(event_id: int) -> AccreditationProcess:
    """The process whose event this is."""
    return db.session.scalars(_whole().where(AccreditationProcess.event_id == event_id)).one()


def is_two_person(event_id: int) -> bool:
    """Whether two people decide in the process of this event itself."""
    rule = select(AccreditationProcess.is_two_person).where(AccreditationProcess.event_id == event_id)
    return bool(db.session.scalar(rule))


def deadlines(event_ids: Collection[int]) -> dict[int, datetime | None]:
    """When the processes of these events close."""
    closing = select(AccreditationProcess.event_id, AccreditationProcess.closes_at).where(
        AccreditationProcess.event_id.in_(event_ids)
    )
    return dict(db.session.execute(closing).all())


def questions_of(event_id: int) -> Sequence[Question]:
    """What an event's process asks, in order."""
    return process_with(event_id).question_set.questions


def events_to_serve(process: AccreditationProcess, person: User) -> Sequence[Event]:
    """Events this process serves, and those it could: live, in nobody else's care, with no applications of their
    own, and not serving others. Of all these, those the person manages: nobody decides for another's event."""
    ours = exists().where(ServedEvent.event_id == Event.id, ServedEvent.process_id == process.id)
    own = aliased(AccreditationProcess)
    elsewhere = exists().where(ServedEvent.event_id == Event.id, ServedEvent.process_id != process.id)
    applied = exists().where(Application.event_id == Event.id)
    serves = exists().where(ServedEvent.process_id == own.id, own.event_id == Event.id)
    live = Event.status.in_([EventStatus.DRAFT, EventStatus.PUBLISHED])
    return db.session.scalars(
        select(Event)
        .where(managed_by(person), Event.id != process.event_id)
        .where(or_(ours, and_(live, ~elsewhere, ~applied, ~serves)))
        .order_by(ours.desc(), Event.first_day.desc(), Event.id)
        .limit(50)
    ).all()


def accredited_by(event_id: int) -> Select[int]:
    """The numbers of the organisations that are accredited to an event, for a condition."""
    home = (
        select(AccreditationProcess.event_id)
        .outerjoin(ServedEvent, ServedEvent.process_id == AccreditationProcess.id)
        .where(or_(ServedEvent.event_id == event_id, AccreditationProcess.event_id == event_id))
    )
    return select(Application.organisation_id).where(
        Application.event_id.in_(home), Application.status == ApplicationStatus.APPROVED
    )


def reasons(kind: ReasonKind | None = None, *, active: bool = True) -> Sequence[Reason]:
    """What the secretariat chooses from."""
    statement = select(Reason).order_by(Reason.kind, Reason.id)
    if kind:
        statement = statement.where(Reason.kind == kind)
    return db.session.scalars(statement.where(Reason.is_active) if active else statement).all()


def reason_at(ref: str) -> Reason:
    reason = db.session.scalar(select(Reason).where(Reason.ref == ref))
    if reason is None:
        raise NotFound(_("There is no such reason."))
    return reason
