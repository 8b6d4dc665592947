"""The calendar, the event page, and whether the service is well."""

from datetime import UTC, datetime

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from consult.accounts.access import public, visitor
from consult.agenda import queries as agenda
from consult.database import now
from consult.events import queries as events
from consult.events.models import WindowState
from consult.extensions import db, limiter
from consult.portal import queries
from consult.reports.queries import is_published

bp = Blueprint("portal", __name__)


@bp.get("/")
@public
def calendar() -> ResponseReturnValue:
    """Events to come and events that were, filtered by what the address says."""
    series, words = request.args.get("series", ""), request.args.get("text", "").strip()
    today = datetime.now(UTC).date()
    return render_template(
        "portal/calendar.html", upcoming=events.upcoming(today, series=series, text=words),
        past=events.past(today, series=series, text=words), all_series=events.all_series(), series=series, text=words,
    )  # fmt: skip


@bp.get("/events/<slug>")
@public
def event(slug: str) -> ResponseReturnValue:
    """What, when, where, who may come, what is open now and until when."""
    event = events.event_for(visitor(), slug)
    revision = agenda.current(event)
    steps = queries.steps(event, at=now())
    return render_template(
        "portal/event.html", event=event, steps=steps, revision=revision, has_outcomes=is_published(event),
        next_step=next((step for step in steps if step.state is WindowState.OPEN), None),
        days=agenda.by_day(agenda.published_sessions(revision)),
    )  # fmt: skip


@bp.get("/health")
@public
@limiter.exempt
def health() -> ResponseReturnValue:
    """For whoever watches the service: 200 when the database answers."""
    db.session.execute(text("SELECT 1"))
    return {"status": "ok"}
