"""Every mail about an application: to all focal points of the organisation."""

from consult.accreditation.models import Application
from consult.organisations.queries import focal_points_of
from consult.outbox import service as outbox
from consult.outbox.service import Post


def tell_step(application: Application, *, message: str = "", reason: str = "") -> None:
    """What has become of the application: received, a question, approved, rejected."""
    event = application.event
    posts = [
        Post(
            template=f"accreditation/{application.status}",
            to=person.email,
            about=f"application:{application.ref}",
            scope=event.scope,
            dedupe_key=f"application:{application.ref}:{len(application.steps)}:{person.ref}",
            language=person.language or "en",
            reply_to=event.contact,
            context={
                "name": person.name,
                "organisation": application.organisation.name,
                "event": event.title,
                "path": f"/events/{event.slug}/accreditation/{application.ref}",
                "number": application.number,
                "message": message,
                "reason": reason,
            },
        )
        for person in focal_points_of(application.organisation)
    ]
    outbox.post_all(posts)
