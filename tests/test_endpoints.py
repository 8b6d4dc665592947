"""The endpoint table: every endpoint against every kind of person. One that is missing here fails."""

import pytest
from flask import url_for
from sqlalchemy import select

from consult.accounts.access import table
from consult.extensions import db
from tests.world import World, a_world

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
OTHER_MANAGERS = SECRETARIAT  # the event's manager named the person, so a second one confirms
REGISTERED = {"participant", "focal", *MANAGERS}

MAY = {
    "accounts.address": SIGNED_IN,
    "accounts.check_mail": ALL,
    "accounts.choose_password": set(),  # for whoever holds a key
    "accounts.confirm_address": set(),  # for whoever holds a key
    "accounts.delete": SIGNED_IN,
    "accounts.end_sessions": ADMINISTRATOR,
    "accounts.finish_sign_up": set(),  # for whoever holds a key
    "accounts.forgot_password": ALL,
    "accounts.give_up_address": SIGNED_IN,
    "accounts.link": ALL,
    "accounts.move_address": ADMINISTRATOR,
    "accounts.people": ADMINISTRATOR,
    "accounts.person": ADMINISTRATOR,
    "accounts.reset_second_factor": ADMINISTRATOR,
    "accounts.second_factor": SIGNED_IN,
    "accounts.settings": SIGNED_IN,
    "accounts.sign_out_device": {"participant"},
    "accounts.sign_out_everywhere": SIGNED_IN,
    "accounts.sign_up": ALL,
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
    "events_workspace.confirm_member": OTHER_MANAGERS,
    "events_workspace.edit": MANAGERS,
    "events_workspace.edit_category": MANAGERS,
    "events_workspace.new": SECRETARIAT,
    "events_workspace.new_category": MANAGERS,
    "events_workspace.new_series": SECRETARIAT,
    "events_workspace.publish": MANAGERS,
    "events_workspace.record": MANAGERS,
    "events_workspace.remove_category": MANAGERS,
    "events_workspace.remove_member": MANAGERS,
    "events_workspace.take_back_role": MANAGERS,
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
    "organisations_workspace.import_listed": SECRETARIAT,
    "organisations_workspace.index": SECRETARIAT,
    "organisations_workspace.likely": SECRETARIAT,
    "organisations_workspace.listed": SECRETARIAT,
    "organisations_workspace.merge": SECRETARIAT,
    "organisations_workspace.refuse": SECRETARIAT,
    "organisations_workspace.replace": SECRETARIAT,
    "organisations_workspace.settle": SECRETARIAT,
    "organisations_workspace.verify": SECRETARIAT,
    "person.accept": ALL,
    "person.answer": ALL,
    "person.erase": ALL,
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
    "portal_messages.try_all_again": SECRETARIAT,
    "portal_messages.try_all_of_event_again": SECRETARIAT,
    "portal_workspace.index": TEAM,
    "portal_workspace.overview": TEAM,
    "registration.accept": REGISTERED,
    "registration.answer": {"participant"},
    "registration.badge": REGISTERED,
    "registration.change_modality": REGISTERED,
    "registration.correct": REGISTERED,
    "registration.document": REGISTERED,
    "registration.erase": {"participant", *MANAGERS},
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
    "registration_address.confirm": ALL,
    "registration_list.as_docx": ALL,
    "registration_list.as_pdf": ALL,
    "registration_list.as_xlsx": ALL,
    "registration_list.erased": ALL,
    "registration_list.objected": ALL,
    "registration_list.show": ALL,
    "registration_workspace.approve": MANAGERS,
    "registration_workspace.cancel": MANAGERS,
    "registration_workspace.confirm_official": MANAGERS,
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
    "review.letter": OFFICERS,
    "review.keep": OFFICERS,
    "review.note": OFFICERS,
    "review.profile_document": OFFICERS,
    "review.refuse": SECRETARIAT,
    "review.reject": OFFICERS,
    "review.request_information": OFFICERS,
    "review.revoke": OFFICERS,
    "review.show": OFFICERS,
    "review.take": OFFICERS,
    "review.verify": SECRETARIAT,
    "scanner.check_in": ALL,
    "scanner.people": ALL,
    "scanner.scans": ALL,
    "scanner.show": ALL,
    "scanner.walk_in": ALL,
    "scanner.wall": ALL,
    "scanner.worker": ALL,
    "security.change_password": SIGNED_IN,
    "security.login": ALL,
    "security.logout": ALL,
    "security.mf_recovery": ALL,
    "security.mf_recovery_codes": SIGNED_IN,
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
    "teams.accept": {"participant"},
    "teams.decline": {"participant"},
    "visas.index": VISA,
    "visas.show": VISA,
}


@pytest.fixture
def world(session, app) -> World:
    made = a_world(app)
    db.session.commit()
    return made


def _address(app, endpoint, world):
    """Where an endpoint is in this world, and how it is asked."""
    rule = next(rule for rule in app.url_map.iter_rules() if rule.endpoint == endpoint)
    values = world.values(endpoint)
    with app.test_request_context():
        path = url_for(endpoint, **{name: values[name] for name in rule.arguments})
    return path, sorted(rule.methods & {"GET", "POST"})


def test_every_endpoint_stands_in_the_table(app):
    found = table(app)
    assert [endpoint for endpoint, access in found.items() if access == "UNDECLARED"] == []
    assert sorted(found) == sorted(MAY)


@pytest.mark.parametrize("endpoint", MAY)
def test_who_may_open(endpoint, world, as_, client, app):
    path, methods = _address(app, endpoint, world)
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
    path, methods = _address(app, endpoint, world)
    neighbour = as_(world.neighbour)
    for method in methods:
        assert neighbour.open(path, method=method).status_code in {403, 404}, f"{method} {path}"


def test_there_is_something_to_reach():
    assert len(OF_AN_ORGANISATION) > 25


# a page that is opened notes when a device was seen, what was refused, downloaded or read at a door, and nothing else
NOTED_ON_GET = {"audit_entry", "device", "door_pass"}


def _rows():
    """What every table holds."""
    return {
        table.name: sorted(map(repr, db.session.execute(select(table)).all()))
        for table in db.metadata.sorted_tables
        if table.name not in NOTED_ON_GET
    }


@pytest.mark.parametrize("endpoint", MAY)
def test_opening_a_page_changes_nothing(endpoint, world, as_, client, app):
    """GET is what mail scanners, browsers that read ahead and search engines do, whoever is signed in."""
    path, methods = _address(app, endpoint, world)
    if "GET" not in methods:
        return
    clients = [as_(person) if person else client for person in world.people.values()]
    before = _rows()
    for each in clients:
        each.get(path)
    assert _rows() == before
