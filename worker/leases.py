"""Work that takes long belongs to one worker as long as that worker lives.

The lease is short, and a thread puts it off while the work goes on: of a worker that dies it ends within a minute. A
worker that is told to stop gives its work back at once, so that the next start goes on with it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread

import structlog
from sqlalchemy.exc import SQLAlchemyError

from consult.database import begin_writing
from consult.extensions import db
from worker import flask_app
from worker.shutdown import is_stopping

LEASE = timedelta(seconds=60)
RENEWED_EVERY = 15.0  # seconds
LOOKED_EVERY = 0.5  # seconds, whether the worker is to stop
log = structlog.get_logger()


class Stopped(Exception):
    """The worker is to stop; what it held has been given back."""


@contextmanager
def kept(renew: Callable[[], None], give_back: Callable[[], None] | None = None) -> Iterator[None]:
    """While the body runs, `renew` is called now and then, in a transaction of its own.

    Args:
        give_back: is called once if the worker is told to stop, for work that cannot be interrupted and does no harm
            if another worker does it too.
    """
    is_over = Event()

    def in_transaction(change: Callable[[], None]) -> None:
        with flask_app.app_context():
            try:
                begin_writing()
                change()
                db.session.commit()
            except SQLAlchemyError as error:  # the next time will do
                log.warning("a lease could not be changed", error=type(error).__name__)

    def watch() -> None:
        waited = 0.0
        while not is_over.wait(LOOKED_EVERY):
            waited += LOOKED_EVERY
            if give_back and is_stopping():
                return in_transaction(give_back)
            if waited >= RENEWED_EVERY:
                waited = 0.0
                in_transaction(renew)
        return None

    thread = Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()
