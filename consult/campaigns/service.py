"""What is done with campaigns and invitations."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _
from sqlalchemy import delete

from consult.accounts.models import User
from consult.addresses import canonical
from consult.audit.service import record
from consult.campaigns import mails, queries
from consult.campaigns.models import Campaign, CampaignStatus, Invitation, InvitationStatus
from consult.database import after_commit, insert_new, locked, now
from consult.errors import AlreadySo, InvalidEntry, TransitionNotAllowed
from consult.events.models import Event
from consult.extensions import celery, db
from consult.registration.models import Registration
from consult.registration.service.registering import Entry, register
from consult.spreadsheets import BadRow, read
from consult.transitions import move

NAMES, EMAILS, ORGANISATIONS = (
    ("name", "full name"),
    ("email", "e-mail", "email address"),
    ("organisation", "organization"),
)
UNIQUE = ["event_id", "email"]


@dataclass
class Added:
    """What became of a list: how many are new, how many had an invitation already, which rows were left out and why."""

    new: int = 0
    known: int = 0
    bad: list[BadRow] = field(default_factory=list)


def create(event: Event, *, subject: str, message: str, by: User) -> Campaign:
    """Begin a campaign; it has nobody in it yet."""
    campaign = Campaign(event=event, subject=subject, message=message, created_at=now(), status=CampaignStatus.DRAFT)
    db.session.add(campaign)
    db.session.flush()
    record("campaign.created", about=f"campaign:{campaign.ref}", by=by, scope=event.scope, detail=subject)
    return campaign


def edit(campaign: Campaign, *, subject: str, message: str, by: User) -> Campaign:
    """Change what a campaign says, as long as it is not being sent."""
    _need_draft(campaign)
    campaign.subject, campaign.message = subject, message
    record("campaign.changed", about=f"campaign:{campaign.ref}", by=by, scope=campaign.event.scope)
    return campaign


def add_focal_points(campaign: Campaign, *, by: User) -> Added:
    """Add the focal points of the organisations accredited to the event."""
    _need_draft(campaign)
    people = [
        {
            "name": user.name,
            "email": canonical(user.email),
            "organisation_name": organisation.name,
            "organisation_id": organisation.id,
        }
        for user, organisation in queries.accredited_focal_points(campaign.event)
    ]
    return _add(campaign, people, Added(), by=by)


def add_list(campaign: Campaign, content: bytes, *, by: User) -> Added:
    """Add the people of a CSV with columns name, e-mail and organisation. Bad rows are told; the good ones go.

    A name proves nothing: no line is tied to the profile of an organisation, which anybody can make under any name.

    Raises:
        InvalidEntry: it is no CSV, or lacks the column of addresses.
    """
    _need_draft(campaign)
    added = Added()
    people: list[dict[str, object]] = []
    for line in read(content, required=[EMAILS, NAMES]):
        reason = _problem(line.get(*NAMES), line.get(*EMAILS))
        if reason:
            added.bad.append(BadRow(line.number, reason))
            continue
        name, email, organisation = line.get(*NAMES), canonical(line.get(*EMAILS)), line.get(*ORGANISATIONS)[:300]
        people.append({"name": name, "email": email, "organisation_name": organisation})
    return _add(campaign, people, added, by=by)


def _problem(name: str, email: str) -> str:
    if not name:
        return _("The name is missing.")
    if len(name) > 200:
        return _("The name is longer than 200 characters.")
    if not email:
        return _("The e-mail address is missing.")
    try:
        validate_email(email, check_deliverability=False)
    except EmailNotValidError:
        return _("“%(email)s” is not an e-mail address.", email=email[:100])
    return ""


def _add(campaign: Campaign, people: Iterable[dict[str, object]], added: Added, *, by: User) -> Added:
    """The same person in two lists, or twice in one, has one invitation."""
    known = queries.invited_addresses(campaign.event)
    rows: dict[object, dict[str, object]] = {}
    for person in people:
        if person["email"] in known or person["email"] in rows:
            added.known += 1
        else:
            rows[person["email"]] = {**person, "campaign_id": campaign.id, "event_id": campaign.event_id}
    insert_new(Invitation, list(rows.values()), unless=UNIQUE)
    added.new = len(rows)
    detail = f"{added.new} new, {added.known} known, {len(added.bad)} bad"
    record("campaign.people_added", about=f"campaign:{campaign.ref}", by=by, scope=campaign.event.scope, detail=detail)
    return added


def remove_people(campaign: Campaign, *, by: User) -> Campaign:
    """Empty a campaign that is not being sent."""
    _need_draft(campaign)
    db.session.execute(delete(Invitation).where(Invitation.campaign_id == campaign.id))
    record("campaign.emptied", about=f"campaign:{campaign.ref}", by=by, scope=campaign.event.scope)
    return campaign


def launch(campaign: Campaign, *, by: User, at: datetime) -> Campaign:
    """Start sending. The worker takes it from here, a batch at a time.

    Raises:
        InvalidEntry: there is nobody in it, or the event is not published.
        TransitionNotAllowed: it is being sent already.
    """
    locked(campaign)
    if not campaign.event.is_live:
        raise InvalidEntry(_("Publish the event before you invite people to it."))
    if not queries.next_to_write(campaign, limit=1) and campaign.status is CampaignStatus.DRAFT:
        raise InvalidEntry(_("Add people first: nobody is in this campaign."))
    move(campaign, CampaignStatus.SENDING)
    campaign.sent_at = at
    record("campaign.launched", about=f"campaign:{campaign.ref}", by=by, scope=campaign.event.scope)
    after_commit(wake)
    return campaign


def wake() -> None:
    """Tell a worker there are people to write to; without a broker, the next sweep finds them."""
    celery.send_task("worker.campaigns.invite", retry=False, ignore_result=True)


def invite_next(campaign: Campaign, event: Event, *, limit: int) -> bool:
    """Write the next `limit` invitations to the outbox; False when everybody has been written to.

    The mark (each invitation's status) moves in the transaction of the messages: a worker that is killed
    repeats nobody.
    """
    invitations = queries.next_to_write(campaign, limit=limit)
    for invitation in invitations:
        move(invitation, InvitationStatus.SENT)
    mails.invite(invitations, campaign, event)
    if len(invitations) < limit:
        move(campaign, CampaignStatus.SENT)
        return False
    return True


def decline(invitation: Invitation, *, at: datetime) -> Invitation:
    """The person does not come.

    Raises:
        TransitionNotAllowed: they declined before, or are registered: then they withdraw that.
    """
    locked(invitation)
    if invitation.own_registration:
        raise TransitionNotAllowed(_("You are registered. Withdraw your registration instead."))
    move(invitation, InvitationStatus.DECLINED)
    _answered(invitation, "invitation.declined", at)
    return invitation


def accept(invitation: Invitation, entry: Entry, *, at: datetime) -> Registration:
    """The person registers; the invitation remembers with which registration.

    The registration is an organisation's, which then reads and changes it, only if the person belongs to it;
    otherwise it carries the organisation's name and nothing more.

    Raises:
        whatever registering raises, and TransitionNotAllowed if they accepted before.
    """
    locked(invitation)
    if invitation.status is not InvitationStatus.ACCEPTED:
        move(invitation, InvitationStatus.ACCEPTED)
    elif invitation.own_registration:
        raise AlreadySo(_("You have registered already."))
    entry = replace(entry, email=invitation.email, organisation=queries.organisation_of(invitation))
    registration = register(invitation.event, entry, by=None, at=at)
    invitation.registration = registration
    _answered(invitation, "invitation.accepted", at)
    return registration


def _answered(invitation: Invitation, action: str, at: datetime) -> None:
    invitation.answered_at = at
    db.session.flush()
    record(action, about=f"invitation:{invitation.ref}", by=None, scope=invitation.event.scope)


def _need_draft(campaign: Campaign) -> None:
    locked(campaign)
    if campaign.status is not CampaignStatus.DRAFT:
        raise TransitionNotAllowed(_("This campaign is being sent; start another one for more people."))
