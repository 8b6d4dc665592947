"""The agenda as the public reads it, and as calendar programs do."""

from flask import Blueprint, Response, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from consult.accounts.access import public, visitor
from consult.agenda import calendars, queries
from consult.errors import NotFound
from consult.events.queries import event_for
from consult.web.limits import limited

bp = Blueprint("agenda", __name__, url_prefix="/events/<slug>")


@bp.get("/agenda")
@public
def show(slug: str) -> ResponseReturnValue:
    event = event_for(visitor(), slug)
    revision = queries.current(event)
    days = queries.by_day(queries.published_sessions(revision))
    return render_template("agenda/show.html", event=event, revision=revision, days=days)


@bp.get("/agenda.ics")
@limited("costly")
@public
def calendar(slug: str) -> ResponseReturnValue:
    """The whole event: its sessions once the agenda is published, its days before."""
    event = event_for(visitor(), slug)
    revision = queries.current(event)
    url = url_for(".show", slug=slug, _external=True)
    if revision is None:
        return _ics(calendars.days(event, url=url), slug)
    sessions = queries.published_sessions(revision)
    return _ics(calendars.agenda(event, sessions, revision=revision.number, url=url), slug)


@bp.get("/agenda/<ref>.ics")
@limited("costly")
@public
def session_calendar(slug: str, ref: str) -> ResponseReturnValue:
    event = event_for(visitor(), slug)
    revision = queries.current(event)
    sessions = [session for session in queries.published_sessions(revision) if session.ref == ref]
    if revision is None or not sessions:
        raise NotFound(_("There is no such session."))
    url = f"{url_for('.show', slug=slug, _external=True)}#{ref}"
    return _ics(calendars.agenda(event, sessions, revision=revision.number, url=url), f"{slug}-{ref}")


def _ics(content: bytes, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}.ics"'}
    return Response(content, mimetype="text/calendar", headers=headers)
