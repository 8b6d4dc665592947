"""The applicant's pages: begin, fill in, check, send, and see where it stands."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from consult.accounts.access import require, signed_in
from consult.accreditation import policy, queries, service
from consult.accreditation.forms import DocumentForm, StartForm
from consult.accreditation.models import Application, ApplicationDocument
from consult.database import now
from consult.events.models import Event
from consult.events.queries import event_at
from consult.extensions import db
from consult.files import service as files
from consult.organisations.queries import organisations_of
from consult.questions.forms import AnswersForm, answers_form
from consult.web.downloads import attachment

bp = Blueprint("accreditation", __name__, url_prefix="/events/<slug>/accreditation")


@bp.route("", methods=["GET", "POST"])
@require(policy.can_start, on=event_at)
def start(event: Event) -> ResponseReturnValue:
    """Choose for which organisation; applications that were begun are listed."""
    form = StartForm(organisations_of(signed_in()))
    if form.validate_on_submit():
        application = form.attempt(lambda: service.begin(event, form.chosen, by=signed_in(), at=now()))
        if application:
            db.session.commit()
            return redirect(url_for(".edit", slug=event.slug, ref=application.ref))
    begun = queries.applications_by(signed_in(), event=event)
    return render_template("accreditation/start.html", event=event, form=form, begun=begun, at=now()), form.status


@bp.get("/<ref>")
@require(policy.is_applicant, on=queries.application_at)
def show(application: Application) -> ResponseReturnValue:
    questions = queries.questions_of(application.event_id)
    return render_template(
        "accreditation/show.html", application=application, event=application.event, questions=questions
    )


@bp.route("/<ref>/edit", methods=["GET", "POST"])
@require(policy.is_applicant, on=queries.application_at)
def edit(application: Application) -> ResponseReturnValue:
    """Answers and documents in one form: whichever button is pressed, what was typed is kept.

    Answers are kept whatever they are; they are judged when the applicant goes on.
    """
    form = answers_form(queries.questions_of(application.event_id), application.answers)
    upload = DocumentForm()
    if form.is_submitted() and form.attempt(lambda: service.save(application, form.answers, by=signed_in(), at=now())):
        db.session.commit()
        if goes_to := _pressed(application, form, upload):
            db.session.commit()
            return redirect(goes_to)
    page = {"application": application, "event": application.event, "form": form, "upload": upload}
    return render_template("accreditation/edit.html", **page), max(form.status, upload.status)


def _pressed(application: Application, form: AnswersForm, upload: DocumentForm) -> str | None:
    """Do what the button says; where to go then, or None to stay and show what is wrong."""
    here: dict[str, Any] = {"slug": application.event.slug, "ref": application.ref}
    if "add" in request.form:
        file = upload.document.data
        added = upload.validate() and upload.attempt(
            lambda: service.add_document(application, file.stream, name=file.filename, by=signed_in())
        )
        if not added:
            return None
        flash(_("“%(name)s” has been added.", name=added.file.name))
        return url_for(".edit", **here, _anchor="documents")
    if "remove" in request.form:
        service.remove_document(application, request.form["remove"], by=signed_in())
        flash(_("The document has been removed."))
        return url_for(".edit", **here, _anchor="documents")
    if "later" in request.form:
        flash(_("Saved. You can come back until the window closes."))
        return url_for(".show", **here)
    return url_for(".check", **here) if form.validate() else None


@bp.get("/<ref>/documents/<document>")
@require(policy.can_download, on=queries.document_at)
def download(document: ApplicationDocument) -> Response:
    return attachment(files.read(document.file), name=document.file.name, media_type=document.file.media_type)


@bp.route("/<ref>/check", methods=["GET", "POST"])
@require(policy.is_applicant, on=queries.application_at)
def check(application: Application) -> ResponseReturnValue:
    """All answers on one page; sent, it submits them."""
    questions = queries.questions_of(application.event_id)
    form = answers_form(questions, application.answers)
    if form.is_submitted() and form.attempt(lambda: service.submit(application, by=signed_in(), at=now())):
        db.session.commit()
        flash(_("Your application has been sent. Its number is %(number)s.", number=application.number))
        return redirect(url_for(".show", slug=application.event.slug, ref=application.ref))
    page = {"application": application, "event": application.event, "form": form, "questions": questions}
    return render_template("accreditation/check.html", **page), form.status


@bp.post("/<ref>/withdraw")
@require(policy.is_applicant, on=queries.application_at)
def withdraw(application: Application) -> ResponseReturnValue:
    service.withdraw(application, by=signed_in(), at=now())
    db.session.commit()
    flash(_("The application has been withdrawn."))
    return redirect(url_for(".show", slug=application.event.slug, ref=application.ref))
