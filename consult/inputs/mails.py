"""Every mail about written input."""

from consult.accounts.models import User
from consult.inputs import policy
from consult.inputs.models import Submission
from consult.outbox import service as outbox


def send_receipt(submission: Submission, *, by: User) -> None:
    """What was received, when, and under which number; for each version, and for a withdrawal.

    To who wrote it, or to who acts now if the writer is a focal point of the organisation no longer.
    """
    event = submission.call.event
    message = outbox.to_person(
        submission.author if policy.is_author(submission.author, submission) else by,
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
