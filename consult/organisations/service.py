"""What is done with organisations."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from consult.accounts.models import User
from consult.audit.service import record
from consult.database import locked, now
from consult.errors import InvalidEntry
from consult.extensions import db
from consult.organisations import queries
from consult.organisations.models import FocalPoint, Organisation, RecognitionHeld
from consult.reference.stakeholders import Recognition, StakeholderCategory


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What an organisation says of itself."""

    name: str
    short_name: str = ""
    category: StakeholderCategory
    country: str
    website: str = ""
    description: str = ""
    recognitions: Sequence[Recognition] = ()


def create(entry: Entry, *, by: User) -> Organisation:
    """Describe an organisation; whoever does becomes its focal point.

    Raises:
        InvalidEntry: the person already acts for an organisation of this name.
    """
    key = queries.name_key(entry.name)
    if any(mine.name_key == key for mine in queries.organisations_of(by)):
        raise InvalidEntry(_("You already act for an organisation of this name."), field="name")
    organisation = Organisation(created_at=now(), recognitions=[])
    _fill(organisation, entry)
    db.session.add(organisation)
    db.session.flush()
    db.session.add(FocalPoint(organisation=organisation, user=by, since=now()))
    db.session.flush()
    record("organisation.created", about=f"organisation:{organisation.ref}", by=by)
    return organisation


def edit(organisation: Organisation, entry: Entry, *, by: User) -> Organisation:
    """Change the profile. What was registered or applied for earlier keeps what it said then."""
    locked(organisation)
    _fill(organisation, entry)
    record("organisation.changed", about=f"organisation:{organisation.ref}", by=by)
    db.session.flush()
    return organisation


def _fill(organisation: Organisation, entry: Entry) -> None:
    organisation.name, organisation.name_key = entry.name, queries.name_key(entry.name)
    organisation.short_name, organisation.description = entry.short_name, entry.description
    organisation.category, organisation.country, organisation.website = entry.category, entry.country, entry.website
    held = {recognition.kind: recognition for recognition in organisation.recognitions}
    organisation.recognitions[:] = [
        held.get(kind) or RecognitionHeld(kind=kind) for kind in Recognition if kind in entry.recognitions
    ]
