"""The secretariat's list of registrations."""

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from consult.accounts.access import require
from consult.events.models import Event
from consult.events.queries import event_at
from consult.registration import exports, policy, queries
from consult.registration.models import RegistrationStatus
from consult.web.downloads import attachment
from consult.web.filters import chosen

bp = Blueprint("registration_workspace", __name__, url_prefix="/workspace/events/<slug>/registrations")


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
    page = queries.registrations_of(event, after=request.args.get("after", type=int), **filters)  # type: ignore[arg-type]
    return render_template(
        "registration/list.html", event=event, page=page, filters=filters, statuses=list(RegistrationStatus),
        counts=queries.counts(event), places=queries.places(event),
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
    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return attachment(content, name=f"{event.slug}-registrations.xlsx", media_type=media_type)
