"""Migrations: they make what the models say, up and down, with rows in the tables, on both databases."""

from datetime import UTC, datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade
from sqlalchemy import bindparam, func, inspect, select, text
from sqlalchemy.orm import joinedload

from consult import create_app
from consult.accounts.models import User
from consult.accreditation.models import AccreditationProcess, Application
from consult.attendance.models import AttendanceImport, ImportStatus, SeenOnline, SeenStatus
from consult.columns import UTCDateTime
from consult.demo.load import load
from consult.events.models import Event, ParticipantCategory, TeamRole
from consult.extensions import db, limiter
from consult.organisations.models import Membership, OrganisationRole, RecognitionStatus
from consult.organisations.queries import organisation_at, organisations
from consult.questions.service import Entry as Question
from consult.registration.service import follow_ups
from tests.conftest import config_for, database_url
from tests.factories import CategoryFactory, RegistrationFactory, TeamMemberFactory, UserFactory


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def empty(request, tmp_path):
    app = create_app(config_for(database_url(request.param, tmp_path, "migrations"), tmp_path))
    limiter.enabled = False
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def test_migrations_make_what_the_models_say(empty):
    upgrade("migrations")
    with db.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), db.metadata) == []


def checks() -> dict[str, set[str]]:
    """The names of the checks of every table: Alembic does not compare these."""
    found = inspect(db.engine)
    return {
        table: {str(check["name"]) for check in found.get_check_constraints(table)}
        for table in found.get_table_names()
        if table != "alembic_version"
    }


def test_migrations_make_every_check_of_the_models(empty):
    upgrade("migrations")
    migrated = checks()
    downgrade("migrations", revision="base")
    db.create_all()
    assert checks() == migrated


def test_what_the_first_release_kept_is_there_after_the_second(empty):
    """Rows of every kind the second migration moves, written as the first had them."""
    upgrade("migrations", revision="0001")
    rows = [
        'INSERT INTO "user" (id, ref, email, name, active, fs_uniquifier, role, language, timezone) '
        "VALUES (1, 'USER2222', 'ana@casa.example', 'Ana', :yes, 'u', 'person', '', '')",
        "INSERT INTO series (id, ref, slug, title) VALUES (1, 'SERI2222', 's', 'S')",
        "INSERT INTO event (id, ref, slug, series_id, title, summary, kind, modality, status, venue_name, venue_room, "
        "venue_address, online_platform, join_link, timezone, contact, created_at, cancel_reason, "
        "accreditation_opens_at, accreditation_closes_at) VALUES (1, 'EVEN2222', 'e', 1, 'E', '', 'briefing', "
        "'online', 'published', '', '', '', '', '', 'UTC', '', :at, '', :at, :later)",
        "INSERT INTO question_set (id, ref) VALUES (1, 'QSET2222')",
        "INSERT INTO question (id, ref, question_set_id, position, text, help, is_required) "
        "VALUES (1, 'QUES2222', 1, 1, 'Why?', '', :yes)",
        "INSERT INTO accreditation_process (id, ref, event_id, question_set_id) VALUES (1, 'PROC2222', 1, 1)",
        "INSERT INTO organisation (id, ref, name, name_key, short_name, category, country, website, description, "
        "created_at) VALUES (1, 'ORGA2222', 'Mission of Kenya', 'mission of kenya', '', 'member-state', 'KE', "
        "'https://www.mission.example/x', '', :at)",
        "INSERT INTO focal_point (id, ref, organisation_id, user_id, since) VALUES (7, 'FOCA2222', 1, 1, :at)",
        "INSERT INTO recognition_held (id, ref, organisation_id, kind) VALUES (1, 'RECO2222', 1, 'ecosoc-roster')",
        "INSERT INTO application (id, ref, event_id, organisation_id, status, answers, saved_at, submitted_at, "
        "decided_at, decided_by_id, reason) VALUES (1, 'APPL2222', 1, 1, 'rejected', '{}', :at, :at, :later, 1, "
        "'no_place')",
        "INSERT INTO application_step (id, ref, application_id, at, status, message) "
        "VALUES (1, 'STEP2222', 1, :at, 'rejected', 'Full.')",
    ]
    at, later = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 3, tzinfo=UTC)
    for row in rows:
        statement = text(row)
        values = {"yes": True, "at": at, "later": later}
        wanted = {name: values[name] for name in values if f":{name}" in row}
        times = [bindparam(name, type_=UTCDateTime()) for name in ("at", "later") if name in wanted]
        db.session.execute(statement.bindparams(*times), wanted)
    db.session.commit()
    db.session.remove()
    upgrade("migrations")
    application = db.session.scalars(select(Application).options(joinedload(Application.reason))).one()
    assert application.reason.text == "The event has no room for more organisations of this kind"
    assert (application.decision_seconds, application.waiting_since) == (2 * 86_400, None)
    process = db.session.scalars(select(AccreditationProcess)).one()
    assert (process.opens_at, process.closes_at, process.needs) == (at, later, [])
    member = db.session.scalars(select(Membership)).one()
    assert (member.ref, member.role) == ("FOCA2222", OrganisationRole.FOCAL_POINT)
    organisation = organisation_at("ORGA2222")
    assert (organisation.web_domain, organisation.is_category_open) == ("mission.example", False)
    assert [held.status for held in organisation.recognitions] == [RecognitionStatus.CLAIMED]
    assert [each.ref for each in organisations(text="kenya").rows] == ["ORGA2222"]
    assert db.session.scalars(select(User.email_domain)).one() == "casa.example"
    db.session.add(Membership(organisation_id=1, user=UserFactory(id=50), since=at))
    db.session.commit()
    db.session.remove()
    downgrade("migrations", revision="0001")
    kept = db.session.execute(text("SELECT status, reason FROM application")).one()
    assert kept == ("rejected", "no_place")
    assert db.session.scalar(text("SELECT count(*) FROM focal_point")) == 2
    assert db.session.scalar(text("SELECT count(*) FROM application_step")) == 1, "nothing was deleted on the way"


def test_every_migration_goes_down_and_up_with_rows_in_the_tables(empty):
    upgrade("migrations")
    load(lambda _text: None)
    assert db.session.scalar(select(func.count()).select_from(Event)) == 5
    db.session.remove()
    downgrade("migrations", revision="base")
    assert inspect(db.engine).get_table_names() == ["alembic_version"]
    upgrade("migrations")
    assert "event" in inspect(db.engine).get_table_names()


def test_what_only_the_newest_release_knows_goes_down_and_up_without_loss(empty):
    """Offers, approvals, walk-ins, a visa officer, a form, reports that tell no day: rows the older tables lack."""
    upgrade("migrations")
    category = CategoryFactory()
    event, at = category.event, datetime(2027, 1, 1, tzinfo=UTC)
    for status in ("pending", "offered", "declined", "confirmed"):
        RegistrationFactory(category=category, status=status, offered_until=at if status == "offered" else None)
    for _ in range(2):
        RegistrationFactory(category=category, email="", is_walk_in=True)
    TeamMemberFactory(event=event, role=TeamRole.VISA_OFFICER)
    entry = follow_ups.FollowUpEntry(title="F", closes_at=at, questions=[Question(text="How was it?")])
    follow_ups.create(event, entry, by=UserFactory())
    for status in (ImportStatus.UNMAPPED, ImportStatus.DONE):
        report = AttendanceImport(event=event, name="a.csv", sha256="0" * 64, zone="UTC", status=status, imported_at=at)
        db.session.add(report)
    db.session.flush()
    for name in ("ana", "ben"):
        seen = {"event": event, "day": event.days[0], "import_id": report.id, "status": SeenStatus.UNMATCHED, "line": 2}
        db.session.add(SeenOnline(**seen, name=name, email="", person_key=name))
    db.session.commit()
    db.session.remove()
    downgrade("migrations", revision="0002")
    statuses = db.session.execute(text("SELECT status, count(*) FROM registration GROUP BY status")).all()
    assert dict(statuses) == {"waitlisted": 2, "withdrawn": 1, "confirmed": 3}
    counts = [
        db.session.scalar(text(f"SELECT count(*) FROM {table}")) for table in ("attendance_import", "seen_online")
    ]
    assert counts == [1, 2], "a report that was counted stays, one that was not goes"
    assert db.session.scalar(text("SELECT count(*) FROM question")) == 0
    db.session.remove()
    upgrade("migrations")
    assert (
        db.session.scalar(
            select(func.count()).select_from(ParticipantCategory).where(ParticipantCategory.question_set_id > 0)
        )
        == 1
    )
    assert db.session.scalar(text("SELECT count(*) FROM online_presence")) == 2
