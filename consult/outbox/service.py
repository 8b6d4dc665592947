"""Put a message in the outbox; claim what is due; record what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import delete

from consult.audit.service import Actor, record
from consult.database import after_commit, insert_new, new_secret, now
from consult.extensions import celery, db
from consult.outbox import queries
from consult.outbox.models import Message, MessageStatus
from consult.transitions import move

ATTEMPTS = 8


@dataclass(frozen=True, kw_only=True)
class Post:
    """One message to be sent.

    Args:
        dedupe_key: the same key is mailed once, however often it is posted; by default each post is its own.
        about: the thing it tells of, as “registration:7K3M9QXP”.
        scope: the event it belongs to, as “event:annual-2027”; its team sees it.
    """

    template: str
    to: str
    about: str
    dedupe_key: str = field(default_factory=new_secret)
    scope: str = ""
    language: str = "en"
    reply_to: str = ""
    attachments: Sequence[str] = ()
    context: dict[str, Any] = field(default_factory=dict)


class Reader(Protocol):
    """Whoever a mail is for: a user."""

    @property
    def email(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def language(self) -> str: ...


def to_person(person: Reader, *, template: str, about: str, context: dict[str, Any], **more: Any) -> Post:
    """A message to somebody with an account: by name, and in their language. `more` is what else `Post` takes."""
    return Post(
        template=template, to=person.email, about=about, language=person.language or "en",
        context={"name": person.name, **context}, **more,
    )  # fmt: skip


def forget(about: str) -> None:
    """Erase every message about this thing, sent or not: whom it told of does not want to be known here."""
    db.session.execute(delete(Message).where(Message.about == about))


def forget_address(to: str, *, scope: str) -> None:
    """Erase every message to this address that belongs to an event."""
    db.session.execute(delete(Message).where(Message.to == to, Message.scope == scope))


def post(message: Post) -> None:
    """Queue one message; it leaves after the commit."""
    post_all([message])


def post_all(messages: Sequence[Post]) -> None:
    """Queue many messages in one statement."""
    at = now()
    rows = [
        {
            "template": message.template,
            "to": message.to,
            "about": message.about,
            "dedupe_key": message.dedupe_key,
            "scope": message.scope,
            "language": message.language,
            "reply_to": message.reply_to,
            "attachments": list(message.attachments),
            "context": message.context,
            "posted_at": at,
            "due_at": at,
        }
        for message in messages
    ]
    insert_new(Message, rows, unless=["dedupe_key"])
    after_commit(wake)


def wake() -> None:
    """Tell a worker there is something to send; without a broker, the next sweep finds it."""
    celery.send_task("worker.outbox.deliver", retry=False, ignore_result=True)


def claim_due(limit: int, *, at: datetime, lease: timedelta) -> Sequence[Message]:
    """Take up to `limit` messages for one worker; they are its own until `lease` is over."""
    messages = queries.due(limit, at=at)
    for message in messages:
        message.status, message.claimed_until = MessageStatus.CLAIMED, at + lease
    return messages


def record_sent(message: Message, *, at: datetime) -> None:
    """The mail server took it. What an account's mail said (a link that signs in) is forgotten."""
    move(message, MessageStatus.SENT)
    message.attempts += 1
    message.sent_at, message.error = at, ""
    if message.template.startswith("accounts/"):
        message.context = {}


def record_failure(message: Message, error: str, *, at: datetime, final: bool) -> None:
    """The mail server did not take it: later again (2, 4, 8… minutes), or given up."""
    message.attempts += 1
    message.error = error[:300]
    if final or message.attempts >= ATTEMPTS:
        move(message, MessageStatus.DEAD)
    else:
        move(message, MessageStatus.QUEUED)
        message.due_at = at + timedelta(minutes=2**message.attempts)


def release(message: Message, *, at: datetime) -> None:
    """Give back what was claimed and not tried."""
    move(message, MessageStatus.QUEUED)
    message.due_at = at


def try_again(message: Message, *, by: Actor) -> None:
    """Queue a message that was given up.

    Raises:
        TransitionNotAllowed: it was not given up.
    """
    move(message, MessageStatus.QUEUED)
    message.attempts, message.due_at, message.error = 0, now(), ""
    record("message.tried_again", about=f"message:{message.ref}", by=by, scope=message.scope)
    after_commit(wake)
