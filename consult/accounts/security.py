"""Flask-Security, told how this house does things: its mails go through the outbox, its words are ours."""

import base64
import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask, Response, after_this_request, request, session
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from flask_login import user_logged_out
from flask_security import (
    LoginForm,
    MailUtil,
    RegisterFormV2,
    Security,
    SQLAlchemyUserDatastore,
    Totp,
    password_changed,
    password_reset,
    tf_disabled,
    tf_profile_changed,
    uia_email_mapper,
    user_authenticated,
    user_confirmed,
    user_registered,
    wan_deleted,
    wan_registered,
)
from wtforms import StringField

from consult.accounts import mails, service
from consult.accounts.models import Passkey, User
from consult.audit.service import record
from consult.database import now
from consult.extensions import db
from consult.outbox import service as outbox
from consult.web.forms import needed, up_to
from consult.web.limits import limited


def _identity(text: str) -> str | None:
    """What is typed as an address at sign-in, as we keep it; None if it is none."""
    address = uia_email_mapper(text)
    return address.lower() if address else None


SETTINGS = {
    "SECURITY_BLUEPRINT_NAME": "security",
    "SECURITY_PASSWORD_HASH": "argon2",
    "SECURITY_PASSWORD_SINGLE_HASH": ["argon2"],
    "SECURITY_PASSWORD_SALT": "not used by argon2, which salts each password",
    "SECURITY_PASSWORD_LENGTH_MIN": 10,
    "SECURITY_PASSWORD_CONFIRM_REQUIRED": False,
    "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
    "SECURITY_USER_IDENTITY_ATTRIBUTES": [{"email": {"mapper": _identity, "case_insensitive": False}}],
    "SECURITY_REGISTERABLE": True,
    "SECURITY_CONFIRMABLE": True,
    "SECURITY_RECOVERABLE": True,
    "SECURITY_CHANGEABLE": True,
    "SECURITY_RETURN_GENERIC_RESPONSES": True,
    "SECURITY_AUTO_LOGIN_AFTER_CONFIRM": False,
    "SECURITY_CONFIRM_EMAIL_WITHIN": timedelta(days=5),
    "SECURITY_RESET_PASSWORD_WITHIN": timedelta(hours=4),
    "SECURITY_LOGIN_URL": "/sign-in",
    "SECURITY_LOGOUT_URL": "/sign-out",
    "SECURITY_REGISTER_URL": "/sign-up",
    "SECURITY_CONFIRM_URL": "/confirm",
    "SECURITY_RESET_URL": "/reset-password",
    "SECURITY_CHANGE_URL": "/account/password",
    "SECURITY_VERIFY_URL": "/account/verify",
    "SECURITY_LOGOUT_METHODS": ["POST"],
    "SECURITY_LOGOUT_CSRF": True,
    "SECURITY_POST_LOGIN_VIEW": "portal.mine",
    "SECURITY_POST_CONFIRM_VIEW": "security.login",
    "SECURITY_POST_REGISTER_VIEW": "accounts.check_mail",
    "SECURITY_POST_CHANGE_VIEW": "accounts.settings",
    "SECURITY_POST_RESET_VIEW": "security.login",
    "SECURITY_EMAIL_PLAINTEXT": False,
    "SECURITY_EMAIL_HTML": False,
    "SECURITY_JOIN_USER_ROLES": False,
    "SECURITY_DATETIME_FACTORY": now,
    "SECURITY_LOGIN_USER_TEMPLATE": "accounts/sign_in.html",
    "SECURITY_REGISTER_USER_TEMPLATE": "accounts/sign_up.html",
    "SECURITY_FORGOT_PASSWORD_TEMPLATE": "accounts/forgot_password.html",
    "SECURITY_RESET_PASSWORD_TEMPLATE": "accounts/reset_password.html",
    "SECURITY_CHANGE_PASSWORD_TEMPLATE": "accounts/change_password.html",
    "SECURITY_SEND_CONFIRMATION_TEMPLATE": "accounts/send_confirmation.html",
    "SECURITY_VERIFY_TEMPLATE": "accounts/verify.html",
    # the second factor: an authenticator app or passkeys, with recovery codes
    "SECURITY_TWO_FACTOR": True,
    "SECURITY_TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
    "SECURITY_TWO_FACTOR_RESCUE_EMAIL": False,
    "SECURITY_TWO_FACTOR_SETUP_URL": "/account/second-factor/app",
    "SECURITY_TWO_FACTOR_TOKEN_VALIDATION_URL": "/sign-in/code",
    "SECURITY_TWO_FACTOR_SELECT_URL": "/sign-in/second-factor",
    "SECURITY_TWO_FACTOR_POST_SETUP_VIEW": "accounts.second_factor",
    "SECURITY_TWO_FACTOR_SETUP_TEMPLATE": "accounts/authenticator.html",
    "SECURITY_TWO_FACTOR_VERIFY_CODE_TEMPLATE": "accounts/code.html",
    "SECURITY_TWO_FACTOR_SELECT_TEMPLATE": "accounts/select_factor.html",
    "SECURITY_MULTI_FACTOR_RECOVERY_CODES": True,
    "SECURITY_MULTI_FACTOR_RECOVERY_CODES_N": 8,
    "SECURITY_MULTI_FACTOR_RECOVERY_CODES_URL": "/account/second-factor/recovery-codes",
    "SECURITY_MULTI_FACTOR_RECOVERY_URL": "/sign-in/recovery-code",
    "SECURITY_MULTI_FACTOR_RECOVERY_CODES_TEMPLATE": "accounts/recovery_codes.html",
    "SECURITY_MULTI_FACTOR_RECOVERY_TEMPLATE": "accounts/recovery_code.html",
    "SECURITY_WEBAUTHN": True,
    "SECURITY_WAN_ALLOW_AS_FIRST_FACTOR": False,
    "SECURITY_WAN_ALLOW_AS_MULTI_FACTOR": False,
    "SECURITY_WAN_ALLOW_AS_VERIFY": [],
    "SECURITY_WAN_REGISTER_URL": "/account/second-factor/passkeys",
    "SECURITY_WAN_DELETE_URL": "/account/second-factor/passkeys/remove",
    "SECURITY_WAN_SIGNIN_URL": "/sign-in/passkey",
    "SECURITY_WAN_POST_REGISTER_VIEW": "accounts.second_factor",
    "SECURITY_WAN_REGISTER_TEMPLATE": "accounts/passkeys.html",
    "SECURITY_WAN_SIGNIN_TEMPLATE": "accounts/passkey.html",
}


class SignUpForm(RegisterFormV2):
    name = StringField(_l("Your name"), validators=[needed(_l("Enter your name.")), up_to(200)])


class SignInForm(LoginForm):
    def validate(self, **kwargs: Any) -> bool:
        self.email.data = (self.email.data or "").strip().lower()
        return bool(super().validate(**kwargs))


class OutboxMail(MailUtil):
    """Keeps addresses in lower case; posts what Flask-Security mails, so that it is retried like every other mail."""

    def validate(self, email: str) -> str:
        return str(super().validate(email)).lower()

    def normalize(self, email: str) -> str:
        return str(super().normalize(email)).lower()

    def send_mail(self, template: str, subject: str, recipient: Any, *_rendered: Any, **context: Any) -> None:
        user: User = context["user"]
        links = {key: str(value) for key, value in context.items() if key.endswith("_link") and value}
        message = outbox.Post(
            template=f"accounts/{template.rsplit('/', 1)[-1]}",
            to=str(recipient),
            about=f"user:{user.ref}",
            language=user.language or str(get_locale() or "en"),
            context={"name": user.name, **links},
        )
        outbox.post(message)
        after_this_request(_commit)  # Flask-Security commits only what it changed itself


def _commit(response: Response) -> Response:
    db.session.commit()
    return response


def _recorded(action: str) -> Callable[..., None]:
    def receive(_app: Flask, *, user: User, **_: Any) -> None:
        db.session.flush()
        record(action, about=f"user:{user.ref}", by=user)

    return receive


def _signed_in(_app: Flask, *, user: User, **_: Any) -> None:
    """Each browser at which somebody is signed in stands in their list.

    “Keep me signed in” makes the session's own cookie last; Flask-Login's second cookie, which no list could
    end, is never set.
    """
    if old := session.pop("device", None):
        service.forget_device(old)
    session.permanent = session.pop("_remember", None) == "set" or session.permanent
    session["device"] = service.remember_device(user, browser=browser_name(request.user_agent.string), at=now())
    after_this_request(_commit)


def _signed_out(_app: Flask, **_: Any) -> None:
    if key := session.pop("device", None):
        service.forget_device(key)
        after_this_request(_commit)


def _others_signed_out(_app: Flask, *, user: User, **_: Any) -> None:
    """A new password ends what was signed in with the old one."""
    service.sign_out_others(user, key=session.get("device", ""), by=user)


def _factor_changed(change: str) -> Callable[..., None]:
    def receive(_app: Flask, *, user: User, **_: Any) -> None:
        mails.tell_second_factor(user, change=change)
        record(f"account.second_factor_{change}", about=f"user:{user.ref}", by=user)
        after_this_request(_commit)

    return receive


# what Flask-Security changes is recorded like everything else
CHANGES = [
    (user_registered, _recorded("account.created")),
    (user_confirmed, _recorded("account.confirmed")),
    (password_changed, _recorded("account.password_changed")),
    (password_reset, _recorded("account.password_reset")),
    (password_changed, _others_signed_out),
    (password_reset, _others_signed_out),
    (user_authenticated, _signed_in),
    (user_logged_out, _signed_out),
    (tf_profile_changed, _factor_changed("set")),
    (wan_registered, _factor_changed("set")),
    (tf_disabled, _factor_changed("removed")),
    (wan_deleted, _factor_changed("removed")),
]
_BROWSERS = {"Edg": "Edge", "OPR": "Opera", "SamsungBrowser": "Samsung Internet", "Firefox": "Firefox",
             "Chrome": "Chrome", "Safari": "Safari"}  # fmt: skip
_SYSTEMS = {"Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Windows": "Windows", "Mac OS X": "Mac",
            "CrOS": "ChromeOS", "Linux": "Linux"}  # fmt: skip


def browser_name(agent: str) -> str:
    """“Firefox, Windows”: enough for a person to tell their devices apart, and no more is kept."""
    browser = next((name for mark, name in _BROWSERS.items() if f"{mark}/" in agent), "")
    system = next((name for mark, name in _SYSTEMS.items() if mark in agent), "")
    return ", ".join(filter(None, (browser, system))) or re.sub(r"[^\w ./-]", "", agent)[:60]


class OnceTotp(Totp):
    """A code is good once: whoever looked over a shoulder cannot use it again."""

    def get_last_counter(self, user: User) -> int | None:  # type: ignore[override]
        return user.totp_counter

    def set_last_counter(self, user: User, tmatch: Any) -> None:  # type: ignore[override]
        user.totp_counter = tmatch.counter


def _key(app: Flask, purpose: str) -> str:
    """A key of its own for each purpose, made from SECRET_KEY."""
    made = hashlib.sha256(f"{purpose}:{app.config['SECRET_KEY']}".encode()).digest()
    return base64.urlsafe_b64encode(made).decode()


def register(app: Flask) -> None:
    for name, value in SETTINGS.items():
        app.config.setdefault(name, value)
    app.config["SECURITY_TOTP_SECRETS"] = {"1": _key(app, "totp")}
    app.config["SECURITY_TOTP_ISSUER"] = app.config["SECURITY_WAN_RP_NAME"] = app.config["SITE_NAME"]
    app.config["SECURITY_MULTI_FACTOR_RECOVERY_CODES_KEYS"] = [_key(app, "recovery codes").encode()]
    # no roles of Flask-Security's: `User.role` and the policies are ours
    store = SQLAlchemyUserDatastore(db, User, User, Passkey)  # type: ignore[arg-type]
    Security(login_form=SignInForm, register_form=SignUpForm, mail_util_cls=OutboxMail, totp_cls=OnceTotp).init_app(
        app, store
    )
    for signal, receive in CHANGES:
        signal.connect(receive, app)
    limited("guess", methods=["POST"])(app.blueprints["security"])
