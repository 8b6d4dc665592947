"""One table without foreign keys: the record outlives what it tells of."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Connection, Index, String, Table, event
from sqlalchemy.orm import Mapped, mapped_column

from consult.database import Model, forbid_changes


class AuditEntry(Model):
    """Who (`actor`, a person's reference, empty for the system) did what (`action`) to which thing (`about`).

    The database refuses to change or delete a row, but for what names somebody who is to be forgotten.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_scope_id", "scope", "id"),)
    FORGETTABLE: ClassVar[tuple[str, ...]] = ("actor_name", "detail")

    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(8))
    actor_name: Mapped[str] = mapped_column(String(200))
    action: Mapped[str] = mapped_column(String(60))
    about: Mapped[str] = mapped_column(String(40), index=True)
    scope: Mapped[str] = mapped_column(String(40))
    detail: Mapped[str] = mapped_column(String(500), default="")


@event.listens_for(AuditEntry.__table__, "after_create")
def _keep(_table: Table, connection: Connection, **_: Any) -> None:
    forbid_changes(connection, AuditEntry.__tablename__, except_to=AuditEntry.FORGETTABLE)
