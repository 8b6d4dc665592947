"""The list of participants, as far as each wants to be on it."""

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from consult.accounts.access import public, visitor
from consult.events.models import Event
from consult.events.queries import event_for
from consult.registration import documents, exports, policy, queries
from consult.registration.models import Registration
from consult.web.downloads import DOCX, XLSX, attachment

bp = Blueprint("registration_list", __name__, url_prefix="/events/<slug>")


def _listed(slug: str) -> tuple[Event, list[Registration]]:
    event = event_for(visitor(), slug)
    return event, list(queries.participants(event, to=policy.list_shown_to(visitor(), event)))


@bp.get("/participants")
@public
def show(slug: str) -> ResponseReturnValue:
    event, people = _listed(slug)
    return render_template("registration/participants.html", event=event, people=people, files=True)


@bp.get("/participants.pdf")
@public
def as_pdf(slug: str) -> Response:
    event, people = _listed(slug)
    content = documents.participants_pdf(event, people)
    return attachment(content, name=f"{event.slug}-participants.pdf", media_type="application/pdf")


@bp.get("/participants.docx")
@public
def as_docx(slug: str) -> Response:
    event, people = _listed(slug)
    content = documents.participants_docx(event, people)
    return attachment(content, name=f"{event.slug}-participants.docx", media_type=DOCX)


@bp.get("/participants.xlsx")
@public
def as_xlsx(slug: str) -> Response:
    event, people = _listed(slug)
    return attachment(exports.participants(people), name=f"{event.slug}-participants.xlsx", media_type=XLSX)


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
