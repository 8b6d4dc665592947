"""What is kept only to be shown to few is encrypted at rest (Fernet: AES-128 and HMAC-SHA256)."""

import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from flask import current_app


def seal(content: dict[str, Any]) -> str:
    return _fernet().encrypt(json.dumps(content).encode()).decode()


def unseal(sealed: str) -> dict[str, Any] | None:
    """What was sealed; None if the key it was sealed with is gone."""
    try:
        content: dict[str, Any] = json.loads(_fernet().decrypt(sealed.encode()))
    except InvalidToken:
        return None
    return content


def _fernet() -> Fernet:
    return Fernet(current_app.config["PASSPORT_KEY"])
