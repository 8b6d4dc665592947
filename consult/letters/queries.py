"""Reads of letters."""

from sqlalchemy import select

from consult.extensions import db
from consult.letters.models import Letter, LetterKind


def letter_with(code: str) -> Letter | None:
    """The letter of a check address."""
    return db.session.scalar(select(Letter).where(Letter.code == code))


def valid_letter(about: str, kind: LetterKind) -> Letter | None:
    """The letter about this thing that holds now."""
    return db.session.scalar(
        select(Letter)
        .where(Letter.about == about, Letter.kind == kind, Letter.ended_at.is_(None))
        .order_by(Letter.id.desc())
    )
