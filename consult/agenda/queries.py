"""Reads about agendas."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import groupby

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from consult.agenda.models import AgendaRevision, Session, SessionKind, SpeakerRole
from consult.errors import NotFound
from consult.events.models import Event, EventDay
from consult.extensions import db


@dataclass(frozen=True)
class PublishedSpeaker:
    name: str
    function: str
    role: SpeakerRole


@dataclass(frozen=True)
class PublishedSession:
    """A session as a revision keeps it; `starts` and `ends` are local to the event's zone."""

    ref: str
    number: str
    title: str
    kind: SessionKind
    date: date
    starts: time
    ends: time
    room: str
    description: str
    guiding_questions: Sequence[str]
    parts: Sequence[str]
    speakers: Sequence[PublishedSpeaker]

    def instants(self, event: Event) -> tuple[datetime, datetime]:
        zone = event.zone
        return datetime.combine(self.date, self.starts, zone), datetime.combine(self.date, self.ends, zone)


def session_at(slug: str, ref: str) -> Session:
    """A session with its speakers, looked for inside its event only."""
    session = db.session.scalar(
        select(Session)
        .join(Session.event)
        .options(
            contains_eager(Session.event).selectinload(Event.days),
            joinedload(Session.day),
            selectinload(Session.speakers),
        )
        .where(Event.slug == slug, Session.ref == ref)
    )
    if session is None:
        raise NotFound(_("There is no such session."))
    return session


def sessions_of(event: Event) -> Sequence[Session]:
    """The sessions as they are worked on, in the order in which they are held."""
    statement = (
        select(Session)
        .join(Session.day)
        .where(Session.event_id == event.id)
        .options(contains_eager(Session.day), selectinload(Session.speakers))
        .order_by(EventDay.date, Session.starts, Session.id)
    )
    return db.session.scalars(statement).all()


def revisions_of(event: Event) -> Sequence[AgendaRevision]:
    """The newest first."""
    statement = select(AgendaRevision).where(AgendaRevision.event_id == event.id)
    return db.session.scalars(statement.order_by(AgendaRevision.number.desc())).all()


def current(event: Event) -> AgendaRevision | None:
    """The revision that the public sees; None while the agenda is not published."""
    statement = select(AgendaRevision).where(AgendaRevision.event_id == event.id)
    return db.session.scalar(statement.order_by(AgendaRevision.number.desc()).limit(1))


def published_sessions(revision: AgendaRevision | None) -> list[PublishedSession]:
    """What a revision holds, in the order in which it is held."""
    return [
        PublishedSession(
            **{
                **kept,
                "kind": SessionKind(kept["kind"]),
                "date": date.fromisoformat(kept["date"]),
                "starts": time.fromisoformat(kept["starts"]),
                "ends": time.fromisoformat(kept["ends"]),
                "speakers": [
                    PublishedSpeaker(s["name"], s["function"], SpeakerRole(s["role"])) for s in kept["speakers"]
                ],
            }
        )
        for kept in (revision.content["sessions"] if revision else [])
    ]


def by_day(sessions: Sequence[PublishedSession]) -> list[tuple[date, list[PublishedSession]]]:
    return [(day, list(held)) for day, held in groupby(sessions, key=lambda session: session.date)]
