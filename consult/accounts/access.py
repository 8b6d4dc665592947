"""Who may open an endpoint: every view says it with `@require` or `@public`, in one line."""

import time
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar, cast, overload

from flask import Flask, Response, abort, current_app, flash, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from flask_security import logout_user
from flask_security.utils import check_and_update_authn_fresh

from consult.accounts import known_devices, queries
from consult.accounts.models import User
from consult.accounts.service import devices
from consult.accounts.service.devices import OTHERS, STAFF, SessionLimits
from consult.audit.service import record
from consult.database import begin_writing, now
from consult.errors import NotAllowed
from consult.extensions import db
from consult.web.errors import back
from consult.web.paths import path_without_keys

S = TypeVar("S")
View = Callable[..., ResponseReturnValue]
Given = Callable[[Callable[[S], ResponseReturnValue]], View]
Plain = Callable[[Callable[[], ResponseReturnValue]], View]

# Flask-Security's own pages: open to all, or to whoever is signed in
SECURITY = {
    "security.login": "public",
    "security.logout": "public",
    "security.change_password": "consult.accounts.policy.is_signed_in",
    "security.verify": "consult.accounts.policy.is_signed_in",
    # in the middle of signing in, which these check themselves
    "security.two_factor_setup": "public",
    "security.two_factor_setup_validate": "consult.accounts.policy.is_signed_in",
    "security.two_factor_token_validation": "public",
    "security.tf_select": "public",
    "security.mf_recovery": "public",
    "security.mf_recovery_codes": "consult.accounts.policy.is_signed_in",
    "security.wan_register": "consult.accounts.policy.is_signed_in",
    "security.wan_register_response": "consult.accounts.policy.is_signed_in",
    "security.wan_delete": "consult.accounts.policy.is_signed_in",
    "security.wan_signin": "public",
    "security.wan_signin_response": "public",
}
# what somebody whose role needs a second factor may open while they have none
_SETTING_UP = {
    "static", "accounts.second_factor", "security.logout", "security.verify", "security.two_factor_setup",
    "security.two_factor_setup_validate", "security.two_factor_token_validation", "security.mf_recovery_codes",
    "security.wan_register", "security.wan_register_response", "portal_messages.demo_mail",
}  # fmt: skip
SEEN_EVERY = 600  # seconds between two notes of when a device was seen
FRESH = timedelta(minutes=15)  # how long a password or code that was typed opens what is dangerous
LONGEST_FRESH = timedelta(hours=1)  # and how long with something done in between


def signed_in() -> User:
    """The person at the keyboard. Only for views that a policy has let through."""
    return cast(User, current_user._get_current_object())


def visitor() -> User | None:
    """The person at the keyboard, if signed in."""
    return signed_in() if current_user.is_authenticated else None


@overload
def require(policy: Callable[[User], bool]) -> Plain: ...
@overload
def require(policy: Callable[[User, S], bool], *, on: Callable[..., S]) -> Given[S]: ...
def require(policy: Callable[..., bool], *, on: Callable[..., Any] | None = None) -> Callable[[Any], View]:
    """Load what the address names with `on`, ask `policy`, and give the view what was loaded."""

    def decorate(view: Callable[..., ResponseReturnValue]) -> View:
        @wraps(view)
        def wrapper(**address: Any) -> ResponseReturnValue:
            if not current_user.is_authenticated:
                return redirect(url_for("security.login", next=_returning()))
            subject = [on(**address)] if on else []
            if not policy(signed_in(), *subject):
                _record_apart("access.refused", *subject)
                raise NotAllowed(_("Your account has no access to this. If you think it should, ask the secretariat."))
            answer = view(*subject)
            if isinstance(answer, Response) and "attachment" in answer.headers.get("Content-Disposition", ""):
                _record_apart("file.downloaded", *subject)
            return answer

        wrapper.access = f"{policy.__module__}.{policy.__name__}"  # type: ignore[attr-defined]
        return wrapper

    return decorate


def _record_apart(action: str, *subject: Any) -> None:
    """Record what a page was asked for, in a transaction of its own: it stays, whatever becomes of the request."""
    db.session.commit()
    begin_writing()
    person = signed_in()
    record(action, about=f"user:{person.ref}", by=person, scope=_scope_of(*subject), detail=path_without_keys())
    db.session.commit()


def _scope_of(*subject: Any) -> str:
    """The event that what the address names belongs to, as far as it is loaded."""
    things = [each for thing in subject for each in (thing if isinstance(thing, tuple) else (thing,))]
    events = [getattr(thing, "__dict__", {}).get("event") for thing in things]
    scopes = [str(getattr(each, "scope", "")) for each in (*things, *events)]
    return next((scope for scope in scopes if scope.startswith("event:")), "")


def fresh(view: View) -> View:
    """Ask for the password again, unless it was typed in the last minutes: for what opens or changes a lot.

    Stands below `@require`.
    """

    @wraps(view)
    def wrapper(*subject: Any) -> ResponseReturnValue:
        if not check_and_update_authn_fresh(FRESH, FRESH, "session"):
            flash(_("For your safety, please enter your password again."))
            here = request.full_path if request.method == "GET" else back()
            return redirect(url_for("security.verify", next=here))
        return view(*subject)

    return wrapper


def session_limits(user: User) -> SessionLimits:
    """How long this person stays signed in, by what their roles open."""
    return STAFF if current_app.extensions["needs_second_factor"](user) else OTHERS


def _returning() -> str:
    """Where to go after signing in: here, or for a button the page it stood on."""
    here: str = request.full_path if request.method == "GET" else url_for("portal.calendar")
    return here


def public(view: View) -> View:
    """Open to everybody, signed in or not."""
    view.access = "public"  # type: ignore[attr-defined]
    return view


def register(app: Flask, *, needs_second_factor: Callable[[User], bool]) -> None:
    """
    Args:
        needs_second_factor: whose roles must not be used with a password alone.
    """
    app.extensions["needs_second_factor"] = needs_second_factor
    known_devices.register(app)

    @app.before_request
    def begin() -> None:
        """Before anything is read: the sign-in cookie is looked up in the database too."""
        if request.method not in {"GET", "HEAD", "OPTIONS"} or _is_to_be_seen():
            begin_writing()

    @app.before_request
    def refuse_undeclared() -> None:
        """Nothing is reachable that does not say who may: what an extension adds stays shut until it is named."""
        if request.endpoint not in {None, "static"} and access_of(app, str(request.endpoint)) == "UNDECLARED":
            abort(404)

    @app.before_request
    def know_device() -> None:
        """A device that was signed out elsewhere is signed out, whatever its cookie says."""
        if request.endpoint == "static" or not current_user.is_authenticated:
            return
        device = queries.device_with(session.get("device", ""), signed_in())
        _end_freshness()
        if device is None:
            # the cookie stays: the request may have been under way when the browser got a session with a new key
            g._login_user = current_app.login_manager.anonymous_user()  # type: ignore[attr-defined]
        elif devices.is_over(device, at=now()):
            db.session.commit()
            begin_writing()
            logout_user()
            db.session.commit()
            flash(_("You were signed out because you had been signed in for a long time. Please sign in again."))
        elif _is_to_be_seen():
            devices.note_seen(device, limits=session_limits(signed_in()), at=now())
            session["seen"] = int(time.time())
            db.session.commit()
            if request.method not in {"GET", "HEAD", "OPTIONS"}:
                begin_writing()

    @app.before_request
    def ask_for_second_factor() -> ResponseReturnValue | None:
        if request.endpoint in _SETTING_UP or not current_user.is_authenticated or app.config["DEMO"]:
            return None
        if signed_in().has_second_factor or not needs_second_factor(signed_in()):
            return None
        flash(_("Your role needs a second factor beside the password. Set one up; then you can go on."))
        return redirect(url_for("accounts.second_factor"))


def _end_freshness() -> None:
    """Flask-Security lets each dangerous page prolong what a typed password opens; not for more than an hour."""
    if time.time() - session.get("fs_paa", 0) > LONGEST_FRESH.total_seconds():
        session.pop("fs_gexp", None)


def _is_to_be_seen() -> bool:
    return "device" in session and time.time() - session.get("seen", 0) > SEEN_EVERY


def access_of(app: Flask, endpoint: str) -> str:
    return SECURITY.get(endpoint) or str(getattr(app.view_functions.get(endpoint), "access", "UNDECLARED"))


def table(app: Flask) -> dict[str, str]:
    """Each reachable endpoint and who may open it; one of ours that does not say is `UNDECLARED`."""
    return {
        rule.endpoint: access_of(app, rule.endpoint)
        for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.endpoint)
        if rule.endpoint != "static" and not (rule.endpoint.startswith("security.") and rule.endpoint not in SECURITY)
    }
