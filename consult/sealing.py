"""What is kept only to be shown to few is encrypted at rest (Fernet: AES-128 and HMAC-SHA256), bound to its row.

`PASSPORT_KEY` is a list, the newest first: the first seals, all of them open. What is sealed says whose it is, so that
a row that is copied onto another cannot be opened there.
"""

import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from flask import current_app


def seal(content: dict[str, Any], *, of: str) -> str:
    """
    Args:
        of: what it belongs to, as “registration:7K3M9QXP”.
    """
    return _keys().encrypt(json.dumps({"of": of, "content": content}).encode()).decode()


def unseal(sealed: str, *, of: str) -> dict[str, Any] | None:
    """What was sealed; None if it belongs to something else, or the key it was sealed with is gone."""
    opened = _opened(sealed)
    if opened is None or opened.get("of") != of:
        return None
    content: dict[str, Any] = opened["content"]
    return content


def seal_anew(sealed: str, *, of: str) -> str | None:
    """The same, sealed with the newest key; None if it cannot be opened. What an earlier release sealed, which did not
    say whose it was, says so from now on."""
    opened = _opened(sealed)
    if opened is None or opened.get("of", of) != of:
        return None
    return seal(opened["content"] if "of" in opened else opened, of=of)


def _opened(sealed: str) -> dict[str, Any] | None:
    try:
        opened: dict[str, Any] = json.loads(_keys().decrypt(sealed.encode()))
    except InvalidToken:
        return None
    return opened


def _keys() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in current_app.config["PASSPORT_KEY"].split(",")])
