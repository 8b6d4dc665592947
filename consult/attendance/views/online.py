"""Those who take part online say that they are there, by the code shown in the room."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from consult.accounts.access import public
from consult.accounts.models import hashed
from consult.attendance.forms import EnterCodeForm
from consult.attendance.service import codes
from consult.database import now
from consult.extensions import db
from consult.registration.queries import registration_by_key
from consult.web.limits import limited

bp = Blueprint("online", __name__)


def _registration() -> str:
    """Whose guesses are counted: a whole office may sit behind one address. The count lies in Redis, so it must not
    name the key itself."""
    return hashed(str((request.view_args or {}).get("key")))


@bp.route("/registrations/<key>/here", methods=["GET", "POST"])
@limited("guess", methods=["POST"], key=_registration)
@public
def here(key: str) -> ResponseReturnValue:
    registration = registration_by_key(key)
    form = EnterCodeForm()
    if form.validate_on_submit():
        shown = form.attempt(lambda: codes.check_in_with(registration, form.code.data, at=now()))
        if shown:
            db.session.commit()
            where = shown.session.title if shown.session else registration.event.title
            flash(_("Thank you. You are counted as present: %(where)s.", where=where))
            return redirect(url_for("person.show", key=key))
    page = {"registration": registration, "event": registration.event, "form": form}
    return render_template("attendance/here.html", **page), form.status
