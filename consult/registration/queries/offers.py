"""What an event offers to those who register."""

from collections.abc import Sequence
from dataclasses import dataclass

from consult.agenda.models import Session
from consult.events.models import Event, ParticipantCategory
from consult.events.queries import questions_of
from consult.organisations.models import Organisation
from consult.questions.models import Question
from consult.reference.stakeholders import StakeholderCategory
from consult.registration.queries.places import choosable_sessions
from consult.words import Modality


@dataclass(frozen=True)
class Offer:
    """One category as a form or a spreadsheet needs to know it; read once for a page."""

    event: Event
    category: ParticipantCategory
    sessions: Sequence[Session]
    questions: Sequence[Question]

    @property
    def modalities(self) -> list[Modality]:
        return [each for each in self.event.modalities if self.category.offers(each)]


def offer_of(event: Event, category: ParticipantCategory) -> Offer:
    """Two statements. The category's days must be loaded."""
    numbers = {day.id for day in category.days}
    sessions = [session for session in choosable_sessions(event) if session.day_id in numbers]
    return Offer(event, category, sessions, questions_of(category))


def categories_for(
    event: Event, stakeholders: Sequence[StakeholderCategory] = (), *, individuals: bool = False
) -> list[ParticipantCategory]:
    """The categories that are for one of these stakeholders (for anybody, if none is known).

    Args:
        individuals: only those that allow people without an organisation.
    """
    return [
        category
        for category in event.categories
        if (not stakeholders or any(category.is_for(each) for each in stakeholders))
        and (category.allows_individuals or not individuals)
    ]


def organisations_in(category: ParticipantCategory, organisations: Sequence[Organisation]) -> list[Organisation]:
    """Those of these organisations that the category is for."""
    return [organisation for organisation in organisations if category.is_for(organisation.category)]
