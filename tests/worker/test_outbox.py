"""Delivery, over a real SMTP server on loopback."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from consult.audit.models import AuditEntry
from consult.database import now
from consult.extensions import db
from consult.outbox import service
from consult.outbox.models import MailServer, Message, MessageStatus
from consult.outbox.service import Post
from tests.factories import RegistrationFactory, UserFactory, an_event
from tests.sink import HangUp, Sink
from worker import outbox as tasks


@pytest.fixture
def smtp(app, session):
    """Refuses addresses that begin with “refused”, and puts off those that begin with “later”."""
    sink = Sink()

    def answer(_connection, address):
        if address.startswith("refused"):
            return "550 no such mailbox"
        return "451 try again later" if address.startswith("later") else None

    sink.on_recipient = answer
    was = app.config["MAIL_URL"]
    app.config["MAIL_URL"] = sink.url
    yield sink
    app.config["MAIL_URL"] = was
    sink.stop()


def post(to="ana@example.org", **changes):
    context = {
        "name": "Ana\r\nBcc: all@example.org",
        "event": "Réunion",
        "event_path": "/e",
        "path": "/r",
        "reason": "",
    }
    service.post(Post(template="registration/withdrawn", to=to, about="x", context=context, **changes))
    db.session.commit()


def messages():
    return db.session.scalars(select(Message).order_by(Message.id)).all()


def test_a_message_leaves_once(smtp):
    post()
    tasks.deliver.run()
    tasks.deliver.run()
    (mail,) = smtp.all()
    assert mail["To"] == "ana@example.org"
    assert mail["Subject"] == "Registration withdrawn: Réunion"
    assert mail["Bcc"] is None
    assert "http://localhost/e" in mail.get_content()
    assert [m.status for m in messages()] == [MessageStatus.SENT]


def test_a_subject_cannot_bring_headers(smtp):
    context = {"subject": "Hello\r\nBcc: all@example.org", "message": "x", "name": "A", "path": "/", "event_path": "/"}
    service.post(Post(template="campaigns/invitation", to="a@example.org", about="x", context=context))
    db.session.commit()
    tasks.deliver.run()
    (mail,) = smtp.all()
    assert mail["Bcc"] is None


def test_the_same_key_is_mailed_once(smtp):
    post(dedupe_key="k")
    post(dedupe_key="k")
    tasks.deliver.run()
    assert len(smtp.taken) == 1


def test_a_refused_address_is_given_up_and_the_others_go(smtp):
    for to in ("a@example.org", "refused@example.org", "b@example.org"):
        post(to)
    tasks.deliver.run()
    assert [(m.status.value, m.error) for m in messages()] == [
        ("sent", ""),
        ("dead", "550 no such mailbox"),
        ("sent", ""),
    ]


def test_an_address_put_off_is_tried_again_later(smtp):
    post("later@example.org")
    tasks.deliver.run()
    (message,) = messages()
    assert (message.status, message.attempts) == (MessageStatus.QUEUED, 1)
    assert 60 < (message.due_at - now()).total_seconds() <= 120


def test_a_message_that_was_given_up_can_be_tried_again(smtp):
    post("refused@example.org")
    tasks.deliver.run()
    (message,) = messages()
    message.to = "right@example.org"
    service.try_again(message, by=UserFactory())
    db.session.commit()
    tasks.deliver.run()
    assert [mail["To"] for mail in smtp.all()] == ["right@example.org"]


def just_now():
    return now() - timedelta(seconds=1)


def server():
    return db.session.scalars(select(MailServer)).one()


def test_a_mail_server_that_is_down_loses_nothing_and_charges_nobody(app, smtp):
    up, app.config["MAIL_URL"] = app.config["MAIL_URL"], "smtp://127.0.0.1:1"
    post()
    tasks.deliver.run()
    (message,) = messages()
    assert (message.status, message.attempts, server().failures) == (MessageStatus.QUEUED, 0, 1)
    app.config["MAIL_URL"] = up
    tasks.deliver.run()
    assert smtp.taken == [], "it is left alone for a while"
    server().paused_until = just_now()
    db.session.commit()
    tasks.deliver.run()
    assert len(smtp.taken) == 1
    assert (server().failures, server().failing_since, server().error) == (0, None, "")


def test_a_server_that_stays_away_is_tried_less_and_less_often_and_no_mail_is_given_up(app, smtp):
    app.config["MAIL_URL"] = "smtp://127.0.0.1:1"
    post()
    pauses = []
    for _ in range(12):
        tasks.deliver.run()
        pauses.append(round((server().paused_until - now()).total_seconds()))
        server().paused_until = just_now()
        db.session.commit()
    assert pauses[:4] == [10, 20, 40, 80]
    assert pauses[-1] == 15 * 60
    assert [(m.status, m.attempts) for m in messages()] == [(MessageStatus.QUEUED, 0)]


OTHERS = ["a@example.org", "b@example.org", "c@example.org"]


def post_around(culprit):
    """A culprit between others."""
    for to in (OTHERS[0], culprit, *OTHERS[1:]):
        post(to)


@pytest.mark.parametrize("place", ["mail", "recipient", "data", "content"])
@pytest.mark.parametrize("reply", ["421 too busy", None])
def test_a_server_that_hangs_up_at_one_message_gets_the_others_at_once(smtp, place, reply):
    """Whether it says so first, at whatever command; and nobody else pays for it."""

    def hang_up(_connection, address):
        if address == "culprit@example.org" or (place == "mail" and _connection.taken == 1):
            if reply is None:
                raise HangUp
            return reply
        return None

    setattr(smtp, f"on_{place}", hang_up)
    post_around("culprit@example.org")
    tasks.deliver.run()
    received = smtp.received()
    if place == "mail":  # it takes one message a connection, and hangs up at the next
        assert received == dict.fromkeys([*OTHERS, "culprit@example.org"], 1)
        assert {(m.status, m.attempts) for m in messages()} == {(MessageStatus.SENT, 1)}
        return
    assert received == dict.fromkeys(OTHERS, 1)
    (culprit,) = [m for m in messages() if m.status is not MessageStatus.SENT]
    assert (culprit.status, culprit.attempts, culprit.is_apart) == (MessageStatus.QUEUED, 1, True)
    assert 60 < (culprit.due_at - now()).total_seconds() <= 120


def test_a_message_set_apart_leaves_when_the_server_has_thought_better_of_it(smtp):
    def hang_up(connection, _address):
        if connection.taken == 2:
            raise HangUp

    smtp.on_recipient = hang_up
    for number in range(7):
        post(f"p{number}@example.org")
    tasks.deliver.run()
    assert smtp.received() == {f"p{number}@example.org": 1 for number in range(7)}
    assert {m.attempts for m in messages()} == {1}, "it was the connection, not the message"


def test_a_server_that_hangs_up_at_everybody_is_left_alone(smtp):
    def hang_up(_connection, _address):
        raise HangUp

    smtp.on_recipient = hang_up
    for number in range(50):
        post(f"p{number}@example.org")
    tasks.deliver.run()
    assert smtp.connections == 3
    assert sorted({m.attempts for m in messages()}) == [0, 1]
    assert server().failures == 1


@pytest.mark.parametrize("refusal", ["550 5.1.8 sender refused", "552 5.2.2 quota exceeded", "451 not now"])
def test_a_refusal_of_the_sender_is_charged_to_no_message(smtp, refusal):
    smtp.on_mail = lambda _connection, _address: refusal
    post_around("d@example.org")
    tasks.deliver.run()
    assert {(m.status, m.attempts) for m in messages()} == {(MessageStatus.QUEUED, 0)}
    assert server().error == refusal


@pytest.mark.parametrize(
    "refusal", ["530 5.7.0 authentication required", "554 5.7.8 not signed in", "451 4.3.2 not now"]
)
def test_a_refusal_of_our_account_is_no_recipients_fault(smtp, refusal):
    smtp.on_recipient = lambda _connection, _address: refusal
    post_around("d@example.org")
    tasks.deliver.run()
    assert {(m.status, m.attempts) for m in messages()} == {(MessageStatus.QUEUED, 0)}


@pytest.mark.parametrize("refusal", ["554 we are closed", "421 too many connections"])
def test_a_refusal_at_the_connection_is_charged_to_no_message(smtp, refusal):
    smtp.on_connect = lambda _connection, _address: refusal
    post()
    tasks.deliver.run()
    assert {(m.status, m.attempts) for m in messages()} == {(MessageStatus.QUEUED, 0)}


def test_mail_never_leaves_in_clear_where_tls_was_asked_for(app, smtp):
    app.config["MAIL_URL"] += "?tls=starttls"
    for extensions in ([], ["STARTTLS"]):
        smtp.extensions = extensions
        post()
        tasks.deliver.run()
        server().paused_until = just_now()
        db.session.commit()
    assert smtp.taken == []
    assert {m.status for m in messages()} == {MessageStatus.QUEUED}


def test_twenty_mails_a_connection_are_enough_for_some_servers(smtp):
    smtp.on_mail = lambda connection, _address: "421 enough" if connection.taken == 20 else None
    for number in range(65):
        post(f"p{number}@example.org")
    tasks.deliver.run()
    assert len(smtp.received()) == 65
    assert smtp.connections == 4


def test_an_address_beyond_ascii_stops_no_other(smtp):
    post_around("josé@bücher.example")
    tasks.deliver.run()
    assert smtp.received() == dict.fromkeys([*OTHERS, "josé@xn--bcher-kva.example"], 1)


def test_a_domain_beyond_ascii_needs_no_special_server(smtp):
    smtp.extensions = []
    post("ana@bücher.example")
    tasks.deliver.run()
    (mail,) = smtp.all()
    assert mail["To"] == "ana@xn--bcher-kva.example"


def test_an_address_the_server_cannot_take_is_given_up_with_the_reason(smtp):
    smtp.extensions = []
    post_around("josé@example.org")
    tasks.deliver.run()
    assert smtp.received() == dict.fromkeys(OTHERS, 1)
    (dead,) = [m for m in messages() if m.status is MessageStatus.DEAD]
    assert dead.error == "The mail server takes no addresses with letters like these before the @."


@pytest.mark.parametrize("address", ["no address", "a@b\r\nc", f"a@{'ü' * 70}.example", "a\a@example.org", "@", ""])
def test_what_is_no_address_is_given_up_and_stops_no_other(smtp, address):
    post_around(address)
    tasks.deliver.run()
    assert smtp.received() == dict.fromkeys(OTHERS, 1)
    assert [m.status for m in messages() if m.to == address] == [MessageStatus.DEAD]


def test_a_recipient_refused_for_the_time_being_is_given_up_after_five_days(smtp):
    post("later@example.org")
    delays = []
    for _ in range(10):
        tasks.deliver.run()
        (message,) = messages()
        delays.append(round((message.due_at - now()).total_seconds() / 60))
        message.due_at = just_now()
        db.session.commit()
    assert delays == [2, 4, 8, 16, 32, 64, 128, 240, 240, 240]
    message.failing_since = now() - timedelta(days=5)
    db.session.commit()
    tasks.deliver.run()
    assert (message.status, message.error) == (MessageStatus.DEAD, "451 try again later")


def test_all_that_was_given_up_can_be_tried_again_at_once(smtp):
    smtp.on_recipient = lambda _connection, _address: "550 no such mailbox"
    for number in range(5):
        post(f"p{number}@example.org", scope="event:e" if number else "event:other")
    tasks.deliver.run()
    assert {m.status for m in messages()} == {MessageStatus.DEAD}
    smtp.on_recipient = lambda _connection, _address: None
    assert service.try_all_again(scope="event:e", by=UserFactory()) == 4
    db.session.commit()
    tasks.deliver.run()
    assert len(smtp.received()) == 4
    assert service.try_all_again(by=UserFactory()) == 1
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).first()
    assert (entry.action, entry.scope, entry.detail) == ("messages.tried_again", "event:e", "4")


def test_a_killed_workers_messages_are_taken_up_when_its_lease_is_over(app, smtp):
    post()
    service.claim_due(10, at=now(), lease=timedelta(minutes=5))
    db.session.commit()
    tasks.deliver.run()
    assert smtp.taken == []
    (message,) = messages()
    message.claimed_until = now() - timedelta(seconds=1)
    db.session.commit()
    tasks.deliver.run()
    assert len(smtp.taken) == 1


def test_a_message_that_cannot_be_written_out_stops_no_other(smtp):
    service.post(Post(template="no/such", to="a@example.org", about="x"))
    post("b@example.org")
    tasks.deliver.run()
    assert [mail["To"] for mail in smtp.all()] == ["b@example.org"]


def test_a_confirmation_carries_badge_and_calendar(smtp):
    registration = RegistrationFactory(category=an_event().categories[0])
    from consult.registration import mails

    mails.tell_status(registration)
    db.session.commit()
    tasks.deliver.run()
    (mail,) = smtp.all()
    files = {part.get_filename(): part.get_content() for part in mail.iter_attachments()}
    assert set(files) == {f"badge-{registration.ref}.pdf", f"{registration.event.slug}.ics"}
    assert files[f"badge-{registration.ref}.pdf"].startswith(b"%PDF")


def test_links_that_sign_in_are_forgotten_once_sent(smtp):
    context = {"name": "Ana", "path": "/reset-password/secret"}
    service.post(Post(template="accounts/new_password", to="a@example.org", about="x", context=context))
    db.session.commit()
    tasks.deliver.run()
    assert "secret" in smtp.all()[0].get_content()
    assert messages()[0].context == {}
