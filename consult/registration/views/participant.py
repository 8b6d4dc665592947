"""Pages of those who register others, and of those who are registered."""

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from consult.accounts.access import public, require, signed_in
from consult.accounts.models import User
from consult.database import now
from consult.events.models import Event
from consult.events.queries import event_at
from consult.extensions import db, limiter
from consult.organisations.queries import organisations_of
from consult.registration import documents, policy, queries, service
from consult.registration.forms import RegistrationForm, VisaForm
from consult.registration.models import Registration
from consult.web.downloads import attachment
from consult.web.times import long_date

bp = Blueprint("registration", __name__)


@bp.get("/events/<slug>/registrations")
@require(policy.can_list_mine, on=event_at)
def index(event: Event) -> ResponseReturnValue:
    """Mine, and those of the organisations I act for."""
    mine = queries.registrations_for(signed_in(), event=event)
    can_register = policy.can_register(signed_in(), event)
    return render_template(
        "registration/index.html", event=event, registrations=mine, can_register=can_register, at=now()
    )


@bp.route("/events/<slug>/registrations/new", methods=["GET", "POST"])
@require(policy.can_register, on=event_at)
def new(event: Event) -> ResponseReturnValue:
    form = RegistrationForm(event, organisations_of(signed_in()), long_date)
    if form.validate_on_submit():
        registration = form.attempt(lambda: service.register(event, form.entry, by=signed_in(), at=now()))
        if registration:
            db.session.commit()
            return redirect(url_for(".show", slug=event.slug, ref=registration.ref))
    places = queries.places(event)
    return render_template("registration/new.html", event=event, form=form, places=places, at=now()), form.status


@bp.get("/events/<slug>/registrations/<ref>")
@require(policy.can_open, on=queries.registration_at)
def show(registration: Registration) -> ResponseReturnValue:
    return render_template(
        "registration/show.html",
        registration=registration,
        event=registration.event,
        position=queries.waiting_position(registration),
        visa=url_for(".visa_letter", slug=registration.event.slug, ref=registration.ref),
        badge=url_for(".badge", slug=registration.event.slug, ref=registration.ref),
        withdraw=url_for(".withdraw", slug=registration.event.slug, ref=registration.ref),
        calendar=url_for("agenda.calendar", slug=registration.event.slug),
    )


@bp.get("/events/<slug>/registrations/<ref>/badge.pdf")
@require(policy.can_open, on=queries.registration_at)
def badge(registration: Registration) -> Response:
    return _badge(registration)


@bp.post("/events/<slug>/registrations/<ref>/withdraw")
@require(policy.can_withdraw, on=queries.registration_at)
def withdraw(registration: Registration) -> ResponseReturnValue:
    service.withdraw(registration, by=signed_in())
    db.session.commit()
    flash(_("The registration has been withdrawn."))
    return redirect(url_for(".show", slug=registration.event.slug, ref=registration.ref))


@bp.route("/events/<slug>/registrations/<ref>/visa-letter", methods=["GET", "POST"])
@require(policy.can_open, on=queries.registration_at)
def visa_letter(registration: Registration) -> ResponseReturnValue:
    here = url_for(".show", slug=registration.event.slug, ref=registration.ref)
    return _visa_letter(registration, back=here, by=signed_in())


@bp.route("/registrations/<key>/visa-letter", methods=["GET", "POST"])
@public
@limiter.limit("60 per minute")
def personal_visa_letter(key: str) -> ResponseReturnValue:
    return _visa_letter(queries.registration_by_key(key), back=url_for(".personal", key=key), by=None)


def _visa_letter(registration: Registration, *, back: str, by: User | None) -> ResponseReturnValue:
    """Asks for what stands in the passport; sent, the answer is the letter."""
    form = VisaForm(registration)
    if form.validate_on_submit():
        letter = form.attempt(lambda: service.issue_visa_letter(registration, by=by, at=now()))
        if letter:
            content = documents.visa_letter(letter, registration, form.passport)
            db.session.commit()
            return attachment(content, name=f"visa-letter-{letter.number}.pdf", media_type="application/pdf")
    page = {"registration": registration, "event": registration.event, "form": form, "back": back}
    return render_template("registration/visa.html", **page), form.status


@bp.get("/registrations/<key>")
@public
@limiter.limit("60 per minute")
def personal(key: str) -> ResponseReturnValue:
    """For whoever has the link from the confirmation: the person, without an account."""
    registration = queries.registration_by_key(key)
    return render_template(
        "registration/show.html",
        registration=registration,
        event=registration.event,
        position=queries.waiting_position(registration),
        visa=url_for(".personal_visa_letter", key=key),
        badge=url_for(".personal_badge", key=key),
        withdraw=url_for(".personal_withdraw", key=key),
        calendar=url_for("agenda.calendar", slug=registration.event.slug),
    )


@bp.get("/registrations/<key>/badge.pdf")
@public
@limiter.limit("60 per minute")
def personal_badge(key: str) -> Response:
    return _badge(queries.registration_by_key(key))


@bp.post("/registrations/<key>/withdraw")
@public
@limiter.limit("60 per minute")
def personal_withdraw(key: str) -> ResponseReturnValue:
    service.withdraw(queries.registration_by_key(key), by=None)
    db.session.commit()
    flash(_("The registration has been withdrawn."))
    return redirect(url_for(".personal", key=key))


def _badge(registration: Registration) -> Response:
    documents.need_badge(registration)
    return attachment(documents.badge(registration), name=f"badge-{registration.ref}.pdf", media_type="application/pdf")
