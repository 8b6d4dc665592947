"""What an event, or several, asks of organisations that want to be accredited."""

from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from consult.database import Model, to
from consult.events.models import Event, Window
from consult.questions.models import QuestionSet
from consult.reference.stakeholders import Recognition
from consult.words import Word


class TrackRule(Word):
    """How recognised organisations are accredited; all others apply for special accreditation."""

    AT_ONCE = "at_once", _l("At once, when a verified recognition stands in their profile")
    AFTER_VERIFICATION = "after_verification", _l("By an officer, after verification")


class ProfilePart(Word):
    """What of the profile an application for special accreditation needs: never asked twice, only checked.

    ECOSOC resolution 1996/31, paragraph 44, names most of them.
    """

    DESCRIPTION = "description", _l("What it does")
    REGISTRATION_NUMBER = "registration_number", _l("Registration number")
    GOVERNING_BODY = "governing_body", _l("Governing body")
    MEMBERSHIP = "membership", _l("Membership")
    FUNDING = "funding", _l("Sources of funding")
    CONSTITUTION = "constitution", _l("Constitution or by-laws (document)")
    ANNUAL_REPORT = "annual_report", _l("Annual report (document)")
    FINANCIAL_STATEMENT = "financial_statement", _l("Financial statement (document)")


class ReasonKind(Word):
    REQUEST = "request", _l("Request for information")
    REJECTION = "rejection", _l("Rejection")
    REVOCATION = "revocation", _l("Revocation")


class AccreditationProcess(Model):
    """Each event has one of its own; instead of that it may be served by the process of another event.

    `promised_days`: within how many days, after an application was sent, the secretariat means to decide.
    """

    __tablename__ = "accreditation_process"
    __table_args__ = (
        CheckConstraint("opens_at < closes_at", name="window"),
        CheckConstraint("promised_days > 0", name="promised_days"),
    )

    event_id: Mapped[int] = mapped_column(to("event.id"), unique=True)
    question_set_id: Mapped[int] = mapped_column(to("question_set.id"))
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    rule: Mapped[TrackRule] = mapped_column(default=TrackRule.AFTER_VERIFICATION)
    recognitions: Mapped[list[str]] = mapped_column(default=lambda: [kind.value for kind in Recognition])
    needs: Mapped[list[str]] = mapped_column(default=list)
    is_two_person: Mapped[bool] = mapped_column(default=False)
    promised_days: Mapped[int] = mapped_column(default=20)

    event: Mapped[Event] = relationship(lazy="raise_on_sql")
    question_set: Mapped[QuestionSet] = relationship(lazy="raise_on_sql")
    criteria: Mapped[list["Criterion"]] = relationship(
        back_populates="process", cascade="all, delete-orphan", order_by="Criterion.position", lazy="raise_on_sql"
    )
    served: Mapped[list["ServedEvent"]] = relationship(
        back_populates="process", cascade="all, delete-orphan", order_by="ServedEvent.id", lazy="raise_on_sql"
    )

    @property
    def window(self) -> Window:
        return Window(self.opens_at, self.closes_at)

    @property
    def promise(self) -> timedelta:
        return timedelta(days=self.promised_days)

    def counts(self, kind: Recognition) -> bool:
        """Whether this recognition opens the shorter way."""
        return kind.value in self.recognitions


class ServedEvent(Model):
    """Another event that a process accredits to: the forum that follows a hearing."""

    __tablename__ = "served_event"

    process_id: Mapped[int] = mapped_column(to("accreditation_process.id", ondelete="CASCADE"), index=True)
    event_id: Mapped[int] = mapped_column(to("event.id"), unique=True)

    process: Mapped[AccreditationProcess] = relationship(back_populates="served", lazy="raise_on_sql")
    event: Mapped[Event] = relationship(lazy="raise_on_sql")


class Criterion(Model):
    """One line of the officers' checklist."""

    __tablename__ = "criterion"

    process_id: Mapped[int] = mapped_column(to("accreditation_process.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    text: Mapped[str] = mapped_column(String(300))

    process: Mapped[AccreditationProcess] = relationship(back_populates="criteria", lazy="raise_on_sql")


class Reason(Model):
    """Why something is refused or asked: a list the secretariat edits. One that was used is never deleted."""

    __tablename__ = "reason"
    __table_args__ = (UniqueConstraint("kind", "text"),)

    kind: Mapped[ReasonKind]
    text: Mapped[str] = mapped_column(String(300))
    is_active: Mapped[bool] = mapped_column(default=True)
