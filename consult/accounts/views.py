"""Pages about one's own account, and the administrator's list of people."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_security import login_user, logout_user

from consult.accounts import policy, queries
from consult.accounts.access import fresh, public, require, signed_in
from consult.accounts.forms import (
    AddressForm,
    CheckedAddressForm,
    FinishSignUpForm,
    NewPasswordForm,
    RoleForm,
    SettingsForm,
    ZoneForm,
)
from consult.accounts.models import Device, LinkPurpose, User
from consult.accounts.service import addresses, devices, links, people
from consult.audit.queries import entries_about
from consult.database import now
from consult.extensions import db
from consult.web import redirects
from consult.web.bodies import whole_number
from consult.web.forms import ActionForm
from consult.web.limits import limited

bp = Blueprint("accounts", __name__)


@bp.route("/sign-up", methods=["GET", "POST"])
@limited("mail", methods=["POST"])
@public
def sign_up() -> ResponseReturnValue:
    """Only the address is asked for: whoever has the mailbox says the rest."""
    return _ask_for_link(LinkPurpose.SIGN_UP, "accounts/sign_up.html")


@bp.route("/sign-in/link", methods=["GET", "POST"])
@limited("mail", methods=["POST"])
@public
def link() -> ResponseReturnValue:
    """Ask for a link that signs in once."""
    return _ask_for_link(LinkPurpose.SIGN_IN, "accounts/link.html")


@bp.route("/reset-password", methods=["GET", "POST"])
@limited("mail", methods=["POST"])
@public
def forgot_password() -> ResponseReturnValue:
    """Ask for a link by which a new password is chosen."""
    return _ask_for_link(LinkPurpose.NEW_PASSWORD, "accounts/forgot_password.html")


def _ask_for_link(purpose: LinkPurpose, template: str) -> ResponseReturnValue:
    """The answer is the same for every address."""
    form = AddressForm()
    if form.validate_on_submit():
        links.send(
            purpose, form.email.data, next_path=redirects.then("", name="next")[:500],
            language=str(get_locale() or "en"), at=now(),
        )  # fmt: skip
        db.session.commit()
        return redirect(url_for(".check_mail"))
    return render_template(template, form=form), form.status


@bp.get("/check-your-mail")
@public
def check_mail() -> ResponseReturnValue:
    return render_template("accounts/check_mail.html")


@bp.route("/sign-up/<key>", methods=["GET", "POST"])
@limited("key")
@public
def finish_sign_up(key: str) -> ResponseReturnValue:
    """Opened from the mailbox: who that is, and the password they choose."""
    mailed = queries.mailed_link(key, LinkPurpose.SIGN_UP, at=now())
    form = FinishSignUpForm(email=mailed.email)
    if form.validate_on_submit():
        person = form.attempt(
            lambda: links.finish_sign_up(key, name=form.name.data, password=form.password.data, at=now())
        )
        if person:
            db.session.commit()
            flash(_("Your account is ready."))
            return _enter(person, mailed.next_path)
    return render_template("accounts/finish_sign_up.html", form=form, email=mailed.email), form.status


@bp.route("/sign-in/link/<key>", methods=["GET", "POST"])
@limited("key")
@public
def use_link(key: str) -> ResponseReturnValue:
    """A button, so that a mail scanner that opens the link does not use it up."""
    mailed = queries.mailed_link(key, LinkPurpose.SIGN_IN, at=now())
    if request.method == "GET":
        return render_template("accounts/use_link.html")
    person = links.sign_in(key, at=now())
    db.session.commit()
    return _enter(person, mailed.next_path)


@bp.route("/reset-password/<key>", methods=["GET", "POST"])
@limited("key")
@public
def choose_password(key: str) -> ResponseReturnValue:
    """Opened from the mailbox."""
    mailed = queries.mailed_link(key, LinkPurpose.NEW_PASSWORD, at=now())
    form = NewPasswordForm(email=mailed.email)
    if form.validate_on_submit():
        person = links.choose_password(key, form.password.data, at=now())
        db.session.commit()
        flash(_("Your new password is saved."))
        return _enter(person, mailed.next_path)
    return render_template("accounts/choose_password.html", form=form), form.status


def _enter(person: User, next_path: str) -> ResponseReturnValue:
    """Sign in whoever has proved the mailbox; a second factor is asked for as after a password."""
    factors = current_app.extensions["security"].two_factor_plugins
    if question := factors.tf_enter(person, False, "email", next_loc=next_path or None):
        return question  # type: ignore[no-any-return]
    login_user(person, authn_via=["email"])
    db.session.commit()
    return redirect(next_path or url_for("portal.mine"))


@bp.route("/account", methods=["GET", "POST"])
@require(policy.is_signed_in)
def settings() -> ResponseReturnValue:
    form = SettingsForm(signed_in())
    if form.validate_on_submit():
        people.change_preferences(
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
@fresh
def address() -> ResponseReturnValue:
    """Move the account to another address."""
    form = AddressForm()
    if form.validate_on_submit() and form.attempt(
        lambda: addresses.ask_for_address(signed_in(), form.email.data, at=now())
    ):
        db.session.commit()
        flash(_("We have written to both addresses. Open the link in each mail; then the new address holds."))
        return redirect(url_for(".settings"))
    return render_template("accounts/address.html", form=form), form.status


@bp.post("/account/address/give-up")
@require(policy.is_signed_in)
def give_up_address() -> ResponseReturnValue:
    addresses.give_up_address(signed_in(), by=signed_in())
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
    change = addresses.confirm_address(key, at=now())
    db.session.commit()
    done = change.old_confirmed_at and change.new_confirmed_at
    flash(
        _("Your account has its new address.")
        if done
        else _("Thank you. The change takes effect when the other address has confirmed it too.")
    )
    return redirect(url_for("portal.calendar"))


@bp.route("/account/delete", methods=["GET", "POST"])
@require(policy.is_signed_in)
@fresh
def delete() -> ResponseReturnValue:
    """Say what goes and what stays; then a button."""
    form = ActionForm()
    if form.validate_on_submit() and form.attempt(lambda: people.delete_account(signed_in(), by=signed_in())):
        db.session.commit()
        session.pop("device", None)
        logout_user()
        db.session.commit()
        flash(_("Your account has been deleted."))
        return redirect(url_for("portal.calendar"))
    return render_template("accounts/delete.html", form=form), 422 if form.form_errors else 200


@bp.get("/account/second-factor")
@require(policy.is_signed_in)
def second_factor() -> ResponseReturnValue:
    """What the account is secured with beside the password, and what can be added."""
    return render_template("accounts/second_factor.html", person=signed_in())


@bp.post("/account/devices/<ref>/sign-out")
@require(policy.is_own_device, on=queries.device_at)
@fresh
def sign_out_device(device: Device) -> ResponseReturnValue:
    devices.sign_out_device(device, by=signed_in())
    db.session.commit()
    flash(_("Signed out: %(browser)s.", browser=device.browser))
    return redirect(url_for(".settings"))


@bp.post("/account/devices/sign-out")
@require(policy.is_signed_in)
@fresh
def sign_out_everywhere() -> ResponseReturnValue:
    """Everywhere but here."""
    devices.sign_out_others(signed_in(), key=session.get("device", ""), by=signed_in())
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


@bp.get("/workspace/people", endpoint="people")
@require(policy.is_administrator)
def everybody() -> ResponseReturnValue:
    text = request.args.get("text", "").strip()
    page = queries.people(text=text, after=request.args.get("after", type=whole_number))
    return render_template("accounts/people.html", page=page, text=text)


@bp.route("/workspace/people/<ref>", methods=["GET", "POST"])
@require(policy.can_change_role, on=queries.person_at)
@fresh
def person(person: User) -> ResponseReturnValue:
    form = RoleForm(role=person.role)
    if form.validate_on_submit():
        people.change_role(person, form.role.data, by=signed_in())
        db.session.commit()
        flash(_("%(name)s: %(role)s.", name=person.name, role=person.role.label))
        return redirect(url_for(".person", ref=person.ref))
    return _person(person, form, CheckedAddressForm(formdata=None)), form.status


def _person(person: User, form: RoleForm, move: CheckedAddressForm) -> str:
    entries = entries_about(f"user:{person.ref}", "account.role_changed", "team.", "organisation.")
    return render_template("accounts/person.html", form=form, move=move, person=person, entries=entries)


@bp.post("/workspace/people/<ref>/address")
@require(policy.can_change_role, on=queries.person_at)
@fresh
def move_address(person: User) -> ResponseReturnValue:
    """For somebody whose mailbox is lost."""
    move = CheckedAddressForm()
    if move.validate_on_submit() and move.attempt(
        lambda: addresses.move_address(person, move.email.data, checks=move.checks.data, by=signed_in())
    ):
        db.session.commit()
        flash(_("The account has its new address. Both addresses have been told."))
        return redirect(url_for(".person", ref=person.ref))
    return _person(person, RoleForm(formdata=None, role=person.role), move), move.status


@bp.post("/workspace/people/<ref>/reset-second-factor")
@require(policy.can_change_role, on=queries.person_at)
@fresh
def reset_second_factor(person: User) -> ResponseReturnValue:
    devices.reset_second_factor(person, by=signed_in())
    db.session.commit()
    flash(_("%(name)s has no second factor now, is signed out everywhere, and has been told.", name=person.name))
    return redirect(url_for(".person", ref=person.ref))


@bp.post("/workspace/people/<ref>/sign-out")
@require(policy.can_change_role, on=queries.person_at)
@fresh
def end_sessions(person: User) -> ResponseReturnValue:
    """Where a device was lost, or somebody has left."""
    devices.sign_out_others(person, key="", by=signed_in())
    db.session.commit()
    flash(_("%(name)s is signed out everywhere.", name=person.name))
    return redirect(url_for(".person", ref=person.ref))
