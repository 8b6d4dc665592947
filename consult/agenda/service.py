"""What is done with agendas."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from consult.accounts.models import User
from consult.agenda import queries
from consult.agenda.facts import SessionChanged
from consult.agenda.models import AgendaRevision, Session, SessionKind, Speaker, SpeakerRole
from consult.audit.service import record
from consult.database import locked, now
from consult.errors import InvalidEntry
from consult.events.models import Event, EventDay
from consult.extensions import db
from consult.facts import announce


@dataclass(frozen=True, kw_only=True)
class SpeakerEntry:
    name: str = ""
    function: str = ""
    role: SpeakerRole = SpeakerRole.PANELLIST


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A session as it is described; times are local to the event's zone."""

    number: str = ""
    title: str
    kind: SessionKind
    day: EventDay
    starts: time
    ends: time
    room: str = ""
    description: str = ""
    guiding_questions: Sequence[str] = ()
    parts: Sequence[str] = ()
    capacity_in_person: int | None = None
    capacity_online: int | None = None
    speakers: Sequence[SpeakerEntry] = ()


def add_session(event: Event, entry: Entry, *, by: User) -> Session:
    """Put a session on the agenda; the public sees it with the next revision.

    Raises:
        InvalidEntry: it ends before it begins.
    """
    session = Session(event=event, speakers=[])
    return _describe(session, entry, by=by, action="session.added")


def edit_session(session: Session, entry: Entry, *, by: User) -> Session:
    """Change a session; the public sees it with the next revision.

    Raises:
        InvalidEntry: it ends before it begins, or more places are given than there would be.
    """
    locked(session.event)
    _describe(session, entry, by=by, action="session.changed")
    announce(SessionChanged(session))
    return session


def _describe(session: Session, entry: Entry, *, by: User, action: str) -> Session:
    if entry.starts >= entry.ends:
        raise InvalidEntry(_("The session must end later than it begins."), field="ends")
    session.number, session.title, session.kind = entry.number, entry.title, entry.kind
    session.day, session.starts, session.ends = entry.day, entry.starts, entry.ends
    session.room, session.description = entry.room, entry.description
    session.capacity_in_person, session.capacity_online = entry.capacity_in_person, entry.capacity_online
    session.guiding_questions, session.parts = list(entry.guiding_questions), list(entry.parts)
    session.speakers[:] = [
        Speaker(position=position, name=speaker.name, function=speaker.function, role=speaker.role)
        for position, speaker in enumerate(entry.speakers, 1)
    ]
    db.session.add(session)
    db.session.flush()
    record(action, about=f"session:{session.ref}", by=by, scope=session.event.scope, detail=entry.title)
    return session


def remove_session(session: Session, *, by: User) -> None:
    """Take a session off the agenda; published revisions keep it.

    Raises:
        InvalidEntry: people have chosen it.
    """
    record("session.removed", about=f"session:{session.ref}", by=by, scope=session.event.scope, detail=session.title)
    try:
        with db.session.begin_nested():
            db.session.delete(session)
            db.session.flush()
    except IntegrityError as error:
        raise InvalidEntry(_("People have chosen this session or were checked in to it, so it stays.")) from error


def publish(event: Event, *, note: str, by: User) -> AgendaRevision:
    """Show the agenda as it stands now, as the next numbered revision.

    Raises:
        InvalidEntry: there is no session yet.
    """
    locked(event)
    sessions = queries.sessions_of(event)
    if not sessions:
        raise InvalidEntry(_("Add at least one session before you publish the agenda."))
    last = db.session.scalar(select(func.max(AgendaRevision.number)).where(AgendaRevision.event_id == event.id)) or 0
    content = {"sessions": [_kept(session) for session in sessions]}
    revision = AgendaRevision(event=event, number=last + 1, note=note, published_at=now(), content=content)
    db.session.add(revision)
    db.session.flush()
    record("agenda.published", about=event.scope, by=by, scope=event.scope, detail=f"revision {revision.number}")
    return revision


def _kept(session: Session) -> dict[str, object]:
    return {
        "ref": session.ref,
        "number": session.number,
        "title": session.title,
        "kind": session.kind.value,
        "date": session.date.isoformat(),
        "starts": session.starts.isoformat("minutes"),
        "ends": session.ends.isoformat("minutes"),
        "room": session.room,
        "description": session.description,
        "guiding_questions": list(session.guiding_questions),
        "parts": list(session.parts),
        "speakers": [
            {"name": speaker.name, "function": speaker.function, "role": speaker.role.value}
            for speaker in session.speakers
        ],
    }
