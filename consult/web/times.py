"""Dates and times as people read them: in the event's zone, with the reader's own beside it."""

from collections.abc import Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_interval, format_time, get_timezone_name
from flask_babel import format_timedelta, get_timezone
from flask_babel import get_locale as reader_locale
from flask_babel import gettext as _
from markupsafe import Markup, escape

from consult.database import now


def get_locale() -> Locale:
    """The reader's; English is written day before month, as international organisations do."""
    locale = reader_locale() or Locale("en")
    return Locale("en", "GB") if str(locale) == "en" else locale


def zone_name(zone: str) -> str:
    """“Zurich time”: the zone by the city people know it by."""
    city = get_timezone_name(ZoneInfo(zone), width="short", locale=get_locale(), return_zone=True).split("/")[-1]
    return "UTC" if zone in {"UTC", "Etc/UTC"} else _("%(city)s time", city=city.replace("_", " "))


def date_and_time(instant: datetime, zone: str) -> str:
    return format_datetime(
        instant.astimezone(ZoneInfo(zone)), "d MMMM y, HH:mm", tzinfo=ZoneInfo(zone), locale=get_locale()
    )


def moment(instant: datetime | None, zone: str) -> Markup:
    """An instant as a `<time>` in the event's zone; the reader's time follows where it differs."""
    if instant is None:
        return Markup("")
    there = ZoneInfo(zone)
    here = get_timezone()
    text = escape(f"{date_and_time(instant, zone)} {zone_name(zone)}")
    html = Markup('<time datetime="{}" data-zone="{}">{}</time>').format(instant.isoformat(), zone, text)
    if str(here) in {"UTC", zone} or here is None:
        return html
    mine, theirs = instant.astimezone(here), instant.astimezone(there)
    if mine.utcoffset() == theirs.utcoffset():
        return html
    form = "HH:mm" if mine.date() == theirs.date() else "d MMMM, HH:mm"
    yours = format_datetime(mine, form, tzinfo=here, locale=get_locale())
    return html + Markup(' <span class="soft">({})</span>').format(_("%(time)s your time", time=yours))


def hours(starts: datetime, ends: datetime) -> Markup:
    """From when until when, in the zone of the instants; the reader's hours follow where they differ."""
    html = Markup('<time datetime="{}" data-until="{}" data-zone="{}" class="clock">{}–{}</time>').format(
        starts.isoformat(), ends.isoformat(), str(starts.tzinfo), clock(starts.time()), clock(ends.time())
    )
    here = get_timezone()
    if (
        here is None
        or str(here) in {"UTC", str(starts.tzinfo)}
        or starts.astimezone(here).utcoffset() == starts.utcoffset()
    ):
        return html
    mine = f"{clock(starts.astimezone(here).time())}–{clock(ends.astimezone(here).time())}"
    return html + Markup(' <span class="soft">({})</span>').format(_("%(time)s your time", time=mine))


def instant_text(iso: str, zone: str) -> str:
    """An instant in a zone, from what a message keeps of it: “3 May 2027, 14:00 Zurich time”."""
    return f"{date_and_time(datetime.fromisoformat(iso), zone)} {zone_name(zone)}"


def date_text(iso: str) -> str:
    """A date from what a message or a row keeps of it."""
    return short_date(date.fromisoformat(iso))


def clock(value: time) -> str:
    return format_time(value, "HH:mm", locale=get_locale())


def long_date(value: date) -> str:
    return format_date(value, "EEEE d MMMM y", locale=get_locale())


def short_date(value: date) -> str:
    return format_date(value, "d MMMM y", locale=get_locale())


def date_range(days: Sequence[date]) -> str:
    """“15–16 December 2020”, in the reader's language."""
    if not days:
        return _("Dates to be announced")
    if len(days) == 1 or days[0] == days[-1]:
        return short_date(days[0])
    return str(format_interval(days[0], days[-1], "yMMMd", locale=get_locale()))


def time_left(until: datetime) -> str:
    """“3 days”: how long something stays open."""
    return str(format_timedelta(until - now(), threshold=1.2))


def ago(instant: datetime) -> str:
    return str(format_timedelta(instant - now(), add_direction=True, threshold=1.2))
