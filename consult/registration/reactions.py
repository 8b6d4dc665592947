"""What follows for registrations from what earlier domains announce."""

from consult.events.facts import CategoryChanged, EventCancelled
from consult.facts import on
from consult.registration import service


@on(EventCancelled)
def cancel_registrations(fact: EventCancelled) -> None:
    service.cancel_all(fact.event, reason=fact.reason)


@on(CategoryChanged)
def fill_new_places(fact: CategoryChanged) -> None:
    """More places than before: those who wait get them."""
    if fact.category.event.is_live:
        for modality in fact.category.event.modalities:
            service.fill_places(fact.category, modality)
