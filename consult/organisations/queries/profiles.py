"""Profiles, their documents and recognitions."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from consult.accounts.models import User
from consult.errors import NotFound
from consult.extensions import db
from consult.organisations.models import (
    ListedRecognition,
    Organisation,
    OrganisationDocument,
    RecognitionHeld,
    organisation_word,
)
from consult.organisations.queries.names import name_key
from consult.organisations.queries.people import acting_for, belonging_to
from consult.paging import Page, page
from consult.reference import countries
from consult.reference.countries import Region
from consult.reference.stakeholders import Recognition, StakeholderCategory


def organisation_at(ref: str) -> Organisation:
    """The organisation of this address with its names, documents and recognitions; of two that were merged, the one
    that was kept."""
    organisation = db.session.scalar(_profile().where(Organisation.ref == ref))
    while organisation is not None and organisation.merged_into_id:
        organisation = db.session.scalar(_profile().where(Organisation.id == organisation.merged_into_id))
    if organisation is None:
        raise NotFound(_("There is no such organisation."))
    return organisation


def _profile() -> Select[Organisation]:
    return select(Organisation).options(
        selectinload(Organisation.recognitions).joinedload(RecognitionHeld.settled_by),
        selectinload(Organisation.names),
        selectinload(Organisation.documents).joinedload(OrganisationDocument.file),
        joinedload(Organisation.logo),
    )


def organisations_of(user: User) -> Sequence[Organisation]:
    """Those the person is a focal point of, by name."""
    return _by_name(acting_for(user))


def organisations_joined(user: User) -> Sequence[Organisation]:
    """Those the person belongs to, as focal point or member, by name."""
    return _by_name(belonging_to(user))


def _by_name(numbers: Select[int]) -> Sequence[Organisation]:
    mine = select(Organisation).where(Organisation.id.in_(numbers))
    return db.session.scalars(mine.options(selectinload(Organisation.recognitions)).order_by(Organisation.name)).all()


def matching(column: Any, text: str) -> list[Any]:
    """Conditions under which `column` (an organisation's number) has names with words that begin so."""
    return [
        column.in_(
            select(organisation_word.c.organisation_id).where(
                organisation_word.c.word >= word[:40], organisation_word.c.word < word[:40] + "\U0010ffff"
            )
        )
        for word in name_key(text).split()
    ]


def organisations(
    *,
    text: str = "",
    category: StakeholderCategory | None = None,
    region: Region | None = None,
    after: int | None = None,
) -> Page[Organisation]:
    """All that were not merged into another, in the order in which they came."""
    statement = select(Organisation).where(Organisation.merged_into_id.is_(None), *matching(Organisation.id, text))
    if category:
        statement = statement.where(Organisation.category == category)
    if region:
        statement = statement.where(Organisation.country.in_(countries.in_region(region)))
    return page(statement, Organisation, after=after)


def organisations_named(names: Iterable[str]) -> dict[str, int]:
    """The number of the one organisation that has each of these names; names that none or several have are left out."""
    keys = {name: name_key(name) for name in names if name}
    found: dict[str, list[int]] = {}
    wanted = sorted(set(keys.values()))
    for start in range(0, len(wanted), 500):
        known = select(Organisation.name_key, Organisation.id).where(
            Organisation.name_key.in_(wanted[start : start + 500]), Organisation.merged_into_id.is_(None)
        )
        for key, number in db.session.execute(known):
            found.setdefault(key, []).append(number)
    return {name: found[key][0] for name, key in keys.items() if len(found.get(key, [])) == 1}


def document_at(ref: str, document: str) -> OrganisationDocument:
    """A document, looked for inside its organisation only."""
    found = db.session.scalar(
        select(OrganisationDocument)
        .join(OrganisationDocument.organisation)
        .where(Organisation.ref == ref, OrganisationDocument.ref == document)
        .options(contains_eager(OrganisationDocument.organisation), joinedload(OrganisationDocument.file))
    )
    if found is None:
        raise NotFound(_("There is no such document."))
    return found


def recognition_at(ref: str, recognition: str) -> RecognitionHeld:
    """A recognition, looked for inside its organisation only."""
    found = db.session.scalar(
        select(RecognitionHeld)
        .join(RecognitionHeld.organisation)
        .where(Organisation.ref == ref, RecognitionHeld.ref == recognition)
        .options(contains_eager(RecognitionHeld.organisation))
    )
    if found is None:
        raise NotFound(_("There is no such recognition."))
    return found


def listed(
    *, kind: Recognition | None = None, unmatched: bool = False, text: str = "", after: int | None = None
) -> Page[ListedRecognition]:
    """Lines of imported lists."""
    statement = select(ListedRecognition).options(joinedload(ListedRecognition.organisation))
    if kind:
        statement = statement.where(ListedRecognition.kind == kind)
    if unmatched:
        statement = statement.where(ListedRecognition.organisation_id.is_(None))
    if text:
        statement = statement.where(ListedRecognition.name_key.contains(name_key(text), autoescape=True))
    return page(statement, ListedRecognition, after=after)


def listed_at(ref: str) -> ListedRecognition:
    found = db.session.scalar(select(ListedRecognition).where(ListedRecognition.ref == ref))
    if found is None:
        raise NotFound(_("There is no such line."))
    return found
