"""The officers' pages: the queue, and one application with the three things that can be said to it."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from consult.accounts.access import require, signed_in
from consult.accreditation import exports, policy, queries, service
from consult.accreditation.forms import ApproveForm, RejectForm, RequestForm
from consult.accreditation.models import Application, ApplicationStatus
from consult.database import now
from consult.events.models import Event
from consult.events.queries import event_at
from consult.extensions import db
from consult.web.downloads import attachment
from consult.web.filters import chosen
from consult.web.forms import Form

bp = Blueprint("accreditation_workspace", __name__, url_prefix="/workspace/events/<slug>/accreditation")


@bp.get("")
@require(policy.can_see_queue, on=event_at)
def queue(event: Event) -> ResponseReturnValue:
    status, text = chosen(ApplicationStatus, request.args.get("status")), request.args.get("text", "").strip()
    page = queries.queue(event, status=status, text=text, after=request.args.get("after", type=int))
    return render_template(
        "accreditation/queue.html", event=event, page=page, status=status, text=text, counts=queries.counts(event),
        statuses=[each for each in ApplicationStatus if each is not ApplicationStatus.DRAFT],
    )  # fmt: skip


@bp.get("/export.csv")
@require(policy.can_see_queue, on=event_at)
def export(event: Event) -> Response:
    status, text = chosen(ApplicationStatus, request.args.get("status")), request.args.get("text", "").strip()
    lines = exports.as_csv(queries.all_sent(event, status=status, text=text))
    return attachment(lines, name=f"{event.slug}-applications.csv", media_type="text/csv")


@bp.get("/<ref>")
@require(policy.can_review, on=queries.application_at)
def review(application: Application) -> ResponseReturnValue:
    return _page(application)


@bp.post("/<ref>/request-information")
@require(policy.can_review, on=queries.application_at)
def request_information(application: Application) -> ResponseReturnValue:
    form = RequestForm(prefix="request")
    if form.validate_on_submit() and form.attempt(
        lambda: service.request_information(application, message=form.message.data, by=signed_in(), at=now())
    ):
        return _done(application, _("The applicant has been asked."))
    return _page(application, request=form)


@bp.post("/<ref>/approve")
@require(policy.can_review, on=queries.application_at)
def approve(application: Application) -> ResponseReturnValue:
    form = ApproveForm(prefix="approve")
    if form.validate_on_submit() and form.attempt(
        lambda: service.approve(application, message=form.message.data or "", by=signed_in(), at=now())
    ):
        return _done(application, _("%(name)s is accredited.", name=application.organisation.name))
    return _page(application, approve=form)


@bp.post("/<ref>/reject")
@require(policy.can_review, on=queries.application_at)
def reject(application: Application) -> ResponseReturnValue:
    form = RejectForm(prefix="reject")
    if form.validate_on_submit() and form.attempt(
        lambda: service.reject(
            application, reason=form.reason.data, message=form.message.data, by=signed_in(), at=now()
        )
    ):
        return _done(application, _("The application has been rejected, and the applicant told why."))
    return _page(application, reject=form)


def _done(application: Application, message: str) -> ResponseReturnValue:
    db.session.commit()
    flash(message)
    return redirect(url_for(".queue", slug=application.event.slug, status=ApplicationStatus.SUBMITTED))


def _page(application: Application, **sent: Form) -> ResponseReturnValue:
    """The application, with the form that was refused, if one was."""
    forms: dict[str, Form] = {
        "request": RequestForm(formdata=None, prefix="request"),
        "approve": ApproveForm(formdata=None, prefix="approve"),
        "reject": RejectForm(formdata=None, prefix="reject"),
        **sent,
    }
    status = 422 if sent else 200
    questions = queries.questions_of(application.event_id)
    return render_template(
        "accreditation/review.html", application=application, event=application.event, questions=questions, forms=forms,
        refused=next(iter(sent.values()), None),
    ), status  # fmt: skip
