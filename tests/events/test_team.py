"""Who is on a team: any address is named alike, and the right to read passports needs two people."""

import pytest
from sqlalchemy import select

from consult.accounts.access import FRESH
from consult.accounts.models import Role, User
from consult.accounts.service import addresses, devices
from consult.accounts.service import people as accounts
from consult.audit.models import AuditEntry
from consult.errors import InvalidEntry, NotAllowed
from consult.events import policy, queries
from consult.events.models import TeamMember, TeamRole
from consult.events.service import team
from consult.extensions import db
from consult.outbox.models import Message
from tests.factories import SecretariatFactory, TeamMemberFactory, UserFactory, an_event

pytestmark = pytest.mark.usefixtures("session")
VISA = TeamRole.VISA_OFFICER


def a_manager(event, **more):
    """One whom somebody of the secretariat has made manager, if nothing else is said."""
    if "granted_by_id" not in more:
        more["granted_by_id"] = SecretariatFactory().id
    return TeamMemberFactory(event=event, role=TeamRole.MANAGER, **more).user


def join(event, by, email, role=TeamRole.MANAGER):
    person = UserFactory(email=email)
    return team.accept_role(name(event, by, email, role), by=person)


def name(event, by, email="visa@example.org", role=VISA):
    return team.invite_member(event, email=email, role=role, by=by)


def told(template):
    return {m.to for m in db.session.scalars(select(Message)) if m.template == f"events/{template}"}


def test_a_manager_does_not_learn_who_has_an_account(as_):
    event = an_event()
    manager = a_manager(event)
    UserFactory(email="known@example.org", name="Known Person")
    UserFactory(email="unconfirmed@example.org", name="Unconfirmed Person", confirmed_at=None)
    db.session.commit()
    client, path = as_(manager), f"/workspace/events/{event.slug}/team"
    pages = {}
    for who in ("known", "unconfirmed", "unknown"):
        data = {"email": f"{who}@example.org", "role": "rapporteur"}
        answer = client.post(path, data=data, follow_redirects=True)
        pages[who] = (answer.status_code, answer.text.split('id="waiting"')[0])
        assert f"{who}@example.org" in answer.text
    assert pages["known"] == pages["unconfirmed"] == pages["unknown"]
    assert "Known Person" not in client.get(path).text


def test_a_role_is_taken_by_whoever_has_confirmed_the_address(as_):
    event, by = an_event(), SecretariatFactory()
    invitation = name(event, by, " NEW@example.org", TeamRole.MANAGER)
    with pytest.raises(InvalidEntry):
        name(event, by, "new@example.org", TeamRole.MANAGER)
    person = UserFactory(email="new@example.org", confirmed_at=None)
    db.session.commit()
    path = f"/my/teams/{event.slug}/{invitation.ref}/accept"
    assert as_(person).post(path).status_code == 403, "the address is not confirmed"
    assert as_(UserFactory()).post(path).status_code == 403
    assert not policy.can_manage(person, event)
    person.confirmed_at = by.confirmed_at
    db.session.commit()
    client = as_(person)
    assert "Event manager" in client.get("/my").text
    client.post(path)
    assert policy.can_manage(person, event)
    assert client.post(path).status_code == 404, "once"
    with pytest.raises(InvalidEntry):
        name(event, by, "new@example.org", TeamRole.MANAGER)


def test_declining_or_taking_back_leaves_no_role(as_):
    event, by = an_event(), SecretariatFactory()
    person = UserFactory(email="new@example.org")
    first = name(event, by, person.email, TeamRole.RAPPORTEUR)
    db.session.commit()
    as_(person).post(f"/my/teams/{event.slug}/{first.ref}/decline")
    second = name(event, by, person.email, TeamRole.RAPPORTEUR)
    db.session.commit()
    as_(by).post(f"/workspace/events/{event.slug}/team/invitations/{second.ref}/take-back")
    assert db.session.scalars(select(TeamMember)).all() == []
    assert queries.team_invitations_for(person) == []


def test_two_people_make_a_visa_officer_and_all_managers_and_the_secretariat_are_told():
    event, secretariat = an_event(), SecretariatFactory()
    namer, second = (a_manager(event, granted_by_id=secretariat.id) for _ in range(2))
    person = UserFactory(email="visa@example.org")
    invitation = name(event, namer)
    assert told("visa_officer") == {namer.email, second.email, secretariat.email}
    assert told("team_invitation") == set(), "the person is asked when a second one has agreed"
    assert not policy.can_answer(person, invitation)
    with pytest.raises(NotAllowed):
        team.accept_role(invitation, by=person)
    for not_second in (namer, person):
        with pytest.raises(NotAllowed):
            team.confirm_member(invitation, by=not_second)
    team.confirm_member(invitation, by=second)
    assert told("team_invitation") == {"visa@example.org"}
    member = team.accept_role(invitation, by=person)
    assert (member.granted_by_id, member.confirmed_by_id) == (namer.id, second.id)
    assert policy.holds(person, event, VISA)
    team.remove_member(queries.member_at(event.slug, member.ref), by=namer)
    db.session.expire_all()
    actions = db.session.scalars(select(AuditEntry.action).where(AuditEntry.action.startswith("team."))).all()
    assert actions == ["team.named", "team.confirmed", "team.added", "team.removed"]


def test_managers_with_a_common_root_are_no_two_people():
    event, desk = an_event(), SecretariatFactory()
    first, other = a_manager(event, granted_by_id=desk.id), a_manager(event, granted_by_id=desk.id)
    brought = a_manager(event, granted_by_id=first.id)
    further = a_manager(event, granted_by_id=brought.id)
    sibling = a_manager(event, granted_by_id=first.id)
    everybody = [first, other, brought, further, sibling]
    for namer in (first, brought, further):
        invitation = name(event, namer, f"{namer.id}@visa.example")
        assert [each for each in everybody if policy.is_second_person(each, invitation)] == [other]
    invitation = name(event, other, "last@visa.example")
    assert [each for each in everybody if not policy.is_second_person(each, invitation)] == [other]
    assert policy.is_second_person(desk, invitation)


@pytest.mark.parametrize("way", ["taken off the team", "account deleted"])
def test_who_loses_the_one_between_does_not_become_two_people(way):
    event = an_event()
    first = join(event, SecretariatFactory(), "first@example.org").user
    between = join(event, first, "between@example.org")
    last = join(event, between.user, "last@example.org").user
    other = join(event, SecretariatFactory(), "other@example.org").user
    invitation = name(event, first)
    if way == "account deleted":
        accounts.delete_account(between.user, by=between.user)
    else:
        team.remove_member(between, by=first)
    db.session.expire_all()
    assert not policy.is_second_person(last, invitation)
    with pytest.raises(NotAllowed):
        team.confirm_member(invitation, by=last)
    assert policy.is_second_person(other, invitation)
    assert policy.is_second_person(SecretariatFactory(), name(event, last, "later@visa.example"))


def test_a_manager_of_unknown_origin_is_nobody_else():
    event = an_event()
    unknown, known = a_manager(event, granted_by_id=None), a_manager(event)
    named_by_unknown, named_by_known = name(event, unknown), name(event, known, "later@visa.example")
    assert not policy.is_second_person(known, named_by_unknown)
    assert not policy.is_second_person(unknown, named_by_known)
    assert not policy.is_second_person(unknown, name(event, SecretariatFactory(), "third@visa.example"))
    assert policy.is_second_person(SecretariatFactory(), named_by_unknown)


def test_invitations_of_a_manager_end_with_the_role(as_):
    event, desk = an_event(), SecretariatFactory()
    member = join(event, desk, "manager@example.org")
    name(event, member.user, "back@example.org", TeamRole.MANAGER)
    name(event, member.user)
    kept = name(event, desk, "kept@example.org", TeamRole.MANAGER)
    team.remove_member(member, by=desk)
    assert queries.team_invitations_of(event) == [kept]
    ends = select(AuditEntry.actor).where(AuditEntry.action == "team.taken_back")
    assert db.session.scalars(ends).all() == [desk.ref, desk.ref]
    db.session.commit()
    assert as_(UserFactory(email="back@example.org")).get("/my").text.count("Event manager") == 0


def test_nobody_names_themselves_visa_officer():
    event = an_event()
    for by in (a_manager(event), SecretariatFactory()):
        with pytest.raises(InvalidEntry, match="Nobody names themselves"):
            name(event, by, by.email.upper())


def test_a_manager_brought_in_by_the_namer_is_no_second_person():
    event = an_event()
    namer, other = a_manager(event), a_manager(event)
    person = UserFactory(email="visa@example.org")
    puppet = a_manager(event, granted_by_id=namer.id)
    friend = a_manager(event, granted_by_id=person.id)
    invitation = name(event, namer)
    assert [policy.is_second_person(each, invitation) for each in (puppet, friend, other)] == [False, False, True]
    with pytest.raises(NotAllowed):
        team.confirm_member(invitation, by=puppet)


def test_whoever_named_or_confirmed_does_not_take_the_role_with_another_address():
    event = an_event()
    namer, second = a_manager(event), a_manager(event)
    invitation = team.confirm_member(name(event, namer), by=second)
    for each in (namer, second):
        each.email = "visa@example.org"
        with pytest.raises(NotAllowed):
            team.accept_role(invitation, by=each)
        each.email = f"moved{each.id}@example.org"


@pytest.mark.parametrize("way", ["address moved", "second factor reset", "reset on the server"])
def test_whoever_recovers_an_account_does_not_recover_the_right_to_read_passports(as_, way):
    event, boss = an_event(), SecretariatFactory(role=Role.ADMINISTRATOR)
    manager = a_manager(event, granted_by_id=boss.id)
    officer = TeamMemberFactory(event=event, role=VISA).user
    TeamMemberFactory(event=event, role=TeamRole.RAPPORTEUR, user=officer)
    db.session.commit()
    page = as_(boss).get(f"/workspace/people/{officer.ref}").text
    assert page.count("two people have to name them again") == 2
    boss, officer, manager = (db.session.get_one(User, each.id) for each in (boss, officer, manager))
    if way == "address moved":
        addresses.move_address(officer, "new@example.org", checks="We called.", by=boss)
    else:
        devices.reset_second_factor(officer, by=boss if way == "second factor reset" else None)
    assert [member.role for member in queries.roles_of(officer)] == [TeamRole.RAPPORTEUR]
    assert told("visa_officer") == {manager.email, boss.email}


def test_passports_are_read_only_by_who_signed_in_just_now(as_):
    event = an_event()
    officer = TeamMemberFactory(event=event, role=VISA).user
    db.session.commit()
    client, path = as_(officer), f"/workspace/events/{event.slug}/visas"
    assert client.get(path).status_code == 200
    with client.session_transaction() as session:
        session["fs_paa"] -= FRESH.total_seconds() + 1
        session.pop("fs_gexp")
    answer = client.get(path)
    assert (answer.status_code, answer.location.split("?")[0]) == (302, "/account/verify")
