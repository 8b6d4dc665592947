"""Processes, applications, their documents, and the steps they went through."""

from datetime import datetime
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from consult.accounts.models import User
from consult.database import Model, to
from consult.events.models import Event
from consult.files.models import StoredFile
from consult.organisations.models import Organisation
from consult.questions.models import QuestionSet
from consult.transitions import Moves
from consult.words import Word


class ApplicationStatus(Word):
    DRAFT = "draft", _l("Draft"), "plain"
    SUBMITTED = "submitted", _l("Submitted"), "wait"
    INFORMATION_REQUESTED = "information_requested", _l("Information requested"), "wait"
    APPROVED = "approved", _l("Approved"), "good"
    REJECTED = "rejected", _l("Rejected"), "bad"
    WITHDRAWN = "withdrawn", _l("Withdrawn"), "plain"


class RejectionReason(Word):
    NOT_RELEVANT = "not_relevant", _l("The organisation's work does not bear on the subject of the event")
    INCOMPLETE = "incomplete", _l("What was asked for was not provided")
    NOT_ESTABLISHED = "not_established", _l("The organisation could not be shown to exist as described")
    NO_PLACE = "no_place", _l("The event has no room for more organisations of this kind")
    OTHER = "other", _l("Another reason, explained in the message")


class AccreditationProcess(Model):
    """What an event asks of organisations that want to be accredited to it."""

    __tablename__ = "accreditation_process"

    event_id: Mapped[int] = mapped_column(to("event.id"), unique=True)
    question_set_id: Mapped[int] = mapped_column(to("question_set.id"))

    event: Mapped[Event] = relationship(lazy="raise_on_sql")
    question_set: Mapped[QuestionSet] = relationship(lazy="raise_on_sql")


class Application(Model):
    """One organisation's wish to be accredited to one event. `answers` are by the questions' references."""

    __tablename__ = "application"
    __table_args__ = (
        UniqueConstraint("event_id", "organisation_id"),
        Index("ix_application_queue", "event_id", "status", "id"),
    )
    MOVES: ClassVar[Moves[ApplicationStatus]] = {
        ApplicationStatus.DRAFT: frozenset({ApplicationStatus.SUBMITTED, ApplicationStatus.WITHDRAWN}),
        ApplicationStatus.SUBMITTED: frozenset(
            {
                ApplicationStatus.INFORMATION_REQUESTED,
                ApplicationStatus.APPROVED,
                ApplicationStatus.REJECTED,
                ApplicationStatus.WITHDRAWN,
            }
        ),
        ApplicationStatus.INFORMATION_REQUESTED: frozenset({ApplicationStatus.SUBMITTED, ApplicationStatus.WITHDRAWN}),
        ApplicationStatus.APPROVED: frozenset(),
        ApplicationStatus.REJECTED: frozenset(),
        ApplicationStatus.WITHDRAWN: frozenset({ApplicationStatus.DRAFT}),
    }

    event_id: Mapped[int] = mapped_column(to("event.id"))
    organisation_id: Mapped[int] = mapped_column(to("organisation.id"), index=True)
    status: Mapped[ApplicationStatus] = mapped_column(default=ApplicationStatus.DRAFT)
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    saved_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(to("user.id"))
    reason: Mapped[RejectionReason | None]

    event: Mapped[Event] = relationship(lazy="raise_on_sql")
    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")
    decided_by: Mapped[User | None] = relationship(lazy="raise_on_sql")
    documents: Mapped[list["ApplicationDocument"]] = relationship(
        back_populates="application", order_by="ApplicationDocument.id", lazy="raise_on_sql"
    )
    steps: Mapped[list["ApplicationStep"]] = relationship(
        back_populates="application", order_by="ApplicationStep.id", lazy="raise_on_sql"
    )

    @property
    def is_with_applicant(self) -> bool:
        """It is the applicant's turn: answers and documents may be changed."""
        return self.status in {ApplicationStatus.DRAFT, ApplicationStatus.INFORMATION_REQUESTED}

    @property
    def number(self) -> str:
        """What people quote in a letter."""
        return f"A-{self.ref}"


class ApplicationDocument(Model):
    __tablename__ = "application_document"

    application_id: Mapped[int] = mapped_column(to("application.id", ondelete="CASCADE"), index=True)
    file_id: Mapped[int] = mapped_column(to("stored_file.id"))

    application: Mapped[Application] = relationship(back_populates="documents", lazy="raise_on_sql")
    file: Mapped[StoredFile] = relationship(lazy="raise_on_sql")


class ApplicationStep(Model):
    """What happened to an application and what was said then; the applicant reads all of it."""

    __tablename__ = "application_step"

    application_id: Mapped[int] = mapped_column(to("application.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    status: Mapped[ApplicationStatus]
    message: Mapped[str] = mapped_column(Text, default="")

    application: Mapped[Application] = relationship(back_populates="steps", lazy="raise_on_sql")
