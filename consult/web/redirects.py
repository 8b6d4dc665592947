"""Where a page may send a person: never away from this site."""

from flask import request


def is_ours(address: str) -> bool:
    """Whether an address is a page of this site."""
    return address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()


def then(default: str, *, name: str = "then") -> str:
    """The address in `?then=` (or another argument) if it is one of ours, else `default`."""
    address = request.args.get(name, "")
    return address if is_ours(address) else default
