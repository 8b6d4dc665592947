"""The secretariat's follow-up forms, and what was answered."""

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from consult.accounts.access import require, signed_in
from consult.database import now
from consult.events.models import Event
from consult.events.queries import event_at
from consult.extensions import db
from consult.registration import exports, policy, queries
from consult.registration.forms.secretariat import FollowUpForm
from consult.registration.models import FollowUp, FollowUpStatus
from consult.registration.service import follow_ups
from consult.web import previews
from consult.web.bodies import whole_number
from consult.web.downloads import attachment

bp = Blueprint("follow_ups", __name__, url_prefix="/workspace/events/<slug>/forms")


@bp.get("")
@require(policy.can_make_follow_ups, on=event_at)
def index(event: Event) -> ResponseReturnValue:
    return render_template("registration/forms.html", event=event, forms=queries.follow_ups_of(event), at=now())


@bp.route("/new", methods=["GET", "POST"])
@require(policy.can_make_follow_ups, on=event_at)
def new(event: Event) -> ResponseReturnValue:
    form = FollowUpForm(event)
    if form.validate_on_submit():
        made = form.attempt(lambda: follow_ups.create(event, form.entry, by=signed_in()))
        if made:
            db.session.commit()
            flash(_("The form has been saved. Look at it, and send it."))
            return redirect(url_for(".show", slug=event.slug, ref=made.ref))
    return render_template("registration/form_edit.html", event=event, form=form, follow_up=None), form.status


@bp.get("/<ref>")
@require(policy.can_manage_follow_up, on=queries.follow_up_at)
def show(follow_up: FollowUp) -> ResponseReturnValue:
    """What it asks, and what was answered."""
    page = queries.answers_to(follow_up, after=request.args.get("after", type=whole_number))
    return render_template(
        "registration/form_show.html", event=follow_up.event, follow_up=follow_up, page=page,
        is_draft=follow_up.status is FollowUpStatus.DRAFT, at=now(), seal=previews.seal("follow-up", _shown(follow_up)),
    )  # fmt: skip


@bp.route("/<ref>/edit", methods=["GET", "POST"])
@require(policy.can_manage_follow_up, on=queries.follow_up_at)
def edit(follow_up: FollowUp) -> ResponseReturnValue:
    form = FollowUpForm(follow_up.event, follow_up)
    if form.validate_on_submit() and form.attempt(lambda: follow_ups.edit(follow_up, form.entry, by=signed_in())):
        db.session.commit()
        flash(_("The form has been saved."))
        return redirect(url_for(".show", slug=follow_up.event.slug, ref=follow_up.ref))
    page = {"event": follow_up.event, "form": form, "follow_up": follow_up}
    return render_template("registration/form_edit.html", **page), form.status


@bp.post("/<ref>/send")
@require(policy.can_manage_follow_up, on=queries.follow_up_at)
def send(follow_up: FollowUp) -> ResponseReturnValue:
    previews.need_unchanged("follow-up", _shown(follow_up))
    follow_ups.send(follow_up, by=signed_in(), at=now())
    db.session.commit()
    flash(_("The form is being sent to everybody whose place is confirmed."))
    return redirect(url_for(".show", slug=follow_up.event.slug, ref=follow_up.ref))


def _shown(follow_up: FollowUp) -> list[object]:
    """What whoever sends the form has looked at."""
    asked = [
        (question.ref, question.text, question.help, question.kind, question.is_required, question.choices)
        for question in follow_up.question_set.questions
    ]
    return [follow_up.ref, follow_up.title, follow_up.introduction, follow_up.closes_at, asked]


@bp.get("/<ref>/answers.csv")
@require(policy.can_manage_follow_up, on=queries.follow_up_at)
def export(follow_up: FollowUp) -> Response:
    lines = exports.follow_up_csv(follow_up, queries.all_answers_to(follow_up))
    return attachment(lines, name=f"{follow_up.event.slug}-{follow_up.ref}.csv", media_type="text/csv")
