"""Accreditation at its largest: 20,000 organisations and 50,000 applications, beside 1,000 and 2,500.

Whole pages are fetched, with their rendering, by an officer of one event. The smaller size is measured first, then the
rest is added to the same database.
"""

import gc
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event as happenings
from sqlalchemy import insert, select, text

from consult.accounts.models import User
from consult.accreditation.models import Application, ApplicationStatus, Track
from consult.accreditation.models.applications import WAITING
from consult.database import new_ref, now
from consult.events.models import Event, TeamRole
from consult.extensions import db
from consult.organisations.models import Organisation, organisation_word
from consult.organisations.queries import likely_duplicates, name_key, words
from consult.reference.stakeholders import StakeholderCategory
from tests.factories import TeamMemberFactory, UserFactory, an_event

SMALL, LARGE = (1_000, 2_500), (20_000, 50_000)
MOST = 1.5  # times the time of the smaller size
DUPLICATES_WITHIN = 0.2  # seconds
_PLACES = "Kisumu Recife Lahore Tunis Sibiu Quito Osaka Dakar Hanoi Split Gaza Lima Perth Turin Accra Suva".split()  # noqa: SIM905
_WORK = "House Union Network Centre Forum Alliance Mission League Circle Bridge".split()  # noqa: SIM905
_FOR = "Migrants Refugees Returnees Workers Women Children Diaspora Families Seafarers Students".split()  # noqa: SIM905
_COUNTRIES = "KE BR PK TN RO EC JP SN VN HR PS PE AU IT GH FJ".split()  # noqa: SIM905


def fill(events: Sequence[Event], officers: Sequence[User], *, organisations: int, applications: int) -> None:
    """Bring the tables to these sizes; every organisation applies to as many of the events as it takes."""
    chance = random.Random(organisations)
    have = db.session.scalar(text("SELECT count(*) FROM organisation")) or 0
    rows = [_organisation(chance, number) for number in range(have, organisations)]
    for start in range(0, len(rows), 2_000):
        db.session.execute(insert(Organisation), rows[start : start + 2_000])
    known = db.session.execute(select(Organisation.id, Organisation.name)).all()
    fresh = known[have:]
    found = [{"organisation_id": number, "word": word} for number, name in fresh for word in words([name])]
    for start in range(0, len(found), 5_000):
        db.session.execute(insert(organisation_word), found[start : start + 5_000])
    there = db.session.scalar(text("SELECT count(*) FROM application")) or 0
    pairs = [(event.id, number) for number, _name in fresh for event in events][: applications - there]
    sent = [_application(chance, event, number, officers) for event, number in pairs]
    for start in range(0, len(sent), 2_000):
        db.session.execute(insert(Application), sent[start : start + 2_000])
    db.session.commit()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # what PostgreSQL's autovacuum does in the hour after such an import
        connection.execute(text("VACUUM ANALYZE" if db.engine.dialect.name == "postgresql" else "ANALYZE"))


def _organisation(chance: random.Random, number: int) -> dict[str, Any]:
    place = "Zanzibar" if number == 500 else chance.choice(_PLACES)
    name = f"{place} {chance.choice(_WORK)} of {chance.choice(_FOR)} {number}"
    return {
        "ref": new_ref(), "name": name, "name_key": name_key(name),
        "category": chance.choice(list(StakeholderCategory)),
        "country": chance.choice(_COUNTRIES), "created_at": now(), "web_domain": f"o{number}.example",
        "countries_of_work": [],
    }  # fmt: skip


def _application(chance: random.Random, event: int, organisation: int, officers: Sequence[User]) -> dict[str, Any]:
    status = chance.choice([each for each in ApplicationStatus if each is not ApplicationStatus.DRAFT])
    sent = now() - timedelta(days=chance.randint(0, 60))
    waits = status in WAITING
    decided = status in {ApplicationStatus.APPROVED, ApplicationStatus.REJECTED}
    return {
        "ref": new_ref(), "event_id": event, "organisation_id": organisation, "status": status, "track": Track.SPECIAL,
        "answers": {}, "profile": {}, "saved_at": sent, "submitted_at": sent, "waiting_since": sent if waits else None,
        "officer_id": chance.choice(officers).id, "recommended_message": "",
        "decision_seconds": chance.randint(0, 4_000_000) if decided else None,
    }  # fmt: skip


@contextmanager
def counting(app: Flask) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: object, _cur: object, statement: str, *_: object) -> None:
        seen.append(statement)

    with app.app_context():
        engine = db.engine
    happenings.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        happenings.remove(engine, "before_cursor_execute", note)


def measure(app: Flask, client: FlaskClient, paths: dict[str, str]) -> dict[str, tuple[float, int]]:
    """For each page the shortest time in seconds, and its number of statements."""
    found = {}
    gc.collect()
    gc.freeze()  # what filling the tables left behind is not the page's to look through
    for name, path in paths.items():
        client.get(path)
        with counting(app) as seen:
            assert client.get(path).status_code == 200
        taken = []
        for _ in range(25):
            began = time.perf_counter()
            client.get(path)
            taken.append(time.perf_counter() - began)
        found[name] = (min(taken), len(seen))
    return found


def accreditation(app: Flask, sign_in: Callable[[Flask, User], FlaskClient]) -> list[tuple[str, float, float, float]]:
    """
    Returns:
        for each page its name, its time at the small and at the large size in seconds, and at last the duplicate
        search, whose limit is a time of its own.

    Raises:
        AssertionError: a page needs another number of statements at the large size.
    """
    with app.app_context():
        events = [an_event() for _ in range(3)]
        officers = [TeamMemberFactory(event=events[0], role=TeamRole.ACCREDITATION_OFFICER).user for _ in range(4)]
        reader = UserFactory(role="secretariat")
        db.session.commit()
        client = sign_in(app, reader)
        desk = f"/workspace/events/{events[0].slug}/accreditation"
        paths = {
            "queue": desk,
            "queue, one status": f"{desk}?status=circulated",
            "queue, one category": f"{desk}?category=media",
            "queue, one region": f"{desk}?region=arab-states",
            "queue, one officer": f"{desk}?officer={officers[2].ref}",
            "queue, waiting a month": f"{desk}?waits=30",
            "queue, a word many have": f"{desk}?text=union",
            "queue, a word one has": f"{desk}?text=zanzibar",
            "organisations, search": "/workspace/organisations?text=refugees",
            "front page of the event": f"/workspace/events/{events[0].slug}",
        }
        sizes = []
        for organisations, applications in (SMALL, LARGE):
            fill(events, officers, organisations=organisations, applications=applications)
            db.session.remove()
            sizes.append(measure(app, client, paths))
        assert db.session.scalar(text("SELECT count(*) FROM application")) == LARGE[1]
        small, large = sizes
        differ = [(name, small[name][1], large[name][1]) for name in paths if small[name][1] != large[name][1]]
        assert differ == [], f"another number of statements: {differ}"
        found = [(name, small[name][0], large[name][0], large[name][0] / small[name][0]) for name in paths]
        began = time.perf_counter()
        for _ in range(5):
            likely_duplicates(["Recife House for Migrants", "Casa dos Migrantes"], web_domain="casa.example")
        took = (time.perf_counter() - began) / 5
        db.session.remove()
    return [*found, ("duplicate search", 0.0, took, took / DUPLICATES_WITHIN)]
