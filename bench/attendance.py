"""Attendance at its largest: a million records, a report of 100,000 lines, a door with two web workers."""

import io
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from http.client import HTTPConnection
from typing import Any

from flask import Flask
from sqlalchemy import insert, select, text

from consult.attendance.figures import figures
from consult.attendance.models import Attendance, Source
from consult.attendance.queries import import_at
from consult.attendance.service import door, reports
from consult.database import new_ref, new_secret, now
from consult.events.models import Event, EventDay
from consult.events.queries import event_at
from consult.extensions import db
from consult.reference.stakeholders import Gender, StakeholderCategory
from consult.registration import documents, queries
from consult.registration.models import BadgeLayout, Registration, RegistrationStatus, Visibility, registration_day
from consult.words import Modality
from tests.factories import CategoryFactory, EventFactory, SecretariatFactory
from tests.services import free_port

SMALL, LARGE = (200, 1_000), (100_000, 1_000_000)  # people, attendance records
WITHIN_PLAIN = 2.0  # times the plain aggregate over the same rows
REPORT_LINES, REPORT_WITHIN = 100_000, 30.0
BADGES, BADGES_WITHIN = 1_000, 10.0
DOOR_PEOPLE, DOOR_AT_LEAST, DOOR_SECONDS = 6_000, 300, 10
_COUNTRIES = "KE BR PK TN RO EC JP SN VN HR PS PE AU IT GH FJ".split()  # noqa: SIM905


def an_event_with(people: int, records: int, *, held: date) -> Event:
    """An event of five days with these many confirmed people and attendance records, spread at random."""
    chance = random.Random(people)
    days = [
        EventDay(
            date=held + timedelta(days=n), starts=datetime.min.time(), ends=datetime.max.time().replace(microsecond=0)
        )
        for n in range(5)
    ]
    event = EventFactory(days=days, first_day=days[0].date, last_day=days[-1].date, timezone="UTC", offer_hours=0)
    category = CategoryFactory(event=event, capacity_in_person=None)
    db.session.flush()
    rows = [_person(chance, event.id, category.id, number) for number in range(people)]
    for start in range(0, people, 5_000):
        db.session.execute(insert(Registration), rows[start : start + 5_000])
    ids = list(db.session.scalars(text("SELECT id FROM registration WHERE event_id = :e ORDER BY id"), {"e": event.id}))
    pairs = [{"registration_id": number, "day_id": days[0].id} for number in ids]
    for start in range(0, len(pairs), 5_000):
        db.session.execute(insert(registration_day), pairs[start : start + 5_000])
    ways = [(day.id, modality) for day in days for modality in Modality]
    each = records // people
    batch: list[dict[str, Any]] = []
    for number in ids:
        for day, modality in chance.sample(ways, each):
            batch.append({
                "ref": f"{len(batch):08}", "registration_id": number, "day_id": day, "modality": modality, "at": now(),
                "source": Source.DOOR,
            })  # fmt: skip
    for place, row in enumerate(batch):
        row["ref"] = new_ref() if place % 50 == 0 else f"{event.id % 46656:04}{place:07}"[-8:]
    for start in range(0, len(batch), 10_000):
        db.session.execute(insert(Attendance), batch[start : start + 10_000])
    db.session.commit()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE" if db.engine.dialect.name == "postgresql" else "ANALYZE"))
    return event


def _person(chance: random.Random, event: int, category: int, number: int) -> dict[str, Any]:
    return {
        "ref": new_ref(), "event_id": event, "category_id": category, "status": RegistrationStatus.CONFIRMED,
        "modality": Modality.IN_PERSON, "given_name": "Ana", "family_name": f"Person {number}",
        "name_key": f"ana person {number}", "email": f"p{number}@e{event}.example", "registered_at": now(),
        "stakeholder": chance.choice(list(StakeholderCategory)), "country": chance.choice(_COUNTRIES),
        "gender": chance.choice(list(Gender)), "organisation_name": f"Organisation {number % 3000}",
        "access_key": new_secret(), "badge_code": new_secret(), "visibility": Visibility.NO, "languages": [],
        "answers": {}, "days_declined": [],
    }  # fmt: skip


def best_of(times: int, action: Callable[[], object]) -> float:
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        action()
        taken.append(time.perf_counter() - began)
    return min(taken)


def summaries(app: Flask) -> list[tuple[str, float, float, str]]:
    """(name, seconds, limit in seconds, what the limit is) for 5,000 people and for a million records, and how the time
    grows from a thousand records to a million."""
    found, taken = [], {}
    with app.app_context():
        for people, records in (SMALL, (5_000, 20_000), LARGE):
            event = an_event_with(people, records, held=date(2030, 1, 1) + timedelta(days=people % 1000))
            slug, number = event.slug, event.id
            db.session.remove()
            event = event_at(slug)
            plain = text(
                "SELECT r.stakeholder, a.modality, count(DISTINCT r.id) FROM attendance a "
                "JOIN registration r ON r.id = a.registration_id WHERE r.event_id = :event "
                "GROUP BY r.stakeholder, a.modality"
            )
            value = best_of(3, lambda: figures(event))  # noqa: B023
            limit = best_of(3, lambda: db.session.execute(plain, {"event": number}).all())  # noqa: B023
            taken[records] = value
            name = f"summary of {records:,} records of {people:,} people"
            if people == 5_000:
                found.append((name, value, 0.5, "half a second"))
            elif records == LARGE[1]:
                found.append((name, value, WITHIN_PLAIN * limit, f"{WITHIN_PLAIN} × one plain aggregate"))
            db.session.remove()
    small, large = taken[SMALL[1]], taken[LARGE[1]]
    found.append(("the same, beside 1,000 times the time of 1,000 records", large, 1_000 * small, "growing in line"))
    return found


def report(app: Flask) -> tuple[str, float, float, str]:
    """A report of 100,000 lines about 20,000 people, from the worker's first line to the last attendance."""
    from worker import attendance as tasks

    with app.app_context():
        event = an_event_with(20_000, 20_000, held=date(2031, 5, 1))
        slug, number = event.slug, event.id
        lines = ["Name (Original Name),User Email,Join Time,Leave Time"]
        for line in range(REPORT_LINES):
            who, hour = line % 25_000, 9 + line % 7
            address = f"p{who}@e{number}.example" if who < 20_000 else ""
            lines.append(
                f"Ana Person {who},{address},05/0{1 + line % 5}/2031 {hour:02}:00,05/0{1 + line % 5}/2031 {hour:02}:50"
            )
        entry = reports.ReportEntry(day=None, zone="UTC", minimum=10)
        by = SecretariatFactory()
        content = io.BytesIO("\n".join(lines).encode())
        event = event_at(slug)
        sent = reports.send(event, entry, content, name="zoom.csv", by=by, at=now())
        ref = sent.ref
        db.session.commit()
    began = time.perf_counter()
    with app.app_context():
        tasks.read_reports.run()
        reports.apply(import_at(slug, ref), by=by)
        db.session.commit()
        tasks.read_reports.run()
        taken = time.perf_counter() - began
        done = import_at(slug, ref)
        assert (done.status.value, done.rows) == ("done", REPORT_LINES), done.problem
        db.session.remove()
    return f"report of {REPORT_LINES:,} lines, read and counted", taken, REPORT_WITHIN, "half a minute"


def badges(app: Flask) -> tuple[str, float, float, str]:
    with app.app_context():
        slug = an_event_with(BADGES, BADGES, held=date(2032, 1, 1)).slug
        db.session.remove()
        people = queries.people_with_badges(event_at(slug), None)
        taken = best_of(2, lambda: documents.badges(people, BadgeLayout.SHEETS))
        db.session.remove()
    return f"{BADGES:,} badges on sheets", taken, BADGES_WITHIN, "ten seconds"


def check_ins(app: Flask, environment: dict[str, str]) -> tuple[str, float, float, str]:
    """Check-ins a second, each a request of its own, at two web workers; the sender has the same two cores."""
    with app.app_context():
        today = now().date()
        event = an_event_with(DOOR_PEOPLE, DOOR_PEOPLE, held=today)
        db.session.execute(text("DELETE FROM attendance WHERE day_id = :day"), {"day": event.days[0].id})
        _pass, key = door.open_door(event, event.days[0], name="Gate", by=SecretariatFactory(), at=now())
        codes = list(db.session.scalars(select(Registration.badge_code).where(Registration.event_id == event.id)))
        db.session.commit()
        day = event.days[0].id
        db.session.remove()
    port = free_port()
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "web", "--port", str(port), "--workers", "2"]
    server = subprocess.Popen(command, env={**os.environ, **environment, "PORT": str(port)})
    try:
        _until_it_answers(port)
        began = time.perf_counter()
        with ThreadPoolExecutor(8) as pool:
            done = sum(pool.map(lambda some: _scan_all(port, key, some, began), [codes[n::8] for n in range(8)]))
        taken = time.perf_counter() - began
    finally:
        server.terminate()
        server.wait(20)
    with app.app_context():
        there = db.session.scalar(text("SELECT count(*) FROM attendance WHERE day_id = :day"), {"day": day})
        assert there == done, "every check-in that was answered is there"
        db.session.remove()
    return "check-ins, two web workers", done / taken, DOOR_AT_LEAST, "300 a second"


def _until_it_answers(port: int) -> None:
    for _ in range(200):
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/health")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the web server did not start")


def _scan_all(port: int, key: str, codes: list[str], began: float) -> int:
    """One device: a connection that stays open, one scan after the other, for some seconds. Written by hand, since it
    takes its time from the same two cores."""
    done = 0
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        for code in codes:
            if time.perf_counter() - began > DOOR_SECONDS:
                break
            body = f'{{"scans": [{{"code": "{code}"}}]}}'
            head = f"POST /door/{key}/scans HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
            answer = connection.recv(65_536)
            while b'"verdicts"' not in answer or not answer.rstrip().endswith(b"}"):
                more = connection.recv(65_536)
                assert more, answer
                answer += more
            assert b'"good":true' in answer, answer
            done += 1
    return done
