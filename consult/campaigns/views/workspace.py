"""The secretariat's pages about invitations: write, choose people, look, send, watch."""

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from consult.accounts.access import require, signed_in
from consult.campaigns import policy, queries, service
from consult.campaigns.forms import CampaignForm, ListForm
from consult.campaigns.models import Campaign
from consult.database import now
from consult.events.models import Event
from consult.events.queries import event_at
from consult.extensions import db
from consult.web import bodies, previews
from consult.web.bodies import takes, whole_number

bp = Blueprint("campaigns", __name__, url_prefix="/workspace/events/<slug>/invitations")


@bp.get("")
@require(policy.can_invite, on=event_at)
def index(event: Event) -> ResponseReturnValue:
    campaigns, people = queries.campaigns_of(event), queries.people_in(event)
    return render_template("campaigns/index.html", event=event, campaigns=campaigns, people=people)


@bp.route("/new", methods=["GET", "POST"])
@require(policy.can_invite, on=event_at)
def new(event: Event) -> ResponseReturnValue:
    form = CampaignForm(subject=_("Invitation: %(event)s", event=event.title))
    if form.validate_on_submit():
        campaign = service.create(event, subject=form.subject.data, message=form.message.data, by=signed_in())
        db.session.commit()
        return redirect(url_for(".show", slug=event.slug, ref=campaign.ref))
    return render_template("campaigns/edit.html", event=event, form=form, campaign=None), form.status


@bp.route("/<ref>/edit", methods=["GET", "POST"])
@require(policy.can_edit, on=queries.campaign_at)
def edit(campaign: Campaign) -> ResponseReturnValue:
    form = CampaignForm(subject=campaign.subject, message=campaign.message)
    if form.validate_on_submit() and form.attempt(
        lambda: service.edit(campaign, subject=form.subject.data, message=form.message.data, by=signed_in())
    ):
        db.session.commit()
        return redirect(url_for(".show", slug=campaign.event.slug, ref=campaign.ref))
    return render_template("campaigns/edit.html", event=campaign.event, form=form, campaign=campaign), form.status


@bp.get("/<ref>")
@require(policy.can_edit, on=queries.campaign_at)
def show(campaign: Campaign) -> ResponseReturnValue:
    return _page(campaign, ListForm(formdata=None))


@bp.post("/<ref>/focal-points")
@require(policy.can_edit, on=queries.campaign_at)
def add_focal_points(campaign: Campaign) -> ResponseReturnValue:
    added = service.add_focal_points(campaign, by=signed_in())
    db.session.commit()
    flash(_said(added))
    return redirect(url_for(".show", slug=campaign.event.slug, ref=campaign.ref))


@bp.post("/<ref>/list")
@takes(bodies.DOCUMENT)
@require(policy.can_edit, on=queries.campaign_at)
def add_list(campaign: Campaign) -> ResponseReturnValue:
    form = ListForm()
    if form.validate_on_submit():
        added = form.attempt(lambda: service.add_list(campaign, form.people.data.read(), by=signed_in()))
        if added:
            db.session.commit()
            flash(_said(added))
            if not added.bad:
                return redirect(url_for(".show", slug=campaign.event.slug, ref=campaign.ref))
            return _page(campaign, ListForm(formdata=None), added)
    return _page(campaign, form)


@bp.post("/<ref>/empty")
@require(policy.can_edit, on=queries.campaign_at)
def remove_people(campaign: Campaign) -> ResponseReturnValue:
    service.remove_people(campaign, by=signed_in())
    db.session.commit()
    flash(_("The campaign is empty again."))
    return redirect(url_for(".show", slug=campaign.event.slug, ref=campaign.ref))


@bp.post("/<ref>/send")
@require(policy.can_edit, on=queries.campaign_at)
def launch(campaign: Campaign) -> ResponseReturnValue:
    """What was looked at is what is sent: the words, and the people."""
    previews.need_unchanged("campaign", _shown(campaign))
    service.launch(campaign, by=signed_in(), at=now())
    db.session.commit()
    flash(_("The invitations are on their way. You can leave this page and come back."))
    return redirect(url_for(".show", slug=campaign.event.slug, ref=campaign.ref))


@bp.get("/<ref>/progress")
@require(policy.can_edit, on=queries.campaign_at)
def progress(campaign: Campaign) -> Response:
    """For the script that moves the bar; the page itself shows the same numbers."""
    now_at = queries.progress(campaign)
    is_done = now_at.delivered + now_at.failed >= now_at.people
    return jsonify(percent=now_at.percent, text=f"{now_at.delivered} / {now_at.people}", done=is_done)


def _shown(campaign: Campaign) -> list[object]:
    return [campaign.ref, campaign.subject, campaign.message, *queries.extent(campaign)]


def _said(added: service.Added) -> str:
    return _(
        "Added: %(new)s. Had an invitation already: %(known)s. Rows left out: %(bad)s.",
        new=added.new, known=added.known, bad=len(added.bad),
    )  # fmt: skip


def _page(campaign: Campaign, form: ListForm, added: service.Added | None = None) -> ResponseReturnValue:
    page = queries.invitations_of(campaign, after=request.args.get("after", type=whole_number))
    return render_template(
        "campaigns/show.html", event=campaign.event, campaign=campaign, form=form, page=page, added=added,
        progress=queries.progress(campaign), seal=previews.seal("campaign", _shown(campaign)),
    ), form.status  # fmt: skip
