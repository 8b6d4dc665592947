"""The figures of an event, counted in the database from registrations and attendance.

A person is a registration. Over all days and both modalities everybody counts once, so the figures of
the modalities may add up to more than the total: who came in person and online is in both. Speakers (those
registered in a category for speakers) are counted apart: no other figure holds them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

from sqlalchemy import BigInteger, Integer, Select, String, Subquery, case, cast, func, select, type_coerce
from sqlalchemy.orm import aliased

from consult.agenda.models import Session
from consult.attendance.models import Attendance, SessionAttendance
from consult.events.models import Event, EventDay, ParticipantCategory
from consult.extensions import db
from consult.reference.countries import Region, region_of
from consult.reference.stakeholders import OFFICIAL, Gender, StakeholderCategory
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
    people who are alike in all that is counted come back as one row. The rows are gone through once.
    """
    bits = {(day.id, modality): 2 * n + m for n, day in enumerate(event.days) for m, modality in enumerate(Modality)}
    hall = sum(1 << bit for (_day, modality), bit in bits.items() if modality is Modality.IN_PERSON)
    tables: list[_Table] = [defaultdict(_nobody) for _name in _DIMENSIONS]
    attended, first_time, speakers = _nobody(), _nobody(), _nobody()
    masks: Counter[int] = Counter()
    both = confirmed_came = 0
    for *keys, is_speaker, is_confirmed, is_first, mask, number in db.session.execute(_groups(event, bits)):
        in_person, online = number if mask & hall else 0, number if mask & ~hall else 0
        if is_speaker:
            _add(speakers, in_person, online, number)
            continue
        _add(attended, in_person, online, number)
        for table, key in zip(tables, keys, strict=True):
            _add(table[key], in_person, online, number)
        masks[mask] += number
        both += number if in_person and online else 0
        confirmed_came += number if is_confirmed else 0
        if is_first:
            _add(first_time, in_person, online, number)
    categories, countries, genders, organisations = map(_rows, tables)
    registered, confirmed = _registered(event)
    return Figures(
        registered=registered,
        confirmed=confirmed,
        confirmed_came=confirmed_came,
        attended=Row("attended", *attended),
        both=both,
        first_time=Row("first_time", *first_time),
        speakers=Row("speakers", *speakers),
        days=_days(event, masks, bits),
        sessions=_sessions(event),
        categories=_in_order(categories, StakeholderCategory),
        regions=_in_order(_regions(countries), Region),
        countries=_largest_first(countries),
        genders=_in_order(genders, Gender),
        organisations=_largest_first(organisations),
    )


_Table = dict[str, list[int]]  # [in person, online, all] by key


def _nobody() -> list[int]:
    return [0, 0, 0]


def _add(total: list[int], in_person: int, online: int, number: int) -> None:
    total[0] += in_person
    total[1] += online
    total[2] += number


def _rows(table: _Table) -> list[Row]:
    return [Row(str(key), *numbers) for key, numbers in table.items()]


# what tables are made of, in their order; as plain texts, since there may be a row for nearly every person
_DIMENSIONS = [
    type_coerce(column, String)
    for column in (
        # who says they come for a State counts as one only once that is confirmed
        case(
            (
                Registration.stakeholder.in_(OFFICIAL) & Registration.official_confirmed_at.is_(None),
                StakeholderCategory.OTHER.value,
            ),
            else_=type_coerce(Registration.stakeholder, String),
        ),
        Registration.country, Registration.gender, Registration.organisation_name,
    )
]  # fmt: skip


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
    known = _known(event)
    dimensions: list[Any] = [
        *_DIMENSIONS,
        ParticipantCategory.is_for_speakers,
        Registration.status == RegistrationStatus.CONFIRMED,
        # nobody of this address was at an earlier meeting; who left no address is not known to be new
        (Registration.email != "") & known.c.email.is_(None),
        there.c.mask,
    ]
    labelled = [column.label(f"d{place}") for place, column in enumerate(dimensions)]
    each = (
        select(*labelled)
        .select_from(there)
        .join(Registration, Registration.id == there.c.registration_id)
        .join(ParticipantCategory, ParticipantCategory.id == Registration.category_id)
        .outerjoin(known, known.c.email == Registration.email)
        .where(Registration.event_id == event.id)
        .subquery()
    )
    return select(*each.c, func.count()).group_by(*each.c)


def _known(event: Event) -> Subquery:
    """The addresses of those who were at an earlier meeting."""
    earlier, theirs, held = aliased(Registration), aliased(Attendance), aliased(Event)
    return (
        select(earlier.email)
        .join(held, held.id == earlier.event_id)
        .join(theirs, theirs.registration_id == earlier.id)
        .where(held.first_day < event.first_day, earlier.email != "")
        .distinct()
        .subquery()
    )


def _days(event: Event, masks: Mapping[int, int], bits: Mapping[tuple[int, Modality], int]) -> list[Row]:
    """Each day of the event, also one on which nobody came."""
    rows = []
    for day in event.days:
        hall, online = (1 << bits[day.id, modality] for modality in (Modality.IN_PERSON, Modality.ONLINE))
        numbers = [
            sum(number for mask, number in masks.items() if mask & wanted) for wanted in (hall, online, hall | online)
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
