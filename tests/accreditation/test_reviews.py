"""What officers do, and what follows from merges."""

from datetime import timedelta
from statistics import median

import pytest
from sqlalchemy import select

from consult.accreditation import queries
from consult.accreditation.figures import DAY, service_level
from consult.accreditation.models import Application, ApplicationStatus, ReasonKind, Track, Verdict
from consult.accreditation.service import applications as applying
from consult.accreditation.service import processes, reminders, reviews
from consult.audit.models import AuditEntry
from consult.database import now
from consult.errors import InvalidEntry, NotAllowed, TransitionNotAllowed
from consult.events.models import TeamRole
from consult.extensions import db
from consult.letters.models import Letter, LetterKind
from consult.letters.queries import letter_with, valid_letter
from consult.organisations.models import RecognitionHeld, RecognitionStatus
from consult.organisations.queries import organisation_at
from consult.organisations.service import duplicates, names, profiles
from consult.outbox.models import Message
from consult.questions.service import Entry as Question
from consult.reference.countries import Region
from consult.reference.stakeholders import Recognition, StakeholderCategory
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

pytestmark = pytest.mark.usefixtures("session")
S = ApplicationStatus


def a_reason(kind=ReasonKind.REJECTION):
    return queries.reasons(kind)[0]


def approve(application, by=None, **more):
    process = queries.process_with(application.event_id)
    return reviews.approve(application, process, by=by or SecretariatFactory(), at=NOON, **more)


def reject(application, by=None, message="Another field."):
    process = queries.process_with(application.event_id)
    words = {"reason": a_reason(), "message": message}
    return reviews.reject(application, process, by=by or SecretariatFactory(), at=NOON, **words)


def an_officer(event):
    return TeamMemberFactory(event=event, role=TeamRole.ACCREDITATION_OFFICER).user


def test_a_rejection_needs_words_and_the_applicant_reads_reason_and_words():
    event = an_event()
    point = FocalPointFactory()
    application = an_application(event, organisation=point.organisation)
    with pytest.raises(InvalidEntry):
        reject(application, message=" ")
    reject(application, message="No accounts came.")
    message = db.session.scalars(select(Message).where(Message.template == "accreditation/rejected")).one()
    assert message.context["message"] == "No accounts came."
    assert message.context["reason"] == a_reason().text
    assert message.attachments == [f"accreditation/letter:{application.ref}"]


def test_the_second_officer_is_told_by_whom_and_how_it_was_decided():
    application = an_application(an_event())
    approve(application, by=SecretariatFactory(name="Ines Tamang"))
    with pytest.raises(TransitionNotAllowed, match="Ines Tamang has decided this meanwhile: Approved"):
        reject(application)
    with pytest.raises(TransitionNotAllowed, match="Ines Tamang"):
        approve(application)
    assert application.status is S.APPROVED


def test_whoever_acts_first_becomes_its_officer():
    application, officer = an_application(an_event()), SecretariatFactory()
    reviews.take(application, by=officer, at=NOON)
    assert (application.status, application.officer) == (S.IN_REVIEW, officer)
    reviews.assign(application, None, by=officer, at=NOON)
    assert (application.status, application.officer) == (S.IN_REVIEW, None)


def test_applications_are_shared_out_in_turn_beginning_with_who_has_least():
    event = an_event()
    busy, free = an_officer(event), an_officer(event)
    an_application(event, status=S.IN_REVIEW, officer=busy)
    waiting = [an_application(event) for _ in range(3)]
    an_application(event, status=S.DRAFT)
    an_application(an_event())
    assert reviews.share_out(event, by=SecretariatFactory(), at=NOON) == 3
    assert [each.officer for each in waiting] == [free, busy, free]
    with pytest.raises(InvalidEntry, match="no accreditation officer"):
        reviews.share_out(an_event(), by=SecretariatFactory(), at=NOON)


def test_who_rejected_an_application_does_not_get_it_again_in_turn():
    event = an_event()
    officer = an_officer(event)
    application = an_application(event, rejected_by_id=officer.id)
    assert reviews.share_out(event, by=SecretariatFactory(), at=NOON) == 0
    other = an_officer(event)
    reviews.share_out(event, by=SecretariatFactory(), at=NOON)
    assert application.officer is other


def two_person(event):
    process = queries.process_of(event)
    process.is_two_person = True
    db.session.flush()
    return process


def test_where_two_are_needed_one_recommends_and_another_decides():
    event = an_event()
    two_person(event)
    application, one, two = an_application(event), SecretariatFactory(), SecretariatFactory()
    approve(application, by=one, message="They do good work.")
    assert (application.status, application.recommended) == (S.IN_REVIEW, S.APPROVED)
    assert application.steps == [], "the applicant reads nothing of it"
    approve(application, by=one)
    assert application.decided_at is None, "the same person twice is one person"
    reject(application, by=two)
    assert (application.recommended, application.recommended_by) == (S.REJECTED, two), "they disagree"
    reject(application, by=one, message="Agreed.")
    assert (application.status, application.decided_by) == (S.REJECTED, one)


def test_a_claimed_recognition_is_verified_before_its_holder_is_accredited():
    organisation = OrganisationFactory()
    organisation.recognitions.append(RecognitionHeld(kind=Recognition.ECOSOC_ROSTER))
    application = an_application(an_event(), organisation=organisation, track=Track.RECOGNISED)
    with pytest.raises(TransitionNotAllowed, match="secretariat has to verify"):
        approve(application)
    reviews.verify_recognition(application, organisation.recognitions[0], by=SecretariatFactory())
    assert approve(application).status is S.APPROVED


def test_a_recognition_that_cannot_be_verified_leads_to_special_accreditation():
    point, officer = FocalPointFactory(), SecretariatFactory()
    organisation = point.organisation
    organisation.recognitions += [
        RecognitionHeld(kind=kind) for kind in (Recognition.ECOSOC_ROSTER, Recognition.ECOSOC_SPECIAL)
    ]
    application = an_application(an_event(), organisation=organisation, track=Track.RECOGNISED)
    process = queries.process_with(application.event_id)
    first, second = organisation.recognitions
    reviews.refuse_recognition(application, process, first, message="Not listed.", by=officer, at=NOON)
    assert (application.track, application.status) == (Track.RECOGNISED, S.SUBMITTED), "another one counts"
    reviews.refuse_recognition(application, process, second, message="Not listed either.", by=officer, at=NOON)
    assert (application.track, application.status) == (Track.SPECIAL, S.INFORMATION_REQUESTED)
    assert [held.status for held in organisation.recognitions] == [RecognitionStatus.REFUSED] * 2


def test_an_accreditation_is_revoked_with_reason_and_its_letter_ends():
    application = an_application(an_event())
    with pytest.raises(TransitionNotAllowed):
        reviews.revoke(
            application, reason=a_reason(ReasonKind.REVOCATION), message="So.", by=SecretariatFactory(), at=NOON
        )
    approve(application)
    about, event, organisation = f"application:{application.ref}", application.event, application.organisation
    letter = valid_letter(about, LetterKind.DECISION)
    assert letter.is_valid
    reviews.revoke(application, reason=a_reason(ReasonKind.REVOCATION), message="So.", by=SecretariatFactory(), at=NOON)
    db.session.expire_all()
    assert not letter_with(letter.code).is_valid
    assert valid_letter(about, LetterKind.DECISION).id != letter.id, "the revocation has a letter of its own"
    assert not queries.is_accredited(event, organisation)


def test_criteria_are_checked_and_checked_again():
    application, officer, other = an_application(an_event()), SecretariatFactory(), SecretariatFactory()
    first, second, _third = queries.process_with(application.event_id).criteria
    reviews.check_criteria(application, {first.id: Verdict.MET, second.id: Verdict.UNSURE}, by=officer, at=NOON)
    reviews.check_criteria(application, {first.id: Verdict.MET, second.id: Verdict.MET}, by=other, at=NOON)
    found = queries.checks_of(application)
    assert {number: (each.verdict, each.by) for number, each in found.items()} == {
        first.id: (Verdict.MET, officer), second.id: (Verdict.MET, other),
    }  # fmt: skip


def refs(event, at=NOON, **only):
    return [each.ref for each in queries.queue(event, queries.Filter(**only), at=at).rows]


def test_the_queue_is_filtered():
    event, officer = an_event(), SecretariatFactory()
    kenyan = an_application(event, officer=officer, waiting_since=NOON - timedelta(days=10))
    brazilian = an_application(
        event,
        organisation=OrganisationFactory(
            name="Casa do Migrante", country="BR", category=StakeholderCategory.FAITH_BASED
        ),
    )
    decided = an_application(event, status=S.APPROVED)
    for each in (kenyan, brazilian, decided):
        names.index(each.organisation)
    an_application(an_event())
    assert refs(event) == [kenyan.ref, brazilian.ref, decided.ref]
    assert refs(event, status=S.APPROVED) == [decided.ref]
    assert refs(event, category=StakeholderCategory.FAITH_BASED) == [brazilian.ref]
    assert refs(event, region=Region.AFRICA) == [kenyan.ref, decided.ref]
    assert refs(event, officer=officer.ref) == [kenyan.ref]
    assert refs(event, officer="none") == [brazilian.ref, decided.ref]
    assert refs(event, officer="NOBODY22") == []
    assert refs(event, waits=7) == [kenyan.ref]
    assert refs(event, waits=0) == [kenyan.ref, brazilian.ref]
    assert refs(event, text="casa") == [brazilian.ref]
    assert queries.neighbours(brazilian, queries.Filter(), at=NOON) == (kenyan.ref, decided.ref)
    assert queries.neighbours(kenyan, queries.Filter(region=Region.AFRICA), at=NOON) == (None, decided.ref)


@pytest.mark.parametrize("days", [[], [3], [1, 9], [4, 1, 30, 2, 2]])
def test_the_median_is_that_of_the_rows(days):
    event = an_event()
    for number in days:
        an_application(
            event, status=S.APPROVED, submitted_at=NOON - timedelta(days=number), decided_at=NOON,
            decision_seconds=number * DAY,
        )  # fmt: skip
    an_application(event, waiting_since=NOON - timedelta(days=21))
    an_application(event, waiting_since=NOON - timedelta(days=19))
    level = service_level(queries.process_of(event), at=NOON)
    rows = db.session.scalars(select(Application).where(Application.decided_at.is_not(None))).all()
    took = [(row.decided_at - row.submitted_at) / timedelta(days=1) for row in rows]
    assert level.median_days == (round(median(took), 1) if took else None)
    assert (level.decided, level.overdue) == (len(days), 1)


def test_the_time_of_a_decision_runs_from_when_it_was_first_sent():
    application = an_application(an_event(), submitted_at=NOON - timedelta(days=3), waiting_since=NOON)
    approve(application)
    assert application.decision_seconds == 3 * DAY


def test_officers_hear_once_a_week_of_what_waits_too_long():
    event = an_event()
    mine, other = an_officer(event), an_officer(event)
    an_application(event, officer=mine, waiting_since=NOON - timedelta(days=30))
    an_application(event, waiting_since=NOON - timedelta(days=30))
    an_application(event, officer=other, waiting_since=NOON - timedelta(days=2))
    for hours in (0, 1, 30):
        reminders.remind(at=NOON + timedelta(hours=hours))
    sent = db.session.scalars(select(Message).where(Message.template == "accreditation/overdue")).all()
    assert {message.to: message.context["number"] for message in sent} == {mine.email: 2, other.email: 1}
    assert len(sent) == 2
    reminders.remind(at=NOON + timedelta(days=7))
    assert len(db.session.scalars(select(Message).where(Message.template == "accreditation/overdue")).all()) == 4


def test_a_merge_while_applying_keeps_the_application_that_went_further():
    event, other = an_event(), an_event()
    point = FocalPointFactory()
    kept, gone, person = OrganisationFactory(), point.organisation, point.user
    draft = an_application(event, organisation=kept, status=S.DRAFT)
    sent = an_application(event, organisation=gone)
    elsewhere = an_application(other, organisation=gone)
    duplicates.merge(organisation_at(kept.ref), organisation_at(gone.ref), by=SecretariatFactory())
    assert {each.organisation_id for each in (draft, sent, elsewhere)} == {kept.id}
    assert (draft.duplicate_of_id, sent.duplicate_of_id) == (sent.id, None)
    assert refs(event) == [sent.ref]
    assert [each.ref for each in queries.earlier_applications(sent)] == [elsewhere.ref]
    process = queries.process_of(event)
    found = queries.application_at(event.slug, sent.ref)
    again = applying.begin(process, found.organisation, by=person, at=NOON)
    assert again.id == sent.id, "whoever goes on applying finds the one that stands"


def test_questions_cannot_go_once_somebody_has_applied():
    event, boss = an_event(), SecretariatFactory()
    process = queries.process_of(event)
    reworded = [Question(ref=q.ref, text=f"{q.text}?") for q in process.question_set.questions]
    an_application(event)
    with pytest.raises(InvalidEntry, match="no question can be removed"):
        processes.configure(process, processes.ProcessEntry(questions=reworded[1:]), by=boss)
    entry = processes.ProcessEntry(questions=reworded, criteria=["Is it real?", "Is it real?"])
    processes.configure(process, entry, by=boss)
    assert process.question_set.questions[0].text.endswith("?")
    assert [criterion.text for criterion in process.criteria] == ["Is it real?"]


def test_an_event_with_applications_of_its_own_is_not_served_by_another():
    home, busy, desk = an_event(), an_event(), SecretariatFactory()
    an_application(busy)
    process = queries.process_of(home)
    assert busy not in queries.events_to_serve(process, desk)
    with pytest.raises(InvalidEntry, match="applications of its own"):
        processes.configure(process, processes.ProcessEntry(serves=[busy]), by=desk)


def test_a_process_serves_only_events_that_who_sets_it_manages(as_):
    home, own, other = an_event(), an_event(), an_event(title="Closed hearing", status="draft")
    manager = TeamMemberFactory(event=home, role="manager").user
    TeamMemberFactory(event=own, user=manager, role="manager")
    TeamMemberFactory(event=other, user=manager, role="rapporteur")
    process = queries.process_of(home)
    assert queries.events_to_serve(process, manager) == [own]
    with pytest.raises(InvalidEntry, match="events that you manage"):
        processes.configure(process, processes.ProcessEntry(serves=[other]), by=manager)
    processes.configure(process, processes.ProcessEntry(serves=[own]), by=manager)
    assert queries.home_of(own.id) == home.id
    processes.configure(process, processes.ProcessEntry(serves=[own, other]), by=SecretariatFactory())
    processes.configure(process, processes.ProcessEntry(), by=manager)
    assert [served.event for served in process.served] == [other], "what is not theirs stays"
    recorded = db.session.execute(
        select(AuditEntry.action, AuditEntry.scope, AuditEntry.detail)
        .where(AuditEntry.action.startswith("accreditation.serv"), AuditEntry.about == own.scope)
        .order_by(AuditEntry.id)
    ).all()
    assert recorded == [
        ("accreditation.served", home.scope, own.scope),
        ("accreditation.served", own.scope, home.scope),
        ("accreditation.serving_ended", home.scope, own.scope),
        ("accreditation.serving_ended", own.scope, home.scope),
    ]
    db.session.commit()
    assert "Closed hearing" not in as_(manager).get(f"/workspace/events/{home.slug}/accreditation/settings").text


def test_applicants_do_not_read_the_title_of_a_draft_that_a_process_serves(as_):
    home, draft = an_event(), an_event(title="Closed hearing", status="draft")
    processes.configure(queries.process_of(home), processes.ProcessEntry(serves=[draft]), by=SecretariatFactory())
    db.session.commit()
    path = f"/events/{home.slug}/accreditation"
    assert "Closed hearing" not in as_(UserFactory()).get(path).text
    assert "Closed hearing" in as_(SecretariatFactory()).get(path).text


def test_a_reason_that_was_retired_is_not_offered_and_stays_where_it_was_given():
    application, boss = an_application(an_event()), SecretariatFactory()
    reason = a_reason()
    reject(application)
    processes.retire_reason(reason, by=boss)
    assert reason not in queries.reasons(ReasonKind.REJECTION)
    assert application.reason is reason
    with pytest.raises(InvalidEntry, match="on the list already"):
        processes.add_reason(kind=ReasonKind.REJECTION, text=queries.reasons(ReasonKind.REJECTION)[0].text, by=boss)
    assert processes.add_reason(kind=ReasonKind.REJECTION, text=reason.text, by=boss) is reason


def test_who_rejected_may_not_take_it_again():
    officer = SecretariatFactory()
    application = an_application(an_event(), rejected_by_id=officer.id)
    with pytest.raises(NotAllowed):
        reviews.take(application, by=officer, at=NOON)


def test_a_letter_ends_with_the_organisations_name_and_an_officer_issues_a_new_one(as_, client):
    point = FocalPointFactory()
    focal, officer = as_(point.user), as_(SecretariatFactory())
    application = an_application(an_event(), organisation=point.organisation, status=ApplicationStatus.APPROVED)
    reviews.issue_letter_again(application, by=UserFactory(), at=NOON)
    code = db.session.scalars(select(Letter.code)).one()
    organisation, by = organisation_at(point.organisation.ref), point.user
    slug, ref = application.event.slug, application.ref
    called = profiles.Entry(name="United Nations Secretariat", category=organisation.category, country="KE")
    profiles.edit(organisation, called, by=by)
    db.session.commit()
    assert "no longer valid" in client.get(f"/letters/{code}").text
    letter = f"/events/{slug}/accreditation/{ref}/letter.pdf"
    assert focal.get(letter).status_code == 404
    page = f"/workspace/events/{slug}/accreditation/{ref}"
    assert focal.post(f"{page}/letter").status_code == 403
    officer.post(f"{page}/letter")
    assert focal.get(letter).status_code == 404, "it is not decided under this name"
    approve(queries.application_at(slug, ref))
    db.session.commit()
    assert focal.get(letter).data[:4] == b"%PDF"


@pytest.mark.parametrize("changes", [{"name": "Office of the High Commissioner"}, {"country": "CH"}])
def test_an_accreditation_waits_for_an_officer_under_another_name_or_country(changes):
    point, event = FocalPointFactory(), an_event(requires_accreditation=True)
    over = an_event()
    over.last_day = now().date() - timedelta(days=1)
    application, former = (an_application(each, organisation=point.organisation) for each in (event, over))
    organisation, name = organisation_at(point.organisation.ref), point.organisation.name
    approve(application)
    approve(former)
    values = {"name": name, "category": organisation.category, "country": organisation.country}
    profiles.edit(organisation, profiles.Entry(**values, website="https://casa.example"), by=point.user)
    assert queries.is_accredited(event, organisation), "the website says nothing of who it is"
    profiles.edit(organisation, profiles.Entry(**(values | changes)), by=point.user)
    assert not queries.is_accredited(event, organisation)
    assert application.status is S.IN_REVIEW
    assert application.is_waiting
    assert f"accredited as “{name}”" in application.steps[-1].message
    assert former.status is S.APPROVED, "what is over stays"
    approve(application)
    assert queries.is_accredited(event, organisation)
