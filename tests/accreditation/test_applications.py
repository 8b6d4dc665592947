"""What applicants do: begin, save, send, answer, withdraw, ask for reconsideration."""

import io
import zipfile
from datetime import timedelta

import pytest
from sqlalchemy import select

from consult.accreditation import queries
from consult.accreditation.models import ApplicationStatus, ProfilePart, ReasonKind, ServedEvent, Track, TrackRule
from consult.accreditation.service import applications as applying
from consult.accreditation.service import reviews
from consult.audit.models import AuditEntry
from consult.database import now
from consult.errors import InvalidEntry, NotAllowed, TransitionNotAllowed, WindowClosed
from consult.events.models import EventStatus
from consult.extensions import db
from consult.organisations.models import OrganisationRole, RecognitionHeld, RecognitionStatus
from consult.outbox.models import Message
from consult.questions.models import QuestionKind
from consult.questions.service import Entry as Question
from consult.questions.service import replace
from consult.reference.stakeholders import Recognition
from tests.factories import (
    FAR,
    LONG_AGO,
    NOON,
    FocalPointFactory,
    OrganisationFactory,
    SecretariatFactory,
    an_application,
    an_event,
)

pytestmark = pytest.mark.usefixtures("session")
S = ApplicationStatus


@pytest.fixture
def point(session):
    return FocalPointFactory(organisation__description="We accompany women who return.")


def begin(event, point, at=NOON):
    return applying.begin(queries.process_of(event), point.organisation, by=point.user, at=at)


def answered(event, text="We help."):
    return {question.ref: text for question in queries.questions_of(event.id)}


def submit(application, point, at=NOON, **more):
    return applying.submit(application, queries.process_with(application.event_id), by=point.user, at=at, **more)


def submitted(event, point, at=NOON):
    application = begin(event, point, at)
    applying.save(application, answered(event), by=point.user, at=at)
    return submit(application, point, at)


def holds(point, kind=Recognition.ECOSOC_ROSTER, status=RecognitionStatus.CLAIMED):
    point.organisation.recognitions.append(RecognitionHeld(kind=kind, status=status))
    db.session.flush()


def a_reason(kind=ReasonKind.REQUEST):
    return queries.reasons(kind)[0]


def test_an_event_asks_what_the_resolution_names_and_the_profile_does_not_say():
    event = an_event()
    assert len(queries.questions_of(event.id)) == 3
    assert len(queries.process_of(event).criteria) == 3
    assert [len(queries.reasons(kind)) for kind in ReasonKind] == [3, 5, 2]


def test_a_later_application_is_filled_from_the_earlier_one(point):
    submitted(an_event(), point)
    later = begin(an_event(), point)
    assert set(later.answers.values()) == {"We help."}


def test_a_file_of_an_earlier_application_is_asked_for_again(point):
    first, second = an_event(), an_event()
    for event in (first, second):
        process = queries.process_of(event)
        replace(process.question_set, [Question(text="Your report", kind=QuestionKind.FILE)])
    application = begin(first, point)
    (question,) = queries.questions_of(first.id)
    with pytest.raises(InvalidEntry, match="Your report"):
        submit(application, point)
    applying.add_document(application, io.BytesIO(b"%PDF-"), name="r.pdf", by=point.user, question=question.ref)
    applying.add_document(application, io.BytesIO(b"%PDF-"), name="s.pdf", by=point.user, question=question.ref)
    assert application.answers == {question.ref: "s.pdf"}
    assert [each.file.name for each in application.documents] == ["s.pdf"]
    submit(application, point)
    assert begin(second, point).answers == {}


def test_beginning_twice_goes_on_with_the_same_application(point):
    event = an_event()
    assert begin(event, point) is begin(event, point)


def test_nobody_applies_for_an_organisation_they_do_not_act_for(point):
    process = queries.process_of(an_event())
    member = FocalPointFactory(organisation=point.organisation, role=OrganisationRole.MEMBER)
    for person in (SecretariatFactory(), member.user):
        with pytest.raises(NotAllowed):
            applying.begin(process, point.organisation, by=person, at=NOON)


@pytest.mark.parametrize("at", [FAR, LONG_AGO - timedelta(seconds=1)])
def test_nobody_begins_outside_the_window(point, at):
    with pytest.raises(WindowClosed):
        begin(an_event(), point, at=at)


def test_a_deadline_that_passes_while_the_form_is_open_refuses_and_keeps_what_was_written(point):
    event = an_event()
    application = begin(event, point)
    applying.save(application, answered(event), by=point.user, at=FAR)
    with pytest.raises(WindowClosed, match="What you wrote is kept"):
        submit(application, point, at=FAR)
    assert application.status is S.DRAFT
    assert set(application.answers.values()) == {"We help."}


def test_the_checklist_names_what_is_missing(point):
    event = an_event()
    process = queries.process_of(event)
    process.needs = [ProfilePart.DESCRIPTION.value, ProfilePart.FUNDING.value, ProfilePart.CONSTITUTION.value]
    application = begin(event, point)
    items = applying.checklist(process, application)
    assert [(item.where, item.is_done) for item in items] == [
        ("profile", True), ("profile", False), ("profile", False), ("answers", False), ("answers", False),
    ]  # fmt: skip
    with pytest.raises(InvalidEntry, match="Sources of funding; Constitution"):
        submit(application, point)
    applying.save(application, answered(event, "word " * 401), by=point.user, at=NOON)
    assert "Use at most 400 words" in applying.checklist(process, application)[-1].message


def test_what_was_sent_cannot_be_changed(point):
    application = submitted(an_event(), point)
    with pytest.raises(TransitionNotAllowed):
        applying.save(application, {}, by=point.user, at=NOON)
    with pytest.raises(TransitionNotAllowed):
        submit(application, point)


def test_every_focal_point_hears_of_each_step_and_members_do_not(point):
    FocalPointFactory(organisation=point.organisation, user__email="second@example.org")
    FocalPointFactory(organisation=point.organisation, role=OrganisationRole.MEMBER)
    application = submitted(an_event(), point)
    officer = SecretariatFactory()
    reviews.request_information(application, reason=a_reason(), message="Your statutes?", by=officer, at=NOON)
    sent = db.session.execute(select(Message.template, Message.to).order_by(Message.id)).all()
    assert sorted(sent) == sorted(
        (f"accreditation/{template}", address)
        for template in ("submitted", "information_requested")
        for address in (point.user.email, "second@example.org")
    )


def test_a_request_can_be_answered_after_the_window_has_closed_and_goes_to_the_same_officer(point):
    application = submitted(an_event(), point)
    officer = SecretariatFactory()
    reviews.request_information(application, reason=a_reason(), message="Your statutes?", by=officer, at=NOON)
    assert application.waiting_since is None
    submit(application, point, at=FAR, message="Here they are.")
    assert (application.status, application.officer, application.waiting_since) == (S.IN_REVIEW, officer, FAR)
    assert application.submitted_at == NOON, "when it was first sent"
    assert application.steps[-1].message == "Here they are."


def test_the_profile_is_kept_as_it_was_when_the_application_was_sent(point):
    application = submitted(an_event(), point)
    point.organisation.description = "Something else."
    assert application.profile["description"] == "We accompany women who return."


def test_a_withdrawn_application_can_be_taken_up_again(point):
    event = an_event()
    application = submitted(event, point)
    applying.withdraw(application, by=point.user, at=NOON)
    assert begin(event, point) is application
    assert application.status is S.DRAFT
    assert queries.queue(event, queries.Filter(), at=NOON).rows == [], "a draft is seen by nobody else"


def test_a_recognised_organisation_is_asked_nothing_more(point):
    holds(point)
    process = queries.process_of(event := an_event())
    process.needs = [part.value for part in ProfilePart]
    application = begin(event, point)
    assert (application.track, applying.checklist(process, application)) == (Track.RECOGNISED, [])
    assert submit(application, point).status is S.SUBMITTED


@pytest.mark.parametrize(
    ("status", "rule", "counts", "outcome"),
    [
        (RecognitionStatus.VERIFIED, TrackRule.AT_ONCE, True, S.APPROVED),
        (RecognitionStatus.CLAIMED, TrackRule.AT_ONCE, True, S.SUBMITTED),
        (RecognitionStatus.VERIFIED, TrackRule.AFTER_VERIFICATION, True, S.SUBMITTED),
        (RecognitionStatus.VERIFIED, TrackRule.AT_ONCE, False, None),
        (RecognitionStatus.REFUSED, TrackRule.AT_ONCE, True, None),
    ],
)
def test_the_track_follows_from_recognition_and_rule(point, status, rule, counts, outcome):
    holds(point, status=status)
    process = queries.process_of(event := an_event())
    process.rule = rule
    process.recognitions = ["ecosoc-roster"] if counts else ["ecosoc-general"]
    application = begin(event, point)
    if outcome is None:
        assert application.track is Track.SPECIAL
        with pytest.raises(InvalidEntry):
            submit(application, point)
        return
    submit(application, point)
    assert (application.track, application.status) == (Track.RECOGNISED, outcome)
    if outcome is S.APPROVED:
        assert [step.status for step in application.steps] == [S.SUBMITTED, S.APPROVED]
        assert application.decided_by is None
        assert queries.is_accredited(event, point.organisation)


def test_a_process_accredits_to_the_events_it_serves(point):
    hearing, forum, other, desk = an_event(), an_event(), an_event(), SecretariatFactory()
    process = queries.process_of(hearing)
    assert forum in queries.events_to_serve(process, desk)
    process.served.append(ServedEvent(event=forum))
    db.session.flush()
    assert queries.process_of(forum).id == process.id
    application = submitted(hearing, point)
    reviews.approve(application, process, by=SecretariatFactory(), at=NOON)
    accredited = [queries.is_accredited(event, point.organisation) for event in (hearing, forum, other)]
    assert accredited == [True, True, False]
    assert forum not in queries.events_to_serve(queries.process_of(other), desk)
    assert hearing not in queries.events_to_serve(queries.process_of(other), desk), (
        "it serves others, and has applications"
    )
    forum.status = EventStatus.ARCHIVED
    db.session.flush()
    assert forum in queries.events_to_serve(process, desk), "saving the settings must not let go of it"


def rejected(event, point, by):
    application = submitted(event, point, at=now())
    process = queries.process_of(event)
    reason = a_reason(ReasonKind.REJECTION)
    return reviews.reject(application, process, reason=reason, message="Another field.", by=by, at=now())


def test_reconsideration_can_be_asked_once_and_another_officer_decides(point):
    event, first, second = an_event(), SecretariatFactory(), SecretariatFactory()
    application, process = rejected(event, point, first), queries.process_of(event)
    with pytest.raises(InvalidEntry):
        applying.ask_reconsideration(application, message=" ", by=point.user, at=now())
    applying.ask_reconsideration(application, message="You overlooked our work.", by=point.user, at=now())
    assert (application.status, application.officer_id, application.decided_at) == (S.IN_REVIEW, None, None)
    reason = a_reason(ReasonKind.REJECTION)
    with pytest.raises(NotAllowed, match="Another officer"):
        reviews.approve(application, process, by=first, at=now())
    with pytest.raises(NotAllowed):
        reviews.reject(application, process, reason=reason, message="No.", by=first, at=now())
    with pytest.raises(NotAllowed):
        reviews.take(application, by=first, at=now())
    words = {"reason": a_reason(), "message": "Which register?"}
    reviews.request_information(application, **words, by=second, at=now())
    submit(application, point, at=now(), message="That of Nairobi.")
    sent = db.session.scalars(select(Message.template).order_by(Message.id)).all()
    assert [template.removeprefix("accreditation/") for template in sent] == [
        "submitted", "rejected", "reconsideration_asked", "information_requested", "answered",
    ]  # fmt: skip
    reviews.reject(application, process, reason=reason, message="Still another field.", by=second, at=now())
    with pytest.raises(TransitionNotAllowed, match="once"):
        applying.ask_reconsideration(application, message="Please.", by=point.user, at=now())


def test_reconsideration_is_asked_of_rejections_before_the_event_ends(point):
    application = submitted(an_event(), point)
    with pytest.raises(TransitionNotAllowed):
        applying.ask_reconsideration(application, message="Please.", by=point.user, at=NOON)
    application = rejected(an_event(), point, SecretariatFactory())
    with pytest.raises(TransitionNotAllowed):
        applying.ask_reconsideration(application, message="Please.", by=point.user, at=FAR)


def test_each_change_leaves_an_audit_entry(point):
    event = an_event()
    application = submitted(event, point)
    reviews.approve(application, queries.process_of(event), by=SecretariatFactory(), at=NOON)
    about = AuditEntry.about == f"application:{application.ref}"
    actions = db.session.scalars(select(AuditEntry.action).where(about).order_by(AuditEntry.id)).all()
    assert actions == [
        "application.begun", "application.saved", "application.submitted", "letter.issued", "application.approved",
    ]  # fmt: skip


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
    document = applying.add_document(application, io.BytesIO(content), name=name, by=point.user)
    assert document.file.name == kept


@pytest.mark.parametrize(
    "content",
    [b"", b"MZ\x90\x00", b"<html>%PDF-", b"PK\x03\x04broken", _docx("a.txt"), _docx(*WORD, "word/vbaProject.bin")],
)
def test_what_is_no_document_is_refused(point, content):
    application = begin(an_event(), point)
    with pytest.raises(InvalidEntry) as refused:
        applying.add_document(application, io.BytesIO(content), name="statutes.pdf", by=point.user)
    assert refused.value.field == "document"


def test_a_document_over_the_limit_is_refused(point):
    application = begin(an_event(), point)
    with pytest.raises(InvalidEntry, match="too large"):
        applying.add_document(application, io.BytesIO(b"%PDF-" + b"0" * 10_485_760), name="a.pdf", by=point.user)


def test_the_queue_shows_no_drafts(session):
    event = an_event()
    an_application(event, status=S.DRAFT, organisation=OrganisationFactory())
    sent = an_application(event)
    assert [each.ref for each in queries.queue(event, queries.Filter(), at=NOON).rows] == [sent.ref]
