"""Issue a letter, and end it when what it says is no longer so."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select, update

from consult.audit.service import Actor, record
from consult.extensions import db
from consult.letters.models import Letter, LetterKind


def initials(name: str) -> str:
    """“A. B.” for “Ana Beatriz”: what a check shows of a name; of five words and more the first five."""
    return " ".join(f"{word[0].upper()}." for word in name.split()[:5])


def issue(
    kind: LetterKind,
    *,
    about: str,
    name: str,
    event_title: str,
    days: Sequence[date] = (),
    scope: str,
    by: Actor | None,
    at: datetime,
) -> Letter:
    """A new letter; an earlier one of this kind about the same thing ends, and its check says why.

    Args:
        days: those the letter certifies; a check shows the first and the last.
    """
    replaced = update(Letter).where(Letter.about == about, Letter.kind == kind, Letter.ended_at.is_(None))
    db.session.execute(replaced.values(ended_at=at, is_replaced=True))
    letter = Letter(
        kind=kind, about=about, scope=scope, initials=initials(name), event_title=event_title, issued_at=at,
        first_day=min(days, default=None), last_day=max(days, default=None), is_replaced=False,
    )  # fmt: skip
    db.session.add(letter)
    db.session.flush()
    record("letter.issued", about=about, by=by, scope=scope, detail=f"{kind} {letter.number}")
    return letter


def forget(about: str) -> None:
    """The letters about somebody who is erased keep no initials; they are not valid any more."""
    db.session.execute(update(Letter).where(Letter.about == about).values(initials="–"))


def end_all(scope: str, *, kind: LetterKind, at: datetime) -> list[str]:
    """All letters of this kind that belong to an event are checked as “not valid” from now on.

    Returns:
        what they were about.
    """
    theirs = (Letter.scope == scope) & (Letter.kind == kind) & Letter.ended_at.is_(None)
    about = list(db.session.scalars(select(Letter.about).where(theirs)))
    db.session.execute(update(Letter).where(theirs).values(ended_at=at))
    return about


def end(about: str, *, kind: LetterKind | None = None, at: datetime) -> None:
    """The letters about this thing (of one kind, if given) are checked as “not valid” from now on."""
    theirs = update(Letter).where(Letter.about == about, Letter.ended_at.is_(None))
    if kind:
        theirs = theirs.where(Letter.kind == kind)
    db.session.execute(theirs.values(ended_at=at))
