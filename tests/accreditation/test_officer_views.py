"""The officers' pages of accreditation, through the client."""

import pytest
from sqlalchemy import select

from consult.accreditation.models import Application, ApplicationStatus, Reason, ReasonKind
from consult.accreditation.queries import process_of, questions_of, reasons
from consult.extensions import db
from consult.organisations.models import RecognitionHeld
from consult.outbox.models import Message
from consult.reference.stakeholders import Recognition
from tests.factories import (
    NOON,
    FocalPointFactory,
    OrganisationFactory,
    SecretariatFactory,
    TeamMemberFactory,
    UserFactory,
    an_application,
    an_event,
)

S = ApplicationStatus
PDF = b"%PDF-1.7 statutes"


@pytest.fixture
def point(session):
    return FocalPointFactory()


def reason_ref(kind=ReasonKind.REJECTION):
    return reasons(kind)[0].ref


def seal_in(page):
    return page.split('name="preview" value="')[1].split('"')[0]


def desk_path(event, application=None, verb=""):
    path = f"/workspace/events/{event.slug}/accreditation"
    return path + (f"/{application.ref}" if application else "") + (f"/{verb}" if verb else "")


def test_what_an_applicant_wrote_cannot_run_in_the_officers_browser(as_, session):
    event = an_event()
    application = an_application(event)
    application.answers = dict.fromkeys(application.answers, "<script>alert(1)</script>")
    application.organisation.website = 'https://x.example/"><script>'
    db.session.commit()
    page = as_(SecretariatFactory()).get(desk_path(event, application)).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_an_application_is_not_found_under_another_event(as_, point):
    application = an_application(an_event(), organisation=point.organisation)
    elsewhere = an_event()
    assert as_(point.user).get(f"/events/{elsewhere.slug}/accreditation/{application.ref}").status_code == 404


@pytest.mark.parametrize("verb", ["reject", "request-information"])
def test_a_no_and_a_question_need_reason_and_words(as_, session, verb):
    event = an_event()
    application = an_application(event)
    kind, prefix = (ReasonKind.REJECTION, "reject") if verb == "reject" else (ReasonKind.REQUEST, "request")
    ref, path, number = reason_ref(kind), desk_path(event, application, verb), application.id
    client = as_(SecretariatFactory())
    for reason, message, said in (
        (ref, "", "Explain" if verb == "reject" else "Say what"),
        ("", "Words.", "Choose a reason."),
    ):
        response = client.post(path, data={f"{prefix}-reason": reason, f"{prefix}-message": message})
        assert response.status_code == 422
        assert said in response.text
    assert db.session.get(Application, number).status is S.SUBMITTED


def test_the_second_decision_is_told_of_the_first(as_, session):
    event = an_event()
    path = desk_path(event, an_application(event), "approve")
    first, second = as_(SecretariatFactory(name="Ines")), as_(SecretariatFactory())
    assert first.post(path).status_code == 302
    assert "Ines has decided this meanwhile: Approved" in second.post(path).text


def test_the_checklist_of_criteria_is_kept(as_, session):
    event = an_event()
    application = an_application(event)
    fields = [f"c_{each.ref}" for each in process_of(event).criteria]
    desk, path = as_(SecretariatFactory()), desk_path(event, application)
    desk.post(f"{path}/criteria", data={fields[0]: "met", fields[1]: "forged"})
    page = desk.get(path).text
    assert page.count(" checked") == 1


def test_an_earlier_application_stands_side_by_side(as_, session):
    first, second = an_event(title="Hearing 2025"), an_event()
    organisation = OrganisationFactory()
    earlier = an_application(first, organisation=organisation, status="approved")
    earlier.answers = dict.fromkeys(earlier.answers, "What we said then.")
    application = an_application(second, organisation=organisation)
    ref = earlier.ref
    desk, path = as_(SecretariatFactory()), desk_path(second, application)
    page = desk.get(path).text
    assert "Hearing 2025" in page
    assert "What we said then." not in page
    assert "What we said then." in desk.get(f"{path}?beside={ref}").text


def test_next_and_previous_keep_the_filters(as_, session):
    event = an_event()
    one, two, three = (an_application(event) for _ in range(3))
    two.status = S.APPROVED
    db.session.commit()
    desk = as_(SecretariatFactory())
    page = desk.get(f"{desk_path(event, one)}?status=submitted").text
    assert f"{three.ref}?status=submitted" in page
    assert two.ref not in page


def test_deciding_leads_to_the_next_of_the_same_queue(as_, session):
    event = an_event()
    one, two = an_application(event), an_application(event)
    ref = two.ref
    answer = as_(SecretariatFactory()).post(f"{desk_path(event, one)}/approve?status=submitted")
    assert answer.location.endswith(f"/{ref}?status=submitted")


def test_many_are_decided_at_once_after_a_preview(as_, session):
    event = an_event()
    points = FocalPointFactory.create_batch(2)
    applications = [an_application(event, organisation=point.organisation) for point in points]
    refs, numbers = [each.ref for each in applications], [each.id for each in applications]
    addresses, names = [point.user.email for point in points], [point.organisation.name for point in points]
    desk, path = as_(SecretariatFactory()), f"{desk_path(event)}/many"
    data = {"action": "reject", "application": refs}
    assert "Tick at least one" in desk.post(path, data={"action": "reject"}).text
    assert "Choose what to do" in desk.post(path, data={"application": refs}).text
    assert desk.post(path, data=data).status_code == 200
    assert "Choose a reason." in desk.post(path, data={**data, "step": "preview", "message": "Why."}).text
    words = {**data, "reason": reasons(ReasonKind.REJECTION)[1].ref, "message": "Another field."}
    page = desk.post(path, data={**words, "step": "preview"}).text
    for each in (
        *addresses,
        *names,
        "Decision on application",
        "Another field.",
        reasons(ReasonKind.REJECTION)[1].text,
    ):
        assert each in page
    assert db.session.scalars(select(Message)).all() == [], "a preview sends nothing"
    assert [db.session.get(Application, number).status for number in numbers] == [S.SUBMITTED] * 2, "nor decides"
    words["preview"] = seal_in(page)
    for other in ({"message": "Something else."}, {"application": refs[:1]}, {"preview": "forged"}, {"preview": ""}):
        answer = desk.post(path, data={**words, **other, "step": "do"})
        assert (answer.status_code, "not what you were shown before" in answer.text) == (422, True), other
    assert as_(SecretariatFactory()).post(path, data={**words, "step": "do"}).status_code == 422, "another person's"
    one = db.session.get(Application, numbers[0])
    one.status, one.decided_at = S.APPROVED, NOON
    db.session.commit()
    answer = desk.post(path, data={**words, "step": "do"})
    assert answer.status_code == 422
    assert "Nothing will be done: The system has decided this meanwhile" in answer.text
    assert db.session.scalars(select(Message)).all() == []
    words["preview"] = seal_in(answer.text)
    page = desk.post(path, data={**words, "step": "do"}, follow_redirects=True).text
    assert "Reject: 1 application." in page
    assert "has decided this meanwhile" in page
    assert [db.session.get(Application, number).status for number in numbers] == [S.APPROVED, S.REJECTED]
    mail = db.session.scalars(select(Message)).one()
    assert mail.to == addresses[1]


def test_many_are_assigned_and_shared_out(as_, session):
    event = an_event()
    officer = TeamMemberFactory(event=event, role="accreditation_officer").user
    one, two = an_application(event), an_application(event)
    data = {"action": "assign", "application": [one.ref], "officer": officer.ref, "step": "do"}
    numbers, number = (one.id, two.id), officer.id
    desk, path = as_(SecretariatFactory()), desk_path(event)
    desk.post(f"{path}/many", data=data)
    assert [db.session.get(Application, each).officer_id for each in numbers] == [number, None]
    desk.post(f"{path}/share-out")
    assert [db.session.get(Application, each).officer_id for each in numbers] == [number, number]


def test_an_application_of_another_event_is_not_among_the_many(as_, session):
    event, other = an_event(), an_event()
    ref = an_application(other).ref
    answer = as_(SecretariatFactory()).post(
        f"{desk_path(event)}/many", data={"action": "approve", "application": [ref]}
    )
    assert answer.status_code == 422


def test_the_secretariat_verifies_a_recognition_or_cannot(as_, point):
    event = an_event()
    point.organisation.recognitions += [RecognitionHeld(kind=kind) for kind in list(Recognition)[:2]]
    application = an_application(event, organisation=point.organisation, track="recognised")
    first, second = (held.ref for held in point.organisation.recognitions)
    officer = as_(TeamMemberFactory(event=event, role="accreditation_officer").user)
    path, elsewhere = desk_path(event, application), an_application(event).ref
    for act in ("verify", "refuse"):
        assert officer.post(f"{path}/recognitions/{first}/{act}", data={"message": "No."}).status_code == 403
    page = officer.get(path).text
    assert "only the secretariat verifies it" in page
    assert f"{first}/verify" not in page
    desk = as_(SecretariatFactory())
    desk.post(f"{path}/recognitions/{first}/verify")
    desk.post(f"{path}/recognitions/{second}/refuse", data={"message": "Not on the list."})
    page = officer.get(path).text
    assert "Could not be verified" in page
    assert "Verified" in page
    wrong = path.rsplit("/", 1)[0] + f"/{elsewhere}/recognitions/{first}/verify"
    assert desk.post(wrong).status_code == 404


def test_an_application_is_revoked_on_its_page(as_, point):
    event = an_event()
    application = an_application(event, organisation=point.organisation)
    desk, client, path = as_(SecretariatFactory()), as_(point.user), desk_path(event, application)
    desk.post(f"{path}/approve")
    ref = reason_ref(ReasonKind.REVOCATION)
    assert desk.post(f"{path}/revoke", data={"revoke-reason": ref, "revoke-message": ""}).status_code == 422
    desk.post(f"{path}/revoke", data={"revoke-reason": ref, "revoke-message": "It turned out otherwise."})
    assert "It turned out otherwise." in client.get(path.removeprefix("/workspace")).text


def test_a_process_is_described_and_serves_another_event(as_, session):
    hearing, forum = an_event(title="Hearing"), an_event(title="Forum")
    desk = as_(SecretariatFactory())
    path, forum_ref, forum_slug, hearing_slug = f"{desk_path(hearing)}/settings", forum.ref, forum.slug, hearing.slug
    assert "Forum" in desk.get(path).text
    rows = {f"questions-{place}-{name}": value for place, question in enumerate(questions_of(hearing.id))
            for name, value in (("ref", question.ref), ("text", question.text), ("kind", "long_text"))}  # fmt: skip
    data = {
        "opens_at": "2020-01-01T00:00", "closes_at": "2099-01-01T00:00", "serves": [forum_ref], "rule": "at_once",
        "recognitions": ["ecosoc-general"], "needs": ["funding"], "criteria": "Is it real?\nDoes it fit?",
        "is_two_person": "y", "promised_days": "5", **rows,
        "questions-3-text": "Which?", "questions-3-kind": "choice", "questions-3-choices": "a",
    }  # fmt: skip
    assert "give at least two choices" in desk.post(path, data=data).text
    assert "later than the opening" in desk.post(path, data={**data, "closes_at": "2019-01-01T00:00"}).text
    assert desk.post(path, data={**data, "questions-3-choices": "a\nb"}).status_code == 302
    from consult.events.queries import event_at

    process = process_of(event_at(hearing_slug))
    assert (process.rule.value, process.needs, process.promised_days) == ("at_once", ["funding"], 5)
    assert [criterion.text for criterion in process.criteria] == ["Is it real?", "Does it fit?"]
    assert (
        as_(UserFactory()).get(f"/events/{forum_slug}/accreditation").location
        == f"/events/{hearing_slug}/accreditation"
    )
    assert "by the process of" in desk.get(f"/workspace/events/{forum_slug}/accreditation").text


def test_the_secretariat_edits_the_list_of_reasons(as_, session):
    an_event()
    desk, path = as_(SecretariatFactory()), "/workspace/accreditation/reasons"
    desk.post(path, data={"kind": "rejection", "text": "It came too late"})
    assert "on the list already" in desk.post(path, data={"kind": "rejection", "text": "It came too late"}).text
    reason = db.session.scalars(select(Reason).where(Reason.text == "It came too late")).one()
    desk.post(f"{path}/{reason.ref}/retire")
    assert "no longer offered" in desk.get(path).text


def test_the_queue_is_exported_with_its_filters(as_, session):
    event = an_event()
    refused = an_application(event, organisation=OrganisationFactory(name="=Casa"), status="rejected")
    refused.reason = reasons(ReasonKind.REJECTION)[1]
    an_application(event)
    an_application(event, status="draft")
    client = as_(SecretariatFactory())
    path = f"{desk_path(event)}/export.csv"
    lines = client.get(f"{path}?status=rejected").text.splitlines()
    assert len(lines) == 2
    said = "'=Casa,Civil society organisation,Kenya,Africa,,Special accreditation,Rejected,,2026-11-20 12:00,,"
    assert said in lines[1]
    assert client.get(path).text.count("\r\n") == 3


@pytest.mark.parametrize("rows", [1, 12])
def test_the_queue_costs_the_same_for_any_number(as_, statements, rows):
    event = an_event()
    for _ in range(rows):
        an_application(event)
    client, path = as_(SecretariatFactory()), desk_path(event)
    with statements() as seen:
        assert client.get(path).text.count('scope="row"') == rows
    assert len(seen) == 18


@pytest.mark.parametrize("rows", [1, 6])
def test_one_application_costs_the_same_however_many_there_are(as_, statements, rows):
    event = an_event()
    organisation = OrganisationFactory()
    application = an_application(event, organisation=organisation)
    for _ in range(rows):
        an_application(an_event(), organisation=organisation)
        an_application(event)
    client, path = as_(SecretariatFactory()), desk_path(event, application)
    with statements() as seen:
        client.get(path)
    assert len(seen) == 27
