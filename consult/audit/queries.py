"""Reads of the record."""

from sqlalchemy import select

from consult.audit.models import AuditEntry
from consult.paging import Page, page


def entries_in(scope: str, *, after: int | None = None) -> Page[AuditEntry]:
    """What was done within `scope`, newest first."""
    return page(select(AuditEntry).where(AuditEntry.scope == scope), AuditEntry, after=after, newest_first=True)
