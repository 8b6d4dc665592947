"""What organisations announce."""

from dataclasses import dataclass

from consult.facts import Fact
from consult.organisations.models import Organisation


@dataclass(frozen=True)
class OrganisationsMerged(Fact):
    """Two profiles became one: what belonged to `gone` belongs to `kept` from now on."""

    kept: Organisation
    gone: Organisation
