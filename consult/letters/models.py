"""What is kept of a letter: enough to say whether it is valid, and no more."""

from datetime import date, datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from consult.database import Model, new_secret
from consult.words import Word


class LetterKind(Word):
    DECISION = "decision", _l("Decision on accreditation")
    VISA_SUPPORT = "visa_support", _l("Visa support")


class Letter(Model):
    """`code` is the address at which it is checked. What it is about is a reference, so any later domain can write
    letters. `first_day` and `last_day` are the dates it certifies; `is_replaced` says that it ended with a newer one.
    """

    __tablename__ = "letter"

    code: Mapped[str] = mapped_column(String(40), unique=True, default=new_secret)
    kind: Mapped[LetterKind]
    about: Mapped[str] = mapped_column(String(40), index=True)
    scope: Mapped[str] = mapped_column(String(40))
    initials: Mapped[str] = mapped_column(String(20))
    event_title: Mapped[str] = mapped_column(String(300))
    first_day: Mapped[date | None]
    last_day: Mapped[date | None]
    issued_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    is_replaced: Mapped[bool] = mapped_column(default=False)

    @property
    def number(self) -> str:
        """What stands on the letter."""
        return f"L-{self.ref}"

    @property
    def is_valid(self) -> bool:
        return self.ended_at is None
