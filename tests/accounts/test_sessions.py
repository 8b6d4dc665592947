"""How long somebody stays signed in, when the password is asked for again, and what is recorded."""

import time
from datetime import timedelta

import pytest
from flask_login import current_user
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from consult.accounts import queries
from consult.accounts.models import Device, Role, User
from consult.accounts.service import devices
from consult.audit.models import AuditEntry
from consult.audit.service import record
from consult.database import now
from consult.extensions import db
from tests.accounts.test_security import PASSWORD, a_person, sign_in
from tests.factories import NOON, FocalPointFactory, RegistrationFactory, SecretariatFactory, UserFactory, an_event


def device_of(person):
    return db.session.scalars(select(Device).where(Device.user_id == person.id)).one()


@pytest.mark.parametrize(
    ("role", "idle", "longest"),
    [
        (Role.PERSON, timedelta(days=14), timedelta(days=60)),
        (Role.SECRETARIAT, timedelta(hours=8), timedelta(hours=24)),
    ],
)
def test_a_session_ends_after_idleness_and_after_a_maximum(client, monkeypatch, role, idle, longest):
    person = a_person(role=role)
    number, email = person.id, person.email
    monkeypatch.setitem(client.application.config, "DEMO", True)  # which asks the secretariat for no second factor
    for is_idle in (True, False):
        sign_in(client, email)
        device = device_of(db.session.get(User, number))
        assert device.ends_at - device.signed_in_at == longest
        for seconds, status in ((60, 200), (-1, 302)):
            device = device_of(db.session.get(User, number))
            if is_idle:
                device.seen_at = now() - idle + timedelta(seconds=seconds)
            else:
                device.ends_at = now() + timedelta(seconds=seconds)
            db.session.commit()
            answer = client.get("/my")
            assert answer.status_code == status, (is_idle, seconds)
        assert "You were signed out because" in client.get("/sign-in").text
        assert db.session.scalar(select(Device)) is None


def test_who_is_given_a_role_has_its_shorter_session_from_then_on(session):
    person = a_person()
    key = devices.remember_device(person, browser="", limits=devices.OTHERS, at=NOON)
    device = queries.device_with(key, person)
    assert not devices.is_over(device, at=NOON + timedelta(days=3))
    devices.note_seen(device, limits=devices.STAFF, at=NOON + timedelta(minutes=1))
    assert not devices.is_over(device, at=NOON + timedelta(hours=7))
    assert devices.is_over(device, at=NOON + timedelta(hours=9)), "idle"
    device.seen_at = NOON + timedelta(hours=23)
    assert devices.is_over(device, at=NOON + timedelta(hours=24)), "the maximum"


@pytest.mark.parametrize("method", ["get", "post"])
def test_what_is_dangerous_asks_for_the_password_again(as_, method):
    person, boss = a_person(), UserFactory(role=Role.ADMINISTRATOR)
    number = person.id
    browser = as_(boss)
    path = f"/workspace/people/{person.ref}"
    with browser.session_transaction() as session:
        session["fs_paa"] = (NOON - timedelta(days=1)).timestamp()
        session.pop("fs_gexp", None)
    answer = getattr(browser, method)(path, **({"data": {"role": "secretariat"}} if method == "post" else {}))
    assert answer.location.startswith("/account/verify?next=")
    assert db.session.get(User, number).role is Role.PERSON


@pytest.mark.parametrize("path", ["/account/address", "/account/second-factor/app", "/account/second-factor/passkeys"])
def test_factors_and_addresses_are_changed_only_with_a_password_typed_just_now(as_, path):
    browser = as_(a_person())
    with browser.session_transaction() as session:
        session["fs_paa"] = (NOON - timedelta(days=1)).timestamp()
        session.pop("fs_gexp", None)
    assert "/account/verify" in browser.get(path).location


def test_a_refusal_and_a_download_leave_a_record(as_):
    event = an_event()
    RegistrationFactory(category=event.categories[0])
    curious, desk = a_person(), SecretariatFactory()
    refs = curious.ref, desk.ref
    slug, scope = event.slug, event.scope
    assert as_(curious).get(f"/workspace/events/{slug}/registrations").status_code == 403
    assert as_(desk).get(f"/workspace/events/{slug}/registrations/export.csv").status_code == 200
    entries = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action.in_(["access.refused", "file.downloaded"])).order_by(AuditEntry.id)
    ).all()
    assert [(each.action, each.actor, each.scope) for each in entries] == [
        ("access.refused", refs[0], scope), ("file.downloaded", refs[1], scope),
    ]  # fmt: skip
    assert entries[1].detail == f"/workspace/events/{slug}/registrations/export.csv"


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM audit_entry", "UPDATE audit_entry SET action = 'nothing'", "UPDATE audit_entry SET actor = ''",
        "UPDATE audit_entry SET at = '2020-01-01'", "UPDATE audit_entry SET about = ''",
    ],
)  # fmt: skip
def test_the_database_refuses_to_change_the_record(session, statement):
    record("account.signed_in", about="user:X", by=None)
    db.session.flush()
    with pytest.raises(DatabaseError, match="append-only"), db.session.begin_nested():
        db.session.execute(text(statement))


def test_a_name_in_the_record_can_be_forgotten(session):
    record("account.signed_in", about="user:X", by=a_person())
    db.session.flush()
    db.session.execute(text("UPDATE audit_entry SET actor_name = '', detail = ''"))
    assert db.session.scalars(select(AuditEntry.actor_name)).unique().all() == [""]


@pytest.mark.parametrize("path", ["/sign-in", "/sign-up", "/reset-password", "/letters/x", "/registrations/x"])
def test_pages_about_signing_in_and_with_a_key_are_never_kept(client, path):
    assert client.get(path).headers["Cache-Control"] == "no-store"


def test_an_administrator_ends_the_sessions_of_somebody_who_has_left(as_):
    person, boss = a_person(), UserFactory(role=Role.ADMINISTRATOR)
    browser = as_(person)
    path = f"/workspace/people/{person.ref}"
    desk = as_(boss)
    assert "Sign out everywhere" in desk.get(path).text
    assert browser.get("/my").status_code == 200
    desk.post(f"{path}/sign-out")
    assert browser.get("/my").status_code == 302


def test_a_session_gets_a_new_key_when_the_password_is_typed_again(as_):
    browser = as_(a_person())
    with browser.session_transaction() as session:
        before = session["device"]
    assert browser.post("/account/verify?next=/account", data={"password": PASSWORD}).location == "/account"
    with browser.session_transaction() as session:
        assert session["device"] != before
    assert browser.get("/my").status_code == 200


def test_roles_are_given_only_with_a_password_typed_just_now(as_):
    event, point = an_event(), FocalPointFactory()
    member = FocalPointFactory(organisation=point.organisation)
    paths = [
        (SecretariatFactory(), f"/workspace/events/{event.slug}/team"),
        (SecretariatFactory(), f"/workspace/organisations/{point.organisation.ref}/focal-point"),
        (point.user, f"/my/organisations/{point.organisation.ref}/people/{member.ref}/role"),
    ]
    db.session.commit()
    for person, path in paths:
        browser = as_(person)
        with browser.session_transaction() as session:
            session["fs_paa"] = (NOON - timedelta(days=1)).timestamp()
        assert browser.post(path, data={"role": "member"}).location.startswith("/account/verify"), path


def test_a_typed_password_opens_what_is_dangerous_for_an_hour_at_most(as_):
    browser = as_(UserFactory(role=Role.ADMINISTRATOR))
    path = "/account/address"
    assert browser.get(path).status_code == 200
    for minutes, status in ((59, 200), (61, 302)):
        with browser.session_transaction() as session:
            session["fs_paa"] = time.time() - minutes * 60
            session["fs_gexp"] = time.time() + 600  # as activity prolongs it
        assert browser.get(path).status_code == status


def test_a_request_with_the_key_before_does_not_sign_out_the_new_session(client):
    person = a_person()
    sign_in(client, person.email)
    with client.session_transaction() as session:
        before = dict(session)
    client.post("/account/verify", data={"password": PASSWORD})
    with client.session_transaction() as session:
        after = dict(session)
        assert after["device"] != before["device"]
        session.clear()
        session.update(before)
    answer = client.get("/my")
    assert answer.location.startswith("/sign-in")
    assert "Set-Cookie" not in answer.headers
    with client.session_transaction() as session:
        session.clear()
        session.update(after)
    assert client.get("/my").status_code == 200


def test_a_token_in_the_address_or_a_header_or_the_body_signs_nobody_in(session, app):
    person = a_person()
    with app.test_request_context():
        token = person.get_auth_token()
    for sent in (
        {"query_string": {"auth_token": token}},
        {"headers": {"Authentication-Token": token}},
        {"method": "POST", "json": {"auth_token": token}},
    ):
        with app.test_request_context("/my", **sent):
            assert not current_user.is_authenticated
