"""For whoever has the link from the confirmation: the person, without an account."""

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from consult.accounts.access import public
from consult.database import now
from consult.extensions import db
from consult.registration import queries
from consult.registration.models import Registration, Visibility
from consult.registration.service import erasure, people
from consult.registration.views import shared
from consult.web import bodies
from consult.web.bodies import takes
from consult.web.limits import limited

bp = Blueprint("person", __name__, url_prefix="/registrations/<key>")
limited("key")(bp)


def _links(registration: Registration) -> shared.Links:
    return lambda name, **more: url_for(f"person.{name}", key=registration.access_key, **more)


@bp.get("")
@public
def show(key: str) -> ResponseReturnValue:
    registration = queries.registration_by_key(key)
    return shared.show(registration, _links(registration), is_own=True)


@bp.get("/badge.pdf")
@public
def badge(key: str) -> Response:
    return shared.badge(queries.registration_by_key(key))


@bp.post("/withdraw")
@public
def withdraw(key: str) -> ResponseReturnValue:
    registration = queries.registration_by_key(key)
    is_asked, slug = registration.is_asked, registration.event.slug
    people.withdraw(registration, by=None, at=now())
    db.session.commit()
    if is_asked:
        flash(_("You have declined. What was entered about you is erased."))
        return redirect(url_for("portal.event", slug=slug))
    flash(_("The registration has been withdrawn."))
    return redirect(url_for(".show", key=key))


@bp.post("/answer")
@public
def answer(key: str) -> ResponseReturnValue:
    """The person agrees to what others registered them for."""
    registration = people.answer(queries.registration_by_key(key), by=None, at=now())
    db.session.commit()
    flash(_("You are registered. What became of it stands here."))
    return redirect(url_for(".show", key=registration.access_key))


@bp.post("/erase")
@public
def erase(key: str) -> ResponseReturnValue:
    """Everything about the person goes, whatever became of the registration."""
    registration = queries.registration_by_key(key)
    slug = registration.event.slug
    erasure.erase(registration, by=None, at=now())
    db.session.commit()
    return redirect(url_for("registration_list.erased", slug=slug))


@bp.post("/accept")
@public
def accept(key: str) -> ResponseReturnValue:
    people.accept_offer(queries.registration_by_key(key), by=None, at=now())
    db.session.commit()
    flash(_("The place is confirmed."))
    return redirect(url_for(".show", key=key))


@bp.post("/modality")
@public
def change_modality(key: str) -> ResponseReturnValue:
    registration = queries.registration_by_key(key)
    return shared.change_modality(registration, _links(registration), by=None)


@bp.route("/correct", methods=["GET", "POST"])
@takes(bodies.DOCUMENTS)
@public
def correct(key: str) -> ResponseReturnValue:
    registration = queries.registration_by_key(key)
    return shared.correct(registration, _links(registration), by=None, is_own=True)


@bp.post("/object")
@public
def object_to(key: str) -> ResponseReturnValue:
    """The person does not want to be registered."""
    registration = queries.registration_by_key(key)
    erasure.object_to(registration, at=now())
    db.session.commit()
    return redirect(url_for("registration_list.objected", slug=registration.event.slug))


@bp.route("/visa-letter", methods=["GET", "POST"])
@public
def visa_letter(key: str) -> ResponseReturnValue:
    registration = queries.registration_by_key(key)
    return shared.visa_letter(registration, _links(registration), by=None)


@bp.post("/erase-passport")
@public
def erase_passport(key: str) -> ResponseReturnValue:
    registration = queries.registration_by_key(key)
    return shared.erase_passport(registration, _links(registration), by=None)


@bp.route("/forms/<form>", methods=["GET", "POST"])
@public
def follow_up(key: str, form: str) -> ResponseReturnValue:
    registration = queries.registration_by_key(key)
    found = queries.sent_follow_up_at(registration.event.slug, form)
    return shared.follow_up(found, registration, _links(registration))


@bp.get("/participants")
@public
def participants(key: str) -> ResponseReturnValue:
    """The list that participants see."""
    registration = queries.registration_by_key(key)
    event = registration.event
    people_ = queries.participants(event, to=Visibility.PARTICIPANTS) if registration.is_confirmed else []
    return render_template("registration/participants.html", event=event, people=people_, files=False)
