"""What a person adds to a report; all figures are computed when it is read."""

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from consult.database import Model, to
from consult.events.models import Event
from consult.words import Word


class ReportStatus(Word):
    DRAFT = "draft", _l("Draft"), "plain"
    PUBLISHED = "published", _l("Published"), "good"


class Report(Model):
    """With `hides_small`, its tables do not show numbers from 1 to 4, which could point to a person."""

    __tablename__ = "report"

    event_id: Mapped[int] = mapped_column(to("event.id"), unique=True)
    status: Mapped[ReportStatus] = mapped_column(default=ReportStatus.DRAFT)
    introduction: Mapped[str] = mapped_column(Text, default="")
    next_steps: Mapped[str] = mapped_column(Text, default="")
    hides_small: Mapped[bool] = mapped_column(default=True)
    published_at: Mapped[datetime | None]

    event: Mapped[Event] = relationship(lazy="raise_on_sql")
