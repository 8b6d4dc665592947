"""A rule that two people decide holds on every way to a decision, and another officer reconsiders."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from consult.accreditation import queries
from consult.accreditation.models import (
    Application,
    ApplicationStatus,
    ReasonKind,
    ServedEvent,
    Track,
    TrackRule,
    Verdict,
)
from consult.accreditation.service import applications as applying
from consult.accreditation.service import circulations, reviews
from consult.accreditation.service.circulations import Recipient
from consult.audit.queries import entries_about
from consult.errors import NotAllowed, TransitionNotAllowed
from consult.extensions import db
from consult.organisations.models import RecognitionHeld, RecognitionStatus
from consult.outbox.models import Message
from consult.reference.stakeholders import Recognition
from tests.factories import (
    NOON,
    FocalPointFactory,
    OrganisationFactory,
    SecretariatFactory,
    TeamMemberFactory,
    an_application,
    an_event,
)

pytestmark = pytest.mark.usefixtures("session")
S = ApplicationStatus
UNTIL = NOON + timedelta(days=7)


def a_reason(kind=ReasonKind.REJECTION):
    return queries.reasons(kind)[0]


def approve(application, by, **more):
    return reviews.approve(application, queries.process_with(application.event_id), by=by, at=NOON, **more)


def reject(application, by):
    process = queries.process_with(application.event_id)
    return reviews.reject(application, process, reason=a_reason(), message="Another field.", by=by, at=NOON)


def revoke(application, by, message="It was not so."):
    return reviews.revoke(application, reason=a_reason(ReasonKind.REVOCATION), message=message, by=by, at=NOON)


def circulate(application, by):
    to = [Recipient(name="Mission", email="mission@example.org")]
    event = application.event
    return circulations.start(event, [application], recipients=to, until=UNTIL, message="", by=by, at=NOON)


def set_two_person(event, is_two_person=True):
    process = queries.process_of(event)
    process.is_two_person = is_two_person
    db.session.flush()
    return process


@pytest.fixture
def two_person_event(session):
    event = an_event()
    set_two_person(event)
    return event


def reconsidered(event, *, by, recommended_by=None):
    """An application that was rejected and came back."""
    point = FocalPointFactory()
    application = an_application(event, organisation=point.organisation)
    if recommended_by:
        reject(application, recommended_by)
    reject(application, by)
    assert application.status is S.REJECTED
    return applying.ask_reconsideration(application, message="Look at page 3.", by=point.user, at=NOON)


ACTS = {
    "take": lambda application, by: reviews.take(application, by=by, at=NOON),
    "be assigned": lambda application, by: reviews.assign(application, by, by=SecretariatFactory(), at=NOON),
    "approve": approve,
    "reject": reject,
    "ask for information": lambda application, by: reviews.request_information(
        application, reason=a_reason(ReasonKind.REQUEST), message="Which?", by=by, at=NOON
    ),
    "circulate": circulate,
    "check the criteria": lambda application, by: reviews.check_criteria(
        application, {queries.process_with(application.event_id).criteria[0].id: Verdict.MET}, by=by, at=NOON
    ),
    "verify a recognition": lambda application, by: reviews.verify_recognition(
        application, application.organisation.recognitions[0], by=by
    ),
    "refuse a recognition": lambda application, by: reviews.refuse_recognition(
        application, queries.process_with(application.event_id), application.organisation.recognitions[0],
        message="Not listed.", by=by, at=NOON,
    ),
}  # fmt: skip


@pytest.mark.parametrize("act", ACTS)
def test_whoever_rejected_or_recommended_it_does_not_act_on_the_reconsideration(two_person_event, act):
    first, second = SecretariatFactory(), SecretariatFactory()
    application = reconsidered(two_person_event, by=second, recommended_by=first)
    application.organisation.recognitions.append(RecognitionHeld(kind=Recognition.ECOSOC_ROSTER))
    db.session.flush()
    before = (application.status, application.officer_id, application.recommended)
    for person in (first, second):
        with pytest.raises(NotAllowed, match="Another officer looks at it again"):
            ACTS[act](application, person)
    assert (application.status, application.officer_id, application.recommended) == before


def test_who_recommended_the_rejection_does_not_get_it_in_turn(two_person_event):
    officer = TeamMemberFactory(event=two_person_event, role="accreditation_officer").user
    reconsidered(two_person_event, by=SecretariatFactory(), recommended_by=officer)
    assert reviews.share_out(two_person_event, by=SecretariatFactory(), at=NOON) == 0


def test_the_end_of_a_circulation_is_only_the_first_of_two(two_person_event):
    starter, other = SecretariatFactory(), SecretariatFactory()
    application = an_application(two_person_event)
    circulate(application, starter)
    circulations.close_due(at=UNTIL)
    assert (application.status, application.recommended) == (S.IN_REVIEW, S.APPROVED)
    assert (application.recommended_by, application.waiting_since) == (starter, UNTIL)
    summary = db.session.scalars(select(Message).where(Message.template == "accreditation/circulation_closed")).one()
    assert (summary.context["approved"], summary.context["undecided"]) == ([], [application.number])
    approve(application, starter)
    assert application.decided_at is None
    approve(application, other)
    assert (application.status, application.decided_by) == (S.APPROVED, other)


@pytest.mark.parametrize(("is_same", "status"), [(True, S.IN_REVIEW), (False, S.APPROVED)])
def test_a_circulation_approves_what_another_person_recommended(two_person_event, is_same, status):
    starter = SecretariatFactory()
    application = an_application(two_person_event)
    approve(application, starter if is_same else SecretariatFactory())
    circulate(application, starter)
    circulations.close_due(at=UNTIL)
    assert application.status is status


def test_a_recommendation_to_reject_does_not_stand_behind_a_circulation(two_person_event):
    application = an_application(two_person_event)
    reject(application, SecretariatFactory())
    circulate(application, SecretariatFactory())
    circulations.close_due(at=UNTIL)
    assert (application.status, application.recommended) == (S.IN_REVIEW, S.APPROVED)


def test_a_revocation_is_proposed_by_one_and_confirmed_by_another(two_person_event):
    point, one, two = FocalPointFactory(), SecretariatFactory(), SecretariatFactory()
    application = an_application(two_person_event, organisation=point.organisation)
    approve(application, one)
    approve(application, two)
    letters = db.session.scalars(select(Message)).all()
    steps = len(application.steps)
    revoke(application, one)
    revoke(application, one)
    assert (application.status, application.recommended) == (S.APPROVED, S.REVOKED)
    assert (len(application.steps), application.reason) == (steps, None), "the organisation reads nothing of it"
    assert db.session.scalars(select(Message)).all() == letters, "and gets no mail"
    assert queries.is_accredited(two_person_event, application.organisation)
    revoke(application, two, message="It was another organisation.")
    assert application.status is S.REVOKED
    mail = db.session.scalars(select(Message).where(Message.template == "accreditation/revoked")).one()
    assert mail.context["message"] == "It was another organisation."
    record = [(entry.action, entry.actor) for entry in entries_about(f"application:{application.ref}", "application")][
        :3
    ]
    assert record == [
        ("application.revoked", two.ref), ("application.recommended", one.ref), ("application.recommended", one.ref),
    ]  # fmt: skip


def test_a_proposal_to_revoke_is_turned_down(two_person_event):
    application, one, two = an_application(two_person_event), SecretariatFactory(), SecretariatFactory()
    with pytest.raises(TransitionNotAllowed):
        reviews.keep_accreditation(application, by=one)
    approve(application, one)
    approve(application, two)
    revoke(application, one)
    reviews.keep_accreditation(application, by=two)
    assert (application.status, application.recommended) == (S.APPROVED, None)
    revoke(application, two)
    assert application.status is S.APPROVED, "the first proposal is forgotten"


def test_where_one_is_enough_a_revocation_is_made_at_once():
    application, officer = an_application(an_event()), SecretariatFactory()
    approve(application, officer)
    assert revoke(application, officer).status is S.REVOKED


def send(process, organisation, by):
    application = applying.begin(process, organisation, by=by, at=NOON)
    process_questions = process.question_set.questions
    applying.save(application, {question.ref: "We help." for question in process_questions}, by=by, at=NOON)
    return applying.submit(application, process, by=by, at=NOON)


def test_who_turns_the_rule_off_decides_nothing_that_was_sent_before(two_person_event):
    point, officer = FocalPointFactory(), SecretariatFactory()
    point.organisation.description = "We help."
    db.session.flush()
    application = send(queries.process_of(two_person_event), point.organisation, point.user)
    set_two_person(two_person_event, is_two_person=False)
    approve(application, officer)
    assert (application.status, application.recommended) == (S.IN_REVIEW, S.APPROVED)


@pytest.mark.parametrize(("is_two_person", "status"), [(False, S.APPROVED), (True, S.SUBMITTED)])
def test_nothing_is_accredited_at_once_where_two_decide(is_two_person, status):
    event, point = an_event(), FocalPointFactory()
    process = set_two_person(event, is_two_person)
    process.rule = TrackRule.AT_ONCE
    recognition = RecognitionHeld(kind=Recognition.ECOSOC_ROSTER, status=RecognitionStatus.VERIFIED)
    point.organisation.recognitions.append(recognition)
    db.session.flush()
    application = send(process, point.organisation, point.user)
    assert (application.track, application.status) == (Track.RECOGNISED, status)


def test_what_was_rejected_is_not_accredited_at_once_by_withdrawing_and_sending_again():
    event, officer = an_event(), SecretariatFactory()
    application = reconsidered(event, by=officer)
    process = queries.process_of(event)
    process.rule = TrackRule.AT_ONCE
    focal = FocalPointFactory(organisation=application.organisation).user
    applying.withdraw(application, by=focal, at=NOON)
    recognition = RecognitionHeld(kind=Recognition.ECOSOC_ROSTER, status=RecognitionStatus.VERIFIED)
    application.organisation.recognitions.append(recognition)
    db.session.flush()
    application = send(process, application.organisation, focal)
    assert application.status is S.SUBMITTED
    with pytest.raises(NotAllowed):
        approve(application, officer)


def test_a_recommendation_is_about_what_stood_there_when_it_was_made(two_person_event):
    point, one, two = FocalPointFactory(), SecretariatFactory(), SecretariatFactory()
    application = an_application(two_person_event, organisation=point.organisation)
    approve(application, one)
    reviews.request_information(application, reason=a_reason(ReasonKind.REQUEST), message="Which?", by=two, at=NOON)
    applying.submit(application, queries.process_of(two_person_event), by=point.user, at=NOON)
    assert application.recommended is None
    approve(application, two)
    assert application.decided_at is None


def test_the_words_of_a_recommendation_to_reject_never_go_out_with_an_approval(two_person_event):
    point = FocalPointFactory()
    application = an_application(two_person_event, organisation=point.organisation)
    reject(application, SecretariatFactory())
    set_two_person(two_person_event, is_two_person=False)
    approve(application, SecretariatFactory())
    mail = db.session.scalars(select(Message).where(Message.template == "accreditation/approved")).one()
    assert (mail.context["message"], application.reason) == ("", None)


def test_the_pages_say_what_two_people_mean(as_, two_person_event):
    point, one, two = FocalPointFactory(), SecretariatFactory(name="Ines"), SecretariatFactory()
    application = an_application(two_person_event, organisation=point.organisation)
    approve(application, one)
    approve(application, two)
    db.session.commit()
    path = f"/workspace/events/{two_person_event.slug}/accreditation/{application.ref}"
    words = {"revoke-reason": a_reason(ReasonKind.REVOCATION).ref, "revoke-message": "It turned out otherwise."}
    public = path.removeprefix("/workspace")
    first, second, focal = as_(one), as_(two), as_(point.user)
    assert "Propose revocation" in first.get(path).text
    assert "Another officer has to confirm it" in first.post(f"{path}/revoke", data=words, follow_redirects=True).text
    page = second.get(path).text
    assert "Ines proposes to revoke this accreditation" in page
    assert page.count("It turned out otherwise.") == 2, "the second officer confirms the words of the first"
    assert "It turned out otherwise." not in focal.get(public).text
    second.post(f"{path}/keep")
    assert "proposes to revoke" not in first.get(path).text
    first.post(f"{path}/revoke", data=words)
    second.post(f"{path}/revoke", data=words)
    assert "It turned out otherwise." in focal.get(public).text


@pytest.mark.parametrize("act", [approve, reject, revoke], ids=["to approve", "to reject", "to revoke"])
def test_officers_whom_one_manager_brought_in_are_no_two_people(two_person_event, act):
    desk, event = SecretariatFactory(), two_person_event
    manager, other_manager = (
        TeamMemberFactory(event=event, role="manager", granted_by_id=desk.id).user for _ in range(2)
    )
    puppet, second_puppet = (
        TeamMemberFactory(event=event, role="accreditation_officer", granted_by_id=manager.id).user for _ in range(2)
    )
    other = TeamMemberFactory(event=event, role="accreditation_officer", granted_by_id=other_manager.id).user
    application = an_application(event)
    if act is revoke:
        approve(application, desk)
        approve(application, SecretariatFactory())
    before = application.status
    for person in (manager, puppet, second_puppet, manager):
        act(application, person)
        assert application.recommended_by_id == person.id
    act(application, other)
    assert application.recommended is None
    assert application.status is not before


def test_the_secretariat_and_the_officers_it_named_are_two_people(two_person_event):
    desk, event = SecretariatFactory(), two_person_event
    one, two = (
        TeamMemberFactory(event=event, role="accreditation_officer", granted_by_id=desk.id).user for _ in range(2)
    )
    for first, second in ((one, two), (desk, one), (two, desk)):
        application = an_application(event)
        approve(application, first)
        approve(application, second)
        assert application.status is S.APPROVED


def test_a_circulation_of_one_who_was_brought_in_by_who_recommended_is_only_the_first_of_two(two_person_event):
    event = two_person_event
    manager = TeamMemberFactory(event=event, role="manager", granted_by_id=SecretariatFactory().id).user
    puppet = TeamMemberFactory(event=event, role="accreditation_officer", granted_by_id=manager.id).user
    application = an_application(event)
    approve(application, manager)
    circulate(application, puppet)
    circulations.close_due(at=UNTIL)
    assert (application.status, application.recommended_by_id) == (S.IN_REVIEW, puppet.id)


def test_who_may_be_one_person_is_told_what_to_do(as_, two_person_event):
    event = two_person_event
    manager = TeamMemberFactory(event=event, role="manager", granted_by_id=SecretariatFactory().id).user
    puppet = TeamMemberFactory(event=event, role="accreditation_officer", granted_by_id=manager.id).user
    application = an_application(event)
    approve(application, manager)
    db.session.commit()
    page = as_(puppet).get(f"/workspace/events/{event.slug}/accreditation/{application.ref}").text
    assert "Recommend approval" in page
    assert "if there is nobody else, ask the secretariat" in page


def test_applications_to_an_event_are_decided_by_the_rule_of_their_own_process(as_, session):
    """An event that has applications keeps its rule, whatever another process that serves it says."""
    event, home = an_event(), an_event()
    set_two_person(event)
    application = an_application(event, organisation=OrganisationFactory())
    db.session.add(ServedEvent(process_id=queries.process_of(home).id, event=event))
    db.session.commit()
    number, path = application.id, f"/workspace/events/{event.slug}/accreditation/many"
    data = {"action": "approve", "application": [application.ref]}
    desk = as_(SecretariatFactory())
    seal = desk.post(path, data={**data, "step": "preview"}).text.split('name="preview" value="')[1].split('"')[0]
    desk.post(path, data={**data, "step": "do", "preview": seal})
    assert db.session.get(Application, number).recommended is S.APPROVED


def test_an_officer_of_one_event_does_not_read_what_was_sent_to_another(as_, session):
    secret, event, own = an_event(title="Closed hearing"), an_event(), an_event(title="Own hearing")
    organisation = OrganisationFactory()
    officer = TeamMemberFactory(event=event, role="accreditation_officer").user
    TeamMemberFactory(event=own, user=officer, role="accreditation_officer")
    refs = []
    for other in (secret, own):
        earlier = an_application(other, organisation=organisation, status="rejected")
        earlier.answers = dict.fromkeys(earlier.answers, f"Told to {other.title}.")
        refs.append(earlier.ref)
    application = an_application(event, organisation=organisation)
    path = f"/workspace/events/{event.slug}/accreditation/{application.ref}"
    desk, boss = as_(officer), as_(SecretariatFactory())
    assert "Closed hearing" not in desk.get(path).text
    assert "Told to Closed hearing." not in desk.get(f"{path}?beside={refs[0]}").text
    assert "Told to Own hearing." in desk.get(f"{path}?beside={refs[1]}").text
    assert "Told to Closed hearing." in boss.get(f"{path}?beside={refs[0]}").text
