"""The officers' queue: filter it, share it out, act on many with a preview, export it; and how a process is set."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
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
from consult.accreditation.service.two_people import is_second
from consult.database import now
from consult.errors import DomainError, InvalidEntry
from consult.events.models import Event
from consult.events.policy import can_manage
from consult.events.queries import event_at
from consult.extensions import db
from consult.outbox.delivery import text_of
from consult.reference.countries import Region
from consult.reference.stakeholders import StakeholderCategory
from consult.web import previews
from consult.web.bodies import whole_number
from consult.web.downloads import attachment
from consult.web.filters import chosen

bp = Blueprint("accreditation_workspace", __name__, url_prefix="/workspace")
LONGEST = 3650  # days
S = ApplicationStatus


def _days(text: str) -> int:
    return min(whole_number(text), LONGEST)


def filter_in_address() -> queries.Filter:
    """What the address says is looked at."""
    return queries.Filter(
        status=chosen(ApplicationStatus, request.args.get("status")),
        category=chosen(StakeholderCategory, request.args.get("category")),
        region=chosen(Region, request.args.get("region")),
        officer=request.args.get("officer", "")[:8],
        waits=request.args.get("waits", type=_days),
        text=request.args.get("text", "").strip(),
    )


@bp.get("/events/<slug>/accreditation")
@require(policy.can_see_queue, on=event_at)
def queue(event: Event) -> ResponseReturnValue:
    only = filter_in_address()
    page = queries.queue(event, only, at=now(), after=request.args.get("after", type=whole_number))
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


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What will happen to one application: who reads what, or why nothing will be done."""

    ref: str
    name: str
    status: ApplicationStatus
    is_decided: bool
    letters: list[tuple[str, str, str]]
    refusal: str = ""


@bp.post("/events/<slug>/accreditation/many")
@require(policy.can_see_queue, on=event_at)
def many(event: Event) -> ResponseReturnValue:
    """Three steps on one address: choose the words, see what each applicant will read, do exactly that."""
    if request.form.get("action") == "circulate":
        chosen_refs = queries.chosen_at(event, request.form.getlist("application"))
        return redirect(url_for("circulations.new", slug=event.slug, application=[each.ref for each in chosen_refs]))
    action = _many(event).get(request.form.get("action", ""))
    if action is None:
        raise InvalidEntry(_("Choose what to do with the applications you ticked."))
    applications, process = (
        queries.chosen_at(event, request.form.getlist("application")),
        queries.process_with(event.id),
    )
    form = action.form()
    step = request.form.get("step", "")
    is_ready = step in {"preview", "do"} and form.validate()
    if is_ready and action.becomes is None:
        return _do_many(event, process, applications, action, form)
    listed = _previews(event, applications, process, action, form) if is_ready else []
    shown = [request.form["action"], _words(form), [asdict(each) for each in listed]]
    is_stale = is_ready and step == "do" and not previews.is_unchanged("applications", shown)
    if is_ready and step == "do" and not is_stale:
        return _do_many(event, process, queries.chosen_at(event, [each.ref for each in listed]), action, form)
    if is_stale:
        form.form_errors.append(previews.changed())
    return render_template(
        "accreditation/many.html", event=event, form=form, action=request.form["action"], label=action.label,
        refs=request.form.getlist("application"), names=[each.organisation.name for each in applications],
        previews=listed, is_ready=is_ready, seal=previews.seal("applications", shown) if is_ready else "",
        is_first=action.becomes in {S.APPROVED, S.REJECTED} and not all(each.is_decided for each in listed),
    ), 422 if is_stale or (step and not is_ready) else 200  # fmt: skip


def _words(form: Any) -> dict[str, Any]:
    return {name: value for name, value in form.data.items() if name != "csrf_token"}


def _previews(
    event: Event, applications: Sequence[Application], process: AccreditationProcess, action: Many, form: Any
) -> list[Preview]:
    """For each application, the mails as they will be read: to whom, subject, text. Nothing for a recommendation."""
    message, reason = form.message.data or "", getattr(form, "chosen", None)
    becomes = action.becomes or S.IN_REVIEW
    two_needed = {each.id: each.is_two_person or process.is_two_person for each in applications}
    listed = []
    for each in applications:
        is_decided = becomes is S.INFORMATION_REQUESTED or is_second(
            each, becomes, signed_in(), two_needed=two_needed[each.id]
        )
        words = reviews.approval_message(each, message) if becomes is S.APPROVED else message
        posts = mails.posts(each, becomes, message=words, reason=reason) if is_decided else []
        letters = [(post.to, *text_of(post.template, post.context, post.language)) for post in posts]
        listed.append(
            Preview(ref=each.ref, name=each.organisation.name, status=each.status, is_decided=is_decided,
                    letters=letters)
        )  # fmt: skip
    refusals = _refusals(applications, process, action, form)
    queries.chosen_at(event, [each.ref for each in listed])  # what was tried is loaded again
    return [replace(each, letters=[], refusal=refusals[each.ref]) if each.ref in refusals else each for each in listed]


def _refusals(
    applications: Sequence[Application], process: AccreditationProcess, action: Many, form: Any
) -> dict[str, str]:
    """Which of them a rule refuses, and why: each is tried and undone."""
    refusals = {}
    for ref, application in [(each.ref, each) for each in applications]:
        attempt = db.session.begin_nested()
        try:
            action.do(application, process, form)
        except DomainError as error:
            refusals[ref] = str(error)
        finally:
            attempt.rollback()
    return refusals


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
    form = ProcessForm(process, queries.events_to_serve(process, signed_in()))
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
