"""Tasks of campaigns."""

from consult.campaigns import queries, service
from consult.events.queries import event_with
from consult.extensions import celery
from worker import sweeps

BATCH = 500


@celery.task(name="worker.campaigns.invite")  # type: ignore[untyped-decorator]
def invite() -> None:
    """Write the invitations of every running campaign. One commit a batch: a killed worker repeats none."""
    due = sweeps.keys(lambda: [campaign.ref for campaign in queries.sending()])
    while due:
        due = [ref for ref in sweeps.each("campaigns", due, _invite_next) if ref]


def _invite_next(ref: str) -> str | None:
    """Its reference again, if there are more people to write to."""
    campaign = queries.campaign_being_sent(ref)
    if campaign and service.invite_next(campaign, event_with(campaign.event_id), limit=BATCH):
        return ref
    return None
