"""Pages about one's own account, and the administrator's list of people."""

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from consult.accounts import policy, queries, service
from consult.accounts.access import public, require, signed_in
from consult.accounts.forms import RoleForm, SettingsForm, ZoneForm
from consult.accounts.models import User
from consult.extensions import db

bp = Blueprint("accounts", __name__)


@bp.get("/sign-up/check-your-mail")
@public
def check_mail() -> ResponseReturnValue:
    return render_template("accounts/check_mail.html")


@bp.route("/account", methods=["GET", "POST"])
@require(policy.is_signed_in)
def settings() -> ResponseReturnValue:
    form = SettingsForm(obj=signed_in())
    if form.validate_on_submit():
        service.change_preferences(
            signed_in(), name=form.name.data, language=form.language.data, timezone=form.timezone.data
        )
        db.session.commit()
        flash(_("Your settings have been saved."))
        return redirect(url_for(".settings"))
    return render_template("accounts/settings.html", form=form), form.status


@bp.route("/time-zone", methods=["GET", "POST"])
@public
def time_zone() -> ResponseReturnValue:
    """For readers without an account: kept in the session cookie."""
    form = ZoneForm(timezone=session.get("timezone", ""))
    if form.validate_on_submit():
        session["timezone"] = form.timezone.data
        flash(_("Times are shown in your zone too."))
        return redirect(url_for("portal.calendar"))
    return render_template("accounts/time_zone.html", form=form), form.status


@bp.get("/workspace/people")
@require(policy.is_administrator)
def people() -> ResponseReturnValue:
    text = request.args.get("text", "").strip()
    page = queries.people(text=text, after=request.args.get("after", type=int))
    return render_template("accounts/people.html", page=page, text=text)


@bp.route("/workspace/people/<ref>", methods=["GET", "POST"])
@require(policy.can_change_role, on=queries.person_at)
def person(person: User) -> ResponseReturnValue:
    form = RoleForm(role=person.role)
    if form.validate_on_submit():
        service.change_role(person, form.role.data, by=signed_in())
        db.session.commit()
        flash(_("%(name)s: %(role)s.", name=person.name, role=person.role.label))
        return redirect(url_for(".people"))
    return render_template("accounts/person.html", form=form, person=person), form.status
