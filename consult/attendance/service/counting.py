"""From stays to attendance: what all devices and all reports together say of a person."""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import delete

from consult.attendance import queries
from consult.attendance.models import Attendance, Source
from consult.database import upsert
from consult.extensions import db
from consult.words import Modality

BATCH = 1000
KEY = ["registration_id", "day_id", "modality"]


def grouped(stays: Iterable[Any], *keys: str) -> Iterator[tuple[Any, list[Any]]]:
    """The stays of one after the other; they come in that order."""
    for key, theirs in groupby(stays, key=attrgetter(*keys)):
        yield key, list(theirs)


def joined(stays: Iterable[Any]) -> tuple[Any, int | None]:
    """The first stay of one person, and the minutes of all together; stays come in the order of joining."""
    first: Any = None
    total, until, untimed = timedelta(), None, 0
    is_timed = has_minutes = False
    for stay in stays:
        first = first or stay
        if stay.joined_at is None:
            untimed += stay.minutes or 0
            has_minutes = has_minutes or stay.minutes is not None
            continue
        is_timed = True
        begins = max(stay.joined_at, until) if until else stay.joined_at
        if stay.left_at > begins:
            total += stay.left_at - begins
        until = max(until, stay.left_at) if until else stay.left_at
    if is_timed:
        return first, round(total.total_seconds() / 60)
    return first, untimed if has_minutes else None


def batches(each: Iterable[Any]) -> Iterator[list[Any]]:
    """Lists of at most BATCH."""
    batch: list[Any] = []
    for item in each:
        batch.append(item)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def count_again(event_id: int, minimum: int, *, save: Callable[[], None] = lambda: None, **which: int) -> None:
    """Note the attendance of these people, from all their stays in all reports that are counted."""
    for batch in batches(grouped(queries.stays_of_registered(event_id, **which), "registration_id", "day_id")):
        came, stayed_away = [], []
        for (registration_id, day_id), theirs in batch:
            first, minutes = joined(theirs)
            row = {"registration_id": registration_id, "day_id": day_id, "modality": Modality.ONLINE}
            if minutes is not None and minutes < minimum:
                stayed_away.append(row)
            else:
                at = first.joined_at or first.imported_at
                came.append({**row, "at": at, "minutes": minutes, "source": Source.REPORT})
        upsert(Attendance, came, KEY, update=["minutes"])
        for row in stayed_away:
            theirs = [getattr(Attendance, name) == value for name, value in row.items()]
            db.session.execute(delete(Attendance).where(*theirs, Attendance.source == Source.REPORT))
        save()
