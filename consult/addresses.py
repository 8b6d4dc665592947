"""Absolute addresses of this site, for what is read outside it: mails, badges, calendar files."""

from flask import current_app


def address(path: str) -> str:
    """`path` begins with a slash; BASE_URL says where the site is."""
    return f"{current_app.config['BASE_URL']}{path}"


def site_name() -> str:
    """What the institution calls this site."""
    return str(current_app.config["SITE_NAME"])
