"""Every mail about a registration, one function each. Who was registered at the door may have no address."""

from collections.abc import Sequence
from typing import Any

from consult.accounts.models import hashed
from consult.database import new_secret
from consult.outbox import service as outbox
from consult.outbox.service import Post
from consult.registration.models import (
    FollowUp,
    PlaceStatus,
    Registration,
    RegistrationStatus,
    SessionPlace,
)


def tell_status(registration: Registration, *, template: str = "") -> None:
    """What the registration is now: sent once for each status a person gets.

    The registration's event, category, days, sessions and who registered it must be loaded.
    """
    outbox.post_all(_status_mail(registration, template=template))


def tell_registered(registrations: Sequence[Registration], *, asked: Sequence[tuple[Registration, bool]]) -> None:
    """The same to many, in one statement.

    Args:
        asked: those who are asked first, each with whether they are registered by others.
    """
    outbox.post_all(
        [
            *(mail for registration in registrations for mail in _status_mail(registration)),
            *(mail for registration, is_registered in asked for mail in _question(registration, is_registered)),
        ]
    )


def _status_mail(registration: Registration, *, template: str = "") -> list[Post]:
    confirmed = registration.status is RegistrationStatus.CONFIRMED
    by = registration.registered_by
    context: dict[str, Any] = {
        "category": registration.category.title,
        "modality": registration.modality.value,
        "reason": registration.message,
        "until": registration.offered_until.isoformat() if registration.offered_until else "",
        "zone": registration.event.timezone,
        "official": registration.is_official_open,
        # who was registered by somebody else is told so, and can object
        "by": by.name if by and by.email.lower() != registration.email else "",
        "organisation": registration.organisation_name,
        "days": [day.date.isoformat() for day in registration.days] if registration.days_declined else [],
        "days_declined": registration.days_declined,
        "sessions": _titles(registration, PlaceStatus.CONFIRMED),
        "sessions_waiting": _titles(registration, PlaceStatus.WAITLISTED),
        "sessions_declined": _titles(registration, PlaceStatus.DECLINED),
    }
    return _mail(
        registration,
        template or registration.status.value,
        attachments=[f"registration/{kind}:{registration.ref}" for kind in ("calendar", "badge") if confirmed],
        **context,
    )


def ask(registration: Registration, *, is_registered: bool) -> None:
    """Whether the person agrees to what others registered them for.

    Args:
        is_registered: they have a registration for the event already, and may keep it or change.
    """
    outbox.post_all(_question(registration, is_registered))


def _question(registration: Registration, is_registered: bool) -> list[Post]:
    """Without a word that whoever registers has typed: the page says who it is."""
    return _mail(registration, "asked", category=registration.category.title, is_registered=is_registered)


def ask_address(registration: Registration, *, to: str, key: str) -> None:
    """To the address a registration is to have: whether it is the person's."""
    event = registration.event
    outbox.post(
        Post(
            template="registration/new_address", to=to, about=f"registration:{registration.ref}", scope=event.scope,
            reply_to=event.contact,
            context={"name": registration.name, "event": event.title, "path": f"/registration-address/{key}"},
        )
    )  # fmt: skip


def tell_session(place: SessionPlace) -> None:
    """A place in a session became free for somebody who waited for it."""
    outbox.post_all(_mail(place.registration, "session", key=f"session:{place.id}", session=place.session.title))


def tell_substituted(registration: Registration) -> None:
    """To the person who does not come any more, before the registration becomes somebody else's."""
    outbox.post_all(_mail(registration, "substituted"))


def tell_moved(registration: Registration) -> None:
    """To the old address, before the registration has another one, which is not said."""
    outbox.post_all(_mail(registration, "moved"))


def tell_corrected(registration: Registration) -> None:
    """To the person: others have written another name."""
    outbox.post_all(_mail(registration, "corrected", key=f"corrected:{hashed(registration.name_key)[:12]}"))


def tell_letters_ended(registrations: Sequence[Registration]) -> None:
    """To those with a letter for a visa: it says what is no longer so."""
    outbox.post_all(
        [post for each in registrations for post in _mail(each, "letter_ended", key=f"letter_ended:{new_secret()}")]
    )


def tell_objection(registration: Registration) -> None:
    """To whoever registered a person who does not want to be registered."""
    by = registration.registered_by
    if by is None:
        return
    outbox.post(
        outbox.to_person(
            by,
            template="registration/objected",
            about=f"event:{registration.event.ref}",
            scope=registration.event.scope,
            reply_to=registration.event.contact,
            context={"event": registration.event.title, "number": registration.ref},
        )
    )


def send_follow_up(follow_up: FollowUp, people: Sequence[Registration]) -> None:
    """The form, to confirmed participants, each with their own link."""
    event = follow_up.event
    outbox.post_all(
        [
            Post(
                template="registration/follow_up",
                to=registration.email,
                about=f"registration:{registration.ref}",
                scope=event.scope,
                dedupe_key=f"follow_up:{follow_up.ref}:{registration.ref}",
                reply_to=event.contact,
                context={
                    "name": registration.name,
                    "event": event.title,
                    "title": follow_up.title,
                    "introduction": follow_up.introduction,
                    "path": f"/registrations/{registration.access_key}/forms/{follow_up.ref}",
                },
            )
            for registration in people
            if registration.email
        ]
    )


def _titles(registration: Registration, status: PlaceStatus) -> list[str]:
    return [place.session.title for place in registration.sessions if place.status is status]


def _mail(
    registration: Registration, template: str, *, key: str = "", attachments: Sequence[str] = (), **context: Any
) -> list[Post]:
    """None to who was registered at the door and has no address."""
    if not registration.email:
        return []
    event, generation = registration.event, hashed(registration.access_key)[:12]
    return [
        Post(
            template=f"registration/{template}",
            to=registration.email,
            about=f"registration:{registration.ref}",
            scope=event.scope,
            # a new person in the same place has new links, and is told anew
            dedupe_key=":".join(("registration", registration.ref, key or template, generation, registration.modality)),
            reply_to=event.contact,
            attachments=list(attachments),
            context={
                "name": registration.name,
                "event": event.title,
                "event_path": f"/events/{event.slug}",
                "path": f"/registrations/{registration.access_key}",
                **context,
            },
        )
    ]
