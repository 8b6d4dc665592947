"""Reports of meeting platforms, and whom they name."""

from datetime import datetime
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from consult.attendance.platforms import DateOrder, Platform
from consult.columns import UTCDateTime
from consult.database import Model, to
from consult.events.models import Event, EventDay
from consult.files.models import StoredFile
from consult.registration.models import Registration
from consult.transitions import Moves
from consult.words import Word


class ImportStatus(Word):
    REQUESTED = "requested", _l("Being read"), "wait"
    UNMAPPED = "unmapped", _l("Say what the columns are"), "wait"
    READ = "read", _l("To be looked at"), "wait"
    APPLYING = "applying", _l("Being counted"), "wait"
    DONE = "done", _l("Counted"), "good"
    REFUSED = "refused", _l("Refused"), "bad"
    DISCARDED = "discarded", _l("Left out"), "plain"


class AttendanceImport(Model):
    """One report of a meeting platform, known by its content.

    The worker reads it (`lines` of `rows` so far) into `online_presence` and `imported_person`; a person looks at
    that, and has it counted. `zone` is that of its times, `minimum` how many minutes count as attended. The file
    itself is erased once it is counted, refused or left out. A worker that has it, has it until
    `claimed_until`, which it puts off as long as it lives; `attempts` counts workers that began and did not end.
    """

    __tablename__ = "attendance_import"
    __table_args__ = (
        Index("ix_attendance_import_event_id", "event_id", "sha256"),
        Index("ix_attendance_import_status", "status", "id"),
    )
    MOVES: ClassVar[Moves[ImportStatus]] = {
        ImportStatus.REQUESTED: frozenset({ImportStatus.UNMAPPED, ImportStatus.READ, ImportStatus.REFUSED}),
        ImportStatus.UNMAPPED: frozenset({ImportStatus.REQUESTED, ImportStatus.DISCARDED}),
        ImportStatus.READ: frozenset({ImportStatus.APPLYING, ImportStatus.DISCARDED}),
        ImportStatus.APPLYING: frozenset({ImportStatus.DONE, ImportStatus.READ}),
        ImportStatus.DONE: frozenset(),
        ImportStatus.REFUSED: frozenset(),
        ImportStatus.DISCARDED: frozenset(),
    }

    event_id: Mapped[int] = mapped_column(to("event.id"))
    day_id: Mapped[int | None] = mapped_column(to("event_day.id"), index=True)
    file_id: Mapped[int | None] = mapped_column(to("stored_file.id"))
    status: Mapped[ImportStatus] = mapped_column(default=ImportStatus.REQUESTED)
    name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    platform: Mapped[Platform | None]
    zone: Mapped[str] = mapped_column(String(40))
    date_order: Mapped[DateOrder] = mapped_column(default=DateOrder.AUTO)
    minimum: Mapped[int] = mapped_column(default=0)
    mapping: Mapped[dict[str, Any]] = mapped_column(default=dict)
    titles: Mapped[list[str]] = mapped_column(default=list)
    problem: Mapped[str] = mapped_column(Text, default="")
    imported_at: Mapped[datetime]
    rows: Mapped[int] = mapped_column(default=0)
    lines: Mapped[int] = mapped_column(default=0)
    outside: Mapped[int] = mapped_column(default=0)
    people: Mapped[int] = mapped_column(default=0)
    claimed_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)

    event: Mapped[Event] = relationship(lazy="raise_on_sql")
    day: Mapped[EventDay | None] = relationship(lazy="raise_on_sql")
    file: Mapped[StoredFile | None] = relationship(lazy="raise_on_sql")

    @property
    def percent(self) -> int:
        return min(99, 100 * self.lines // self.rows) if self.rows else 0

    @property
    def is_busy(self) -> bool:
        """A worker has it, or will."""
        return self.status in {ImportStatus.REQUESTED, ImportStatus.APPLYING}


# each stay of each person of a report: many, and only ever read as a whole
online_presence = Table(
    "online_presence",
    Model.metadata,
    Column("id", Integer, primary_key=True),
    Column("import_id", ForeignKey("attendance_import.id", ondelete="CASCADE"), nullable=False),
    Column("day_id", ForeignKey("event_day.id", ondelete="RESTRICT"), nullable=False),
    Column("person_key", String(300), nullable=False),
    Column("line", Integer, nullable=False),
    Column("name", String(300), nullable=False),
    Column("email", String(254), nullable=False),
    Column("joined_at", UTCDateTime, nullable=True),
    Column("left_at", UTCDateTime, nullable=True),
    Column("minutes", Integer, nullable=True),
    Index("ix_online_presence_import_id", "import_id", "day_id", "person_key"),
    Index("ix_online_presence_day_id", "day_id", "person_key"),
)


class Match(Word):
    """How sure it is who somebody in a report was."""

    ADDRESS = "address", _l("By address"), "good"
    NAME = "name", _l("By name"), "good"
    LIKENESS = "likeness", _l("By a name that is very like"), "good"
    SEVERAL = "several", _l("To settle: there are likely people"), "wait"
    UNKNOWN = "unknown", _l("Unknown"), "plain"


class ImportedPerson(Model):
    """Somebody a report names, before it is counted: `score` is the likeness of the name, out of 100."""

    __tablename__ = "imported_person"
    __table_args__ = (
        UniqueConstraint("import_id", "day_id", "person_key"),
        Index("ix_imported_person_match", "import_id", "match", "id"),
    )

    import_id: Mapped[int] = mapped_column(to("attendance_import.id", ondelete="CASCADE"))
    day_id: Mapped[int] = mapped_column(to("event_day.id"), index=True)
    registration_id: Mapped[int | None] = mapped_column(to("registration.id"), index=True)
    match: Mapped[Match]
    score: Mapped[int] = mapped_column(default=0)
    person_key: Mapped[str] = mapped_column(String(300))
    line: Mapped[int]
    name: Mapped[str] = mapped_column(String(300))
    email: Mapped[str] = mapped_column(String(254))
    minutes: Mapped[int | None]

    day: Mapped[EventDay] = relationship(lazy="raise_on_sql")
    registration: Mapped[Registration | None] = relationship(lazy="raise_on_sql")


class SeenStatus(Word):
    MATCHED = "matched", _l("Matched"), "good"
    UNMATCHED = "unmatched", _l("To settle"), "wait"
    SETTLED = "settled", _l("Settled by hand"), "good"
    DISMISSED = "dismissed", _l("Left out"), "plain"


class SeenOnline(Model):
    """Somebody a platform's report names: one row a person and day, however many lines and files say so.

    `person_key` is the address, or the name as it is compared where the report gives no address.
    """

    __tablename__ = "seen_online"
    __table_args__ = (
        UniqueConstraint("day_id", "person_key"),
        Index("ix_seen_online_event_id_status", "event_id", "status", "id"),
    )
    MOVES: ClassVar[Moves[SeenStatus]] = {
        SeenStatus.MATCHED: frozenset({SeenStatus.UNMATCHED}),
        SeenStatus.UNMATCHED: frozenset({SeenStatus.SETTLED, SeenStatus.DISMISSED}),
        SeenStatus.SETTLED: frozenset({SeenStatus.UNMATCHED}),
        SeenStatus.DISMISSED: frozenset({SeenStatus.UNMATCHED}),
    }

    event_id: Mapped[int] = mapped_column(to("event.id"))
    day_id: Mapped[int] = mapped_column(to("event_day.id"))
    import_id: Mapped[int] = mapped_column(to("attendance_import.id"), index=True)
    registration_id: Mapped[int | None] = mapped_column(to("registration.id"), index=True)
    status: Mapped[SeenStatus]
    line: Mapped[int]
    name: Mapped[str] = mapped_column(String(300))
    email: Mapped[str] = mapped_column(String(254))
    person_key: Mapped[str] = mapped_column(String(300))

    event: Mapped[Event] = relationship(lazy="raise_on_sql")
    day: Mapped[EventDay] = relationship(lazy="raise_on_sql")
    registration: Mapped[Registration | None] = relationship(lazy="raise_on_sql")


class ImportSettings(Model):
    """What was said at an event's last import, so that it is not said again."""

    __tablename__ = "import_settings"

    event_id: Mapped[int] = mapped_column(to("event.id"), unique=True)
    zone: Mapped[str] = mapped_column(String(40))
    minimum: Mapped[int] = mapped_column(default=0)
    mapping: Mapped[dict[str, Any]] = mapped_column(default=dict)

    event: Mapped[Event] = relationship(lazy="raise_on_sql")
