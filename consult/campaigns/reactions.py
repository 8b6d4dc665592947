"""What follows for invitations from what earlier domains announce."""

from sqlalchemy import update

from consult.campaigns.models import Invitation
from consult.extensions import db
from consult.facts import on
from consult.organisations.facts import OrganisationsMerged


@on(OrganisationsMerged)
def follow_merge(fact: OrganisationsMerged) -> None:
    """Who was invited for either is invited for the one."""
    theirs = update(Invitation).where(Invitation.organisation_id == fact.gone.id)
    db.session.execute(theirs.values(organisation_id=fact.kept.id))
