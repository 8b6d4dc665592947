"""What follows for events from what earlier domains announce."""

from sqlalchemy import delete

from consult.accounts.facts import AccountDeleted
from consult.events import queries, service
from consult.events.models import TeamInvitation
from consult.extensions import db
from consult.facts import on


@on(AccountDeleted)
def leave_teams(fact: AccountDeleted) -> None:
    for member in queries.roles_of(fact.person):
        service.remove_member(member, by=fact.person)
    db.session.execute(delete(TeamInvitation).where(TeamInvitation.email == fact.person.email))
