"""What is kept only to be shown to few is encrypted at rest, with keys that the database does not hold.

Passport data: Fernet (AES-128 and HMAC-SHA256), bound to its row. `PASSPORT_KEY` is a list, the newest first: the first
seals, all of them open. What is sealed says whose it is, so that a row that is copied onto another cannot be opened.

Keys of personal links and badges: AES-SIV, which seals the same text to the same value, so that a row is found by its
key while the database alone holds no key that opens anything.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app
from sqlalchemy import Dialect, String, TypeDecorator


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


class SealedKey(TypeDecorator[str]):
    """The key of a personal link or a badge: plain in Python, sealed in the database, and found by its value."""

    impl = String(80)
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else sealed_key(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else unsealed_key(value)


def sealed_key(key: str) -> str:
    """The one value that is kept of a key."""
    return urlsafe_b64encode(_siv(current_app.config["SECRET_KEY"]).encrypt(key.encode(), None)).decode()


def unsealed_key(sealed: str) -> str:
    """The key. One that was sealed with another SECRET_KEY opens nothing any more: what is returned is nobody's."""
    try:
        return _siv(current_app.config["SECRET_KEY"]).decrypt(urlsafe_b64decode(sealed), None).decode()
    except (InvalidTag, ValueError):
        return f"lost-{sealed[:40]}"


@cache
def _siv(secret: str) -> AESSIV:
    return AESSIV(HKDF(algorithm=SHA256(), length=32, salt=None, info=b"personal links").derive(secret.encode()))
