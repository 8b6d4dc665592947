"""Tasks of the outbox."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from consult.database import begin_writing, now
from consult.extensions import celery, db
from consult.outbox import delivery, service
from consult.outbox.delivery import NotDelivered, Transport
from consult.outbox.models import Message

BATCH = 100
log = structlog.get_logger()


@celery.task(name="worker.outbox.deliver")  # type: ignore[untyped-decorator]
def deliver() -> None:
    """Send what is due, a batch at a time, each batch over one connection."""
    while _deliver_batch():
        pass


def _deliver_batch() -> bool:
    """Whether it is worth looking for more."""
    lease = timedelta(seconds=delivery.lease_seconds())
    begin_writing()
    messages = service.claim_due(BATCH, at=now(), lease=lease)
    db.session.commit()
    if not messages:
        return False
    try:
        with delivery.connection() as out:
            # a batch that takes long is given up before its lease ends, or another worker would send it too
            return _send_all(out, messages, until=now() + lease * 0.8)
    except OSError as error:
        log.warning("the mail server cannot be reached", error=type(error).__name__)
        _record_failures([message for message in messages if message.claimed_until], str(error))
        return False


def _send_all(out: Transport, messages: Sequence[Message], *, until: datetime) -> bool:
    for place, message in enumerate(messages):
        if now() > until:
            _release(messages[place:])
            return True
        _send(out, message)
    return True


def _send(out: Transport, message: Message) -> None:
    """Hand one message over, and record at once what the server said.

    Between the server's reply and the commit lies the one moment in which a killed worker leaves a message
    that will be sent twice; see docs/decisions/0004-outbox.md.
    """
    failure: NotDelivered | None = None
    try:
        out.send(delivery.sender_address(), message.to, _written(message), key=message.ref)
    except NotDelivered as error:
        failure = error
    begin_writing()
    message.claimed_until = None
    if failure is None:
        service.record_sent(message, at=now())
    else:
        service.record_failure(message, str(failure), at=now(), final=failure.final)
    db.session.commit()


def _written(message: Message) -> bytes:
    """The message as it goes over the wire; one that cannot be written out must not keep the others back."""
    try:
        return delivery.compose(message)
    except Exception as error:
        log.exception("a message could not be written out", message=message.ref, template=message.template)
        db.session.rollback()
        raise NotDelivered(type(error).__name__, final=False) from error


def _record_failures(messages: Sequence[Message], error: str) -> None:
    begin_writing()
    for message in messages:
        message.claimed_until = None
        service.record_failure(message, error, at=now(), final=False)
    db.session.commit()


def _release(messages: Sequence[Message]) -> None:
    begin_writing()
    for message in messages:
        message.claimed_until = None
        service.release(message, at=now())
    db.session.commit()
