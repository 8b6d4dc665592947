"""Delivery, over a real SMTP server on loopback."""

from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select

from consult.database import now
from consult.extensions import db
from consult.outbox import service
from consult.outbox.models import Message, MessageStatus
from consult.outbox.service import Post
from tests.factories import RegistrationFactory, UserFactory, an_event
from tests.services import free_port
from worker import outbox as tasks


class Sink:
    """Keeps what it takes; refuses addresses that begin with “refused”, puts off those that begin with “later”."""

    def __init__(self):
        self.taken = []

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        if address.startswith("refused"):
            return "550 no such mailbox"
        if address.startswith("later"):
            return "451 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope):
        self.taken.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 taken"


@pytest.fixture
def smtp(app, session):
    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=free_port())
    controller.start()
    was = app.config["MAIL_URL"]
    app.config["MAIL_URL"] = f"smtp://127.0.0.1:{controller.port}"
    yield sink
    app.config["MAIL_URL"] = was
    controller.stop()


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
    (mail,) = smtp.taken
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
    (mail,) = smtp.taken
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
    assert [mail["To"] for mail in smtp.taken] == ["right@example.org"]


def test_a_mail_server_that_is_down_loses_nothing(app, smtp):
    up, app.config["MAIL_URL"] = app.config["MAIL_URL"], "smtp://127.0.0.1:1"
    post()
    tasks.deliver.run()
    (message,) = messages()
    assert (message.status, message.attempts) == (MessageStatus.QUEUED, 1)
    app.config["MAIL_URL"], message.due_at = up, now()
    db.session.commit()
    tasks.deliver.run()
    assert len(smtp.taken) == 1


def test_a_killed_workers_messages_are_taken_up_when_its_lease_is_over(app, smtp):
    from datetime import timedelta

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
    assert [mail["To"] for mail in smtp.taken] == ["b@example.org"]


def test_a_confirmation_carries_badge_and_calendar(smtp):
    registration = RegistrationFactory(category=an_event().categories[0])
    from consult.registration import mails

    mails.tell_status(registration)
    db.session.commit()
    tasks.deliver.run()
    (mail,) = smtp.taken
    files = {part.get_filename(): part.get_content() for part in mail.iter_attachments()}
    assert set(files) == {f"badge-{registration.ref}.pdf", f"{registration.event.slug}.ics"}
    assert files[f"badge-{registration.ref}.pdf"].startswith(b"%PDF")


def test_links_that_sign_in_are_forgotten_once_sent(smtp):
    context = {"name": "Ana", "reset_link": "http://localhost/reset-password/secret"}
    service.post(Post(template="accounts/reset_instructions", to="a@example.org", about="x", context=context))
    db.session.commit()
    tasks.deliver.run()
    assert "secret" in smtp.taken[0].get_content()
    assert messages()[0].context == {}
