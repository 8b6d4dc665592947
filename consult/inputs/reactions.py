"""What follows for written inputs from what earlier domains announce."""

from sqlalchemy import update

from consult.extensions import db
from consult.facts import on
from consult.inputs.models import Submission
from consult.organisations.facts import OrganisationsMerged


@on(OrganisationsMerged)
def follow_merge(fact: OrganisationsMerged) -> None:
    """Written inputs of either are those of the one."""
    theirs = update(Submission).where(Submission.organisation_id == fact.gone.id)
    db.session.execute(theirs.values(organisation_id=fact.kept.id))
