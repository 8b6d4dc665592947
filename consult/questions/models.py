"""A set of questions belongs to whatever asks them: a process, a call for written input."""

from sqlalchemy import CheckConstraint, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from consult.database import Model, to


class QuestionSet(Model):
    __tablename__ = "question_set"

    questions: Mapped[list["Question"]] = relationship(
        back_populates="question_set", order_by="Question.position", cascade="all, delete-orphan", lazy="raise_on_sql"
    )


class Question(Model):
    __tablename__ = "question"
    __table_args__ = (CheckConstraint("word_limit IS NULL OR word_limit > 0", name="word_limit"),)

    question_set_id: Mapped[int] = mapped_column(to("question_set.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    help: Mapped[str] = mapped_column(Text, default="")
    word_limit: Mapped[int | None]
    is_required: Mapped[bool] = mapped_column(default=True)

    question_set: Mapped[QuestionSet] = relationship(back_populates="questions", lazy="raise_on_sql")

    @property
    def field(self) -> str:
        """The name of its field in a form."""
        return f"q_{self.ref}"
