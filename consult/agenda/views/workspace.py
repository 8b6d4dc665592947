"""The secretariat's pages about the agenda."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from consult.accounts.access import require, signed_in
from consult.agenda import policy, queries, service
from consult.agenda.forms import PublishForm, SessionForm
from consult.agenda.models import Session
from consult.events.models import Event
from consult.events.queries import event_at
from consult.extensions import db
from consult.web.times import long_date

bp = Blueprint("agenda_workspace", __name__, url_prefix="/workspace/events/<slug>/agenda")


@bp.route("", methods=["GET", "POST"])
@require(policy.can_edit, on=event_at)
def index(event: Event) -> ResponseReturnValue:
    """The sessions as they are worked on; sent, it publishes them as the next revision."""
    form = PublishForm()
    if form.validate_on_submit():
        revision = form.attempt(lambda: service.publish(event, note=form.note.data or "", by=signed_in()))
        if revision:
            db.session.commit()
            flash(_("Revision %(number)s is public now.", number=revision.number))
            return redirect(url_for(".index", slug=event.slug))
    sessions, revisions = queries.sessions_of(event), queries.revisions_of(event)
    return render_template(
        "agenda/index.html", event=event, form=form, sessions=sessions, revisions=revisions
    ), form.status


@bp.route("/sessions/new", methods=["GET", "POST"])
@require(policy.can_edit, on=event_at)
def new(event: Event) -> ResponseReturnValue:
    form = SessionForm(event, long_date)
    if form.validate_on_submit() and form.attempt(lambda: service.add_session(event, form.entry, by=signed_in())):
        db.session.commit()
        flash(_("The session has been added."))
        return redirect(url_for(".index", slug=event.slug))
    return render_template("agenda/session.html", event=event, form=form, edited=None), form.status


@bp.route("/sessions/<ref>", methods=["GET", "POST"])
@require(policy.can_edit_session, on=queries.session_at)
def edit(session: Session) -> ResponseReturnValue:
    form = SessionForm(session.event, long_date, session)
    if form.validate_on_submit() and form.attempt(lambda: service.edit_session(session, form.entry, by=signed_in())):
        db.session.commit()
        flash(_("The session has been saved. The public sees it with the next revision."))
        return redirect(url_for(".index", slug=session.event.slug))
    return render_template("agenda/session.html", event=session.event, form=form, edited=session), form.status


@bp.post("/sessions/<ref>/remove")
@require(policy.can_edit_session, on=queries.session_at)
def remove(session: Session) -> ResponseReturnValue:
    service.remove_session(session, by=signed_in())
    db.session.commit()
    flash(_("The session has been removed."))
    return redirect(url_for(".index", slug=session.event.slug))
