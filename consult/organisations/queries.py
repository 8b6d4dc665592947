"""Reads about organisations."""

import unicodedata
from collections.abc import Iterable, Sequence

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from consult.accounts.models import User
from consult.errors import NotFound
from consult.extensions import db
from consult.organisations.models import FocalPoint, Organisation
from consult.paging import Page, page


def name_key(name: str) -> str:
    """A name as it is compared: without accents, capitals, punctuation and doubled spaces."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    return " ".join("".join(c if c.isalnum() else " " for c in plain).split())[:300]


def organisation_at(ref: str) -> Organisation:
    """The organisation of this address, with its recognitions."""
    organisation = db.session.scalar(
        select(Organisation).where(Organisation.ref == ref).options(selectinload(Organisation.recognitions))
    )
    if organisation is None:
        raise NotFound(_("There is no such organisation."))
    return organisation


def organisations_of(user: User) -> Sequence[Organisation]:
    """Those the person is a focal point of, by name."""
    mine = select(Organisation).join(FocalPoint).where(FocalPoint.user_id == user.id).order_by(Organisation.name)
    return db.session.scalars(mine.options(selectinload(Organisation.recognitions))).all()


def organisations(*, text: str = "", after: int | None = None) -> Page[Organisation]:
    statement = select(Organisation)
    if text:
        statement = statement.where(Organisation.name_key.like(f"%{name_key(text)}%"))
    return page(statement, Organisation, after=after)


def focal_points_of(organisation: Organisation) -> Sequence[User]:
    people = select(User).join(FocalPoint).where(FocalPoint.organisation_id == organisation.id)
    return db.session.scalars(people.order_by(FocalPoint.id)).all()


def organisations_named(names: Iterable[str]) -> dict[str, int]:
    """The number of the one organisation that has each of these names; names that none or several have are left out."""
    keys = {name: name_key(name) for name in names if name}
    found: dict[str, list[int]] = {}
    wanted = sorted(set(keys.values()))
    for start in range(0, len(wanted), 500):
        known = select(Organisation.name_key, Organisation.id).where(
            Organisation.name_key.in_(wanted[start : start + 500])
        )
        for key, number in db.session.execute(known):
            found.setdefault(key, []).append(number)
    return {name: found[key][0] for name, key in keys.items() if len(found.get(key, [])) == 1}
