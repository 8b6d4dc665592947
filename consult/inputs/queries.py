"""Reads about calls and submissions."""

from collections.abc import Iterator, Sequence

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from consult.accounts.models import User
from consult.errors import NotFound
from consult.events.models import Event
from consult.extensions import db
from consult.inputs.models import Call, Submission, SubmissionStatus
from consult.organisations.queries import acting_for
from consult.paging import Page, each, page
from consult.questions.models import QuestionSet


def call_at(slug: str, ref: str) -> Call:
    """A call with its questions, looked for inside its event only."""
    call = db.session.scalar(
        select(Call)
        .join(Call.event)
        .options(contains_eager(Call.event), joinedload(Call.question_set).selectinload(QuestionSet.questions))
        .where(Event.slug == slug, Call.ref == ref)
    )
    if call is None:
        raise NotFound(_("There is no such call for input."))
    return call


def calls_of(event: Event) -> Sequence[Call]:
    statement = (
        select(Call)
        .where(Call.event_id == event.id)
        .options(joinedload(Call.event), joinedload(Call.question_set).selectinload(QuestionSet.questions))
    )
    return db.session.scalars(statement.order_by(Call.id)).all()


def submission_at(slug: str, ref: str) -> Submission:
    """A submission with its versions, its call and the call's questions, looked for inside its event only."""
    submission = db.session.scalar(
        select(Submission)
        .join(Submission.call)
        .join(Call.event)
        .options(
            contains_eager(Submission.call).options(
                contains_eager(Call.event), joinedload(Call.question_set).selectinload(QuestionSet.questions)
            ),
            joinedload(Submission.author),
            joinedload(Submission.organisation),
            selectinload(Submission.versions),
        )
        .where(Event.slug == slug, Submission.ref == ref)
    )
    if submission is None:
        raise NotFound(_("There is no such submission."))
    return submission


def _mine(user: User) -> ColumnElement[bool]:
    organisations = acting_for(user)
    own = Submission.organisation_id.is_(None) & (Submission.author_id == user.id)
    return own | Submission.organisation_id.in_(organisations)


def submissions_by(user: User, *, call: Call | None = None) -> Sequence[Submission]:
    """What the person wrote for themselves, and what anybody wrote for the organisations they act for; the latest
    first."""
    statement = (
        select(Submission)
        .where(_mine(user))
        .options(
            joinedload(Submission.call).joinedload(Call.event),
            joinedload(Submission.author),
            joinedload(Submission.organisation),
        )
        .order_by(Submission.id.desc())
        .limit(200)
    )
    if call:
        statement = statement.where(Submission.call_id == call.id)
    return db.session.scalars(statement).all()


def draft_of(user: User, call: Call, organisation_id: int | None) -> Submission | None:
    """What the person has begun and not sent, for this organisation or for themselves."""
    return db.session.scalar(
        select(Submission).where(
            Submission.call_id == call.id,
            Submission.author_id == user.id,
            Submission.organisation_id.is_(None)
            if organisation_id is None
            else Submission.organisation_id == organisation_id,
            Submission.status == SubmissionStatus.DRAFT,
        )
    )


def _sent(call: Call) -> Select[Submission]:
    return (
        select(Submission)
        .where(Submission.call_id == call.id, Submission.status == SubmissionStatus.SUBMITTED)
        .options(joinedload(Submission.author), joinedload(Submission.organisation), selectinload(Submission.versions))
    )


def submissions_to(call: Call, *, after: int | None = None) -> Page[Submission]:
    """What was sent to a call and not withdrawn."""
    return page(_sent(call), Submission, after=after)


def all_submissions_to(call: Call) -> Iterator[Submission]:
    """The same, all of them, in batches: for exports."""
    return each(_sent(call), Submission)


def received(event: Event) -> dict[int, int]:
    """How many submissions each call of the event has received, by the call's number; withdrawn ones do not count."""
    statement = (
        select(Call.id, func.count(Submission.id))
        .outerjoin(Submission, (Submission.call_id == Call.id) & (Submission.status == SubmissionStatus.SUBMITTED))
        .where(Call.event_id == event.id)
        .group_by(Call.id)
    )
    return dict(db.session.execute(statement).all())


def is_answered(call: Call) -> bool:
    """Whether anybody has written to it, sent or not."""
    return db.session.scalar(select(Submission.id).where(Submission.call_id == call.id).limit(1)) is not None
