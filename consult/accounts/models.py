"""People who sign in, with what they sign in."""

import hashlib
from datetime import datetime
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from flask_security import UserMixin, WebAuthnMixin
from sqlalchemy import JSON, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from consult.database import Model, new_secret, to
from consult.words import Word


class Role(Word):
    """What a person is for the whole site; what they are for one event or organisation stands there."""

    PERSON = "person", _l("Participant")
    SECRETARIAT = "secretariat", _l("Secretariat")
    ADMINISTRATOR = "administrator", _l("Administrator")


def hashed(secret: str) -> str:
    """What is kept of a secret that only its bearer knows."""
    return hashlib.sha256(secret.encode()).hexdigest()


class User(UserMixin, Model):
    """Addresses are kept in lower case, so that one mailbox has one account."""

    __tablename__ = "user"

    email: Mapped[str] = mapped_column(String(254), unique=True)
    email_domain: Mapped[str] = mapped_column(String(254), default="", index=True)
    name: Mapped[str] = mapped_column(String(200))
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True, default=new_secret)
    confirmed_at: Mapped[datetime | None]
    role: Mapped[Role] = mapped_column(default=Role.PERSON)
    language: Mapped[str] = mapped_column(String(8), default="")
    timezone: Mapped[str] = mapped_column(String(40), default="")
    # Flask-Security's names: secrets and codes are encrypted with keys made from SECRET_KEY
    tf_primary_method: Mapped[str | None] = mapped_column(String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(String(255))
    totp_counter: Mapped[int | None]
    mf_recovery_codes: Mapped[list[Any] | None] = mapped_column(MutableList.as_mutable(JSON()))
    fs_webauthn_user_handle: Mapped[str | None] = mapped_column(  # type: ignore[assignment]
        String(64), unique=True
    )

    # read by Flask-Security wherever it asks for a second factor
    webauthn: Mapped[list["Passkey"]] = relationship(  # type: ignore[assignment]
        cascade="all, delete-orphan", lazy="select"
    )

    # Flask-Security's own roles and text messages are not used
    roles: ClassVar[list[Any]] = []  # type: ignore[misc]
    tf_phone_number: ClassVar[str | None] = None  # type: ignore[misc]

    @validates("email")
    def _note_domain(self, _key: str, email: str) -> str:
        self.email_domain = email.rsplit("@", 1)[-1]
        return email

    @property
    def is_secretariat(self) -> bool:
        """An administrator may do what the secretariat may."""
        return self.role in {Role.SECRETARIAT, Role.ADMINISTRATOR}

    @property
    def is_administrator(self) -> bool:
        return self.role is Role.ADMINISTRATOR

    @property
    def has_second_factor(self) -> bool:
        """An authenticator app, or a passkey."""
        return bool(self.tf_primary_method) or bool(self.webauthn)


class Passkey(WebAuthnMixin, Model):
    """A passkey or security key; the columns are those Flask-Security asks for."""

    __tablename__ = "passkey"
    __table_args__ = (UniqueConstraint("user_id", "name"),)

    user_id: Mapped[int] = mapped_column(to("user.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(64))
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1024), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(default=0)
    transports: Mapped[list[Any] | None] = mapped_column(MutableList.as_mutable(JSON()))
    backup_state: Mapped[bool]
    device_type: Mapped[str] = mapped_column(String(64))
    extensions: Mapped[str | None] = mapped_column(String(255))
    usage: Mapped[str] = mapped_column(String(64))
    lastuse_datetime: Mapped[datetime]

    def get_user_mapping(self) -> dict[str, Any]:
        return {"id": self.user_id}


class Device(Model):
    """A browser at which a person is signed in; its cookie holds the key, of which only the hash is kept.

    The session ends at `ends_at`, or when nothing was done for `idle_minutes`: sooner for roles that open other
    people's data.
    """

    __tablename__ = "device"

    user_id: Mapped[int] = mapped_column(to("user.id", ondelete="CASCADE"), index=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    browser: Mapped[str] = mapped_column(String(60))
    signed_in_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    idle_minutes: Mapped[int]


class LinkPurpose(Word):
    """What a mailed link does for whoever proves the mailbox by it."""

    SIGN_UP = "sign_up", _l("Create an account")
    SIGN_IN = "sign_in", _l("Sign in")
    NEW_PASSWORD = "new_password", _l("Choose a new password")


class MailedLink(Model):
    """A link that was mailed to an address and works once; only the hash of its key is kept.

    A row is written for addresses without an account too, so that nothing tells them apart. `next_path` is where
    the person was going.
    """

    __tablename__ = "mailed_link"
    __table_args__ = (Index("ix_mailed_link_email", "email", "purpose", "made_at"),)

    purpose: Mapped[LinkPurpose]
    email: Mapped[str] = mapped_column(String(254))
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    next_path: Mapped[str] = mapped_column(String(500), default="")


class FailedAttempts(Model):
    """Wrong passwords or codes in a row: of an account, a device or a network. `key` is a fingerprint of which."""

    __tablename__ = "failed_attempts"

    key: Mapped[str] = mapped_column(String(64), unique=True)
    number: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(index=True)


class AddressChange(Model):
    """A change of address that waits for both mailboxes: each has been sent a key of its own."""

    __tablename__ = "address_change"
    __table_args__ = (Index("ix_address_change_old_key_hash", "old_key_hash"),)

    user_id: Mapped[int] = mapped_column(to("user.id", ondelete="CASCADE"), unique=True)
    email: Mapped[str] = mapped_column(String(254))
    old_key_hash: Mapped[str] = mapped_column(String(64))
    new_key_hash: Mapped[str] = mapped_column(String(64), index=True)
    asked_at: Mapped[datetime]
    old_confirmed_at: Mapped[datetime | None]
    new_confirmed_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(lazy="raise_on_sql")
