"""Applications, their documents, the steps they went through, and what officers note about them."""

from datetime import datetime
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from consult.accounts.models import User
from consult.accreditation.models.processes import Criterion, Reason
from consult.database import Model, to
from consult.events.models import Event
from consult.extensions import word
from consult.files.models import StoredFile
from consult.organisations.models import Organisation
from consult.transitions import Moves
from consult.words import Word


class ApplicationStatus(Word):
    DRAFT = "draft", _l("Draft"), "plain"
    SUBMITTED = "submitted", _l("Submitted"), "wait"
    IN_REVIEW = "in_review", _l("In review"), "wait"
    INFORMATION_REQUESTED = "information_requested", _l("Information requested"), "wait"
    CIRCULATED = "circulated", _l("Circulated for objections"), "wait"
    APPROVED = "approved", _l("Approved"), "good"
    REJECTED = "rejected", _l("Rejected"), "bad"
    WITHDRAWN = "withdrawn", _l("Withdrawn"), "plain"
    REVOKED = "revoked", _l("Revoked"), "bad"


class Track(Word):
    """The way an application goes."""

    RECOGNISED = "recognised", _l("Recognised organisation")
    SPECIAL = "special", _l("Special accreditation")


class Verdict(Word):
    MET = "met", _l("Met"), "good"
    NOT_MET = "not_met", _l("Not met"), "bad"
    UNSURE = "unsure", _l("Not sure"), "wait"


S = ApplicationStatus
WAITING = (S.SUBMITTED, S.IN_REVIEW)  # it is the officers' turn
DECIDED = (S.APPROVED, S.REJECTED, S.REVOKED)
_ONE = text("duplicate_of_id IS NULL")


class Application(Model):
    """One organisation's wish to be accredited by one process, which is named by its event.

    `answers` are by the questions' references, `profile` is what the organisation said of itself when it was sent.
    `submitted_at` is when it was first sent, `waiting_since` since when it is the officers' turn; empty while it is
    not. `is_two_person`: two people decide it, since its process said so when it was sent. `recommended` is what the
    first of them said; of what is approved, that it should be revoked. `rejected_by_id` and
    `rejection_recommended_by_id` do not act on its reconsideration. Two applications of organisations that were
    merged: the one that went less far points to the other and is in no list.
    """

    __tablename__ = "application"
    __table_args__ = (
        Index(
            "uq_application_one", "event_id", "organisation_id", unique=True, sqlite_where=_ONE, postgresql_where=_ONE
        ),
        Index("ix_application_queue", "event_id", "status", "id", sqlite_where=_ONE, postgresql_where=_ONE),
        Index("ix_application_waiting", "event_id", "waiting_since", "officer_id"),
        Index("ix_application_officer", "officer_id", "event_id", "id"),
        Index("ix_application_decided", "event_id", "decision_seconds"),
    )
    MOVES: ClassVar[Moves[ApplicationStatus]] = {
        S.DRAFT: frozenset({S.SUBMITTED, S.WITHDRAWN}),
        S.SUBMITTED: frozenset({S.IN_REVIEW, S.WITHDRAWN}),
        S.IN_REVIEW: frozenset({S.INFORMATION_REQUESTED, S.CIRCULATED, S.APPROVED, S.REJECTED, S.WITHDRAWN}),
        S.INFORMATION_REQUESTED: frozenset({S.IN_REVIEW, S.WITHDRAWN}),
        S.CIRCULATED: frozenset({S.IN_REVIEW, S.APPROVED, S.WITHDRAWN}),
        S.APPROVED: frozenset({S.REVOKED, S.IN_REVIEW}),
        S.REJECTED: frozenset({S.IN_REVIEW}),
        S.WITHDRAWN: frozenset({S.DRAFT}),
        S.REVOKED: frozenset(),
    }

    event_id: Mapped[int] = mapped_column(to("event.id"))
    organisation_id: Mapped[int] = mapped_column(to("organisation.id"), index=True)
    status: Mapped[ApplicationStatus] = mapped_column(default=ApplicationStatus.DRAFT)
    track: Mapped[Track] = mapped_column(default=Track.SPECIAL)
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    profile: Mapped[dict[str, Any]] = mapped_column(default=dict)
    saved_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    waiting_since: Mapped[datetime | None]
    officer_id: Mapped[int | None] = mapped_column(to("user.id"))
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(to("user.id"))
    decision_seconds: Mapped[int | None]
    reason_id: Mapped[int | None] = mapped_column(to("reason.id"))
    recommended: Mapped[ApplicationStatus | None] = mapped_column(word(ApplicationStatus, name="recommended"))
    recommended_by_id: Mapped[int | None] = mapped_column(to("user.id"))
    recommended_message: Mapped[str] = mapped_column(Text, default="")
    recommended_reason_id: Mapped[int | None] = mapped_column(to("reason.id"))
    is_two_person: Mapped[bool] = mapped_column(default=False)
    reconsideration_asked_at: Mapped[datetime | None]
    rejected_by_id: Mapped[int | None] = mapped_column(to("user.id"))
    rejection_recommended_by_id: Mapped[int | None] = mapped_column(to("user.id"))
    duplicate_of_id: Mapped[int | None] = mapped_column(to("application.id"), index=True)

    event: Mapped[Event] = relationship(lazy="raise_on_sql")
    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")
    officer: Mapped[User | None] = relationship(foreign_keys=[officer_id], lazy="raise_on_sql")
    decided_by: Mapped[User | None] = relationship(foreign_keys=[decided_by_id], lazy="raise_on_sql")
    recommended_by: Mapped[User | None] = relationship(foreign_keys=[recommended_by_id], lazy="raise_on_sql")
    reason: Mapped[Reason | None] = relationship(foreign_keys=[reason_id], lazy="raise_on_sql")
    recommended_reason: Mapped[Reason | None] = relationship(foreign_keys=[recommended_reason_id], lazy="raise_on_sql")
    documents: Mapped[list["ApplicationDocument"]] = relationship(
        back_populates="application", order_by="ApplicationDocument.id", lazy="raise_on_sql"
    )
    steps: Mapped[list["ApplicationStep"]] = relationship(
        back_populates="application", order_by="ApplicationStep.id", lazy="raise_on_sql"
    )

    @property
    def is_with_applicant(self) -> bool:
        """It is the applicant's turn: answers and documents may be changed."""
        return self.status in {S.DRAFT, S.INFORMATION_REQUESTED}

    @property
    def is_waiting(self) -> bool:
        """It is the officers' turn."""
        return self.status in WAITING

    @property
    def number(self) -> str:
        """What people quote in a letter."""
        return f"A-{self.ref}"


class ApplicationDocument(Model):
    """A document sent with an application; `question` is the reference of the question it answers, if it does."""

    __tablename__ = "application_document"

    application_id: Mapped[int] = mapped_column(to("application.id", ondelete="CASCADE"), index=True)
    file_id: Mapped[int] = mapped_column(to("stored_file.id"))
    question: Mapped[str] = mapped_column(default="")

    application: Mapped[Application] = relationship(back_populates="documents", lazy="raise_on_sql")
    file: Mapped[StoredFile] = relationship(lazy="raise_on_sql")


class ApplicationStep(Model):
    """What happened to an application and what was said then; the applicant reads all of it."""

    __tablename__ = "application_step"

    application_id: Mapped[int] = mapped_column(to("application.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    status: Mapped[ApplicationStatus]
    is_applicants: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(Text, default="")
    message: Mapped[str] = mapped_column(Text, default="")

    application: Mapped[Application] = relationship(back_populates="steps", lazy="raise_on_sql")


class ReviewNote(Model):
    """What officers tell each other; applicants never see it."""

    __tablename__ = "review_note"

    application_id: Mapped[int] = mapped_column(to("application.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[int] = mapped_column(to("user.id"))
    at: Mapped[datetime]
    text: Mapped[str] = mapped_column(Text)

    author: Mapped[User] = relationship(lazy="raise_on_sql")


class CriterionCheck(Model):
    """What an officer found about one line of the checklist."""

    __tablename__ = "criterion_check"
    __table_args__ = (UniqueConstraint("application_id", "criterion_id"),)

    application_id: Mapped[int] = mapped_column(to("application.id", ondelete="CASCADE"))
    criterion_id: Mapped[int] = mapped_column(to("criterion.id", ondelete="CASCADE"), index=True)
    verdict: Mapped[Verdict]
    by_id: Mapped[int] = mapped_column(to("user.id"))
    at: Mapped[datetime]

    criterion: Mapped[Criterion] = relationship(lazy="raise_on_sql")
    by: Mapped[User] = relationship(lazy="raise_on_sql")
