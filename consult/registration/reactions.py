"""What follows for registrations from what earlier domains announce."""

from flask_babel import gettext as _
from sqlalchemy import update

from consult.accounts.facts import AccountMoved
from consult.agenda.facts import SessionChanged
from consult.database import now
from consult.errors import InvalidEntry
from consult.events.facts import CategoryChanged, EventCancelled, EventMoved
from consult.extensions import db
from consult.facts import on
from consult.files import service as files
from consult.organisations.facts import CategoryConfirmed, OrganisationsMerged
from consult.registration import queries
from consult.registration.facts import PersonErased
from consult.registration.models import Registration
from consult.registration.service import badges, corrections, deciding, places
from consult.words import Modality


@on(AccountMoved)
def follow_account(fact: AccountMoved) -> None:
    corrections.follow_account(fact.person, fact.former, is_proven=fact.is_proven, at=now())


@on(EventCancelled)
def cancel_registrations(fact: EventCancelled) -> None:
    deciding.cancel_all(fact.event, reason=fact.reason, at=now())


@on(EventMoved)
def end_letters(fact: EventMoved) -> None:
    """A letter for a visa says what the event is called, when and where it is; its holder is told to get another."""
    deciding.end_visa_letters(fact.event, at=now())


@on(CategoryChanged)
def keep_places(fact: CategoryChanged) -> None:
    """There are never fewer places than are given; more than before go to those who wait."""
    category = fact.category
    for modality in Modality:
        _need_room(category.capacity(modality), queries.taken(category, modality), modality)
        places.fill(category, modality, at=now())


@on(SessionChanged)
def keep_session_places(fact: SessionChanged) -> None:
    given = queries.session_places(fact.session.event)
    for modality in Modality:
        _need_room(fact.session.capacity(modality), given.get((fact.session.id, modality), (0, 0))[0], modality)
        places.fill_session(fact.session, modality)


def _need_room(capacity: int | None, given: int, modality: Modality) -> None:
    if capacity is not None and capacity < given:
        message = _(
            "%(given)s places are given or offered already. Enter at least that, or take places back first.",
            given=given,
        )
        raise InvalidEntry(message, field=f"capacity_{modality}")


@on(CategoryConfirmed)
def confirm_delegates(fact: CategoryConfirmed) -> None:
    """Its people waited for this alone."""
    for registration in queries.with_open_official_status(fact.organisation):
        deciding.confirm_official(registration, by=None, at=now())


@on(PersonErased)
def discard_files(fact: PersonErased) -> None:
    """Badges and lists of participants that were made of many name this person too."""
    badges.discard_finished(fact.registration.event)
    files.forget_made(fact.registration.event.scope)


@on(OrganisationsMerged)
def follow_merge(fact: OrganisationsMerged) -> None:
    """Who was registered by either is registered by the one; the name on the badge stays what it was."""
    theirs = update(Registration).where(Registration.organisation_id == fact.gone.id)
    db.session.execute(theirs.values(organisation_id=fact.kept.id))
