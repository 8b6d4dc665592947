"""The endpoint table: every endpoint against every kind of person. One that is missing here fails."""

from dataclasses import dataclass

import pytest
from flask import url_for

from consult.accounts.access import table
from consult.accounts.models import Device, Role, User
from consult.accreditation.models import ApplicationDocument, ApplicationStatus
from consult.accreditation.queries import reasons
from consult.accreditation.service import circulations
from consult.agenda import service as agenda
from consult.attendance.models import AttendanceImport, SeenOnline, SeenStatus
from consult.attendance.service import codes, door
from consult.attendance.service import summaries as attendance
from consult.events.models import TeamRole
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
    MembershipInvitation,
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
    OrganisationFactory,
    RegistrationFactory,
    SessionFactory,
    TeamMemberFactory,
    UserFactory,
    a_call,
    an_application,
    an_event,
)

KINDS = [
    "anonymous", "participant", "focal", "door", "visa", "officer", "manager", "secretariat", "administrator",
]  # fmt: skip
ALL = set(KINDS)
SIGNED_IN = ALL - {"anonymous"}
ADMINISTRATOR = {"administrator"}
SECRETARIAT = {"secretariat", "administrator"}
MANAGERS = {"manager", *SECRETARIAT}
OFFICERS = {"officer", *MANAGERS}
DOOR = {"door", *MANAGERS}
VISA = {"visa"}
TEAM = OFFICERS | DOOR | VISA
FOCAL = {"focal"}
REGISTERED = {"participant", "focal", *MANAGERS}

MAY = {
    "accounts.address": SIGNED_IN,
    "accounts.check_mail": ALL,
    "accounts.confirm_address": set(),  # for whoever holds a key
    "accounts.give_up_address": SIGNED_IN,
    "accounts.link": ALL,
    "accounts.link_sent": ALL,
    "accounts.move_address": ADMINISTRATOR,
    "accounts.people": ADMINISTRATOR,
    "accounts.person": ADMINISTRATOR,
    "accounts.reset_second_factor": ADMINISTRATOR,
    "accounts.second_factor": SIGNED_IN,
    "accounts.settings": SIGNED_IN,
    "accounts.sign_out_device": {"participant"},
    "accounts.sign_out_everywhere": SIGNED_IN,
    "accounts.time_zone": ALL,
    "accounts.use_link": set(),  # for whoever holds a key
    "accreditation.check": FOCAL,
    "accreditation.download": FOCAL | OFFICERS,
    "accreditation.edit": FOCAL,
    "accreditation.letter": FOCAL | OFFICERS,
    "accreditation.reconsider": FOCAL,
    "accreditation.reply": FOCAL,
    "accreditation.show": FOCAL,
    "accreditation.start": SIGNED_IN,
    "accreditation.withdraw": FOCAL,
    "accreditation_workspace.export": OFFICERS,
    "accreditation_workspace.many": OFFICERS,
    "accreditation_workspace.queue": OFFICERS,
    "accreditation_workspace.reasons": SECRETARIAT,
    "accreditation_workspace.retire_reason": SECRETARIAT,
    "accreditation_workspace.settings": MANAGERS,
    "accreditation_workspace.share_out": OFFICERS,
    "agenda.calendar": ALL,
    "agenda.session_calendar": ALL,
    "agenda.show": ALL,
    "agenda_workspace.edit": MANAGERS,
    "agenda_workspace.index": MANAGERS,
    "agenda_workspace.new": MANAGERS,
    "agenda_workspace.remove": MANAGERS,
    "attendance.picture_png": MANAGERS,
    "attendance.picture_svg": MANAGERS,
    "attendance.series": MANAGERS,
    "attendance.summary": MANAGERS,
    "attendance.summary_csv": MANAGERS,
    "attendance.summary_xlsx": MANAGERS,
    "badges.download": set(),  # not found until a worker has made them
    "badges.index": DOOR,
    "badges.one": DOOR,
    "badges.progress": DOOR,
    "campaigns.add_focal_points": MANAGERS,
    "campaigns.add_list": MANAGERS,
    "campaigns.edit": MANAGERS,
    "campaigns.index": MANAGERS,
    "campaigns.launch": MANAGERS,
    "campaigns.new": MANAGERS,
    "campaigns.progress": MANAGERS,
    "campaigns.remove_people": MANAGERS,
    "campaigns.show": MANAGERS,
    "circulations.index": OFFICERS,
    "circulations.list_pdf": ALL,
    "circulations.list_xlsx": ALL,
    "circulations.new": OFFICERS,
    "circulations.object_to": ALL,
    "circulations.received": ALL,
    "circulations.show": OFFICERS,
    "door.check_in": DOOR,
    "door.end_code": DOOR,
    "door.end_pass": DOOR,
    "door.new_code": DOOR,
    "door.new_pass": DOOR,
    "door.person": DOOR,
    "door.scanned": DOOR,
    "door.show": DOOR,
    "door.undo": DOOR,
    "events_workspace.archive": MANAGERS,
    "events_workspace.cancel": MANAGERS,
    "events_workspace.categories": MANAGERS,
    "events_workspace.edit": MANAGERS,
    "events_workspace.edit_category": MANAGERS,
    "events_workspace.new": SECRETARIAT,
    "events_workspace.new_category": MANAGERS,
    "events_workspace.new_series": SECRETARIAT,
    "events_workspace.publish": MANAGERS,
    "events_workspace.record": MANAGERS,
    "events_workspace.remove_category": MANAGERS,
    "events_workspace.remove_member": MANAGERS,
    "events_workspace.team": MANAGERS,
    "follow_ups.edit": MANAGERS,
    "follow_ups.export": MANAGERS,
    "follow_ups.index": MANAGERS,
    "follow_ups.new": MANAGERS,
    "follow_ups.send": MANAGERS,
    "follow_ups.show": MANAGERS,
    "imports.columns": MANAGERS,
    "imports.count": MANAGERS,
    "imports.discard": MANAGERS,
    "imports.dismiss": MANAGERS,
    "imports.index": MANAGERS,
    "imports.progress": MANAGERS,
    "imports.reopen": MANAGERS,
    "imports.report": MANAGERS,
    "imports.settle": MANAGERS,
    "inputs.begin": SIGNED_IN,
    "inputs.edit": FOCAL,
    "inputs.index": ALL,
    "inputs.show": FOCAL | MANAGERS,
    "inputs.withdraw": FOCAL,
    "inputs_workspace.edit": MANAGERS,
    "inputs_workspace.export": MANAGERS,
    "inputs_workspace.index": MANAGERS,
    "inputs_workspace.new": MANAGERS,
    "inputs_workspace.submissions": MANAGERS,
    "invitations.accept": ALL,
    "invitations.decline": ALL,
    "invitations.show": ALL,
    "letters.check": ALL,
    "online.here": ALL,
    "organisations.accept": {"participant"},
    "organisations.accept_request": FOCAL | SECRETARIAT,
    "organisations.add_document": FOCAL | SECRETARIAT,
    "organisations.change_logo": FOCAL | SECRETARIAT,
    "organisations.change_role": FOCAL | SECRETARIAT,
    "organisations.claim": FOCAL | SECRETARIAT,
    "organisations.decline": {"participant"},
    "organisations.download": FOCAL | SECRETARIAT,
    "organisations.drop_recognition": FOCAL | SECRETARIAT,
    "organisations.edit": FOCAL | SECRETARIAT,
    "organisations.invite": FOCAL | SECRETARIAT,
    "organisations.join": SIGNED_IN,
    "organisations.leave": FOCAL,
    "organisations.logo": FOCAL | SECRETARIAT,
    "organisations.new": SIGNED_IN,
    "organisations.refuse_request": FOCAL | SECRETARIAT,
    "organisations.remove_document": FOCAL | SECRETARIAT,
    "organisations.remove_member": FOCAL | SECRETARIAT,
    "organisations.show": FOCAL | SECRETARIAT,
    "organisations.take_back": FOCAL | SECRETARIAT,
    "organisations_workspace.choose_merge": SECRETARIAT,
    "organisations_workspace.confirm_category": SECRETARIAT,
    "organisations_workspace.dismiss": SECRETARIAT,
    "organisations_workspace.index": SECRETARIAT,
    "organisations_workspace.likely": SECRETARIAT,
    "organisations_workspace.listed": SECRETARIAT,
    "organisations_workspace.merge": SECRETARIAT,
    "organisations_workspace.refuse": SECRETARIAT,
    "organisations_workspace.replace": SECRETARIAT,
    "organisations_workspace.settle": SECRETARIAT,
    "organisations_workspace.verify": SECRETARIAT,
    "person.accept": ALL,
    "person.badge": ALL,
    "person.change_modality": ALL,
    "person.correct": ALL,
    "person.erase_passport": ALL,
    "person.follow_up": ALL,
    "person.object_to": ALL,
    "person.participants": ALL,
    "person.show": ALL,
    "person.visa_letter": ALL,
    "person.withdraw": ALL,
    "portal.calendar": ALL,
    "portal.event": ALL,
    "portal.health": ALL,
    "portal.mine": SIGNED_IN,
    "portal_messages.demo_mail": set(),  # there in the demo only
    "portal_messages.everything": SECRETARIAT,
    "portal_messages.index": MANAGERS,
    "portal_messages.try_again": SECRETARIAT,
    "portal_workspace.index": TEAM,
    "portal_workspace.overview": TEAM,
    "registration.accept": REGISTERED,
    "registration.badge": REGISTERED,
    "registration.change_modality": REGISTERED,
    "registration.correct": REGISTERED,
    "registration.document": REGISTERED,
    "registration.erase_passport": REGISTERED,
    "registration.follow_up": {"participant"},
    "registration.index": SIGNED_IN,
    "registration.myself": SIGNED_IN,
    "registration.new": FOCAL,
    "registration.sheet": FOCAL,
    "registration.show": REGISTERED,
    "registration.substitute": FOCAL | MANAGERS,
    "registration.template": FOCAL,
    "registration.visa_letter": REGISTERED,
    "registration.withdraw": REGISTERED,
    "registration_list.as_docx": ALL,
    "registration_list.as_pdf": ALL,
    "registration_list.as_xlsx": ALL,
    "registration_list.objected": ALL,
    "registration_list.show": ALL,
    "registration_workspace.approve": MANAGERS,
    "registration_workspace.cancel": MANAGERS,
    "registration_workspace.decline": MANAGERS,
    "registration_workspace.export_csv": MANAGERS,
    "registration_workspace.export_xlsx": MANAGERS,
    "registration_workspace.index": MANAGERS,
    "registration_workspace.many": MANAGERS,
    "registration_workspace.place": MANAGERS,
    "registration_workspace.show": MANAGERS,
    "reports.download": set(),  # not found until the report is published
    "reports.show": ALL,
    "reports_workspace.download": MANAGERS,
    "reports_workspace.edit": MANAGERS,
    "reports_workspace.publish": MANAGERS,
    "reports_workspace.unpublish": MANAGERS,
    "review.approve": OFFICERS,
    "review.assign": OFFICERS,
    "review.criteria": OFFICERS,
    "review.note": OFFICERS,
    "review.profile_document": OFFICERS,
    "review.refuse": OFFICERS,
    "review.reject": OFFICERS,
    "review.request_information": OFFICERS,
    "review.revoke": OFFICERS,
    "review.show": OFFICERS,
    "review.take": OFFICERS,
    "review.verify": OFFICERS,
    "scanner.badge": ALL,
    "scanner.check_in": ALL,
    "scanner.people": ALL,
    "scanner.scans": ALL,
    "scanner.show": ALL,
    "scanner.walk_in": ALL,
    "scanner.wall": ALL,
    "scanner.worker": ALL,
    "security.change_password": SIGNED_IN,
    "security.confirm_email": ALL,
    "security.forgot_password": ALL,
    "security.login": ALL,
    "security.logout": ALL,
    "security.mf_recovery": ALL,
    "security.mf_recovery_codes": SIGNED_IN,
    "security.register": ALL,
    "security.reset_password": ALL,
    "security.send_confirmation": ALL,
    "security.tf_select": ALL,
    "security.two_factor_setup": ALL,
    "security.two_factor_setup_validate": SIGNED_IN,
    "security.two_factor_token_validation": ALL,
    "security.verify": SIGNED_IN,
    "security.wan_delete": SIGNED_IN,
    "security.wan_register": SIGNED_IN,
    "security.wan_register_response": SIGNED_IN,
    "security.wan_signin": SIGNED_IN,
    "security.wan_signin_response": ALL,
    "visas.index": VISA,
    "visas.show": VISA,
}


@dataclass
class World:
    people: dict[str, User | None]
    values: dict[str, dict[str, str]]
    neighbour: User


@pytest.fixture
def world(session, app) -> World:
    """An event with one of everything, and one person of each kind."""
    event = an_event()
    point = FocalPointFactory()
    people: dict[str, User | None] = {
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
    application = an_application(event, organisation=point.organisation)
    file = StoredFile(name="statutes.pdf", media_type="application/pdf", size=4, stored_at=NOON, key="kept")
    document = ApplicationDocument(file=file)
    application.documents.append(document)
    application.status, application.decided_at = ApplicationStatus.APPROVED, NOON
    letters.issue(
        LetterKind.DECISION, about=f"application:{application.ref}", name="Casa", event_title="Forum",
        scope=event.scope, by=None, at=NOON,
    )  # fmt: skip
    organisation, twin = point.organisation, OrganisationFactory()
    neighbour = FocalPointFactory(organisation=twin).user
    profile_document = OrganisationDocument(file=file, kind=DocumentKind.OTHER, added_at=NOON)
    organisation.documents.append(profile_document)
    organisation.logo = file
    recognition = RecognitionHeld(kind=Recognition.ECOSOC_ROSTER)
    organisation.recognitions.append(recognition)
    invitation_to_join = MembershipInvitation(
        organisation=organisation, email=people["participant"].email, role=OrganisationRole.MEMBER,
        invited_by=point.user, invited_at=NOON,
    )  # fmt: skip
    asked = JoinRequest(organisation=organisation, user=people["door"], asked_at=NOON)
    pair = LikelyDuplicate(first_id=organisation.id, second_id=twin.id, reasons=["name"], found_at=NOON)
    listed = ListedRecognition(kind=Recognition.ECOSOC_ROSTER, name="Casa", name_key="casa", imported_at=NOON)
    circulated = an_application(event, organisation=twin)
    circulation = circulations.start(
        event, [circulated], recipients=[circulations.Recipient(name="M", email="m@example.org")], until=FAR,
        message="", by=people["manager"], at=NOON,
    )  # fmt: skip
    db.session.add_all([invitation_to_join, asked, pair, listed])
    registration = RegistrationFactory(
        category=event.categories[0], organisation=point.organisation, email=people["participant"].email
    )
    event.categories[0].allows_individuals = True
    of_registration = {
        "passport": Passport(registration=registration, sealed="x", given_at=NOON),
        "document": RegistrationDocument(registration=registration, question="Q", file=file),
        "form": FollowUp(
            event=event, title="Form", closes_at=FAR, status=FollowUpStatus.SENT, question_set=QuestionSet(questions=[])
        ),
        "run": BadgeRun(event=event, layout=BadgeLayout.SHEETS, requested_at=NOON, total=1),
    }
    db.session.add_all(of_registration.values())
    call = a_call(event)
    submission = inputs.begin(call, organisation=point.organisation, by=point.user, at=NOON)
    inputs.submit(submission, {call.question_set.questions[0].ref: "Listen."}, by=point.user, at=NOON)
    held = SessionFactory(event=event)
    agenda.publish(event, note="", by=people["manager"])
    report = AttendanceImport(
        event=event, day=event.days[0], name="a.csv", sha256="0" * 64, imported_at=NOON, lines=1, people=1
    )
    report.zone = "UTC"
    door_pass, door_key = door.open_door(event, event.days[0], name="Gate", by=people["manager"], at=FAR)
    code = codes.show_code(event, event.days[0], session=None, minutes=60, by=people["manager"], at=NOON)
    db.session.add(report)
    db.session.flush()
    seen = SeenOnline(
        event=event, day=event.days[0], import_id=report.id, status=SeenStatus.UNMATCHED, line=2, name="Ana", email="",
        person_key="ana",
    )  # fmt: skip
    message = Message(
        status=MessageStatus.DEAD,
        to="a@example.org",
        template="x",
        context={},
        about="",
        dedupe_key="x",
        posted_at=NOON,
        due_at=NOON,
    )
    campaign = CampaignFactory(event=event)
    invitation = InvitationFactory(campaign=campaign, status="sent")
    member = TeamMemberFactory(event=event, role=TeamRole.RAPPORTEUR)
    other = UserFactory()
    db.session.add_all([seen, message])
    attendance.compile_summary(attendance.request_summary(event, by=people["manager"], at=NOON), event, at=NOON)
    with app.app_context():
        storage.write("kept", b"%PDF")
    db.session.commit()
    device = Device(user_id=people["participant"].id, key_hash="x", browser="", signed_in_at=NOON, seen_at=NOON)
    db.session.add(device)
    db.session.commit()
    refs = {"document": profile_document.ref, "recognition": recognition.ref}
    inner = {
        "accreditation": {"document": document.ref},
        "review": refs,
        "organisations": {
            **refs, "invitation": invitation_to_join.ref, "request": asked.ref, "member": point.ref,
        },
        "organisations_workspace": {**refs, "other": twin.ref, "line": listed.ref},
        "registration": {"document": of_registration["document"].ref, "form": of_registration["form"].ref},
        "person": {"form": of_registration["form"].ref},
        "circulations": {"circulation": circulation.ref, "application": circulated.ref},
    }  # fmt: skip
    ref = {
        "accounts.person": other.ref,
        "accounts.move_address": other.ref,
        "accounts.reset_second_factor": other.ref,
        "accounts.sign_out_device": device.ref,
        "accreditation": application.ref,
        "accreditation_workspace.retire_reason": reasons()[0].ref,
        "review": application.ref,
        "agenda": held.ref,
        "agenda_workspace": held.ref,
        "door.end_pass": door_pass.ref,
        "door.end_code": code.ref,
        "imports": report.ref,
        **{f"imports.{name}": seen.ref for name in ("dismiss", "reopen", "settle")},
        "scanner": registration.ref,
        "campaigns": campaign.ref,
        "events_workspace.edit_category": event.categories[0].ref,
        "events_workspace.remove_category": event.categories[0].ref,
        "events_workspace.remove_member": member.ref,
        "inputs": submission.ref,
        "inputs.begin": call.ref,
        "inputs_workspace": call.ref,
        "organisations": organisation.ref,
        "organisations_workspace": organisation.ref,
        "organisations_workspace.dismiss": pair.ref,
        "portal_messages": message.ref,
        "badges": of_registration["run"].ref,
        "badges.one": registration.ref,
        "follow_ups": of_registration["form"].ref,
        "registration": registration.ref,
        "registration_workspace": registration.ref,
        "visas": registration.ref,
    }
    values = {"slug": event.slug, "code": registration.badge_code, "token": "no-such-token"}
    keys = {
        "person": registration.access_key,
        "online": registration.access_key,
        "scanner": door_key,
        "invitations": invitation.key,
        "circulations": circulation.recipients[0].key,
    }
    found = {
        endpoint: {
            **values,
            **inner.get(endpoint.split(".")[0], {}),
            "ref": ref.get(endpoint) or ref.get(endpoint.split(".")[0], ""),
            "key": keys.get(endpoint.split(".")[0], ""),
        }
        for endpoint in MAY
    }
    return World(people, found, neighbour)


def test_every_endpoint_stands_in_the_table(app):
    found = table(app)
    assert [endpoint for endpoint, access in found.items() if access == "UNDECLARED"] == []
    assert sorted(found) == sorted(MAY)


@pytest.mark.parametrize("endpoint", MAY)
def test_who_may_open(endpoint, world, as_, client, app):
    rule = next(rule for rule in app.url_map.iter_rules() if rule.endpoint == endpoint)
    methods = [method for method in ("GET", "POST") if method in rule.methods]
    with app.test_request_context():
        path = url_for(endpoint, **{name: world.values[endpoint][name] for name in rule.arguments})
    clients = {kind: as_(person) if person else client for kind, person in world.people.items()}
    connection = db.engines[None]
    for method in methods:
        allowed = set()
        for kind in KINDS:
            db.session.commit()
            undo = connection.begin_nested()
            response = clients[kind].open(path, method=method)
            db.session.rollback()
            undo.rollback()
            to_sign_in = response.status_code == 302 and "/sign-in?next=" in response.location
            if not to_sign_in and response.status_code not in {401, 403, 404, 405}:
                allowed.add(kind)
            midway = endpoint == "security.wan_signin"  # not found unless one is in the middle of signing in
            if kind == "anonymous" and kind not in MAY[endpoint] and MAY[endpoint] and not midway:
                assert to_sign_in, f"{method} {path}: a stranger is asked to sign in"
        assert allowed == MAY[endpoint], f"{method} {path}"


OF_ANY_FOCAL_POINT = {"registration.new", "registration.sheet", "registration.template"}
OF_AN_ORGANISATION = [
    endpoint
    for endpoint, who in MAY.items()
    if "focal" in who and "participant" not in who and endpoint not in OF_ANY_FOCAL_POINT
]


@pytest.mark.parametrize("endpoint", OF_AN_ORGANISATION)
def test_a_person_of_one_organisation_reaches_nothing_of_another(endpoint, world, as_, app):
    """The focal point of another organisation, which has applied to the same event, is refused everywhere."""
    rule = next(rule for rule in app.url_map.iter_rules() if rule.endpoint == endpoint)
    with app.test_request_context():
        path = url_for(endpoint, **{name: world.values[endpoint][name] for name in rule.arguments})
    neighbour = as_(world.neighbour)
    for method in sorted(rule.methods & {"GET", "POST"}):
        assert neighbour.open(path, method=method).status_code in {403, 404}, f"{method} {path}"


def test_there_is_something_to_reach():
    assert len(OF_AN_ORGANISATION) > 25
