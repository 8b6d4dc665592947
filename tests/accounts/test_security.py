"""Links that sign in, change of address, second factor, devices."""

import re
import time
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from flask_security import hash_password
from sqlalchemy import select

from consult.accounts import queries
from consult.accounts.models import AddressChange, Device, LinkPurpose, MailedLink, Role, User
from consult.accounts.security import browser_name
from consult.accounts.service import links
from consult.database import now
from consult.errors import NotFound
from consult.events.models import TeamRole
from consult.extensions import db
from consult.outbox.delivery import text_of
from consult.outbox.models import Message
from tests.factories import SecretariatFactory, TeamMemberFactory, UserFactory, an_event

PASSWORD = "a long sentence"


def a_person(**changes):
    plain = {"tf_primary_method": None, "tf_totp_secret": None, "password": hash_password(PASSWORD)}
    person = UserFactory(**{**plain, **changes})
    db.session.commit()
    return person


def last(template):
    found = select(Message).where(Message.template == f"accounts/{template}").order_by(Message.id.desc())
    return db.session.scalars(found).first()


def code(key, *, step=0):
    return TOTP(_bytes(key), 6, SHA1(), 30, enforce_key_length=False).generate(int(time.time()) + 30 * step).decode()


def _bytes(key):
    import base64

    plain = key.replace(" ", "").replace("-", "")
    return base64.b32decode(plain + "=" * (-len(plain) % 8))


def sign_in(client, email, password=PASSWORD, **more):
    return client.post("/sign-in", data={"email": email, "password": password, **more}, follow_redirects=True)


def set_up_app(client):
    """Switch the authenticator app on; returns the key the app keeps."""
    page = client.post("/account/second-factor/app", data={"setup": "authenticator"}).text
    key = re.search(r'data-key="([^"]+)"', page)[1]
    action = re.search(r'action="(/account/second-factor/app/[^"]+)"', page)[1]
    assert client.post(action, data={"code": code(key)}).location == "/account/second-factor"
    return key


def test_a_link_signs_in_once(client):
    person = a_person()
    client.post("/sign-in/link", data={"email": person.email.upper()})
    path = last("sign_in_link").context["path"]
    assert "Sign me in" in client.get(path).text
    assert client.get("/my").status_code == 302, "opening the page does not sign in: mail scanners do that"
    assert client.post(path).location == "/my"
    assert client.get("/my").status_code == 200
    assert client.get(path).status_code == client.post(path).status_code == 404


def test_a_link_is_good_for_ten_minutes(session):
    person = a_person()
    links.send(LinkPurpose.SIGN_IN, person.email, language="en", at=now() - timedelta(minutes=11))
    with pytest.raises(NotFound):
        links.sign_in(last("sign_in_link").context["path"].rsplit("/", 1)[1], at=now())


def test_no_answer_tells_whether_an_address_has_an_account(client, as_):
    known = a_person().email
    pages = [client.post("/sign-in/link", data={"email": each}) for each in (known, "nobody@example.org")]
    assert pages[0].location == pages[1].location == "/check-your-mail"
    other = as_(a_person())
    for each in (known, "nobody@example.org"):
        assert other.post("/account/address", data={"email": each}).location == "/account"
    assert [message.to for message in db.session.scalars(select(Message).where(Message.template.like("%taken")))] == [
        known
    ]


def test_a_mailbox_is_not_filled_with_links(session):
    person = a_person()
    for _ in range(9):
        links.send(LinkPurpose.SIGN_IN, person.email, language="en", at=now())
    assert len(db.session.scalars(select(MailedLink)).all()) == 5


def test_an_unconfirmed_or_closed_account_gets_no_link(session):
    for person in (a_person(confirmed_at=None), a_person(active=False)):
        links.send(LinkPurpose.SIGN_IN, person.email, language="en", at=now())
    assert last("sign_in_link") is None


@pytest.mark.parametrize("order", [("address_old", "address_new"), ("address_new", "address_old")])
def test_an_address_changes_when_both_mailboxes_agree(client, as_, order):
    person = a_person(email="old@example.org")
    as_(person).post("/account/address", data={"email": "New@Example.org"})
    assert (last("address_old").to, last("address_new").to) == ("old@example.org", "new@example.org")
    first, second = (last(template).context["path"] for template in order)
    assert "new@example.org" in client.get(first).text
    client.post(first)
    client.post(first)
    assert db.session.get(User, person.id).email == "old@example.org"
    client.post(second)
    person = db.session.get(User, person.id)
    assert (person.email, person.email_domain) == ("new@example.org", "example.org")
    assert last("address_changed").to == "old@example.org"
    assert client.get(second).status_code == 404


def test_an_address_that_was_taken_meanwhile_is_refused(client, as_):
    person = a_person()
    as_(person).post("/account/address", data={"email": "new@example.org"})
    paths = [last(template).context["path"] for template in ("address_old", "address_new")]
    a_person(email="new@example.org")
    client.post(paths[0])
    assert "This address cannot be used." in client.post(paths[1], follow_redirects=True).text


def test_a_change_of_address_can_be_given_up_and_grows_old(client, as_):
    person = a_person()
    browser = as_(person)
    browser.post("/account/address", data={"email": "new@example.org"})
    path = last("address_new").context["path"]
    change = db.session.scalars(select(AddressChange)).one()
    change.asked_at -= timedelta(days=4)
    db.session.commit()
    assert client.post(path).status_code == 404
    assert "To become new@example.org" in browser.get("/account").text
    browser.post("/account/address/give-up")
    assert "To become" not in browser.get("/account").text
    assert client.get(path).status_code == 404


def test_the_app_is_asked_for_at_sign_in_and_a_code_works_once(client, as_):
    person = a_person()
    key = set_up_app(as_(person))
    assert last("second_factor_set").to == person.email
    assert "Enter the code" in sign_in(client, person.email).text
    assert client.get("/my").status_code == 302
    assert "Invalid code" in client.post("/sign-in/code", data={"code": code(key)}).text, "used at the set-up"
    assert client.post("/sign-in/code", data={"code": code(key, step=1)}).status_code == 302
    assert client.get("/my").status_code == 200


def test_the_second_factor_is_asked_for_after_a_link_too(client, as_):
    person = a_person()
    key = set_up_app(as_(person))
    client.post("/sign-in/link", data={"email": person.email})
    assert "Enter the code" in client.post(last("sign_in_link").context["path"], follow_redirects=True).text
    assert client.get("/my").status_code == 302
    assert client.post("/sign-in/code", data={"code": code(key, step=1)}).status_code == 302
    assert client.get("/my").status_code == 200


def test_a_recovery_code_works_once(client, as_):
    person = a_person()
    browser = as_(person)
    set_up_app(browser)
    page = browser.post("/account/second-factor/recovery-codes", data={"generate_new_codes": "y"}).text
    codes = re.findall(r"<li><code>([^<]+)</code>", page)
    assert len(codes) == 8
    kept = db.session.get(User, person.id).mf_recovery_codes
    assert codes[0] not in str(kept), "hashed where they are kept"
    sign_in(client, person.email)
    assert client.post("/sign-in/recovery-code", data={"code": codes[0]}).status_code == 302
    assert client.get("/my").status_code == 200
    client.post("/sign-out")
    sign_in(client, person.email)
    client.post("/sign-in/recovery-code", data={"code": codes[0]})
    assert client.get("/my").status_code == 302


def test_the_app_can_be_removed(as_):
    person = a_person()
    browser = as_(person)
    set_up_app(browser)
    assert "Remove the app" in browser.get("/account/second-factor/app").text
    browser.post("/account/second-factor/app", data={"setup": "disable"})
    assert not db.session.get(User, person.id).has_second_factor
    assert last("second_factor_removed").to == person.email


def nobody_special():
    return a_person()


def secretariat():
    return a_person(role=Role.SECRETARIAT)


def officer():
    return TeamMemberFactory(event=an_event(), user=a_person(), role=TeamRole.ACCREDITATION_OFFICER).user


def door_staff():
    return TeamMemberFactory(event=an_event(), user=a_person(), role=TeamRole.DOOR_STAFF).user


@pytest.mark.parametrize(
    ("who", "held"), [(nobody_special, False), (door_staff, False), (secretariat, True), (officer, True)]
)
def test_a_role_that_needs_a_second_factor_is_held_until_there_is_one(as_, who, held):
    browser = as_(who())
    answer = browser.get("/my")
    assert (answer.status_code == 302) is held
    if held:
        assert answer.location == "/account/second-factor"
        assert "Your role needs a second factor" in browser.get("/account/second-factor").text
        assert browser.post("/account").status_code == 302
        set_up_app(browser)
    assert browser.get("/my").status_code == 200


def test_an_administrator_resets_a_lost_second_factor(as_):
    person = a_person()
    browser = as_(person)
    set_up_app(browser)
    desk = as_(UserFactory(role=Role.ADMINISTRATOR))
    assert "Reset the second factor" in desk.get(f"/workspace/people/{person.ref}").text
    desk.post(f"/workspace/people/{person.ref}/reset-second-factor")
    assert not db.session.get(User, person.id).has_second_factor
    assert browser.get("/my").status_code == 302, "signed out everywhere"
    assert last("second_factor_reset").to == person.email


def test_devices_are_listed_and_signed_out(app, client):
    person = a_person()
    other = app.test_client()
    sign_in(client, person.email)
    sign_in(other, person.email, remember="y")
    assert other.get_cookie("session").expires is not None, "kept signed in"
    assert client.get_cookie("session").expires is None
    assert other.get_cookie("remember_token") is None
    here, there = db.session.scalars(select(Device).order_by(Device.id)).all()
    assert client.get("/account").text.count("Sign out there") == 1
    client.post(f"/account/devices/{there.ref}/sign-out")
    assert other.get("/my").status_code == 302
    assert client.get("/my").status_code == 200
    sign_in(other, person.email)
    client.post("/account/devices/sign-out")
    assert other.get("/my").status_code == 302
    assert db.session.scalars(select(Device)).all() == [here]
    client.post("/sign-out")
    assert db.session.scalars(select(Device)).all() == []


def test_nobody_signs_out_the_device_of_another(as_):
    person, other = a_person(), a_person()
    as_(person)
    (device,) = queries.devices_of(person)
    assert as_(other).post(f"/account/devices/{device.ref}/sign-out").status_code == 403


def test_when_a_device_was_seen_is_noted_from_time_to_time(client):
    person = a_person()
    sign_in(client, person.email)
    device = db.session.scalars(select(Device)).one()
    device.seen_at = before = now() - timedelta(hours=1)
    db.session.commit()
    with client.session_transaction() as session:
        session["seen"] = 0
    client.get("/my")
    assert db.session.scalars(select(Device)).one().seen_at > before


def test_a_new_password_ends_other_sessions(app, client):
    person = a_person()
    other = app.test_client()
    sign_in(client, person.email)
    sign_in(other, person.email)
    change = {"password": PASSWORD, "new_password": "quite another one", "new_password_confirm": "quite another one"}
    assert client.post("/account/password", data=change).status_code == 302
    assert client.get("/my").status_code == 200
    assert other.get("/my").status_code == 302
    assert len(db.session.scalars(select(Device)).all()) == 1


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Windows"),
        ("Mozilla/5.0 (Linux; Android 9) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36", "Chrome, Android"),
        ("<script>alert(1)</script>", "scriptalert1/script"),
        ("", ""),
    ],
)
def test_a_browser_is_named_as_people_know_it(agent, name):
    assert browser_name(agent) == name


def test_roles_show_who_granted_them_and_when(as_):
    person = a_person()
    boss = UserFactory(role=Role.ADMINISTRATOR, name="Grace Boss")
    as_(boss).post(f"/workspace/people/{person.ref}", data={"role": "secretariat"})
    page = as_(boss).get(f"/workspace/people/{person.ref}").text
    assert "Grace Boss" in page
    assert "person → secretariat" in page


@pytest.mark.parametrize(("was", "becomes"), [("person", "secretariat"), ("administrator", "person")])
def test_the_whole_secretariat_is_told_who_becomes_or_is_no_longer_secretariat(as_, was, becomes):
    boss, desk = UserFactory(role=Role.ADMINISTRATOR, name="Boss"), SecretariatFactory()
    person = UserFactory(role=Role(was), name="Ines")
    db.session.commit()
    expected = {boss.email, desk.email, person.email}
    browser, path = as_(boss), f"/workspace/people/{person.ref}"
    for _time in range(2):
        assert browser.post(path, data={"role": becomes}).status_code == 302
    sent = db.session.scalars(select(Message).where(Message.template == "accounts/role_changed")).all()
    assert ({message.to for message in sent}, len(sent)) == (expected, 3), "once: the second time nothing changed"
    subject, body = text_of(sent[0].template, sent[0].context, "en")
    assert subject == "The role of Ines has changed"
    assert f"Boss has changed the role of Ines ({person.email}) from" in " ".join(body.split())


def test_a_team_shows_who_granted_the_role(as_):
    event, person, boss = an_event(), a_person(), SecretariatFactory(name="Grace Boss")
    browser = as_(boss)
    browser.post(f"/workspace/events/{event.slug}/team", data={"email": person.email, "role": "door_staff"})
    page = browser.get(f"/workspace/events/{event.slug}/team").text
    assert page.count("Grace Boss") == 2


def test_an_account_whose_mailbox_is_lost_is_moved_after_checks(as_):
    person = a_person(email="lost@example.org")
    taken = a_person().email
    browser, desk = as_(person), as_(UserFactory(role=Role.ADMINISTRATOR))
    path, number, key = f"/workspace/people/{person.ref}/address", person.id, person.fs_uniquifier
    links.send(LinkPurpose.SIGN_IN, person.email, language="en", at=now())
    db.session.commit()
    link = last("sign_in_link").context["path"]
    assert "It is kept in the record." in desk.post(path, data={"email": "new@example.org"}).text
    checks = {"checks": "Called the ministry."}
    assert "has an account already" in desk.post(path, data={"email": taken, **checks}).text
    assert desk.post(path, data={"email": "New@example.org", **checks}).status_code == 302
    moved = db.session.get(User, number)
    assert moved.email == "new@example.org"
    assert moved.fs_uniquifier != key, "a reset that was mailed to the lost mailbox sets no password"
    assert browser.get(link).status_code == 404, "nor does a link that was mailed there sign in"
    told = select(Message.to).where(Message.template == "accounts/address_changed").order_by(Message.id)
    assert db.session.scalars(told).all() == ["lost@example.org", "new@example.org"]
    assert browser.get("/my").status_code == 302, "signed out everywhere"


def test_the_only_administrator_gets_back_in_by_the_command_line(as_, app):
    person = a_person(role=Role.ADMINISTRATOR)
    browser, number = as_(person), person.id
    set_up_app(browser)
    runner, email = app.test_cli_runner(), db.session.get(User, number).email
    assert "Nobody has this address" in runner.invoke(args=["reset-second-factor", "x@example.org"]).output
    assert "no second factor now" in runner.invoke(args=["reset-second-factor", email]).output
    db.session.expire_all()
    assert not db.session.get(User, number).has_second_factor
