"""Mails about accounts that Flask-Security does not send. What they say is erased once they have left."""

from dataclasses import replace

from consult.accounts.models import User
from consult.outbox import service as outbox


def send_sign_in_link(person: User, *, key: str) -> None:
    _post(person, "sign_in_link", path=f"/sign-in/link/{key}")


def ask_old_address(person: User, *, key: str, new: str) -> None:
    _post(person, "address_old", path=f"/account/address/{key}", address=new)


def ask_new_address(person: User, *, key: str, new: str) -> None:
    _post(person, "address_new", to=new, path=f"/account/address/{key}", address=new)


def tell_address_taken(person: User) -> None:
    """To an address that somebody wants to move their account to, and that has one."""
    _post(person, "address_taken")


def tell_address_changed(person: User, *, to: str) -> None:
    """`to`: the address it had, or has now."""
    _post(person, "address_changed", to=to, address=person.email)


def tell_second_factor(person: User, *, change: str) -> None:
    """`change`: “set”, “removed” or “reset” (by an administrator)."""
    _post(person, f"second_factor_{change}")


def _post(person: User, template: str, *, to: str = "", **context: str) -> None:
    about = f"user:{person.ref}"
    message = outbox.to_person(person, template=f"accounts/{template}", about=about, context=context)
    outbox.post(replace(message, to=to) if to else message)
