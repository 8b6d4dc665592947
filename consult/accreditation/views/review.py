"""One application before an officer: what is said, what is found, and what is decided."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from consult.accounts.access import require, signed_in
from consult.accreditation import policy, queries
from consult.accreditation.forms import (
    ApproveForm,
    AssignForm,
    NoteForm,
    RejectForm,
    RequestForm,
    criteria_form,
    verdicts_in,
)
from consult.accreditation.models import Application, ApplicationStatus, ReasonKind
from consult.accreditation.service import reviews
from consult.accreditation.service.two_people import has_rejected, is_second, needs_two
from consult.accreditation.views.workspace import filter_in_address
from consult.audit.queries import entries_about
from consult.database import now
from consult.extensions import db
from consult.files import service as files
from consult.letters.models import LetterKind
from consult.letters.queries import valid_letter
from consult.organisations.forms import RefuseRecognitionForm
from consult.organisations.models import OrganisationDocument, RecognitionHeld
from consult.questions.service import shown
from consult.web.downloads import attachment
from consult.web.filters import url_with_filters
from consult.web.forms import Form

bp = Blueprint("review", __name__, url_prefix="/workspace/events/<slug>/accreditation/<ref>")


@bp.get("")
@require(policy.can_review, on=queries.application_at)
def show(application: Application) -> ResponseReturnValue:
    return _page(application)


@bp.post("/take")
@require(policy.can_review, on=queries.application_at)
def take(application: Application) -> ResponseReturnValue:
    reviews.take(application, by=signed_in(), at=now())
    return _stay(application, _("You review this application now."))


@bp.post("/assign")
@require(policy.can_review, on=queries.application_at)
def assign(application: Application) -> ResponseReturnValue:
    form = AssignForm(queries.officers_of(application.event))
    if form.validate():
        reviews.assign(application, form.chosen, by=signed_in(), at=now())
    return _stay(application, form.chosen.name if form.chosen else _("Nobody reviews this application now."))


@bp.post("/notes")
@require(policy.can_review, on=queries.application_at)
def note(application: Application) -> ResponseReturnValue:
    form = NoteForm(prefix="note")
    if form.validate() and form.attempt(
        lambda: reviews.add_note(application, text=form.text.data, by=signed_in(), at=now())
    ):
        return _stay(application, _("The note has been kept."))
    return _page(application, note=form)


@bp.post("/criteria")
@require(policy.can_review, on=queries.application_at)
def criteria(application: Application) -> ResponseReturnValue:
    listed = queries.process_with(application.event_id).criteria
    form = criteria_form(listed, queries.checks_of(application))

    def check() -> Application:
        reviews.check_criteria(application, verdicts_in(form, listed), by=signed_in(), at=now())
        return application

    if form.validate_on_submit() and form.attempt(check):
        return _stay(application, _("The checklist has been saved."))
    return _page(application, criteria=form)


@bp.post("/recognitions/<recognition>/verify")
@require(policy.can_settle_recognition, on=queries.recognition_at)
def verify(found: tuple[Application, RecognitionHeld]) -> ResponseReturnValue:
    application, held = found
    reviews.verify_recognition(application, held, by=signed_in())
    return _stay(application, _("Verified: %(recognition)s.", recognition=held.kind.label))


@bp.route("/recognitions/<recognition>/refuse", methods=["GET", "POST"])
@require(policy.can_settle_recognition, on=queries.recognition_at)
def refuse(found: tuple[Application, RecognitionHeld]) -> ResponseReturnValue:
    application, held = found
    form, process = RefuseRecognitionForm(), queries.process_with(application.event_id)
    if form.validate_on_submit() and form.attempt(
        lambda: reviews.refuse_recognition(
            application, process, held, message=form.message.data, by=signed_in(), at=now()
        )
    ):
        return _stay(application, _("The applicant has been told that this could not be verified."))
    page = {"form": form, "held": held, "application": application, "event": application.event}
    return render_template("accreditation/refuse.html", **page), form.status


@bp.get("/profile/<document>")
@require(policy.can_read_profile_document, on=queries.profile_document_at)
def profile_document(found: tuple[Application, OrganisationDocument]) -> Response:
    """A document of the organisation's profile, for whoever reviews its application."""
    file = found[1].file
    return attachment(files.read(file), name=file.name, media_type=file.media_type)


@bp.post("/request-information")
@require(policy.can_review, on=queries.application_at)
def request_information(application: Application) -> ResponseReturnValue:
    form = RequestForm(queries.reasons(ReasonKind.REQUEST), prefix="request")
    if form.validate_on_submit() and form.attempt(
        lambda: reviews.request_information(
            application, reason=form.chosen, message=form.message.data, by=signed_in(), at=now()
        )
    ):
        return _done(application, _("The applicant has been asked."))
    return _page(application, request=form)


@bp.post("/approve")
@require(policy.can_review, on=queries.application_at)
def approve(application: Application) -> ResponseReturnValue:
    form, process = ApproveForm(prefix="approve"), queries.process_with(application.event_id)
    if form.validate_on_submit() and form.attempt(
        lambda: reviews.approve(application, process, message=form.message.data or "", by=signed_in(), at=now())
    ):
        return _decided(application, _("%(name)s is accredited.", name=application.organisation.name))
    return _page(application, approve=form)


@bp.post("/reject")
@require(policy.can_review, on=queries.application_at)
def reject(application: Application) -> ResponseReturnValue:
    form = RejectForm(queries.reasons(ReasonKind.REJECTION), prefix="reject")
    process = queries.process_with(application.event_id)
    if form.validate_on_submit() and form.attempt(
        lambda: reviews.reject(
            application, process, reason=form.chosen, message=form.message.data, by=signed_in(), at=now()
        )
    ):
        return _decided(application, _("The application has been rejected, and the applicant told why."))
    return _page(application, reject=form)


@bp.post("/revoke")
@require(policy.can_review, on=queries.application_at)
def revoke(application: Application) -> ResponseReturnValue:
    form = RejectForm(queries.reasons(ReasonKind.REVOCATION), prefix="revoke")
    if form.validate_on_submit() and form.attempt(
        lambda: reviews.revoke(application, reason=form.chosen, message=form.message.data, by=signed_in(), at=now())
    ):
        if application.status is ApplicationStatus.APPROVED:
            return _stay(
                application, _("Your proposal has been noted. Another officer has to confirm it, or the secretariat.")
            )
        return _done(application, _("The accreditation has been revoked, and the organisation told why."))
    return _page(application, revoke=form)


@bp.post("/letter")
@require(policy.can_review, on=queries.application_at)
def letter(application: Application) -> ResponseReturnValue:
    """After a change of name: a letter about the same decision, with the new name."""
    reviews.issue_letter_again(application, by=signed_in(), at=now())
    return _stay(application, _("There is a new letter. The former one is no longer valid."))


@bp.post("/keep")
@require(policy.can_review, on=queries.application_at)
def keep(application: Application) -> ResponseReturnValue:
    """Turn down a proposal to revoke."""
    reviews.keep_accreditation(application, by=signed_in())
    return _stay(application, _("The accreditation stays."))


def _stay(application: Application, message: str) -> ResponseReturnValue:
    db.session.commit()
    flash(message)
    return redirect(_here(application))


def _here(application: Application) -> str:
    return url_with_filters(".show", slug=application.event.slug, ref=application.ref)


def _decided(application: Application, message: str) -> ResponseReturnValue:
    if application.decided_at is None:
        return _stay(application, _("Your recommendation has been noted. Another officer decides, or the secretariat."))
    return _done(application, message)


def _done(application: Application, message: str) -> ResponseReturnValue:
    """On to the next of the same queue, if there is one."""
    db.session.commit()
    flash(message)
    _before, after = queries.neighbours(application, filter_in_address(), at=now())
    if request.args and after:
        return redirect(url_with_filters(".show", slug=application.event.slug, ref=after))
    return redirect(url_with_filters("accreditation_workspace.queue", slug=application.event.slug))


def _page(application: Application, **sent: Form) -> ResponseReturnValue:
    """The application, with the form that was refused, if one was."""
    process = queries.process_with(application.event_id)
    checks = queries.checks_of(application)
    earlier = [each for each in queries.earlier_applications(application) if policy.can_review(signed_in(), each)]
    beside = next((each for each in earlier if each.ref == request.args.get("beside")), None)
    officers = queries.officers_of(application.event)
    forms: dict[str, Any] = {
        "request": RequestForm(queries.reasons(ReasonKind.REQUEST), formdata=None, prefix="request"),
        "approve": ApproveForm(formdata=None, prefix="approve"),
        "reject": RejectForm(queries.reasons(ReasonKind.REJECTION), formdata=None, prefix="reject"),
        "revoke": RejectForm(
            queries.reasons(ReasonKind.REVOCATION), formdata=None, prefix="revoke", data=_proposed(application)
        ),
        "note": NoteForm(formdata=None, prefix="note"),
        "criteria": sent.get("criteria") or criteria_form(process.criteria, checks, formdata=None),
        "assign": AssignForm(officers, data={"officer": application.officer.ref if application.officer else ""}),
        **sent,
    }
    before, after = queries.neighbours(application, filter_in_address(), at=now())
    two_needed = needs_two(application)
    decides = {
        outcome.value: is_second(application, outcome, signed_in(), two_needed=two_needed)
        for outcome in (ApplicationStatus.APPROVED, ApplicationStatus.REJECTED, ApplicationStatus.REVOKED)
    }
    return render_template(
        "accreditation/review.html", application=application, event=application.event, process=process, forms=forms,
        refused=next(iter(sent.values()), None), sent=next(iter(sent), None), checks=checks, earlier=earlier,
        questions=shown(process.question_set.questions, application.answers), before=before, after=after,
        beside=beside, beside_answers=_by_text(beside) if beside else {}, notes=queries.notes_of(application),
        objections=queries.objections_to(application),
        decides=decides, history=entries_about(f"application:{application.ref}"), officers=officers, at=now(),
        letter=application.decided_at and valid_letter(f"application:{application.ref}", LetterKind.DECISION),
        is_rejecter=has_rejected(application, signed_in()),
    ), 422 if sent else 200  # fmt: skip


def _proposed(application: Application) -> dict[str, str]:
    """What the first of two wrote about a revocation, for the second to confirm."""
    if application.recommended is not ApplicationStatus.REVOKED or application.recommended_reason is None:
        return {}
    return {"reason": application.recommended_reason.ref, "message": application.recommended_message}


def _by_text(application: Application) -> dict[str, str]:
    """What an earlier application answered, by the text of the question."""
    return {
        question.text: question.said(application.answers) for question in queries.questions_of(application.event_id)
    }
