"""Reads about people who sign in."""

from flask_babel import gettext as _
from sqlalchemy import func, or_, select

from consult.accounts.models import User
from consult.errors import NotFound
from consult.extensions import db
from consult.paging import Page, page


def person_at(ref: str) -> User:
    user = db.session.scalar(select(User).where(User.ref == ref))
    if user is None:
        raise NotFound(_("There is no such person."))
    return user


def person_with(email: str) -> User | None:
    """The account of an address, if it has one."""
    return db.session.scalar(select(User).where(User.email == email.strip().lower()))


def people(*, text: str = "", after: int | None = None) -> Page[User]:
    statement = select(User)
    if text:
        wanted = f"%{text.lower()}%"
        statement = statement.where(or_(func.lower(User.name).like(wanted), User.email.like(wanted)))
    return page(statement, User, after=after)
