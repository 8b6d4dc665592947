"""Messages waiting to leave: written in the transaction of what they tell, sent by the worker."""

from datetime import datetime
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from consult.database import Model
from consult.transitions import Moves
from consult.words import Word


class MessageStatus(Word):
    QUEUED = "queued", _l("Waiting to be sent"), "wait"
    CLAIMED = "claimed", _l("Being sent"), "wait"
    SENT = "sent", _l("Sent"), "good"
    DEAD = "dead", _l("Could not be sent"), "bad"


class Message(Model):
    """One mail to one address. It is written out from `template` and `context` when it leaves.

    `attempts` and `failing_since` count what the mail server said about this message or its address, never that the
    server was away. One at which the server hung up `is_apart`: it is tried alone, so that it holds up no other.
    """

    __tablename__ = "message"
    __table_args__ = (
        Index("ix_message_due", "status", "due_at"),
        Index("ix_message_scope", "scope", "status"),
    )
    MOVES: ClassVar[Moves[MessageStatus]] = {
        MessageStatus.QUEUED: frozenset({MessageStatus.CLAIMED}),
        MessageStatus.CLAIMED: frozenset({MessageStatus.SENT, MessageStatus.QUEUED, MessageStatus.DEAD}),
        MessageStatus.SENT: frozenset(),
        MessageStatus.DEAD: frozenset({MessageStatus.QUEUED}),
    }

    status: Mapped[MessageStatus] = mapped_column(default=MessageStatus.QUEUED)
    to: Mapped[str] = mapped_column(String(254))
    template: Mapped[str] = mapped_column(String(80))
    language: Mapped[str] = mapped_column(String(8), default="en")
    context: Mapped[dict[str, Any]]
    attachments: Mapped[list[str]] = mapped_column(default=list)
    reply_to: Mapped[str] = mapped_column(String(254), default="")
    about: Mapped[str] = mapped_column(String(40), index=True)
    scope: Mapped[str] = mapped_column(String(100), default="")
    dedupe_key: Mapped[str] = mapped_column(String(200), unique=True)
    posted_at: Mapped[datetime]
    due_at: Mapped[datetime]
    claimed_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    failing_since: Mapped[datetime | None]
    is_apart: Mapped[bool] = mapped_column(default=False)
    sent_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(String(300), default="")


class MailServer(Model):
    """How it goes with the mail server: one row. Nothing is sent before `paused_until`.

    Times are those of the database's clock.
    """

    __tablename__ = "mail_server"

    failures: Mapped[int] = mapped_column(default=0)
    failing_since: Mapped[datetime | None]
    paused_until: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(String(300), default="")

    @property
    def is_failing(self) -> bool:
        return self.failures > 0
