"""Who has an address already: what decides whether somebody can be registered, and whether they are asked first."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from flask_babel import gettext as _

from consult.errors import DomainError
from consult.events.models import Event
from consult.organisations.models import Organisation
from consult.registration import queries
from consult.registration.models import HELD_STATES, Registration


class AlreadyRegistered(DomainError):
    """This address has a registration for the event."""


class NotToBeRegistered(DomainError):
    """The owner of this address has objected to being registered by others."""


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """What is known of some addresses at an event: read once, and kept up to date while people are registered.

    Args:
        holders: the number of the registration that each address has: a place, or one it waits for.
        registered: (organisation, address) of whom an organisation has registered, also while they have not answered.
        objected: fingerprints of the addresses whose owners do not want to be registered by others.
        agreed: (organisation, address) of who has agreed to be the organisation's.
    """

    event: Event
    holders: dict[str, int]
    registered: set[tuple[int, str]]
    objected: set[str]
    agreed: set[tuple[int, str]]

    def add(self, registration: Registration) -> None:
        """Count somebody who is being registered; the row may have no number yet."""
        if registration.organisation is not None:
            self.registered.add((registration.organisation.id, registration.email))
        if registration.status in HELD_STATES:
            self.holders[registration.email] = registration.id or 0


def read(event: Event, emails: Sequence[str], organisations: Sequence[Organisation | None] = ()) -> Addresses:
    """In the same number of statements for any number of addresses. The event must be locked.

    Args:
        emails: in lower case.
        organisations: those whose people may be among them.
    """
    ours = {organisation.id: organisation for organisation in organisations if organisation is not None}.values()
    return Addresses(
        event=event,
        holders=queries.holders(event, emails),
        registered=queries.registered_by(ours, event, emails),
        objected=queries.objections(event, [fingerprint(event, email) for email in emails]),
        agreed=queries.known_to(ours, emails),
    )


def fingerprint(event: Event, email: str) -> str:
    """What is kept of the address of a person who objected."""
    return sha256(f"{event.ref}:{email}".encode()).hexdigest()


def has_objected(addresses: Addresses, email: str) -> bool:
    """Whether its owner does not want to be registered by others."""
    return fingerprint(addresses.event, email) in addresses.objected


def must_be_asked(addresses: Addresses, email: str, organisation: Organisation | None) -> bool:
    """Whether the person is asked first: whoever does not know them, and all where the answer would tell something.

    Somebody else is registered with the address, or its owner has objected: that looks the same from outside as an
    address that nobody knows.
    """
    is_clash = email in addresses.holders or has_objected(addresses, email)
    return is_clash or organisation is None or (organisation.id, email) not in addresses.agreed


def need_not_registered_by(addresses: Addresses, email: str, organisation: Organisation | None) -> None:
    """
    Raises:
        AlreadyRegistered: this very organisation has registered the address.
    """
    if organisation is not None and (organisation.id, email) in addresses.registered:
        message = _("Your organisation has registered a person with this address already.")
        raise AlreadyRegistered(message, field="email")


def need_free_address(addresses: Addresses, email: str, *, of: Registration | None = None) -> None:
    """
    Args:
        of: the registration that may have it.

    Raises:
        AlreadyRegistered: another registration of the event has the address.
    """
    holder = addresses.holders.get(email) if email else None
    if holder is not None and (of is None or holder != of.id):
        raise AlreadyRegistered(_("A person with this address is registered already."), field="email")


def need_available(addresses: Addresses, email: str, *, of: Registration | None = None) -> None:
    """For those who may know, before they give somebody a place under the address.

    Raises:
        AlreadyRegistered: another registration of the event has the address.
        NotToBeRegistered: its owner does not want to be registered by others.
    """
    need_free_address(addresses, email, of=of)
    if email and has_objected(addresses, email):
        message = _("Whoever has this address does not want to be registered for this event by others.")
        raise NotToBeRegistered(message, field="email")
