"""Attendance reports as meeting platforms write them: Zoom (meetings, webinars), Teams, Webex, and plain tables.

A report is gone through twice, each time line by line: once to see what it is, and once to read it. What cannot be
read refuses the whole report, with the line that broke it.
"""

import csv
import io
import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import BinaryIO
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from consult import bounded
from consult.addresses import canonical
from consult.errors import DomainError, InvalidEntry
from consult.spreadsheets import workbook_rows
from consult.texts import one_line
from consult.words import Word

# how the columns are called, in lower case
TITLES: Mapping[str, tuple[str, ...]] = {
    "name": (
        "name (original name)", "user name (original name)", "name", "full name", "user name", "display name",
        "participant", "participant name", "attendee name", "name (real name)",
    ),
    "email": (
        "email", "e-mail", "user email", "email address", "attendee email", "participant id (upn)", "user e-mail",
        "mail", "e-mail address",
    ),
    "joined": ("join time", "first join", "joined", "join date", "first join time"),
    "left": ("leave time", "last leave", "left", "leave date", "last leave time"),
    "duration": (
        "duration (minutes)", "time in session (minutes)", "in-meeting duration", "duration", "attendance duration",
        "total duration (minutes)",
    ),
    "attended": ("attended",),
    "action": ("user action",),
    "timestamp": ("timestamp",),
}  # fmt: skip
FIELDS = ("name", "email", "joined", "left", "duration")  # that a person may map by hand


class Platform(Word):
    ZOOM_MEETING = "zoom_meeting", _l("Zoom meeting")
    ZOOM_WEBINAR = "zoom_webinar", _l("Zoom webinar")
    TEAMS = "teams", _l("Microsoft Teams")
    WEBEX = "webex", _l("Webex")
    TABLE = "table", _l("Table")


class DateOrder(Word):
    AUTO = "auto", _l("As the report itself shows")
    DAY_FIRST = "day_first", _l("Day, month, year")
    MONTH_FIRST = "month_first", _l("Month, day, year")


class ReportRefused(DomainError):
    """The report is broken at `line`."""

    def __init__(self, message: str, *, line: int = 0) -> None:
        super().__init__(_("Line %(line)s: %(message)s", line=line, message=message) if line else message)
        self.line = line


@dataclass(frozen=True)
class Connection:
    """One stay of one person, in UTC-aware instants. Without times, `minutes` may still be known."""

    line: int
    name: str
    original_name: str
    email: str
    joined: datetime | None
    left: datetime | None
    minutes: int | None


@dataclass
class Look:
    """What the first pass saw. `titles` are those of a plain table, as they are written."""

    platform: Platform = Platform.TABLE
    rows: int = 0
    titles: list[str] = field(default_factory=list)
    has_names: bool = False
    has_activities: bool = False
    day_first: int = 0
    month_first: int = 0
    ambiguous: list[tuple[int, int, int]] = field(default_factory=list)


_MOMENT = re.compile(
    r"^\W*(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4}),?[T\s]+(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:\.\d+)?"
    r"\s*([AaPp])?\.?\s*(?:[Mm]\.?)?\s*(Z|[+-]\d{2}:?\d{2})?"
)
_DURATION = re.compile(r"^(?:(\d+)\s*h\w*)?\s*(?:(\d+)\s*m\w*)?\s*(?:(\d+)\s*s\w*)?$", re.IGNORECASE)
_CLOCK = re.compile(r"^(\d+):(\d{2})(?::(\d{2}))?$")


def rows_of(stream: BinaryIO) -> Iterator[tuple[int, list[str]]]:
    """The rows of a CSV (of any usual encoding and separator) or of the first sheet of an XLSX, with their numbers.

    Raises:
        ReportRefused: a row cannot be read, or it is no such file.
    """
    head = stream.read(65_536)
    stream.seek(0)
    if head.startswith(b"PK"):
        yield from _sheet_rows(stream)
        return
    text = io.TextIOWrapper(stream, encoding=_encoding(head), newline="")
    delimiter = _delimiter(head.decode(_encoding(head), errors="ignore"))
    reader = csv.reader((line.replace("\x00", "") for line in text), delimiter=delimiter)
    number = 0
    try:
        for row in reader:
            number = reader.line_num
            if len(row) > bounded.COLUMNS:
                message = _("it has more than %(most)s columns.", most=bounded.COLUMNS)
                raise ReportRefused(message, line=number)
            yield number, [_cell(cell) for cell in row]
    except (csv.Error, UnicodeDecodeError) as error:
        raise ReportRefused(_("this cannot be read as text."), line=max(number, reader.line_num) + 1) from error
    finally:
        text.detach()


def _sheet_rows(stream: BinaryIO) -> Iterator[tuple[int, list[str]]]:
    try:
        for number, row in enumerate(workbook_rows(stream, limits=bounded.WORKER), 1):
            yield number, [_cell(cell) for cell in row]
    except InvalidEntry as error:
        raise ReportRefused(str(error)) from error


def _encoding(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if head.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    if head.count(b"\x00") > len(head) // 4:
        return "utf-16-le" if head[1:2] == b"\x00" else "utf-16-be"
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:  # not only a character cut in two at the end of the head
            return "cp1252"
    return "utf-8"


def _delimiter(head: str) -> str:
    """The separator that stands most often in the fullest of the first lines."""
    lines = head.splitlines()[:40]
    return max("\t;,", key=lambda each: max((line.count(each) for line in lines), default=0))


def _cell(text: str) -> str:
    """Without the marks with which platforms keep spreadsheets from changing what stands in a cell."""
    text = one_line(text)
    return text[2:-1].strip() if text.startswith('="') and text.endswith('"') else text.strip('"').strip()


def columns_of(row: Sequence[str], mapping: Mapping[str, str] | None = None) -> dict[str, int]:
    """Where each field stands, if this row is a line of titles; empty if it is none."""
    titles = [cell.lower() for cell in row]
    if mapping:
        found = {name: titles.index(title.lower()) for name, title in mapping.items() if title.lower() in titles}
        return found if {"name", "email"} & set(found) else {}
    found = {}
    for name, known in TITLES.items():
        place = next((titles.index(title) for title in known if title in titles), None)
        if place is not None:
            found[name] = place
    if {"topic", "meeting id", "webinar id"} & set(titles) and "joined" not in found:
        return {}  # what the meeting was, not who was there
    is_titles = bool({"name", "email"} & set(found)) and not any("@" in cell for cell in row)
    return found if is_titles and (len(found) > 1 or len([cell for cell in row if cell]) == 1) else {}


def look(stream: BinaryIO, *, mapping: Mapping[str, str] | None = None) -> Look:
    """The first pass: which platform wrote it, how many rows it has, in which order its dates are written.

    Raises:
        ReportRefused: it cannot be read, or nothing is in it.
    """
    seen, columns = Look(), dict[str, int]()
    for _number, row in rows_of(stream):
        if not any(row):
            continue
        if not seen.titles:
            seen.titles = [cell for cell in row if cell]
        _recognise(seen, [cell.lower() for cell in row])
        if found := columns_of(row, mapping):
            columns, seen.has_names = found, True
            continue
        if columns and len([cell for cell in row if cell]) > 1:
            seen.rows += 1
            for name in ("joined", "left", "timestamp"):
                _weigh(seen, _at(row, columns, name))
    if not seen.titles:
        raise ReportRefused(_("This file is empty."))
    return seen


def _recognise(seen: Look, titles: list[str]) -> None:
    first, all_ = titles[0], set(titles)
    if "attendee report" in first or ("attended" in all_ and "time in session (minutes)" in all_):
        seen.platform = Platform.ZOOM_WEBINAR
    elif seen.platform is Platform.TABLE and ("meeting id" in all_ or "name (original name)" in all_):
        seen.platform = Platform.ZOOM_MEETING
    elif {"in-meeting duration", "user action", "participant id (upn)"} & all_ or first.startswith("1. summary"):
        seen.platform = Platform.TEAMS
    elif {"meeting name", "attendee email"} <= all_ or {"display name", "attendance duration"} <= all_:
        seen.platform = Platform.WEBEX
    if first.startswith("3. in-meeting activities"):
        seen.has_activities = True


def _weigh(seen: Look, text: str) -> None:
    """What a date says about the order in which days and months are written."""
    match = _MOMENT.match(text)
    if match is None or len(match[1]) == 4:
        return
    first, second = int(match[1]), int(match[2])
    if first > 12:
        seen.day_first += 1
    elif second > 12:
        seen.month_first += 1
    elif len(seen.ambiguous) < 1000:
        seen.ambiguous.append((first, second, int(match[3])))


def is_day_first(seen: Look, order: DateOrder, days: Sequence[date]) -> bool:
    """As it was said, or as the dates show, or so that they fall on days of the event.

    Raises:
        ReportRefused: the dates contradict one another, or what was said.
    """
    if seen.day_first and seen.month_first:
        raise ReportRefused(_("Some dates have the day first, others the month."))
    if order is not DateOrder.AUTO:
        is_first = order is DateOrder.DAY_FIRST
        if seen.month_first if is_first else seen.day_first:
            raise ReportRefused(_("The dates are not in the order that was chosen."))
        return is_first
    if seen.day_first or seen.month_first:
        return bool(seen.day_first)
    known = {(day.month, day.day) for day in days}
    as_day_first = sum((second, first) in known for first, second, _year in seen.ambiguous)
    as_month_first = sum((first, second) in known for first, second, _year in seen.ambiguous)
    return as_day_first > as_month_first


def read(
    stream: BinaryIO, seen: Look, *, zone: ZoneInfo, day_first: bool, mapping: Mapping[str, str] | None = None
) -> Generator[Connection]:
    """The second pass: each stay of each person. Who is listed and did not come is passed over.

    Args:
        zone: that of times which do not say theirs.
    """
    reader = _Reader(zone, day_first)
    columns, is_left_out = dict[str, int](), False
    for number, row in rows_of(stream):
        if not any(row):
            continue
        if seen.has_activities and row[0].lower().startswith(("2. participants", "3. in-meeting activities")):
            # Teams tells the same stays twice: as a whole, and one by one
            is_left_out, columns = row[0].startswith("2"), {}
            continue
        if found := columns_of(row, mapping):
            columns = found
        elif columns and not is_left_out:
            filled = [cell for cell in row if cell]
            if len(filled) == 1 and len(columns) > 1 and row[0] and len(row) < len(columns):
                columns = {}  # the title of the next table
                continue
            yield from reader.connections(number, row, columns)
    yield from reader.still_there()


def _at(row: Sequence[str], columns: Mapping[str, int], name: str) -> str:
    place = columns.get(name)
    return row[place] if place is not None and place < len(row) else ""


class _Reader:
    def __init__(self, zone: ZoneInfo, day_first: bool) -> None:
        self.zone, self.day_first = zone, day_first
        self._inside: dict[str, tuple[int, datetime]] = {}  # for Teams' list of joining and leaving
        self._last: datetime | None = None

    def connections(self, number: int, row: list[str], columns: Mapping[str, int]) -> Iterator[Connection]:
        name, email = _at(row, columns, "name")[:300], canonical(_at(row, columns, "email"))[:254]
        if (not name and not email) or _at(row, columns, "attended").lower() == "no":
            return
        if "action" in columns:
            yield from self._action(number, name, row, columns)
            return
        if "joined" in columns and not _at(row, columns, "joined"):
            raise ReportRefused(_("the time of joining is missing."), line=number)
        joined = self.moment(_at(row, columns, "joined"), number)
        left = self.moment(_at(row, columns, "left"), number)
        minutes = self.minutes(_at(row, columns, "duration"), number)
        if joined and not left:
            left = joined + timedelta(minutes=minutes or 0)
        if joined and left and left < joined:
            raise ReportRefused(_("the person leaves before they join."), line=number)
        shown, original = _names(name)
        yield Connection(number, shown, original, email if "@" in email else "", joined, left, minutes)

    def _action(self, number: int, name: str, row: list[str], columns: Mapping[str, int]) -> Iterator[Connection]:
        at = self.moment(_at(row, columns, "timestamp"), number)
        if at is None:
            raise ReportRefused(_("the time is missing."), line=number)
        self._last = max(self._last or at, at)
        if _at(row, columns, "action").lower().startswith("joined"):
            self._inside.setdefault(name, (number, at))
        elif name in self._inside:
            line, joined = self._inside.pop(name)
            yield Connection(line, name, "", "", joined, max(at, joined), None)

    def still_there(self) -> Iterator[Connection]:
        """Who has not left was there until the last thing that happened."""
        for name, (line, joined) in self._inside.items():
            yield Connection(line, name, "", "", joined, self._last, None)

    def moment(self, text: str, number: int) -> datetime | None:
        if not text or text in {"--", "-", "n/a", "N/A"}:
            return None
        match = _MOMENT.match(text)
        if match is None:
            raise ReportRefused(_("“%(text)s” is not a time.", text=text[:60]), line=number)
        first, second, third = int(match[1]), int(match[2]), int(match[3])
        if len(match[1]) == 4:
            year, month, day = first, second, third
        else:
            year, month, day = third, *((second, first) if self.day_first else (first, second))
        hour = int(match[4])
        if match[7]:
            hour = hour % 12 + (12 if match[7].lower() == "p" else 0)
        try:
            at = datetime(
                year + 2000 if year < 100 else year, month, day, hour, int(match[5]), int(match[6] or 0),
                tzinfo=self.zone,
            )  # fmt: skip
        except ValueError as error:
            raise ReportRefused(_("“%(text)s” is not a time.", text=text[:60]), line=number) from error
        if match[8]:
            return datetime.fromisoformat(f"{at.replace(tzinfo=None).isoformat()}{match[8].replace('Z', '+00:00')}")
        return at

    def minutes(self, text: str, number: int) -> int | None:
        """“62”, “1:02:03”, “1h 2m 3s”: whole minutes, begun ones counted from the half."""
        if not text or text in {"--", "-"}:
            return None
        if text.replace(".", "", 1).isdigit():
            return round(float(text))
        if clock := _CLOCK.match(text):
            hours, rest = int(clock[1]), int(clock[2])
            return hours * 60 + rest if clock[3] is not None else hours
        match = _DURATION.match(text)
        if match is None or not any(match.groups()):
            raise ReportRefused(_("“%(text)s” is not a duration.", text=text[:60]), line=number)
        hours, whole, seconds = (int(part or 0) for part in match.groups())
        return hours * 60 + whole + (1 if seconds >= 30 else 0)


def _names(text: str) -> tuple[str, str]:
    """“Ana (Ana Sow)”, as Zoom writes who renamed themselves: the name shown, and the original."""
    match = re.match(r"^(.*\S)\s*\(([^()]+)\)$", text)
    return (match[1], match[2]) if match else (text, "")
