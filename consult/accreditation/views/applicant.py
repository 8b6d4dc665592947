"""The applicant's pages: begin, fill in, check, send, answer, and see where it stands."""

from datetime import datetime
from typing import Any, BinaryIO, cast

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from consult.accounts.access import require, signed_in
from consult.accreditation import documents, policy, queries
from consult.accreditation.forms import DocumentForm, ReconsiderForm, ReplyForm, StartForm
from consult.accreditation.models import Application, ApplicationDocument
from consult.accreditation.service import applications as service
from consult.database import now
from consult.errors import NotFound
from consult.events.models import Event
from consult.events.policy import can_see
from consult.events.queries import event_at
from consult.extensions import db
from consult.files import service as files
from consult.organisations.queries import organisations_of
from consult.questions.forms import AnswersForm, answers_form
from consult.questions.models import Question
from consult.questions.service import shown
from consult.reference.stakeholders import Recognition
from consult.web import bodies
from consult.web.bodies import takes
from consult.web.downloads import attachment
from consult.web.forms import Form

bp = Blueprint("accreditation", __name__, url_prefix="/events/<slug>/accreditation")


@bp.route("", methods=["GET", "POST"])
@require(policy.can_start, on=event_at)
def start(event: Event) -> ResponseReturnValue:
    """Choose for which organisation; applications that were begun are listed.

    An event that another event's process serves leads there: one accreditation for both.
    """
    process = queries.process_of(event)
    if process.event_id != event.id:
        return redirect(url_for(".start", slug=process.event.slug))
    form = StartForm(organisations_of(signed_in()))
    if form.validate_on_submit():
        application = form.attempt(lambda: service.begin(process, form.chosen, by=signed_in(), at=now()))
        if application:
            db.session.commit()
            return redirect(url_for(".edit", slug=event.slug, ref=application.ref))
    begun = queries.applications_by(signed_in(), event_id=event.id)
    return render_template(
        "accreditation/start.html", event=event, process=process, form=form, begun=begun, at=now(),
        recognitions=Recognition,
        served=[served.event for served in process.served if can_see(signed_in(), served.event)],
    ), form.status  # fmt: skip


@bp.get("/<ref>")
@require(policy.can_read, on=queries.application_at)
def show(application: Application) -> ResponseReturnValue:
    return _page(application)


@bp.route("/<ref>/edit", methods=["GET", "POST"])
@takes(bodies.DOCUMENTS)
@require(policy.is_applicant, on=queries.application_at)
def edit(application: Application) -> ResponseReturnValue:
    """Answers and documents in one form: whichever button is pressed, what was typed is kept.

    Answers are kept whatever they are; they are judged when the applicant goes on.
    """
    process = queries.process_with(application.event_id)
    form = answers_form(service.asked(process, application), application.answers)
    upload = DocumentForm()
    saved = form.is_submitted() and form.attempt(
        lambda: service.save(application, form.answers, by=signed_in(), at=now(), seen=_seen())
    )
    if "autosave" in request.form:
        db.session.commit()
        return Response(application.saved_at.isoformat(), 200 if saved else 409, mimetype="text/plain")
    if saved:
        db.session.commit()
        if goes_to := _pressed(application, form, upload):
            db.session.commit()
            return redirect(goes_to)
        db.session.commit()
    page = {"application": application, "event": application.event, "form": form, "upload": upload, "process": process}
    page["track"] = service.track_now(process, application)
    checklist = service.checklist(process, application)
    return render_template("accreditation/edit.html", checklist=checklist, **page), max(form.status, upload.status)


def _seen() -> datetime | None:
    """When what the page was filled with had been saved, as the page says."""
    try:
        seen = datetime.fromisoformat(request.form.get("seen", ""))
    except ValueError:
        return None
    return seen if seen.tzinfo else None


def _pressed(application: Application, form: AnswersForm, upload: DocumentForm) -> str | None:
    """Do what the button says; where to go then, or None to stay and show what is wrong."""
    here: dict[str, Any] = {"slug": application.event.slug, "ref": application.ref}
    if not all(_keep(application, form, question, file) for question, file in form.uploads.items()):
        return None
    form.kept = application.answers
    if "add" in request.form:
        sent = upload.document.data
        added = upload.validate() and upload.attempt(
            lambda: service.add_document(application, sent.stream, name=sent.filename, by=signed_in())
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


def _keep(application: Application, form: AnswersForm, question: Question, file: FileStorage) -> bool:
    """Keep a file that answers a question; False where it was refused, which is said beside it."""

    def add() -> ApplicationDocument:
        return service.add_document(
            application, cast(BinaryIO, file.stream), name=str(file.filename), by=signed_in(), question=question.ref,
            field=question.field,
        )  # fmt: skip

    return form.attempt(add) is not None


@bp.get("/<ref>/documents/<document>")
@require(policy.can_download, on=queries.document_at)
def download(document: ApplicationDocument) -> Response:
    return attachment(files.read(document.file), name=document.file.name, media_type=document.file.media_type)


@bp.get("/<ref>/letter.pdf")
@require(policy.can_read_letter, on=queries.application_at)
def letter(application: Application) -> Response:
    """The letter about the decision."""
    content = documents.decision_letter(application)
    if content is None:
        raise NotFound(
            _(
                "There is no letter. There is one once the application is decided; when the organisation takes another "
                "name or country after that, the secretariat issues a new one."
            )
        )
    return attachment(content, name=f"letter-{application.ref}.pdf", media_type="application/pdf")


@bp.route("/<ref>/check", methods=["GET", "POST"])
@require(policy.is_applicant, on=queries.application_at)
def check(application: Application) -> ResponseReturnValue:
    """All answers on one page; sent, it submits them."""
    process = queries.process_with(application.event_id)
    questions = service.asked(process, application)
    form = answers_form(questions, application.answers)
    if form.is_submitted() and form.attempt(lambda: service.submit(application, process, by=signed_in(), at=now())):
        db.session.commit()
        if application.decided_at:
            flash(_("Your organisation is accredited: its recognition is verified. A letter is on its way."))
        else:
            flash(_("Your application has been sent. Its number is %(number)s.", number=application.number))
        return redirect(url_for(".show", slug=application.event.slug, ref=application.ref))
    page = {"application": application, "event": application.event, "form": form, "process": process}
    page["track"] = service.track_now(process, application)
    asked = shown(questions, application.answers)
    checklist = service.checklist(process, application)
    return render_template("accreditation/check.html", questions=asked, checklist=checklist, **page), form.status


@bp.post("/<ref>/reply")
@takes(bodies.DOCUMENT)
@require(policy.is_applicant, on=queries.application_at)
def reply(application: Application) -> ResponseReturnValue:
    """Answer a request where it stands, with a document if one was asked for."""
    form, process = ReplyForm(prefix="reply"), queries.process_with(application.event_id)

    def answer() -> Application:
        if file := form.document.data:
            service.add_document(application, file.stream, name=file.filename, by=signed_in())
        return service.submit(application, process, by=signed_in(), at=now(), message=form.message.data)

    if form.validate_on_submit() and form.attempt(answer):
        return _done(application, _("Your answer has been sent."))
    return _page(application, reply=form)


@bp.post("/<ref>/reconsider")
@require(policy.is_applicant, on=queries.application_at)
def reconsider(application: Application) -> ResponseReturnValue:
    form = ReconsiderForm(prefix="reconsider")
    if form.validate_on_submit() and form.attempt(
        lambda: service.ask_reconsideration(application, message=form.message.data, by=signed_in(), at=now())
    ):
        return _done(application, _("Your request has been sent. Another officer looks at the application again."))
    return _page(application, reconsider=form)


@bp.post("/<ref>/withdraw")
@require(policy.is_applicant, on=queries.application_at)
def withdraw(application: Application) -> ResponseReturnValue:
    service.withdraw(application, by=signed_in(), at=now())
    return _done(application, _("The application has been withdrawn."))


def _done(application: Application, message: str) -> ResponseReturnValue:
    db.session.commit()
    flash(message)
    return redirect(url_for(".show", slug=application.event.slug, ref=application.ref))


def _page(application: Application, **sent: Form) -> ResponseReturnValue:
    """The application, with the form that was refused, if one was."""
    process = queries.process_with(application.event_id)
    forms: dict[str, Form] = {
        "reply": ReplyForm(formdata=None, prefix="reply"),
        "reconsider": ReconsiderForm(formdata=None, prefix="reconsider"),
        **sent,
    }
    return render_template(
        "accreditation/show.html", application=application, event=application.event, process=process,
        questions=shown(service.asked(process, application), application.answers), forms=forms,
        track=service.track_now(process, application),
        refused=next(iter(sent.values()), None), may_edit=policy.is_applicant(signed_in(), application),
        may_reconsider=service.is_reconsiderable(application, at=now()), at=now(),
    ), 422 if sent else 200  # fmt: skip
