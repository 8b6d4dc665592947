"""Reads about events."""

from collections.abc import Sequence
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from consult.accounts.models import User
from consult.errors import NotFound
from consult.events import policy
from consult.events.models import (
    Event,
    EventStatus,
    ParticipantCategory,
    Series,
    TeamInvitation,
    TeamMember,
    TeamRole,
)
from consult.extensions import db
from consult.paging import Page, page
from consult.questions.models import Question, QuestionSet


def event_at(slug: str) -> Event:
    """The event of this address, with its series, days and categories; drafts too, so ask a policy."""
    event = db.session.scalar(
        select(Event)
        .where(Event.slug == slug)
        .options(
            joinedload(Event.series),
            selectinload(Event.days),
            selectinload(Event.categories).selectinload(ParticipantCategory.days),
        )
    )
    if event is None:
        raise NotFound(_("There is no such event."))
    return event


def event_for(reader: User | None, slug: str) -> Event:
    """The event of this address as a public page may show it: to a stranger a draft is not there."""
    event = event_at(slug)
    if not policy.can_see(reader, event):
        raise NotFound(_("There is no such event."))
    return event


def category_at(slug: str, ref: str) -> ParticipantCategory:
    """A participant category, looked for inside its event only."""
    category = db.session.scalar(
        select(ParticipantCategory)
        .join(ParticipantCategory.event)
        .options(
            contains_eager(ParticipantCategory.event).selectinload(Event.days),
            selectinload(ParticipantCategory.days),
            joinedload(ParticipantCategory.question_set).selectinload(QuestionSet.questions),
        )
        .where(Event.slug == slug, ParticipantCategory.ref == ref)
    )
    if category is None:
        raise NotFound(_("There is no such category."))
    return category


def questions_of(category: ParticipantCategory) -> Sequence[Question]:
    """What a category asks of each person, in order."""
    asked = select(Question).where(Question.question_set_id == category.question_set_id)
    return db.session.scalars(asked.order_by(Question.position)).all()


def member_at(slug: str, ref: str) -> TeamMember:
    """A member of an event's team, looked for inside it only."""
    member = db.session.scalar(
        select(TeamMember)
        .join(TeamMember.event)
        .options(contains_eager(TeamMember.event), joinedload(TeamMember.user))
        .where(Event.slug == slug, TeamMember.ref == ref)
    )
    if member is None:
        raise NotFound(_("There is no such member of the team."))
    return member


def team_of(event: Event) -> Sequence[TeamMember]:
    members = (
        select(TeamMember)
        .where(TeamMember.event_id == event.id)
        .options(joinedload(TeamMember.user), joinedload(TeamMember.granted_by))
    )
    return db.session.scalars(members.order_by(TeamMember.id)).all()


def team_invitations_of(event: Event) -> Sequence[TeamInvitation]:
    """Roles that wait for a second person, or for an answer."""
    waiting = select(TeamInvitation).where(TeamInvitation.event_id == event.id)
    people = (
        joinedload(TeamInvitation.event), joinedload(TeamInvitation.named_by), joinedload(TeamInvitation.confirmed_by)
    )  # fmt: skip
    return db.session.scalars(waiting.options(*people).order_by(TeamInvitation.id)).all()


def team_invitations_for(user: User) -> Sequence[TeamInvitation]:
    """Roles the person's confirmed address is asked to take."""
    if user.confirmed_at is None:
        return []
    asked = select(TeamInvitation).where(TeamInvitation.email == user.email)
    asked = asked.options(joinedload(TeamInvitation.event), joinedload(TeamInvitation.named_by))
    return [each for each in db.session.scalars(asked.order_by(TeamInvitation.id)) if not each.needs_second_person]


def team_invitation_at(slug: str, ref: str) -> TeamInvitation:
    """A role that waits, looked for inside its event only."""
    invitation = db.session.scalar(
        select(TeamInvitation)
        .join(TeamInvitation.event)
        .options(contains_eager(TeamInvitation.event), joinedload(TeamInvitation.named_by))
        .where(Event.slug == slug, TeamInvitation.ref == ref)
    )
    if invitation is None:
        raise NotFound(_("There is no such invitation. It may have been answered or taken back."))
    return invitation


def roles_of(person: User) -> Sequence[TeamMember]:
    """The person's parts in teams, with the events."""
    parts = select(TeamMember).where(TeamMember.user_id == person.id)
    return db.session.scalars(parts.options(joinedload(TeamMember.event), joinedload(TeamMember.user))).all()


def managers_of(event: Event) -> Sequence[User]:
    """The event's managers."""
    managing = select(TeamMember.user_id).where(TeamMember.event_id == event.id, TeamMember.role == TeamRole.MANAGER)
    return db.session.scalars(select(User).where(User.__table__.c.id.in_(managing)).order_by(User.__table__.c.id)).all()


def all_series() -> Sequence[Series]:
    return db.session.scalars(select(Series).order_by(Series.title)).all()


def is_slug_free(slug: str) -> bool:
    return db.session.scalar(select(Event.id).where(Event.slug == slug)) is None


def _matches(*, series: str, text: str) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = [Event.status != EventStatus.DRAFT]
    if series:
        wanted.append(Event.series_id.in_(select(Series.id).where(Series.slug == series)))
    if text:
        like = f"%{text.lower()}%"
        wanted.append(or_(func.lower(Event.title).like(like), func.lower(Event.summary).like(like)))
    return wanted


def upcoming(today: date, *, series: str = "", text: str = "") -> Sequence[Event]:
    """What is public and not over, the next first."""
    statement = (
        select(Event)
        .where(*_matches(series=series, text=text), or_(Event.last_day.is_(None), Event.last_day >= today))
        .where(Event.status != EventStatus.ARCHIVED)
        .options(joinedload(Event.series))
        .order_by(Event.first_day.is_(None), Event.first_day, Event.id)
        .limit(100)
    )
    return db.session.scalars(statement).all()


def past(today: date, *, series: str = "", text: str = "", limit: int = 100) -> Sequence[Event]:
    """What is public and over, the latest first."""
    statement = (
        select(Event)
        .where(*_matches(series=series, text=text), or_(Event.last_day < today, Event.status == EventStatus.ARCHIVED))
        .options(joinedload(Event.series))
        .order_by(Event.last_day.desc(), Event.id.desc())
        .limit(limit)
    )
    return db.session.scalars(statement).all()


def events_of_team(user: User, *, after: int | None = None) -> Page[Event]:
    """Events in whose workspace the person has something to do, newest first."""
    statement = select(Event).options(joinedload(Event.series))
    if not user.is_secretariat:
        statement = statement.where(Event.id.in_(select(TeamMember.event_id).where(TeamMember.user_id == user.id)))
    return page(statement, Event, after=after, newest_first=True)


def is_on_any_team(user: User) -> bool:
    return user.is_secretariat or bool(
        db.session.scalar(select(TeamMember.id).where(TeamMember.user_id == user.id).limit(1))
    )


def event_with(number: int) -> Event:
    """The event of a row that points to it, with its days: for tasks."""
    statement = select(Event).where(Event.id == number).options(selectinload(Event.days))
    return db.session.scalars(statement).one()
