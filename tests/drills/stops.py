"""Workers that are stopped in the middle of something long, and a parent that is killed."""

import io
import time
from pathlib import Path

from sqlalchemy import insert

from consult.attendance.service import reports
from consult.database import new_ref, new_secret
from consult.extensions import db
from consult.registration.models import BadgeLayout, Registration
from consult.registration.service import badges
from tests.drills import Drill, Seen
from tests.drills.ground import Ground, Site
from tests.factories import NOON, RegistrationFactory, SecretariatFactory, UserFactory, an_event
from tests.live.deployment import wait_for

BADGES, LINES = 2_000, 40_000


def _many_registrations(number: int) -> None:
    """Rows like one that was registered, written at once."""
    event = an_event(capacity=number + 1)
    model = RegistrationFactory(category=event.categories[0])
    table = Registration.__table__
    row = {column.key: getattr(model, column.key) for column in table.columns if column.key != "id"}
    unique = {key for key in row if key in {"access_key", "badge_code"}}
    rows = [
        {**row, "ref": new_ref(), "email": f"n{each}@example.org", "family_name": f"N{each}"}
        | {key: new_secret()[: len(str(row[key]))] for key in unique}
        for each in range(number)
    ]
    db.session.execute(insert(table), rows)
    badges.request(event, category=None, layout=BadgeLayout.SINGLE, by=SecretariatFactory(), at=NOON)


def _stop_and_start(site: Site, table: str, done: str) -> tuple[bool, str]:
    """Stop the worker as Docker does, start another.

    Returns:
        whether the work was free for the next worker at once, and what was seen, in words.
    """
    ended = site.instance.ask_to_stop("worker", seconds=10)
    is_free = bool(site.rows(f"SELECT 1 FROM {table} WHERE claimed_until IS NULL"))
    site.instance.start("worker")
    began = time.monotonic()
    is_begun = f"SELECT 1 FROM {table} WHERE claimed_until IS NOT NULL OR status = '{done}'"
    wait_for(lambda: site.rows(is_begun), what="the work to go on", seconds=90)
    took = time.monotonic() - began
    wait_for(lambda: site.rows(f"SELECT 1 FROM {table} WHERE status = '{done}'"), what="the work to end", seconds=120)
    return is_free, f"ended by itself: {ended}; given back: {is_free}; begun again {took:.0f} s after the start; done"


def in_badges(ground: Ground) -> Seen:
    with ground.site() as site:
        with site.app.app_context():
            _many_registrations(BADGES)
            db.session.info.clear()
            db.session.commit()
            db.session.remove()
        site.instance.start("worker")
        wait_for(lambda: site.number("SELECT max(done) FROM badge_run") > 0, what="the first badges")
        is_free, text = _stop_and_start(site, "badge_run", "ready")
    return Seen(is_free, text)


def in_report(ground: Ground) -> Seen:
    lines = "".join(
        f"Ana N{each},n{each}@example.org,2027-03-17 10:00:00,2027-03-17 11:00:00\n" for each in range(LINES)
    )
    with ground.site() as site:
        with site.app.app_context():
            entry = reports.ReportEntry(day=None, zone="Europe/Zurich")
            stream = io.BytesIO(f"Name,Email,Join time,Leave time\n{lines}".encode())
            reports.send(an_event(), entry, stream, name="z.csv", by=UserFactory(), at=NOON)
            db.session.info.clear()
            db.session.commit()
            db.session.remove()
        site.instance.start("worker")
        lines_read = "SELECT max(lines) FROM attendance_import"
        wait_for(lambda: site.number(lines_read) > 0, what="the first lines")
        is_free, text = _stop_and_start(site, "attendance_import", "read")
        kept = site.number("SELECT count(*) FROM online_presence")
    return Seen(is_free and kept == LINES, f"{text}: {kept} of {LINES} lines once")


def killed_parent(ground: Ground) -> Seen:
    from tests.live.test_serve import Served

    folder = ground.folder / "served"
    folder.mkdir()
    served = Served(folder)
    children = served.children()
    served.process.kill()
    served.process.wait(20)
    began = time.monotonic()
    wait_for(lambda: not [pid for pid in children if Path(f"/proc/{pid}").exists()], what="the children", seconds=20)
    took = time.monotonic() - began
    again = Served(folder)
    again.process.terminate()
    return Seen(again.process.wait(20) == 0, f"{len(children)} children ended in {took:.1f} s; started again")


DRILLS = [
    Drill("worker stopped in badges", "goes on at the next start", in_badges),
    Drill("worker stopped in a large report", "goes on at the next start", in_report),
    Drill("parent of `make run` killed", "no child outlives it", killed_parent),
]
