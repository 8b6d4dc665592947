"""The one place where an error becomes a page."""

import errno
from contextlib import suppress
from urllib.parse import urlsplit

import structlog
from flask import Flask, current_app, flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from werkzeug.exceptions import HTTPException

from consult.database import Fault, Saved, end_session, fault_of, saved
from consult.errors import AlreadySo, DomainError, NotAllowed, NotFound
from consult.extensions import db
from consult.web.redirects import is_ours
from consult.web.replay import Replay, ask_again

SAFE = {"GET", "HEAD", "OPTIONS"}
RETRY_AFTER = 30  # seconds
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
log = structlog.get_logger()


def _page(title: str, message: str, status: int) -> ResponseReturnValue:
    return render_template("error.html", heading=title, message=message), status


def _too_large() -> str:
    most = (request.max_content_length or 0) // (1024 * 1024)
    return _("Nothing was saved. All that you send at once may have at most %(number)s MB.", number=most)


def back() -> str:
    """The page of this site the person came from, or the front page."""
    try:
        came_from = urlsplit(request.referrer or "")
    except ValueError:
        return "/"
    address = f"{came_from.path}?{came_from.query}"
    is_here = came_from.netloc == request.host and came_from.path != request.path
    return address if is_here and is_ours(address) else "/"


def _here_or_back() -> str:
    """Where a person sees what is so: the page they came from, or the one they are at."""
    is_page = request.url_rule is not None and "GET" in (request.url_rule.methods or set())
    return request.path if is_page and back() == "/" else back()


def register(app: Flask) -> None:
    @app.errorhandler(DomainError)
    def refused(error: DomainError) -> ResponseReturnValue:
        db.session.rollback()
        if isinstance(error, NotFound):
            return _page(_("We cannot find this page"), str(error), 404)
        if isinstance(error, AlreadySo) and request.method == "POST":
            flash(str(error))
            return redirect(_here_or_back())
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

    @app.errorhandler(SQLAlchemyError)
    def database(error: SQLAlchemyError) -> ResponseReturnValue:
        return _outage(error) or broken(error)

    @app.errorhandler(OSError)
    def files(error: OSError) -> ResponseReturnValue:
        """The disk is full, or the store of files is away."""
        _give_up_database()
        log.exception("files cannot be written or read", endpoint=request.endpoint)
        if error.errno in _FULL:
            return _disk_is_full()
        return _plain(_("We cannot reach our files"), _("The store of files does not answer."), 503)

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> ResponseReturnValue:
        original = getattr(error, "original_exception", None)
        if isinstance(original, OSError):
            return files(original)
        if page := _outage(original):
            return page
        if error.code is None or error.code < 400:
            db.session.rollback()
            return error
        if error.code >= 500:
            return _unknown(error)
        db.session.rollback()
        titles = {
            404: (_("We cannot find this page"), _("The address may be mistyped, or the page may have moved.")),
            405: (_("This address is not for that"), _("Go back and use the buttons of the page.")),
            413: (_("This is too large"), _too_large()),
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
        return _unknown(error)

    app.teardown_appcontext(end_session)
    app.wsgi_app = Replay(app)  # type: ignore[assignment, method-assign]


def _give_up_database() -> None:
    """Nothing that follows may ask the database: who is signed in does not matter on these pages."""
    with suppress(SQLAlchemyError):
        db.session.rollback()
    g._login_user = current_app.login_manager.anonymous_user()  # type: ignore[attr-defined]


def _plain(title: str, message: str, status: int) -> ResponseReturnValue:
    """A page that needs nothing but itself; it says what is certain about what was sent, and when to try again."""
    page = render_template("outage.html", heading=title, message=message, saved=_what_was_saved(), seconds=RETRY_AFTER)
    return page, status, {"Retry-After": str(RETRY_AFTER)}


def _what_was_saved() -> str:
    if request.method in SAFE:
        return _("Nothing that was saved before is lost.")
    if saved() is Saved.NOTHING:
        return _(
            "What you sent was not saved. Go back in your browser to find what you typed, and send it again later."
        )
    return _("We cannot say whether what you sent was saved. Look before you send it again.")


def _disk_is_full() -> ResponseReturnValue:
    message = _("Our server has no room left for what you sent. Nothing that was saved before is lost.")
    return _plain(_("There is no room left"), message, 507)


def _outage(error: BaseException | None) -> ResponseReturnValue | None:
    """The page for a database that is away, busy or full; None if the error is something else."""
    fault = fault_of(error)
    if fault is None:
        return None
    if request.method in SAFE or saved() is Saved.NOTHING:
        ask_again(request, fault)
    log.warning("the database could not answer", fault=fault.value, saved=saved().value, endpoint=request.endpoint)
    _give_up_database()
    if fault is Fault.FULL:
        return _disk_is_full()
    if fault is Fault.BUSY:
        return _plain(_("We are very busy"), _("Too many people wanted the same thing at the same moment."), 503)
    return _plain(_("We cannot reach our records"), _("Our database does not answer at the moment."), 503)


def _unknown(error: BaseException) -> ResponseReturnValue:
    """A mistake of ours."""
    log.exception("request failed", endpoint=request.endpoint, error=type(error).__name__)
    message = _("Something went wrong on our side, and we have noted it.")
    _give_up_database()
    return _plain(_("This did not work"), message, 500)
