"""Reads about reports of meeting platforms."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from rapidfuzz import fuzz, process
from sqlalchemy import func, or_, select, tuple_
from sqlalchemy.orm import contains_eager, joinedload

from consult.attendance.models import (
    AttendanceImport,
    ImportedPerson,
    ImportSettings,
    ImportStatus,
    Match,
    SeenOnline,
    SeenStatus,
    online_presence,
)
from consult.errors import NotFound
from consult.events.models import Event
from consult.extensions import db
from consult.organisations.queries import name_key
from consult.paging import Page, each, page
from consult.registration.models import Registration, RegistrationStatus


def imports_of(event: Event) -> Sequence[AttendanceImport]:
    """The latest first."""
    statement = select(AttendanceImport).where(AttendanceImport.event_id == event.id)
    return db.session.scalars(
        statement.options(joinedload(AttendanceImport.day)).order_by(AttendanceImport.id.desc())
    ).all()


def import_with(event: Event, sha256: str) -> AttendanceImport | None:
    """The import of this very file, unless it was refused or left out."""
    return db.session.scalar(
        select(AttendanceImport).where(
            AttendanceImport.event_id == event.id,
            AttendanceImport.sha256 == sha256,
            AttendanceImport.status.not_in([ImportStatus.REFUSED, ImportStatus.DISCARDED]),
        )
    )


def import_at(slug: str, ref: str) -> AttendanceImport:
    """A report, looked for inside its event only."""
    found = db.session.scalar(
        select(AttendanceImport)
        .join(AttendanceImport.event)
        .options(
            contains_eager(AttendanceImport.event).selectinload(Event.days),
            joinedload(AttendanceImport.day),
            joinedload(AttendanceImport.file),
        )
        .where(Event.slug == slug, AttendanceImport.ref == ref)
    )
    if found is None:
        raise NotFound(_("There is no such report."))
    return found


def settings_of(event: Event) -> ImportSettings | None:
    return db.session.scalar(select(ImportSettings).where(ImportSettings.event_id == event.id))


def minimum_of(seen: SeenOnline) -> int:
    """How many minutes count as attended, as it was said last."""
    found = select(ImportSettings.minimum).where(ImportSettings.event_id == seen.event_id)
    return db.session.scalar(found) or 0


def next_import(at: datetime) -> AttendanceImport | None:
    """The oldest that a worker is to read or count, and that none has."""
    is_free = or_(AttendanceImport.claimed_until.is_(None), AttendanceImport.claimed_until < at)
    busy = [ImportStatus.REQUESTED, ImportStatus.APPLYING]
    return db.session.scalar(
        select(AttendanceImport)
        .where(AttendanceImport.status.in_(busy), is_free)
        .order_by(AttendanceImport.id)
        .limit(1)
        .options(joinedload(AttendanceImport.file), joinedload(AttendanceImport.day))
        .with_for_update(skip_locked=True, of=AttendanceImport)
    )


def claimed_import(ref: str) -> AttendanceImport | None:
    """One of these, as it is now, locked."""
    busy = [ImportStatus.REQUESTED, ImportStatus.APPLYING]
    statement = select(AttendanceImport).where(AttendanceImport.ref == ref, AttendanceImport.status.in_(busy))
    return db.session.scalar(statement.with_for_update(of=AttendanceImport))


def scope_of(report: AttendanceImport) -> str:
    """Whose record it is in."""
    return db.session.scalars(select(Event).where(Event.id == report.event_id)).one().scope


def match_counts(report: AttendanceImport) -> dict[Match, int]:
    """How sure it is who the people of a report are; all kinds are there."""
    statement = select(ImportedPerson.match, func.count()).where(ImportedPerson.import_id == report.id)
    found = dict(db.session.execute(statement.group_by(ImportedPerson.match)).all())
    return {match: found.get(match, 0) for match in Match}


def people_of(report: AttendanceImport, *, match: Match | None, after: int | None = None) -> Page[ImportedPerson]:
    """Whom a report names, before it is counted."""
    statement = (
        select(ImportedPerson)
        .where(ImportedPerson.import_id == report.id)
        .options(joinedload(ImportedPerson.day), joinedload(ImportedPerson.registration))
    )
    if match:
        statement = statement.where(ImportedPerson.match == match)
    return page(statement, ImportedPerson, after=after)


def imported_people(report: AttendanceImport) -> Iterator[ImportedPerson]:
    """All of them, in batches."""
    return each(select(ImportedPerson).where(ImportedPerson.import_id == report.id), ImportedPerson, batch=1000)


P = online_presence.c


def stays_of(report: AttendanceImport, *, chunk: int = 1000) -> Iterator[Any]:
    """The stays a report tells of, person by person in the order of joining; read some people at a time."""
    pair = tuple_(P.day_id, P.person_key)
    last: tuple[int, str] | None = None
    while True:
        people = select(P.day_id, P.person_key).where(P.import_id == report.id).distinct()
        people = people.order_by(P.day_id, P.person_key).limit(chunk)
        keys = db.session.execute(people if last is None else people.where(pair > last)).all()
        if not keys:
            return
        first, last = tuple(keys[0]), tuple(keys[-1])
        stays = select(online_presence).where(P.import_id == report.id, pair >= first, pair <= last)
        yield from db.session.execute(stays.order_by(P.day_id, P.person_key, P.joined_at, P.id)).all()


def stays_of_registered(
    event_id: int, *, import_id: int | None = None, registration_id: int | None = None, chunk: int = 500
) -> Iterator[Any]:
    """The stays of registered people in all reports that are counted, person by person and day by day.

    Args:
        import_id: only people whom this report names; it is counted too.
        registration_id: only this person.
    """
    pair = tuple_(SeenOnline.registration_id, SeenOnline.day_id)
    wanted = select(SeenOnline.registration_id, SeenOnline.day_id).where(
        SeenOnline.event_id == event_id, SeenOnline.registration_id.is_not(None)
    )
    if registration_id is not None:
        wanted = wanted.where(SeenOnline.registration_id == registration_id)
    if import_id is not None:
        named = select(ImportedPerson.id).where(
            ImportedPerson.import_id == import_id,
            ImportedPerson.day_id == SeenOnline.day_id,
            ImportedPerson.person_key == SeenOnline.person_key,
        )
        wanted = wanted.where(named.exists())
    is_counted = or_(AttendanceImport.status == ImportStatus.DONE, AttendanceImport.id == (import_id or 0))
    last: Any = None
    while True:
        people = wanted.distinct().order_by(SeenOnline.registration_id, SeenOnline.day_id).limit(chunk)
        keys = db.session.execute(people if last is None else people.where(pair > last)).all()
        if not keys:
            return
        first, last = tuple(keys[0]), tuple(keys[-1])
        stays = (
            select(SeenOnline.registration_id, online_presence, AttendanceImport.imported_at)
            .join(online_presence, (P.day_id == SeenOnline.day_id) & (P.person_key == SeenOnline.person_key))
            .join(AttendanceImport, AttendanceImport.id == P.import_id)
            .where(SeenOnline.event_id == event_id, pair >= first, pair <= last, is_counted)
            .order_by(SeenOnline.registration_id, SeenOnline.day_id, P.joined_at, P.id)
        )
        yield from db.session.execute(stays).all()


def seen_at(slug: str, ref: str) -> SeenOnline:
    """Somebody seen online, looked for inside their event only."""
    seen = db.session.scalar(
        select(SeenOnline)
        .join(SeenOnline.event)
        .options(
            contains_eager(SeenOnline.event).selectinload(Event.days),
            joinedload(SeenOnline.day),
            joinedload(SeenOnline.registration),
        )
        .where(Event.slug == slug, SeenOnline.ref == ref)
    )
    if seen is None:
        raise NotFound(_("There is nobody of this address in the reports."))
    return seen


def seen_online(event: Event, *, status: SeenStatus, after: int | None = None) -> Page[SeenOnline]:
    statement = (
        select(SeenOnline)
        .where(SeenOnline.event_id == event.id, SeenOnline.status == status)
        .options(joinedload(SeenOnline.day), joinedload(SeenOnline.registration))
    )
    return page(statement, SeenOnline, after=after)


def seen_counts(event: Event) -> dict[SeenStatus, int]:
    statement = (
        select(SeenOnline.status, func.count()).where(SeenOnline.event_id == event.id).group_by(SeenOnline.status)
    )
    found = dict(db.session.execute(statement).all())
    return {status: found.get(status, 0) for status in SeenStatus}


def likely(seen: SeenOnline, *, limit: int = 5) -> Sequence[Registration]:
    """Confirmed registrations whose names are most like the name in the report, the likeliest first."""
    statement = select(Registration.id, Registration.name_key).where(
        Registration.event_id == seen.event_id, Registration.status == RegistrationStatus.CONFIRMED
    )
    names = dict(db.session.execute(statement).all())
    best = process.extract(name_key(seen.name), names, scorer=fuzz.token_sort_ratio, limit=limit, score_cutoff=50)
    numbers = [number for _name, _score, number in best]
    found = {each.id: each for each in db.session.scalars(select(Registration).where(Registration.id.in_(numbers)))}
    return [found[number] for number in numbers]


def confirmed_people(event: Event) -> Sequence[tuple[int, str, str]]:
    """(number, address, name as it is compared) of everybody confirmed: what reports are matched with."""
    statement = select(Registration.id, Registration.email, Registration.name_key).where(
        Registration.event_id == event.id, Registration.status == RegistrationStatus.CONFIRMED
    )
    return [(number, email, key) for number, email, key in db.session.execute(statement)]
