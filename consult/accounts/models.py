"""People who sign in."""

from datetime import datetime
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from flask_security import UserMixin
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from consult.database import Model, new_secret
from consult.words import Word


class Role(Word):
    """What a person is for the whole site; what they are for one event or organisation stands there."""

    PERSON = "person", _l("Participant")
    SECRETARIAT = "secretariat", _l("Secretariat")
    ADMINISTRATOR = "administrator", _l("Administrator")


class User(UserMixin, Model):
    """Addresses are kept in lower case, so that one mailbox has one account."""

    __tablename__ = "user"

    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True, default=new_secret)
    confirmed_at: Mapped[datetime | None]
    role: Mapped[Role] = mapped_column(default=Role.PERSON)
    language: Mapped[str] = mapped_column(String(8), default="")
    timezone: Mapped[str] = mapped_column(String(40), default="")

    # Flask-Security's own roles are not used: `role` and the policies are
    roles: ClassVar[list[Any]] = []  # type: ignore[misc]

    @property
    def is_secretariat(self) -> bool:
        """An administrator may do what the secretariat may."""
        return self.role in {Role.SECRETARIAT, Role.ADMINISTRATOR}

    @property
    def is_administrator(self) -> bool:
        return self.role is Role.ADMINISTRATOR
