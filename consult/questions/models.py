"""A set of questions belongs to whatever asks them: a process, a call for written input."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from babel.dates import format_date
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from consult.database import Model, to
from consult.words import Word


class QuestionKind(Word):
    """What an answer is: a text; one or some of the choices; “yes” or “no”; an ISO date; a document's reference."""

    TEXT = "text", _l("Short text")
    LONG_TEXT = "long_text", _l("Long text")
    CHOICE = "choice", _l("One of several choices")
    MANY = "many", _l("Any of several choices")
    YES_NO = "yes_no", _l("Yes or no")
    DATE = "date", _l("Date")
    FILE = "file", _l("File")


class QuestionSet(Model):
    __tablename__ = "question_set"

    questions: Mapped[list["Question"]] = relationship(
        back_populates="question_set", order_by="Question.position", cascade="all, delete-orphan", lazy="raise_on_sql"
    )


class Question(Model):
    """`shown_if` is the position of another question of the set: this one is asked if that has `shown_value`."""

    __tablename__ = "question"
    __table_args__ = (
        CheckConstraint("word_limit IS NULL OR word_limit > 0", name="word_limit"),
        CheckConstraint("shown_if < position", name="shown_if"),
    )

    question_set_id: Mapped[int] = mapped_column(to("question_set.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    kind: Mapped[QuestionKind] = mapped_column(default=QuestionKind.LONG_TEXT)
    text: Mapped[str] = mapped_column(Text)
    help: Mapped[str] = mapped_column(Text, default="")
    choices: Mapped[list[str]] = mapped_column(default=list)
    word_limit: Mapped[int | None]
    is_required: Mapped[bool] = mapped_column(default=True)
    shown_if: Mapped[int | None]
    shown_value: Mapped[str] = mapped_column(String(200), default="")

    question_set: Mapped[QuestionSet] = relationship(back_populates="questions", lazy="raise_on_sql")

    @property
    def field(self) -> str:
        """The name of its field in a form."""
        return f"q_{self.ref}"

    def said(self, answers: Mapping[str, Any]) -> str:
        """The answer as people read it; empty if there is none."""
        answer = answers.get(self.ref) or ""
        if self.kind is QuestionKind.YES_NO and answer:
            return _("Yes") if answer == "yes" else _("No")
        if self.kind is QuestionKind.DATE and answer:
            return format_date(date.fromisoformat(answer), "d MMMM y", locale=get_locale())
        return ", ".join(answer) if isinstance(answer, list) else str(answer)
