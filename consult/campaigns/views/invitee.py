"""Where a personal link leads: accept, and register; or decline."""

from dataclasses import replace

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from consult.accounts.access import public
from consult.campaigns import queries, service
from consult.database import now
from consult.extensions import db
from consult.registration.forms.people import guest_form
from consult.registration.queries import categories_for, offer_of, places
from consult.registration.views.offers import choose_category, chosen_category
from consult.web import bodies
from consult.web.bodies import takes
from consult.web.limits import limited

bp = Blueprint("invitations", __name__, url_prefix="/invitations/<key>")


@bp.get("")
@public
@limited("key")
def show(key: str) -> ResponseReturnValue:
    invitation = queries.invitation_by_key(key)
    return render_template("campaigns/invitation.html", invitation=invitation, event=invitation.event, at=now())


@bp.route("/accept", methods=["GET", "POST"])
@takes(bodies.DOCUMENTS)
@public
@limited("key")
def accept(key: str) -> ResponseReturnValue:
    """The registration, with what the invitation knows filled in."""
    invitation = queries.invitation_by_key(key)
    given, _space, family = invitation.name.partition(" ")
    about = {"given_name": given, "family_name": family, "email": invitation.email}
    about["organisation_name"] = invitation.organisation_name
    categories = categories_for(invitation.event)
    category = chosen_category(categories)
    if category is None:
        return choose_category(invitation.event, categories, _("Register"))
    form = guest_form(offer_of(invitation.event, category), known=queries.organisation_of(invitation), **about)
    form.email.render_kw = {"readonly": True}
    if form.validate_on_submit():
        # the link was mailed to this address: whoever holds it may not ask about others
        entry = replace(form.entry, email=invitation.email)
        made = form.attempt(lambda: service.accept(invitation, entry, at=now()))
        if made:
            db.session.commit()
            return redirect(url_for("person.show", key=made.access_key))
    page = {"invitation": invitation, "event": invitation.event, "form": form, "places": places(invitation.event)}
    page["category"] = category
    return render_template("campaigns/accept.html", **page, at=now()), form.status


@bp.post("/decline")
@public
@limited("key")
def decline(key: str) -> ResponseReturnValue:
    service.decline(queries.invitation_by_key(key), at=now())
    db.session.commit()
    flash(_("You have declined. Should your plans change, the same link lets you accept."))
    return redirect(url_for(".show", key=key))
