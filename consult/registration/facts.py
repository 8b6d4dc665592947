"""What registrations announce."""

from dataclasses import dataclass

from consult.facts import Fact
from consult.registration.models import Registration


@dataclass(frozen=True)
class DelegateSubstituted(Fact):
    """Somebody else is to come in this person's place; told before anything is changed."""

    registration: Registration


@dataclass(frozen=True)
class PersonErased(Fact):
    """A registered person is erased: what later domains keep about the registration goes too, and about the address.

    `address` is empty where the person has another registration with it, which stays.
    """

    registration: Registration
    address: str
