"""The secretariat's pages about written input."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from consult.accounts.access import require, signed_in
from consult.events.models import Event
from consult.events.queries import event_at
from consult.extensions import db
from consult.inputs import exports, policy, queries, service
from consult.inputs.forms import CallForm
from consult.inputs.models import Call
from consult.web.bodies import whole_number
from consult.web.downloads import attachment

bp = Blueprint("inputs_workspace", __name__, url_prefix="/workspace/events/<slug>/inputs")


@bp.get("")
@require(policy.can_read_inputs, on=event_at)
def index(event: Event) -> ResponseReturnValue:
    calls, received = queries.calls_of(event), queries.received(event)
    may_edit = policy.can_manage_calls(signed_in(), event)
    return render_template("inputs/calls.html", event=event, calls=calls, received=received, may_edit=may_edit)


@bp.route("/new", methods=["GET", "POST"])
@require(policy.can_manage_calls, on=event_at)
def new(event: Event) -> ResponseReturnValue:
    form = CallForm(event)
    if form.validate_on_submit() and form.attempt(lambda: service.create_call(event, form.entry, by=signed_in())):
        db.session.commit()
        flash(_("The call has been created."))
        return redirect(url_for(".index", slug=event.slug))
    return render_template("inputs/call.html", event=event, form=form, call=None), form.status


@bp.route("/<ref>/edit", methods=["GET", "POST"])
@require(policy.can_manage_call, on=queries.call_at)
def edit(call: Call) -> ResponseReturnValue:
    form = CallForm(call.event, call)
    if form.validate_on_submit() and form.attempt(lambda: service.edit_call(call, form.entry, by=signed_in())):
        db.session.commit()
        flash(_("The call has been saved."))
        return redirect(url_for(".index", slug=call.event.slug))
    return render_template("inputs/call.html", event=call.event, form=form, call=call), form.status


@bp.get("/<ref>")
@require(policy.can_read_call, on=queries.call_at)
def submissions(call: Call) -> ResponseReturnValue:
    page = queries.submissions_to(call, after=request.args.get("after", type=whole_number))
    return render_template("inputs/submissions.html", event=call.event, call=call, page=page)


@bp.get("/<ref>/export.csv")
@require(policy.can_read_call, on=queries.call_at)
def export(call: Call) -> Response:
    return attachment(exports.as_csv(call), name=f"{call.event.slug}-inputs-{call.ref}.csv", media_type="text/csv")
