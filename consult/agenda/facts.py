"""What agendas announce."""

from dataclasses import dataclass

from consult.agenda.models import Session
from consult.facts import Fact


@dataclass(frozen=True)
class SessionChanged(Fact):
    """A session was described anew; its capacity may be another."""

    session: Session
