"""Flask-Security, told how Consult does things: sign-in with a password, second factors, and change of password.

Sign-up, sign-in links and forgotten passwords are ours (`service.links`): whoever proves the mailbox by a button
chooses the password, and no address in a mail is made from a request.
"""

import base64
import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask, Response, after_this_request, current_app, request, session
from flask_babel import ngettext
from flask_login import current_user, user_logged_out
from flask_security import (
    ChangePasswordForm,
    LoginForm,
    MailUtil,
    MfRecoveryCodesUtil,
    MfRecoveryForm,
    PasswordUtil,
    Security,
    SQLAlchemyUserDatastore,
    Totp,
    TwoFactorVerifyCodeForm,
    VerifyForm,
    hash_password,
    password_changed,
    tf_disabled,
    tf_profile_changed,
    uia_email_mapper,
    user_authenticated,
    verify_password,
    wan_deleted,
    wan_registered,
)

from consult.accounts import access, known_devices, mails, passwords
from consult.accounts.models import Passkey, User
from consult.accounts.service import devices, throttle
from consult.addresses import canonical
from consult.audit.service import record
from consult.database import begin_writing, now
from consult.extensions import db
from consult.web.limits import limited, network


def _identity(text: str) -> str | None:
    """What is typed as an address at sign-in, as we keep it; None if it is none."""
    address = uia_email_mapper(text)
    return canonical(address) if address else None


SETTINGS = {
    "SECURITY_BLUEPRINT_NAME": "security",
    "SECURITY_PASSWORD_HASH": "argon2",
    "SECURITY_PASSWORD_SINGLE_HASH": ["argon2"],
    "SECURITY_PASSWORD_SALT": "not used by argon2, which salts each password",
    "SECURITY_PASSWORD_LENGTH_MIN": 10,
    "SECURITY_PASSWORD_CONFIRM_REQUIRED": False,
    "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
    "SECURITY_USER_IDENTITY_ATTRIBUTES": [{"email": {"mapper": _identity, "case_insensitive": False}}],
    "SECURITY_CONFIRMABLE": True,  # an account that was never confirmed cannot sign in
    "SECURITY_CHANGEABLE": True,
    "SECURITY_RETURN_GENERIC_RESPONSES": True,
    "SECURITY_LOGIN_URL": "/sign-in",
    "SECURITY_LOGOUT_URL": "/sign-out",
    "SECURITY_CHANGE_URL": "/account/password",
    "SECURITY_VERIFY_URL": "/account/verify",
    "SECURITY_LOGOUT_METHODS": ["POST"],
    "SECURITY_LOGOUT_CSRF": True,
    "SECURITY_POST_LOGIN_VIEW": "portal.mine",
    "SECURITY_POST_CHANGE_VIEW": "accounts.settings",
    "SECURITY_SEND_PASSWORD_CHANGE_EMAIL": False,  # ours goes through the outbox
    "SECURITY_FRESHNESS": access.FRESH,
    "SECURITY_FRESHNESS_GRACE_PERIOD": access.FRESH,
    "SECURITY_JOIN_USER_ROLES": False,
    "SECURITY_DATETIME_FACTORY": now,
    "SECURITY_LOGIN_USER_TEMPLATE": "accounts/sign_in.html",
    "SECURITY_CHANGE_PASSWORD_TEMPLATE": "accounts/change_password.html",
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


class _Guarded:
    """A form at which a password or a code can be guessed: wrong ones make the next wait longer.

    Mixed into Flask-Security's forms. What is said while waiting is the same for every address.
    """

    def account(self) -> str:
        """The address that is guessed at."""
        raise NotImplementedError

    def validate(self, **kwargs: Any) -> bool:
        address = self.account()
        device = known_devices.known_device(address.removeprefix("code:"))
        source = throttle.Source(account=address, network=network(), device=device)
        field = getattr(self, "code", None) or self.password  # type: ignore[attr-defined]
        if not field.data:
            return bool(super().validate(**kwargs))  # type: ignore[misc]
        wait = throttle.begin_guess(source, at=now())
        db.session.commit()  # now it counts, for guesses that were sent at the same time too
        begin_writing()
        if wait:
            self.form_errors.append(_too_many(wait))  # type: ignore[attr-defined]
            return False
        is_right = bool(super().validate(**kwargs))  # type: ignore[misc]
        if is_right:
            throttle.forget(source)
        elif not self.was_judged():
            throttle.take_back(source)
        else:
            throttle.note_failure(source, at=now())
            person = getattr(self, "user", None)
            if person is not None:
                record("account.sign_in_refused", about=f"user:{person.ref}", by=None, detail=network())
        after_this_request(_commit)
        return is_right

    def was_judged(self) -> bool:
        """Of a form that was refused: whether it was for the password or code that was guessed."""
        return True


def _too_many(wait: timedelta) -> str:
    minutes = max(1, -(-wait // timedelta(minutes=1)))
    return ngettext(
        "There were too many wrong tries. Wait a minute, or have a link sent to you.",
        "There were too many wrong tries. Wait %(num)d minutes, or have a link sent to you.",
        minutes,
    )


class SignInForm(_Guarded, LoginForm):
    def account(self) -> str:
        return canonical(self.email.data or "")

    def validate(self, **kwargs: Any) -> bool:
        self.email.data = self.account()
        return super().validate(**kwargs)


class CodeForm(_Guarded, TwoFactorVerifyCodeForm):
    def account(self) -> str:
        return f"code:{self.user.email}" if self.user else ""


class RecoveryCodeForm(_Guarded, MfRecoveryForm):
    def account(self) -> str:
        return f"code:{self.user.email}" if self.user else ""


class PasswordAgainForm(_Guarded, VerifyForm):
    def account(self) -> str:
        return str(self.user.email)

    def validate(self, **kwargs: Any) -> bool:
        is_right = super().validate(**kwargs)
        if is_right:
            session["device"] = devices.renew_key(session.get("device", ""))
        return is_right


class NewPasswordForm(_Guarded, ChangePasswordForm):
    """Whoever finds a browser signed in does not guess the password here either."""

    def account(self) -> str:
        return str(current_user.email)

    def was_judged(self) -> bool:
        return bool(self.password.errors)


class Passwords(PasswordUtil):
    """What Flask-Security asks of a new password is asked by `passwords.problem`."""

    def validate(self, password: str, is_register: bool, **kwargs: Any) -> tuple[list[str] | None, str]:
        normal = self.normalize(password)  # the same form as `passwords.normal`, which NORMALIZE_FORM names
        person = kwargs.get("user")
        known = [person.email, person.name] if person else []
        problem = passwords.problem(normal, known=[*known, current_app.config["SITE_NAME"]])
        return ([problem] if problem else None), normal


class NoMail(MailUtil):
    """Keeps addresses in one form. All our mails are written by our own functions, with links from BASE_URL."""

    def validate(self, email: str) -> str:
        return canonical(str(super().validate(email)))

    def normalize(self, email: str) -> str:
        return canonical(str(super().normalize(email)))

    def send_mail(self, template: str, *_rendered: Any, **_context: Any) -> None:
        raise RuntimeError(f"Flask-Security wants to send {template}: switch it off, or write a mail of our own")


def _commit(response: Response) -> Response:
    db.session.commit()
    return response


def _signed_in(_app: Flask, *, user: User, **_: Any) -> None:
    """Each browser at which somebody is signed in stands in their list.

    “Keep me signed in” makes the session's own cookie last; Flask-Login's second cookie, which no list could
    end, is never set.
    """
    if old := session.pop("device", None):
        devices.forget_device(old)
    session.permanent = session.pop("_remember", None) == "set" or session.permanent
    session["device"] = devices.remember_device(
        user, browser=browser_name(request.user_agent.string), limits=access.session_limits(user), at=now()
    )
    known_devices.remember(user)
    after_this_request(_commit)


def _signed_out(_app: Flask, **_: Any) -> None:
    if key := session.pop("device", None):
        devices.forget_device(key)
        after_this_request(_commit)


def _others_signed_out(_app: Flask, *, user: User, **_: Any) -> None:
    """A new password ends what was signed in with the old one."""
    record("account.password_changed", about=f"user:{user.ref}", by=user)
    devices.sign_out_others(user, key=session.get("device", ""), by=user)
    mails.tell_password_changed(user)


def _factor_changed(change: str) -> Callable[..., None]:
    def receive(_app: Flask, *, user: User, **_: Any) -> None:
        mails.tell_second_factor(user, change=change)
        record(f"account.second_factor_{change}", about=f"user:{user.ref}", by=user)
        after_this_request(_commit)

    return receive


# what Flask-Security changes is recorded like everything else
CHANGES = [
    (password_changed, _others_signed_out),
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


class HashedRecoveryCodes(MfRecoveryCodesUtil):
    """Recovery codes are kept as passwords are: hashed, and shown once. Those that an earlier release encrypted are
    good until they are used or made anew."""

    def create_recovery_codes(self, user: User) -> list[str]:  # type: ignore[override]
        store = current_app.extensions["security"]
        codes: list[str] = store.totp_factory.generate_recovery_codes(8)
        store.datastore.mf_set_recovery_codes(user, [hash_password(code) for code in codes])
        return codes

    def get_recovery_codes(self, user: User) -> list[str]:  # type: ignore[override]
        return []

    def check_recovery_code(self, user: User, code: str) -> bool:  # type: ignore[override]
        return self._place(user, code) is not None

    def delete_recovery_code(self, user: User, code: str) -> bool:  # type: ignore[override]
        place = self._place(user, code)
        store = current_app.extensions["security"].datastore
        return place is not None and bool(store.mf_delete_recovery_code(user, place))

    def _place(self, user: User, code: str) -> int | None:
        """Where in the list the code is."""
        for place, kept in enumerate(user.mf_recovery_codes or []):
            is_it = verify_password(code, kept) if kept.startswith("$argon2") else code in self._decrypt_codes([kept])
            if is_it:
                return place
        return None


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
    Security(
        login_form=SignInForm,
        change_password_form=NewPasswordForm,
        verify_form=PasswordAgainForm,
        two_factor_verify_code_form=CodeForm,
        mf_recovery_form=RecoveryCodeForm,
        mf_recovery_codes_util_cls=HashedRecoveryCodes,
        mail_util_cls=NoMail,
        password_util_cls=Passwords,
        totp_cls=OnceTotp,
    ).init_app(app, store)
    # a person is known by the session alone, which ends and is listed; not by a token in an address or a body
    app.login_manager.request_loader(lambda _request: None)  # type: ignore[attr-defined]
    for signal, receive in CHANGES:
        signal.connect(receive, app)
    limited("guess", methods=["POST"])(app.blueprints["security"])
