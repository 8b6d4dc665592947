"""The secretariat's pages about events: describe them, say who may come, publish, cancel, archive."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from consult.accounts.access import fresh, require, signed_in
from consult.accounts.policy import is_secretariat
from consult.audit.queries import entries_in
from consult.events import policy, queries
from consult.events.forms import CancelForm, CategoryForm, EventForm, MemberForm, SeriesForm
from consult.events.models import Event, ParticipantCategory, TeamInvitation, TeamMember
from consult.events.service import events
from consult.events.service import team as members
from consult.extensions import db
from consult.web.bodies import whole_number
from consult.web.times import long_date

bp = Blueprint("events_workspace", __name__, url_prefix="/workspace")


@bp.route("/series/new", methods=["GET", "POST"])
@require(is_secretariat)
def new_series() -> ResponseReturnValue:
    form = SeriesForm()
    if form.validate_on_submit() and form.attempt(lambda: events.create_series(form.title.data, by=signed_in())):
        db.session.commit()
        flash(_("The series has been created."))
        return redirect(url_for(".new"))
    return render_template("events/series.html", form=form), form.status


@bp.route("/events/new", methods=["GET", "POST"])
@require(is_secretariat)
def new() -> ResponseReturnValue:
    form = EventForm()
    if form.validate_on_submit():
        event = form.attempt(lambda: events.create_event(form.entry, by=signed_in()))
        if event:
            db.session.commit()
            flash(_("The event is a draft. Say next who may come."))
            return redirect(url_for(".categories", slug=event.slug))
    return render_template("events/edit.html", form=form, event=None), form.status


@bp.route("/events/<slug>/settings", methods=["GET", "POST"])
@require(policy.can_manage, on=queries.event_at)
def edit(event: Event) -> ResponseReturnValue:
    form = EventForm(event)
    if form.validate_on_submit() and form.attempt(lambda: events.edit_event(event, form.entry, by=signed_in())):
        db.session.commit()
        flash(_("The event has been saved."))
        return redirect(url_for(".edit", slug=event.slug))
    return render_template("events/edit.html", form=form, event=event), form.status


@bp.get("/events/<slug>/categories")
@require(policy.can_manage, on=queries.event_at)
def categories(event: Event) -> ResponseReturnValue:
    return render_template("events/categories.html", event=event)


@bp.route("/events/<slug>/categories/new", methods=["GET", "POST"])
@require(policy.can_manage, on=queries.event_at)
def new_category(event: Event) -> ResponseReturnValue:
    form = CategoryForm(event, long_date)
    if form.validate_on_submit() and form.attempt(lambda: events.add_category(event, form.entry, by=signed_in())):
        db.session.commit()
        flash(_("The category has been added."))
        return redirect(url_for(".categories", slug=event.slug))
    return render_template("events/category.html", form=form, event=event, category=None), form.status


@bp.route("/events/<slug>/categories/<ref>", methods=["GET", "POST"])
@require(policy.can_manage_category, on=queries.category_at)
def edit_category(category: ParticipantCategory) -> ResponseReturnValue:
    form = CategoryForm(category.event, long_date, category)
    if form.validate_on_submit() and form.attempt(lambda: events.edit_category(category, form.entry, by=signed_in())):
        db.session.commit()
        flash(_("The category has been saved."))
        return redirect(url_for(".categories", slug=category.event.slug))
    return render_template("events/category.html", form=form, event=category.event, category=category), form.status


@bp.post("/events/<slug>/categories/<ref>/remove")
@require(policy.can_manage_category, on=queries.category_at)
def remove_category(category: ParticipantCategory) -> ResponseReturnValue:
    events.remove_category(category, by=signed_in())
    db.session.commit()
    flash(_("The category has been removed."))
    return redirect(url_for(".categories", slug=category.event.slug))


@bp.post("/events/<slug>/publish")
@require(policy.can_manage, on=queries.event_at)
def publish(event: Event) -> ResponseReturnValue:
    events.publish(event, by=signed_in())
    db.session.commit()
    flash(_("The event is public now."))
    return redirect(url_for("portal_workspace.overview", slug=event.slug))


@bp.route("/events/<slug>/cancel", methods=["GET", "POST"])
@require(policy.can_manage, on=queries.event_at)
def cancel(event: Event) -> ResponseReturnValue:
    form = CancelForm()
    if form.validate_on_submit() and form.attempt(
        lambda: events.cancel(event, reason=form.reason.data, by=signed_in())
    ):
        db.session.commit()
        flash(_("The event is cancelled. Everybody who had a place is being told."))
        return redirect(url_for("portal_workspace.overview", slug=event.slug))
    return render_template("events/cancel.html", form=form, event=event), form.status


@bp.post("/events/<slug>/archive")
@require(policy.can_manage, on=queries.event_at)
def archive(event: Event) -> ResponseReturnValue:
    events.archive(event, by=signed_in())
    db.session.commit()
    flash(_("The event is archived. It can still be read."))
    return redirect(url_for("portal_workspace.overview", slug=event.slug))


@bp.route("/events/<slug>/team", methods=["GET", "POST"])
@require(policy.can_manage, on=queries.event_at)
@fresh
def team(event: Event) -> ResponseReturnValue:
    form = MemberForm()
    if form.validate_on_submit():
        invitation = form.attempt(
            lambda: members.invite_member(event, email=form.email.data, role=form.role.data, by=signed_in())
        )
        if invitation:
            db.session.commit()
            flash(
                _("A second person has to confirm this. All managers and the secretariat are being told.")
                if invitation.needs_second_person
                else _("The person is being asked by mail. The role is theirs when they accept.")
            )
            return redirect(url_for(".team", slug=event.slug))
    waiting = queries.team_invitations_of(event)
    return render_template(
        "events/team.html", form=form, event=event, team=queries.team_of(event), waiting=waiting,
        confirmable={each.id for each in waiting if policy.is_second_person(signed_in(), each)},
    ), form.status  # fmt: skip


@bp.post("/events/<slug>/team/invitations/<ref>/confirm")
@require(policy.can_confirm, on=queries.team_invitation_at)
@fresh
def confirm_member(invitation: TeamInvitation) -> ResponseReturnValue:
    """The second person for the right to read passports."""
    members.confirm_member(invitation, by=signed_in())
    db.session.commit()
    flash(_("Confirmed. The person is being asked by mail, and all managers and the secretariat are being told."))
    return redirect(url_for(".team", slug=invitation.event.slug))


@bp.post("/events/<slug>/team/invitations/<ref>/take-back")
@require(policy.can_take_back, on=queries.team_invitation_at)
def take_back_role(invitation: TeamInvitation) -> ResponseReturnValue:
    slug = invitation.event.slug
    members.take_back_role(invitation, by=signed_in())
    db.session.commit()
    flash(_("The invitation is taken back."))
    return redirect(url_for(".team", slug=slug))


@bp.post("/events/<slug>/team/<ref>/remove")
@require(policy.can_manage_member, on=queries.member_at)
def remove_member(member: TeamMember) -> ResponseReturnValue:
    members.remove_member(member, by=signed_in())
    db.session.commit()
    flash(_("The person is no longer in this role."))
    return redirect(url_for(".team", slug=member.event.slug))


@bp.get("/events/<slug>/record")
@require(policy.can_manage, on=queries.event_at)
def record(event: Event) -> ResponseReturnValue:
    """What was done with this event and all that belongs to it, and by whom."""
    page = entries_in(event.scope, after=request.args.get("after", type=whole_number))
    return render_template("events/record.html", event=event, page=page)
