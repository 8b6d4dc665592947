"""Reads of the outbox."""

from collections.abc import Sequence
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import and_, func, or_, select

from consult.errors import NotFound
from consult.extensions import db
from consult.outbox.models import MailServer, Message, MessageStatus
from consult.paging import Page, page


def due(limit: int, *, at: datetime, is_apart: bool = False) -> Sequence[Message]:
    """Messages that are due, or whose worker died with them; rows another worker holds are passed over.

    Args:
        is_apart: those at which the mail server hung up before, or the others.
    """
    statement = (
        select(Message)
        .where(
            Message.is_apart == is_apart,
            or_(
                and_(Message.status == MessageStatus.QUEUED, Message.due_at <= at),
                and_(Message.status == MessageStatus.CLAIMED, Message.claimed_until < at),
            ),
        )
        .order_by(Message.due_at, Message.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return db.session.scalars(statement).all()


def message_at(ref: str) -> Message:
    message = db.session.scalar(select(Message).where(Message.ref == ref))
    if message is None:
        raise NotFound(_("There is no such message."))
    return message


def claimed_message(number: int) -> Message | None:
    """A message as it is now, locked; None if it was erased meanwhile."""
    statement = select(Message).where(Message.id == number).with_for_update()
    return db.session.scalar(statement.execution_options(populate_existing=True))


def mail_server() -> MailServer | None:
    """How it goes with the mail server; None as long as it has never failed."""
    return db.session.scalar(select(MailServer).order_by(MailServer.id).limit(1))


def messages(*, status: MessageStatus | None = None, scope: str = "", after: int | None = None) -> Page[Message]:
    """Newest first; of one status or scope if given."""
    statement = select(Message)
    if status:
        statement = statement.where(Message.status == status)
    if scope:
        statement = statement.where(Message.scope == scope)
    return page(statement, Message, after=after, newest_first=True)


def counts(scope: str = "") -> dict[MessageStatus, int]:
    """How many messages there are of each status; all statuses are there."""
    statement = select(Message.status, func.count()).group_by(Message.status)
    if scope:
        statement = statement.where(Message.scope == scope)
    found = dict(db.session.execute(statement).all())
    return {status: found.get(status, 0) for status in MessageStatus}
