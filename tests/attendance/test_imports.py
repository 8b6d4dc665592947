"""Reports from sending to counting: what is matched, what is counted, and that sending again changes nothing."""

import io
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import func, select

from consult.attendance import queries
from consult.attendance.models import (
    Attendance,
    AttendanceImport,
    ImportStatus,
    Match,
    SeenOnline,
    SeenStatus,
    Source,
    online_presence,
)
from consult.attendance.service import codes, reports, settling
from consult.attendance.service.door import NotExpected
from consult.errors import InvalidEntry, TransitionNotAllowed
from consult.extensions import db
from consult.files.models import StoredFile
from consult.words import Modality
from tests.factories import NOON, RegistrationFactory, SecretariatFactory, UserFactory, an_event
from worker import attendance as tasks
from worker.leases import LEASE

REPORTS = Path(__file__).parent / "reports"
TABLE = (
    "Name (Original Name),User Email,Join Time,Leave Time\n"
    "Somebody,ana@example.org,03/17/2027 15:00,03/17/2027 16:00\n"
    "Somebody,ana@example.org,03/17/2027 15:30,03/17/2027 16:30\n"
    "BEN  Ñandú,,03/17/2027 15:01,03/17/2027 16:01\n"
    "Chimamanda Adichi,,03/17/2027 15:01,03/17/2027 16:01\n"
    "Unknown Guest,guest@nowhere.example,03/17/2027 15:02,03/17/2027 16:02\n"
    "Twin Name,,03/17/2027 15:03,03/17/2027 15:13\n"
    "Elsewhere,else@nowhere.example,03/19/2027 15:03,03/19/2027 15:13\n"
)


@pytest.fixture
def event(session):
    return an_event()


def person(event, **changes):
    return RegistrationFactory(category=event.categories[0], **changes)


@pytest.fixture
def people(event):
    return {
        "ana": person(event, email="ana@example.org"),
        "ben": person(event, given_name="Ben", family_name="Nandu", modality=Modality.ONLINE),
        "chi": person(event, given_name="Chimamanda", family_name="Adichie"),
        "twins": [person(event, given_name="Twin", family_name="Name") for _ in range(2)],
    }


def send(event, text=TABLE, *, name="zoom.csv", minimum=0, day=None, encoding="utf-8"):
    """Sent, and read by the worker."""
    content = text if isinstance(text, bytes) else text.encode(encoding)
    entry = reports.ReportEntry(day=day, zone="Europe/Zurich", minimum=minimum)
    report = reports.send(event, entry, io.BytesIO(content), name=name, by=UserFactory(), at=NOON)
    slug, ref = event.slug, report.ref
    db.session.commit()
    tasks.read_reports.run()
    return queries.import_at(slug, ref)


def import_report(event, text=TABLE, **more):
    """The same, looked at and counted."""
    report = send(event, text, **more)
    slug, ref = event.slug, report.ref
    reports.apply(report, by=UserFactory())
    db.session.commit()
    tasks.read_reports.run()
    return queries.import_at(slug, ref)


def counted():
    """Minutes by registration, of what was counted."""
    return dict(db.session.execute(select(Attendance.registration_id, Attendance.minutes)).all())


def rows():
    tables = (SeenOnline.__table__, Attendance.__table__)
    return [db.session.execute(select(table).order_by(table.c.id)).all() for table in tables]


def test_a_report_is_looked_at_before_anything_is_counted(event, people):
    report = send(event)
    assert report.status is ImportStatus.READ
    assert (report.rows, report.people, report.outside) == (7, 5, 1)
    assert queries.match_counts(report) == {
        Match.ADDRESS: 1, Match.NAME: 1, Match.LIKENESS: 1, Match.SEVERAL: 1, Match.UNKNOWN: 1,
    }  # fmt: skip
    assert rows() == [[], []]


def test_two_devices_at_once_do_not_count_twice(event, people):
    import_report(event)
    assert counted() == {people["ana"].id: 90, people["ben"].id: 60, people["chi"].id: 60}
    assert set(db.session.scalars(select(Attendance.source))) == {Source.REPORT}
    open_ = select(SeenOnline.name).where(SeenOnline.status == SeenStatus.UNMATCHED).order_by(SeenOnline.line)
    assert db.session.scalars(open_).all() == ["Unknown Guest", "Twin Name"]


def test_a_minimum_decides_who_attended(event, people):
    import_report(event, minimum=61)
    assert counted() == {people["ana"].id: 90}


def test_the_same_file_again_changes_nothing(event, people):
    import_report(event)
    before = rows()
    with pytest.raises(InvalidEntry, match="sent before"):
        send(event)
    assert rows() == before


def test_an_overlapping_file_changes_only_what_it_adds(event, people):
    import_report(event)
    header, first, *_rest = TABLE.splitlines(keepends=True)
    import_report(event, header + first, name="part.csv")
    assert counted()[people["ana"].id] == 90
    import_report(event, header + first.replace("15:00", "14:50"), name="longer.csv")
    assert counted()[people["ana"].id] == 100


def test_one_person_under_two_names_is_counted_together(event, people):
    header, first, second, *_rest = TABLE.splitlines(keepends=True)
    renamed = second.replace("Somebody,ana@example.org", f"{people['ana'].name},")
    import_report(event, header + first + renamed)
    assert counted() == {people["ana"].id: 90}


@pytest.mark.parametrize(
    ("file", "encoding", "minutes"),
    [
        ("zoom-meeting.csv", "utf-8-sig", 120),
        ("zoom-webinar.csv", "utf-8", 60),
        ("teams.csv", "utf-16", 90),
        ("webex.csv", "utf-16", 60),
    ],
)
def test_each_platform_is_counted_and_counted_again_to_the_same(event, people, file, encoding, minutes):
    text = (REPORTS / file).read_text()
    import_report(event, text, name=file, encoding=encoding)
    assert counted() == {people["ana"].id: minutes}
    before = rows()
    import_report(event, text + "\n", name=f"again-{file}", encoding=encoding)
    assert rows() == before


def test_a_broken_report_is_refused_whole_and_nothing_of_it_is_kept(event, people):
    broken = TABLE + "Dan,dan@example.org,03/17/2027 25:99,\n"
    report = send(event, broken)
    assert report.status is ImportStatus.REFUSED
    assert report.problem.startswith("Line 9:")
    assert db.session.scalar(select(func.count()).select_from(online_presence)) == 0
    assert db.session.scalar(select(func.count(StoredFile.id))) == 0
    assert send(event, broken).status is ImportStatus.REFUSED, "and may be sent again"


def test_a_table_nobody_knows_is_mapped_once(event, people):
    text = "Personne;Adresse\nAna;ana@example.org\n"
    report = send(event, text, day=event.days[0])
    assert (report.status, report.titles) == (ImportStatus.UNMAPPED, ["Personne", "Adresse"])
    with pytest.raises(InvalidEntry):
        reports.map_columns(report, {"joined": "Adresse"}, by=UserFactory())
    reports.map_columns(report, {"name": "Personne", "email": "Adresse"}, by=UserFactory())
    db.session.commit()
    tasks.read_reports.run()
    assert queries.import_at(event.slug, report.ref).status is ImportStatus.READ
    assert send(event, text + "Ben;\n", day=event.days[1]).status is ImportStatus.READ, "it is remembered"


def test_a_report_without_times_needs_a_day(event, people):
    text = "Name,Email\nAna,ana@example.org\n"
    assert "say for which day" in send(event, text).problem
    import_report(event, text, day=event.days[1])
    assert counted() == {people["ana"].id: None}


def test_what_was_left_out_leaves_no_trace(event, people):
    report = send(event)
    reports.discard(report, by=UserFactory())
    db.session.commit()
    for table in (online_presence, SeenOnline.__table__, StoredFile.__table__):
        assert db.session.scalar(select(func.count()).select_from(table)) == 0
    with pytest.raises(TransitionNotAllowed):
        reports.apply(report, by=UserFactory())


def test_a_worker_that_was_killed_is_followed_by_another(event, people, monkeypatch):
    monkeypatch.setattr("consult.attendance.service.counting.BATCH", 2)
    report = reports.send(
        event, reports.ReportEntry(day=None, zone="Europe/Zurich"), io.BytesIO(TABLE.encode()), name="z.csv",
        by=UserFactory(), at=NOON,
    )  # fmt: skip
    db.session.commit()
    claimed = reports.claim(at=NOON, lease=LEASE)

    def die():
        db.session.commit()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reports.read(claimed, event, save=die, at=lambda: NOON)
    assert db.session.scalar(select(func.count()).select_from(online_presence)) == 2
    tasks.read_reports.run()
    assert (report.status, report.people) == (ImportStatus.READ, 5)
    assert db.session.scalar(select(func.count()).select_from(online_presence)) == 6


def test_who_was_not_matched_is_settled_by_hand_and_back(event, people):
    import_report(event)
    seen = queries.seen_at(
        event.slug, db.session.scalars(select(SeenOnline.ref).where(SeenOnline.name == "Twin Name")).one()
    )
    twin = people["twins"][1]
    assert set(queries.likely(seen)) == set(people["twins"])
    settling.settle(seen, twin, by=UserFactory())
    assert counted()[twin.id] == 10
    with pytest.raises(TransitionNotAllowed):
        settling.settle(seen, people["twins"][0], by=UserFactory())
    settling.reopen(seen, by=UserFactory())
    assert twin.id not in counted()
    with pytest.raises(NotExpected):
        settling.settle(seen, person(an_event()), by=UserFactory())


def test_undoing_leaves_what_other_stays_show(event, people):
    import_report(event)
    ref = db.session.scalars(select(SeenOnline.ref).where(SeenOnline.name == "Unknown Guest")).one()
    settling.settle(queries.seen_at(event.slug, ref), people["ana"], by=UserFactory())
    assert counted()[people["ana"].id] == 90
    settling.reopen(queries.seen_at(event.slug, ref), by=UserFactory())
    assert counted()[people["ana"].id] == 90


def test_what_a_person_said_themselves_is_not_taken_back_by_a_report(event, people):
    shown = codes.show_code(event, event.days[0], session=None, minutes=60, by=UserFactory(), at=NOON)
    codes.check_in_with(people["ben"], shown.code, at=NOON)
    import_report(event, minimum=120)
    assert db.session.scalars(select(Attendance.source)).all() == [Source.CODE]


def test_the_name_of_a_report_is_one_line_without_tricks(event):
    assert send(event, name="pay\u202egnp.\u0007csv\n").name == "paygnp.csv"


@pytest.mark.parametrize("content", [b"", b"\x89PNG\x00\x01\x02", b"a,b\n1,2", b"Name,Email\n,\n"])
def test_a_file_that_is_no_report_changes_nothing(event, content):
    if not content:
        with pytest.raises(InvalidEntry):
            send(event, content)
        return
    assert send(event, content, day=event.days[0]).status in {ImportStatus.REFUSED, ImportStatus.UNMAPPED}
    assert rows() == [[], []]


def test_a_report_goes_through_its_pages(event, people, as_):
    client, path = as_(SecretariatFactory()), f"/workspace/events/{event.slug}/attendance"
    form = {"zone": "Europe/Zurich", "minimum": "10", "date_order": "auto", "day": ""}
    assert client.post(f"{path}/imports", data=form).status_code == 422
    sent = client.post(f"{path}/imports", data={**form, "report": (io.BytesIO(TABLE.encode()), "zoom.csv")})
    assert "Being read" in client.get(sent.location).text
    tasks.read_reports.run()
    page = client.get(sent.location).text
    for said in ("5 people,", "1 line is on no day", "By a name that is very like", "Chimamanda Adichie"):
        assert said in page
    assert client.get(f"{sent.location}/progress").json["done"]
    client.post(f"{sent.location}/count")
    tasks.read_reports.run()
    assert "Counted" in client.get(sent.location).text
    again = client.post(f"{path}/imports", data={**form, "report": (io.BytesIO(TABLE.encode()), "zoom.csv")})
    assert (again.status_code, "was sent before" in again.text) == (422, True)
    page = client.get(f"{path}/imports").text
    settle = page.split(f'href="{path}/imports/')[1].split('"')[0]
    refused = client.post(f"{path}/imports/{settle}", data={"registration": "NOSUCH22"})
    assert refused.status_code == 422
    statuses = Counter(db.session.scalars(select(AttendanceImport.status)))
    assert statuses == {ImportStatus.DONE: 1}
