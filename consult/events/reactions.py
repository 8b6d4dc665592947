"""What follows for events from what earlier domains announce."""

from sqlalchemy import delete

from consult.accounts.facts import AccountDeleted, AccountRecovered
from consult.events import queries
from consult.events.models import TeamInvitation, TeamRole
from consult.events.service import team
from consult.extensions import db
from consult.facts import on


@on(AccountDeleted)
def leave_teams(fact: AccountDeleted) -> None:
    for member in queries.roles_of(fact.person):
        team.remove_member(member, by=fact.person)
    db.session.execute(delete(TeamInvitation).where(TeamInvitation.email == fact.person.email))


@on(AccountRecovered)
def end_reading_passports(fact: AccountRecovered) -> None:
    """Two people agreed on who reads passports, so one alone does not hand that on with the account; two people name
    the person again. All managers and the secretariat are told."""
    for member in queries.roles_of(fact.person):
        if member.role is TeamRole.VISA_OFFICER:
            team.remove_member(member, by=fact.by or fact.person)
