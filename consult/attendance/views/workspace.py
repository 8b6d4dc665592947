"""The attendance summary."""

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from consult.accounts.access import require, signed_in
from consult.attendance import exports, policy, queries
from consult.attendance.figures import Figures
from consult.attendance.service import summaries
from consult.database import now
from consult.errors import NotFound
from consult.events.models import Event
from consult.events.queries import event_at
from consult.extensions import db
from consult.web.downloads import attachment

bp = Blueprint("attendance", __name__, url_prefix="/workspace/events/<slug>/attendance")


@bp.route("/summary", methods=["GET", "POST"])
@require(policy.can_see_summary, on=event_at)
def summary(event: Event) -> ResponseReturnValue:
    """The last summary; sent, it asks the worker for a new one."""
    if request.method == "POST":
        summaries.request_summary(event, by=signed_in(), at=now())
        db.session.commit()
        return redirect(url_for(".summary", slug=event.slug))
    latest = queries.latest_summary(event)
    figures = Figures.of(latest.figures) if latest else None
    return render_template(
        "attendance/summary.html", event=event, summary=latest, figures=figures,
        waiting=queries.requested_summary(event), tables=exports.tables(figures) if figures else [],
    )  # fmt: skip


@bp.get("/summary.csv")
@require(policy.can_see_summary, on=event_at)
def summary_csv(event: Event) -> Response:
    return attachment(exports.as_csv(_figures(event)), name=f"{event.slug}-attendance.csv", media_type="text/csv")


@bp.get("/summary.xlsx")
@require(policy.can_see_summary, on=event_at)
def summary_xlsx(event: Event) -> Response:
    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return attachment(exports.as_xlsx(_figures(event)), name=f"{event.slug}-attendance.xlsx", media_type=media_type)


def _figures(event: Event) -> Figures:
    latest = queries.latest_summary(event)
    if latest is None:
        raise NotFound(_("No attendance summary has been compiled yet."))
    return Figures.of(latest.figures)
