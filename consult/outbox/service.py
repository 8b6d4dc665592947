"""Put a message in the outbox; claim what is due; record what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import delete, update

from consult.audit.service import Actor, record
from consult.database import after_commit, database_now, insert_new, locked, new_ref, new_secret
from consult.extensions import celery, db
from consult.outbox import queries
from consult.outbox.models import MailServer, Message, MessageStatus
from consult.transitions import move

PATIENCE = timedelta(days=5)  # as long as mail servers themselves try, before a message is given up
LONGEST_DELAY = timedelta(hours=4)  # between two tries of one message
LONGEST_PAUSE = timedelta(minutes=15)  # between two tries of the mail server


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


def forget_mailbox(to: str) -> None:
    """Erase every message to this address that has left, or was given up."""
    done = Message.status.in_([MessageStatus.SENT, MessageStatus.DEAD])
    db.session.execute(delete(Message).where(Message.to == to, done))


def post(message: Post) -> None:
    """Queue one message; it leaves after the commit."""
    post_all([message])


def post_all(messages: Sequence[Post]) -> None:
    """Queue many messages in one statement."""
    at = database_now()
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


def claim_due(limit: int, *, at: datetime, lease: timedelta, is_apart: bool = False) -> Sequence[Message]:
    """Take up to `limit` messages for one worker; they are its own until `lease` is over.

    Args:
        at: by the database's clock.
        is_apart: of those that are tried alone.
    """
    messages = queries.due(limit, at=at, is_apart=is_apart)
    for message in messages:
        message.status, message.claimed_until = MessageStatus.CLAIMED, at + lease
    return messages


def record_sent(message: Message, *, at: datetime) -> None:
    """The mail server took it. What it said (names, personal links) is forgotten."""
    move(message, MessageStatus.SENT)
    message.attempts += 1
    message.sent_at, message.error, message.claimed_until, message.failing_since = at, "", None, None
    message.context = {}


def record_failure(message: Message, error: str, *, at: datetime, final: bool) -> None:
    """The mail server did not take it: later again (2, 4, 8… minutes, at most 4 hours), or given up after five days."""
    message.attempts += 1
    message.error, message.claimed_until = error[:300], None
    message.failing_since = message.failing_since or at
    if final or at - message.failing_since >= PATIENCE:
        move(message, MessageStatus.DEAD)
        return
    move(message, MessageStatus.QUEUED)
    message.due_at = at + min(timedelta(minutes=2 ** min(message.attempts, 10)), LONGEST_DELAY)


def set_apart(message: Message, error: str, *, at: datetime, is_to_blame: bool) -> None:
    """The mail server hung up at this message: from now on it is tried alone.

    Args:
        is_to_blame: nothing else can have been the reason, so it waits. Otherwise it is tried again at once.
    """
    message.is_apart = True
    if is_to_blame:
        record_failure(message, error, at=at, final=False)
    else:
        release(message, at=at)
        message.error = error[:300]


def release(message: Message, *, at: datetime) -> None:
    """Give back what was claimed and not tried."""
    move(message, MessageStatus.QUEUED)
    message.due_at, message.claimed_until = min(message.due_at, at), None


def pause(error: str, *, at: datetime) -> MailServer:
    """The mail server, or our account there, is at fault: no message is charged, and all wait (10, 20, 40… seconds)."""
    server = queries.mail_server()
    if server is None:
        insert_new(MailServer, [{"id": 1, "ref": new_ref(), "failures": 0, "error": ""}], unless=["id"])
        server = queries.mail_server()
        assert server
    locked(server)
    server.failing_since = server.failing_since or at
    server.paused_until = at + min(timedelta(seconds=10 * 2 ** min(server.failures, 10)), LONGEST_PAUSE)
    server.failures += 1
    server.error = error[:300]
    db.session.flush()
    return server


def resume() -> None:
    """The mail server answers, or somebody wants it tried now: nothing waits for it any more."""
    if server := queries.mail_server():
        locked(server)
        server.failures, server.failing_since, server.paused_until, server.error = 0, None, None, ""
        db.session.flush()


def is_paused(*, at: datetime) -> bool:
    """Whether the mail server is to be left alone now."""
    server = queries.mail_server()
    return server is not None and server.paused_until is not None and server.paused_until > at


def try_again(message: Message, *, by: Actor) -> None:
    """Queue a message that was given up.

    Raises:
        TransitionNotAllowed: it was not given up.
    """
    locked(message)
    move(message, MessageStatus.QUEUED)
    message.attempts, message.failing_since, message.due_at, message.error = 0, None, database_now(), ""
    record("message.tried_again", about=f"message:{message.ref}", by=by, scope=message.scope)
    _go_on()


def try_all_again(*, scope: str = "", by: Actor) -> int:
    """Queue every message that was given up, of one event or of all; returns how many."""
    statement = update(Message).where(Message.status == MessageStatus.DEAD)
    if scope:
        statement = statement.where(Message.scope == scope)
    again = statement.values(
        status=MessageStatus.QUEUED, attempts=0, failing_since=None, due_at=database_now(), error=""
    )
    number = int(db.session.execute(again).rowcount)  # type: ignore[attr-defined]
    if number:
        record("messages.tried_again", about=scope or "messages", by=by, scope=scope, detail=str(number))
        _go_on()
    return number


def _go_on() -> None:
    """Somebody has looked at it: the pause is over too."""
    if (server := queries.mail_server()) and server.paused_until:
        locked(server).paused_until = None
        db.session.flush()
    after_commit(wake)
