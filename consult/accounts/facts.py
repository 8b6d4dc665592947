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
