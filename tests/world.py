"""An event with one of everything, and one person of each kind: what the table of endpoints is tried on."""

from dataclasses import dataclass, field

from flask import Flask

from consult.accounts.models import Device, Role, User, hashed
from consult.accreditation.models import ApplicationDocument, ApplicationStatus
from consult.accreditation.queries import reasons
from consult.accreditation.service import circulations
from consult.agenda import service as agenda
from consult.attendance.models import AttendanceImport, SeenOnline, SeenStatus
from consult.attendance.service import codes, door
from consult.attendance.service import summaries as attendance
from consult.database import now
from consult.events.models import Event, TeamInvitation, TeamRole
from consult.extensions import db
from consult.files import storage
from consult.files.models import StoredFile
from consult.inputs import service as inputs
from consult.letters import service as letters
from consult.letters.models import LetterKind
from consult.organisations.models import (
    DocumentKind,
    JoinRequest,
    LikelyDuplicate,
    ListedRecognition,
    Membership,
    MembershipInvitation,
    Organisation,
    OrganisationDocument,
    OrganisationRole,
    RecognitionHeld,
)
from consult.outbox.models import Message, MessageStatus
from consult.questions.models import QuestionSet
from consult.reference.stakeholders import Recognition
from consult.registration.models import (
    BadgeLayout,
    BadgeRun,
    FollowUp,
    FollowUpStatus,
    Passport,
    RegistrationDocument,
)
from tests.factories import (
    FAR,
    NOON,
    CampaignFactory,
    FocalPointFactory,
    InvitationFactory,
    RegistrationFactory,
    SessionFactory,
    TeamMemberFactory,
    UserFactory,
    a_call,
    an_application,
    an_event,
    an_event_today,
)

Refs = dict[str, str]


@dataclass
class World:
    """`refs` are found by endpoint, or by blueprint; `inner` and `keys` by blueprint."""

    event: Event
    point: Membership
    neighbours: Organisation
    neighbour: User
    people: dict[str, User | None]
    refs: Refs = field(default_factory=dict)
    keys: Refs = field(default_factory=dict)
    inner: dict[str, Refs] = field(default_factory=dict)
    shared: Refs = field(default_factory=dict)

    def values(self, endpoint: str) -> Refs:
        """What stands in the address of an endpoint."""
        room = endpoint.split(".", maxsplit=1)[0]
        ref = self.refs.get(endpoint) or self.refs.get(room, "")
        return {**self.shared, **self.inner.get(room, {}), "ref": ref, "key": self.keys.get(room, "")}


def a_world(app: Flask) -> World:
    """Committed by whoever asks for it."""
    event, point, neighbour = an_event(), FocalPointFactory(), FocalPointFactory()
    people = {
        "anonymous": None,
        "participant": UserFactory(),
        "focal": point.user,
        "door": TeamMemberFactory(event=event, role=TeamRole.DOOR_STAFF).user,
        "visa": TeamMemberFactory(event=event, role=TeamRole.VISA_OFFICER).user,
        "officer": TeamMemberFactory(event=event, role=TeamRole.ACCREDITATION_OFFICER).user,
        "manager": TeamMemberFactory(event=event, role=TeamRole.MANAGER).user,
        "secretariat": UserFactory(role=Role.SECRETARIAT),
        "administrator": UserFactory(role=Role.ADMINISTRATOR),
    }
    world = World(event, point, neighbour.organisation, neighbour.user, people)
    file = StoredFile(name="statutes.pdf", media_type="application/pdf", size=4, stored_at=NOON, key="kept")
    _organisations(world, file)
    _accreditation(world, file)
    _registration(world, file)
    _agenda_and_inputs(world)
    _attendance(world)
    _people_and_messages(world)
    with app.app_context():
        storage.write(file.key, b"%PDF")
    return world


def _organisations(world: World, file: StoredFile) -> None:
    organisation, twin = world.point.organisation, world.neighbours
    kept = OrganisationDocument(file=file, kind=DocumentKind.OTHER, added_at=NOON)
    organisation.documents.append(kept)
    organisation.logo = file
    recognition = RecognitionHeld(kind=Recognition.ECOSOC_ROSTER)
    organisation.recognitions.append(recognition)
    invitation = MembershipInvitation(
        organisation=organisation, email=world.people["participant"].email, role=OrganisationRole.MEMBER,
        invited_by=world.point.user, invited_at=NOON,
    )  # fmt: skip
    asked = JoinRequest(organisation=organisation, user=world.people["door"], asked_at=NOON)
    pair = LikelyDuplicate(first_id=organisation.id, second_id=twin.id, reasons=["name"], found_at=NOON)
    listed = ListedRecognition(kind=Recognition.ECOSOC_ROSTER, name="Casa", name_key="casa", imported_at=NOON)
    _keep(invitation, asked, pair, listed)
    refs = {"document": kept.ref, "recognition": recognition.ref}
    world.inner["review"] = refs
    world.inner["organisations"] = {
        **refs, "invitation": invitation.ref, "request": asked.ref, "member": world.point.ref,
    }  # fmt: skip
    world.inner["organisations_workspace"] = {**refs, "other": twin.ref, "line": listed.ref}
    world.refs["organisations"] = world.refs["organisations_workspace"] = organisation.ref
    world.refs["organisations_workspace.dismiss"] = pair.ref


def _accreditation(world: World, file: StoredFile) -> None:
    event = world.event
    application = an_application(event, organisation=world.point.organisation)
    document = ApplicationDocument(file=file)
    application.documents.append(document)
    application.status, application.decided_at = ApplicationStatus.APPROVED, NOON
    letters.issue(
        LetterKind.DECISION, about=f"application:{application.ref}", name="Casa", event_title="Forum",
        scope=event.scope, by=None, at=NOON,
    )  # fmt: skip
    circulated = an_application(event, organisation=world.neighbours)
    circulation = circulations.start(
        event, [circulated], recipients=[circulations.Recipient(name="M", email="m@example.org")], until=FAR,
        message="", by=world.people["manager"], at=NOON,
    )  # fmt: skip
    _keep()
    world.refs |= {
        "accreditation": application.ref,
        "accreditation_workspace.retire_reason": reasons()[0].ref,
        "review": application.ref,
    }
    world.inner["accreditation"] = {"document": document.ref}
    world.inner["circulations"] = {"circulation": circulation.ref, "application": circulated.ref}
    world.keys["circulations"] = circulation.recipients[0].key


def _registration(world: World, file: StoredFile) -> None:
    event = world.event
    registration = RegistrationFactory(
        category=event.categories[0], organisation=world.point.organisation, email=world.people["participant"].email
    )
    event.categories[0].allows_individuals = True
    document = RegistrationDocument(registration=registration, question="Q", file=file)
    asked = QuestionSet(questions=[])
    form = FollowUp(event=event, title="Form", closes_at=FAR, status=FollowUpStatus.SENT, question_set=asked)
    run = BadgeRun(event=event, layout=BadgeLayout.SHEETS, requested_at=NOON, total=1)
    _keep(Passport(registration=registration, sealed="x", given_at=NOON), document, form, run)
    world.refs |= {
        "badges": run.ref,
        "badges.one": registration.ref,
        "events_workspace.edit_category": event.categories[0].ref,
        "events_workspace.remove_category": event.categories[0].ref,
        "follow_ups": form.ref,
        "registration": registration.ref,
        "registration_workspace": registration.ref,
        "scanner": registration.ref,
        "visas": registration.ref,
    }
    world.inner["registration"] = {"document": document.ref, "form": form.ref}
    world.inner["person"] = {"form": form.ref}
    registration.new_email, registration.new_email_hash = (
        "new@example.org",
        hashed("own.4102444800.a key of a new address"),
    )
    world.keys["registration_address"] = "own.4102444800.a key of a new address"
    world.keys["person"] = world.keys["online"] = registration.access_key
    world.shared |= {"slug": event.slug, "code": registration.badge_code, "token": "no-such-token"}


def _agenda_and_inputs(world: World) -> None:
    call = a_call(world.event)
    submission = inputs.begin(call, organisation=world.point.organisation, by=world.point.user, at=NOON)
    inputs.submit(submission, {call.question_set.questions[0].ref: "Listen."}, by=world.point.user, at=NOON)
    held = SessionFactory(event=world.event)
    agenda.publish(world.event, note="", by=world.people["manager"])
    world.refs |= {"inputs": submission.ref, "inputs.begin": call.ref, "inputs_workspace": call.ref}
    world.refs["agenda"] = world.refs["agenda_workspace"] = held.ref


def _attendance(world: World) -> None:
    event, day, by = world.event, world.event.days[0], world.people["manager"]
    report = AttendanceImport(
        event=event, day=day, name="a.csv", sha256="0" * 64, imported_at=NOON, lines=1, people=1, zone="UTC"
    )
    door_pass, _unused = door.open_door(event, day, name="Gate", by=by, at=NOON)
    today = an_event_today()  # a link to a door works on its day only
    _open, key = door.open_door(today, today.days[0], name="Gate", by=by, at=now())
    code = codes.show_code(event, day, session=None, minutes=60, by=by, at=NOON)
    _keep(report)
    seen = SeenOnline(
        event=event, day=day, import_id=report.id, status=SeenStatus.UNMATCHED, line=2, name="Ana", email="",
        person_key="ana",
    )  # fmt: skip
    _keep(seen)
    attendance.compile_summary(attendance.request_summary(event, by=by, at=NOON), event, at=NOON)
    world.refs |= {"door.end_pass": door_pass.ref, "door.end_code": code.ref, "imports": report.ref}
    world.refs |= {f"imports.{verb}": seen.ref for verb in ("dismiss", "reopen", "settle")}
    world.keys["scanner"] = key


def _people_and_messages(world: World) -> None:
    message = Message(
        status=MessageStatus.DEAD, to="a@example.org", template="x", context={}, about="", dedupe_key="x",
        posted_at=NOON, due_at=NOON,
    )  # fmt: skip
    campaign = CampaignFactory(event=world.event)
    invitation = InvitationFactory(campaign=campaign, status="sent")
    named = TeamInvitation(
        event=world.event, email="visa@example.org", role=TeamRole.VISA_OFFICER, named_by=world.people["manager"],
        named_at=NOON,
    )  # fmt: skip
    asked = TeamInvitation(
        event=world.event, email=world.people["participant"].email, role=TeamRole.RAPPORTEUR,
        named_by=world.people["manager"], named_at=NOON,
    )  # fmt: skip
    _keep(named, asked)
    member, other = TeamMemberFactory(event=world.event, role=TeamRole.RAPPORTEUR), UserFactory()
    owner = world.people["participant"]
    device = Device(
        user_id=owner.id, key_hash="x", browser="", signed_in_at=NOON, seen_at=NOON, ends_at=FAR, idle_minutes=60
    )
    _keep(message, device)
    world.refs |= {
        "accounts.person": other.ref,
        "accounts.end_sessions": other.ref,
        "accounts.move_address": other.ref,
        "accounts.reset_second_factor": other.ref,
        "accounts.sign_out_device": device.ref,
        "campaigns": campaign.ref,
        "events_workspace.confirm_member": named.ref,
        "events_workspace.remove_member": member.ref,
        "events_workspace.take_back_role": named.ref,
        "portal_messages": message.ref,
        "teams": asked.ref,
    }
    world.keys["invitations"] = invitation.key


def _keep(*rows: object) -> None:
    db.session.add_all(rows)
    db.session.flush()
