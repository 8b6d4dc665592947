"""The secretariat's pages about registrations: find, approve, turn down, place."""

from collections.abc import Callable, Sequence

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from consult.accounts.access import require, signed_in
from consult.audit.queries import entries_about
from consult.database import now
from consult.errors import DomainError
from consult.events.models import Event
from consult.events.queries import event_at
from consult.extensions import db
from consult.questions.service import shown
from consult.registration import exports, policy, queries
from consult.registration.forms.secretariat import ApproveForm, MessageForm, PlaceForm
from consult.registration.models import Registration, RegistrationStatus
from consult.registration.service import deciding
from consult.web import previews
from consult.web.bodies import whole_number
from consult.web.downloads import XLSX, attachment
from consult.web.filters import chosen
from consult.web.forms import Form

bp = Blueprint("registration_workspace", __name__, url_prefix="/workspace/events/<slug>/registrations")
S = RegistrationStatus


def _filters() -> dict[str, object]:
    return {
        "status": chosen(RegistrationStatus, request.args.get("status")),
        "category": request.args.get("category", ""),
        "text": request.args.get("text", "").strip(),
    }


@bp.get("")
@require(policy.can_see_all, on=event_at)
def index(event: Event) -> ResponseReturnValue:
    filters = _filters()
    page = queries.registrations_of(event, after=request.args.get("after", type=whole_number), **filters)  # type: ignore[arg-type]
    return render_template(
        "registration/list.html", event=event, page=page, filters=filters, statuses=list(RegistrationStatus),
        counts=queries.counts(event), places=queries.places(event), sessions=queries.choosable_sessions(event),
        session_places=queries.session_places(event),
    )  # fmt: skip


@bp.get("/export.csv")
@require(policy.can_see_all, on=event_at)
def export_csv(event: Event) -> Response:
    lines = exports.as_csv(queries.all_registrations(event, **_filters()))  # type: ignore[arg-type]
    return attachment(lines, name=f"{event.slug}-registrations.csv", media_type="text/csv")


@bp.get("/export.xlsx")
@require(policy.can_see_all, on=event_at)
def export_xlsx(event: Event) -> Response:
    content = exports.as_xlsx(queries.all_registrations(event, **_filters()))  # type: ignore[arg-type]
    return attachment(content, name=f"{event.slug}-registrations.xlsx", media_type=XLSX)


@bp.route("/many", methods=["GET", "POST"])
@require(policy.can_see_all, on=event_at)
def many(event: Event) -> ResponseReturnValue:
    """Approve or turn down everybody who was ticked, after a look at who that is and what they will read."""
    values = request.form if request.method == "POST" else request.args
    people = [each for each in queries.chosen_at(event, values.getlist("chosen")) if each.status is S.PENDING]
    shown = [
        (each.ref, each.name, each.organisation_name, each.category.ref, each.category.title, each.modality)
        for each in people
    ]
    action = "decline" if values.get("action") == "decline" else "approve"
    form = MessageForm() if action == "decline" else Form()
    if form.validate_on_submit() and not previews.is_unchanged("registrations", [action, shown]):
        form.form_errors.append(previews.changed())
    elif form.validate_on_submit():
        done, failed = _decide(people, action, form)
        db.session.commit()
        flash(ngettext("%(num)d person decided.", "%(num)d people decided.", done))
        for name, why in failed:
            flash(f"{name}: {why}", "error")
        return redirect(url_for(".index", slug=event.slug, status=S.PENDING.value))
    return render_template(
        "registration/many.html", event=event, people=people, action=action, form=form, places=queries.places(event),
        seal=previews.seal("registrations", [action, shown]),
    ), form.status  # fmt: skip


def _decide(people: Sequence[Registration], action: str, form: Form) -> tuple[int, list[tuple[str, str]]]:
    """Each on its own: what was decided meanwhile by somebody else is told, and the others go."""
    done, failed = 0, []
    for person in people:
        try:
            with db.session.begin_nested():
                if action == "approve":
                    deciding.approve(person, by=signed_in(), at=now())
                else:
                    deciding.decline(person, message=form.message.data, by=signed_in(), at=now())
            done += 1
        except DomainError as error:
            failed.append((person.name, str(error)))
    return done, failed


@bp.get("/<ref>")
@require(policy.can_decide, on=queries.registration_at)
def show(registration: Registration) -> ResponseReturnValue:
    return _show(registration)


def _show(registration: Registration, **sent: Form) -> str:
    offer = queries.offer_of(registration.event, registration.category)
    forms = {
        "approve": sent.get("approve") or ApproveForm(registration, formdata=None, prefix="approve"),
        "decline": sent.get("decline") or MessageForm(formdata=None, prefix="decline"),
        "place": sent.get("place") or PlaceForm(formdata=None, prefix="place"),
        "cancel": sent.get("cancel") or MessageForm(formdata=None, prefix="cancel"),
    }
    return render_template(
        "registration/decide.html",
        registration=registration,
        event=registration.event,
        answered=shown(offer.questions, registration.answers),
        documents={each.question: each for each in queries.documents_of(registration)},
        position=queries.waiting_position(registration),
        left=queries.places_left(registration.category, registration.modality),
        entries=entries_about(f"registration:{registration.ref}"),
        forms=forms,
    )


def _act(
    registration: Registration, name: str, form: Form, verb: Callable[[], Registration], done: str
) -> ResponseReturnValue:
    if form.validate_on_submit() and form.attempt(verb):
        db.session.commit()
        flash(done)
        return redirect(url_for(".show", slug=registration.event.slug, ref=registration.ref))
    return _show(registration, **{name: form}), form.status


@bp.post("/<ref>/approve")
@require(policy.can_decide, on=queries.registration_at)
def approve(registration: Registration) -> ResponseReturnValue:
    form = ApproveForm(registration, prefix="approve")
    return _act(
        registration, "approve", form,
        lambda: deciding.approve(registration, **form.chosen, by=signed_in(), at=now()),
        _("%(name)s is approved, and is being told.", name=registration.name),
    )  # fmt: skip


@bp.post("/<ref>/official-status")
@require(policy.can_decide, on=queries.registration_at)
def confirm_official(registration: Registration) -> ResponseReturnValue:
    deciding.confirm_official(registration, by=signed_in(), at=now())
    db.session.commit()
    flash(_("The official status of %(name)s is confirmed.", name=registration.name))
    return redirect(url_for(".show", slug=registration.event.slug, ref=registration.ref))


@bp.post("/<ref>/decline")
@require(policy.can_decide, on=queries.registration_at)
def decline(registration: Registration) -> ResponseReturnValue:
    form = MessageForm(prefix="decline")
    return _act(
        registration, "decline", form,
        lambda: deciding.decline(registration, message=form.message.data, by=signed_in(), at=now()),
        _("%(name)s is not approved, and is being told.", name=registration.name),
    )  # fmt: skip


@bp.post("/<ref>/place")
@require(policy.can_decide, on=queries.registration_at)
def place(registration: Registration) -> ResponseReturnValue:
    form = PlaceForm(prefix="place")
    return _act(
        registration, "place", form,
        lambda: deciding.place_by_hand(
            registration, reason=form.reason.data, is_extra=form.is_extra.data, by=signed_in(), at=now()
        ),
        _("%(name)s has a place, and is being told.", name=registration.name),
    )  # fmt: skip


@bp.post("/<ref>/cancel")
@require(policy.can_decide, on=queries.registration_at)
def cancel(registration: Registration) -> ResponseReturnValue:
    form = MessageForm(prefix="cancel")
    return _act(
        registration, "cancel", form,
        lambda: deciding.cancel(registration, message=form.message.data, by=signed_in(), at=now()),
        _("The place of %(name)s is cancelled, and they are being told.", name=registration.name),
    )  # fmt: skip
