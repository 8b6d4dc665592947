"""An organisation's own pages: its profile, people, documents and recognitions. The secretariat sees them too."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from consult.accounts.access import fresh, require, signed_in
from consult.accounts.policy import is_signed_in
from consult.database import now
from consult.errors import NotFound
from consult.extensions import db
from consult.files import service as files
from consult.organisations import policy, queries
from consult.organisations.forms import (
    ClaimForm,
    DocumentForm,
    InviteForm,
    JoinForm,
    LogoForm,
    MemberRoleForm,
    OrganisationForm,
    RefuseRecognitionForm,
)
from consult.organisations.models import (
    JoinRequest,
    Membership,
    MembershipInvitation,
    Organisation,
    OrganisationDocument,
    RecognitionHeld,
)
from consult.organisations.service import people, profiles, recognitions
from consult.web import bodies, redirects
from consult.web.bodies import takes
from consult.web.downloads import attachment
from consult.web.forms import Form
from consult.web.limits import limited

bp = Blueprint("organisations", __name__, url_prefix="/my/organisations")


@bp.route("/new", methods=["GET", "POST"])
@require(is_signed_in)
def new() -> ResponseReturnValue:
    """Describe an organisation. If one that looks the same is known, that is said before a second one is made."""
    form = OrganisationForm()
    alike: Any = []
    if form.validate_on_submit():
        if not form.is_new.data:
            alike = queries.likely_duplicates(
                [form.entry.name, *(each.name for each in form.entry.other_names)],
                web_domain=queries.web_domain(form.entry.website),
            )
        if not alike and (made := form.attempt(lambda: profiles.create(form.entry, by=signed_in()))):
            db.session.commit()
            flash(_("Your organisation has been saved. You are its focal point."))
            return redirect(redirects.then(url_for(".show", ref=made.ref)))
    status = 422 if alike else form.status
    return render_template("organisations/edit.html", form=form, organisation=None, alike=alike), status


@bp.get("/<ref>")
@require(policy.can_see, on=queries.organisation_at)
def show(organisation: Organisation) -> ResponseReturnValue:
    return _page(organisation)


@bp.route("/<ref>/edit", methods=["GET", "POST"])
@require(policy.can_edit, on=queries.organisation_at)
def edit(organisation: Organisation) -> ResponseReturnValue:
    form = OrganisationForm(organisation)
    if form.validate_on_submit() and form.attempt(lambda: profiles.edit(organisation, form.entry, by=signed_in())):
        db.session.commit()
        flash(_("The profile has been saved."))
        return redirect(redirects.then(url_for(".show", ref=organisation.ref)))
    return render_template("organisations/edit.html", form=form, organisation=organisation, alike=[]), form.status


@bp.get("/<ref>/logo")
@require(policy.can_see, on=queries.organisation_at)
def logo(organisation: Organisation) -> Response:
    if organisation.logo is None:
        raise NotFound(_("This organisation shows no logo."))
    return attachment(files.read(organisation.logo), name="logo.png", media_type="image/png")


@bp.post("/<ref>/logo")
@takes(bodies.PICTURE)
@require(policy.can_edit, on=queries.organisation_at)
def change_logo(organisation: Organisation) -> ResponseReturnValue:
    if "remove" in request.form:
        profiles.change_logo(organisation, None, by=signed_in())
        return _done(organisation, _("The logo has been taken away."))
    form = LogoForm(prefix="logo")
    file = form.logo.data
    if form.validate() and form.attempt(
        lambda: profiles.change_logo(organisation, file.stream, name=file.filename, by=signed_in())
    ):
        return _done(organisation, _("The logo has been saved."))
    return _page(organisation, logo=form)


@bp.post("/<ref>/documents")
@takes(bodies.DOCUMENT)
@require(policy.can_edit, on=queries.organisation_at)
def add_document(organisation: Organisation) -> ResponseReturnValue:
    form = DocumentForm(prefix="document")
    file = form.document.data
    if form.validate() and form.attempt(
        lambda: profiles.add_document(
            organisation, file.stream, name=file.filename, kind=form.kind.data, year=form.year.data,
            expires_on=form.expires_on.data, by=signed_in(),
        )
    ):  # fmt: skip
        return _done(organisation, _("The document has been added."), "documents")
    return _page(organisation, document=form)


@bp.get("/<ref>/documents/<document>")
@require(policy.can_read_document, on=queries.document_at)
def download(document: OrganisationDocument) -> Response:
    return attachment(files.read(document.file), name=document.file.name, media_type=document.file.media_type)


@bp.post("/<ref>/documents/<document>/remove")
@require(policy.can_edit_document, on=queries.document_at)
def remove_document(document: OrganisationDocument) -> ResponseReturnValue:
    profiles.remove_document(document, by=signed_in())
    return _done(document.organisation, _("The document has been removed."), "documents")


@bp.post("/<ref>/recognitions")
@require(policy.can_edit, on=queries.organisation_at)
def claim(organisation: Organisation) -> ResponseReturnValue:
    form = ClaimForm(prefix="claim")
    if form.validate() and form.attempt(
        lambda: recognitions.claim(
            organisation, form.kind.data, year=form.year.data, reference=form.reference.data or "", by=signed_in()
        )
    ):
        return _done(organisation, _("The recognition has been noted."), "recognitions")
    return _page(organisation, claim=form)


@bp.post("/<ref>/recognitions/<recognition>/drop")
@require(policy.can_edit_recognition, on=queries.recognition_at)
def drop_recognition(held: RecognitionHeld) -> ResponseReturnValue:
    recognitions.drop(held, by=signed_in())
    return _done(held.organisation, _("The recognition has been taken out."), "recognitions")


@bp.post("/<ref>/people")
@limited("mail")
@require(policy.can_edit, on=queries.organisation_at)
def invite(organisation: Organisation) -> ResponseReturnValue:
    form = InviteForm(prefix="invite")
    if form.validate() and form.attempt(
        lambda: people.invite(organisation, email=form.email.data, role=form.role.data, by=signed_in())
    ):
        return _done(organisation, _("An invitation is on its way to %(email)s.", email=form.email.data), "people")
    return _page(organisation, invite=form)


@bp.post("/<ref>/people/<member>/role")
@require(policy.can_edit_member, on=queries.member_at)
@fresh
def change_role(member: Membership) -> ResponseReturnValue:
    form = MemberRoleForm()
    if form.validate():
        people.change_role(member, form.role.data, by=signed_in())
    return _done(member.organisation, f"{member.user.name}: {member.role.label}.", "people")


@bp.post("/<ref>/people/<member>/remove")
@require(policy.can_edit_member, on=queries.member_at)
def remove_member(member: Membership) -> ResponseReturnValue:
    people.remove(member, by=signed_in())
    message = _("%(name)s no longer belongs to the organisation.", name=member.user.name)
    if not policy.can_see(signed_in(), member.organisation):
        db.session.commit()
        flash(message)
        return redirect(url_for("portal.mine"))
    return _done(member.organisation, message, "people")


@bp.post("/<ref>/leave")
@require(policy.can_leave, on=queries.organisation_at)
def leave(organisation: Organisation) -> ResponseReturnValue:
    mine = next(each for each in queries.members_of(organisation) if each.user_id == signed_in().id)
    mine.organisation = organisation
    people.remove(mine, by=signed_in())
    db.session.commit()
    flash(_("You no longer belong to %(name)s.", name=organisation.name))
    return redirect(url_for("portal.mine"))


@bp.route("/<ref>/join", methods=["GET", "POST"])
@limited("mail", methods=["POST"])
@require(policy.can_ask_to_join, on=queries.organisation_at)
def join(organisation: Organisation) -> ResponseReturnValue:
    """Ask the focal points of an organisation that is known already."""
    form = JoinForm()
    if form.validate_on_submit() and form.attempt(
        lambda: people.ask_to_join(organisation, message=form.message.data, by=signed_in())
    ):
        db.session.commit()
        flash(_("Its focal points have been asked. You hear by mail."))
        return redirect(url_for("portal.mine"))
    return render_template("organisations/join.html", form=form, organisation=organisation), form.status


@bp.post("/<ref>/requests/<request>/accept")
@require(policy.can_settle_request, on=queries.request_at)
@fresh
def accept_request(asked: JoinRequest) -> ResponseReturnValue:
    form = MemberRoleForm()
    if form.validate():
        people.accept_request(asked, role=form.role.data, by=signed_in())
    return _done(asked.organisation, _("%(name)s belongs to the organisation now.", name=asked.user.name), "people")


@bp.post("/<ref>/requests/<request>/refuse")
@require(policy.can_settle_request, on=queries.request_at)
def refuse_request(asked: JoinRequest) -> ResponseReturnValue:
    people.refuse_request(asked, by=signed_in())
    return _done(asked.organisation, _("The request has been refused."), "people")


@bp.post("/invitations/<invitation>/take-back")
@require(policy.can_take_back, on=queries.invitation_at)
def take_back(invitation: MembershipInvitation) -> ResponseReturnValue:
    people.take_back(invitation, by=signed_in())
    return _done(invitation.organisation, _("The invitation has been taken back."), "people")


@bp.post("/invitations/<invitation>/accept")
@require(policy.can_answer, on=queries.invitation_at)
def accept(invitation: MembershipInvitation) -> ResponseReturnValue:
    people.accept(invitation, by=signed_in())
    return _done(invitation.organisation, _("You belong to %(name)s now.", name=invitation.organisation.name))


@bp.post("/invitations/<invitation>/decline")
@require(policy.can_answer, on=queries.invitation_at)
def decline(invitation: MembershipInvitation) -> ResponseReturnValue:
    people.decline(invitation, by=signed_in())
    db.session.commit()
    flash(_("The invitation has been declined."))
    return redirect(url_for("portal.mine"))


def _done(organisation: Organisation, message: str, part: str | None = None) -> ResponseReturnValue:
    db.session.commit()
    flash(message)
    return redirect(url_for(".show", ref=organisation.ref, _anchor=part))


def _page(organisation: Organisation, **sent: Form) -> ResponseReturnValue:
    """The profile, with the form that was refused, if one was."""
    forms: dict[str, Form] = {
        "invite": InviteForm(formdata=None, prefix="invite"),
        "document": DocumentForm(formdata=None, prefix="document"),
        "claim": ClaimForm(formdata=None, prefix="claim"),
        "logo": LogoForm(formdata=None, prefix="logo"),
        "refuse": RefuseRecognitionForm(formdata=None, prefix="refuse"),
        **sent,
    }
    return render_template(
        "organisations/show.html", organisation=organisation, forms=forms, sent=next(iter(sent), None),
        may_edit=policy.can_edit(signed_in(), organisation), is_desk=signed_in().is_secretariat,
        is_mine=policy.is_member(signed_in(), organisation.id), members=queries.members_of(organisation),
        invitations=queries.invitations_of(organisation), requests=queries.requests_of(organisation),
        today=now().date(),
    ), 422 if sent else 200  # fmt: skip
