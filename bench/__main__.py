"""Run all benchmarks and write `bench/results.json`."""

import json
import os
import platform
import smtplib
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from flask_login import FlaskLoginClient
from sqlalchemy import delete, func, insert, select, text

from bench import attendance, scale
from consult import create_app
from consult.accounts.models import Device, User, hashed
from consult.attendance.figures import figures
from consult.attendance.models import Attendance
from consult.config import Config
from consult.database import begin_writing, new_secret, now
from consult.events.models import Event
from consult.events.queries import event_at
from consult.extensions import db, limiter
from consult.outbox import service as outbox
from consult.outbox.models import Message, MessageStatus
from consult.reference.stakeholders import StakeholderCategory
from consult.registration.models import Registration
from consult.registration.service import registering as registration
from consult.words import Modality
from tests import services
from tests.conftest import PASSPORT_KEY
from tests.factories import FocalPointFactory, RegistrationFactory, an_event

RESULTS = Path(__file__).parent / "results.json"
PEOPLE, MESSAGES, REGISTRATIONS = 5_000, 500, 300
SMTP_SINK = Path("/usr/sbin/smtp-sink")


@dataclass(frozen=True)
class Row:
    """`share` is value through limit, or limit through value where lower is better: 1 is as good as the limit."""

    name: str
    value: float
    unit: str
    target: str
    better: str
    limit: float
    limit_name: str
    share: float


def row(name: str, value: float, unit: str, *, target: float, limit: float, limit_name: str) -> Row:
    better = "lower" if unit == "s" else "higher"
    share = limit / value if better == "lower" else value / limit
    return Row(
        name,
        round(value, 4),
        unit,
        f"share of the limit ≥ {target}",
        better,
        round(limit, 4),
        limit_name,
        round(share, 3),
    )


def rate(action: Callable[[], object], *, seconds: float = 2.0) -> float:
    """How often a second `action` can be done, after it was done a few times."""
    for _ in range(5):
        action()
    done, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        action()
        done += 1
    return done / (time.perf_counter() - began)


def best_time(action: Callable[[], object], *, times: int = 5) -> float:
    """The shortest of some runs, in seconds."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        action()
        taken.append(time.perf_counter() - began)
    return min(taken)


def sign_in(app: Flask, user: User) -> FlaskClient:
    """A client at which this person is signed in, at a device of its own."""
    app.test_client_class = FlaskLoginClient
    client, key = app.test_client(user=user), new_secret()
    with app.app_context():
        device = Device(
            user_id=user.id,
            key_hash=hashed(key),
            browser="",
            signed_in_at=now(),
            seen_at=now(),
            ends_at=now() + timedelta(days=1),
            idle_minutes=600,
        )
        db.session.add(device)
        db.session.commit()
    with client.session_transaction() as session:
        session["device"], session["seen"] = key, time.time()
    return client


def accreditation(app: Flask) -> list[Row]:
    """At 20,000 organisations and 50,000 applications: as a share of 1.5 times the time at a twentieth of it."""
    found = []
    for name, small, large, ratio in scale.accreditation(app, sign_in):
        limit = small * scale.MOST if small else scale.DUPLICATES_WITHIN
        limit_name = "1.5 times the time with 1,000" if small else "200 ms"
        found.append(row(f"{name}, at full size", large, "s", target=1, limit=limit, limit_name=limit_name))
        print(f"{name:<28} {small * 1000:8.1f} ms {large * 1000:8.1f} ms {ratio:6.2f}")
    return found


def pages(app: Flask) -> list[Row]:
    with app.app_context():
        slug, point = an_event().slug, FocalPointFactory()
        db.session.commit()
        user = point.user
    app.test_client_class = FlaskLoginClient
    stranger, focal = app.test_client(), sign_in(app, user)
    hello = rate(lambda: stranger.get("/bench"))
    limits = {"limit": hello, "limit_name": "a page of one line"}
    return [
        row("event page", rate(lambda: stranger.get(f"/events/{slug}")), "pages/s", target=0.03, **limits),
        row(
            "registration form",
            rate(lambda: focal.get(f"/events/{slug}/registrations/new")),
            "pages/s",
            target=0.02,
            **limits,
        ),
    ]


def full_registration(app: Flask) -> Row:
    with app.app_context():
        slug = an_event(capacity=REGISTRATIONS // 2).slug
        plain = an_event()
        db.session.commit()

        def registers(number: int) -> None:
            begin_writing()
            event = event_at(slug)
            entry = registration.Entry(
                given_name="Ana", email=f"p{number}@example.org", stakeholder=StakeholderCategory.MEDIA, country="KE",
                category=event.categories[0], modality=Modality.IN_PERSON,
            )  # fmt: skip
            registration.register(event, entry, by=None, at=now())
            db.session.commit()
            db.session.expunge_all()

        began = time.perf_counter()
        for number in range(REGISTRATIONS):
            registers(number)
        value = REGISTRATIONS / (time.perf_counter() - began)
        made = RegistrationFactory.build(category=plain.categories[0], organisation=None)
        known = {column.name: getattr(made, column.name) for column in Registration.__table__.columns}
        values = {name: value for name, value in known.items() if value is not None}  # the others have defaults
        values |= {"event_id": plain.id, "category_id": plain.categories[0].id, "organisation_id": None, "function": ""}
        began = time.perf_counter()
        for number in range(REGISTRATIONS):
            keys = {"email": f"p{number}", "access_key": f"a{number}", "badge_code": f"b{number}"}
            db.session.execute(insert(Registration).values(**{**values, **keys}))
            db.session.commit()
        limit = REGISTRATIONS / (time.perf_counter() - began)
        db.session.remove()
    return row("full registration", value, "registrations/s", target=0.05, limit=limit, limit_name="insert and commit")


def attendance_summary(app: Flask) -> Row:
    with app.app_context():
        event = an_event()
        countries = ["KE", "NP", "FR", "BR", "LB"]
        people = [
            RegistrationFactory.build(
                category=event.categories[0], event=event, organisation=None, country=countries[n % 5]
            )
            for n in range(PEOPLE)
        ]
        db.session.add_all(people)
        db.session.flush()
        came = [
            {"registration_id": person.id, "day_id": day.id, "modality": modality, "at": now()}
            for number, person in enumerate(people)
            for day in event.days
            for modality in Modality
            if (number + day.id + len(modality)) % 3
        ]
        db.session.execute(insert(Attendance), came)
        db.session.commit()
        db.session.execute(text("ANALYZE"))
        number, slug = event.id, event.slug
        db.session.remove()
        event = event_at(slug)
        value = best_time(lambda: figures(event))
        plain = text(
            "SELECT a.day_id, a.modality, count(DISTINCT r.id) FROM attendance a"
            " JOIN registration r ON r.id = a.registration_id WHERE r.event_id = :event GROUP BY a.day_id, a.modality"
        )
        limit = best_time(lambda: db.session.execute(plain, {"event": number}).all())
        db.session.remove()
    return row("attendance summary", value, "s", target=0.1, limit=limit, limit_name="one plain aggregate")


@contextmanager
def sink() -> Iterator[int]:
    """An SMTP server that takes everything and keeps nothing; its port."""
    port = services.free_port()
    unprivileged = ["-u", "nobody"] if os.geteuid() == 0 else []
    command = [str(SMTP_SINK), *unprivileged, f"127.0.0.1:{port}", "100"]
    if not SMTP_SINK.exists():
        command = [sys.executable, "-m", "aiosmtpd", "-n", "-l", f"127.0.0.1:{port}", "-c", "aiosmtpd.handlers.Sink"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield port
    finally:
        server.terminate()
        server.wait(10)


def mail_delivery(app: Flask) -> Row:
    from consult.outbox import delivery
    from worker import outbox as tasks

    context = {"name": "Ana", "subject": "Invitation", "message": "Please come.", "path": "/i", "event_path": "/e"}
    with sink() as port, app.app_context():
        app.config["MAIL_URL"] = f"smtp://127.0.0.1:{port}"
        posts = [
            outbox.Post(template="campaigns/invitation", to=f"p{n}@example.org", about="b", context=context)
            for n in range(MESSAGES)
        ]
        begin_writing()
        db.session.execute(delete(Message))  # what the registrations above posted
        outbox.post_all(posts)
        db.session.info.pop("after_commit", None)
        db.session.commit()
        began = time.perf_counter()
        tasks.deliver.run()
        value = MESSAGES / (time.perf_counter() - began)
        assert set(db.session.scalars(select(Message.status))) == {MessageStatus.SENT}
        content = delivery.compose(db.session.scalars(select(Message)).first())
        with smtplib.SMTP("127.0.0.1", port) as connection:
            began = time.perf_counter()
            for _ in range(MESSAGES):
                connection.sendmail("a@example.org", ["b@example.org"], content)
            limit = MESSAGES / (time.perf_counter() - began)
        db.session.remove()
    return row(
        "mail delivery", value, "messages/s", target=0.15, limit=limit, limit_name="finished bytes over one connection"
    )


def at_scale(app: Flask, environment: dict[str, str]) -> list[Row]:
    """Attendance at its largest; the limits are what was promised, or a plain aggregate of the same run."""
    timed = [*attendance.summaries(app), attendance.report(app), attendance.badges(app)]
    rows = [
        row(name, value, "s", target=1.0, limit=limit, limit_name=limit_name)
        for name, value, limit, limit_name in timed
    ]
    if environment["DATABASE_URL"].startswith("postgresql"):
        name, value, limit, limit_name = attendance.check_ins(app, environment)
        rows.append(row(name, value, "check-ins/s", target=1.0, limit=limit, limit_name=limit_name))
    return rows


def main() -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="consult-bench-")))
        database = f"sqlite:///{folder / 'bench.db'}"
        if services.postgres_folder():
            database = services.start_postgresql(stack)
        os.environ.update(
            SECRET_KEY="k" * 40,
            PASSPORT_KEY=PASSPORT_KEY,
            CONSULT_DATA_DIR=str(folder),
            DATABASE_URL=database,
            FILES_URL=f"file://{folder}/files",
        )  # for `worker`, which reads the environment
        config = Config(
            SECRET_KEY="k" * 40, SQLALCHEMY_DATABASE_URI=database, MAIL_URL=f"file://{folder}", DATA_DIR=folder,
            FILES_URL=f"file://{folder}/files", WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False,
        )  # fmt: skip
        app = create_app(config)
        limiter.enabled = False
        hello = lambda: "one line"  # noqa: E731
        hello.access = "public"  # type: ignore[attr-defined]
        app.add_url_rule("/bench", "bench", hello)
        with app.app_context():
            db.create_all()
            assert db.session.scalar(select(func.count()).select_from(Event)) == 0
            db.session.remove()
        environment = {
            "SECRET_KEY": "k" * 40, "PASSPORT_KEY": PASSPORT_KEY, "DATABASE_URL": database,
            "CONSULT_DATA_DIR": str(folder), "MAIL_URL": f"file://{folder}",
        }  # fmt: skip
        rows = [
            *pages(app), full_registration(app), attendance_summary(app), mail_delivery(app),
            *at_scale(app, environment), *accreditation(app),
        ]  # fmt: skip
        with app.app_context():
            db.engine.dispose()
    kind = "PostgreSQL" if database.startswith("postgresql") else "SQLite"
    found = {"database": kind, "python": platform.python_version(), "rows": [asdict(each) for each in rows]}
    RESULTS.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    for each in rows:
        print(f"{each.name:<40} {each.value:>10} {each.unit:<16} {each.share:>6} of {each.limit_name} ({each.limit})")


if __name__ == "__main__":
    main()
