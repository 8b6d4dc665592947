"""Written input: drafts, versions, deadlines."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from consult.errors import AlreadySo, InvalidEntry, NotAllowed, TransitionNotAllowed, WindowClosed
from consult.extensions import db
from consult.inputs import queries, service
from consult.inputs.models import SubmissionStatus
from consult.organisations.service import people
from consult.outbox.models import Message
from consult.questions.service import Entry as Question
from consult.questions.service import count_words
from tests.factories import (
    FAR,
    NOON,
    FocalPointFactory,
    OrganisationFactory,
    SecretariatFactory,
    UserFactory,
    a_call,
    an_event,
)

pytestmark = pytest.mark.usefixtures("session")


@pytest.fixture
def call(session):
    return a_call(an_event())


@pytest.fixture
def author(session):
    return UserFactory()


def answer(call, text="Begin with work permits."):
    return {call.question_set.questions[0].ref: text}


def sent(call, author, text="Listen first.", at=NOON):
    submission = service.begin(call, organisation=None, by=author, at=at)
    return service.submit(submission, answer(call, text), by=author, at=at)


def test_a_submission_gets_a_number_and_a_receipt(call, author):
    submission = sent(call, author)
    message = db.session.scalars(select(Message)).one()
    assert (message.to, message.template) == (author.email, "inputs/submitted")
    assert message.context["number"] == submission.number == f"W-{submission.ref}"


def test_an_amendment_keeps_the_earlier_version_and_gets_its_own_receipt(call, author):
    submission = sent(call, author)
    service.submit(submission, answer(call, "Listen again."), by=author, at=NOON)
    assert [list(version.answers.values()) for version in submission.versions] == [["Listen first."], ["Listen again."]]
    assert [m.context["version"] for m in db.session.scalars(select(Message).order_by(Message.id))] == [1, 2]


def test_sending_the_same_again_is_refused(call, author):
    submission = sent(call, author)
    with pytest.raises(AlreadySo, match="nothing has changed"):
        service.submit(submission, answer(call, "Listen first."), by=author, at=NOON)


def test_an_answer_over_the_limit_is_refused_at_its_question(call, author):
    submission = service.begin(call, organisation=None, by=author, at=NOON)
    with pytest.raises(InvalidEntry, match="This answer has 6") as refused:
        service.submit(submission, answer(call, "one two three four five six"), by=author, at=NOON)
    assert refused.value.field == call.question_set.questions[0].field


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("one", 1),
        ("  two\n words ", 2),
        ("ما العمل؟", 2),
        ("移民工人", 4),
        ("e-mail, isn't", 2),
        ("👍 yes", 2),
    ],
)
def test_words_are_counted_as_people_count_them(text, words):
    assert count_words(text) == words


def test_nothing_is_sent_or_withdrawn_once_the_deadline_has_passed(call, author):
    submission = sent(call, author)
    for refused in (
        lambda: service.submit(submission, answer(call), by=author, at=FAR),
        lambda: service.save(submission, answer(call), by=author, at=FAR),
        lambda: service.withdraw(submission, by=author, at=FAR),
        lambda: service.begin(call, organisation=None, by=UserFactory(), at=FAR),
    ):
        with pytest.raises(WindowClosed):
            refused()


def test_a_call_with_an_earlier_deadline_of_its_own_closes_then(call, author):
    call.closes_at = NOON
    with pytest.raises(WindowClosed):
        sent(call, author, at=NOON)
    assert sent(call, author, at=NOON - timedelta(seconds=1)).status is SubmissionStatus.SUBMITTED


def test_a_withdrawn_submission_does_not_count_and_cannot_be_amended(call, author):
    submission = sent(call, author)
    sent(call, UserFactory())
    service.withdraw(submission, by=author, at=NOON)
    assert queries.received(call.event) == {call.id: 1}
    with pytest.raises(TransitionNotAllowed):
        service.submit(submission, answer(call, "More."), by=author, at=NOON)


def test_nobody_writes_in_the_name_of_an_organisation_they_do_not_act_for(call, author):
    with pytest.raises(NotAllowed):
        service.begin(call, organisation=OrganisationFactory(), by=author, at=NOON)


def test_a_draft_is_gone_on_with(call):
    point = FocalPointFactory()
    first = service.begin(call, organisation=point.organisation, by=point.user, at=NOON)
    assert service.begin(call, organisation=point.organisation, by=point.user, at=NOON) is first
    assert service.begin(call, organisation=None, by=point.user, at=NOON) is not first


def test_a_question_that_may_have_been_answered_is_reworded_not_removed(call, author):
    (question,) = call.question_set.questions
    sent(call, author)
    other = service.CallEntry(title="Comments", questions=[Question(text="Something else?")])
    with pytest.raises(InvalidEntry):
        service.edit_call(call, other, by=SecretariatFactory())
    reworded = service.CallEntry(title="Comments", questions=[Question(ref=question.ref, text="And what else?")])
    service.edit_call(call, reworded, by=SecretariatFactory())
    assert (question.text, len(call.question_set.questions)) == ("And what else?", 1)


def test_who_was_a_focal_point_no_longer_writes_for_the_organisation(call, as_):
    point = FocalPointFactory()
    successor = FocalPointFactory(organisation=point.organisation).user
    submission = service.begin(call, organisation=point.organisation, by=point.user, at=NOON)
    service.submit(submission, answer(call), by=point.user, at=NOON)
    former = point.user
    people.remove(point, by=SecretariatFactory())
    for act in (service.save, service.submit):
        with pytest.raises(NotAllowed):
            act(submission, answer(call, "Other words."), by=former, at=NOON)
    with pytest.raises(NotAllowed):
        service.withdraw(submission, by=former, at=NOON)
    assert (submission.status, len(submission.versions)) == (SubmissionStatus.SUBMITTED, 1)
    assert submission not in queries.submissions_by(former)
    assert submission in queries.submissions_by(successor)
    service.submit(submission, answer(call, "Our words."), by=successor, at=NOON)
    receipts = select(Message).where(Message.template == "inputs/submitted").order_by(Message.id)
    assert [message.to for message in db.session.scalars(receipts)] == [former.email, successor.email]
    db.session.commit()
    path = f"/events/{call.event.slug}/inputs/submissions/{submission.ref}"
    statuses = [as_(person).get(path).status_code for person in (former, successor)]
    assert statuses == [403, 200]
