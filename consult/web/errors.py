"""The one place where an error becomes a page."""

from urllib.parse import urlsplit

import structlog
from flask import Flask, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import HTTPException

from consult.errors import DomainError, NotAllowed, NotFound
from consult.extensions import db

log = structlog.get_logger()


def _page(title: str, message: str, status: int) -> ResponseReturnValue:
    return render_template("error.html", heading=title, message=message), status


def back() -> str:
    """The page of this site the person came from, or the front page."""
    came_from = urlsplit(request.referrer or "")
    return (
        f"{came_from.path}?{came_from.query}"
        if came_from.netloc == request.host and came_from.path != request.path
        else "/"
    )


def register(app: Flask) -> None:
    @app.errorhandler(DomainError)
    def refused(error: DomainError) -> ResponseReturnValue:
        db.session.rollback()
        if isinstance(error, NotFound):
            return _page(_("We cannot find this page"), str(error), 404)
        if isinstance(error, NotAllowed):
            return _page(_("You may not open this page"), str(error), 403)
        if request.method in {"GET", "HEAD"} or back() == "/":
            return _page(_("This cannot be done now"), str(error), error.status)
        flash(str(error), "error")
        return redirect(back())

    @app.errorhandler(IntegrityError)
    def raced(_error: IntegrityError) -> ResponseReturnValue:
        db.session.rollback()
        log.warning("two requests wanted the same row", path=request.endpoint)
        message = _("Somebody changed the same thing at the same moment. Go back, look at it again, and try once more.")
        return _page(_("This cannot be done now"), message, 409)

    @app.errorhandler(CSRFError)
    def stale(_error: CSRFError) -> ResponseReturnValue:
        message = _(
            "This form was open for too long, or your session ended. Go back, reload the page and send it again."
        )
        return _page(_("Please send this again"), message, 400)

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> ResponseReturnValue:
        db.session.rollback()
        if error.code is None or error.code < 400:
            return error
        titles = {
            404: (_("We cannot find this page"), _("The address may be mistyped, or the page may have moved.")),
            405: (_("This address is not for that"), _("Go back and use the buttons of the page.")),
            413: (_("This file is too large"), _("Send a file of at most 10 MB.")),
            429: (_("Too many tries"), _("Wait a minute, then try again.")),
        }
        title, message = titles.get(
            error.code, (_("This did not work"), _("Go back and try again. If it stays so, write to the secretariat."))
        )
        return _page(title, message, error.code)

    @app.errorhandler(Exception)
    def broken(error: Exception) -> ResponseReturnValue:
        if app.testing:
            raise error
        db.session.rollback()
        log.exception("request failed", endpoint=request.endpoint)
        message = _("Something went wrong on our side. What you sent was not saved. Please try again in a moment.")
        return _page(_("This did not work"), message, 500)
