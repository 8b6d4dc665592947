"""The pages of registration: delegations, one's own, the secretariat's, forms, badges."""

import csv
import io

import openpyxl
import pytest
from sqlalchemy import select

from consult.database import now
from consult.events.models import ParticipantCategory, Selection, TeamRole
from consult.extensions import db
from consult.files.models import StoredFile
from consult.questions.models import QuestionKind
from consult.questions.service import Entry as Question
from consult.questions.service import replace
from consult.registration import queries
from consult.registration.models import (
    BadgeRun,
    FollowUp,
    Passport,
    Registration,
    RegistrationDocument,
    RegistrationStatus,
    Visibility,
)
from consult.registration.service import erasure
from consult.registration.service import people as people_
from tests.factories import (
    CategoryFactory,
    FocalPointFactory,
    RegistrationFactory,
    SecretariatFactory,
    SessionFactory,
    TeamMemberFactory,
    UserFactory,
    an_event,
)
from worker import registration as tasks

S = RegistrationStatus
PDF = b"%PDF-1.7 a mandate"


def seal_in(page):
    return page.split('name="preview" value="')[1].split('"')[0]


@pytest.fixture
def point(session):
    return FocalPointFactory()


def people(*rows, **more):
    """A delegation's form: each row a dictionary."""
    fields = {f"people-{place}-{name}": value for place, row in enumerate(rows) for name, value in row.items()}
    return {**fields, **more}


def ana(**changes):
    plain = {"given_name": "Ana", "email": "ana@example.org", "gender": "woman", "modality": "in_person"}
    return {**plain, **changes}


def test_a_delegation_is_registered_on_one_page_or_nobody_of_it(as_, point):
    event = an_event(capacity=2)
    client, path, organisation = as_(point.user), f"/events/{event.slug}/registrations/new", point.organisation.ref
    two = people(ana(), ana(given_name="Ben"), organisation=organisation)
    grown = client.post(path, data={**two, "another": "1"}).text
    assert 'name="people-2-given_name"' in grown
    assert 'value="Ben"' in grown
    refused = client.post(path, data=two)
    assert (refused.status_code, "has registered a person with this address already" in refused.text) == (422, True)
    assert db.session.scalars(select(Registration)).all() == []
    three = people(ana(), *(ana(given_name=n, email=f"{n}@example.org") for n in ("b", "c")), organisation=organisation)
    page = client.post(path, data=three, follow_redirects=True).text
    assert "3 people entered: 3 waits for the person&#39;s answer." in page


def test_the_category_is_chosen_first_and_asks_its_own_questions(as_, point):
    event = an_event()
    category = CategoryFactory(event=event, title="Speakers", is_for_speakers=True)
    asked = [Question(text="Bio", kind=QuestionKind.LONG_TEXT), Question(text="Mandate", kind=QuestionKind.FILE)]
    replace(category.question_set, asked)
    lab = SessionFactory(event=event, title="Lab", capacity_in_person=3)
    db.session.commit()
    bio, mandate = (question.field for question in category.question_set.questions)
    client, path, organisation = as_(point.user), f"/events/{event.slug}/registrations/new", point.organisation.ref
    row = ana(**{bio: "Writes.", mandate: (io.BytesIO(PDF), "mandate.pdf"), "sessions": lab.ref})
    in_category = f"?category={category.ref}"
    assert "Choose the category first" in client.get(path).text
    path += in_category
    form = people(row, organisation=organisation)
    missing = people(ana(**{bio: ""}), organisation=organisation)
    refused = client.post(path, data=missing)
    assert (refused.status_code, "Answer this question." in refused.text) == (422, True)
    there = client.post(path, data=form).location
    page = client.get(there).text
    for said in ("Writes.", "mandate.pdf", "Lab"):
        assert said in page
    document = db.session.scalars(select(RegistrationDocument)).one()
    answer = as_(SecretariatFactory()).get(f"{there}/documents/{document.ref}")
    assert (answer.data, answer.headers["Content-Disposition"].split(";")[0]) == (PDF, "attachment")
    assert as_(FocalPointFactory().user).get(f"{there}/documents/{document.ref}").status_code == 403
    other = {**ana(), bio: "Writes.", mandate: (io.BytesIO(PDF + b" two"), "second.pdf")}
    client.post(f"{there}/correct", data=other)
    assert db.session.scalars(select(StoredFile.name)).all() == ["second.pdf"], "the former file is gone"
    erasure.object_to(queries.registration_with_ref(there.rsplit("/", 1)[1]), at=now())
    assert db.session.scalars(select(StoredFile.name)).all() == []


def a_sheet(*rows, titles=("Given name", "E-mail address", "Takes part", "Days", "Gender", "Visa letter")):
    book = openpyxl.Workbook()
    for row in (titles, *rows):
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_a_spreadsheet_is_taken_whole_or_its_bad_lines_are_told(as_, point):
    event = an_event()
    client, path = as_(point.user), f"/events/{event.slug}/registrations/new/spreadsheet"
    organisation = point.organisation.ref

    def send(content):
        data = {"organisation": organisation, "file": (io.BytesIO(content), "people.xlsx")}
        return client.post(path, data=data, follow_redirects=True)

    good = ["Ana", "ana@example.org", "In person", "2027-03-17", "Woman", "yes"]
    bad = [
        ["", "b@example.org", "Online", "", "", ""],
        ["Chi", "c@example.org", "By boat", "", "", ""],
        ["Dee", "d@example.org", "Online", "2027-03-20", "", ""],
        ["Eve", "e@example.org", "Online", "", "Perhaps", ""],
        ["Ana again", "ANA@example.org", "Online", "", "", ""],
        ["Fay", "f@example.org", "Online", "", "", "maybe"],
    ]
    page = send(a_sheet(good, *bad[:4], bad[5]))
    assert page.status_code == 422
    for said in ("Line 3: The given name", "Line 4: “By boat”", "Line 5: Day:", "Line 6: “Perhaps”", "Line 7: “maybe”"):
        assert said in page.text
    assert (
        "Line 3: Your organisation has registered a person with this address already."
        in send(a_sheet(good, bad[4])).text
    )
    for content in (b"", b"\x89PNG", a_sheet(), a_sheet(titles=("x",))):
        assert send(content).status_code == 422
    assert db.session.scalars(select(Registration)).all() == []
    assert "1 person has been entered." in send(a_sheet(good)).text
    made = db.session.scalars(select(Registration)).one()
    assert (made.wants_visa_letter, made.gender.value) == (True, "woman")


def test_the_template_holds_the_columns_and_what_they_take(as_, point):
    event = an_event()
    replace(event.categories[0].question_set, [Question(text="Which panel?", kind=QuestionKind.TEXT)])
    db.session.commit()
    content = as_(point.user).get(f"/events/{event.slug}/registrations/template.xlsx").data
    book = openpyxl.load_workbook(io.BytesIO(content))
    titles = [cell.value for cell in book.worksheets[0][1]]
    assert titles[:3] == ["Given name", "Family name", "E-mail address"]
    assert titles[-1] == "Which panel?"
    assert book.worksheets[1]["A2"].value == "Given name"


def test_a_person_without_organisation_registers_where_that_is_allowed(as_, session):
    event, user = an_event(), UserFactory(name="Ana Sow", email="ana@example.org")
    path, form = (
        f"/events/{event.slug}/registrations/myself",
        ana(stakeholder="media", country="KE", visibility="public"),
    )
    client, category = as_(user), event.categories[0]
    assert client.get(path).status_code == 403
    category.allows_individuals = True
    db.session.commit()
    assert 'value="ana@example.org"' in client.get(path).text
    client.post(path, data={**form, "email": "somebody@else.example"})
    made = db.session.scalars(select(Registration)).one()
    assert (made.email, made.organisation_id, made.visibility) == ("ana@example.org", None, Visibility.PUBLIC)


def test_the_person_corrects_accepts_changes_and_objects_by_the_link(client, session):
    event = an_event(capacity=1)
    registration = RegistrationFactory(category=event.categories[0], registered_by=UserFactory())
    db.session.commit()
    path, number = f"/registrations/{registration.access_key}", registration.id
    assert client.post(f"{path}/correct", data={"given_name": ""}).status_code == 422
    client.post(f"{path}/correct", data=ana(visibility="participants", languages=["fr", "sign"], dietary_needs="Nuts"))
    changed = db.session.get(Registration, number)
    assert (changed.given_name, changed.languages) == ("Ana", ["fr", "sign"])
    path = f"/registrations/{changed.access_key}"
    assert "Take part online instead" in client.get(path).text
    client.post(f"{path}/modality")
    assert "Changed: Online." in client.get(path).text
    assert client.get(f"{path}/participants").status_code == 200
    told = client.post(f"{path}/object", follow_redirects=True)
    assert "Your objection has been received" in told.text
    assert db.session.get(Registration, number).email == ""
    assert client.get(path).status_code == 404


def test_an_offer_is_taken_on_the_page(client, session):
    from datetime import timedelta

    event = an_event(capacity=1)
    offered = RegistrationFactory(
        category=event.categories[0], status=S.OFFERED, offered_until=now() + timedelta(hours=2)
    )
    db.session.commit()
    path, number = f"/registrations/{offered.access_key}", offered.id
    assert "Take the place" in client.get(path).text
    client.post(f"{path}/accept")
    assert db.session.get(Registration, number).status is S.CONFIRMED


def test_a_focal_point_sends_somebody_else(as_, point):
    event = an_event()
    registration = RegistrationFactory(category=event.categories[0], organisation=point.organisation)
    db.session.commit()
    path = f"/events/{event.slug}/registrations/{registration.ref}"
    client = as_(point.user)
    assert client.post(f"{path}/substitute", data=ana(email=registration.email)).status_code == 422
    assert client.post(f"{path}/substitute", data=ana()).location == path
    assert "Ana" in client.get(path).text


def test_passport_data_is_erased_when_the_person_wants_it(client, session):
    registration = RegistrationFactory(category=an_event().categories[0], family_name="")
    db.session.commit()
    path = f"/registrations/{registration.access_key}"
    passport = {
        "name": "Ana", "nationality": "SN", "number": "A1", "born_on": "1990-02-03", "consulate": "Dakar",
    }  # fmt: skip
    client.post(f"{path}/visa-letter", data=passport)
    assert "kept encrypted" in client.get(path).text
    client.post(f"{path}/erase-passport")
    assert db.session.scalars(select(Passport)).all() == []
    assert "kept encrypted" not in client.get(path).text


@pytest.fixture
def desk(as_, session):
    """An event with approval, one who waits for it, and a path to their page."""
    event = an_event()
    event.categories[0].selection = Selection.APPROVAL
    waiting = RegistrationFactory(category=event.categories[0], status=S.PENDING)
    db.session.commit()
    return as_(SecretariatFactory()), waiting, f"/workspace/events/{event.slug}/registrations"


def test_the_secretariat_approves_for_some_days_and_says_so(desk):
    client, waiting, path = desk
    day, number, path = waiting.days[0].ref, waiting.id, f"{path}/{waiting.ref}"
    assert client.post(f"{path}/approve", data={"approve-message": "None."}).status_code == 422
    client.post(f"{path}/approve", data={"approve-days": [day], "approve-message": "The second day is full."})
    assert db.session.get(Registration, number).days_declined == ["2027-03-18"]
    page = client.get(path).text
    assert "The second day is full." in page
    assert "registration.approved" in page


def test_the_secretariat_turns_down_and_places_by_hand_with_words(desk):
    client, waiting, path = desk
    number, path = waiting.id, f"{path}/{waiting.ref}"
    assert client.post(f"{path}/decline").status_code == 422
    client.post(f"{path}/decline", data={"decline-message": "No room."})
    assert db.session.get(Registration, number).status is S.DECLINED
    assert client.post(f"{path}/place").status_code == 422
    client.post(f"{path}/place", data={"place-reason": "She speaks."})
    assert db.session.get(Registration, number).status is S.CONFIRMED
    assert client.post(f"{path}/cancel").status_code == 422
    client.post(f"{path}/cancel", data={"cancel-message": "You asked us to."})
    assert db.session.get(Registration, number).status is S.CANCELLED


def test_many_are_approved_after_a_look_at_who_they_are(desk):
    client, waiting, path = desk
    other = RegistrationFactory(category=waiting.category, status=S.PENDING)
    sure = RegistrationFactory(category=waiting.category)
    foreign = RegistrationFactory(category=an_event().categories[0], status=S.PENDING)
    db.session.commit()
    category = waiting.category.id
    numbers, chosen = [waiting.id, other.id, foreign.id], [each.ref for each in (waiting, other, sure, foreign)]
    page = client.get(f"{path}/many", query_string={"chosen": chosen, "action": "approve"}).text
    assert "Approve 2 people" in page
    data = {"chosen": chosen, "action": "approve", "preview": seal_in(page)}
    db.session.get(ParticipantCategory, category).title = "Speakers"
    db.session.commit()
    answer = client.post(f"{path}/many", data=data)
    assert "not what you were shown before" in answer.text
    assert db.session.get(Registration, numbers[0]).status is S.PENDING
    client.post(f"{path}/many", data={**data, "preview": seal_in(answer.text)})
    assert [db.session.get(Registration, number).status for number in numbers] == [S.CONFIRMED, S.CONFIRMED, S.PENDING]
    assert client.post(f"{path}/many", data={"chosen": ["NOSUCH22"], "action": "decline"}).status_code in {302, 422}


def test_a_follow_up_form_is_made_sent_answered_and_exported(as_, client, session):
    event = an_event()
    place = RegistrationFactory(category=event.categories[0], given_name="Ana", family_name="Sow")
    db.session.commit()
    desk, path, key = as_(SecretariatFactory()), f"/workspace/events/{event.slug}/forms", place.access_key
    form = {"title": "Afterwards", "closes_at": "2099-01-01T10:00", "questions-0-text": "How was it?",
            "questions-0-kind": "text", "questions-0-is_required": "y"}  # fmt: skip
    assert desk.post(f"{path}/new", data={**form, "questions-0-text": ""}).status_code == 422
    there = desk.post(f"{path}/new", data=form).location
    desk.post(f"{there}/edit", data={**form, "title": "How was it?"})
    ref = db.session.scalars(select(FollowUp.ref)).one()
    mine = f"/registrations/{key}/forms/{ref}"
    assert client.get(mine).status_code == 404, "a draft is not there for participants"
    desk.post(f"{there}/send")
    assert db.session.scalars(select(FollowUp.status)).one() == "draft", "nobody looked at it"
    desk.post(f"{there}/send", data={"preview": seal_in(desk.get(there).text)})
    tasks.send_follow_ups.run()
    assert mine.rsplit("/", 1)[-1] in client.get(f"/registrations/{key}").text
    field = client.get(mine).text.split('name="q_')[1].split('"')[0]
    assert client.post(mine, data={f"q_{field}": ""}).status_code == 422
    client.post(mine, data={f"q_{field}": "=Good"})
    assert "=Good" in desk.get(there).text
    rows = list(csv.reader(io.StringIO(desk.get(f"{there}/answers.csv").data.decode("utf-8-sig"))))
    assert rows[1][0] == "Ana Sow"
    assert rows[1][-1] == "'=Good"


def test_badges_are_made_by_the_worker_and_erased_after_a_week(as_, session):
    from datetime import timedelta

    event = an_event()
    RegistrationFactory.create_batch(60, category=event.categories[0])
    RegistrationFactory(category=event.categories[0], modality="online")
    door = TeamMemberFactory(event=event, role=TeamRole.DOOR_STAFF).user
    db.session.commit()
    client, path = as_(door), f"/workspace/events/{event.slug}/badges"
    client.post(path, data={"category": "", "layout": "sheets"})
    assert "0 / 60" in client.get(path).text
    tasks.make_badges.run()
    run = db.session.scalars(select(BadgeRun)).one()
    assert client.get(f"{path}/{run.ref}/progress").json == {"percent": 100, "text": "60 / 60", "done": True}
    content = client.get(f"{path}/{db.session.scalars(select(BadgeRun.ref)).one()}.pdf").data
    assert content.count(b"/MediaBox") == 15, "four on a sheet"
    run = db.session.scalars(select(BadgeRun)).one()
    run.requested_at -= timedelta(days=8)
    db.session.commit()
    tasks.erase.run()
    assert "None yet." in client.get(path).text
    assert client.post(path, data={"category": "X", "layout": "sheets"}).status_code == 422


def test_badges_of_nobody_are_not_tried_for_ever(as_, session):
    event = an_event()
    key = RegistrationFactory(category=event.categories[0]).access_key
    door = TeamMemberFactory(event=event, role=TeamRole.DOOR_STAFF).user
    db.session.commit()
    client, path = as_(door), f"/workspace/events/{event.slug}/badges"
    client.post(path, data={"category": "", "layout": "sheets"})
    people_.withdraw(queries.registration_by_key(key), by=None, at=now())
    db.session.commit()
    tasks.make_badges.run()
    assert db.session.scalars(select(BadgeRun)).all() == []
    assert "None yet." in client.get(path).text
