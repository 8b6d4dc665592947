"""Forms that only confirmed participants get, before or after the meeting."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from consult.database import Model, to
from consult.events.models import Event
from consult.questions.models import QuestionSet
from consult.registration.models.registrations import Registration
from consult.transitions import Moves
from consult.words import Word


class FollowUpStatus(Word):
    DRAFT = "draft", _l("Draft"), "plain"
    SENDING = "sending", _l("Being sent"), "wait"
    SENT = "sent", _l("Sent"), "good"


class FollowUp(Model):
    """Questions to those whose place is confirmed. `sent_to_id` is the last registration that was written to: the
    worker goes on after it, and who is confirmed later finds the form on their own page."""

    __tablename__ = "follow_up"
    __table_args__ = (Index("ix_follow_up_event_id", "event_id", "status"),)
    MOVES: ClassVar[Moves[FollowUpStatus]] = {
        FollowUpStatus.DRAFT: frozenset({FollowUpStatus.SENDING}),
        FollowUpStatus.SENDING: frozenset({FollowUpStatus.SENT}),
        FollowUpStatus.SENT: frozenset(),
    }

    event_id: Mapped[int] = mapped_column(to("event.id"))
    title: Mapped[str] = mapped_column(String(200))
    introduction: Mapped[str] = mapped_column(Text, default="")
    closes_at: Mapped[datetime]
    status: Mapped[FollowUpStatus] = mapped_column(default=FollowUpStatus.DRAFT)
    sent_to_id: Mapped[int] = mapped_column(default=0)
    question_set_id: Mapped[int] = mapped_column(to("question_set.id"), unique=True)

    event: Mapped[Event] = relationship(lazy="raise_on_sql")
    question_set: Mapped[QuestionSet] = relationship(lazy="raise_on_sql")


class FollowUpAnswer(Model):
    """What one participant answered; it can be changed until the form closes."""

    __tablename__ = "follow_up_answer"
    __table_args__ = (UniqueConstraint("follow_up_id", "registration_id"),)

    follow_up_id: Mapped[int] = mapped_column(to("follow_up.id"))
    registration_id: Mapped[int] = mapped_column(to("registration.id", ondelete="CASCADE"), index=True)
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    answered_at: Mapped[datetime]

    follow_up: Mapped[FollowUp] = relationship(lazy="raise_on_sql")
    registration: Mapped[Registration] = relationship(lazy="raise_on_sql")


@dataclass(frozen=True)
class Asked:
    """A follow-up form, and the participant who is to answer it."""

    follow_up: FollowUp
    registration: Registration
