"""Reports of meeting platforms: sent, read by the worker, looked at, counted by the worker, settled.

What is counted of a person is what all their devices and all reports together say: stays are joined, so two devices
at once, or the same report again, change nothing.
"""

import hashlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import delete, insert

from consult.accounts.models import User
from consult.attendance import platforms, queries
from consult.attendance.matching import Matcher
from consult.attendance.models import (
    AttendanceImport,
    ImportedPerson,
    ImportSettings,
    ImportStatus,
    SeenOnline,
    SeenStatus,
    online_presence,
)
from consult.attendance.platforms import Connection, DateOrder, Look, ReportRefused
from consult.attendance.service.counting import batches, count_again, grouped, joined
from consult.audit.service import record
from consult.database import after_commit, insert_new, locked
from consult.errors import InvalidEntry, NotFound
from consult.events.models import Event, EventDay
from consult.extensions import celery, db
from consult.files import service as files
from consult.files.models import StoredFile
from consult.organisations.queries import name_key
from consult.texts import one_line
from consult.transitions import move

TRIES = 5  # workers that began it and did not end
LARGEST = 40 * 1024 * 1024
S = ImportStatus


@dataclass(frozen=True, kw_only=True)
class ReportEntry:
    """What is said with a report.

    Args:
        day: for reports that tell no times.
        zone: of times that do not say theirs; an IANA name.
        minimum: how many minutes, all devices together, count as attended.
    """

    day: EventDay | None
    zone: str
    date_order: DateOrder = DateOrder.AUTO
    minimum: int = 0


def send(event: Event, entry: ReportEntry, stream: BinaryIO, *, name: str, by: User, at: datetime) -> AttendanceImport:
    """Take a report; the worker reads it.

    Raises:
        InvalidEntry: it is empty or too large, or is being read or was counted already.
    """
    locked(event)
    content = stream.read(LARGEST + 1)
    if not content or len(content) > LARGEST:
        raise InvalidEntry(_("Send a report of at most 40 MB that is not empty."), field="report")
    sha256 = hashlib.sha256(content).hexdigest()
    if queries.import_with(event, sha256):
        raise InvalidEntry(_("This very file was sent before. Nothing has changed."), field="report")
    settings = queries.settings_of(event)
    made = AttendanceImport(
        event=event, day=entry.day, name=one_line(name)[:200], sha256=sha256, zone=entry.zone,
        date_order=entry.date_order, minimum=entry.minimum, imported_at=at, status=S.REQUESTED,
        mapping=dict(settings.mapping) if settings else {},
        file=files.keep(content, name=name, media_type="application/octet-stream"),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    _remember(event, zone=entry.zone, minimum=entry.minimum)
    record("attendance.report_sent", about=f"import:{made.ref}", by=by, scope=event.scope)
    after_commit(wake)
    return made


def _remember(event: Event, **said: Any) -> None:
    """For the next report of this event."""
    settings = queries.settings_of(event)
    if settings is None:
        settings = ImportSettings(event=event, zone=event.timezone, mapping={})
        db.session.add(settings)
    for name, value in said.items():
        setattr(settings, name, value)
    db.session.flush()


def map_columns(report: AttendanceImport, mapping: dict[str, str], *, by: User) -> AttendanceImport:
    """Say which column is what; it is remembered for the event.

    Args:
        mapping: the title of the column for each of `platforms.FIELDS` that there is.

    Raises:
        InvalidEntry: neither names nor addresses are among them.
    """
    locked(report)
    if not {"name", "email"} & set(mapping):
        raise InvalidEntry(_("Say which column holds the name or the address."), field="name")
    move(report, S.REQUESTED)
    report.mapping, report.attempts = mapping, 0
    _remember(report.event, mapping=mapping)
    record("attendance.columns_mapped", about=f"import:{report.ref}", by=by, scope=report.event.scope)
    after_commit(wake)
    return report


def wake() -> None:
    """Tell a worker there is a report; without a broker, the next sweep finds it."""
    celery.send_task("worker.attendance.read_reports", retry=False, ignore_result=True)


def claim(*, at: datetime, lease: timedelta) -> AttendanceImport | None:
    """The next report to be read or counted; no other worker takes it until the lease ends.

    What fails again and again is given up: a report that could not be read is refused, one that could not be counted
    is to be looked at again.

    Args:
        at: by the database's clock.
    """
    while report := queries.next_import(at):
        report.claimed_until, report.attempts = at + lease, report.attempts + 1
        db.session.flush()
        if report.attempts <= TRIES:
            return report
        _give_up(report)
    return None


def renew(ref: str, *, at: datetime, lease: timedelta) -> None:
    """The worker is still at it."""
    report = queries.claimed_import(ref)
    if report and report.claimed_until:
        report.claimed_until = at + lease
        db.session.flush()


def release(ref: str) -> None:
    """The worker is to stop: another may begin it anew, at once."""
    report = queries.claimed_import(ref)
    if report and report.claimed_until:
        report.claimed_until, report.attempts = None, max(0, report.attempts - 1)
        if report.status is S.REQUESTED:
            report.lines = 0
        db.session.flush()


def _give_up(report: AttendanceImport) -> None:
    event_scope = queries.scope_of(report)
    report.claimed_until, report.attempts = None, 0
    if report.status is S.APPLYING:
        move(report, S.READ)
        report.problem = _("We tried to count this report several times and could not. You can have it counted again.")
        record("attendance.count_failed", about=f"import:{report.ref}", by=None, scope=event_scope)
    else:
        _refuse(report, _("We tried to read this report several times and could not. Check it, and send it again."))
        record("attendance.report_refused", about=f"import:{report.ref}", by=None, scope=event_scope)


def _refuse(report: AttendanceImport, problem: str) -> None:
    _forget(report)
    move(report, S.REFUSED)
    report.problem, report.claimed_until = problem, None
    _erase_file(report)


def read(report: AttendanceImport, event: Event, *, save: Callable[[], None], at: Callable[[], datetime]) -> None:
    """Read a report into what can be looked at. What is broken is refused whole, with the line that broke it.

    Args:
        save: commits; called after each batch, so that the progress can be seen and memory stays the same.
        at: until when the worker may go on holding the report.
    """
    try:
        with files.opened(_file(report)) as stream:
            seen = platforms.look(stream, mapping=report.mapping or None)
        if not seen.has_names:
            # a mapping that was remembered and does not fit this file
            with files.opened(_file(report)) as stream:
                seen = platforms.look(stream)
        if not seen.has_names:
            move(report, S.UNMAPPED)
            report.titles, report.claimed_until = seen.titles[:60], None
            return
        _read(report, event, seen, save=save, at=at)
    except (ReportRefused, NotFound) as refused:
        is_lost = isinstance(refused, NotFound)
        _refuse(report, _("The file of this report is no longer there. Send it again.") if is_lost else str(refused))
        record("attendance.report_refused", about=f"import:{report.ref}", by=None, scope=event.scope)


def _file(report: AttendanceImport) -> StoredFile:
    if report.file is None:
        raise NotFound(_("This file is no longer in the store."))
    return report.file


def _read(
    report: AttendanceImport, event: Event, seen: Look, *, save: Callable[[], None], at: Callable[[], datetime]
) -> None:
    _forget(report)  # what a killed worker had begun
    report.platform, report.rows, report.lines, report.outside = seen.platform, seen.rows, 0, 0
    days = {day.date: day for day in event.days}
    day_first = platforms.is_day_first(seen, report.date_order, list(days))
    mapping = _fitting(report, seen)
    zone = ZoneInfo(report.zone)
    with (
        files.opened(_file(report)) as stream,
        closing(platforms.read(stream, seen, zone=zone, day_first=day_first, mapping=mapping)) as stays,
    ):
        for batch in batches(stays):
            rows = [row for each in batch if (row := _row(report, event, days, each))]
            report.outside += len(batch) - len(rows)
            report.lines += len(batch)
            if rows:
                db.session.execute(insert(online_presence), rows)
            report.claimed_until = at()
            save()
    report.people = _gather(report, event, save=save)
    if not report.people:
        raise ReportRefused(
            _("It names nobody on a day of the event.") if report.outside else _("It names nobody who was there.")
        )
    move(report, S.READ)
    report.lines, report.claimed_until, report.attempts = report.rows, None, 0
    db.session.flush()


def _fitting(report: AttendanceImport, seen: Look) -> dict[str, str] | None:
    titles = {title.lower() for title in seen.titles}
    fits = report.mapping and {title.lower() for title in report.mapping.values()} <= titles
    return dict(report.mapping) if fits else None


def _row(report: AttendanceImport, event: Event, days: dict[Any, EventDay], stay: Connection) -> dict[str, Any] | None:
    """A stay as it is kept; None if it is on no day of the event."""
    day = days.get(stay.joined.astimezone(event.zone).date()) if stay.joined else report.day
    if day is None:
        if stay.joined is None:
            raise ReportRefused(_("This report tells no times. Send it again, and say for which day it is."))
        return None
    name = stay.original_name or stay.name
    return {
        "import_id": report.id, "day_id": day.id, "line": stay.line, "name": name, "email": stay.email,
        "person_key": stay.email or name_key(name) or name.lower()[:300] or "?", "minutes": stay.minutes,
        "joined_at": stay.joined, "left_at": stay.left,
    }  # fmt: skip


def _gather(report: AttendanceImport, event: Event, *, save: Callable[[], None]) -> int:
    """One row a person and day, with how long and who that is likely to be; returns how many."""
    matcher = Matcher(queries.confirmed_people(event))
    number = 0
    for batch in batches(grouped(queries.stays_of(report), "day_id", "person_key")):
        rows = []
        for (day_id, key), stays in batch:
            first, minutes = joined(stays)
            found = matcher.find(first.name, first.email)
            rows.append({
                "import_id": report.id, "day_id": day_id, "person_key": key, "line": first.line, "name": first.name,
                "email": first.email, "minutes": minutes, "match": found.match, "score": found.score,
                "registration_id": found.registration_id,
            })  # fmt: skip
        db.session.execute(insert(ImportedPerson), rows)
        number += len(rows)
        save()
    return number


def apply(report: AttendanceImport, *, by: User) -> AttendanceImport:
    """Count what was looked at; the worker does it.

    Raises:
        TransitionNotAllowed: it was counted or left out meanwhile.
    """
    locked(report)
    move(report, S.APPLYING)
    report.attempts, report.problem = 0, ""
    record("attendance.report_accepted", about=f"import:{report.ref}", by=by, scope=report.event.scope)
    after_commit(wake)
    return report


def discard(report: AttendanceImport, *, by: User) -> AttendanceImport:
    """Leave a report out; nothing of it is kept.

    Raises:
        TransitionNotAllowed: it is being counted, or was.
    """
    locked(report)
    move(report, S.DISCARDED)
    _forget(report)
    _erase_file(report)
    record("attendance.report_discarded", about=f"import:{report.ref}", by=by, scope=report.event.scope)
    return report


def count(report: AttendanceImport, event: Event, *, save: Callable[[], None], at: Callable[[], datetime]) -> None:
    """Note whom the report names, and who of them attended. May be begun again: the same rows come out."""
    for people in batches(queries.imported_people(report)):
        rows = [
            {
                "event_id": event.id, "day_id": person.day_id, "import_id": report.id, "line": person.line,
                "name": person.name, "email": person.email, "person_key": person.person_key,
                "registration_id": person.registration_id,
                "status": SeenStatus.MATCHED if person.registration_id else SeenStatus.UNMATCHED,
            }
            for person in people
        ]  # fmt: skip
        insert_new(SeenOnline, rows, unless=["day_id", "person_key"])
        report.claimed_until = at()
        save()
    count_again(report.event_id, report.minimum, import_id=report.id, save=save)
    locked(report)
    move(report, S.DONE)
    report.claimed_until = None
    _erase_file(report)
    db.session.execute(delete(ImportedPerson).where(ImportedPerson.import_id == report.id))
    record(
        "attendance.imported",
        about=f"import:{report.ref}",
        by=None,
        scope=event.scope,
        detail=f"{report.people} people",
    )


def _forget(report: AttendanceImport) -> None:
    db.session.execute(delete(online_presence).where(online_presence.c.import_id == report.id))
    db.session.execute(delete(ImportedPerson).where(ImportedPerson.import_id == report.id))


def _erase_file(report: AttendanceImport) -> None:
    if report.file:
        file, report.file = report.file, None
        db.session.flush()
        files.discard(file)
