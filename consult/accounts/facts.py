"""What accounts announce."""

from dataclasses import dataclass

from consult.accounts.models import User
from consult.facts import Fact


@dataclass(frozen=True)
class AccountDeleted(Fact):
    """A person gives up their account: later domains refuse, or forget what was the person's alone.

    Announced before anything is changed: the name and the address are still there.
    """

    person: User


@dataclass(frozen=True)
class AccountMoved(Fact):
    """An account has another address.

    Args:
        former: the address before.
        is_proven: both mailboxes agreed; else somebody else moved it, after checks.
    """

    person: User
    former: str
    is_proven: bool


@dataclass(frozen=True)
class AccountRecovered(Fact):
    """Somebody else gave the account another mailbox, or took its second factor away, after checks.

    It may be another person's now, so later domains end what one person alone must not be able to pass on.

    Args:
        by: None for a command on the server.
    """

    person: User
    by: User | None
