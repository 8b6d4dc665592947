"""What the pages on which people are registered share."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from consult.database import now
from consult.events.models import Event, ParticipantCategory
from consult.registration.queries import places


def chosen_category(categories: list[ParticipantCategory]) -> ParticipantCategory | None:
    """The category in the address, or the only one there is."""
    wanted = request.args.get("category", "")
    found = next((category for category in categories if category.ref == wanted), None)
    return found or (categories[0] if len(categories) == 1 else None)


def choose_category(event: Event, categories: list[ParticipantCategory], title: str) -> ResponseReturnValue:
    """What is asked depends on the category, so it is chosen first."""
    return render_template(
        "registration/choose.html", event=event, categories=categories, title=title, places=places(event), at=now()
    )
