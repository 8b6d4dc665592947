"""The attendance summary as files."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from babel.dates import format_date
from flask_babel import get_locale
from flask_babel import gettext as _

from consult.attendance.figures import Figures, Row
from consult.reference import countries
from consult.reference.countries import Region
from consult.reference.stakeholders import Gender, StakeholderCategory
from consult.spreadsheets import Sheet, csv_lines, xlsx


def tables(figures: Figures) -> list[tuple[str, str, list[tuple[str, Row]]]]:
    """Every table of a summary in order: its title, the title of its first column, its labelled rows."""
    words = {word.value: str(word.label) for enum in (StakeholderCategory, Region, Gender) for word in enum}

    def labelled(rows: list[Row]) -> list[tuple[str, Row]]:
        return [(words.get(row.key) or countries.name(row.key) or _("Not known"), row) for row in rows]

    return [
        (_("By day"), _("Day"), [(_day(row.key), row) for row in figures.days]),
        (_("By session"), _("Session"), [(row.key, row) for row in figures.sessions]),
        (_("By category"), _("Category"), labelled(figures.categories)),
        (_("By region"), _("Region"), labelled(figures.regions)),
        (_("By country"), _("Country"), labelled(figures.countries)),
        (_("By gender"), _("Gender"), labelled(figures.genders)),
        (_("By organisation"), _("Organisation"), [(row.key or _("None"), row) for row in figures.organisations]),
    ]


def _day(key: str) -> str:
    return format_date(date.fromisoformat(key), "d MMMM y", locale=get_locale() or "en")


def _numbers() -> list[str]:
    return [_("In person"), _("Online"), _("All, each person once")]


def whole(figures: Figures) -> list[tuple[str, tuple[Any, Any, Any]]]:
    """The figures that are no table, labelled."""
    return [
        (_("Registered"), ("", "", figures.registered)),
        (_("Confirmed"), ("", "", figures.confirmed)),
        (_("Attended"), cells(figures.attended)),
        (_("Both in person and online"), ("", "", figures.both)),
        (_("Confirmed and did not come"), ("", "", figures.no_shows)),
        (_("For the first time"), cells(figures.first_time)),
        (_("Speakers, counted apart"), cells(figures.speakers)),
    ]


def as_csv(figures: Figures) -> Iterator[str]:
    """All tables one under the other, the first column says which."""
    rows: list[list[Any]] = [[_("All days"), label, *cells] for label, cells in whole(figures)]
    rows += [[title, label, *cells(row)] for title, _first, lines in tables(figures) for label, row in lines]
    return csv_lines([_("Table"), _("Row"), *_numbers()], rows)


def as_xlsx(figures: Figures) -> bytes:
    """A sheet a table."""
    sheets = [Sheet(_("All days"), ["", *_numbers()], [(label, *cells) for label, cells in whole(figures)])]
    sheets += [
        Sheet(title, [first, *_numbers()], [(label, *cells(row)) for label, row in lines])
        for title, first, lines in tables(figures)
    ]
    return xlsx(sheets)


def cells(row: Row) -> tuple[int | str, int | str, int | str]:
    """A small number that is hidden is said to be small."""
    if row.is_hidden:
        return ("<5", "<5", "<5")
    return (row.in_person or 0, row.online or 0, row.all or 0)
