"""Tasks of the outbox."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import inspect

from consult.database import begin_writing, database_now, fault_of
from consult.errors import TransitionNotAllowed
from consult.extensions import celery, db
from consult.outbox import delivery, queries, service
from consult.outbox.delivery import ConnectionLost, NotDelivered, ServerAtFault, Transport
from consult.outbox.models import Message
from worker.shutdown import is_stopping

BATCH = 100
RUN = 50  # seconds; then it is called again, so that other tasks have their turn
HANG_UPS = 3  # fresh connections, one after the other, that took nothing: then it is the server, not the message
PATIENCE = 600  # seconds in which a database that is away may come back, while what became of a message is remembered
log = structlog.get_logger()


@celery.task(name="worker.outbox.deliver")  # type: ignore[untyped-decorator]
def deliver() -> None:
    """Send what is due, a batch at a time, each batch over one connection; those set apart one by one, last."""
    until = time.monotonic() + RUN
    while _deliver_batch(until):
        if is_stopping():
            return
        if time.monotonic() > until:
            service.wake()
            return


@dataclass
class Batch:
    """Messages that are this worker's own until `until`, by its monotonic clock; those still to be tried."""

    waiting: deque[Message]
    until: float
    was_failing: bool
    hang_ups: int = 0
    replies: int = 0  # of the connection that is open

    @property
    def is_over(self) -> bool:
        return not self.waiting or time.monotonic() > self.until or is_stopping()


def _deliver_batch(until: float) -> bool:
    """Whether it is worth looking for more."""
    # before its lease ends a batch is given back, or another worker would send it too
    lease = timedelta(seconds=delivery.lease_seconds())
    ends = min(until, time.monotonic() + lease.total_seconds() * 0.8)
    begin_writing()
    at = database_now()
    server = queries.mail_server()
    if service.is_paused(at=at):
        db.session.commit()
        return False
    messages = service.claim_due(BATCH, at=at, lease=lease) or service.claim_due(1, at=at, lease=lease, is_apart=True)
    db.session.commit()
    if not messages:
        return False
    batch = Batch(deque(messages), ends, was_failing=bool(server and server.is_failing))
    try:
        return _send_all(batch)
    finally:
        _release(batch)


def _send_all(batch: Batch) -> bool:
    """Send a batch, over as many connections as the server wants; whether it is worth going on."""
    while not batch.is_over:
        try:
            with delivery.connection() as out:
                batch.replies = 0
                while not batch.is_over:
                    _send(out, batch)
        except ServerAtFault as fault:
            return _pause(str(fault))
        except ConnectionLost as lost:
            if not _go_on_after(lost, batch):
                return _pause(str(lost))
    return True


def _go_on_after(lost: ConnectionLost, batch: Batch) -> bool:
    """What a hang-up means; False if it is the server's fault.

    On a connection that has taken messages before, the server may have had enough of it: another is opened at once.
    On a fresh one, it is the message at which it hung up, unless that happens with one message after the other.
    """
    is_fresh = batch.replies == 0
    batch.hang_ups = batch.hang_ups + 1 if is_fresh else 0
    if not lost.at_message:
        return not is_fresh
    at_fault = batch.waiting.popleft()
    _record(at_fault, lambda message: service.set_apart(message, str(lost), at=database_now(), is_to_blame=is_fresh))
    return batch.hang_ups < HANG_UPS


def _send(out: Transport, batch: Batch) -> None:
    """Hand the next message over, and record at once what the server said, before the next is tried.

    Between the server's reply and the commit lies the one moment in which a killed worker leaves a message
    that will be sent twice; see docs/decisions/0004-outbox.md.
    """
    message = batch.waiting[0]
    failure: NotDelivered | None = None
    try:
        content, sender = _written(message), delivery.sender_address()
        out.send(sender, delivery.recipient_address(message), content, key=message.ref)
    except NotDelivered as error:
        failure = error
    batch.waiting.popleft()
    batch.replies += 1
    was_failing, batch.was_failing = batch.was_failing, False
    _record(message, lambda current: _result(current, failure, was_failing=was_failing))


def _result(message: Message, failure: NotDelivered | None, *, was_failing: bool) -> None:
    if was_failing:
        service.resume()
    if failure is None:
        service.record_sent(message, at=database_now())
    else:
        service.record_failure(message, str(failure), at=database_now(), final=failure.final)


def _written(message: Message) -> bytes:
    """The message as it goes over the wire; one that cannot be written out must not keep the others back."""
    try:
        delivery.recipient_address(message)
        content = delivery.compose(message)
        db.session.commit()  # what was read for it: no transaction waits for the mail server
        return content
    except NotDelivered:
        raise
    except Exception as error:
        db.session.rollback()
        if fault_of(error):
            raise
        log.exception("a message could not be written out", template=message.template)
        raise NotDelivered(type(error).__name__, final=False) from error


def _record(message: Message, change: Callable[[Message], None]) -> None:
    """Record what became of a message. A database that is restarting is waited for: the mail has left already."""
    number = _number(message)
    _insist(lambda: _change(number, change))


def _number(message: Message) -> int:
    """Its key, without asking a database that may be away."""
    (number,) = inspect(message).identity or (0,)
    return int(number)


def _change(number: int, change: Callable[[Message], None]) -> None:
    begin_writing()
    message = queries.claimed_message(number)
    try:
        if message:
            change(message)
    except TransitionNotAllowed:
        log.warning("another worker was faster with a message", message=number)
    db.session.commit()


def _insist(change: Callable[[], None]) -> None:
    """Do it, again and again for some minutes as long as the database is away."""
    until, delay = time.monotonic() + PATIENCE, 0.1
    while True:
        try:
            return change()
        except Exception as error:
            db.session.rollback()
            if fault_of(error) is None or time.monotonic() > until:
                raise
            log.warning("the database is away; what became of a message is kept until it is back")
        time.sleep(delay)
        delay = min(2.0, delay * 2)


def _pause(reason: str) -> bool:
    """Leave the mail server alone for a while; returns False, since there is no going on."""
    log.warning("the mail server takes nothing", reason=reason[:200])

    def pause() -> None:
        begin_writing()
        service.pause(reason, at=database_now())
        db.session.commit()

    _insist(pause)
    return False


def _release(batch: Batch) -> None:
    """Give back what was not tried, so that it need not wait for the end of the lease."""
    numbers = [_number(message) for message in batch.waiting]

    def release() -> None:
        begin_writing()
        at = database_now()
        for number in numbers:
            if message := queries.claimed_message(number):
                service.release(message, at=at)
        db.session.commit()

    if numbers:
        _insist(release)
