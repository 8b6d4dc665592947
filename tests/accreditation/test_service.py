"""Applications: begun, sent, questioned, decided."""

import io
import zipfile

import pytest
from sqlalchemy import select

from consult.accreditation import queries, service
from consult.accreditation.models import ApplicationStatus, RejectionReason
from consult.audit.models import AuditEntry
from consult.errors import InvalidEntry, NotAllowed, TransitionNotAllowed, WindowClosed
from consult.extensions import db
from consult.outbox.models import Message
from tests.factories import (
    FAR,
    NOON,
    FocalPointFactory,
    OrganisationFactory,
    SecretariatFactory,
    an_application,
    an_event,
)

pytestmark = pytest.mark.usefixtures("session")


@pytest.fixture
def point(session):
    return FocalPointFactory(organisation__description="We accompany women who return.")


def begin(event, point, at=NOON):
    return service.begin(event, point.organisation, by=point.user, at=at)


def answered(event, text="We help."):
    return {question.ref: text for question in queries.questions_of(event.id)}


def submitted(event, point):
    application = begin(event, point)
    service.save(application, answered(event), by=point.user, at=NOON)
    return service.submit(application, by=point.user, at=NOON)


def test_an_event_asks_the_eight_sections_of_the_resolution():
    questions = queries.questions_of(an_event().id)
    assert len(questions) == 8
    assert questions[0].text == "Purpose of the organisation"


def test_a_new_application_is_filled_from_the_profile(point):
    event = an_event()
    first = queries.questions_of(event.id)[0]
    assert begin(event, point).answers[first.ref] == "We accompany women who return."


def test_a_later_application_is_filled_from_the_earlier_one(point):
    submitted(an_event(), point)
    event = an_event()
    assert set(begin(event, point).answers.values()) == {"We help."}


def test_beginning_twice_goes_on_with_the_same_application(point):
    event = an_event()
    assert begin(event, point) is begin(event, point)


def test_nobody_applies_for_an_organisation_they_do_not_act_for(point):
    with pytest.raises(NotAllowed):
        service.begin(an_event(), OrganisationFactory(), by=point.user, at=NOON)


def test_nobody_begins_once_the_window_has_closed(point):
    with pytest.raises(WindowClosed):
        begin(an_event(), point, at=FAR)


def test_a_missing_answer_is_named(point):
    event = an_event()
    application = begin(event, point)
    answers = answered(event)
    needed = queries.questions_of(event.id)[1]
    service.save(application, {**answers, needed.ref: " "}, by=point.user, at=NOON)
    with pytest.raises(InvalidEntry) as refused:
        service.submit(application, by=point.user, at=NOON)
    assert refused.value.field == needed.field
    assert application.status is ApplicationStatus.DRAFT


def test_what_was_sent_cannot_be_changed(point):
    application = submitted(an_event(), point)
    with pytest.raises(TransitionNotAllowed):
        service.save(application, {}, by=point.user, at=NOON)


def test_every_focal_point_hears_of_each_step(point):
    other = FocalPointFactory(organisation=point.organisation).user
    application = submitted(an_event(), point)
    service.request_information(application, message="Your statutes?", by=SecretariatFactory(), at=NOON)
    service.submit(application, by=point.user, at=NOON)
    service.approve(application, by=SecretariatFactory(), at=NOON)
    told = {(m.to, m.template) for m in db.session.scalars(select(Message))}
    steps = {"submitted", "information_requested", "approved"}
    assert told == {(person.email, f"accreditation/{step}") for person in (point.user, other) for step in steps}
    assert len(db.session.scalars(select(Message)).all()) == 8


def test_a_request_can_be_answered_after_the_window_has_closed(point):
    application = submitted(an_event(), point)
    service.request_information(application, message="Your statutes?", by=SecretariatFactory(), at=NOON)
    assert service.submit(application, by=point.user, at=FAR).status is ApplicationStatus.SUBMITTED


def test_a_rejection_needs_words_and_the_applicant_reads_them(point):
    application = submitted(an_event(), point)
    officer = SecretariatFactory()
    with pytest.raises(InvalidEntry):
        service.reject(application, reason=RejectionReason.INCOMPLETE, message=" ", by=officer, at=NOON)
    service.reject(application, reason=RejectionReason.INCOMPLETE, message="No accounts came.", by=officer, at=NOON)
    message = db.session.scalars(select(Message).where(Message.template == "accreditation/rejected")).one()
    assert message.context["message"] == "No accounts came."
    assert message.context["reason"] == str(RejectionReason.INCOMPLETE.label)


def test_the_second_officer_is_told_who_decided(point):
    application = submitted(an_event(), point)
    service.approve(application, by=SecretariatFactory(name="Ines Tamang"), at=NOON)
    with pytest.raises(TransitionNotAllowed, match="Ines Tamang has decided this meanwhile: Approved"):
        service.reject(application, reason=RejectionReason.OTHER, message="No.", by=SecretariatFactory(), at=NOON)
    assert application.status is ApplicationStatus.APPROVED


def test_a_withdrawn_application_can_be_taken_up_again(point):
    event = an_event()
    application = submitted(event, point)
    service.withdraw(application, by=point.user, at=NOON)
    assert begin(event, point) is application
    assert application.status is ApplicationStatus.DRAFT
    assert queries.queue(event).rows == [], "a draft is seen by nobody else"


def test_each_change_leaves_an_audit_entry(point):
    application = submitted(an_event(), point)
    service.approve(application, by=SecretariatFactory(), at=NOON)
    about = AuditEntry.about == f"application:{application.ref}"
    actions = db.session.scalars(select(AuditEntry.action).where(about).order_by(AuditEntry.id)).all()
    assert actions == ["application.begun", "application.saved", "application.submitted", "application.approved"]


def _docx(*names):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return buffer.getvalue()


WORD = ("[Content_Types].xml", "word/document.xml")


@pytest.mark.parametrize(
    ("content", "name", "kept"),
    [
        (b"%PDF-1.7 ...", "statutes.exe", "statutes.exe.pdf"),
        (b"%PDF-1.7 ...", "../../etc/passwd", "passwd.pdf"),
        (b"%PDF-1.7 ...", "C:\\statuts \u202egnp.pdf", "statuts gnp.pdf"),
        (_docx(*WORD), "Устав.docx", "Устав.docx"),
    ],
)
def test_a_document_is_known_by_its_content_and_kept_under_a_tidy_name(point, content, name, kept):
    application = begin(an_event(), point)
    document = service.add_document(application, io.BytesIO(content), name=name, by=point.user)
    assert document.file.name == kept


@pytest.mark.parametrize(
    "content",
    [b"", b"MZ\x90\x00", b"<html>%PDF-", b"PK\x03\x04broken", _docx("a.txt"), _docx(*WORD, "word/vbaProject.bin")],
)
def test_what_is_no_document_is_refused(point, content):
    application = begin(an_event(), point)
    with pytest.raises(InvalidEntry) as refused:
        service.add_document(application, io.BytesIO(content), name="statutes.pdf", by=point.user)
    assert refused.value.field == "document"


def test_a_document_over_the_limit_is_refused(point):
    application = begin(an_event(), point)
    with pytest.raises(InvalidEntry, match="too large"):
        service.add_document(application, io.BytesIO(b"%PDF-" + b"0" * 10_485_760), name="a.pdf", by=point.user)


def test_the_queue_shows_no_drafts(session):
    event = an_event()
    an_application(event, status=ApplicationStatus.DRAFT)
    sent = an_application(event)
    assert [a.ref for a in queries.queue(event).rows] == [sent.ref]
