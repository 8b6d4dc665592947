"""Write an entry. No function changes or removes one; what a person is called can be taken out of them."""

import re
from collections.abc import Sequence
from typing import Any, Protocol, cast

from sqlalchemy import Table, insert, select, update

from consult.audit.models import AuditEntry
from consult.database import now
from consult.extensions import db


class Actor(Protocol):
    """Whoever acts: a user."""

    @property
    def ref(self) -> str: ...
    @property
    def name(self) -> str: ...


def record(action: str, *, about: str, by: Actor | None, scope: str = "", detail: str = "") -> None:
    """Remember that `by` (None: the system, or somebody who is not signed in) did `action` to `about`.

    Args:
        action: a verb in the past tense with its domain, as “registration.withdrawn”.
        about: kind and reference, as “registration:7K3M9QXP”.
        scope: kind and reference of the whole it belongs to, as “event:annual-2027”.
        detail: what one would want to know later; never a person's private data.
    """
    db.session.add(AuditEntry(**_entry(action, about=about, by=by, scope=scope, detail=detail)))


def record_row(action: str, *, about: str, by: Actor | None, scope: str = "", detail: str = "") -> None:
    """The same, written at once: for what happens some hundred times a second."""
    db.session.execute(
        insert(cast(Table, AuditEntry.__table__)), _entry(action, about=about, by=by, scope=scope, detail=detail)
    )


def record_all(rows: Sequence[tuple[str, str, str]], *, by: Actor | None, scope: str) -> None:
    """Many at once: (action, about, detail) of each."""
    if rows:
        entries = [_entry(action, about=about, by=by, scope=scope, detail=detail) for action, about, detail in rows]
        db.session.execute(insert(cast(Table, AuditEntry.__table__)), entries)


def forget_names(about: str, *, names: Sequence[str], actor: str = "", path: str = "", scope: str = "") -> None:
    """Of a thing that was a person's: what was done stays, and why, without what the person is called.

    Args:
        names: how the person is called, and their address: taken out of what was written with each entry.
        actor: the reference of the person's account: what they did with it themselves stays, their name does not.
        path: a part of the addresses of its pages: that they were opened or refused stays, not by whom.
        scope: where those entries are.
    """
    called = _any_of(names)
    for entry in db.session.scalars(select(AuditEntry).where(AuditEntry.about == about, AuditEntry.detail != "")):
        entry.detail = called.sub("–", entry.detail) if called else entry.detail
    if actor:
        own = (AuditEntry.about == about) & (AuditEntry.actor == actor)
        db.session.execute(update(AuditEntry).where(own).values(actor_name=""))
    if path:
        opened = (AuditEntry.scope == scope) & AuditEntry.detail.contains(path, autoescape=True)
        db.session.execute(update(AuditEntry).where(opened).values(actor_name="", detail=""))


def _any_of(names: Sequence[str]) -> re.Pattern[str] | None:
    """Each name, and each word of it that is no initial; the longest first."""
    words = {part for name in names for part in (name.strip(), *name.split()) if len(part) > 1}
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    if not words:
        return None
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", re.IGNORECASE)


def forget_person(ref: str, *, name: str = "") -> None:
    """Of a person with this reference: what they did stays, their name does not.

    Args:
        name: taken out of the details of entries about them too.
    """
    db.session.execute(update(AuditEntry).where(AuditEntry.actor == ref).values(actor_name=""))
    if name:
        mine = (AuditEntry.about == f"user:{ref}") | (AuditEntry.actor == ref)
        db.session.execute(
            update(AuditEntry).where(mine, AuditEntry.detail.contains(name, autoescape=True)).values(detail="")
        )


def _entry(action: str, *, about: str, by: Actor | None, scope: str, detail: str) -> dict[str, Any]:
    return {
        "at": now(), "actor": by.ref if by else "", "actor_name": by.name if by else "", "action": action,
        "about": about, "scope": scope, "detail": detail[:500],
    }  # fmt: skip
