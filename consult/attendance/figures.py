"""The figures of an event, counted in the database from registrations and attendance.

A person is a registration. Over all days and both modalities everybody counts once, so the figures of
the modalities may add up to more than the total: who came in person and online is in both. Speakers (those
registered in a category for speakers) are counted apart: no other figure holds them.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

from sqlalchemy import BigInteger, ColumnElement, Integer, Select, case, cast, false, func, select
from sqlalchemy.orm import aliased

from consult.agenda.models import Session
from consult.attendance.models import Attendance, SessionAttendance
from consult.events.models import Event, EventDay, ParticipantCategory
from consult.extensions import db
from consult.reference.countries import Region, region_of
from consult.reference.stakeholders import Gender, StakeholderCategory
from consult.registration.models import Registration, RegistrationStatus
from consult.words import Modality

SMALL = 5  # numbers below this can point to a person


@dataclass(frozen=True)
class Row:
    """One line of a table: how many people were there in person, online, and in all (each once).

    None is a number that is hidden because it is small, or would tell one that is.
    """

    key: str
    in_person: int | None
    online: int | None
    all: int | None

    @property
    def is_hidden(self) -> bool:
        return self.all is None


@dataclass(frozen=True)
class Figures:
    """What an attendance summary says. `days` are by ISO date, `sessions` by title, `organisations` by name, the
    other tables by the keys of the reference lists."""

    registered: int
    confirmed: int
    confirmed_came: int
    attended: Row
    both: int
    first_time: Row
    speakers: Row
    days: list[Row] = field(default_factory=list)
    sessions: list[Row] = field(default_factory=list)
    categories: list[Row] = field(default_factory=list)
    regions: list[Row] = field(default_factory=list)
    countries: list[Row] = field(default_factory=list)
    genders: list[Row] = field(default_factory=list)
    organisations: list[Row] = field(default_factory=list)

    @property
    def no_shows(self) -> int:
        """Who had a confirmed place and did not come."""
        return self.confirmed - self.confirmed_came

    def kept(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return asdict(self)

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Self:
        """The reverse of `kept`; a summary of an earlier release lacks what was not counted then."""
        tables: dict[str, Any] = {name: [Row(**row) for row in kept.get(name, [])] for name in TABLES}
        rows: dict[str, Any] = {name: Row(**kept.get(name, {"key": name, **NOBODY})) for name in ROWS}
        registered = kept["registered"]
        return cls(
            registered=registered, confirmed=kept.get("confirmed", registered), both=kept["both"],
            confirmed_came=kept.get("confirmed_came", rows["attended"].all), **rows, **tables,
        )  # fmt: skip

    def for_publication(self) -> Self:
        """Without the numbers that could point to a person."""
        tables: dict[str, Any] = {name: _without_small(getattr(self, name)) for name in TABLES}
        return replace(self, **tables)


TABLES = ("days", "sessions", "categories", "regions", "countries", "genders", "organisations")
ROWS = ("attended", "first_time", "speakers")
NOBODY = {"in_person": 0, "online": 0, "all": 0}


def _without_small(rows: Sequence[Row]) -> list[Row]:
    """Hide rows with a number from 1 to 4; where that is one row, the next smallest too, or the total tells it."""
    hidden = {row.key for row in rows if any(0 < (number or 0) < SMALL for number in _numbers(row))}
    others = sorted((row for row in rows if row.key not in hidden and row.all), key=lambda row: row.all or 0)
    if len(hidden) == 1 and others:
        hidden.add(others[0].key)
    return [Row(row.key, None, None, None) if row.key in hidden else row for row in rows]


def _numbers(row: Row) -> tuple[int | None, int | None, int | None]:
    return row.in_person, row.online, row.all


def figures(event: Event) -> Figures:
    """Count. Three statements, whatever the number of people. The event's days must be loaded.

    Attendance is read once: what a person's rows say becomes one number, with a bit for each day and modality, and
    people who are alike in all that is counted come back as one row.
    """
    bits = {(day.id, modality): 2 * n + m for n, day in enumerate(event.days) for m, modality in enumerate(Modality)}
    groups = [_Group(*row) for row in db.session.execute(_groups(event, bits))]
    people = [group for group in groups if not group.is_speaker]
    hall = sum(1 << bit for (_day, modality), bit in bits.items() if modality is Modality.IN_PERSON)
    count = _Counter(hall)
    countries = count.by(people, lambda group: group.country)
    registered, confirmed = _registered(event)
    return Figures(
        registered=registered,
        confirmed=confirmed,
        confirmed_came=sum(group.number for group in people if group.is_confirmed),
        attended=count.row("attended", people),
        both=sum(group.number for group in people if group.mask & hall and group.mask & ~hall),
        first_time=count.row("first_time", [group for group in people if group.is_first]),
        speakers=count.row("speakers", [group for group in groups if group.is_speaker]),
        days=_days(event, people, bits),
        sessions=_sessions(event),
        categories=_in_order(count.by(people, lambda group: group.stakeholder), StakeholderCategory),
        regions=_in_order(_regions(countries), Region),
        countries=_largest_first(countries),
        genders=_in_order(count.by(people, lambda group: group.gender), Gender),
        organisations=_largest_first(count.by(people, lambda group: group.organisation)),
    )


@dataclass(frozen=True, slots=True)
class _Group:
    """People who are alike: how many they are, and on which days in which way they were there (a bit each)."""

    stakeholder: str
    country: str
    gender: str
    organisation: str
    is_speaker: bool
    is_confirmed: bool
    is_first: bool
    mask: int
    number: int


@dataclass(frozen=True)
class _Counter:
    hall: int  # the bits that mean in person

    def row(self, key: str, groups: Iterable[_Group]) -> Row:
        in_person = online = everybody = 0
        for group in groups:
            everybody += group.number
            in_person += group.number if group.mask & self.hall else 0
            online += group.number if group.mask & ~self.hall else 0
        return Row(key, in_person, online, everybody)

    def by(self, groups: Iterable[_Group], key: Callable[[_Group], str]) -> list[Row]:
        parts: dict[str, list[_Group]] = defaultdict(list)
        for group in groups:
            parts[key(group)].append(group)
        return [self.row(str(name), theirs) for name, theirs in parts.items()]


def _groups(event: Event, bits: dict[tuple[int, Modality], int]) -> Select[Any]:
    """Each kind of people who were there, with how many they are."""
    weights = [
        ((Attendance.day_id == day) & (Attendance.modality == modality), 1 << bit)
        for (day, modality), bit in bits.items()
    ]
    mask = cast(func.sum(case(*weights, else_=0)), BigInteger) if weights else cast(0, BigInteger)
    there = (
        select(Attendance.registration_id, mask.label("mask"))
        .where(Attendance.day_id.in_([day.id for day in event.days]))
        .group_by(Attendance.registration_id)
        .subquery()
    )
    dimensions: list[Any] = [
        Registration.stakeholder,
        Registration.country,
        Registration.gender,
        Registration.organisation_name,
        ParticipantCategory.is_for_speakers,
        Registration.status == RegistrationStatus.CONFIRMED,
        _is_first(event),
        there.c.mask,
    ]
    labelled = [column.label(f"d{place}") for place, column in enumerate(dimensions)]
    each = (
        select(*labelled)
        .select_from(there)
        .join(Registration, Registration.id == there.c.registration_id)
        .join(ParticipantCategory, ParticipantCategory.id == Registration.category_id)
        .where(Registration.event_id == event.id)
        .subquery()
    )
    return select(*each.c, func.count()).group_by(*each.c)


def _is_first(event: Event) -> ColumnElement[bool]:
    """Whether nobody of this address was at an earlier meeting; who has no address is not known to be new."""
    if event.first_day is None:
        return false()
    earlier, theirs, held = aliased(Registration), aliased(Attendance), aliased(Event)
    known = (
        select(earlier.email)
        .join(held, held.id == earlier.event_id)
        .join(theirs, theirs.registration_id == earlier.id)
        .where(held.first_day < event.first_day, earlier.email != "")
    )
    return (Registration.email != "") & Registration.email.not_in(known)


def _days(event: Event, people: Sequence[_Group], bits: dict[tuple[int, Modality], int]) -> list[Row]:
    """Each day of the event, also one on which nobody came."""
    rows = []
    for day in event.days:
        hall, online = (1 << bits[day.id, modality] for modality in (Modality.IN_PERSON, Modality.ONLINE))
        numbers = [
            sum(group.number for group in people if group.mask & wanted) for wanted in (hall, online, hall | online)
        ]
        rows.append(Row(day.date.isoformat(), *numbers))
    return rows


def _sessions(event: Event) -> list[Row]:
    """Each session somebody was checked in to, in the order in which they were held."""
    hall = func.sum(case((SessionAttendance.modality == Modality.IN_PERSON, 1), else_=0))
    online = func.sum(case((SessionAttendance.modality == Modality.ONLINE, 1), else_=0))
    statement = (
        select(Session.title, hall, online, func.count(SessionAttendance.registration_id.distinct()))
        .join(SessionAttendance, SessionAttendance.session_id == Session.id)
        .join(Registration, Registration.id == SessionAttendance.registration_id)
        .join(ParticipantCategory, ParticipantCategory.id == Registration.category_id)
        .join(EventDay, EventDay.id == Session.day_id)
        .where(Session.event_id == event.id, ParticipantCategory.is_for_speakers.is_(False))
        .group_by(Session.id, Session.title, EventDay.date, Session.starts)
        .order_by(EventDay.date, Session.starts, Session.id)
    )
    return [Row(*row) for row in db.session.execute(statement)]


def _regions(countries: Iterable[Row]) -> list[Row]:
    """A country has one region, so the regions are sums over countries."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in countries:
        region = region_of(row.key)
        total = sums[region.value if region else ""]
        for place, number in enumerate(_numbers(row)):
            total[place] += number or 0
    return [Row(key, *total) for key, total in sums.items()]


def _in_order(rows: list[Row], order: Iterable[str]) -> list[Row]:
    places = {str(key): place for place, key in enumerate(order)}
    return sorted(rows, key=lambda row: places.get(row.key, len(places)))


def _largest_first(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (-(row.all or 0), row.key))


def _registered(event: Event) -> tuple[int, int]:
    """(everybody who registered, whatever became of it; those whose place is confirmed), without speakers."""
    is_confirmed = cast(Registration.status == RegistrationStatus.CONFIRMED, Integer)
    statement = (
        select(func.count(), func.coalesce(func.sum(is_confirmed), 0))
        .select_from(Registration)
        .join(ParticipantCategory, ParticipantCategory.id == Registration.category_id)
        .where(Registration.event_id == event.id, ParticipantCategory.is_for_speakers.is_(False))
    )
    registered, confirmed = db.session.execute(statement).one()
    return registered, confirmed
