"""Browsers at which somebody has signed in before. Guesses made elsewhere do not make them wait (`service.throttle`).

A cookie of its own, which stays after signing out: a random name of the browser, and for each account a mark that
only this site can make, so that it tells nobody whose browser it is.
"""

import hmac
import secrets
from typing import Any

from flask import Flask, Response, after_this_request, current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from consult.accounts.models import User

KEPT = 400 * 86_400  # seconds; the longest that browsers keep a cookie
ACCOUNTS = 5  # of one browser


def register(app: Flask) -> None:
    app.config.setdefault("KNOWN_DEVICE_COOKIE", "__Host-known" if app.config["SESSION_COOKIE_SECURE"] else "known")


def known_device(email: str) -> str:
    """The name of this browser, if somebody has signed in here with this address; else nothing."""
    cookie = _cookie()
    return str(cookie["name"]) if _mark(email) in cookie["accounts"] else ""


def remember(user: User) -> None:
    """Somebody has signed in here, second factor included."""
    cookie = _cookie()
    mark = _mark(user.email)
    cookie["accounts"] = [mark, *(each for each in cookie["accounts"] if each != mark)][:ACCOUNTS]

    @after_this_request
    def keep(response: Response) -> Response:
        response.set_cookie(
            current_app.config["KNOWN_DEVICE_COOKIE"], str(_serializer().dumps(cookie)), max_age=KEPT, httponly=True,
            samesite="Lax", secure=current_app.config["SESSION_COOKIE_SECURE"],
        )  # fmt: skip
        return response


def _cookie() -> dict[str, Any]:
    try:
        content = _serializer().loads(request.cookies.get(current_app.config["KNOWN_DEVICE_COOKIE"], ""), KEPT)
        return {"name": str(content["name"]), "accounts": [str(each) for each in content["accounts"]]}
    except (BadSignature, KeyError, TypeError):
        return {"name": secrets.token_urlsafe(12), "accounts": []}


def _mark(email: str) -> str:
    key = f"known device:{current_app.config['SECRET_KEY']}".encode()
    return hmac.new(key, email.lower().encode(), "sha256").hexdigest()[:24]


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="known device")
