"""What every template may call."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from flask import Flask, current_app, request, url_for
from flask_babel import get_locale
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from consult.database import now
from consult.web import markdown, times
from consult.words import Word

W = TypeVar("W", bound=Word)
ICONS = {"good": "✓", "wait": "◐", "bad": "✕", "plain": "○"}


def register(app: Flask) -> None:
    app.jinja_env.filters.update(
        markdown=markdown.render,
        clock=times.clock,
        long_date=times.long_date,
        short_date=times.short_date,
        date_text=times.date_text,
        instant_text=times.instant_text,
        date_range=times.date_range,
        ago=times.ago,
        time_left=times.time_left,
        zone_name=times.zone_name,
    )
    app.jinja_env.globals.update(
        moment=times.moment,
        hours=times.hours,
        now=now,
        icons=ICONS,
        get_locale=get_locale,
        csrf_field=csrf_field,
        with_args=with_args,
        url_with_filters=url_with_filters,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    folder = Path(str(app.static_folder))

    @cache
    def fingerprint(filename: str) -> str:
        return hashlib.sha256((folder / filename).read_bytes()).hexdigest()[:10]

    @app.url_defaults
    def version(endpoint: str, values: dict[str, Any]) -> None:
        """A static file's address changes with its content, so browsers may keep it for a year."""
        if endpoint == "static" and (folder / values["filename"]).is_file():
            values["v"] = fingerprint(values["filename"])


def csrf_field() -> Markup:
    """The token of a form that is only a button, or is not made by WTForms."""
    if not current_app.config["WTF_CSRF_ENABLED"]:
        return Markup("")
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(generate_csrf())


def url_with_filters(endpoint: str, **values: Any) -> str:
    """`url_for` with what the address of this page filters by. What an address says never changes where it leads."""
    return url_for(endpoint, **{**_filters(), **values})


def _filters() -> dict[str, Any]:
    """The arguments of this address, without those that `url_for` takes for itself."""
    return {name: values for name, values in request.args.to_dict(flat=False).items() if name[:1] != "_"}


def with_args(**changes: Any) -> str:
    """The address of this page with some of its filters changed; None takes one out."""
    arguments = {**_filters(), **(request.view_args or {}), **changes}
    return url_for(str(request.endpoint), **{name: value for name, value in arguments.items() if value is not None})


def chosen(enum: type[W], value: str | None) -> W | None:
    """The member a filter of the address names; None for none, or for one there is not."""
    return enum(value) if value in {member.value for member in enum} else None
