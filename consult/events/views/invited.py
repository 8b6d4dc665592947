"""Roles in teams of events that a person is asked to take."""

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from consult.accounts.access import require, signed_in
from consult.events import policy, queries
from consult.events.models import TeamInvitation
from consult.events.service import team
from consult.extensions import db

bp = Blueprint("teams", __name__, url_prefix="/my/teams/<slug>")


@bp.post("/<ref>/accept")
@require(policy.can_answer, on=queries.team_invitation_at)
def accept(invitation: TeamInvitation) -> ResponseReturnValue:
    team.accept_role(invitation, by=signed_in())
    db.session.commit()
    flash(_("You have the role now."))
    return redirect(url_for("portal.mine"))


@bp.post("/<ref>/decline")
@require(policy.can_answer, on=queries.team_invitation_at)
def decline(invitation: TeamInvitation) -> ResponseReturnValue:
    team.decline_role(invitation, by=signed_in())
    db.session.commit()
    flash(_("You have declined."))
    return redirect(url_for("portal.mine"))
