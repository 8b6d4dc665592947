"""The language and the zone of whoever reads."""

from flask import request, session
from flask_login import current_user

from consult.extensions import babel


def language() -> str | None:
    """What the person chose, else the best of what the browser asks for."""
    spoken = [str(locale) for locale in babel.list_translations()]
    if current_user and current_user.is_authenticated and current_user.language in spoken:
        return str(current_user.language)
    asked = request.accept_languages.values() if request else []
    # in the order of preference; Arabic as in Egypt is Arabic (werkzeug's best_match would take a later English)
    wanted = [tag for asked_for in asked for tag in (asked_for.replace("-", "_"), asked_for.split("-")[0])]
    return next((tag for tag in wanted if tag in spoken), "en")


def zone() -> str | None:
    """The reader's zone: of their account, else what this browser was told."""
    if current_user and current_user.is_authenticated and current_user.timezone:
        return str(current_user.timezone)
    return (session.get("timezone") or None) if request else None
