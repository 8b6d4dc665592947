"""Calls, submissions and their versions."""

from datetime import datetime
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from consult.accounts.models import User
from consult.database import Model, to
from consult.events.models import Event, Window
from consult.organisations.models import Organisation
from consult.questions.models import QuestionSet
from consult.transitions import Moves
from consult.words import Word


class SubmissionStatus(Word):
    DRAFT = "draft", _l("Draft"), "plain"
    SUBMITTED = "submitted", _l("Submitted"), "good"
    WITHDRAWN = "withdrawn", _l("Withdrawn"), "plain"


class Call(Model):
    """Questions put to participants before or after an event.

    It is open within the event's window for inputs; `closes_at`, if given, ends it earlier.
    """

    __tablename__ = "call"

    event_id: Mapped[int] = mapped_column(to("event.id"), index=True)
    title: Mapped[str] = mapped_column(String(300))
    introduction: Mapped[str] = mapped_column(Text, default="")
    closes_at: Mapped[datetime | None]
    question_set_id: Mapped[int] = mapped_column(to("question_set.id"))

    event: Mapped[Event] = relationship(lazy="raise_on_sql")
    question_set: Mapped[QuestionSet] = relationship(lazy="raise_on_sql")

    @property
    def window(self) -> Window:
        closes = self.event.inputs_closes_at
        return Window(self.event.inputs_opens_at, min(closes, self.closes_at) if closes and self.closes_at else closes)


class Submission(Model):
    """What one author wrote to one call. `answers` is what is being written; what was sent stands in the versions."""

    __tablename__ = "submission"
    __table_args__ = (
        Index("ix_submission_call_id_status", "call_id", "status", "id"),
        Index("ix_submission_author_call", "author_id", "call_id"),
    )
    MOVES: ClassVar[Moves[SubmissionStatus]] = {
        SubmissionStatus.DRAFT: frozenset({SubmissionStatus.SUBMITTED, SubmissionStatus.WITHDRAWN}),
        SubmissionStatus.SUBMITTED: frozenset({SubmissionStatus.SUBMITTED, SubmissionStatus.WITHDRAWN}),
        SubmissionStatus.WITHDRAWN: frozenset(),
    }

    call_id: Mapped[int] = mapped_column(to("call.id"))
    author_id: Mapped[int] = mapped_column(to("user.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(to("organisation.id"), index=True)
    status: Mapped[SubmissionStatus] = mapped_column(default=SubmissionStatus.DRAFT)
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    saved_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]

    call: Mapped[Call] = relationship(lazy="raise_on_sql")
    author: Mapped[User] = relationship(lazy="raise_on_sql")
    organisation: Mapped[Organisation | None] = relationship(lazy="raise_on_sql")
    versions: Mapped[list["SubmissionVersion"]] = relationship(
        back_populates="submission", order_by="SubmissionVersion.number", lazy="raise_on_sql"
    )

    @property
    def number(self) -> str:
        """The reference number of the receipt."""
        return f"W-{self.ref}"

    @property
    def in_the_name_of(self) -> str:
        return self.organisation.name if self.organisation else self.author.name


class SubmissionVersion(Model):
    """What was sent at one time: never changed."""

    __tablename__ = "submission_version"
    __table_args__ = (UniqueConstraint("submission_id", "number"),)

    submission_id: Mapped[int] = mapped_column(to("submission.id"))
    number: Mapped[int]
    submitted_at: Mapped[datetime]
    answers: Mapped[dict[str, Any]]

    submission: Mapped[Submission] = relationship(back_populates="versions", lazy="raise_on_sql")
