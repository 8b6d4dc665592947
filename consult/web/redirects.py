"""Where a page may send a person: never away from this site."""

from flask import request


def then(default: str) -> str:
    """The address in `?then=` if it is one of ours, else `default`."""
    address = request.args.get("then", "")
    ours = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if ours else default
