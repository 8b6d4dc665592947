"""“My consultations”: what waits for me, what I sent, where I am registered."""

from flask import render_template
from flask.typing import ResponseReturnValue

from consult.accounts.access import require, signed_in
from consult.accounts.policy import is_signed_in
from consult.accreditation.queries import applications_by, deadlines
from consult.database import now
from consult.events.queries import team_invitations_for
from consult.inputs.queries import submissions_by
from consult.organisations.queries import invitations_for, organisations_joined
from consult.portal.views.public import bp
from consult.registration.queries import registrations_for


@bp.get("/my")
@require(is_signed_in)
def mine() -> ResponseReturnValue:
    person = signed_in()
    applications = applications_by(person)
    return render_template(
        "portal/mine.html", organisations=organisations_joined(person), invitations=invitations_for(person),
        team_invitations=team_invitations_for(person),
        applications=applications,
        deadlines=deadlines({each.event_id for each in applications}),
        registrations=registrations_for(person), submissions=submissions_by(person), at=now(),
    )  # fmt: skip
