"""One table without foreign keys: the record outlives what it tells of."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from consult.database import Model


class AuditEntry(Model):
    """Who (`actor`, a person's reference, empty for the system) did what (`action`) to which thing (`about`)."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_scope_id", "scope", "id"),)

    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(8))
    actor_name: Mapped[str] = mapped_column(String(200))
    action: Mapped[str] = mapped_column(String(60))
    about: Mapped[str] = mapped_column(String(40), index=True)
    scope: Mapped[str] = mapped_column(String(40))
    detail: Mapped[str] = mapped_column(String(500), default="")
