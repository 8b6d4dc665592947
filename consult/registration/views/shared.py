"""One registration's pages, the same for who is signed in and for who has the personal link."""

from collections.abc import Callable

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from consult.accounts.models import User
from consult.database import now
from consult.extensions import db
from consult.questions import service as questions
from consult.questions.forms import edit_answers_form
from consult.registration import documents, queries
from consult.registration.forms.people import correction_form
from consult.registration.forms.secretariat import VisaForm
from consult.registration.models import FollowUp, Registration
from consult.registration.service import corrections, follow_ups, passports, people
from consult.web.downloads import attachment
from consult.web.forms import ActionForm
from consult.words import Modality

Links = Callable[..., str]  # the address of a page of this registration, by the page's name


def show(registration: Registration, links: Links, *, is_own: bool) -> str:
    offer = queries.offer_of(registration.event, registration.category)
    open_questions = questions.problems(offer.questions, registration.answers) if registration.is_held else []
    return render_template(
        "registration/show.html",
        registration=registration,
        event=registration.event,
        other=queries.held_by(registration.event, registration.email) if registration.is_asked and is_own else None,
        can_erase=is_own,
        position=queries.waiting_position(registration),
        offer=offer,
        answered=questions.shown(offer.questions, registration.answers),
        open_questions=open_questions,
        documents={each.question: each for each in queries.documents_of(registration)},
        passport=queries.passport_of(registration),
        forms=queries.follow_ups_for(registration) if is_own else [],
        links=links,
        is_own=is_own,
        at=now(),
        calendar=url_for("agenda.calendar", slug=registration.event.slug),
    )


def badge(registration: Registration) -> Response:
    documents.need_badge(registration)
    return attachment(documents.badge(registration), name=f"badge-{registration.ref}.pdf", media_type="application/pdf")


def change_modality(registration: Registration, links: Links, *, by: User | None) -> ResponseReturnValue:
    other = Modality.ONLINE if registration.modality is Modality.IN_PERSON else Modality.IN_PERSON
    form = ActionForm()
    if form.attempt(lambda: people.change_modality(registration, other, by=by, at=now())):
        db.session.commit()
        flash(_("Changed: %(modality)s.", modality=registration.modality.label))
    else:
        flash(form.form_errors[0], "error")
    return redirect(links("show"))


def correct(registration: Registration, links: Links, *, by: User | None, is_own: bool) -> ResponseReturnValue:
    form = correction_form(queries.offer_of(registration.event, registration.category), registration, is_own=is_own)
    if form.validate_on_submit():
        done = form.attempt(lambda: corrections.correct(registration, form.person, by=by, at=now()))
        if done:
            db.session.commit()
            flash(
                _("Saved. We wrote to the new address: it holds once it is confirmed there.")
                if registration.new_email
                else _("Saved.")
            )
            return redirect(links("show"))
    page = {"registration": registration, "event": registration.event, "form": form, "back": links("show")}
    return render_template("registration/correct.html", **page), form.status


def visa_letter(registration: Registration, links: Links, *, by: User | None) -> ResponseReturnValue:
    """Asks for what stands in the passport; sent, the answer is the letter."""
    form = VisaForm(registration)
    if form.validate_on_submit():
        issued = form.attempt(lambda: people.issue_visa_letter(registration, form.passport, by=by, at=now()))
        if issued:
            letter, passport = issued
            content = documents.visa_letter(letter, registration, passport)
            db.session.commit()
            return attachment(content, name=f"visa-letter-{letter.number}.pdf", media_type="application/pdf")
    page = {"registration": registration, "event": registration.event, "form": form, "back": links("show")}
    return render_template("registration/visa.html", **page), form.status


def erase_passport(registration: Registration, links: Links, *, by: User | None) -> ResponseReturnValue:
    passports.erase(registration, by=by)
    db.session.commit()
    flash(_("What you entered for the visa letter has been erased."))
    return redirect(links("show"))


def follow_up(found: FollowUp, registration: Registration, links: Links) -> ResponseReturnValue:
    """A form for confirmed participants."""
    given = queries.answer_of(found, registration)
    form = edit_answers_form(found.question_set.questions, given.answers if given else {})
    if form.validate_on_submit() and form.attempt(
        lambda: follow_ups.answer(found, registration, form.answers, at=now())
    ):
        db.session.commit()
        flash(_("Thank you. Until the form closes you can change your answers."))
        return redirect(links("show"))
    page = {"registration": registration, "event": registration.event, "follow_up": found, "form": form, "at": now()}
    return render_template("registration/follow_up.html", **page, given=given, back=links("show")), form.status
