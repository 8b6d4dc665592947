"""Many at once: the database decides. Each contender has a connection and a transaction of its own."""

import io
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from consult import create_app
from consult.accounts.models import LinkPurpose
from consult.accounts.service import links, throttle
from consult.accounts.service.throttle import Source
from consult.accreditation import queries as applications
from consult.accreditation.models import (
    Application,
    ApplicationStatus,
    ApplicationStep,
    Circulation,
    Objection,
    ReasonKind,
)
from consult.accreditation.service import circulations, reviews
from consult.attendance.models import Attendance, AttendanceImport, SeenOnline
from consult.attendance.service import door as doors
from consult.attendance.service import reports
from consult.database import begin_writing, now
from consult.errors import DomainError
from consult.events.queries import event_at
from consult.extensions import db, limiter
from consult.organisations.models import Membership, Organisation, OrganisationRole
from consult.organisations.queries import invitation_at, organisation_at
from consult.organisations.service import duplicates, people
from consult.outbox import service as outbox
from consult.outbox.models import Message
from consult.reference.stakeholders import StakeholderCategory
from consult.registration.models import Registration, RegistrationStatus
from consult.registration.queries import registration_at
from consult.registration.service import people as participants
from consult.registration.service import registering
from consult.words import Modality
from tests.conftest import config_for, database_url
from tests.factories import (
    FocalPointFactory,
    OrganisationFactory,
    RegistrationFactory,
    SecretariatFactory,
    UserFactory,
    an_application,
    an_event,
)
from worker import attendance as tasks

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("live")]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def shared(request: pytest.FixtureRequest, tmp_path) -> Iterator[Flask]:
    """A database that many connections use, with rows that are really committed."""
    pool = {"SQLALCHEMY_ENGINE_OPTIONS": {"pool_size": 50}}
    app = create_app(config_for(database_url(request.param, tmp_path, "races"), tmp_path, extra=pool))
    limiter.enabled = False
    with app.app_context():
        db.create_all()
        yield app
        db.session.remove()
        db.engine.dispose()


def at_once(app: Flask, actions: list[Callable[[], object]]) -> list[object]:
    """Do all of them at the same moment, each committed; what each gave or was refused with."""
    start = Barrier(len(actions))

    def do(action: Callable[[], object]) -> object:
        start.wait(30)
        with app.app_context():
            begin_writing()
            try:
                done = action()
                db.session.commit()
            except DomainError as error:
                db.session.rollback()
                return type(error).__name__
            return done

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(do, actions))


def registers(slug: str, email: str) -> Callable[[], object]:
    def action() -> object:
        event = event_at(slug)
        entry = registering.Entry(
            given_name="Ana", email=email, stakeholder=StakeholderCategory.MEDIA, country="KE",
            category=event.categories[0], modality=Modality.IN_PERSON,
        )  # fmt: skip
        return registering.register(event, entry, by=None, at=now()).status

    return action


@pytest.mark.parametrize("_time", range(3))
def test_forty_registrations_for_ten_places(shared, _time):
    slug = an_event(capacity=10).slug
    given = at_once(shared, [registers(slug, f"p{n}@example.org") for n in range(40)])
    assert Counter(given) == {RegistrationStatus.CONFIRMED: 10, RegistrationStatus.WAITLISTED: 30}
    rows = db.session.execute(select(Registration.status).order_by(Registration.id)).scalars().all()
    assert rows == [RegistrationStatus.CONFIRMED] * 10 + [RegistrationStatus.WAITLISTED] * 30
    assert db.session.scalar(select(func.count()).select_from(Message)) == 40


def test_one_address_registered_twice_at_once_has_one_registration(shared):
    slug = an_event().slug
    given = at_once(shared, [registers(slug, "ana@example.org") for _ in range(8)])
    assert Counter(given) == {RegistrationStatus.CONFIRMED: 1, "AlreadyRegistered": 7}


def test_those_who_leave_while_others_come_never_oversell(shared):
    event = an_event(capacity=5)
    held = RegistrationFactory.create_batch(5, category=event.categories[0])
    db.session.commit()
    slug = event.slug

    def leaves(ref: str) -> Callable[[], object]:
        return lambda: participants.withdraw(registration_at(slug, ref), by=None, at=now()).status

    at_once(shared, [leaves(each.ref) for each in held[:4]] + [registers(slug, f"n{n}@example.org") for n in range(12)])
    counted = Counter(db.session.execute(select(Registration.status)).scalars())
    assert counted == {
        RegistrationStatus.CONFIRMED: 5, RegistrationStatus.WITHDRAWN: 4, RegistrationStatus.WAITLISTED: 8,
    }  # fmt: skip


def test_two_officers_decide_at_once_and_one_decision_stands(shared):
    event = an_event()
    ref, slug = an_application(event).ref, event.slug
    one, two = SecretariatFactory.create_batch(2)
    db.session.commit()

    def approves() -> object:
        application, process = applications.application_at(slug, ref), applications.process_of(event_at(slug))
        return reviews.approve(application, process, by=db.session.merge(one), at=now()).status

    def rejects() -> object:
        application, process = applications.application_at(slug, ref), applications.process_of(event_at(slug))
        words = {"reason": applications.reasons(ReasonKind.REJECTION)[0], "message": "No."}
        return reviews.reject(application, process, **words, by=db.session.merge(two), at=now()).status

    given = at_once(shared, [approves, rejects])
    assert given.count("TransitionNotAllowed") == 1
    assert db.session.scalar(select(func.count()).select_from(ApplicationStep)) == 1


def test_two_doors_let_a_person_in_once(shared):
    registration = RegistrationFactory(category=an_event().categories[0])
    by = UserFactory()
    db.session.commit()
    slug, ref = registration.event.slug, registration.ref

    def door() -> object:
        found = registration_at(slug, ref)
        doors.check_in(found, found.days[0], by=db.session.merge(by), at=now())
        return "let in"

    assert Counter(at_once(shared, [door] * 6)) == {"let in": 1, "AlreadyCheckedIn": 5}


def test_one_report_sent_twice_at_once_is_read_and_counted_once(shared):
    event = an_event()
    RegistrationFactory(category=event.categories[0], email="ana@example.org")
    by = UserFactory()
    db.session.commit()
    slug = event.slug

    def sends() -> object:
        found = event_at(slug)
        content = io.BytesIO(b"name,email\nAna,ana@example.org\nGuest,g@example.org\n")
        entry = reports.ReportEntry(day=found.days[0], zone="UTC")
        reports.send(found, entry, content, name="a.csv", by=db.session.merge(by), at=now())
        return "sent"

    assert Counter(at_once(shared, [sends] * 4)) == {"sent": 1, "InvalidEntry": 3}
    at_once(shared, [tasks.read_reports.run] * 3)
    report = db.session.scalars(select(AttendanceImport).options(joinedload(AttendanceImport.event))).one()
    reports.apply(report, by=by)
    db.session.commit()
    at_once(shared, [tasks.read_reports.run] * 3)
    rows = [db.session.scalar(select(func.count()).select_from(table)) for table in (SeenOnline, Attendance)]
    assert rows == [2, 1]


def test_one_message_posted_twice_at_once_is_one(shared):
    def posts() -> object:
        outbox.post(outbox.Post(template="x", to="a@example.org", about="", dedupe_key="k"))
        return None

    at_once(shared, [posts] * 8)
    assert db.session.scalar(select(func.count()).select_from(Message)) == 1


def test_two_workers_close_a_circulation_once(shared):
    event, boss = an_event(), SecretariatFactory()
    found = [an_application(event) for _ in range(3)]
    until = now() + timedelta(seconds=1)
    to = [circulations.Recipient(name="Mission", email="m@example.org")]
    circulations.start(event, found, recipients=to, until=until, message="", by=boss, at=now())
    db.session.commit()

    def closes() -> object:
        return circulations.close_due(at=until)

    at_once(shared, [closes] * 4)
    counted = db.session.execute(select(ApplicationStep.status, func.count()).group_by(ApplicationStep.status)).all()
    assert dict(counted) == {ApplicationStatus.CIRCULATED: 3, ApplicationStatus.APPROVED: 3}
    assert db.session.scalar(select(func.count()).select_from(Message).where(Message.template.like("%closed"))) == 1
    assert db.session.scalars(select(Circulation.closed_at)).one() is not None


def test_an_objection_and_the_closing_at_once_leave_no_objected_approval(shared):
    event, boss = an_event(), SecretariatFactory()
    application = an_application(event)
    until = now() + timedelta(minutes=5)
    to = [circulations.Recipient(name="Mission", email="m@example.org")]
    made = circulations.start(event, [application], recipients=to, until=until, message="", by=boss, at=now())
    db.session.commit()
    key, ref = made.recipients[0].key, application.ref

    def objects() -> object:
        recipient, item = applications.item_with(key, ref, at=now())
        return circulations.object_to(item, recipient, reason="No.", at=now()).id

    def closes() -> object:
        return circulations.close_due(at=until)

    at_once(shared, [objects, closes, objects])
    status = db.session.scalars(select(Application.status)).one()
    objections = db.session.scalar(select(func.count()).select_from(Objection))
    assert (status, objections) in {(ApplicationStatus.IN_REVIEW, 1), (ApplicationStatus.APPROVED, 0)}


def test_one_invitation_accepted_twice_at_once_makes_one_member(shared):
    point, invited = FocalPointFactory(), UserFactory()
    invitation = people.invite(point.organisation, email=invited.email, role=OrganisationRole.MEMBER, by=point.user)
    db.session.commit()
    ref = invitation.ref

    def accepts() -> object:
        return people.accept(invitation_at(ref), by=db.session.merge(invited)).role

    given = at_once(shared, [accepts] * 4)
    assert given.count("TransitionNotAllowed") == 3
    assert db.session.scalar(select(func.count()).select_from(Membership)) == 2


def test_two_merges_that_cross_leave_one_organisation(shared):
    one, two = OrganisationFactory.create_batch(2)
    boss = SecretariatFactory()
    db.session.commit()
    refs = one.ref, two.ref

    def merges(kept: str, gone: str) -> Callable[[], object]:
        def merge() -> object:
            return duplicates.merge(organisation_at(kept), organisation_at(gone), by=db.session.merge(boss)).ref

        return merge

    given = at_once(shared, [merges(*refs), merges(*reversed(refs))])
    assert len({each for each in given if each in refs}) == 1
    merged = db.session.scalars(select(Organisation.merged_into_id).where(Organisation.merged_into_id.is_not(None)))
    assert len(merged.all()) == 1


def test_a_link_used_twice_at_once_signs_in_once(shared):
    person = UserFactory()
    links.send(LinkPurpose.SIGN_IN, person.email, language="en", at=now())
    db.session.commit()
    key = db.session.scalars(select(Message.context)).one()["path"].rsplit("/", 1)[1]

    def uses() -> object:
        return links.sign_in(key, at=now()).ref

    given = at_once(shared, [uses] * 4)
    assert given.count("NotFound") == 3


def test_of_guesses_in_one_instant_no_more_are_tried_than_of_those_one_after_another(shared):
    source, instant = Source(account="ana@example.org", network="198.51.100.0/24"), now()
    waits = at_once(shared, [lambda: throttle.begin_guess(source, at=instant)] * 20)
    assert Counter(wait == timedelta(0) for wait in waits) == {True: 5, False: 15}
