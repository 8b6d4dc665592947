"""What follows for organisations from what earlier domains announce."""

from sqlalchemy import delete

from consult.accounts.facts import AccountDeleted
from consult.extensions import db
from consult.facts import on
from consult.organisations import queries
from consult.organisations.models import JoinRequest, MembershipInvitation
from consult.organisations.service import people


@on(AccountDeleted)
def leave_all(fact: AccountDeleted) -> None:
    """The last focal point hands over first. What the organisation applied for and wrote stays with it."""
    for membership in queries.memberships_of(fact.person):
        people.leave(membership, by=fact.person)
    db.session.execute(delete(JoinRequest).where(JoinRequest.user_id == fact.person.id))
    db.session.execute(delete(MembershipInvitation).where(MembershipInvitation.email == fact.person.email))
