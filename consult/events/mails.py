"""Mails about an event's team."""

from consult.accounts.models import User
from consult.accounts.queries import person_with, secretariat
from consult.events import queries
from consult.events.models import Event, TeamInvitation, TeamRole
from consult.outbox import service as outbox
from consult.outbox.service import Post


def invite(invitation: TeamInvitation) -> None:
    """To an address that may have no account yet."""
    event, namer = invitation.event, invitation.named_by
    person = person_with(invitation.email)
    outbox.post(
        Post(
            template="events/team_invitation",
            to=invitation.email,
            about=event.scope,
            scope=event.scope,
            reply_to=event.contact,
            language=(person.language if person else "") or (namer.language if namer else "") or "en",
            context={"event": event.title, "role": invitation.role.value, "by": namer.name if namer else ""},
        )
    )


def tell_visa_officer(event: Event, *, step: str, who: str, by: User) -> None:
    """To all managers of the event and the whole secretariat: who is to read passports, or does no longer.

    Args:
        step: “named”, “confirmed”, “accepted”, “removed”.
        who: the name, or the address of somebody who has not accepted yet.
    """
    people = {person.id: person for person in [*queries.managers_of(event), *secretariat()]}
    outbox.post_all(
        [
            outbox.to_person(
                person, template="events/visa_officer", about=event.scope, scope=event.scope,
                context={
                    "event": event.title, "step": step, "who": who, "by": by.name, "role": TeamRole.VISA_OFFICER.value,
                    "path": f"/workspace/events/{event.slug}/team",
                },
            )
            for person in people.values()
        ]
    )  # fmt: skip
