"""Accounts: signing up, in and out, through the client."""

import re

import pytest
from sqlalchemy import select

from consult.accounts.models import Role, User
from consult.audit.models import AuditEntry
from consult.extensions import db
from consult.outbox.models import Message
from tests.factories import SecretariatFactory, UserFactory

FORM = {"name": "Ana Sow", "email": "Ana@Example.org", "password": "a long sentence"}


def last_mail():
    return db.session.scalars(select(Message).order_by(Message.id.desc())).first()


def path_of(link):
    return re.sub(r"^https?://[^/]+", "", link)


def sign_in(client, password="a long sentence", email="ana@example.org"):
    return client.post("/sign-in", data={"email": email, "password": password})


def test_somebody_signs_up_confirms_and_signs_in(client):
    assert client.post("/sign-up", data=FORM).location == "/sign-up/check-your-mail"
    assert db.session.scalars(select(User.email)).all() == ["ana@example.org"]
    assert sign_in(client).status_code == 200
    mail = last_mail()
    assert mail.template == "accounts/welcome"
    assert client.get(path_of(mail.context["confirmation_link"])).location == "/sign-in"
    assert sign_in(client, email="ANA@example.org ").location == "/my"
    assert "Ana Sow" in client.get("/my").text
    client.post("/sign-out")
    assert client.get("/my").location.startswith("/sign-in?next=")


def test_signing_up_again_looks_the_same_and_only_the_mailbox_hears(client):
    first = client.post("/sign-up", data=FORM)
    again = client.post("/sign-up", data=FORM)
    assert (again.status_code, again.location, again.text) == (first.status_code, first.location, first.text)
    assert last_mail().template == "accounts/welcome_existing"
    assert len(db.session.scalars(select(User)).all()) == 1


def test_no_answer_tells_whether_an_address_has_an_account(client, session):
    UserFactory(email="ana@example.org")

    def page(path, email, **more):
        text = client.post(path, data={"email": email, **more}).text
        return text.replace(email, "ADDRESS")

    for path, more in (("/sign-in", {"password": "wrong password"}), ("/reset-password", {}), ("/confirm", {})):
        assert page(path, "ana@example.org", **more) == page(path, "bob@example.org", **more)


def test_a_forgotten_password_is_set_anew(client):
    client.post("/sign-up", data=FORM)
    client.get(path_of(last_mail().context["confirmation_link"]))
    client.post("/reset-password", data={"email": "ana@example.org"})
    link = path_of(last_mail().context["reset_link"])
    assert client.get(link).status_code == 200
    client.post(link, data={"password": "another sentence", "password_confirm": "another sentence"})
    assert sign_in(client).status_code == 200
    assert sign_in(client, "another sentence").status_code == 302
    actions = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == [
        "account.created",
        "account.confirmed",
        "account.password_reset",
        "account.signed_out_everywhere",
    ]


@pytest.mark.parametrize(
    ("changes", "said"), [({"name": ""}, "Enter your name."), ({"password": "short"}, "at least 10")]
)
def test_a_mistake_at_signing_up_is_said(client, changes, said):
    response = client.post("/sign-up", data=FORM | changes)
    assert said in response.text
    assert db.session.scalar(select(User)) is None


def test_signing_in_leads_to_no_other_site(client):
    client.post("/sign-up", data=FORM)
    client.get(path_of(last_mail().context["confirmation_link"]))
    response = client.post(
        "/sign-in?next=https://evil.example/", data={"email": "ana@example.org", "password": FORM["password"]}
    )
    assert "evil" not in (response.location or "")


def test_an_administrator_makes_a_person_secretariat_and_it_is_recorded(as_, session):
    person = UserFactory()
    client = as_(UserFactory(role=Role.ADMINISTRATOR))
    client.post(f"/workspace/people/{person.ref}", data={"role": "secretariat"})
    assert db.session.get(User, person.id).role is Role.SECRETARIAT


def test_an_administrator_cannot_give_up_the_role_by_mistake(as_, session):
    me = UserFactory(role=Role.ADMINISTRATOR)
    assert as_(me).post(f"/workspace/people/{me.ref}", data={"role": "person"}).status_code == 403


def test_the_readers_zone_is_shown_beside_the_events(as_, session):
    from tests.factories import an_event

    event = an_event()
    client = as_(SecretariatFactory())
    form = {"name": "Sofía", "language": "", "timezone": "Asia/Kathmandu"}
    assert client.post("/account", data=form).status_code == 302
    assert "your time" in client.get(f"/events/{event.slug}").text


def test_a_stranger_says_their_zone_without_script(client, session):
    from tests.factories import an_event

    event = an_event()
    assert "your time)" not in client.get(f"/events/{event.slug}").text
    client.post("/time-zone", data={"timezone": "Asia/Kathmandu"})
    page = client.get(f"/events/{event.slug}").text
    assert ">09:30–17:30</time>" in page
    assert "(14:15–22:15 your time)" in page
