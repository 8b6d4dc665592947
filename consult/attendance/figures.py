"""The figures of an event, counted in the database from registrations and attendance.

A person is a registration. Over all days and both modalities everybody counts once, so the figures of
the modalities may add up to more than the total: who came in person and online is in both.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from sqlalchemy import ColumnElement, Subquery, case, func, select

from consult.attendance.models import Attendance
from consult.events.models import Event
from consult.extensions import db
from consult.reference.countries import Region, region_of
from consult.reference.stakeholders import Gender, StakeholderCategory
from consult.registration.models import Registration, RegistrationStatus
from consult.words import Modality


@dataclass(frozen=True)
class Row:
    """One line of a table: how many people were there in person, online, and in all (each once)."""

    key: str
    in_person: int
    online: int
    all: int


@dataclass(frozen=True)
class Figures:
    """What an attendance summary says. `days` are by ISO date, the other tables by the keys of the reference lists."""

    registered: int
    attended: Row
    both: int
    days: list[Row] = field(default_factory=list)
    categories: list[Row] = field(default_factory=list)
    regions: list[Row] = field(default_factory=list)
    countries: list[Row] = field(default_factory=list)
    genders: list[Row] = field(default_factory=list)

    @property
    def no_shows(self) -> int:
        return self.registered - self.attended.all

    def kept(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return asdict(self)

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Self:
        """The reverse of `kept`."""
        tables = {name: [Row(**row) for row in kept[name]] for name in TABLES}
        return cls(registered=kept["registered"], attended=Row(**kept["attended"]), both=kept["both"], **tables)


TABLES = ("days", "categories", "regions", "countries", "genders")


def figures(event: Event) -> Figures:
    """Count. Six statements, whatever the number of people. The event's days must be loaded."""
    people = _people(event)
    totals = db.session.execute(
        select(*_counts(people), func.count().filter(people.c.in_person + people.c.online == 2))
    ).one()
    countries = _by(people, people.c.country)
    return Figures(
        registered=_registered(event),
        attended=Row("all", totals[0], totals[1], totals[2]),
        both=totals[3],
        days=_days(event),
        categories=_in_order(_by(people, people.c.stakeholder), StakeholderCategory),
        regions=_in_order(_regions(countries), Region),
        countries=sorted(countries, key=lambda row: (-row.all, row.key)),
        genders=_in_order(_by(people, people.c.gender), Gender),
    )


def _people(event: Event) -> Subquery:
    """Each person who was there at all, with 1 or 0 for having been there in person and online."""
    in_person = func.max(_one_if(Attendance.modality == Modality.IN_PERSON)).label("in_person")
    online = func.max(_one_if(Attendance.modality == Modality.ONLINE)).label("online")
    return (
        select(Registration.stakeholder, Registration.country, Registration.gender, in_person, online)
        .join(Attendance, Attendance.registration_id == Registration.id)
        .where(Registration.event_id == event.id)
        .group_by(Registration.id, Registration.stakeholder, Registration.country, Registration.gender)
        .subquery()
    )


def _one_if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def _counts(people: Subquery) -> list[ColumnElement[int]]:
    return [func.coalesce(func.sum(people.c.in_person), 0), func.coalesce(func.sum(people.c.online), 0), func.count()]


def _by(people: Subquery, column: ColumnElement[Any]) -> list[Row]:
    return [
        Row(str(key), *numbers)
        for key, *numbers in db.session.execute(select(column, *_counts(people)).group_by(column))
    ]


def _days(event: Event) -> list[Row]:
    """Each day of the event, also one on which nobody came."""
    statement = (
        select(
            Attendance.day_id,
            func.sum(_one_if(Attendance.modality == Modality.IN_PERSON)),
            func.sum(_one_if(Attendance.modality == Modality.ONLINE)),
            func.count(Attendance.registration_id.distinct()),
        )
        .where(Attendance.day_id.in_([day.id for day in event.days]))
        .group_by(Attendance.day_id)
    )
    found = {day: numbers for day, *numbers in db.session.execute(statement)}
    return [Row(day.date.isoformat(), *found.get(day.id, [0, 0, 0])) for day in event.days]


def _regions(countries: Iterable[Row]) -> list[Row]:
    """A country has one region, so the regions are sums over countries."""
    sums: dict[str, Counter[str]] = {}
    for row in countries:
        region = region_of(row.key)
        total = sums.setdefault(region.value if region else "", Counter())
        total.update({"in_person": row.in_person, "online": row.online, "all": row.all})
    return [Row(key, total["in_person"], total["online"], total["all"]) for key, total in sums.items()]


def _in_order(rows: list[Row], order: Iterable[str]) -> list[Row]:
    places = {str(key): place for place, key in enumerate(order)}
    return sorted(rows, key=lambda row: places.get(row.key, len(places)))


def _registered(event: Event) -> int:
    confirmed = select(func.count()).where(
        Registration.event_id == event.id, Registration.status == RegistrationStatus.CONFIRMED
    )
    return db.session.scalars(confirmed).one()
