"""What follows for attendance from what earlier domains announce."""

from flask_babel import gettext as _
from sqlalchemy import func, update

from consult.attendance import queries
from consult.attendance.models import SeenOnline
from consult.attendance.service import door
from consult.database import now
from consult.errors import TransitionNotAllowed
from consult.events.facts import TeamMemberRemoved
from consult.events.models import TeamRole
from consult.events.queries import team_of
from consult.extensions import db
from consult.facts import on
from consult.registration.facts import DelegateSubstituted, PersonErased


@on(TeamMemberRemoved)
def close_doors(fact: TeamMemberRemoved) -> None:
    """Who keeps the door no longer keeps it by no link of theirs either."""
    left = {member.role for member in team_of(fact.event) if member.user_id == fact.person.id}
    if not fact.person.is_secretariat and not left & {TeamRole.MANAGER, TeamRole.DOOR_STAFF}:
        door.close_doors_of(fact.event, fact.person, by=fact.by, at=now())


@on(DelegateSubstituted)
def refuse_whoever_was_there(fact: DelegateSubstituted) -> None:
    """What happened stays: who was there is not replaced by somebody who was not."""
    if queries.has_attended(fact.registration):
        raise TransitionNotAllowed(_("This person has been there already. Register the other person beside them."))


@on(PersonErased)
def forget_name(fact: PersonErased) -> None:
    """Also in lines of reports that nobody matched, where they have the address."""
    registration = fact.registration
    is_theirs = SeenOnline.registration_id == registration.id
    if fact.address:
        same_address = (SeenOnline.event_id == registration.event_id) & (func.lower(SeenOnline.email) == fact.address)
        is_theirs = is_theirs | same_address
    db.session.execute(update(SeenOnline).where(is_theirs).values(name="–", email="", person_key=SeenOnline.ref))
