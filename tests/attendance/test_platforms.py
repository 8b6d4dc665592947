"""Reports as platforms write them: what is read of each, and what refuses a broken one."""

import io
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from consult.attendance import platforms
from consult.attendance.platforms import DateOrder, Platform, ReportRefused

REPORTS = Path(__file__).parent / "reports"
ZURICH = ZoneInfo("Europe/Zurich")
DAYS = [date(2027, 3, 17), date(2027, 3, 18)]


def read(text, encoding="utf-8", zone=ZURICH, order=DateOrder.AUTO, mapping=None):
    text = text.read_text() if isinstance(text, Path) else text
    content = text if isinstance(text, bytes) else text.encode(encoding)
    seen = platforms.look(io.BytesIO(content), mapping=mapping)
    day_first = platforms.is_day_first(seen, order, DAYS)
    stays = list(platforms.read(io.BytesIO(content), seen, zone=zone, day_first=day_first, mapping=mapping))
    return seen, stays


def utc(hour, minute, second=0):
    """On 17 March 2027; Zurich is an hour ahead."""
    return datetime(2027, 3, 17, hour, minute, second, tzinfo=UTC)


def test_a_zoom_meeting_with_two_tables_renamed_people_and_a_telephone():
    seen, stays = read(REPORTS / "zoom-meeting.csv", "utf-8-sig")
    assert (seen.platform, seen.rows) == (Platform.ZOOM_MEETING, 3)
    assert [(s.name, s.original_name, s.email) for s in stays] == [
        ("Ana", "Ana Sow", "ana@example.org"), ("Ana", "Ana Sow", "ana@example.org"), ("+41 22 917 00 00", "", ""),
    ]  # fmt: skip
    assert (stays[0].joined, stays[0].left, stays[0].line) == (utc(8, 25, 10), utc(9, 25, 10), 5)


def test_a_zoom_webinar_with_hosts_absentees_and_others():
    seen, stays = read(REPORTS / "zoom-webinar.csv")
    assert seen.platform is Platform.ZOOM_WEBINAR
    assert [(stay.name, stay.email) for stay in stays] == [
        ("Secretariat", "host@network.example"), ("Ana Sow", "ana@example.org"), ("22917****", ""),
    ]  # fmt: skip
    assert stays[1].joined == utc(8, 5)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8"])
def test_teams_tells_each_stay_once_in_any_encoding(encoding):
    seen, stays = read(REPORTS / "teams.csv", encoding)
    assert seen.platform is Platform.TEAMS
    assert [(stay.joined, stay.left, stay.minutes) for stay in stays] == [
        (utc(8, 25, 10), utc(9, 25, 10), 60), (utc(9, 55, 7), utc(10, 25, 10), 30),
    ]  # fmt: skip


def test_the_older_list_of_teams_pairs_joining_with_leaving():
    seen, stays = read(REPORTS / "teams-old.csv", "utf-16")
    assert seen.platform is Platform.TEAMS
    assert [(stay.name, stay.joined, stay.left) for stay in stays] == [
        ("Ana Sow", utc(8, 25, 10), utc(9, 25, 10)), ("Ben Ito", utc(8, 30), utc(9, 25, 10)),
    ]  # fmt: skip


def test_webex_keeps_its_cells_from_spreadsheets():
    seen, stays = read(REPORTS / "webex.csv")
    assert seen.platform is Platform.WEBEX
    assert [(stay.email, stay.joined, stay.left, stay.minutes) for stay in stays] == [
        ("ana@example.org", utc(8, 25, 10), utc(9, 25, 10), 60)
    ]


def test_a_workbook_is_read_like_a_table():
    book = openpyxl.Workbook()
    book.active.append(["Name", "E-mail", "Joined", "Left"])
    at = datetime(2027, 3, 17, 9, 0)  # noqa: DTZ001  a workbook knows no zones
    book.active.append(["Ana", "ana@example.org", at, "2027-03-17 10:00"])
    buffer = io.BytesIO()
    book.save(buffer)
    _seen, (stay,) = read(buffer.getvalue())
    assert (stay.joined, stay.left) == (utc(8, 0), utc(9, 0))


@pytest.mark.parametrize("broken", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "[Content_Types].xml"])
def test_a_workbook_with_broken_parts_is_refused(broken):
    whole, damaged = io.BytesIO(), io.BytesIO()
    openpyxl.Workbook().save(whole)
    with zipfile.ZipFile(whole) as parts, zipfile.ZipFile(damaged, "w") as wrong:
        for part in parts.namelist():
            wrong.writestr(part, b"<not closed" if part == broken else parts.read(part))
    with pytest.raises(ReportRefused):
        read(damaged.getvalue())


def test_a_table_with_unknown_columns_is_read_with_a_mapping():
    text = "Personne;Adresse;Arrivée\nAna;ana@example.org;17.03.2027 09:00\n"
    assert not platforms.look(io.BytesIO(text.encode())).has_names
    mapping = {"name": "Personne", "email": "Adresse", "joined": "Arrivée"}
    _seen, (stay,) = read(text, mapping=mapping)
    assert (stay.name, stay.email, stay.joined) == ("Ana", "ana@example.org", utc(8, 0))


def test_times_that_say_their_zone_are_believed():
    _seen, (stay,) = read("Name,Join Time\nAna,2027-03-17T09:00:00Z\n")
    assert stay.joined == utc(9, 0)


@pytest.mark.parametrize(
    ("dates", "first"),
    [
        (["17/03/2027 09:00"], True),
        (["03/17/2027 09:00"], False),
        (["03/04/2027 09:00", "17/03/2027 09:00"], True),
    ],
)
def test_the_order_of_dates_is_seen_from_the_dates(dates, first):
    seen = platforms.look(io.BytesIO(("Name,Join Time\n" + "".join(f"Ana,{each}\n" for each in dates)).encode()))
    assert platforms.is_day_first(seen, DateOrder.AUTO, DAYS) is first


def test_dates_that_could_be_either_fall_on_the_days_of_the_event():
    seen = platforms.look(io.BytesIO(b"Name,Join Time\nAna,04/05/2027 09:00\n"))
    assert platforms.is_day_first(seen, DateOrder.AUTO, [date(2027, 5, 4)])
    assert not platforms.is_day_first(seen, DateOrder.AUTO, [date(2027, 4, 5)])
    assert platforms.is_day_first(seen, DateOrder.DAY_FIRST, [date(2027, 4, 5)])


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("Name,Join Time\nAna,03/17/2027 09:00\nBen,yesterday\n", 3, "is not a time"),
        ("Name,Join Time\nAna,03/17/2027 09:00\nBen,\n", 3, "time of joining is missing"),
        ("Name,Join Time,Leave Time\nAna,2027-03-17 10:00,2027-03-17 09:00\n", 2, "leaves before"),
        ("Name,Join Time\nAna,2027-02-30 10:00\n", 2, "is not a time"),
        ("Name,Duration\nAna,an hour or so\n", 2, "is not a duration"),
        ("Name,Join Time\nAna,17/03/2027 09:00\nBen,03/17/2027 09:00\n", 0, "Some dates"),
        ("", 0, "empty"),
    ],
)
def test_a_broken_report_is_refused_with_the_line_that_broke_it(text, line, said):
    with pytest.raises(ReportRefused, match=said) as refused:
        read(text)
    assert refused.value.line == line


@pytest.mark.parametrize(
    ("text", "minutes"), [("62", 62), ("1h 2m 3s", 62), ("45m 40s", 46), ("1:02:03", 62), ("30s", 1), ("2h", 120)]
)
def test_durations_as_platforms_write_them(text, minutes):
    _seen, (stay,) = read(f"Name,Duration\nAna,{text}\n")
    assert stay.minutes == minutes
