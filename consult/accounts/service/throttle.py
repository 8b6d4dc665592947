"""Guesses of passwords and codes: each wrong one in a row makes the next wait longer, and waiting is all it takes.

Counted are the account, wherever the guesses come from, and the network (/24, /64), whatever accounts it tries. A
device at which the person has signed in before is counted by itself: strangers who guess cannot keep the right person
out of it. Counts are kept in the database, so that they hold in every process, and with the broker away.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select

from consult.accounts import queries
from consult.accounts.models import FailedAttempts, hashed
from consult.database import insert_new, locked
from consult.extensions import db

FREE = {"account": 5, "device": 5, "network": 100}  # wrong guesses before there is a wait
FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = {"account": timedelta(minutes=15), "device": timedelta(minutes=15), "network": timedelta(minutes=2)}
FORGOTTEN = timedelta(hours=1)  # after so long without a wrong guess


@dataclass(frozen=True, kw_only=True)
class Source:
    """Who guesses at what.

    Args:
        account: the address, whether it has an account or not.
        network: the network of the request.
        device: what the browser proves to be known by for this account; empty for an unknown one.
    """

    account: str
    network: str
    device: str = ""

    @property
    def keys(self) -> dict[str, str]:
        """The fingerprint to be counted, by its kind."""
        if self.device:
            return {"device": hashed(f"device:{self.device}:{self.account}")}
        return {"account": hashed(f"account:{self.account}"), "network": hashed(f"network:{self.network}")}


def waiting_time(source: Source, *, at: datetime) -> timedelta:
    """How long must still be waited before the next guess; zero if it may be made now."""
    kinds = {key: kind for kind, key in source.keys.items()}
    waits = [_free_again(each, kinds[each.key]) - at for each in queries.failed_attempts(list(kinds))]
    return max([timedelta(0), *waits])


def _free_again(attempts: FailedAttempts, kind: str) -> datetime:
    """When the next guess may be made."""
    beyond = attempts.number - FREE[kind]
    if beyond < 0:
        return attempts.last_at
    doubled: int = 2 ** min(beyond, 20)
    return attempts.last_at + min(FIRST_WAIT * doubled, LONGEST_WAIT[kind])


def begin_guess(source: Source, *, at: datetime) -> timedelta:
    """Count a guess of this account or device as wrong before it is judged: of those that are sent in one instant, no
    more are tried than of those that are sent one after another. Commit, then judge.

    Returns:
        how long must still be waited; the guess is not counted then, nor to be judged.
    """
    own = [key for kind, key in source.keys.items() if kind != "network"]
    for attempts in [_attempts(key, at=at) for key in own]:
        if attempts.last_at < at - FORGOTTEN:
            attempts.number = 0
    wait = waiting_time(source, at=at)
    if not wait:
        count(own, at=at)
    return wait


def note_failure(source: Source, *, at: datetime) -> None:
    """The guess that was begun was wrong: it counts for the network too."""
    db.session.execute(delete(FailedAttempts).where(FailedAttempts.last_at < at - FORGOTTEN))
    count([key for kind, key in source.keys.items() if kind == "network"], at=at)


def take_back(source: Source) -> None:
    """What was begun turned out to be no guess."""
    own = [key for kind, key in source.keys.items() if kind != "network"]
    for attempts in queries.failed_attempts(own):
        locked(attempts)
        attempts.number = max(0, attempts.number - 1)
    db.session.flush()


def count(keys: Iterable[str], *, at: datetime) -> None:
    """One wrong guess more for each of these."""
    for key in sorted(keys):
        attempts = _attempts(key, at=at)
        attempts.number, attempts.last_at = attempts.number + 1, at
    db.session.flush()


def _attempts(key: str, *, at: datetime) -> FailedAttempts:
    """The row of this key, locked."""
    insert_new(FailedAttempts, [{"key": key, "number": 0, "last_at": at}], unless=["key"])
    return locked(db.session.scalars(select(FailedAttempts).where(FailedAttempts.key == key)).one())


def forget(source: Source) -> None:
    """The right password was given: the account and the device begin anew. The network does not: whoever guesses may
    have an account of their own."""
    keys = [key for kind, key in source.keys.items() if kind != "network"]
    _delete(keys)


def _delete(keys: Sequence[str]) -> None:
    db.session.execute(delete(FailedAttempts).where(or_(*(FailedAttempts.key == key for key in keys))))
