"""Several things that are due, each in a transaction of its own: one that fails holds up no other."""

from collections.abc import Callable, Iterable
from typing import TypeVar

import structlog

from consult.database import begin_writing, fault_of
from consult.extensions import db
from worker.shutdown import is_stopping

Key = TypeVar("Key")
Result = TypeVar("Result")
log = structlog.get_logger()


def each(task: str, keys: Iterable[Key], act: Callable[[Key], Result]) -> list[Result]:
    """Do `act` for each key and commit it; what raises is undone, logged, and left for the next sweep.

    Returns:
        what `act` returned, of those that went well.
    """
    results = []
    for key in keys:
        if is_stopping():
            break
        begin_writing()
        try:
            results.append(act(key))
            db.session.commit()
        except Exception as error:
            db.session.rollback()
            if fault_of(error):
                raise  # the others would fail too
            log.exception("one of several failed; the others go on", task=task, key=str(key))
        finally:
            db.session.expire_all()  # others change the same rows
    return results


def keys(read: Callable[[], Iterable[Key]]) -> list[Key]:
    """What is due, read in a transaction of its own."""
    found = list(read())
    db.session.commit()
    db.session.expire_all()  # others change the same rows
    return found
