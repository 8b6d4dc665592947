"""What waits where, gathered for pages that show many domains."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import func, select

from consult.accounts.models import User
from consult.accreditation.models import Application
from consult.accreditation.queries import window_of
from consult.attendance.models import SeenOnline, SeenStatus
from consult.campaigns.models import Invitation
from consult.events.models import Event, Window, WindowState
from consult.extensions import db
from consult.inputs.models import Call, Submission, SubmissionStatus
from consult.inputs.queries import calls_of
from consult.outbox.models import Message, MessageStatus
from consult.portal import policy
from consult.registration.models import Registration, RegistrationStatus


@dataclass(frozen=True)
class Step:
    """Something people can do for an event, and from when until when."""

    title: str
    about: str
    window: Window
    state: WindowState
    endpoint: str
    action: str
    values: dict[str, str]


def steps(event: Event, *, at: datetime) -> Sequence[Step]:
    """What is open, what comes, what is over, in the order in which people do them."""
    found = []
    if any(category.requires_accreditation for category in event.categories):
        apply, window = _("Apply for accreditation"), window_of(event)
        found.append(
            _step(event, _("Accreditation"), window=window, endpoint="accreditation.start", action=apply, at=at)
        )
    for call in calls_of(event):
        write, window = _("Send written input"), call.window
        step = _step(
            event,
            _("Written input"),
            window=window,
            endpoint="inputs.begin",
            action=write,
            at=at,
            about=call.title,
            ref=call.ref,
        )
        found.append(step)
    register, window = _("Register"), event.registration_window
    found.append(_step(event, _("Registration"), window=window, endpoint="registration.index", action=register, at=at))
    return [step for step in found if step.state is not WindowState.UNSET]


def _step(
    event: Event,
    title: str,
    *,
    window: Window,
    endpoint: str,
    action: str,
    at: datetime,
    about: str = "",
    **values: str,
) -> Step:
    state = window.state(at)
    if not event.is_live:
        state = WindowState.UNSET if state is WindowState.UNSET else WindowState.CLOSED
    return Step(title, about, window, state, endpoint, action, {"slug": event.slug, **values})


@dataclass(frozen=True)
class MenuItem:
    endpoint: str
    title: str
    count: int | None = None
    is_due: bool = False


def counts(event: Event) -> dict[str, int]:
    """What waits and what there is in an event's workspace: one statement."""

    def number(model: type, *conditions: object) -> object:
        return select(func.count(model.id)).where(*conditions).scalar_subquery()  # type: ignore[attr-defined, arg-type]

    wanted = {
        "applications": number(Application, Application.event_id == event.id, Application.waiting_since.is_not(None)),
        "invitations": number(Invitation, Invitation.event_id == event.id),
        "registrations": number(
            Registration, Registration.event_id == event.id, Registration.status == RegistrationStatus.CONFIRMED
        ),
        "pending": number(
            Registration, Registration.event_id == event.id, Registration.status == RegistrationStatus.PENDING
        ),
        "waiting": number(
            Registration, Registration.event_id == event.id, Registration.status == RegistrationStatus.WAITLISTED
        ),
        "inputs": number(
            Submission,
            Submission.status == SubmissionStatus.SUBMITTED,
            Submission.call_id.in_(select(Call.id).where(Call.event_id == event.id)),
        ),
        "unmatched": number(SeenOnline, SeenOnline.event_id == event.id, SeenOnline.status == SeenStatus.UNMATCHED),
        "failed": number(Message, Message.scope == event.scope, Message.status == MessageStatus.DEAD),
    }
    row = db.session.execute(select(*wanted.values())).one()  # type: ignore[call-overload]
    return dict(zip(wanted, row, strict=True))


def menu(user: User, event: Event) -> Sequence[MenuItem]:
    """The workspace's menu: what this person may open, with counts of what waits."""
    number = counts(event)
    items: list[tuple[Callable[[User, Event], bool], MenuItem]] = [
        (policy.can_open_workspace, MenuItem("portal_workspace.overview", _("Overview"))),
        (policy.can_manage, MenuItem("events_workspace.edit", _("Description"))),
        (policy.can_manage, MenuItem("events_workspace.categories", _("Participants and places"))),
        (policy.can_manage, MenuItem("agenda_workspace.index", _("Agenda"))),
        (
            policy.can_see_queue,
            MenuItem("accreditation_workspace.queue", _("Accreditation"), number["applications"], True),
        ),
        (policy.can_invite, MenuItem("campaigns.index", _("Invitations"), number["invitations"])),
        (policy.can_see_all, MenuItem("registration_workspace.index", _("Registrations"), number["pending"], True)),
        (policy.can_make_follow_ups, MenuItem("follow_ups.index", _("Follow-up forms"))),
        (policy.can_print, MenuItem("badges.index", _("Badges"))),
        (policy.can_see_passports, MenuItem("visas.index", _("Visa letters"))),
        (policy.can_read_inputs, MenuItem("inputs_workspace.index", _("Written inputs"), number["inputs"])),
        (policy.can_open_door, MenuItem("door.show", _("Door"))),
        (policy.can_import, MenuItem("imports.index", _("Online attendance"), number["unmatched"], True)),
        (policy.can_see_summary, MenuItem("attendance.summary", _("Attendance summary"))),
        (policy.can_write, MenuItem("reports_workspace.edit", _("Summary report"))),
        (policy.can_manage, MenuItem("portal_messages.index", _("Messages"), number["failed"], True)),
        (policy.can_manage, MenuItem("events_workspace.team", _("Team"))),
        (policy.can_manage, MenuItem("events_workspace.record", _("Record"))),
    ]
    return [item for may, item in items if may(user, event)]
