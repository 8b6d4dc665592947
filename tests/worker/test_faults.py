"""Workers that are stopped or die, work that fails again and again, and things that fail beside others."""

import io
from datetime import timedelta

import pytest
from celery.signals import worker_shutting_down
from sqlalchemy import select

from consult.attendance.models import AttendanceImport, ImportStatus
from consult.attendance.service import reports
from consult.campaigns import service as campaigns
from consult.campaigns.models import Campaign
from consult.database import database_now
from consult.extensions import db
from consult.files import storage
from consult.outbox.models import Message
from consult.registration import documents
from consult.registration.models import BadgeLayout, BadgeRun, BadgeRunStatus
from consult.registration.service import badges
from tests.factories import (
    NOON,
    CampaignFactory,
    InvitationFactory,
    RegistrationFactory,
    SecretariatFactory,
    UserFactory,
    an_event,
)
from worker import attendance, registration, shutdown, sweeps
from worker import campaigns as invitations
from worker.leases import LEASE

TABLE = "Name,Email,Join time,Leave time\n" + "".join(
    f"Ana {n},ana{n}@example.org,2027-03-17 10:00:00,2027-03-17 11:00:00\n" for n in range(10)
)


@pytest.fixture
def stopping(session):
    """The worker was told to stop."""
    worker_shutting_down.send(sender="a test")
    yield
    shutdown._FLAG[0] = 0


def start_again():
    shutdown._FLAG[0] = 0


def a_run(people=3):
    event = an_event()
    for _ in range(people):
        RegistrationFactory(category=event.categories[0])
    run = badges.request(event, category=None, layout=BadgeLayout.SINGLE, by=SecretariatFactory(), at=NOON)
    db.session.commit()
    return run


def a_report():
    entry = reports.ReportEntry(day=None, zone="Europe/Zurich")
    report = reports.send(an_event(), entry, io.BytesIO(TABLE.encode()), name="z.csv", by=UserFactory(), at=NOON)
    db.session.commit()
    return report


def again(model):
    db.session.expire_all()
    return db.session.scalars(select(model)).one()


def test_badges_that_were_begun_when_the_worker_stops_are_made_at_the_next_start(stopping, monkeypatch):
    monkeypatch.setattr(documents, "STEP", 1)
    a_run()
    registration.make_badges.run()
    run = again(BadgeRun)
    start_again()
    registration.make_badges.run()
    assert run.status is BadgeRunStatus.READY
    assert (run.done, run.total, run.claimed_until, run.attempts) == (3, 3, None, 1)


def test_what_a_stopping_worker_gives_back_shows_no_progress_and_is_no_failure(stopping, monkeypatch):
    monkeypatch.setattr(documents, "STEP", 1)
    ref = a_run().ref
    badges.claim(at=database_now(), lease=LEASE)
    badges.note_progress(again(BadgeRun), 2)
    badges.release(ref)
    db.session.commit()
    run = again(BadgeRun)
    assert (run.done, run.claimed_until, run.attempts) == (0, None, 0)


def test_a_report_that_was_begun_when_the_worker_stops_is_read_at_the_next_start(stopping, monkeypatch):
    monkeypatch.setattr("consult.attendance.service.counting.BATCH", 2)
    a_report()
    claimed = reports.claim(at=database_now(), lease=LEASE)
    db.session.commit()
    with pytest.raises(attendance.Stopped):
        reports.read(claimed, attendance.event_with(claimed.event_id), save=lambda: attendance._save(claimed.ref),
                     at=database_now)  # fmt: skip
    report = again(AttendanceImport)
    assert (report.lines, report.claimed_until, report.attempts) == (0, None, 0)
    start_again()
    attendance.read_reports.run()
    assert again(AttendanceImport).status is ImportStatus.READ


def test_a_dead_workers_badges_are_taken_up_within_a_minute_and_not_before(session):
    a_run()
    at = database_now()
    assert badges.claim(at=at, lease=LEASE)
    assert badges.claim(at=at + timedelta(seconds=59), lease=LEASE) is None
    assert badges.claim(at=at + timedelta(seconds=61), lease=LEASE)


def test_badges_that_no_worker_survives_are_given_up(session):
    a_run()
    at = database_now()
    for number in range(badges.TRIES):
        assert badges.claim(at=at + number * timedelta(minutes=2), lease=LEASE)
    assert badges.claim(at=at + timedelta(hours=1), lease=LEASE) is None
    assert again(BadgeRun).status is BadgeRunStatus.FAILED


def test_a_report_that_no_worker_survives_is_refused_with_a_sentence(session):
    a_report()
    at = database_now()
    for number in range(reports.TRIES):
        assert reports.claim(at=at + number * timedelta(minutes=2), lease=LEASE)
    assert reports.claim(at=at + timedelta(hours=1), lease=LEASE) is None
    report = again(AttendanceImport)
    assert (report.status, report.file_id) == (ImportStatus.REFUSED, None)
    assert report.problem.startswith("We tried to read this report several times")


def test_a_report_that_cannot_be_counted_is_to_be_looked_at_again(session):
    a_report()
    attendance.read_reports.run()
    reports.apply(again(AttendanceImport), by=UserFactory())
    db.session.commit()
    at = database_now()
    for number in range(reports.TRIES):
        assert reports.claim(at=at + number * timedelta(minutes=2), lease=LEASE)
    reports.claim(at=at + timedelta(hours=1), lease=LEASE)
    db.session.commit()
    report = again(AttendanceImport)
    assert (report.status, report.attempts) == (ImportStatus.READ, 0)
    reports.apply(report, by=UserFactory())
    db.session.commit()
    attendance.read_reports.run()
    assert again(AttendanceImport).status is ImportStatus.DONE


def test_a_report_whose_file_is_gone_is_refused_with_a_sentence(session):
    report = a_report()
    storage.remove(report.file.key)
    attendance.read_reports.run()
    report = again(AttendanceImport)
    assert report.status is ImportStatus.REFUSED
    assert report.problem == "The file of this report is no longer there. Send it again."


def test_one_that_fails_holds_up_no_other_and_changes_nothing(session):
    people = [UserFactory(name="before") for _ in range(3)]
    db.session.commit()

    def rename(person):
        person.name = "after"
        db.session.flush()
        if person is people[1]:
            raise ValueError

    sweeps.each("a test", people, rename)
    assert [person.name for person in people] == ["after", "before", "after"]


def test_two_campaigns_are_sent_beside_each_other(session):
    refs = []
    for _ in range(2):
        campaign = CampaignFactory(event=an_event())
        InvitationFactory.create_batch(3, campaign=campaign)
        campaigns.launch(campaign, by=SecretariatFactory(), at=NOON)
        refs.append(campaign.ref)
    db.session.commit()
    invitations.invite.run()
    assert len(db.session.scalars(select(Message.id)).all()) == 6
    assert set(db.session.scalars(select(Campaign.status))) == {"sent"}
