"""Tasks of campaigns."""

from consult.campaigns import queries, service
from consult.database import begin_writing
from consult.events.queries import event_with
from consult.extensions import celery, db

BATCH = 500


@celery.task(name="worker.campaigns.invite")  # type: ignore[untyped-decorator]
def invite() -> None:
    """Write the invitations of every running campaign. One commit a batch: a killed worker repeats none."""
    while _next_batch():
        pass


def _next_batch() -> bool:
    """Whether anything is left to write."""
    begin_writing()
    more = [service.invite_next(campaign, event_with(campaign.event_id), limit=BATCH) for campaign in queries.sending()]
    db.session.commit()
    return any(more)
