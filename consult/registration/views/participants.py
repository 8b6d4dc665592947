"""The list of participants, as far as each wants to be on it."""

from collections.abc import Callable

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from consult.accounts.access import public, visitor
from consult.events.models import Event
from consult.events.queries import event_for
from consult.files import service as files
from consult.registration import documents, exports, policy, queries
from consult.registration.models import Registration
from consult.web.downloads import DOCX, XLSX, attachment
from consult.web.limits import limited

bp = Blueprint("registration_list", __name__, url_prefix="/events/<slug>")


def _listed(slug: str) -> tuple[Event, list[Registration]]:
    event = event_for(visitor(), slug)
    return event, list(queries.participants(event, to=policy.list_shown_to(visitor(), event)))


def _file(slug: str, suffix: str, media_type: str, make: Callable[[Event, list[Registration]], bytes]) -> Response:
    """The list as a file. It is made once for what it says, and kept."""
    event = event_for(visitor(), slug)
    to = policy.list_shown_to(visitor(), event)
    says = [event.title, event.first_day, *queries.names_listed(event, to=to)]
    content = files.made_once(
        f"participants.{suffix}",
        says,
        lambda: make(event, list(queries.participants(event, to=to))),
        scope=event.scope,
    )
    return attachment(content, name=f"{event.slug}-participants.{suffix}", media_type=media_type)


@bp.get("/participants")
@public
def show(slug: str) -> ResponseReturnValue:
    event, people = _listed(slug)
    return render_template("registration/participants.html", event=event, people=people, files=True)


@bp.get("/participants.pdf")
@limited("costly")
@public
def as_pdf(slug: str) -> Response:
    return _file(slug, "pdf", "application/pdf", documents.participants_pdf)


@bp.get("/participants.docx")
@limited("costly")
@public
def as_docx(slug: str) -> Response:
    return _file(slug, "docx", DOCX, documents.participants_docx)


@bp.get("/participants.xlsx")
@limited("costly")
@public
def as_xlsx(slug: str) -> Response:
    return _file(slug, "xlsx", XLSX, lambda _event, people: exports.participants(people))


@bp.get("/erased")
@public
def erased(slug: str) -> ResponseReturnValue:
    """What follows after a person had everything about them erased."""
    return render_template("registration/erased.html", event=event_for(visitor(), slug))


@bp.get("/objection-received")
@public
def objected(slug: str) -> ResponseReturnValue:
    """What follows after a person objected to being registered."""
    return render_template("registration/objected.html", event=event_for(visitor(), slug))
