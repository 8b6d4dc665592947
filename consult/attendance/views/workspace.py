"""Reports of meeting platforms, and the attendance summary."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from consult.accounts.access import require, signed_in
from consult.attendance import exports, policy, queries, service
from consult.attendance.figures import Figures
from consult.attendance.forms import ImportForm, SettleForm
from consult.attendance.models import SeenOnline, SeenStatus
from consult.database import now
from consult.errors import NotFound
from consult.events.models import Event
from consult.events.queries import event_at
from consult.extensions import db
from consult.registration.queries import registration_at
from consult.web.downloads import attachment
from consult.web.filters import chosen
from consult.web.forms import options
from consult.web.times import long_date

bp = Blueprint("attendance", __name__, url_prefix="/workspace/events/<slug>/attendance")


@bp.route("/imports", methods=["GET", "POST"])
@require(policy.can_import, on=event_at)
def imports(event: Event) -> ResponseReturnValue:
    """Send a report; see what could not be matched."""
    form = ImportForm(event, long_date)
    if form.validate_on_submit():
        outcome = form.attempt(lambda: _import(event, form))
        if outcome:
            db.session.commit()
            flash(_said(outcome))
            return redirect(url_for(".imports", slug=event.slug))
    status = chosen(SeenStatus, request.args.get("status")) or SeenStatus.UNMATCHED
    page = queries.seen_online(event, status=status, after=request.args.get("after", type=int))
    return render_template(
        "attendance/imports.html", event=event, form=form, imports=queries.imports_of(event), status=status, page=page,
        counts=queries.seen_counts(event), statuses=list(SeenStatus),
    ), form.status  # fmt: skip


def _import(event: Event, form: ImportForm) -> service.Outcome:
    file: Any = form.report.data
    return service.import_report(event, form.chosen_day, file.read(), name=file.filename, by=signed_in(), at=now())


def _said(outcome: service.Outcome) -> str:
    if outcome.is_repeat:
        return _("This file was imported before. Nothing has changed.")
    return _("Matched: %(matched)s. To settle: %(open)s.", matched=outcome.matched, open=outcome.to_settle)


@bp.route("/imports/<ref>", methods=["GET", "POST"])
@require(policy.can_settle, on=queries.seen_at)
def settle(seen: SeenOnline) -> ResponseReturnValue:
    """Say who somebody in a report was: the likeliest are proposed, any reference can be typed."""
    form, event = SettleForm(), seen.event
    likely = queries.likely(seen)
    form.registration.choices = options([(each.ref, each.name) for each in likely])
    if form.validate_on_submit():
        done = form.attempt(
            lambda: service.settle(
                seen, registration_at(event.slug, form.registration.data.strip().upper()), by=signed_in(), at=now()
            )
        )
        if done:
            db.session.commit()
            flash(_("%(name)s is settled.", name=seen.name or seen.email))
            return redirect(url_for(".imports", slug=event.slug))
    return render_template("attendance/settle.html", event=event, seen=seen, form=form, likely=likely), form.status


@bp.post("/imports/<ref>/dismiss")
@require(policy.can_settle, on=queries.seen_at)
def dismiss(seen: SeenOnline) -> ResponseReturnValue:
    service.dismiss(seen, by=signed_in())
    db.session.commit()
    flash(_("%(name)s is left out.", name=seen.name or seen.email))
    return redirect(url_for(".imports", slug=seen.event.slug))


@bp.post("/imports/<ref>/reopen")
@require(policy.can_settle, on=queries.seen_at)
def reopen(seen: SeenOnline) -> ResponseReturnValue:
    service.reopen(seen, by=signed_in())
    db.session.commit()
    flash(_("%(name)s is to be settled again.", name=seen.name or seen.email))
    return redirect(url_for(".imports", slug=seen.event.slug))


@bp.route("/summary", methods=["GET", "POST"])
@require(policy.can_see_summary, on=event_at)
def summary(event: Event) -> ResponseReturnValue:
    """The last summary; sent, it asks the worker for a new one."""
    if request.method == "POST":
        service.request_summary(event, by=signed_in(), at=now())
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
