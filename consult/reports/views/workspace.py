"""Where the report is written."""

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from consult.accounts.access import require, signed_in
from consult.events.models import Event
from consult.events.queries import event_at
from consult.extensions import db
from consult.reports import documents, policy, queries, service
from consult.reports.forms import ReportForm
from consult.web.downloads import DOCX, attachment

bp = Blueprint("reports_workspace", __name__, url_prefix="/workspace/events/<slug>/report")


@bp.route("", methods=["GET", "POST"])
@require(policy.can_write, on=event_at)
def edit(event: Event) -> ResponseReturnValue:
    form = ReportForm(queries.report_of(event))
    if form.validate_on_submit():
        service.write(
            event,
            introduction=form.introduction.data or "",
            next_steps=form.next_steps.data or "",
            hides_small=form.hides_small.data,
            by=signed_in(),
        )
        db.session.commit()
        flash(_("The report has been saved."))
        return redirect(url_for(".edit", slug=event.slug))
    may_publish = policy.can_publish(signed_in(), event)
    page = {"event": event, "form": form, "contents": queries.contents(event), "may_publish": may_publish}
    return render_template("reports/edit.html", **page), form.status


@bp.get("/report.docx")
@require(policy.can_write, on=event_at)
def download(event: Event) -> Response:
    name = f"{event.slug}-summary-report.docx"
    return attachment(documents.docx(queries.contents(event)), name=name, media_type=DOCX)


@bp.post("/publish")
@require(policy.can_publish, on=event_at)
def publish(event: Event) -> ResponseReturnValue:
    service.publish(event, by=signed_in())
    db.session.commit()
    flash(_("The report is public now."))
    return redirect(url_for(".edit", slug=event.slug))


@bp.post("/unpublish")
@require(policy.can_publish, on=event_at)
def unpublish(event: Event) -> ResponseReturnValue:
    service.unpublish(event, by=signed_in())
    db.session.commit()
    flash(_("The report is a draft again."))
    return redirect(url_for(".edit", slug=event.slug))
