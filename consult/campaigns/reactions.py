"""What follows for invitations from what earlier domains announce."""

from sqlalchemy import select, update

from consult.campaigns.models import Invitation
from consult.database import new_secret
from consult.extensions import db
from consult.facts import on
from consult.organisations.facts import OrganisationsMerged
from consult.outbox import service as outbox
from consult.registration.facts import PersonErased


@on(OrganisationsMerged)
def follow_merge(fact: OrganisationsMerged) -> None:
    """Who was invited for either is invited for the one."""
    theirs = update(Invitation).where(Invitation.organisation_id == fact.gone.id)
    db.session.execute(theirs.values(organisation_id=fact.kept.id))


@on(PersonErased)
def forget_invited(fact: PersonErased) -> None:
    """The invitation stays for the figures; it names nobody, and leads nobody back. What was mailed goes too."""
    address = fact.address
    if not address:
        return
    theirs = select(Invitation).where(Invitation.event_id == fact.registration.event_id, Invitation.email == address)
    for invitation in db.session.scalars(theirs):
        invitation.name, invitation.email = "–", f"erased-{invitation.ref.lower()}"
        invitation.key = new_secret()
    outbox.forget_address(address, scope=fact.registration.event.scope)
