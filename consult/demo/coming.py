"""One meeting to come, with every window open, so that a newcomer can try everything."""

import random
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import select

from consult.accounts.models import User
from consult.accreditation.models import ProfilePart, ReasonKind, Track
from consult.accreditation.queries import process_of, reasons
from consult.accreditation.service import applications as applying
from consult.accreditation.service import circulations, reviews
from consult.agenda import service as agenda
from consult.agenda.models import SessionKind, SpeakerRole
from consult.demo.past import OTHERS, STATES, UN, make, series_of
from consult.events.models import Colour, Event, EventKind, EventModality, TeamRole
from consult.events.service import events, team
from consult.extensions import db
from consult.inputs import service as inputs
from consult.organisations.models import Membership, Organisation
from consult.organisations.service import profiles, recognitions
from consult.questions.service import Entry as Question
from consult.reference.stakeholders import Recognition
from consult.reference.stakeholders import StakeholderCategory as C
from consult.registration.models import RegistrationStatus
from consult.words import Modality

SLUG = "annual-meeting-to-come"


def build(organisations: list[Organisation], staff: dict[str, User]) -> Event:
    """The coming meeting: described, published, with a team, applications, registrations, a call for input."""
    by = staff["manager"]
    event = _event(by=by)
    events.publish(event, by=by)
    _agenda(event, by=by)
    _call(event, by=by)
    for name, role in (
        ("manager", TeamRole.MANAGER),
        ("officer", TeamRole.ACCREDITATION_OFFICER),
        ("door", TeamRole.DOOR_STAFF),
    ):
        invitation = team.invite_member(event, email=staff[name].email, role=role, by=staff["secretariat"])
        team.accept_role(invitation, by=staff[name])
    _applications(event, organisations, staff)
    _registrations(event, organisations)
    _for_the_desk(organisations, staff)
    return event


def _event(*, by: User) -> Event:
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    first = (now + timedelta(days=110)).date()
    entry = events.Entry(
        title="Annual meeting of the Network with stakeholders",
        series=series_of("Annual meetings", by=by),
        summary=(
            "Two days to review progress, to hear from countries and regions, and to agree what the work plan "
            "should put first.\n\nSend your **written input** beforehand: the summary report says what became of it."
        ),
        kind=EventKind.ANNUAL_MEETING,
        modality=EventModality.HYBRID,
        venue_name="Palais des Nations",
        venue_room="Room XIX",
        venue_address="1211 Geneva",
        online_platform="Online meeting platform",
        join_link="https://meet.example/annual",
        timezone="Europe/Zurich",
        contact="secretariat@network.example",
        registration_opens_at=now - timedelta(days=5),
        registration_closes_at=now + timedelta(days=95),
        inputs_opens_at=now - timedelta(days=3),
        inputs_closes_at=now + timedelta(days=45),
        days=[events.Day(date=first + timedelta(days=n), starts=time(9, 30), ends=time(17, 30)) for n in range(2)],
    )
    event = events.create_event(entry, by=by, slug=SLUG)
    stakeholders = [category for category in OTHERS if category is not C.ACADEMIA]
    for title, whom, accredited, in_person, online, days, colour in (
        ("Accredited stakeholders", stakeholders, True, 120, 400, event.days, Colour.TEAL),
        ("Academia", [C.ACADEMIA], False, 3, 100, event.days, Colour.PURPLE),
        ("United Nations and intergovernmental entities", UN, False, 60, None, event.days, Colour.BLUE),
        ("Member States", STATES, False, 150, None, event.days[1:], Colour.GREEN),
    ):
        category = events.CategoryEntry(
            title=title,
            stakeholders=whom,
            requires_accreditation=accredited,
            capacity_in_person=in_person,
            capacity_online=online,
            days=days,
            colour=colour,
        )
        events.add_category(event, category, by=by)
    return event


def _agenda(event: Event, *, by: User) -> None:
    opening = agenda.SpeakerEntry(function="Coordinator of the Network", role=SpeakerRole.OPENING)
    migrants = agenda.SpeakerEntry(function="A representative of migrants' organisations", role=SpeakerRole.KEYNOTE)
    rows = (
        ("", "Opening", SessionKind.OPENING, 0, (9, 30), (10, 0), (), (opening, migrants)),
        (
            "1",
            "What has changed since the last meeting",
            SessionKind.PLENARY,
            0,
            (10, 0),
            (12, 30),
            ("Where did joint work make a difference, and how do we know?",),
            (),
        ),
        (
            "2",
            "Key thematic priorities of the work plan",
            SessionKind.PANEL,
            0,
            (14, 30),
            (17, 30),
            ("Where should joint work begin?", "What would show that it made a difference?"),
            (),
        ),
        (
            "3",
            "Country and regional implementation",
            SessionKind.PLENARY,
            1,
            (9, 30),
            (12, 30),
            ("How can stakeholders take part in country networks?",),
            (),
        ),
        ("", "Next steps and closing", SessionKind.CLOSING, 1, (15, 0), (17, 30), (), (opening,)),
    )
    for number, title, kind, day, starts, ends, questions, speakers in rows:
        entry = agenda.Entry(
            number=number,
            title=title,
            kind=kind,
            day=event.days[day],
            starts=time(*starts),
            ends=time(*ends),
            room="Room XIX",
            guiding_questions=questions,
            speakers=speakers,
        )
        agenda.add_session(event, entry, by=by)
    agenda.publish(event, note="First programme.", by=by)


def _call(event: Event, *, by: User) -> None:
    entry = inputs.CallEntry(
        title="Comments on the draft work plan",
        introduction="Your comments shape the sessions and the work plan. The report will say what became of them.",
        questions=[
            Question(text="Which priority should the work plan put first, and why?", word_limit=300),
            Question(text="What has joint work changed where you are?", word_limit=300, is_required=False),
            Question(
                text="What do you recommend to the Network?",
                help="One recommendation, as concrete as you can.",
                word_limit=150,
            ),
        ],
    )
    inputs.create_call(event, entry, by=by)


def _applications(event: Event, organisations: list[Organisation], staff: dict[str, User]) -> None:
    """Some in each state, so that the queue and the applicant's pages have something to show."""
    chance, at, officer = random.Random(7), datetime.now(UTC), staff["officer"]
    stakeholders = [each for each in organisations if each.category in OTHERS and each.category is not C.ACADEMIA]
    process = process_of(event)
    process.opens_at, process.closes_at = at - timedelta(days=20), at + timedelta(days=60)
    process.needs = [part for part in process.needs if part != ProfilePart.CONSTITUTION]
    answers = {
        question.ref: "We work with people on the move, with legal help and savings groups."
        for question in process.question_set.questions
    }
    mine = db.session.scalars(select(Membership.organisation_id).where(Membership.user_id == staff["focal"].id)).one()
    chosen = [each for each in chance.sample(stakeholders, 15) if each.id != mine][:13]
    (asked, *_), (refused, *_) = reasons(ReasonKind.REQUEST), reasons(ReasonKind.REJECTION)
    for number, organisation in enumerate(chosen):
        db.session.add(Membership(organisation=organisation, user=staff["applicant"], since=at))
        organisation.governing_body, organisation.membership = "Five people, elected for two years.", "About 200."
        organisation.funding = "Members, two foundations, and a grant of the city."
        db.session.flush()
        sent_at = at - timedelta(days=12 - number)
        application = applying.begin(process, organisation, by=staff["applicant"], at=at)
        applying.save(application, answers, by=staff["applicant"], at=sent_at)
        applying.submit(application, process, by=staff["applicant"], at=sent_at)
        if number < 5:
            for held in organisation.recognitions:
                if not held.is_verified:
                    reviews.verify_recognition(application, held, by=staff["secretariat"])
            reviews.approve(application, process, by=officer, at=at)
        elif number == 5:
            message = "Please send your statutes."
            reviews.request_information(application, reason=asked, message=message, by=officer, at=at)
        elif number == 6:
            message = "Your statutes describe work in another field. You are welcome at the public sessions online."
            reviews.reject(application, process, reason=refused, message=message, by=officer, at=at)
        elif number < 9:
            reviews.take(application, by=officer, at=at)
        elif application.track is Track.SPECIAL:
            to = [circulations.Recipient(name="A permanent mission", email="mission@demo.example")]
            until = at + timedelta(days=7)
            circulations.start(event, [application], recipients=to, until=until, message="", by=officer, at=at)


def _for_the_desk(organisations: list[Organisation], staff: dict[str, User]) -> None:
    """An imported list that fits no profile quite, and an organisation that was described twice."""
    known = next(each for each in organisations if each.category is C.CIVIL_SOCIETY)
    lines = [
        recognitions.Listed(name=f"{known.name} Fund", country=known.country, year=2004, reference="E/2004/32"),
        recognitions.Listed(name="Council of Returned Seafarers", country="PH", year=1998, reference="E/1998/8"),
    ]
    recognitions.import_list(Recognition.ECOSOC_SPECIAL, lines, by=staff["secretariat"])
    again = next(each for each in organisations if each.category is C.FAITH_BASED)
    twin = profiles.Entry(name=f"The {again.name} e.V.", category=again.category, country=again.country)
    profiles.create(twin, by=staff["applicant"])


def _registrations(event: Event, organisations: list[Organisation]) -> None:
    """Some of each category; Academia is full in person, and two wait."""
    chance = random.Random(11)
    for place in range(60):
        organisation = chance.choice([each for each in organisations if each.category in {*UN, *STATES}])
        category = next(each for each in event.categories if each.is_for(organisation.category))
        db.session.add(make(event, organisation, category, chance, chance.choice(event.modalities), place))
    academia = [each for each in organisations if each.category is C.ACADEMIA]
    category = next(each for each in event.categories if each.title == "Academia")
    for place in range(5):
        status = RegistrationStatus.CONFIRMED if place < 3 else RegistrationStatus.WAITLISTED
        registration = make(event, chance.choice(academia), category, chance, Modality.IN_PERSON, 60 + place, status)
        db.session.add(registration)
        db.session.flush()
