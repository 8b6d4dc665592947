"""What follows for registrations from what earlier domains announce."""

from sqlalchemy import update

from consult.events.facts import CategoryChanged, EventCancelled
from consult.extensions import db
from consult.facts import on
from consult.organisations.facts import OrganisationsMerged
from consult.registration import service
from consult.registration.models import Registration


@on(EventCancelled)
def cancel_registrations(fact: EventCancelled) -> None:
    service.cancel_all(fact.event, reason=fact.reason)


@on(CategoryChanged)
def fill_new_places(fact: CategoryChanged) -> None:
    """More places than before: those who wait get them."""
    if fact.category.event.is_live:
        for modality in fact.category.event.modalities:
            service.fill_places(fact.category, modality)


@on(OrganisationsMerged)
def follow_merge(fact: OrganisationsMerged) -> None:
    """Who was registered by either is registered by the one; the name on the badge stays what it was."""
    theirs = update(Registration).where(Registration.organisation_id == fact.gone.id)
    db.session.execute(theirs.values(organisation_id=fact.kept.id))
