"""The workspace: all events, and one event's front page."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from consult.accounts.access import require, signed_in
from consult.accreditation.figures import service_level
from consult.accreditation.queries import process_of
from consult.database import now
from consult.events.models import Event
from consult.events.queries import event_at, events_of_team
from consult.portal import policy, queries
from consult.registration.queries import places
from consult.web.bodies import whole_number

bp = Blueprint("portal_workspace", __name__, url_prefix="/workspace")


@bp.get("")
@require(policy.has_workspace)
def index() -> ResponseReturnValue:
    page = events_of_team(signed_in(), after=request.args.get("after", type=whole_number))
    return render_template("portal/workspace.html", page=page)


@bp.get("/events/<slug>")
@require(policy.can_open_workspace, on=event_at)
def overview(event: Event) -> ResponseReturnValue:
    may_manage = policy.can_manage(signed_in(), event)
    numbers = queries.counts(event)
    return render_template(
        "portal/overview.html", event=event, may_manage=may_manage, numbers=numbers,
        places=places(event) if may_manage else {},
        level=service_level(process_of(event), at=now()) if policy.can_see_queue(signed_in(), event) else None,
    )  # fmt: skip


@bp.app_context_processor
def menu() -> dict[str, object]:
    """`workspace_menu(event)` for the left menu of a workspace; `has_workspace()` for the link to it on every page."""
    return {
        "workspace_menu": lambda event: queries.menu(signed_in(), event),
        "has_workspace": lambda: policy.has_workspace(signed_in()),
    }
