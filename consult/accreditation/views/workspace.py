"""The officers' queue: filter it, share it out, act on many with a preview, export it; and how a process is set."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from consult.accounts.access import require, signed_in
from consult.accounts.policy import is_secretariat
from consult.accreditation import exports, mails, policy, queries
from consult.accreditation.forms import ApproveForm, AssignForm, ProcessForm, ReasonForm, RejectForm, RequestForm
from consult.accreditation.models import (
    AccreditationProcess,
    Application,
    ApplicationStatus,
    Reason,
    ReasonKind,
)
from consult.accreditation.service import processes, reviews
from consult.database import now
from consult.errors import DomainError, InvalidEntry
from consult.events.models import Event
from consult.events.policy import can_manage
from consult.events.queries import event_at
from consult.extensions import db
from consult.outbox.delivery import text_of
from consult.reference.countries import Region
from consult.reference.stakeholders import StakeholderCategory
from consult.web.downloads import attachment
from consult.web.filters import chosen

bp = Blueprint("accreditation_workspace", __name__, url_prefix="/workspace")
S = ApplicationStatus


def filter_in_address() -> queries.Filter:
    """What the address says is looked at."""
    return queries.Filter(
        status=chosen(ApplicationStatus, request.args.get("status")),
        category=chosen(StakeholderCategory, request.args.get("category")),
        region=chosen(Region, request.args.get("region")),
        officer=request.args.get("officer", "")[:8],
        waits=request.args.get("waits", type=int),
        text=request.args.get("text", "").strip(),
    )


@bp.get("/events/<slug>/accreditation")
@require(policy.can_see_queue, on=event_at)
def queue(event: Event) -> ResponseReturnValue:
    only = filter_in_address()
    page = queries.queue(event, only, at=now(), after=request.args.get("after", type=int))
    home = queries.process_of(event)
    return render_template(
        "accreditation/queue.html", event=event, page=page, only=only, counts=queries.counts(event), at=now(),
        statuses=[each for each in ApplicationStatus if each is not ApplicationStatus.DRAFT], process=home,
        officers=queries.officers_of(event), categories=StakeholderCategory, regions=Region,
        may_configure=can_manage(signed_in(), event),
    )  # fmt: skip


@bp.get("/events/<slug>/accreditation/export.csv")
@require(policy.can_see_queue, on=event_at)
def export(event: Event) -> Response:
    lines = exports.as_csv(queries.all_sent(event, filter_in_address(), at=now()))
    return attachment(lines, name=f"{event.slug}-applications.csv", media_type="text/csv")


@bp.post("/events/<slug>/accreditation/share-out")
@require(policy.can_see_queue, on=event_at)
def share_out(event: Event) -> ResponseReturnValue:
    given = reviews.share_out(event, by=signed_in(), at=now())
    db.session.commit()
    flash(_("%(number)s applications have been given to officers in turn.", number=given))
    return redirect(url_for(".queue", slug=event.slug))


@dataclass(frozen=True)
class Many:
    """Something that is done to many applications at once."""

    label: str
    form: Callable[[], Any]
    do: Callable[[Application, AccreditationProcess, Any], object]
    becomes: ApplicationStatus | None


def _many(event: Event) -> dict[str, Many]:
    def request_information(application: Application, _p: AccreditationProcess, form: Any) -> object:
        words = {"reason": form.chosen, "message": form.message.data}
        return reviews.request_information(application, **words, by=signed_in(), at=now())

    def reject(application: Application, process: AccreditationProcess, form: Any) -> object:
        words = {"reason": form.chosen, "message": form.message.data}
        return reviews.reject(application, process, **words, by=signed_in(), at=now())

    def approve(application: Application, process: AccreditationProcess, form: Any) -> object:
        return reviews.approve(application, process, message=form.message.data or "", by=signed_in(), at=now())

    def assign(application: Application, _p: AccreditationProcess, form: Any) -> object:
        return reviews.assign(application, form.chosen, by=signed_in(), at=now())

    return {
        "approve": Many(_("Approve"), ApproveForm, approve, S.APPROVED),
        "request": Many(
            _("Ask for information"), lambda: RequestForm(queries.reasons(ReasonKind.REQUEST)), request_information,
            S.INFORMATION_REQUESTED,
        ),
        "reject": Many(_("Reject"), lambda: RejectForm(queries.reasons(ReasonKind.REJECTION)), reject, S.REJECTED),
        "assign": Many(_("Assign"), lambda: AssignForm(queries.officers_of(event)), assign, None),
    }  # fmt: skip


@bp.post("/events/<slug>/accreditation/many")
@require(policy.can_see_queue, on=event_at)
def many(event: Event) -> ResponseReturnValue:
    """Three steps on one address: choose the words, see what each applicant will read, do it."""
    if request.form.get("action") == "circulate":
        chosen_refs = queries.chosen_at(event, request.form.getlist("application"))
        return redirect(url_for("circulations.new", slug=event.slug, application=[each.ref for each in chosen_refs]))
    action = _many(event).get(request.form.get("action", ""))
    if action is None:
        raise InvalidEntry(_("Choose what to do with the applications you ticked."))
    applications, process = queries.chosen_at(event, request.form.getlist("application")), queries.process_of(event)
    form = action.form()
    step = request.form.get("step", "")
    is_ready = step in {"preview", "do"} and form.validate()
    if is_ready and (step == "do" or action.becomes is None):
        return _do_many(event, process, applications, action, form)
    previews = _previews(applications, process, action, form) if is_ready else []
    return render_template(
        "accreditation/many.html", event=event, form=form, action=request.form["action"], label=action.label,
        applications=applications, previews=previews, is_ready=is_ready,
        is_first=process.is_two_person and action.becomes in {S.APPROVED, S.REJECTED},
    ), 422 if step and not is_ready else 200  # fmt: skip


def _previews(
    applications: Sequence[Application], process: AccreditationProcess, action: Many, form: Any
) -> list[tuple[Application, list[tuple[str, str, str]]]]:
    """For each application, the mails as they will be read: to whom, subject, text. Nothing for a recommendation."""
    if action.becomes is None:
        return []
    message, reason = form.message.data or "", getattr(form, "chosen", None)
    found = []
    for each in applications:
        decides = action.becomes is S.INFORMATION_REQUESTED or reviews.is_second(
            process, each, action.becomes, signed_in()
        )
        said = message or (each.recommended_message if action.becomes is S.APPROVED else "")
        posts = mails.posts(each, action.becomes, message=said, reason=reason) if decides else []
        found.append((each, [(post.to, *text_of(post.template, post.context, post.language)) for post in posts]))
    return found


def _do_many(
    event: Event, process: AccreditationProcess, applications: Sequence[Application], action: Many, form: Any
) -> ResponseReturnValue:
    """Each on its own: what one of them refuses does not keep the others back, and is said."""
    done, refused = 0, []
    for application in applications:
        name = application.organisation.name
        try:
            with db.session.begin_nested():
                action.do(application, process, form)
            done += 1
        except DomainError as error:
            refused.append(f"{name}: {error}")
    db.session.commit()
    flash(ngettext("%(label)s: %(num)s application.", "%(label)s: %(num)s applications.", done, label=action.label))
    for message in refused:
        flash(message, "error")
    return redirect(url_for(".queue", slug=event.slug))


@bp.route("/events/<slug>/accreditation/settings", methods=["GET", "POST"])
@require(policy.can_configure, on=queries.process_at)
def settings(process: AccreditationProcess) -> ResponseReturnValue:
    """What the process asks, whom it serves, and how it decides."""
    form = ProcessForm(process, queries.events_to_serve(process))
    if form.validate_on_submit() and form.attempt(lambda: processes.configure(process, form.entry, by=signed_in())):
        db.session.commit()
        flash(_("Saved."))
        return redirect(url_for(".settings", slug=process.event.slug))
    served_by = queries.process_of(process.event)
    return render_template(
        "accreditation/settings.html", event=process.event, process=process, form=form,
        served_by=served_by if served_by.id != process.id else None,
    ), form.status  # fmt: skip


@bp.route("/accreditation/reasons", methods=["GET", "POST"])
@require(is_secretariat)
def reasons() -> ResponseReturnValue:
    """The list of reasons, for all events."""
    form = ReasonForm()
    if form.validate_on_submit() and form.attempt(
        lambda: processes.add_reason(kind=form.kind.data, text=form.text.data, by=signed_in())
    ):
        db.session.commit()
        flash(_("The reason is on the list now."))
        return redirect(url_for(".reasons"))
    return render_template("accreditation/reasons.html", form=form, reasons=queries.reasons(active=False)), form.status


@bp.post("/accreditation/reasons/<ref>/retire")
@require(policy.can_edit_reason, on=queries.reason_at)
def retire_reason(reason: Reason) -> ResponseReturnValue:
    processes.retire_reason(reason, by=signed_in())
    db.session.commit()
    flash(_("The reason is no longer offered."))
    return redirect(url_for(".reasons"))
