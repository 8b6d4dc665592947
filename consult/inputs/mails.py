"""Every mail about written input."""

from consult.inputs.models import Submission
from consult.outbox import service as outbox
from consult.outbox.service import Post


def send_receipt(submission: Submission) -> None:
    """What was received, when, and under which number; for each version, and for a withdrawal."""
    event = submission.call.event
    message = Post(
        template=f"inputs/{submission.status}",
        to=submission.author.email,
        about=f"submission:{submission.ref}",
        scope=event.scope,
        dedupe_key=f"submission:{submission.ref}:{len(submission.versions)}:{submission.status}",
        language=submission.author.language or "en",
        reply_to=event.contact,
        context={
            "name": submission.author.name,
            "event": event.title,
            "call": submission.call.title,
            "number": submission.number,
            "version": len(submission.versions),
            "path": f"/events/{event.slug}/inputs/submissions/{submission.ref}",
        },
    )
    outbox.post(message)
