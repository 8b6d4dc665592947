"""Pages of those who register others or themselves, signed in."""

from dataclasses import replace

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from consult.accounts.access import require, signed_in
from consult.database import now
from consult.errors import DomainError
from consult.events.models import Event
from consult.events.queries import event_at
from consult.extensions import db
from consult.files import service as files
from consult.organisations.queries import organisations_of
from consult.registration import exports, policy, queries
from consult.registration.forms.people import DelegationForm, SheetForm, delegation_form, guest_form, substitution_form
from consult.registration.models import Asked, Registration, RegistrationDocument, RegistrationStatus
from consult.registration.service import erasure, people, registering, sheets
from consult.registration.views import shared
from consult.registration.views.offers import choose_category, chosen_category
from consult.spreadsheets import BadRow
from consult.web import bodies
from consult.web.bodies import takes
from consult.web.downloads import XLSX, attachment
from consult.web.limits import account, limited

bp = Blueprint("registration", __name__, url_prefix="/events/<slug>/registrations")


@bp.get("")
@require(policy.can_list_mine, on=event_at)
def index(event: Event) -> ResponseReturnValue:
    """Mine, and those of the organisations I act for."""
    mine = queries.registrations_for(signed_in(), event=event)
    return render_template(
        "registration/index.html", event=event, registrations=mine, at=now(),
        can_register=policy.can_register(signed_in(), event),
        can_register_self=policy.can_register_self(signed_in(), event),
    )  # fmt: skip


@bp.route("/new", methods=["GET", "POST"])
@limited("mail", methods=["POST"], key=account)
@takes(bodies.DOCUMENTS)
@require(policy.can_register, on=event_at)
def new(event: Event) -> ResponseReturnValue:
    """A delegation, many on one page: first the category, then the people."""
    mine = organisations_of(signed_in())
    categories = queries.categories_for(event, [organisation.category for organisation in mine])
    category = chosen_category(categories)
    if category is None:
        return choose_category(event, categories, _("Register people"))
    offer = queries.offer_of(event, category)
    form = delegation_form(offer, queries.organisations_in(category, mine))
    if "another" in request.form:
        form.add_row()
    elif form.validate_on_submit() and (made := _register(event, form)):
        db.session.commit()
        flash(_said(made))
        return redirect(
            url_for(".show", slug=event.slug, ref=made[0].ref) if len(made) == 1 else url_for(".index", slug=event.slug)
        )
    page = {"event": event, "category": category, "form": form, "at": now(), "places": queries.places(event)}
    return render_template("registration/new.html", **page), form.status


def _register(event: Event, form: DelegationForm) -> list[Registration] | None:
    try:
        with db.session.begin_nested():
            return registering.register_all(event, form.entries, by=signed_in(), at=now())
    except registering.DelegationRefused as refused:
        form.mark(refused)
        return None
    except DomainError as error:
        form.refuse(error)
        return None


def _said(made: list[Registration]) -> str:
    """“12 people entered: 10 confirmed, 2 on the waiting list.”"""
    registered = ngettext("%(num)d person entered", "%(num)d people entered", len(made))
    counts = [(status, sum(each.status is status for each in made)) for status in RegistrationStatus]
    parts = [f"{number} {str(status.label).lower()}" for status, number in counts if number]
    return f"{registered}: {', '.join(parts)}."


@bp.route("/new/spreadsheet", methods=["GET", "POST"])
@limited("mail", methods=["POST"], key=account)
@takes(bodies.DOCUMENT, sheet="file")
@require(policy.can_register, on=event_at)
def sheet(event: Event) -> ResponseReturnValue:
    """A delegation as a spreadsheet: all of it, or nobody and a list of what to correct."""
    mine = organisations_of(signed_in())
    categories = queries.categories_for(event, [organisation.category for organisation in mine])
    category = chosen_category(categories)
    if category is None:
        return choose_category(event, categories, _("Register people from a spreadsheet"))
    offer = queries.offer_of(event, category)
    form, bad = SheetForm(queries.organisations_in(category, mine)), list[BadRow]()
    if form.validate_on_submit():
        content = form.file.data.read()
        try:
            with db.session.begin_nested():
                number = sheets.import_delegation(offer, form.chosen, content, by=signed_in(), at=now())
        except sheets.SheetRefused as refused:
            bad = list(refused.rows)
            form.refuse(refused)
        except DomainError as error:
            form.refuse(error)
        else:
            db.session.commit()
            flash(
                ngettext(
                    "%(num)d person has been entered. The list shows where each stands.",
                    "%(num)d people have been entered. The list shows where each stands.",
                    number,
                )
            )
            return redirect(url_for(".index", slug=event.slug))
    page = {"event": event, "category": category, "form": form, "bad": bad, "example": sheets.guide(offer)}
    return render_template("registration/sheet.html", **page), form.status


@bp.get("/template.xlsx")
@require(policy.can_register, on=event_at)
def template(event: Event) -> ResponseReturnValue:
    """The spreadsheet to fill in, for one category."""
    categories = queries.categories_for(event)
    category = chosen_category(categories)
    if category is None:
        return choose_category(event, categories, _("Register people from a spreadsheet"))
    content = exports.delegation_template(sheets.guide(queries.offer_of(event, category)))
    return attachment(content, name=f"{event.slug}-delegation.xlsx", media_type=XLSX)


@bp.route("/myself", methods=["GET", "POST"])
@takes(bodies.DOCUMENTS)
@require(policy.can_register_self, on=event_at)
def myself(event: Event) -> ResponseReturnValue:
    """Somebody without an organisation registers, with the address of their account."""
    categories = queries.categories_for(event, individuals=True)
    category = chosen_category(categories)
    if category is None:
        return choose_category(event, categories, _("Register"))
    given, _space, family = signed_in().name.partition(" ")
    form = guest_form(
        queries.offer_of(event, category), given_name=given, family_name=family, email=signed_in().email
    )  # fmt: skip
    form.email.render_kw = {"readonly": True}
    if form.validate_on_submit():
        entry = replace(form.entry, email=signed_in().email)  # whoever registers without an invitation is who they are
        made = form.attempt(lambda: registering.register(event, entry, by=signed_in(), at=now()))
        if made:
            db.session.commit()
            return redirect(url_for(".show", slug=event.slug, ref=made.ref))
    page = {"event": event, "category": category, "form": form, "at": now(), "places": queries.places(event)}
    return render_template("registration/myself.html", **page), form.status


@bp.get("/<ref>")
@require(policy.can_open, on=queries.registration_at)
def show(registration: Registration) -> ResponseReturnValue:
    return shared.show(registration, _links(registration), is_own=policy.is_the_person(signed_in(), registration))


def _links(registration: Registration) -> shared.Links:
    slug, ref = registration.event.slug, registration.ref
    return lambda name, **more: url_for(f"registration.{name}", slug=slug, ref=ref, **more)


@bp.get("/<ref>/badge.pdf")
@limited("costly", key=account)
@require(policy.can_open, on=queries.registration_at)
def badge(registration: Registration) -> Response:
    return shared.badge(registration)


@bp.get("/<ref>/documents/<document>")
@require(policy.can_download, on=queries.document_at)
def document(found: RegistrationDocument) -> Response:
    return attachment(files.read(found.file), name=found.file.name, media_type=found.file.media_type)


@bp.post("/<ref>/withdraw")
@limited("mail", methods=["POST"], key=account)
@require(policy.can_withdraw, on=queries.registration_at)
def withdraw(registration: Registration) -> ResponseReturnValue:
    people.withdraw(registration, by=signed_in(), at=now())
    db.session.commit()
    flash(_("The registration has been withdrawn."))
    slug = registration.event.slug
    if not policy.can_open(signed_in(), registration):  # who never agreed has declined, and is erased
        return redirect(url_for(".index", slug=slug))
    return redirect(url_for(".show", slug=slug, ref=registration.ref))


@bp.post("/<ref>/answer")
@require(policy.can_agree, on=queries.registration_at)
def answer(registration: Registration) -> ResponseReturnValue:
    """The person agrees to what others registered them for."""
    kept = people.answer(registration, by=signed_in(), at=now())
    db.session.commit()
    flash(_("You are registered. What became of it stands here."))
    return redirect(url_for(".show", slug=kept.event.slug, ref=kept.ref))


@bp.post("/<ref>/erase")
@require(policy.can_erase, on=queries.registration_at)
def erase(registration: Registration) -> ResponseReturnValue:
    """Everything about the person goes, whatever became of the registration."""
    slug = registration.event.slug
    erasure.erase(registration, by=signed_in(), at=now())
    db.session.commit()
    return redirect(url_for("registration_list.erased", slug=slug))


@bp.post("/<ref>/accept")
@require(policy.can_change, on=queries.registration_at)
def accept(registration: Registration) -> ResponseReturnValue:
    people.accept_offer(registration, by=signed_in(), at=now())
    db.session.commit()
    flash(_("The place is confirmed."))
    return redirect(url_for(".show", slug=registration.event.slug, ref=registration.ref))


@bp.post("/<ref>/modality")
@require(policy.can_change, on=queries.registration_at)
def change_modality(registration: Registration) -> ResponseReturnValue:
    return shared.change_modality(registration, _links(registration), by=signed_in())


@bp.route("/<ref>/correct", methods=["GET", "POST"])
@limited("mail", methods=["POST"], key=account)
@takes(bodies.DOCUMENTS)
@require(policy.can_change, on=queries.registration_at)
def correct(registration: Registration) -> ResponseReturnValue:
    is_own = policy.is_the_person(signed_in(), registration)
    return shared.correct(registration, _links(registration), by=signed_in(), is_own=is_own)


@bp.route("/<ref>/substitute", methods=["GET", "POST"])
@limited("mail", methods=["POST"], key=account)
@takes(bodies.DOCUMENTS)
@require(policy.can_substitute, on=queries.registration_at)
def substitute(registration: Registration) -> ResponseReturnValue:
    """Somebody else comes in this person's place."""
    form = substitution_form(queries.offer_of(registration.event, registration.category))
    if form.validate_on_submit():
        new = form.attempt(lambda: people.substitute(registration, form.person, by=signed_in(), at=now()))
        if new:
            db.session.commit()
            flash(
                _("%(name)s is asked by mail. Until they agree, nothing changes.", name=new.name)
                if new.is_asked
                else _("%(name)s has the place now. Both people are being told.", name=new.name)
            )
            return redirect(url_for(".show", slug=registration.event.slug, ref=registration.ref))
    page = {"registration": registration, "event": registration.event, "form": form}
    return render_template("registration/substitute.html", **page), form.status


@bp.route("/<ref>/visa-letter", methods=["GET", "POST"])
@limited("costly", methods=["POST"], key=account)
@require(policy.can_open, on=queries.registration_at)
def visa_letter(registration: Registration) -> ResponseReturnValue:
    return shared.visa_letter(registration, _links(registration), by=signed_in())


@bp.post("/<ref>/erase-passport")
@require(policy.can_open, on=queries.registration_at)
def erase_passport(registration: Registration) -> ResponseReturnValue:
    return shared.erase_passport(registration, _links(registration), by=signed_in())


@bp.route("/<ref>/forms/<form>", methods=["GET", "POST"])
@require(policy.can_answer, on=queries.form_of_at)
def follow_up(asked: Asked) -> ResponseReturnValue:
    return shared.follow_up(asked.follow_up, asked.registration, _links(asked.registration))
