"""What happens to accounts that later packages need to know."""

from dataclasses import dataclass

from consult.accounts.models import User
from consult.facts import Fact


@dataclass(frozen=True)
class AddressConfirmed(Fact):
    """Somebody has proved that an address is theirs: what was kept for it can be given to them."""

    person: User
