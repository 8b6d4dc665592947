"""What the person does, or their focal point for them: correct, send somebody else, object; passports; forms."""

from dataclasses import replace as replace_entry
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from consult.campaigns.models import Invitation
from consult.errors import InvalidEntry, TransitionNotAllowed, WindowClosed
from consult.events.models import TeamRole
from consult.extensions import db
from consult.outbox.models import Message
from consult.questions.models import QuestionKind
from consult.questions.service import Entry as Question
from consult.questions.service import replace
from consult.registration import queries
from consult.registration.models import FollowUpStatus, Passport, PassportData, RegistrationStatus, Visibility
from consult.registration.service import corrections, erasure, follow_ups, passports, people, registering
from consult.registration.service.addresses import AlreadyRegistered
from consult.registration.service.details import Person
from tests.factories import (
    NOON,
    CampaignFactory,
    FocalPointFactory,
    InvitationFactory,
    OrganisationFactory,
    SecretariatFactory,
    TeamMemberFactory,
    UserFactory,
    an_event,
)
from tests.registration.test_service import entry, register
from worker import registration as tasks

pytestmark = pytest.mark.usefixtures("session")
DATA = PassportData(name="Ana Sow", nationality="SN", number="A00X77123", born_on=date(1990, 2, 3), consulate="Dakar")


def told():
    return [(m.to, m.template.split("/")[1]) for m in db.session.scalars(select(Message).order_by(Message.id))]


def test_the_person_corrects_what_is_known_and_keeps_the_place():
    registration = register(an_event())
    key = registration.access_key
    wanted = Person(given_name="Anna", email="ana@example.org", languages=["fr"], visibility=Visibility.PUBLIC)
    corrections.correct(registration, wanted, by=None, at=NOON)
    assert (registration.name, registration.languages, registration.visibility) == ("Anna", ["fr"], Visibility.PUBLIC)
    assert (registration.status, registration.access_key) == (RegistrationStatus.CONFIRMED, key)
    moved = Person(given_name="Anna", email="New@example.org")
    corrections.correct(registration, moved, by=None, at=NOON)
    assert (registration.email, registration.new_email) == ("ana@example.org", "new@example.org")
    message = db.session.scalars(select(Message).order_by(Message.id.desc()).limit(1)).one()
    assert (message.to, message.template) == ("new@example.org", "registration/new_address")
    corrections.confirm_address(message.context["path"].rsplit("/", 1)[1], at=NOON)
    assert registration.access_key != key, "who holds the mail to the former address has no way in"
    assert told()[-1] == ("new@example.org", "confirmed")
    assert registration.visibility is Visibility.PUBLIC, "who corrects for the person does not choose for them"


def test_the_team_is_told_that_somebody_else_is_registered_with_an_address():
    event = an_event()
    register(event, "ben@example.org")
    manager = TeamMemberFactory(event=event, role=TeamRole.MANAGER).user
    with pytest.raises(AlreadyRegistered):
        corrections.correct(register(event), Person(given_name="Ana", email="BEN@example.org"), by=manager, at=NOON)
    corrections.correct(
        register(event, "c@example.org"), Person(given_name="C", email="d@example.org"), by=manager, at=NOON
    )
    assert told()[-1] == ("d@example.org", "confirmed"), "and moves an address at once"


def test_somebody_else_takes_the_place_with_new_links_and_both_are_told():
    event = an_event(capacity=1)
    by = TeamMemberFactory(event=event, role=TeamRole.MANAGER).user
    registration, waiting = register(event), register(event, "w@example.org")
    passports.keep(registration, DATA, by=None, at=NOON)
    former = (registration.access_key, registration.badge_code)
    people.substitute(registration, Person(given_name="Ben", email="ben@example.org"), by=by, at=NOON)
    assert (registration.name, registration.status) == ("Ben", RegistrationStatus.CONFIRMED)
    assert waiting.status is RegistrationStatus.WAITLISTED
    assert not {registration.access_key, registration.badge_code} & set(former)
    assert queries.passport_of(registration) is None
    assert told()[-2:] == [("ana@example.org", "substituted"), ("ben@example.org", "confirmed")]
    with pytest.raises(InvalidEntry):
        people.substitute(registration, Person(given_name="Ben", email="ben@example.org"), by=by, at=NOON)


def test_a_person_who_objects_is_forgotten_and_not_registered_by_others_again():
    event = an_event(capacity=1)
    registration, waiting = register(event), register(event, "w@example.org", family_name="Other")
    invitation = InvitationFactory(
        campaign=CampaignFactory(event=event), registration=registration, email="ana@example.org"
    )
    focal = registration.registered_by
    erasure.object_to(registration, at=NOON)
    assert (registration.status, registration.name, registration.email) == (RegistrationStatus.WITHDRAWN, "–", "")
    assert waiting.status is RegistrationStatus.CONFIRMED
    assert (focal.email, "objected") in told()
    everything = " ".join(str(vars(row)) for row in db.session.scalars(select(Message)))
    assert "ana@example.org" not in everything
    assert "Sow" not in everything
    assert db.session.get(Invitation, invitation.id).email != "ana@example.org"
    again = registering.register(event, entry(event), by=UserFactory(), at=NOON)
    assert again.is_asked
    assert "ana@example.org" not in [to for to, _kind in told()], "nobody writes to them"
    ana = UserFactory(email="ana@example.org")
    assert registering.register(event, entry(event), by=ana, at=NOON).is_held, "they may register themselves"


def test_passport_data_is_sealed_read_on_record_and_erased_by_its_date():
    registration = register(an_event())
    officer = TeamMemberFactory(event=registration.event, role=TeamRole.VISA_OFFICER).user
    passport = passports.keep(registration, DATA, by=None, at=NOON)
    assert "A00X77123" not in passport.sealed
    assert passports.opened(passport, by=officer) == DATA
    erased_on = registration.event.erases_passports_on
    assert erased_on == date(2027, 4, 17)
    assert passports.erase_due(today=erased_on - timedelta(days=1)) == 0
    assert passports.erase_due(today=erased_on) == 1
    assert db.session.scalar(select(func.count(Passport.id))) == 0


def a_form(event, *questions):
    asked = [Question(text=text, kind=QuestionKind.TEXT) for text in questions or ("How was it?",)]
    wanted = follow_ups.FollowUpEntry(title="Afterwards", closes_at=NOON + timedelta(days=3), questions=asked)
    return follow_ups.create(event, wanted, by=SecretariatFactory())


def test_a_follow_up_form_goes_to_confirmed_participants_once_each(monkeypatch):
    event = an_event(capacity=3)
    for name in "abcd":
        register(event, f"{name}@example.org")
    form = a_form(event)
    follow_ups.send(form, by=SecretariatFactory(), at=NOON)
    db.session.commit()
    monkeypatch.setattr(tasks, "BATCH", 2)
    tasks.send_follow_ups.run()
    tasks.send_follow_ups.run()
    assert sorted(to for to, kind in told() if kind == "follow_up") == [f"{n}@example.org" for n in "abc"]
    assert form.status is FollowUpStatus.SENT


def test_a_follow_up_form_is_answered_by_confirmed_participants_until_it_closes():
    event = an_event(capacity=1)
    place, waiting = register(event), register(event, "b@example.org")
    form = a_form(event)
    answers = {form.question_set.questions[0].ref: "Good."}
    with pytest.raises(WindowClosed):
        follow_ups.answer(form, place, answers, at=NOON)
    follow_ups.send(form, by=SecretariatFactory(), at=NOON)
    with pytest.raises(InvalidEntry):
        follow_ups.answer(form, place, {}, at=NOON)
    with pytest.raises(TransitionNotAllowed):
        follow_ups.answer(form, waiting, answers, at=NOON)
    follow_ups.answer(form, place, answers, at=NOON)
    follow_ups.answer(form, place, {form.question_set.questions[0].ref: "Better."}, at=NOON)
    assert [given.answers for given in queries.answers_to(form).rows] == [
        {form.question_set.questions[0].ref: "Better."}
    ]
    with pytest.raises(WindowClosed):
        follow_ups.answer(form, place, answers, at=NOON + timedelta(days=3))
    with pytest.raises(TransitionNotAllowed):
        follow_ups.edit(
            form, follow_ups.FollowUpEntry(title="x", closes_at=NOON, questions=[]), by=SecretariatFactory()
        )


def test_a_delegation_is_registered_as_a_whole_or_not_at_all():
    event, organisation = an_event(), OrganisationFactory()
    wanted = [entry(event, f"{n}@example.org", organisation=organisation) for n in ("a", "b", "a")]
    with pytest.raises(registering.DelegationRefused) as refused, db.session.begin_nested():
        registering.register_all(event, wanted, by=UserFactory(), at=NOON)
    assert [place for place, _error in refused.value.problems] == [2]
    assert queries.counts(event)[RegistrationStatus.CONFIRMED] == 0
    event = an_event()
    wanted = [entry(event, f"{n}@example.org", organisation=organisation) for n in "ab"]
    assert len(registering.register_all(event, wanted, by=UserFactory(), at=NOON)) == 2


def test_whoever_is_wrong_in_a_delegation_everybody_is_looked_at():
    event, organisation = an_event(), OrganisationFactory()
    register(event, "a@example.org", organisation=organisation)
    wanted = [entry(event, f"{n}@example.org", organisation=organisation) for n in ("a", "b", "a", "c")]
    with pytest.raises(registering.DelegationRefused) as refused, db.session.begin_nested():
        registering.register_all(event, wanted, by=UserFactory(), at=NOON)
    assert [place for place, _error in refused.value.problems] == [0, 2]


def test_without_an_organisation_only_where_the_category_says_so():
    event = an_event()
    alone = replace_entry(entry(event), organisation=None)
    with pytest.raises(InvalidEntry, match="for organisations"):
        registering.register(event, alone, by=UserFactory(), at=NOON)
    assert registering.register(event, alone, by=None, at=NOON).is_held, "who was invited by name may"
    event.categories[0].allows_individuals = True
    other = replace_entry(alone, email="b@example.org")
    assert registering.register(event, other, by=UserFactory(), at=NOON).is_held


def test_the_questions_of_a_category_are_asked_of_each_person():
    event = an_event()
    replace(event.categories[0].question_set, [Question(text="Speaking?", kind=QuestionKind.YES_NO)])
    db.session.flush()
    question = event.categories[0].question_set.questions[0]
    with pytest.raises(InvalidEntry) as refused:
        register(event)
    assert refused.value.field == question.field
    assert register(event, answers={question.ref: "yes"}).answers == {question.ref: "yes"}


def test_the_list_of_participants_honours_each_choice(as_, client):
    event = an_event()
    for name, visibility in (("a", Visibility.PUBLIC), ("b", Visibility.PARTICIPANTS), ("c", Visibility.NO)):
        register(event, f"{name}@example.org", given_name=f"Name-{name}", visibility=visibility)
    db.session.commit()
    path = f"/events/{event.slug}/participants"
    public, mine = client.get(path).text, as_(UserFactory(email="c@example.org")).get(path).text
    assert [f"Name-{n}" in public for n in "abc"] == [True, False, False]
    assert [f"Name-{n}" in mine for n in "abc"] == [True, True, False]
    for kind, begins in (("pdf", b"%PDF"), ("docx", b"PK"), ("xlsx", b"PK")):
        assert client.get(f"{path}.{kind}").data.startswith(begins)


def test_visa_officers_alone_see_passports(as_):
    registration = register(an_event())
    passports.keep(registration, DATA, by=None, at=NOON)
    officer = TeamMemberFactory(event=registration.event, role=TeamRole.VISA_OFFICER).user
    db.session.commit()
    path = f"/workspace/events/{registration.event.slug}/visas/{registration.ref}"
    clients = [as_(SecretariatFactory()), as_(FocalPointFactory().user)]
    assert [each.post(path).status_code for each in clients] == [403, 403]
    assert "A00X77123" in as_(officer).post(path).text
