"""A person can have everything about them erased at any stage; what is counted stays."""

from datetime import timedelta

import pytest
from sqlalchemy import inspect, select, text

from consult.accounts.models import Role, User
from consult.accounts.service import people as accounts
from consult.attendance.models import Attendance, AttendanceImport, SeenOnline, SeenStatus
from consult.audit.models import AuditEntry
from consult.campaigns.models import Invitation
from consult.database import now
from consult.errors import TransitionNotAllowed
from consult.events.models import TeamRole
from consult.extensions import db
from consult.files import service as files
from consult.files import storage
from consult.files.models import StoredFile
from consult.letters.models import Letter
from consult.organisations.models import Membership, OrganisationRole
from consult.outbox import service as outbox
from consult.outbox.models import Message, MessageStatus
from consult.registration.models import (
    BadgeLayout,
    BadgeRun,
    Passport,
    Registration,
    RegistrationDocument,
    RegistrationStatus,
    Visibility,
)
from consult.registration.service import badges, deciding, erasure, people, registering
from tests.factories import (
    NOON,
    CampaignFactory,
    FocalPointFactory,
    InvitationFactory,
    RegistrationFactory,
    SecretariatFactory,
    TeamMemberFactory,
    UserFactory,
    an_event,
)
from tests.registration.test_people import DATA
from tests.registration.test_service import entry, register

pytestmark = pytest.mark.usefixtures("session")
S = RegistrationStatus
TRACES = ("zenobia", "Zenobia", "Palmyra", "A00X77123", "nut allergy")


def everything() -> str:
    """All rows of all tables, as text."""
    db.session.flush()
    return "\n".join(
        str(tuple(row))
        for table in inspect(db.session.connection()).get_table_names()
        for row in db.session.execute(text(f'SELECT * FROM "{table}"'))
    )


def a_life(event, status):
    """One with a letter, a passport, a file, an invitation, attendance, a line in a report, mails."""
    person = {"given_name": "Zenobia", "family_name": "Palmyra", "dietary_needs": "nut allergy"}
    registration = register(event, "zenobia@example.org", **person)
    number = registration.id
    passport = DATA.__class__(**{**vars(DATA), "name": "Zenobia Palmyra"})
    people.issue_visa_letter(registration, passport, by=None, at=NOON)
    file = StoredFile(name="zenobia.pdf", media_type="application/pdf", size=4, stored_at=NOON, key=f"k{number}")
    report = AttendanceImport(
        event=event, day=event.days[0], name="a.csv", sha256="0" * 64, imported_at=NOON, lines=1, people=1, zone="UTC"
    )
    db.session.add_all([RegistrationDocument(registration=registration, question="Q", file=file), report])
    db.session.flush()
    came = Attendance(registration=registration, day=event.days[0], modality="in_person", at=NOON)
    seen = SeenOnline(
        event=event, day=event.days[0], import_id=report.id, status=SeenStatus.UNMATCHED, line=2,
        name="Zenobia Palmyra", email="Zenobia@example.org", person_key="zenobia@example.org",
    )  # fmt: skip
    db.session.add_all([came, seen])
    campaign = CampaignFactory(event=event)
    InvitationFactory(campaign=campaign, registration=registration, name="Zenobia", email="zenobia@example.org")
    registration.message = "Dear Zenobia"
    registration.status = status
    db.session.flush()
    return registration


@pytest.mark.parametrize("status", [each for each in S if each is not S.OFFERED])
def test_everything_goes_whatever_the_status_and_numbers_stay(status, app):
    event = an_event()
    registration = a_life(event, status)
    number, category = registration.id, registration.category_id
    assert all(trace in everything() for trace in ("Zenobia", "zenobia"))
    erasure.erase(registration, by=None, at=NOON)
    left = everything()
    assert [trace for trace in TRACES if trace in left] == []
    kept = db.session.get(Registration, number)
    assert (kept.category_id, kept.country, len(kept.days), kept.name) == (category, "KE", 2, "–")
    assert len(db.session.scalars(select(Attendance)).all()) == 1
    assert db.session.scalars(select(Passport)).all() == []
    assert db.session.scalars(select(Letter)).one().is_valid is False
    assert kept.status not in {S.PENDING, S.CONFIRMED, S.WAITLISTED, S.ASKED}
    erasure.erase(kept, by=None, at=NOON)  # again harms nothing


def test_a_place_goes_to_who_waits():
    event = an_event(capacity=1)
    first, second = register(event, "a@example.org"), register(event, "b@example.org")
    erasure.erase(first, by=None, at=NOON)
    assert (first.status, second.status) == (S.WITHDRAWN, S.CONFIRMED)


def test_who_has_another_registration_keeps_it_and_its_mails():
    event = an_event()
    old = register(event, "a@example.org")
    people.withdraw(old, by=None, at=NOON)
    new = register(event, "a@example.org")
    erasure.erase(old, by=None, at=NOON)
    assert (new.email, new.status) == ("a@example.org", S.CONFIRMED)
    assert db.session.scalars(select(Message).where(Message.about == f"registration:{new.ref}")).all() != []


def test_the_person_and_the_secretariat_erase_and_nobody_else(as_, client):
    event, point = an_event(), FocalPointFactory()
    places = [
        RegistrationFactory(
            category=event.categories[0],
            organisation=point.organisation,
            email=f"{name}@example.org",
            status=S.DECLINED,
        )
        for name in "abc"
    ]
    manager = TeamMemberFactory(event=event, role=TeamRole.MANAGER).user
    numbers, keys = [each.id for each in places], [each.access_key for each in places]
    paths = [f"/events/{event.slug}/registrations/{each.ref}/erase" for each in places]
    own = UserFactory(email="b@example.org")
    db.session.commit()
    assert as_(point.user).post(paths[0]).status_code == 403
    assert "Erase everything about me" in client.get(f"/registrations/{keys[0]}").text
    answer = client.post(f"/registrations/{keys[0]}/erase", follow_redirects=True)
    assert "Everything about you has been erased" in answer.text
    as_(own).post(paths[1])
    as_(manager).post(paths[2])
    assert {db.session.get(Registration, number).email for number in numbers} == {""}
    assert client.get(f"/registrations/{keys[0]}").status_code == 404


def test_the_record_keeps_what_was_done_without_the_name(as_):
    event, point = an_event(), FocalPointFactory(user=UserFactory(name="Zenobia Palmyra", email="z@example.org"))
    FocalPointFactory(organisation=point.organisation)
    registering.register(event, entry(event, "b@example.org"), by=point.user, at=NOON)
    TeamMemberFactory(event=event, role=TeamRole.RAPPORTEUR, user=point.user)
    for message in db.session.scalars(select(Message)):  # what is queued for others still says who wrote
        message.status = MessageStatus.CLAIMED
        outbox.record_sent(message, at=NOON)
    number, ref = point.user.id, point.user.ref
    db.session.commit()
    client = as_(point.user)
    assert "This cannot be taken back" in client.get("/account/delete").text
    assert client.post("/account/delete").status_code == 302
    kept = db.session.get(User, number)
    assert (kept.name, kept.active, kept.password, kept.confirmed_at) == ("–", False, None, None)
    assert "Zenobia" not in everything()
    assert "z@example.org" not in everything()
    actions = set(db.session.scalars(select(AuditEntry.action).where(AuditEntry.actor == ref)))
    assert {"registration.asked", "organisation.removed", "team.removed"} <= actions
    assert client.get("/my").status_code == 302, "signed out"
    assert db.session.scalars(select(Membership).where(Membership.user_id == number)).all() == []


def test_the_last_focal_point_hands_over_first(as_):
    point = FocalPointFactory(role=OrganisationRole.FOCAL_POINT)
    db.session.commit()
    number = point.user_id
    answer = as_(point.user).post("/account/delete")
    assert (answer.status_code, "You are the only focal point of" in answer.text) == (422, True)
    assert db.session.get(User, number).active
    lonely = FocalPointFactory(user=SecretariatFactory())
    with pytest.raises(TransitionNotAllowed):
        accounts.delete_account(lonely.user, by=lonely.user)


def test_the_last_administrator_makes_another_first():
    only = UserFactory(role=Role.ADMINISTRATOR)
    with pytest.raises(TransitionNotAllowed, match="only administrator"):
        accounts.delete_account(only, by=only)
    UserFactory(role=Role.ADMINISTRATOR)
    accounts.delete_account(only, by=only)
    assert not only.active


def test_deleting_asks_for_the_password_again(as_):
    person = UserFactory()
    db.session.commit()
    client = as_(person)
    with client.session_transaction() as session:
        session["fs_paa"] -= 3600
    assert client.post("/account/delete").location.startswith("/account/verify")


def test_a_mail_that_has_left_keeps_no_names_and_no_links():
    registration = register(an_event())
    message = db.session.scalars(select(Message).where(Message.about == f"registration:{registration.ref}")).one()
    assert registration.access_key in str(message.context)
    message.status = MessageStatus.CLAIMED
    outbox.record_sent(message, at=now() + timedelta(seconds=1))
    assert message.context == {}


def test_the_letter_of_an_erased_person_shows_no_initials(client):
    registration = a_life(an_event(), S.CONFIRMED)
    erasure.erase(registration, by=None, at=NOON)
    code = db.session.scalars(select(Letter.code)).one()
    db.session.commit()
    page = client.get(f"/letters/{code}").text
    assert "no longer valid" in page
    assert "Z. P." not in page
    assert db.session.scalars(select(Invitation.name)).one() == "–"


def test_badges_and_lists_made_of_many_go_with_who_is_on_them(client):
    event, other = an_event(), an_event()
    manager = SecretariatFactory()
    for each in (event, other):
        RegistrationFactory(category=each.categories[0], visibility=Visibility.PUBLIC, email="")
        run = badges.request(each, category=None, layout=BadgeLayout.SHEETS, by=manager, at=NOON)
        badges.finish(run, b"%PDF- of Zenobia")
    zenobia = RegistrationFactory(category=event.categories[0], visibility=Visibility.PUBLIC, given_name="Zenobia")
    db.session.commit()
    for each in (event, other):
        files.forget_made(each.scope)
    before = made_once_kept()  # by other tests of this process
    lists = [f"/events/{each.slug}/participants.xlsx" for each in (event, other)]
    assert [client.get(path).status_code for path in lists] == [200, 200]
    assert len(made_once_kept() - before) == 2
    assert client.post(f"/registrations/{zenobia.access_key}/erase").status_code == 302
    assert len(made_once_kept() - before) == 1, "those of the other event stay"
    assert [run.event_id for run in db.session.scalars(select(BadgeRun))] == [other.id]
    assert len(db.session.scalars(select(StoredFile)).all()) == 1


def made_once_kept():
    return {name for name in storage.kept_before(now() + timedelta(days=1)) if name.startswith("made")}


def test_a_reason_stays_without_the_name_of_whom_it_was_about():
    """Whoever placed somebody by hand does not make the reason go by erasing the person."""
    event = an_event(capacity=1)
    register(event, "first@example.org")
    registration = register(event, "ana@example.org", given_name="Ana", family_name="Sow")
    reason = "ANA SOW (ana@example.org) speaks on day two; Sow was ill."
    deciding.place_by_hand(registration, reason=reason, is_extra=True, by=SecretariatFactory(), at=NOON)
    erasure.erase(registration, by=None, at=NOON)
    db.session.expire_all()
    kept = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "registration.placed")).one()
    assert kept.detail == "– (–) speaks on day two; – was ill."
