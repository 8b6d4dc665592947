"""Pages of accreditation, through the client."""

import io

import pytest
from sqlalchemy import select

from consult.accreditation.models import Application, ApplicationStatus
from consult.accreditation.queries import questions_of
from consult.extensions import db
from consult.organisations.models import Organisation
from tests.factories import (
    FocalPointFactory,
    OrganisationFactory,
    SecretariatFactory,
    UserFactory,
    an_application,
    an_event,
)


@pytest.fixture
def point(session):
    return FocalPointFactory()


def form_of(event, text="We help."):
    return {question.field: text for question in questions_of(event.id)}


def test_an_organisation_is_described_and_applies(as_, session):
    event, user = an_event(), UserFactory()
    client = as_(user)
    page = client.get(f"/events/{event.slug}/accreditation").text
    assert "Describe my organisation" in page
    profile = {
        "name": "Casa do Migrante",
        "category": "faith-based",
        "country": "BR",
        "recognitions": ["ecosoc-roster"],
    }
    then = f"/events/{event.slug}/accreditation"
    assert client.post(f"/my/organisations/new?then={then}", data=profile).location == then
    organisation = db.session.scalars(select(Organisation)).one()
    edit = client.post(then, data={"organisation": organisation.ref}).location
    check = client.post(edit, data=form_of(event)).location
    assert "We help." in client.get(check).text
    show = client.post(check).location
    application = db.session.scalars(select(Application)).one()
    assert application.status is ApplicationStatus.SUBMITTED
    assert application.number in client.get(show).text


def test_going_elsewhere_after_saving_an_organisation_is_refused(as_, session):
    profile = {"name": "Casa", "category": "other", "country": "BR"}
    for evil in ("https://evil.example", "//evil.example", "/\\evil.example"):
        response = as_(UserFactory()).post(f"/my/organisations/new?then={evil}", data=profile)
        assert response.location == "/my"


def test_a_draft_is_kept_even_when_it_is_too_long(as_, point):
    event = an_event()
    application = an_application(event, organisation=point.organisation, status="draft")
    path = f"/events/{event.slug}/accreditation/{application.ref}/edit"
    words = "word " * 500
    response = as_(point.user).post(path, data=form_of(event, words))
    assert response.status_code == 422
    assert "Use at most 400 words. This answer has 500." in response.text
    assert set(db.session.get(Application, application.id).answers.values()) == {words.strip()}


def test_what_an_applicant_wrote_cannot_run_in_the_officers_browser(as_, session):
    event = an_event()
    application = an_application(event)
    application.answers = dict.fromkeys(application.answers, "<script>alert(1)</script>")
    application.organisation.website = 'https://x.example/"><script>'
    db.session.commit()
    page = as_(SecretariatFactory()).get(f"/workspace/events/{event.slug}/accreditation/{application.ref}").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_document_is_served_as_an_attachment_only(as_, point):
    event = an_event()
    application = an_application(event, organisation=point.organisation, status="draft")
    client = as_(point.user)
    path = f"/events/{event.slug}/accreditation/{application.ref}/documents"
    sent = {"document": (io.BytesIO(b"%PDF-1.7 statutes"), "статут.pdf"), "add": "1"}
    assert client.post(path.replace("documents", "edit"), data=sent).status_code == 302
    page = client.get(f"/events/{event.slug}/accreditation/{application.ref}").text
    link = page.split('href="' + path)[1].split('"')[0]
    response = client.get(path + link)
    assert response.data == b"%PDF-1.7 statutes"
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_a_file_that_is_no_document_is_refused_beside_its_field(as_, point):
    event = an_event()
    application = an_application(event, organisation=point.organisation, status="draft")
    path = f"/events/{event.slug}/accreditation/{application.ref}/edit"
    sent = {"document": (io.BytesIO(b"MZ"), "statutes.exe"), "add": "1", **form_of(event, "Typed before.")}
    response = as_(point.user).post(path, data=sent)
    assert response.status_code == 422
    assert "Typed before.</textarea>" in response.text
    assert set(db.session.get(Application, application.id).answers.values()) == {"Typed before."}
    assert "The file “statutes.exe” is not a document: send PDF, DOCX or ODT." in response.text


def test_an_application_of_another_organisation_is_not_shown(as_, point):
    event = an_event()
    other = an_application(event)
    assert as_(point.user).get(f"/events/{event.slug}/accreditation/{other.ref}").status_code == 403


def test_an_application_is_not_found_under_another_event(as_, point):
    application = an_application(an_event(), organisation=point.organisation)
    elsewhere = an_event()
    assert as_(point.user).get(f"/events/{elsewhere.slug}/accreditation/{application.ref}").status_code == 404


def test_a_rejection_without_words_is_refused_and_the_form_stays(as_, session):
    event = an_event()
    application = an_application(event)
    path = f"/workspace/events/{event.slug}/accreditation/{application.ref}/reject"
    response = as_(SecretariatFactory()).post(path, data={"reject-reason": "incomplete", "reject-message": ""})
    assert response.status_code == 422
    assert "Explain the decision" in response.text


def test_the_second_decision_is_told_of_the_first(as_, session):
    event = an_event()
    application = an_application(event)
    path = f"/workspace/events/{event.slug}/accreditation/{application.ref}/approve"
    assert as_(SecretariatFactory(name="Ines")).post(path).status_code == 302
    assert "Ines has decided this meanwhile" in as_(SecretariatFactory()).post(path).text


def test_the_queue_is_exported_with_its_filters(as_, session):
    event = an_event()
    an_application(event, organisation=OrganisationFactory(name="=Casa"), reason="incomplete", status="rejected")
    an_application(event)
    an_application(event, status="draft")
    client = as_(SecretariatFactory())
    lines = client.get(f"/workspace/events/{event.slug}/accreditation/export.csv?status=rejected").text.splitlines()
    assert len(lines) == 2
    assert "'=Casa,Civil society organisation,Kenya,Africa,,Rejected,2026-11-20 12:00,," in lines[1]
    assert client.get(f"/workspace/events/{event.slug}/accreditation/export.csv").text.count("\r\n") == 3


@pytest.mark.parametrize("rows", [1, 12])
def test_the_queue_costs_the_same_for_any_number(as_, statements, rows):
    event = an_event()
    for _ in range(rows):
        an_application(event)
    client = as_(SecretariatFactory())
    with statements() as seen:
        assert client.get(f"/workspace/events/{event.slug}/accreditation").text.count('scope="row"') == rows
    assert len(seen) == 9
