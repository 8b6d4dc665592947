"""The outcomes of an event, once its report is published."""

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from consult.accounts.access import public, visitor
from consult.database import now
from consult.errors import NotFound
from consult.events.queries import event_for
from consult.files import service as files
from consult.reports import documents, queries
from consult.web.downloads import DOCX, attachment
from consult.web.limits import limited

bp = Blueprint("reports", __name__, url_prefix="/events/<slug>/outcomes")


@bp.get("")
@public
def show(slug: str) -> ResponseReturnValue:
    event = event_for(visitor(), slug)
    contents = queries.contents(event) if queries.is_published(event) else None
    return render_template("reports/show.html", event=event, contents=contents)


@bp.get("/report.docx")
@limited("costly")
@public
def download(slug: str) -> Response:
    event = event_for(visitor(), slug)
    if not queries.is_published(event):
        raise NotFound(_("The summary report has not been published yet."))
    minute = now().replace(second=0, microsecond=0)  # made at most once a minute, whoever asks
    content = files.made_once("report.docx", [event.ref, minute], lambda: documents.docx(queries.contents(event)))
    return attachment(content, name=f"{slug}-summary-report.docx", media_type=DOCX)
