"""Pages of those who write: the calls, the draft, the receipt."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from consult.accounts.access import public, require, signed_in, visitor
from consult.database import now
from consult.events.queries import event_for
from consult.extensions import db
from consult.inputs import policy, queries, service
from consult.inputs.forms import BeginForm
from consult.inputs.models import Call, Submission
from consult.organisations.queries import organisations_of
from consult.questions.forms import edit_answers_form

bp = Blueprint("inputs", __name__, url_prefix="/events/<slug>/inputs")


@bp.get("")
@public
def index(slug: str) -> ResponseReturnValue:
    """The calls of an event, with their questions and how much each has received."""
    event = event_for(visitor(), slug)
    calls, received = queries.calls_of(event), queries.received(event)
    return render_template("inputs/index.html", event=event, calls=calls, received=received, at=now())


@bp.route("/<ref>/write", methods=["GET", "POST"])
@require(policy.can_write, on=queries.call_at)
def begin(call: Call) -> ResponseReturnValue:
    """Say in whose name; what was begun or sent is listed."""
    form = BeginForm(organisations_of(signed_in()))
    if form.validate_on_submit():
        submission = form.attempt(lambda: service.begin(call, organisation=form.chosen, by=signed_in(), at=now()))
        if submission:
            db.session.commit()
            return redirect(url_for(".edit", slug=call.event.slug, ref=submission.ref))
    mine = queries.submissions_by(signed_in(), call=call)
    return render_template(
        "inputs/begin.html", call=call, event=call.event, form=form, mine=mine, at=now()
    ), form.status


@bp.route("/submissions/<ref>/edit", methods=["GET", "POST"])
@require(policy.is_author, on=queries.submission_at)
def edit(submission: Submission) -> ResponseReturnValue:
    """Drafts are kept whatever they are; what is sent must keep to the questions and their limits."""
    form = edit_answers_form(submission.call.question_set.questions, submission.answers)
    verb = service.save if "later" in request.form else service.submit
    is_fit = form.is_submitted() and (form.is_of_now() if "later" in request.form else form.validate())
    if is_fit:
        kept = form.attempt(lambda: verb(submission, form.answers, by=signed_in(), at=now()))
        if kept:
            db.session.commit()
            if "later" in request.form:
                flash(_("Your draft is saved. It has not been sent yet."))
            else:
                flash(_("Received. The reference number is %(number)s.", number=submission.number))
            return redirect(url_for(".show", slug=submission.call.event.slug, ref=submission.ref))
    page = {
        "submission": submission,
        "call": submission.call,
        "event": submission.call.event,
        "form": form,
        "at": now(),
    }
    return render_template("inputs/edit.html", **page), form.status


@bp.get("/submissions/<ref>")
@require(policy.can_read, on=queries.submission_at)
def show(submission: Submission) -> ResponseReturnValue:
    """The receipt: what was sent, and every earlier version."""
    is_author = policy.is_author(signed_in(), submission)
    page = {"submission": submission, "call": submission.call, "event": submission.call.event, "at": now()}
    return render_template("inputs/show.html", **page, is_author=is_author)


@bp.post("/submissions/<ref>/withdraw")
@require(policy.is_author, on=queries.submission_at)
def withdraw(submission: Submission) -> ResponseReturnValue:
    service.withdraw(submission, by=signed_in(), at=now())
    db.session.commit()
    flash(_("Your input has been withdrawn."))
    return redirect(url_for(".show", slug=submission.call.event.slug, ref=submission.ref))
