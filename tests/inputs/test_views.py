"""Pages of written input, through the client."""

from datetime import timedelta

import pytest

from consult.database import now
from consult.extensions import db
from consult.inputs import service
from tests.factories import NOON, SecretariatFactory, UserFactory, a_call, an_event


@pytest.fixture
def call(session):
    return a_call(an_event())


def begin(client, call):
    return client.post(f"/events/{call.event.slug}/inputs/{call.ref}/write", data={"organisation": ""}).location


def test_a_draft_is_saved_then_sent(as_, call):
    client, field = as_(UserFactory()), call.question_set.questions[0].field
    edit = begin(client, call)
    show = client.post(edit, data={field: "Half a thought", "later": "1"}).location
    assert "it has not been sent" in client.get(show).text
    assert "Half a thought" in client.get(edit).text
    client.post(edit, data={field: "A whole thought"})
    assert "Reference number" in client.get(show).text


def test_a_second_click_lands_where_the_first_did_and_is_no_mistake(as_, call):
    client, field = as_(UserFactory()), call.question_set.questions[0].field
    edit = begin(client, call)
    client.post(edit, data={field: "My words"})
    second = client.post(edit, data={field: "My words"})
    assert (second.status_code, second.location) == (302, edit)
    assert "We have this already: nothing has changed since you last sent it." in client.get(edit).text
    assert client.post(f"{edit.rsplit('/', 1)[0]}/withdraw").status_code == 302
    assert client.post(f"{edit.rsplit('/', 1)[0]}/withdraw").status_code == 302


def test_after_the_deadline_it_is_refused_kindly_and_what_was_typed_is_still_there(as_, call):
    client, field = as_(UserFactory()), call.question_set.questions[0].field
    edit = begin(client, call)
    call.event.inputs_closes_at = now() - timedelta(minutes=1)
    db.session.commit()
    response = client.post(edit, data={field: "My late words"})
    assert response.status_code == 422
    assert "What you typed is still on this page" in response.text
    assert "My late words</textarea>" in response.text


def test_the_secretariat_reads_no_drafts(as_, call):
    author = UserFactory()
    draft = service.begin(call, organisation=None, by=author, at=NOON)
    service.save(draft, {call.question_set.questions[0].ref: "unfinished"}, by=author, at=NOON)
    db.session.commit()
    path = f"/events/{call.event.slug}/inputs/submissions/{draft.ref}"
    assert as_(SecretariatFactory()).get(path).status_code == 403
    assert as_(UserFactory()).get(path).status_code == 403


def test_an_amended_draft_is_not_shown_to_the_secretariat_before_it_is_sent(as_, call):
    author, ref = UserFactory(), call.question_set.questions[0].ref
    submission = service.begin(call, organisation=None, by=author, at=NOON)
    service.submit(submission, {ref: "as sent"}, by=author, at=NOON)
    service.save(submission, {ref: "still thinking"}, by=author, at=NOON)
    db.session.commit()
    page = as_(SecretariatFactory()).get(f"/events/{call.event.slug}/inputs/submissions/{submission.ref}").text
    assert "as sent" in page
    assert "still thinking" not in page


def test_the_export_has_a_line_a_submission_and_runs_in_no_spreadsheet(as_, call):
    author, ref = UserFactory(name="@Ana"), call.question_set.questions[0].ref
    submission = service.begin(call, organisation=None, by=author, at=NOON)
    service.submit(submission, {ref: "=1+1"}, by=author, at=NOON)
    db.session.commit()
    lines = (
        as_(SecretariatFactory())
        .get(f"/workspace/events/{call.event.slug}/inputs/{call.ref}/export.csv")
        .text.splitlines()
    )
    assert lines[1] == f"{submission.number},'@Ana,'@Ana,1,2026-11-20 12:00,'=1+1"


def test_a_call_is_created_with_its_questions(as_, session):
    event = an_event()
    data = {
        "title": "Before the meeting",
        "questions-0-text": "What first?",
        "questions-0-word_limit": "200",
        "questions-1-text": "",
    }
    response = as_(SecretariatFactory()).post(f"/workspace/events/{event.slug}/inputs/new", data=data)
    assert response.status_code == 302
    page = as_(UserFactory()).get(f"/events/{event.slug}/inputs").text
    assert "What first?" in page
    assert "up to 200 words" in page


def test_a_call_without_a_question_is_refused(as_, session):
    event = an_event()
    response = as_(SecretariatFactory()).post(f"/workspace/events/{event.slug}/inputs/new", data={"title": "Empty"})
    assert response.status_code == 422
    assert "Ask at least one question." in response.text
