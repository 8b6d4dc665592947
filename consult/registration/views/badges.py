"""Badges printed in numbers."""

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from consult.accounts.access import require, signed_in
from consult.database import now
from consult.errors import NotFound
from consult.events.models import Event
from consult.events.queries import event_at
from consult.extensions import db
from consult.files import service as files
from consult.registration import documents, policy, queries
from consult.registration.forms.secretariat import BadgesForm
from consult.registration.models import BadgeRun, BadgeRunStatus, Registration
from consult.registration.service import badges
from consult.web.downloads import attachment

bp = Blueprint("badges", __name__, url_prefix="/workspace/events/<slug>/badges")


@bp.route("", methods=["GET", "POST"])
@require(policy.can_print, on=event_at)
def index(event: Event) -> ResponseReturnValue:
    form = BadgesForm(event)
    if form.validate_on_submit() and form.attempt(
        lambda: badges.request(event, category=form.chosen, layout=form.layout.data, by=signed_in(), at=now())
    ):
        db.session.commit()
        flash(_("The badges are being made. You can leave this page and come back."))
        return redirect(url_for(".index", slug=event.slug))
    runs = queries.badge_runs_of(event)
    return render_template("registration/badges.html", event=event, form=form, runs=runs), form.status


@bp.get("/<ref>/progress")
@require(policy.can_open_badges, on=queries.badge_run_at)
def progress(run: BadgeRun) -> Response:
    """For the script that moves the bar."""
    is_done = run.status is not BadgeRunStatus.REQUESTED
    return jsonify(percent=100 if is_done else min(99, run.percent), text=f"{run.done} / {run.total}", done=is_done)


@bp.get("/<ref>.pdf")
@require(policy.can_open_badges, on=queries.badge_run_at)
def download(run: BadgeRun) -> Response:
    if run.file is None:
        raise NotFound(_("These badges are still being made."))
    return attachment(files.read(run.file), name=run.file.name, media_type="application/pdf")


@bp.get("/of/<ref>.pdf")
@require(policy.can_print_badge, on=queries.registration_at)
def one(registration: Registration) -> Response:
    """One badge, at the door or at the desk."""
    documents.need_badge(registration)
    content = documents.badge(registration)
    return attachment(content, name=f"badge-{registration.ref}.pdf", media_type="application/pdf")
