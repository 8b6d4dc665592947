"""Countries and the consultation region each belongs to.

The regions are the five in which the Network meets; the file says to which each ISO 3166 country belongs.
Names come from CLDR, in the reader's language.
"""

import csv
from functools import cache
from pathlib import Path

from babel import Locale
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l

from consult.words import Word

_FILE = Path(__file__).parent / "data" / "countries.csv"


class Region(Word):
    AFRICA = "africa", _l("Africa")
    ARAB_STATES = "arab-states", _l("Arab States")
    ASIA_PACIFIC = "asia-pacific", _l("Asia and the Pacific")
    EUROPE_NORTH_AMERICA = "europe-north-america", _l("Europe and North America")
    LATIN_AMERICA_CARIBBEAN = "latin-america-caribbean", _l("Latin America and the Caribbean")


@cache
def _regions() -> dict[str, Region]:
    with _FILE.open(newline="") as file:
        return {row["alpha_2"]: Region(row["consultation_region"]) for row in csv.DictReader(file)}


def codes() -> list[str]:
    """Every country's two-letter code, in alphabetical order of the codes."""
    return sorted(_regions())


def region_of(country: str | None) -> Region | None:
    """The region of a country; None where no country is known."""
    return _regions().get(country or "")


@cache
def in_region(region: Region) -> list[str]:
    """The codes of a region's countries."""
    return sorted(code for code, belongs in _regions().items() if belongs is region)


@cache
def _codes_by_name() -> dict[str, str]:
    names: dict[str, str] = {}
    for language in ("en", "fr", "es"):
        territories = Locale.parse(language).territories
        names |= {territories.get(code, code).casefold(): code for code in codes()}
    return names | {code.casefold(): code for code in codes()}


def code_of(text: str) -> str:
    """The code of a country that a spreadsheet names by code, or in English, French or Spanish; empty if unknown."""
    return _codes_by_name().get(text.strip().casefold(), "")


def name(country: str | None) -> str:
    """The country's name in the reader's language; the code where CLDR has none."""
    locale = get_locale() or Locale("en")
    return str(locale.territories.get(country or "", country or ""))


def choices() -> list[tuple[str, str]]:
    """For a select field: by name, in the reader's language."""
    return _sorted_choices(str(get_locale() or "en"))


@cache
def _sorted_choices(language: str) -> list[tuple[str, str]]:
    territories = Locale.parse(language).territories
    return sorted(((code, territories.get(code, code)) for code in codes()), key=lambda pair: pair[1])
