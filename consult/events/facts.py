"""What events announce."""

from dataclasses import dataclass

from consult.accounts.models import User
from consult.events.models import Event, ParticipantCategory
from consult.facts import Fact


@dataclass(frozen=True)
class EventCreated(Fact):
    event: Event


@dataclass(frozen=True)
class EventMoved(Fact):
    """The event has another title, other dates, or another venue than papers about it say."""

    event: Event


@dataclass(frozen=True)
class TeamMemberRemoved(Fact):
    """A person has a part in the team no longer; they may have others. Told after it was taken."""

    event: Event
    person: User
    by: User


@dataclass(frozen=True)
class EventCancelled(Fact):
    event: Event
    reason: str


@dataclass(frozen=True)
class CategoryChanged(Fact):
    """A participant category was described anew; its capacity may be another."""

    category: ParticipantCategory
