"""What organisations announce."""

from dataclasses import dataclass

from consult.facts import Fact
from consult.organisations.models import Organisation


@dataclass(frozen=True)
class OrganisationRenamed(Fact):
    """It has another name or country than before: what was certified of it was certified of the former."""

    organisation: Organisation
    former_name: str


@dataclass(frozen=True)
class CategoryConfirmed(Fact):
    """The secretariat says that this is the State or the body it says it is."""

    organisation: Organisation


@dataclass(frozen=True)
class OrganisationsMerged(Fact):
    """Two profiles became one: what belonged to `gone` belongs to `kept` from now on."""

    kept: Organisation
    gone: Organisation
