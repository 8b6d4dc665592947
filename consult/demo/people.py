"""People and organisations made up from lists of names; the same ones each time."""

import random
from dataclasses import dataclass

from babel import Locale
from sqlalchemy import select

from consult.database import now
from consult.demo.names import COUNTRIES, ORGANISATIONS, PEOPLE, PLACES
from consult.extensions import db
from consult.organisations.models import Organisation, RecognitionHeld, RecognitionStatus
from consult.organisations.queries import name_key
from consult.organisations.service import names
from consult.reference.countries import Region, region_of
from consult.reference.stakeholders import OFFICIAL, Gender, Recognition, StakeholderCategory


@dataclass(frozen=True)
class Person:
    given_name: str
    family_name: str
    gender: Gender

    def address(self, number: int) -> str:
        """An address that can never be anybody's."""
        return f"{name_key(self.given_name + ' ' + self.family_name).replace(' ', '.')}.{number}@people.example"


def person(chance: random.Random, region: Region | None) -> Person:
    women, men, families = PEOPLE[region or Region.EUROPE_NORTH_AMERICA]
    gender = chance.choices([Gender.WOMAN, Gender.MAN, Gender.OTHER, Gender.NOT_STATED], [50, 44, 2, 4])[0]
    given = chance.choice(women if gender is Gender.WOMAN else men if gender is Gender.MAN else women + men)
    return Person(given, chance.choice(families), gender)


def organisations() -> list[Organisation]:
    """Those of the demo, of all categories and regions: made when they are not there yet."""
    known = list(db.session.scalars(select(Organisation).order_by(Organisation.id)))
    if known:
        return known
    chance = random.Random(44)
    made: list[Organisation] = []
    for region in Region:
        for category, kinds in ORGANISATIONS.items():
            for kind in kinds:
                name = f"{chance.choice(PLACES[region])} {kind}"
                made.append(_organisation(chance, name, category, chance.choice(COUNTRIES[region])))
        for country in COUNTRIES[region]:
            name = f"Permanent Mission of {Locale('en').territories[country]}"
            made.append(_organisation(chance, name, StakeholderCategory.MEMBER_STATE, country))
    db.session.add_all(made)
    db.session.flush()
    for organisation in made:
        names.index(organisation)
    return made


def _organisation(chance: random.Random, name: str, category: StakeholderCategory, country: str) -> Organisation:
    organisation = Organisation(
        name=name,
        name_key=name_key(name),
        category=category,
        country=country,
        created_at=now(),
        recognitions=[],
        names=[],
        documents=[],
        category_confirmed_at=now() if category in OFFICIAL else None,
        description="Made up for the demo." if category is not StakeholderCategory.MEMBER_STATE else "",
    )
    if category is not StakeholderCategory.MEMBER_STATE and chance.random() < 0.3:
        status = chance.choice([RecognitionStatus.CLAIMED, RecognitionStatus.VERIFIED])
        held = RecognitionHeld(kind=chance.choice(list(Recognition)), status=status, year=chance.randint(1998, 2019))
        held.settled_at = now() if held.is_verified else None
        organisation.recognitions.append(held)
    return organisation


def region(organisation: Organisation) -> Region | None:
    return region_of(organisation.country)
