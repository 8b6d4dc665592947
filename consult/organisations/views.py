"""Pages about organisations."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from consult.accounts.access import require, signed_in
from consult.accounts.policy import is_secretariat, is_signed_in
from consult.extensions import db
from consult.organisations import policy, queries, service
from consult.organisations.forms import OrganisationForm
from consult.organisations.models import Organisation
from consult.web import redirects

bp = Blueprint("organisations", __name__)


@bp.route("/my/organisations/new", methods=["GET", "POST"])
@require(is_signed_in)
def new() -> ResponseReturnValue:
    form = OrganisationForm()
    if form.validate_on_submit() and form.attempt(lambda: service.create(form.entry, by=signed_in())):
        db.session.commit()
        flash(_("Your organisation has been saved. You are its focal point."))
        return redirect(redirects.then(url_for("portal.mine")))
    return render_template("organisations/edit.html", form=form, organisation=None), form.status


@bp.route("/my/organisations/<ref>", methods=["GET", "POST"])
@require(policy.can_edit, on=queries.organisation_at)
def edit(organisation: Organisation) -> ResponseReturnValue:
    form = OrganisationForm(organisation)
    if form.validate_on_submit() and form.attempt(lambda: service.edit(organisation, form.entry, by=signed_in())):
        db.session.commit()
        flash(_("The profile has been saved."))
        return redirect(url_for(".edit", ref=organisation.ref))
    people = queries.focal_points_of(organisation)
    return render_template("organisations/edit.html", form=form, organisation=organisation, people=people), form.status


@bp.get("/workspace/organisations")
@require(is_secretariat)
def index() -> ResponseReturnValue:
    text = request.args.get("text", "").strip()
    page = queries.organisations(text=text, after=request.args.get("after", type=int))
    return render_template("organisations/index.html", page=page, text=text)
