"""What follows for accreditation from what earlier domains announce."""

from consult.accreditation import service
from consult.events.facts import EventCreated
from consult.facts import on


@on(EventCreated)
def prepare_process(fact: EventCreated) -> None:
    service.prepare(fact.event)
