"""Somebody who is signed in, at a browser: enough of one to send forms."""

import http.client
import re
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import g, session
from flask_wtf.csrf import generate_csrf

from consult.accounts.models import User
from consult.accounts.service.devices import OTHERS, remember_device
from consult.database import now
from consult.extensions import db
from tests.drills.ground import Site

TIMEOUT = 60


@dataclass(frozen=True)
class Answer:
    status: int
    text: str
    location: str
    seconds: float

    @property
    def is_bare(self) -> bool:
        """An error without a page that says anything."""
        return self.status >= 500 and "<h1>" not in self.text


class Browser:
    def __init__(self, site: Site, user: User | None = None) -> None:
        """Inside the site's application context if `user` is given; what it adds must be committed."""
        self._host = urlsplit(site.instance.url).netloc
        self._cookies: dict[str, str] = {}
        self._token = ""
        with site.app.test_request_context(base_url=site.instance.url):
            if user:
                key = remember_device(user, browser="", limits=OTHERS, at=now())
                db.session.flush()
                session.update(
                    _user_id=user.fs_uniquifier, _fresh=True, device=key, seen=time.time(), fs_paa=time.time()
                )
            g.pop("csrf_token", None)  # of the browser before
            self._token = generate_csrf()
            serializer = site.app.session_interface.get_signing_serializer(site.app)  # type: ignore[attr-defined]
            self._cookies["session"] = serializer.dumps(dict(session))

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, None, {})

    def post(self, path: str, data: dict[str, Any]) -> Answer:
        body = urlencode({"csrf_token": self._token, **data}, doseq=True).encode()
        return self._ask("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})

    def upload(self, path: str, data: dict[str, str], *, field: str, name: str, content: bytes) -> Answer:
        edge = "drilldrilldrill"
        parts = [
            f'--{edge}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
            for key, value in {"csrf_token": self._token, **data}.items()
        ]
        head = f'--{edge}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n\r\n'.encode()
        body = b"".join([*parts, head, content, f"\r\n--{edge}--\r\n".encode()])
        return self._ask("POST", path, body, {"Content-Type": f"multipart/form-data; boundary={edge}"})

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        began = time.monotonic()
        connection = http.client.HTTPConnection(self._host, timeout=TIMEOUT)
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        try:
            connection.request(method, path, body, {**headers, "Cookie": cookies})
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace")
        except (OSError, http.client.HTTPException) as error:
            return Answer(0, type(error).__name__, "", time.monotonic() - began)
        finally:
            connection.close()
        location = re.sub(r"^https?://[^/]+", "", answer.headers.get("Location") or "")
        return Answer(answer.status, text, location, time.monotonic() - began)
