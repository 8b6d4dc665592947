"""For visa officers: who needs a letter, and what they gave for it. Every look is in the record."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from consult.accounts.access import fresh, require, signed_in
from consult.events.models import Event
from consult.events.queries import event_at
from consult.extensions import db
from consult.letters.models import LetterKind
from consult.letters.queries import valid_letter
from consult.registration import policy, queries
from consult.registration.models import Passport
from consult.registration.service import passports
from consult.web.bodies import whole_number

bp = Blueprint("visas", __name__, url_prefix="/workspace/events/<slug>/visas")


@bp.get("")
@require(policy.can_see_passports, on=event_at)
@fresh
def index(event: Event) -> ResponseReturnValue:
    page = queries.letters_wanted(event, after=request.args.get("after", type=whole_number))
    return render_template("registration/visas.html", event=event, page=page, given=queries.passports_of(page.rows))


@bp.post("/<ref>")
@require(policy.can_see_passport, on=queries.passport_at)
@fresh
def show(passport: Passport) -> ResponseReturnValue:
    """A button, not a link: to read it is an act, and is recorded."""
    registration = passport.registration
    data = passports.opened(passport, by=signed_in())
    letter = valid_letter(f"registration:{registration.ref}", LetterKind.VISA_SUPPORT)
    db.session.commit()
    return render_template(
        "registration/passport.html", event=registration.event, registration=registration, passport=passport,
        data=data, letter=letter,
    )  # fmt: skip
