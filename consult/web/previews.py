"""What is confirmed is what was shown: the page before a step that cannot be taken back carries a seal of it.

The seal is a signed digest of what the step will do (rows, their state, words, who reads what). If anything of that
is different when the step is confirmed, nothing is done, and the page is shown afresh with `changed()` on top.
"""

import json
from hashlib import sha256
from typing import Any

from flask import current_app, request
from flask_babel import gettext as _
from flask_login import current_user
from itsdangerous import BadData, URLSafeTimedSerializer

from consult.errors import TransitionNotAllowed

FIELD = "preview"
LASTS = 4 * 3600  # seconds


def seal(purpose: str, shown: Any) -> str:
    """What the page carries in a hidden field named `FIELD`.

    Args:
        purpose: which step it is, so that a seal of one page is none for another.
        shown: everything the step does, in plain lists, dictionaries and texts.
    """
    return str(_serializer(purpose).dumps(_digest(shown)))


def is_unchanged(purpose: str, shown: Any) -> bool:
    """Whether the request confirms exactly this, as the same person saw it in the last four hours."""
    try:
        digest = _serializer(purpose).loads(request.form.get(FIELD, ""), max_age=LASTS)
    except BadData:
        return False
    return bool(digest == _digest(shown))


def need_unchanged(purpose: str, shown: Any) -> None:
    """For a step that is a button on the page that shows what it does: a refusal leads back to that page.

    Raises:
        TransitionNotAllowed: it is not what was shown.
    """
    if not is_unchanged(purpose, shown):
        raise TransitionNotAllowed(changed())


def changed() -> str:
    """What the page says when something is different from what was shown."""
    return _("Nothing has been done yet: this is not what you were shown before. Look at it again, then confirm.")


def _serializer(purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt=f"preview:{purpose}")


def _digest(shown: Any) -> str:
    plain = json.dumps([current_user.get_id(), shown], sort_keys=True, default=str)
    return sha256(plain.encode()).hexdigest()
