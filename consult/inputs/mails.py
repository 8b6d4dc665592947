"""Every mail about written input."""

from consult.inputs.models import Submission
from consult.outbox import service as outbox


def send_receipt(submission: Submission) -> None:
    """What was received, when, and under which number; for each version, and for a withdrawal."""
    event = submission.call.event
    message = outbox.to_person(
        submission.author,
        template=f"inputs/{submission.status}",
        about=f"submission:{submission.ref}",
        scope=event.scope,
        dedupe_key=f"submission:{submission.ref}:{len(submission.versions)}:{submission.status}",
        reply_to=event.contact,
        context={
            "event": event.title,
            "call": submission.call.title,
            "number": submission.number,
            "version": len(submission.versions),
            "path": f"/events/{event.slug}/inputs/submissions/{submission.ref}",
        },
    )
    outbox.post(message)
