"""Mails of campaigns."""

from collections.abc import Sequence

from consult.campaigns.models import Campaign, Invitation
from consult.events.models import Event
from consult.outbox import service as outbox
from consult.outbox.service import Post


def invite(invitations: Sequence[Invitation], campaign: Campaign, event: Event) -> None:
    """One person, one invitation, however often a batch is done again."""
    outbox.post_all(
        [
            Post(
                template="campaigns/invitation",
                to=invitation.email,
                about=f"campaign:{campaign.ref}",
                scope=event.scope,
                dedupe_key=f"invitation:{invitation.ref}",
                reply_to=event.contact,
                context={
                    "name": invitation.name,
                    "event": event.title,
                    "subject": campaign.subject,
                    "message": campaign.message,
                    "path": f"/invitations/{invitation.key}",
                    "event_path": f"/events/{event.slug}",
                },
            )
            for invitation in invitations
        ]
    )
