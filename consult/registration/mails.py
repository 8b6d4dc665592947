"""Every mail about a registration, one function each."""

from consult.outbox import service as outbox
from consult.outbox.service import Post
from consult.registration.models import Registration, RegistrationStatus


def tell_status(registration: Registration, *, reason: str = "") -> None:
    """Confirmed, on the waiting list, withdrawn or cancelled: sent once for each status a registration gets.

    The registration's event and category must be loaded.
    """
    event = registration.event
    confirmed = registration.status is RegistrationStatus.CONFIRMED
    message = Post(
        template=f"registration/{registration.status}",
        to=registration.email,
        about=f"registration:{registration.ref}",
        scope=event.scope,
        dedupe_key=f"registration:{registration.ref}:{registration.status}",
        reply_to=event.contact,
        attachments=[f"registration/{kind}:{registration.ref}" for kind in ("calendar", "badge") if confirmed],
        context={
            "name": registration.name,
            "event": event.title,
            "event_path": f"/events/{event.slug}",
            "path": f"/registrations/{registration.access_key}",
            "category": registration.category.title,
            "modality": registration.modality.value,
            "reason": reason,
        },
    )
    outbox.post(message)
