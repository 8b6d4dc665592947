"""Describe an organisation, and keep its documents."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from flask_babel import gettext as _
from sqlalchemy import update

from consult.accounts.models import User
from consult.audit.service import record
from consult.database import locked, now
from consult.errors import InvalidEntry
from consult.extensions import db
from consult.facts import announce
from consult.files.service import discard, store_document, store_picture
from consult.organisations import queries
from consult.organisations.facts import CategoryConfirmed, OrganisationRenamed
from consult.organisations.models import (
    DocumentKind,
    Membership,
    Organisation,
    OrganisationDocument,
    OrganisationName,
)
from consult.organisations.queries.names import web_domain
from consult.organisations.service import duplicates, names, recognitions
from consult.reference.stakeholders import OFFICIAL, Scope, StakeholderCategory

DOCUMENTS = 30


@dataclass(frozen=True, kw_only=True)
class OtherName:
    name: str
    language: str = ""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What an organisation says of itself."""

    name: str
    short_name: str = ""
    other_names: Sequence[OtherName] = ()
    category: StakeholderCategory
    country: str
    countries_of_work: Sequence[str] = ()
    scope: Scope | None = None
    founding_year: int | None = None
    registration_number: str = ""
    website: str = ""
    description: str = ""
    governing_body: str = ""
    membership: str = ""
    funding: str = ""


def create(entry: Entry, *, by: User) -> Organisation:
    """Describe an organisation; whoever does becomes its focal point.

    Likely duplicates are noted for the secretariat; a line of an imported list that has its name and country
    verifies the recognition at once.

    Raises:
        InvalidEntry: the person already belongs to an organisation of this name.
    """
    key = queries.name_key(entry.name)
    if any(mine.name_key == key for mine in queries.organisations_joined(by)):
        raise InvalidEntry(_("You already belong to an organisation of this name."), field="name")
    organisation = Organisation(created_at=now(), recognitions=[], names=[], documents=[])
    _fill(organisation, entry)
    db.session.add(organisation)
    db.session.flush()
    db.session.add(Membership(organisation=organisation, user=by, since=now(), granted_by=by))
    db.session.flush()
    record("organisation.created", about=f"organisation:{organisation.ref}", by=by)
    names.index(organisation)
    duplicates.note(organisation, mail_domains=[by.email_domain])
    return organisation


def edit(organisation: Organisation, entry: Entry, *, by: User) -> Organisation:
    """Change the profile. What was registered or applied for earlier keeps what it said then.

    What the secretariat said of the former name or country it is asked again of another one: that a State or a body is
    what it says, and what recognitions it holds.
    """
    locked(organisation)
    was = (organisation.name_key, organisation.country, organisation.web_domain)
    called = (organisation.name, organisation.country)
    is_renamed = called != (entry.name, entry.country)
    if entry.category in OFFICIAL and not by.is_secretariat and (is_renamed or entry.category != organisation.category):
        organisation.category_confirmed_at = None
    if is_renamed and not by.is_secretariat:
        recognitions.ask_again(organisation, by=by)
    _fill(organisation, entry)
    if is_renamed:
        db.session.flush()
        announce(OrganisationRenamed(organisation, former_name=called[0]))
    record("organisation.changed", about=f"organisation:{organisation.ref}", by=by)
    db.session.flush()
    names.index(organisation)
    if was != (organisation.name_key, organisation.country, organisation.web_domain):
        duplicates.note(organisation, mail_domains=[])
    return organisation


def confirm_category(organisation: Organisation, *, by: User) -> Organisation:
    """The secretariat says that this is the State or the body it says it is."""
    organisation.category_confirmed_at = now()
    db.session.flush()
    record("organisation.category_confirmed", about=f"organisation:{organisation.ref}", by=by)
    announce(CategoryConfirmed(organisation))
    return organisation


def change_logo(organisation: Organisation, stream: BinaryIO | None, *, name: str = "", by: User) -> Organisation:
    """Show another picture; None takes it away.

    Raises:
        InvalidEntry: it is no picture, or too large.
    """
    former, organisation.logo = organisation.logo, store_picture(stream, name=name, field="logo") if stream else None
    db.session.flush()
    if former is not None:
        # a profile that became part of this one may show it still
        db.session.execute(update(Organisation).where(Organisation.logo_id == former.id).values(logo_id=None))
        discard(former)
    record("organisation.logo_changed", about=f"organisation:{organisation.ref}", by=by)
    db.session.flush()
    return organisation


def add_document(
    organisation: Organisation,
    stream: BinaryIO,
    *,
    name: str,
    kind: DocumentKind,
    year: int | None,
    expires_on: date | None,
    by: User,
) -> OrganisationDocument:
    """Keep a document with the profile.

    Raises:
        InvalidEntry: it is not a document, too large, or one too many.
    """
    locked(organisation)
    if len(organisation.documents) >= DOCUMENTS:
        message = _("A profile has at most %(number)s documents. Remove one first.", number=DOCUMENTS)
        raise InvalidEntry(message, field="document")
    file = store_document(stream, name=name, field="document")
    document = OrganisationDocument(file=file, kind=kind, year=year, expires_on=expires_on, added_at=now())
    organisation.documents.append(document)
    db.session.flush()
    record("organisation.document_added", about=f"organisation:{organisation.ref}", by=by, detail=kind)
    return document


def remove_document(document: OrganisationDocument, *, by: User) -> None:
    """Take a document out of the profile."""
    record(
        "organisation.document_removed", about=f"organisation:{document.organisation.ref}", by=by, detail=document.kind
    )
    file = document.file
    db.session.delete(document)
    db.session.flush()
    discard(file)


def _fill(organisation: Organisation, entry: Entry) -> None:
    organisation.name, organisation.name_key = entry.name, queries.name_key(entry.name)
    organisation.short_name, organisation.description = entry.short_name, entry.description
    organisation.category, organisation.country, organisation.website = entry.category, entry.country, entry.website
    organisation.countries_of_work, organisation.scope = list(entry.countries_of_work), entry.scope
    organisation.founding_year, organisation.registration_number = entry.founding_year, entry.registration_number
    organisation.governing_body, organisation.membership = entry.governing_body, entry.membership
    organisation.funding, organisation.web_domain = entry.funding, web_domain(entry.website)
    known = {(each.name, each.language): each for each in organisation.names}
    organisation.names[:] = [
        known.get((each.name, each.language))
        or OrganisationName(name=each.name, language=each.language, name_key=queries.name_key(each.name))
        for each in dict.fromkeys(entry.other_names)
    ]
