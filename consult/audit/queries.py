"""Reads of the record."""

from collections.abc import Sequence

from sqlalchemy import or_, select

from consult.audit.models import AuditEntry
from consult.extensions import db
from consult.paging import Page, page


def entries_in(scope: str, *, after: int | None = None) -> Page[AuditEntry]:
    """What was done within `scope`, newest first."""
    return page(select(AuditEntry).where(AuditEntry.scope == scope), AuditEntry, after=after, newest_first=True)


def entries_about(about: str, *actions: str, limit: int = 50) -> Sequence[AuditEntry]:
    """The latest that was done to one thing, newest first; only actions that begin with one of `actions`."""
    wanted = select(AuditEntry).where(AuditEntry.about == about)
    if actions:
        wanted = wanted.where(or_(*(AuditEntry.action.startswith(action) for action in actions)))
    return db.session.scalars(wanted.order_by(AuditEntry.id.desc()).limit(limit)).all()
