"""How often an endpoint may be asked by one network; every limit is a class that stands here and in the endpoint table.

Counts are per network (/24, /64), since one machine can have all the addresses of its own. Where a page belongs to
one person (a personal link), its key (hashed) is counted too, so that a whole office behind one address is not held up
by one of its members: give `key`. Guesses of passwords and codes are counted per account, in
`consult.accounts.throttle`.
"""

from collections.abc import Callable, Sequence
from ipaddress import ip_address, ip_network
from typing import Any

from flask import Blueprint, Flask, request
from flask_login import current_user

from consult.extensions import limiter

CLASSES = {
    "key": "120 per minute; 2000 per hour",  # pages behind a personal link
    "guess": "60 per minute; 600 per hour",  # what a stranger could try values at
    "mail": "20 per minute; 120 per hour",  # what writes to an address that a stranger names
    "costly": "30 per minute; 300 per hour",  # what takes long to make
}
FREE = "free"  # plain pages, and what is behind a sign-in
_OF_BLUEPRINTS: dict[str, str] = {}


def network() -> str:
    """The network a request comes from: the /24 of an IPv4 address, the /64 of an IPv6 address."""
    try:
        address = ip_address(request.remote_addr or "127.0.0.1")
    except ValueError:
        return "unknown"
    mapped = getattr(address, "ipv4_mapped", None)
    address = mapped or address
    return str(ip_network(f"{address}/{24 if address.version == 4 else 64}", strict=False))


def account() -> str:
    """Whoever is signed in: a whole office behind one address registers on the last day."""
    return f"account:{current_user.ref}" if current_user.is_authenticated else network()


def limited(
    name: str, *, methods: Sequence[str] | None = None, key: Callable[[], str] = network
) -> Callable[[Any], Any]:
    """Put a view, or all of a blueprint, into a class of limits.

    Args:
        methods: only these count; None for all.
        key: what is counted, if not the network.
    """

    def decorate(target: Any) -> Any:
        limit = limiter.limit(CLASSES[name], key_func=key, methods=list(methods) if methods else None)
        if isinstance(target, Blueprint):
            _OF_BLUEPRINTS[target.name] = name
            limit(target)
            return target
        target.limit_class = name
        return limit(target)

    return decorate


def class_of(app: Flask, endpoint: str) -> str:
    """The class of limits an endpoint is in."""
    view = app.view_functions[endpoint]
    blueprint = _OF_BLUEPRINTS.get(endpoint.rpartition(".")[0], FREE)
    return str(getattr(view, "limit_class", blueprint))
