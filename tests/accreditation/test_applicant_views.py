"""The applicants' pages of accreditation, through the client."""

import io
import re

import pytest
from sqlalchemy import select

from consult.accreditation.models import Application, ApplicationStatus, ReasonKind, ReviewNote
from consult.accreditation.queries import process_of, questions_of, reasons
from consult.accreditation.service import reviews
from consult.extensions import db
from consult.letters.models import Letter
from consult.organisations.models import Organisation, OrganisationRole
from consult.questions.models import QuestionKind
from consult.questions.service import Entry as Question
from consult.questions.service import replace
from tests.factories import (
    NOON,
    FocalPointFactory,
    SecretariatFactory,
    UserFactory,
    an_application,
    an_event,
)

S = ApplicationStatus
PDF = b"%PDF-1.7 statutes"


@pytest.fixture
def point(session):
    return FocalPointFactory()


def form_of(event, text="We help."):
    return {question.field: text for question in questions_of(event.id)}


def reason_ref(kind=ReasonKind.REJECTION):
    return reasons(kind)[0].ref


def desk_path(event, application=None, verb=""):
    path = f"/workspace/events/{event.slug}/accreditation"
    return path + (f"/{application.ref}" if application else "") + (f"/{verb}" if verb else "")


def test_an_organisation_is_described_and_applies(as_, session):
    event, user = an_event(), UserFactory()
    form, slug = form_of(event), event.slug
    client = as_(user)
    page = client.get(f"/events/{slug}/accreditation").text
    assert "Describe my organisation" in page
    profile = {"name": "Casa do Migrante", "category": "faith-based", "country": "BR"}
    then = f"/events/{slug}/accreditation"
    assert client.post(f"/my/organisations/new?then={then}", data=profile).location == then
    organisation = db.session.scalars(select(Organisation)).one()
    edit = client.post(then, data={"organisation": organisation.ref}).location
    check = client.post(edit, data=form).location
    assert "We help." in client.get(check).text
    show = client.post(check).location
    application = db.session.scalars(select(Application)).one()
    assert application.status is S.SUBMITTED
    page = client.get(show).text
    assert application.number in page
    assert "You can expect an answer by" in page


def test_going_elsewhere_after_saving_an_organisation_is_refused(as_, session):
    for number, evil in enumerate(("https://evil.example", "//evil.example", "/\\evil.example")):
        profile = {"name": f"{number} {evil}", "category": "other", "country": "BR", "is_new": "y"}
        response = as_(UserFactory()).post(f"/my/organisations/new?then={evil}", data=profile)
        assert response.location.startswith("/my/organisations/")


def test_a_draft_is_kept_even_when_it_is_too_long(as_, point):
    event = an_event()
    application = an_application(event, organisation=point.organisation, status="draft")
    path = f"/events/{event.slug}/accreditation/{application.ref}/edit"
    words = "word " * 500
    number = application.id
    response = as_(point.user).post(path, data=form_of(event, words))
    assert response.status_code == 422
    assert "Use at most 400 words. This answer has 500." in response.text
    assert set(db.session.get(Application, number).answers.values()) == {words.strip()}


def test_what_is_typed_is_saved_as_it_goes(as_, point):
    event = an_event()
    application = an_application(event, organisation=point.organisation, status="draft")
    number, form = application.id, form_of(event, "half a sen")
    path = f"/events/{event.slug}/accreditation/{application.ref}/edit"
    answer = as_(point.user).post(path, data={**form, "autosave": "1"})
    application = db.session.get(Application, number)
    assert (answer.status_code, answer.text) == (200, application.saved_at.isoformat())
    assert set(application.answers.values()) == {"half a sen"}


def test_what_another_focal_point_wrote_is_not_overwritten_unseen(as_, point):
    event = an_event()
    application = an_application(event, organisation=point.organisation, status="draft")
    number, form = application.id, form_of(event, "Mine.")
    path = f"/events/{event.slug}/accreditation/{application.ref}/edit"
    one, other = as_(point.user), as_(FocalPointFactory(organisation=point.organisation).user)
    seen = re.search(r'name="seen" value="([^"]+)"', one.get(path).text)[1]
    assert one.post(path, data={**form, "seen": seen}).status_code == 302
    theirs = dict.fromkeys(form, "Theirs.")
    assert other.post(path, data={**theirs, "seen": seen, "autosave": "1"}).status_code == 409
    refused = other.post(path, data={**theirs, "seen": seen})
    assert refused.status_code == 422
    assert "Somebody else has saved this" in refused.text
    assert "Theirs.</textarea>" in refused.text
    assert set(db.session.get(Application, number).answers.values()) == {"Mine."}
    again = re.search(r'name="seen" value="([^"]+)"', refused.text)[1]
    assert other.post(path, data={**theirs, "seen": again}).status_code == 302
    assert set(db.session.get(Application, number).answers.values()) == {"Theirs."}


KINDS = [
    Question(text="Acronym", kind=QuestionKind.TEXT, is_required=False),
    Question(text="Size", kind=QuestionKind.CHOICE, choices=["small", "large"]),
    Question(text="Where", kind=QuestionKind.MANY, choices=["city", "sea"], is_required=False),
    Question(text="State money?", kind=QuestionKind.YES_NO),
    Question(text="Which?", kind=QuestionKind.LONG_TEXT, shown_if=4, shown_value="yes"),
    Question(text="Founded on", kind=QuestionKind.DATE),
    Question(text="Report", kind=QuestionKind.FILE),
]


def test_every_kind_of_question_is_asked_checked_and_shown(as_, point):
    event = an_event()
    replace(process_of(event).question_set, KINDS)
    application = an_application(
        event,
        organisation=point.organisation,
        status="draft",
    )
    application.answers = {}
    db.session.commit()
    number = application.id
    acronym, size, where, money, _which, founded, report = (q.field for q in questions_of(event.id))
    base = f"/events/{event.slug}/accreditation/{application.ref}"
    client = as_(point.user)
    page = client.get(f"{base}/edit").text
    assert f'data-if="{money}" data-is="yes"' in page
    assert "Only if “State money?” is answered with “Yes”." in page
    wrong = {size: "huge", where: ["city", "moon"], money: "yes", founded: "soon"}
    page = client.post(f"{base}/edit", data=wrong).text
    assert page.count("Choose from the list.") == 4, "twice each: in the summary and beside the field"
    for words in ("Answer this question.", "Choose a file.", "Not a valid date"):
        assert words in page
    bad = {report: (io.BytesIO(b"MZ"), "report.pdf")}
    assert "is not a document" in client.post(f"{base}/edit", data=bad).text
    right = {acronym: "CdM", size: "small", where: ["city", "sea"], money: "no", founded: "1998-05-01",
             report: (io.BytesIO(PDF), "report.pdf")}  # fmt: skip
    check = client.post(f"{base}/edit", data=right)
    assert check.location == f"{base}/check"
    page = client.get(check.location).text
    for words in ("small", "city, sea", "No", "1 May 1998", "report.pdf"):
        assert words in page
    assert "Which?" not in page, "asked only if the answer before is yes"
    client.post(f"{base}/check")
    assert db.session.get(Application, number).status is S.SUBMITTED


def test_a_document_is_served_as_an_attachment_only(as_, point):
    event = an_event()
    application = an_application(event, organisation=point.organisation, status="draft")
    client = as_(point.user)
    path = f"/events/{event.slug}/accreditation/{application.ref}/documents"
    sent = {"document": (io.BytesIO(PDF), "статут.pdf"), "add": "1"}
    assert client.post(path.replace("documents", "edit"), data=sent).status_code == 302
    page = client.get(path.rsplit("/", 1)[0]).text
    link = page.split('href="' + path)[1].split('"')[0]
    response = client.get(path + link)
    assert response.data == PDF
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_a_file_that_is_no_document_is_refused_beside_its_field(as_, point):
    event = an_event()
    application = an_application(event, organisation=point.organisation, status="draft")
    path, number = f"/events/{event.slug}/accreditation/{application.ref}/edit", application.id
    sent = {"document": (io.BytesIO(b"MZ"), "statutes.exe"), "add": "1", **form_of(event, "Typed before.")}
    response = as_(point.user).post(path, data=sent)
    assert response.status_code == 422
    assert "Typed before.</textarea>" in response.text
    assert set(db.session.get(Application, number).answers.values()) == {"Typed before."}
    assert "The file “statutes.exe” is not a document: send PDF, DOCX or ODT." in response.text


def test_an_application_of_another_organisation_is_not_shown(as_, point):
    event = an_event()
    other = an_application(event)
    client, path = as_(point.user), f"/events/{event.slug}/accreditation/{other.ref}"
    for page in ("", "/edit", "/check", "/letter.pdf"):
        assert client.get(f"{path}{page}").status_code == 403
    for verb in ("reply", "reconsider", "withdraw"):
        assert client.post(f"{path}/{verb}").status_code == 403


def test_my_page_tells_until_when_a_draft_can_be_sent(as_, point):
    an_application(an_event(), organisation=point.organisation, status="draft")
    page = as_(point.user).get("/my").text
    assert "waits for you, until" in page
    assert "2099" in page


def test_a_member_reads_and_does_not_act(as_, point):
    event = an_event()
    application = an_application(event, organisation=point.organisation, status="draft")
    member = as_(FocalPointFactory(organisation=point.organisation, role=OrganisationRole.MEMBER).user)
    path = f"/events/{event.slug}/accreditation/{application.ref}"
    page = member.get(path).text
    assert "Go on with the application" not in page
    assert member.get(f"{path}/edit").status_code == 403
    assert member.post(f"{path}/withdraw").status_code == 403


def test_a_request_is_answered_where_it_stands(as_, point):
    event, officer = an_event(), SecretariatFactory()
    application = an_application(event, organisation=point.organisation)
    words = {"reason": reasons(ReasonKind.REQUEST)[0], "message": "Your statutes?"}
    reviews.request_information(application, **words, by=officer, at=NOON)
    db.session.commit()
    path, number = f"/events/{event.slug}/accreditation/{application.ref}", application.id
    client, desk = as_(point.user), as_(officer)
    assert "Your statutes?" in client.get(path).text
    assert "Write an answer." in client.post(f"{path}/reply", data={"reply-message": ""}).text
    bad = {"reply-message": "Here.", "reply-document": (io.BytesIO(b"MZ"), "a.pdf")}
    assert "is not a document" in client.post(f"{path}/reply", data=bad).text
    assert db.session.get(Application, number).status is S.INFORMATION_REQUESTED
    good = {"reply-message": "Here they are.", "reply-document": (io.BytesIO(PDF), "statutes.pdf")}
    assert client.post(f"{path}/reply", data=good).status_code == 302
    page = desk.get(f"/workspace{path}").text
    assert "Here they are." in page
    assert "statutes.pdf" in page


def test_internal_notes_and_officers_are_never_seen_by_the_applicant(as_, point):
    event = an_event()
    application = an_application(event, organisation=point.organisation)
    officer = SecretariatFactory(name="Ines Tamang")
    desk, client = as_(officer), as_(point.user)
    path = desk_path(event, application)
    desk.post(f"{path}/take")
    desk.post(f"{path}/notes", data={"note-text": "I doubt this."})
    assert "I doubt this." in desk.get(path).text
    assert db.session.scalars(select(ReviewNote.text)).all() == ["I doubt this."]
    page = client.get(path.removeprefix("/workspace")).text
    assert "I doubt this." not in page
    assert "Ines Tamang" not in page
    assert "In review" in page


def test_a_decision_has_a_letter_that_anybody_can_check(as_, client, point):
    event = an_event(title="Forum 2030")
    point.organisation.name = "Casa do Migrante"
    application = an_application(event, organisation=point.organisation)
    desk, focal, path = as_(SecretariatFactory()), as_(point.user), desk_path(event, application)
    mine = path.removeprefix("/workspace")
    assert focal.get(f"{mine}/letter.pdf").status_code == 404
    desk.post(f"{path}/approve")
    assert focal.get(f"{mine}/letter.pdf").data.startswith(b"%PDF")
    code = db.session.scalars(select(Letter.code)).one()
    page = client.get(f"/letters/{code}").text
    assert "Valid" in page
    assert "C. D. M." in page
    assert "Forum 2030" in page
    assert "Casa" not in page
    desk.post(f"{path}/revoke", data={"revoke-reason": reason_ref(ReasonKind.REVOCATION), "revoke-message": "So."})
    assert "Not valid" in client.get(f"/letters/{code}").text
    assert "Not valid" in client.get("/letters/no-such-letter").text


def test_a_rejected_applicant_asks_for_reconsideration_on_the_page(as_, point):
    event = an_event()
    application = an_application(event, organisation=point.organisation)
    desk, focal, path = as_(SecretariatFactory()), as_(point.user), desk_path(event, application)
    mine = path.removeprefix("/workspace")
    desk.post(f"{path}/reject", data={"reject-reason": reason_ref(), "reject-message": "Another field."})
    assert "Ask for reconsideration" in focal.get(mine).text
    assert "Say what the decision overlooked." in focal.post(f"{mine}/reconsider", data={}).text
    focal.post(f"{mine}/reconsider", data={"reconsider-message": "Look at page 3."})
    page = desk.get(path).text
    assert "Look at page 3." in page
    assert "Another officer looks at it again." in page
    assert "Ask for reconsideration" not in focal.get(mine).text
