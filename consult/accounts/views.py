"""Pages about one's own account, and the administrator's list of people."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security import login_user

from consult.accounts import policy, queries, service
from consult.accounts.access import public, require, signed_in
from consult.accounts.forms import AddressForm, CheckedAddressForm, RoleForm, SettingsForm, ZoneForm
from consult.accounts.models import Device, User
from consult.audit.queries import entries_about
from consult.database import now
from consult.extensions import db
from consult.web.forms import ActionForm
from consult.web.limits import limited

bp = Blueprint("accounts", __name__)


@bp.get("/sign-up/check-your-mail")
@public
def check_mail() -> ResponseReturnValue:
    return render_template("accounts/check_mail.html")


@bp.route("/sign-in/link", methods=["GET", "POST"])
@limited("mail", methods=["POST"])
@public
def link() -> ResponseReturnValue:
    """Ask for a link that signs in once. The answer is the same for every address."""
    form = AddressForm()
    if form.validate_on_submit():
        service.send_link(form.email.data, at=now())
        db.session.commit()
        return redirect(url_for(".link_sent"))
    return render_template("accounts/link.html", form=form), form.status


@bp.get("/sign-in/link/sent")
@public
def link_sent() -> ResponseReturnValue:
    return render_template("accounts/link_sent.html")


@bp.route("/sign-in/link/<key>", methods=["GET", "POST"])
@limited("key")
@public
def use_link(key: str) -> ResponseReturnValue:
    """A button, so that a mail scanner that opens the link does not use it up."""
    if request.method == "GET":
        queries.sign_in_link(key, at=now())
        return render_template("accounts/use_link.html")
    person = service.use_link(key, at=now())
    db.session.commit()
    # a second factor is asked for after a link as after a password
    factors = current_app.extensions["security"].two_factor_plugins
    if asked := factors.tf_enter(person, False, "email", next_loc=None):
        return asked  # type: ignore[no-any-return]
    login_user(person, authn_via=["email"])
    db.session.commit()
    return redirect(url_for("portal.mine"))


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
    person = signed_in()
    return render_template(
        "accounts/settings.html", form=form, change=queries.change_of(person), devices=queries.devices_of(person),
        here=queries.device_with(session.get("device", ""), person),
    ), form.status  # fmt: skip


@bp.route("/account/address", methods=["GET", "POST"])
@require(policy.is_signed_in)
def address() -> ResponseReturnValue:
    """Move the account to another address."""
    form = AddressForm()
    if form.validate_on_submit() and form.attempt(
        lambda: service.ask_for_address(signed_in(), form.email.data, at=now())
    ):
        db.session.commit()
        flash(_("We have written to both addresses. Open the link in each mail; then the new address holds."))
        return redirect(url_for(".settings"))
    return render_template("accounts/address.html", form=form), form.status


@bp.post("/account/address/give-up")
@require(policy.is_signed_in)
def give_up_address() -> ResponseReturnValue:
    service.give_up_address(signed_in(), by=signed_in())
    db.session.commit()
    flash(_("Your account keeps its address."))
    return redirect(url_for(".settings"))


@bp.route("/account/address/<key>", methods=["GET", "POST"])
@limited("key")
@public
def confirm_address(key: str) -> ResponseReturnValue:
    """Opened from the mailbox, which may be on another device: the key alone is enough."""
    if request.method == "GET":
        change = queries.change_with(key, at=now())
        return render_template("accounts/confirm_address.html", change=change, form=ActionForm())
    change = service.confirm_address(key, at=now())
    db.session.commit()
    done = change.old_confirmed_at and change.new_confirmed_at
    flash(
        _("Your account has its new address.")
        if done
        else _("Thank you. The change takes effect when the other address has confirmed it too.")
    )
    return redirect(url_for("portal.calendar"))


@bp.get("/account/second-factor")
@require(policy.is_signed_in)
def second_factor() -> ResponseReturnValue:
    """What the account is secured with beside the password, and what can be added."""
    return render_template("accounts/second_factor.html", person=signed_in())


@bp.post("/account/devices/<ref>/sign-out")
@require(policy.is_own_device, on=queries.device_at)
def sign_out_device(device: Device) -> ResponseReturnValue:
    service.sign_out_device(device, by=signed_in())
    db.session.commit()
    flash(_("Signed out: %(browser)s.", browser=device.browser))
    return redirect(url_for(".settings"))


@bp.post("/account/devices/sign-out")
@require(policy.is_signed_in)
def sign_out_everywhere() -> ResponseReturnValue:
    """Everywhere but here."""
    service.sign_out_others(signed_in(), key=session.get("device", ""), by=signed_in())
    db.session.commit()
    flash(_("You are signed out everywhere but here."))
    return redirect(url_for(".settings"))


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
        return redirect(url_for(".person", ref=person.ref))
    return _person(person, form, CheckedAddressForm(formdata=None)), form.status


def _person(person: User, form: RoleForm, move: CheckedAddressForm) -> str:
    entries = entries_about(f"user:{person.ref}", "account.role_changed", "team.", "organisation.")
    return render_template("accounts/person.html", form=form, move=move, person=person, entries=entries)


@bp.post("/workspace/people/<ref>/address")
@require(policy.can_change_role, on=queries.person_at)
def move_address(person: User) -> ResponseReturnValue:
    """For somebody whose mailbox is lost."""
    move = CheckedAddressForm()
    if move.validate_on_submit() and move.attempt(
        lambda: service.move_address(person, move.email.data, checks=move.checks.data, by=signed_in())
    ):
        db.session.commit()
        flash(_("The account has its new address. Both addresses have been told."))
        return redirect(url_for(".person", ref=person.ref))
    return _person(person, RoleForm(formdata=None, role=person.role), move), move.status


@bp.post("/workspace/people/<ref>/reset-second-factor")
@require(policy.can_change_role, on=queries.person_at)
def reset_second_factor(person: User) -> ResponseReturnValue:
    service.reset_second_factor(person, by=signed_in())
    db.session.commit()
    flash(_("%(name)s has no second factor now, is signed out everywhere, and has been told.", name=person.name))
    return redirect(url_for(".person", ref=person.ref))
