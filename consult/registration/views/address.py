"""Where the mail to a new address leads: it is confirmed with a button, so that a mail scanner confirms nothing."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from consult.accounts.access import public
from consult.database import now
from consult.extensions import db
from consult.registration.service import corrections
from consult.web.limits import limited

bp = Blueprint("registration_address", __name__)


@bp.route("/registration-address/<key>", methods=["GET", "POST"])
@limited("key")
@public
def confirm(key: str) -> ResponseReturnValue:
    registration = corrections.of_new_address(key, at=now())
    if request.method == "GET":
        page = {"event": registration.event, "registration": registration}
        return render_template("registration/new_address.html", **page)
    corrections.confirm_address(key, at=now())
    db.session.commit()
    flash(_("The address is confirmed."))
    return redirect(url_for("person.show", key=registration.access_key))
