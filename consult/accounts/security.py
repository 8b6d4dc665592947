"""Flask-Security, told how this house does things: its mails go through the outbox, its words are ours."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask, Response, after_this_request
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from flask_security import (
    LoginForm,
    MailUtil,
    RegisterFormV2,
    Security,
    SQLAlchemyUserDatastore,
    password_changed,
    password_reset,
    uia_email_mapper,
    user_confirmed,
    user_registered,
)
from wtforms import StringField

from consult.accounts.models import User
from consult.audit.service import record
from consult.database import now
from consult.extensions import db, limiter
from consult.outbox import service as outbox
from consult.web.forms import needed, up_to


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


# what Flask-Security changes is recorded like everything else
CHANGES = {
    user_registered: _recorded("account.created"),
    user_confirmed: _recorded("account.confirmed"),
    password_changed: _recorded("account.password_changed"),
    password_reset: _recorded("account.password_reset"),
}


def register(app: Flask) -> None:
    for name, value in SETTINGS.items():
        app.config.setdefault(name, value)
    # no roles of Flask-Security's: `User.role` and the policies are ours
    store = SQLAlchemyUserDatastore(db, User, User)  # type: ignore[arg-type]
    Security(login_form=SignInForm, register_form=SignUpForm, mail_util_cls=OutboxMail).init_app(app, store)
    for signal, receive in CHANGES.items():
        signal.connect(receive, app)
    limiter.limit("30 per minute; 200 per hour", methods=["POST"])(app.blueprints["security"])  # type: ignore[call-overload]
