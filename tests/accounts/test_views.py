"""Accounts: signing up, in and out, through the client."""

import re

import pytest
from flask_security import hash_password
from sqlalchemy import select

from consult.accounts.models import Role, User
from consult.audit.models import AuditEntry
from consult.extensions import db
from consult.outbox import delivery
from consult.outbox.models import Message
from tests.factories import SecretariatFactory, UserFactory

PASSWORD = "a long sentence"
FORM = {"name": "Ana Sow", "password": PASSWORD}


def last_mail():
    return db.session.scalars(select(Message).order_by(Message.id.desc())).first()


def sign_in(client, password=PASSWORD, email="ana@example.org"):
    return client.post("/sign-in", data={"email": email, "password": password})


def link_for(client, email="ana@example.org", page="/sign-up"):
    """The address in the mail that is sent when somebody asks for a link."""
    assert client.post(page, data={"email": email}).location == "/check-your-mail"
    return last_mail().context["path"]


def sign_up(client, **changes):
    return client.post(link_for(client), data=FORM | changes)


def test_somebody_signs_up_with_the_mailbox_and_then_chooses_a_password(client):
    link = link_for(client, "Ana@Example.org")
    assert (last_mail().template, last_mail().to) == ("accounts/welcome", "ana@example.org")
    assert db.session.scalar(select(User)) is None, "there is no account before the mailbox is proved"
    assert "ana@example.org" in client.get(link).text
    assert client.post(link, data=FORM).location == "/my"
    assert "Ana Sow" in client.get("/my").text
    client.post("/sign-out")
    assert client.get("/my").location.startswith("/sign-in?next=")
    assert sign_in(client, email="ANA@example.org ").location == "/my"
    assert client.get(link).status_code == client.post(link, data=FORM).status_code == 404, "a link works once"


def test_opening_the_link_alone_changes_nothing(client):
    link = link_for(client)
    for _ in range(3):
        client.get(link)  # as a mail scanner does
    assert db.session.scalar(select(User)) is None
    assert client.post(link, data=FORM).status_code == 302


def test_nothing_that_a_stranger_typed_stands_in_the_mail(client):
    client.post("/sign-up", data={"email": "ana@example.org", "name": "Win money at evil.example"})
    assert last_mail().context.keys() == {"path"}


def test_a_link_leads_on_to_where_the_person_was_going(client):
    client.post("/sign-up?next=/my/organisations/new", data={"email": "ana@example.org"})
    assert client.post(last_mail().context["path"], data=FORM).location == "/my/organisations/new"


def test_a_link_leads_to_no_other_site(client):
    client.post("/sign-up?next=https://evil.example/", data={"email": "ana@example.org"})
    assert client.post(last_mail().context["path"], data=FORM).location == "/my"


def test_signing_up_again_looks_the_same_and_only_the_mailbox_hears(client):
    first = client.post("/sign-up", data={"email": "ana@example.org"})
    client.post(last_mail().context["path"], data=FORM)
    client.post("/sign-out")
    again = client.post("/sign-up", data={"email": "ana@example.org"})
    assert (again.status_code, again.location, again.text) == (first.status_code, first.location, first.text)
    assert last_mail().template == "accounts/welcome_existing"
    assert last_mail().context["path"] == "/sign-in"
    assert len(db.session.scalars(select(User)).all()) == 1


def test_whoever_proves_the_mailbox_of_an_account_never_confirmed_begins_it_afresh(client, session):
    """A stranger began the account with a password of their own; it is worth nothing once the owner comes."""
    begun = UserFactory(
        email="ana@example.org", confirmed_at=None, password=hash_password("of the stranger"), name="Stranger",
        tf_primary_method="authenticator", tf_totp_secret="x",
    )  # fmt: skip
    before = begun.fs_uniquifier
    db.session.commit()
    assert sign_in(client, "of the stranger").status_code == 200
    assert sign_up(client).status_code == 302
    person = db.session.scalars(select(User)).one()
    assert (person.name, person.has_second_factor) == ("Ana Sow", False)
    assert person.fs_uniquifier != before
    client.post("/sign-out")
    assert sign_in(client, "of the stranger").status_code == 200
    assert sign_in(client).status_code == 302


@pytest.mark.parametrize("page", ["/sign-up", "/sign-in/link", "/reset-password"])
def test_every_address_is_treated_alike(client, session, statements, page):
    """The same answer, and the same work: a row, a mail."""
    UserFactory(email="ana@example.org", language="en")
    db.session.commit()
    answers, work = [], []
    for email in ("ana@example.org", "bob@example.org"):
        with statements() as seen:
            answers.append(client.post(page, data={"email": email}))
        work.append([statement.split()[:3] for statement in seen])
    assert [(each.status_code, each.location) for each in answers] == [(302, "/check-your-mail")] * 2
    assert work[0] == work[1]
    assert [last.to for last in db.session.scalars(select(Message).order_by(Message.id))] == [
        "ana@example.org", "bob@example.org",
    ]  # fmt: skip


def test_no_answer_tells_whether_an_address_has_an_account(client, session):
    UserFactory(email="ana@example.org")
    pages = [
        client.post("/sign-in", data={"email": email, "password": "wrong password"}).text.replace(email, "ADDRESS")
        for email in ("ana@example.org", "bob@example.org")
    ]
    assert pages[0] == pages[1]


def test_a_forgotten_password_is_chosen_anew_and_all_other_devices_end(client, app):
    sign_up(client)
    elsewhere = app.test_client()
    link = link_for(elsewhere, page="/reset-password")
    assert elsewhere.get(link).status_code == 200
    assert client.get("/my").status_code == 200
    assert elsewhere.post(link, data={"password": "another sentence"}).location == "/my"
    assert client.get("/my").status_code == 302
    assert elsewhere.post(link, data={"password": "a third sentence"}).status_code == 404
    elsewhere.post("/sign-out")
    assert sign_in(client).status_code == 200
    assert sign_in(client, "another sentence").status_code == 302
    actions = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == [
        "account.created",
        "account.signed_in",
        "account.password_reset",
        "account.signed_out_everywhere",
        "account.signed_in",
        "account.sign_in_refused",
        "account.signed_in",
    ]


def test_no_link_in_a_mail_is_made_from_the_request(client):
    client.post("/sign-up", data={"email": "ana@example.org"}, headers={"X-Forwarded-Host": "evil.example"})
    text = delivery.text_of(last_mail().template, last_mail().context, "en")[1]
    assert re.findall(r"https?://\S+", text) == [f"http://localhost{last_mail().context['path']}"]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"name": ""}, "Enter your name."),
        ({"password": ""}, "Enter a password."),
        ({"password": "short"}, "at least 10"),
        ({"password": "1234567890"}, "easy to guess"),
        ({"password": "password123"}, "easy to guess"),
        ({"password": "Ana Sow 2026"}, "easy to guess"),
        ({"password": "ana@example.org"}, "easy to guess"),
    ],
)
def test_a_mistake_at_signing_up_is_shown_and_the_link_still_works(client, changes, problem):
    link = link_for(client)
    answer = client.post(link, data=FORM | changes)
    assert (answer.status_code, problem in answer.text) == (422, True)
    assert db.session.scalar(select(User)) is None
    assert client.post(link, data=FORM).status_code == 302


@pytest.mark.parametrize("typed", ["  two  spaces, and \u00f1 ", "  two  spaces, and n\u0303 "])
def test_a_password_is_taken_exactly_as_it_was_typed_whatever_the_keyboard(client, typed):
    sign_up(client, password="  two  spaces, and \u00f1 ")
    client.post("/sign-out")
    assert sign_in(client, "two spaces, and \u00f1").status_code == 200
    assert sign_in(client, typed).location == "/my"


def test_signing_in_leads_to_no_other_site(client):
    sign_up(client)
    client.post("/sign-out")
    form = {"email": "ana@example.org", "password": PASSWORD}
    assert "evil" not in (client.post("/sign-in?next=https://evil.example/", data=form).location or "")


@pytest.mark.parametrize("typed", ["ana@bücher.example", "ana@xn--bcher-kva.example", "Ana@BÜCHER.example "])
def test_one_mailbox_signs_in_however_its_domain_is_written(client, typed):
    client.post(link_for(client, "ana@bücher.example"), data=FORM)
    client.post("/sign-out")
    assert sign_in(client, email=typed).location == "/my"


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
