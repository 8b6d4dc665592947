"""The officers' queue: what was sent, filtered; who works on it; what waits too long."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from consult.accounts.models import User
from consult.accreditation.models import AccreditationProcess, Application, ApplicationStatus
from consult.errors import InvalidEntry
from consult.events.models import Event, EventStatus, TeamMember, TeamRole
from consult.extensions import db
from consult.organisations.models import Organisation
from consult.organisations.queries import matching
from consult.paging import Page, each, page
from consult.reference import countries
from consult.reference.countries import Region
from consult.reference.stakeholders import StakeholderCategory


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What of the queue is looked at. `officer` is a person's reference, or “none”; `waits` is in days."""

    status: ApplicationStatus | None = None
    category: StakeholderCategory | None = None
    region: Region | None = None
    officer: str = ""
    waits: int | None = None
    text: str = ""


def _sent(event: Event, only: Filter, *, at: datetime) -> Select[Application]:
    statement = (
        select(Application)
        .join(Application.organisation)
        .where(
            Application.event_id == event.id,
            Application.submitted_at.is_not(None),
            Application.duplicate_of_id.is_(None),
            *matching(Application.organisation_id, only.text),
        )
    )
    if only.status:
        statement = statement.where(Application.status == only.status)
    if only.category:
        statement = statement.where(Organisation.category == only.category)
    if only.region:
        statement = statement.where(Organisation.country.in_(countries.in_region(only.region)))
    if only.officer == "none":
        statement = statement.where(Application.officer_id.is_(None))
    elif only.officer:
        # the number first, or the planner does not see which index serves
        number = db.session.scalar(select(User.__table__.c.id).where(User.ref == only.officer)) or 0
        statement = statement.where(Application.officer_id == number)
    if only.waits is not None:
        statement = statement.where(Application.waiting_since <= at - timedelta(days=only.waits))
    return statement


def _with_all(statement: Select[Application]) -> Select[Application]:
    return statement.options(
        contains_eager(Application.organisation).selectinload(Organisation.recognitions),
        joinedload(Application.officer),
        joinedload(Application.reason),
    )


def queue(event: Event, only: Filter, *, at: datetime, after: int | None = None) -> Page[Application]:
    """What was sent to the secretariat, in the order in which it was begun."""
    return page(_with_all(_sent(event, only, at=at)), Application, after=after)


def all_sent(event: Event, only: Filter, *, at: datetime) -> Iterator[Application]:
    """The same, all of it, in batches: for exports."""
    return each(_with_all(_sent(event, only, at=at)), Application)


def neighbours(application: Application, only: Filter, *, at: datetime) -> tuple[str | None, str | None]:
    """The references of the applications before and after this one in the same filtered queue."""
    sent = _sent(application.event, only, at=at).with_only_columns(Application.ref)
    before = sent.where(Application.id < application.id).order_by(Application.id.desc()).limit(1)
    after = sent.where(Application.id > application.id).order_by(Application.id).limit(1)
    return db.session.scalar(before), db.session.scalar(after)


def chosen_at(event: Event, refs: Sequence[str]) -> Sequence[Application]:
    """The applications that were ticked, looked for inside their event only, with what deciding needs.

    Raises:
        InvalidEntry: none of them is there.
    """
    found = db.session.scalars(
        select(Application)
        .where(
            Application.event_id == event.id, Application.ref.in_(refs), Application.submitted_at.is_not(None),
            Application.duplicate_of_id.is_(None),
        )
        .options(
            joinedload(Application.event), joinedload(Application.organisation).selectinload(Organisation.recognitions),
            selectinload(Application.steps), joinedload(Application.recommended_by), joinedload(Application.reason),
            joinedload(Application.recommended_reason),
        )
        .order_by(Application.id)
    ).all()  # fmt: skip
    if not found:
        raise InvalidEntry(_("Tick at least one application first."))
    return found


def counts(event: Event) -> dict[ApplicationStatus, int]:
    """How many applications there are of each status; all statuses are there."""
    statement = (
        select(Application.status, func.count())
        .where(Application.event_id == event.id, Application.duplicate_of_id.is_(None))
        .group_by(Application.status)
    )
    found = dict(db.session.execute(statement).all())
    return {status: found.get(status, 0) for status in ApplicationStatus}


def officers_of(event: Event) -> Sequence[User]:
    """The event's accreditation officers."""
    return db.session.scalars(
        select(User)
        .join(TeamMember, TeamMember.user_id == User.id)
        .where(TeamMember.event_id == event.id, TeamMember.role == TeamRole.ACCREDITATION_OFFICER)
        .order_by(TeamMember.id)
    ).all()


def open_by_officer(event: Event) -> dict[int | None, int]:
    """How many applications of each officer wait for the secretariat, by the officer's number."""
    statement = (
        select(Application.officer_id, func.count())
        .where(Application.event_id == event.id, Application.waiting_since.is_not(None))
        .group_by(Application.officer_id)
    )
    return dict(db.session.execute(statement).all())


def unassigned(event: Event) -> Sequence[Application]:
    """What waits for an officer and has none, oldest first."""
    return db.session.scalars(
        select(Application)
        .where(
            Application.event_id == event.id, Application.officer_id.is_(None), Application.waiting_since.is_not(None),
            Application.duplicate_of_id.is_(None),
        )
        .options(joinedload(Application.event), selectinload(Application.steps))
        .order_by(Application.id)
        .limit(1000)
    ).all()  # fmt: skip


def overdue(process: AccreditationProcess, *, at: datetime) -> dict[int | None, int]:
    """How many applications wait longer than the process promises, by the number of their officer."""
    statement = (
        select(Application.officer_id, func.count())
        .where(
            Application.event_id == process.event_id,
            Application.waiting_since < at - process.promise,
        )
        .group_by(Application.officer_id)
    )
    return dict(db.session.execute(statement).all())


def overdue_processes() -> Sequence[AccreditationProcess]:
    """The processes of live events."""
    return db.session.scalars(
        select(AccreditationProcess)
        .join(AccreditationProcess.event)
        .where(Event.status == EventStatus.PUBLISHED)
        .options(contains_eager(AccreditationProcess.event))
    ).all()
