"""The attendance summary."""

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from consult.accounts.access import require, signed_in
from consult.attendance import documents, exports, policy, queries
from consult.attendance.figures import Figures
from consult.attendance.models import AttendanceSummary
from consult.attendance.service import summaries
from consult.database import now
from consult.errors import NotFound
from consult.events.models import Event
from consult.events.queries import event_at
from consult.extensions import db
from consult.web.bodies import whole_number
from consult.web.downloads import XLSX, attachment

bp = Blueprint("attendance", __name__, url_prefix="/workspace/events/<slug>/attendance")


@bp.route("/summary", methods=["GET", "POST"])
@require(policy.can_see_summary, on=event_at)
def summary(event: Event) -> ResponseReturnValue:
    """The last summary; sent, it asks the worker for a new one."""
    if request.method == "POST":
        summaries.request_summary(event, by=signed_in(), at=now())
        db.session.commit()
        return redirect(url_for(".summary", slug=event.slug))
    shown = queries.summary_of(event, request.args.get("of", ""))
    other = queries.summary_of(event, request.args["with"]) if shown and request.args.get("with") else None
    figures = _shown(shown) if shown else None
    return render_template(
        "attendance/summary.html", event=event, summary=shown, figures=figures, other=other,
        whole=exports.whole(figures) if figures else [], before=exports.whole(_shown(other)) if other else [],
        waiting=queries.requested_summary(event), tables=exports.tables(figures) if figures else [],
        summaries=queries.summaries_of(event), is_public="public" in request.args,
    )  # fmt: skip


def _shown(summary: AttendanceSummary) -> Figures:
    """The figures of a summary, with small numbers hidden if that is asked for."""
    figures = Figures.of(summary.figures)
    return figures.for_publication() if "public" in request.args else figures


@bp.get("/series")
@require(policy.can_see_summary, on=event_at)
def series(event: Event) -> ResponseReturnValue:
    """This meeting beside the earlier ones of its series."""
    rows = [(held, Figures.of(summary.figures)) for held, summary in queries.series_summaries(event)]
    return render_template("attendance/series.html", event=event, rows=rows)


@bp.get("/summary.csv")
@require(policy.can_see_summary, on=event_at)
def summary_csv(event: Event) -> Response:
    return attachment(exports.as_csv(_figures(event)), name=f"{event.slug}-attendance.csv", media_type="text/csv")


@bp.get("/summary.xlsx")
@require(policy.can_see_summary, on=event_at)
def summary_xlsx(event: Event) -> Response:
    return attachment(exports.as_xlsx(_figures(event)), name=f"{event.slug}-attendance.xlsx", media_type=XLSX)


@bp.get("/picture.png")
@require(policy.can_see_summary, on=event_at)
def picture_png(event: Event) -> Response:
    return _picture(event, "png", "image/png")


@bp.get("/picture.svg")
@require(policy.can_see_summary, on=event_at)
def picture_svg(event: Event) -> Response:
    return _picture(event, "svg", "image/svg+xml")


def _picture(event: Event, kind: str, media_type: str) -> Response:
    """One table of the summary as bars; the address says which, from 0."""
    tables, number = exports.tables(_figures(event)), request.args.get("table", 0, type=whole_number)
    if not 0 <= number < len(tables):
        raise NotFound(_("There is no such table."))
    title, _first, rows = tables[number]
    content = documents.picture(title, event.title, rows, kind=kind)
    return attachment(content, name=f"{event.slug}-{number + 1}.{kind}", media_type=media_type)


def _figures(event: Event) -> Figures:
    found = queries.summary_of(event, request.args.get("of", ""))
    if found is None:
        raise NotFound(_("No attendance summary has been compiled yet."))
    return _shown(found)
